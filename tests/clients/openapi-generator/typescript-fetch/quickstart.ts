import { Configuration, PersonalConnectorsApi, ResponseError } from "./freddy/index.js";
import type { ErrorEnvelope, RateLimitDetails } from "./freddy/index.js";

const api = new PersonalConnectorsApi(
  new Configuration({
    basePath: process.env.FREDDY_BASE_URL ?? "https://api.aitronos.com",
    apiKey: process.env.FREDDY_API_KEY ?? "",
  }),
);

try {
  await api.disconnectConnector({ connectorId: process.argv[2] ?? "pcon_abc123" });
  console.log("disconnected");
} catch (thrown) {
  if (!(thrown instanceof ResponseError)) throw thrown;
  const { response } = thrown;
  if (response.headers.get("Content-Type")?.includes("json")) {
    const { error } = (await response.json()) as ErrorEnvelope;
    console.log(`${error.code}: ${error.message} (${error.trace_id})`);
    if (error.code === "RATE_LIMIT_EXCEEDED") {
      const details = error.details as RateLimitDetails;
      console.log(`again in ${details.retry_after} s`);
    }
  } else {
    // Not from Freddy but from a proxy: not an envelope.
    console.log(`HTTP ${response.status}`);
  }
}
