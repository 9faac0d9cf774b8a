import { isAxiosError } from "axios";
import { Configuration, PersonalConnectorsApi, type ErrorEnvelope, type RateLimitDetails } from "./freddy/index.js";

const api = new PersonalConnectorsApi(
  new Configuration({
    basePath: process.env.FREDDY_BASE_URL ?? "https://api.aitronos.com",
    apiKey: process.env.FREDDY_API_KEY ?? "",
  }),
);

try {
  await api.disconnectConnector(process.argv[2] ?? "pcon_abc123");
  console.log("disconnected");
} catch (thrown) {
  if (!isAxiosError<ErrorEnvelope>(thrown) || !thrown.response) throw thrown;
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
