import { defaults, disconnectConnector, type RateLimitDetails } from "./freddy.js";

defaults.baseUrl = process.env.FREDDY_BASE_URL ?? "https://api.aitronos.com";
defaults.headers = { "X-API-Key": process.env.FREDDY_API_KEY };

const answer = await disconnectConnector(process.argv[2] ?? "pcon_abc123");

if (answer.status === 204) {
  console.log("disconnected");
} else if ("data" in answer && typeof answer.data?.error === "object") {
  const error = answer.data.error;
  console.log(`${error.code}: ${error.message} (${error.trace_id})`);
  if (error.code === "RATE_LIMIT_EXCEEDED") {
    const details = error.details as RateLimitDetails;
    console.log(`again in ${details.retry_after} s`);
  }
} else {
  // Not from Freddy but from a proxy: `data` is text.
  console.log(`HTTP ${answer.status}`);
}
