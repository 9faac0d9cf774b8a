import { Api, type RateLimitDetails } from "./freddy.js";

const { v1 } = new Api({
  baseUrl: process.env.FREDDY_BASE_URL ?? "https://api.aitronos.com",
  // Without `format`, an error has no body.
  baseApiParams: { format: "json", headers: { "X-API-Key": process.env.FREDDY_API_KEY ?? "" } },
});

const answer = await v1.disconnectConnector(process.argv[2] ?? "pcon_abc123");

if (answer.status === 204) {
  console.log("disconnected");
} else if (typeof answer.error.error === "object") {
  const error = answer.error.error;
  console.log(`${error.code}: ${error.message} (${error.trace_id})`);
  if (error.code === "RATE_LIMIT_EXCEEDED") {
    const details = error.details as RateLimitDetails;
    console.log(`again in ${details.retry_after} s`);
  }
} else {
  // Not from Freddy but from a proxy: `error` says why it is no JSON.
  console.log(`HTTP ${answer.status}`);
}
