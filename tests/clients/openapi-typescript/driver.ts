import createClient from "openapi-fetch";
import { driveContract } from "../typescript/answers.js";
import type { components, paths } from "./freddy.js";

await driveContract(
  (baseUrl, scheme, key, connector_id) => {
    const headers = scheme === "apiKeyAuth" ? { "X-API-Key": key } : { Authorization: `Bearer ${key}` };
    const client = createClient<paths>({ baseUrl, headers });
    return client.DELETE("/v1/personal-connectors/{connector_id}", { params: { path: { connector_id } } });
  },
  (details) => details as components["schemas"]["RateLimitDetails"],
);
