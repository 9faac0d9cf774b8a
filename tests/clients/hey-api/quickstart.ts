import { client } from "./freddy/client.gen.js";
import { disconnectConnector, type RateLimitDetails } from "./freddy/index.js";

client.setConfig({
  baseUrl: process.env.FREDDY_BASE_URL ?? "https://api.aitronos.com",
  headers: { "X-API-Key": process.env.FREDDY_API_KEY },
});

const { error: envelope, response } = await disconnectConnector({
  path: { connector_id: process.argv[2] ?? "pcon_abc123" },
});

if (response?.status === 204) {
  console.log("disconnected");
} else if (typeof envelope?.error === "object") {
  const error = envelope.error;
  console.log(`${error.code}: ${error.message} (${error.trace_id})`);
  if (error.code === "RATE_LIMIT_EXCEEDED") {
    const details = error.details as RateLimitDetails;
    console.log(`again in ${details.retry_after} s`);
  }
} else {
  // Not from Freddy but from a proxy, or no answer at all.
  console.log(response ? `HTTP ${response.status}` : String(envelope));
}
