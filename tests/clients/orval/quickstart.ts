import axios from "axios";
import { getFreddyAPI, type ErrorEnvelope, type RateLimitDetails } from "./freddy.js";

const api = getFreddyAPI(
  axios.create({
    baseURL: process.env.FREDDY_BASE_URL ?? "https://api.aitronos.com",
    headers: { "X-API-Key": process.env.FREDDY_API_KEY },
  }),
);

try {
  // Not escaped by the generated code.
  await api.disconnectConnector(encodeURIComponent(process.argv[2] ?? "pcon_abc123"));
  console.log("disconnected");
} catch (thrown) {
  if (!axios.isAxiosError<ErrorEnvelope>(thrown) || !thrown.response) throw thrown;
  const { data: envelope, status } = thrown.response;
  if (typeof envelope?.error === "object") {
    const error = envelope.error;
    console.log(`${error.code}: ${error.message} (${error.trace_id})`);
    if (error.code === "RATE_LIMIT_EXCEEDED") {
      const details = error.details as RateLimitDetails;
      console.log(`again in ${details.retry_after} s`);
    }
  } else {
    // Not from Freddy but from a proxy: not an envelope.
    console.log(`HTTP ${status}`);
  }
}
