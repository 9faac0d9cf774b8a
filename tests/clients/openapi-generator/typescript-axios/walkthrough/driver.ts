import { axiosResult } from "../../../typescript/answers.js";
import { driveJobs } from "../../../typescript/jobs.js";
import { Configuration, JobsApi, type ErrorEnvelope, type Job, type JobPage } from "../jobs/index.js";
import type { JobRunningDetails, JobScheduleEvery } from "../jobs/index.js";

await driveJobs((basePath) => {
  const api = new JobsApi(new Configuration({ basePath, apiKey: "key" }));
  return {
    get: (id) => axiosResult<Job, ErrorEnvelope>(api.getJob(id)),
    list: ({ state, created_after, limit, cursor }) =>
      axiosResult<JobPage, ErrorEnvelope>(api.listJobs(state, created_after, limit, cursor)),
    create: (key, job) => axiosResult<Job, ErrorEnvelope>(api.createJob(key, job)),
    update: (id, patch) => axiosResult<Job, ErrorEnvelope>(api.updateJob(id, patch)),
    cancel: (id) => axiosResult<void, ErrorEnvelope>(api.cancelJob(id)),
    every: (schedule) => schedule as JobScheduleEvery,
    running: (details) => details as JobRunningDetails,
  };
});
