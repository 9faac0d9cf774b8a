import type { Result } from "../../typescript/answers.js";
import { driveJobs } from "../../typescript/jobs.js";
import { Api, type ErrorEnvelope, type HttpResponse, type JobRunningDetails, type JobScheduleEvery } from "./jobs.js";

async function result<Data>(call: Promise<HttpResponse<Data, ErrorEnvelope>>): Promise<Result<Data>> {
  const response = await call;
  return { data: response.data, error: response.error, response };
}

await driveJobs((baseUrl) => {
  const { v1 } = new Api({ baseUrl, baseApiParams: { format: "json", headers: { "X-API-Key": "key" } } });
  return {
    get: (id) => result(v1.getJob(id)),
    list: (query) => result(v1.listJobs(query)),
    create: (key, job) => result(v1.createJob(job, { headers: { "Idempotency-Key": key } })),
    update: (id, patch) => result(v1.updateJob(id, patch)),
    cancel: (id) => result(v1.cancelJob(id)),
    every: (schedule) => schedule as JobScheduleEvery,
    running: (details) => details as JobRunningDetails,
  };
});
