import type { Result } from "../../typescript/answers.js";
import { driveJobs } from "../../typescript/jobs.js";
import { cancelJob, createJob, getJob, listJobs, updateJob } from "./jobs.js";
import type { ErrorEnvelope, Job, JobPage, JobRunningDetails, JobScheduleEvery } from "./jobs.js";

// The type of `data` cannot be told by the status, as that of an unlisted error may be any number.
async function result<Data>(
  call: Promise<{ status: number; headers: Headers; data?: Data | ErrorEnvelope }>,
): Promise<Result<Data>> {
  const answer = await call;
  return answer.status < 300
    ? { data: answer.data as Data, response: answer }
    : { error: answer.data as ErrorEnvelope, response: answer };
}

await driveJobs((baseUrl) => {
  const opts = { baseUrl, headers: { "X-API-Key": "key" } };
  return {
    get: (id) => result<Job>(getJob(id, opts)),
    list: ({ created_after: createdAfter, ...query }) => result<JobPage>(listJobs({ createdAfter, ...query }, opts)),
    create: (key, job) => result<Job>(createJob(key, job, opts)),
    update: (id, patch) => result<Job>(updateJob(id, patch, opts)),
    cancel: (id) => result<void>(cancelJob(id, opts)),
    every: (schedule) => schedule as JobScheduleEvery,
    running: (details) => details as JobRunningDetails,
  };
});
