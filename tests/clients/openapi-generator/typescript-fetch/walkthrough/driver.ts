import type { Result } from "../../../typescript/answers.js";
import { driveJobs } from "../../../typescript/jobs.js";
import { Configuration, JobsApi, ResponseError, type ApiResponse, type ErrorEnvelope } from "../jobs/index.js";
import type { JobRunningDetails, JobScheduleEvery } from "../jobs/index.js";

async function result<Data>(call: Promise<ApiResponse<Data>>): Promise<Result<Data>> {
  try {
    const answer = await call;
    return { data: await answer.value(), response: answer.raw };
  } catch (thrown) {
    if (!(thrown instanceof ResponseError)) throw thrown;
    return { error: (await thrown.response.json()) as ErrorEnvelope, response: thrown.response };
  }
}

await driveJobs((basePath) => {
  const api = new JobsApi(new Configuration({ basePath, apiKey: "key" }));
  return {
    get: (jobId) => result(api.getJobRaw({ jobId })),
    list: ({ created_after: createdAfter, ...query }) => result(api.listJobsRaw({ createdAfter, ...query })),
    create: (idempotencyKey, jobCreate) => result(api.createJobRaw({ idempotencyKey, jobCreate })),
    update: (jobId, jobPatch) => result(api.updateJobRaw({ jobId, jobPatch })),
    cancel: (jobId) => result(api.cancelJobRaw({ jobId })),
    every: (schedule) => schedule as JobScheduleEvery,
    running: (details) => details as JobRunningDetails,
  };
});
