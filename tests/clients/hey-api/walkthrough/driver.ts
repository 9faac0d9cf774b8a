import { driveJobs } from "../../typescript/jobs.js";
import { createClient } from "./jobs/client/index.js";
import { cancelJob, createJob, getJob, listJobs, updateJob } from "./jobs/index.js";
import type { JobRunningDetails, JobScheduleEvery } from "./jobs/index.js";

await driveJobs((baseUrl) => {
  const client = createClient({ baseUrl, headers: { "X-API-Key": "key" } });
  return {
    get: (job_id) => getJob({ client, path: { job_id } }),
    list: (query) => listJobs({ client, query }),
    create: (key, body) => createJob({ client, headers: { "Idempotency-Key": key }, body }),
    update: (job_id, body) => updateJob({ client, path: { job_id }, body }),
    cancel: (job_id) => cancelJob({ client, path: { job_id } }),
    every: (schedule) => schedule as JobScheduleEvery,
    running: (details) => details as JobRunningDetails,
  };
});
