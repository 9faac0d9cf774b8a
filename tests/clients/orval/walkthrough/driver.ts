import axios from "axios";
import { axiosResult } from "../../typescript/answers.js";
import { driveJobs } from "../../typescript/jobs.js";
import { getFreddyAPI, type ErrorEnvelope, type Job, type JobPage } from "./jobs.js";
import type { JobRunningDetails, JobScheduleEvery } from "./jobs.js";

await driveJobs((baseURL) => {
  // Without `indexes`, axios sends `state[]` for `state`.
  const paramsSerializer = { indexes: null };
  const api = getFreddyAPI(axios.create({ baseURL, headers: { "X-API-Key": "key" }, paramsSerializer }));
  return {
    get: (id) => axiosResult<Job, ErrorEnvelope>(api.getJob(id)),
    list: (query) => axiosResult<JobPage, ErrorEnvelope>(api.listJobs(query)),
    create: (key, job) =>
      axiosResult<Job, ErrorEnvelope>(api.createJob(job, { headers: { "Idempotency-Key": key } })),
    update: (id, patch) => axiosResult<Job, ErrorEnvelope>(api.updateJob(id, patch)),
    cancel: (id) => axiosResult<void, ErrorEnvelope>(api.cancelJob(id)),
    every: (schedule) => schedule as JobScheduleEvery,
    running: (details) => details as JobRunningDetails,
  };
});
