import createClient from "openapi-fetch";
import type { components, paths } from "./freddy.js";

const client = createClient<paths>({
  baseUrl: process.env.FREDDY_BASE_URL ?? "https://api.aitronos.com",
  headers: { "X-API-Key": process.env.FREDDY_API_KEY },
});

const { error: envelope, response } = await client.DELETE("/v1/personal-connectors/{connector_id}", {
  params: { path: { connector_id: process.argv[2] ?? "pcon_abc123" } },
});

if (response.status === 204) {
  console.log("disconnected");
} else if (typeof envelope?.error === "object") {
  const error = envelope.error;
  console.log(`${error.code}: ${error.message} (${error.trace_id})`);
  if (error.code === "RATE_LIMIT_EXCEEDED") {
    const details = error.details as components["schemas"]["RateLimitDetails"];
    console.log(`again in ${details.retry_after} s`);
  }
} else {
  // Not from Freddy but from a proxy: not an envelope.
  console.log(`HTTP ${response.status}`);
}
