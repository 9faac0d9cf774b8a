import createClient from "openapi-fetch";
import { driveJobs } from "../../typescript/jobs.js";
import type { components, paths } from "./jobs.js";

type Schemas = components["schemas"];

await driveJobs((baseUrl) => {
  const client = createClient<paths>({ baseUrl, headers: { "X-API-Key": "key" } });
  const one = (job_id: string) => ({ params: { path: { job_id } } });
  return {
    get: (id) => client.GET("/v1/jobs/{job_id}", one(id)),
    list: (query) => client.GET("/v1/jobs", { params: { query } }),
    create: (key, body) => client.POST("/v1/jobs", { params: { header: { "Idempotency-Key": key } }, body }),
    update: (id, body) => client.PATCH("/v1/jobs/{job_id}", { ...one(id), body }),
    cancel: (id) => client.POST("/v1/jobs/{job_id}/cancel", one(id)),
    every: (schedule) => schedule as Schemas["JobScheduleEvery"],
    running: (details) => details as Schemas["JobRunningDetails"],
  };
});
