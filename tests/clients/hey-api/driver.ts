// Sends what its standard input says, and writes what the generated client gave for it.
import { createInterface } from "node:readline";
import { createClient } from "./freddy/client/index.js";
import { disconnectConnector, type RateLimitDetails } from "./freddy/index.js";

async function call(baseUrl: string, scheme: string, key: string, connector_id: string): Promise<object> {
  // As a function: a plain string would be sent with both schemes.
  const chosen = scheme === "apiKeyAuth" ? "apiKey" : "http";
  const auth = (asked: { type: "apiKey" | "http" }) => (asked.type === chosen ? key : undefined);
  const client = createClient({ baseUrl, auth });
  const { error: envelope, response } = await disconnectConnector({ client, path: { connector_id } });
  if (!response) throw envelope;
  const answer = {
    http_status: response.status,
    request_id: response.headers.get("X-Request-Id"),
    retry_after: response.headers.get("Retry-After"),
  };
  if (typeof envelope !== "object" || typeof envelope.error !== "object") return answer;
  const { success, error, ...extra } = envelope;
  const { code, message, system_message, type, status, details, trace_id, timestamp, ...extraOfError } = error;
  const limit = code === "RATE_LIMIT_EXCEEDED" ? (details as RateLimitDetails | undefined) : undefined;
  return {
    ...answer,
    envelope: {
      success,
      error: { code, message, system_message, type, status, details, trace_id, timestamp, extra: extraOfError },
      extra,
    },
    rate_limit: limit && {
      retry_after: limit.retry_after,
      limit: limit.limit,
      remaining: limit.remaining,
      reset_at: limit.reset_at,
    },
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const [baseUrl = "", scheme = "", key = "", connectorId = ""] = line.split("\t");
  const answer = call(baseUrl, scheme, key, connectorId).catch((error: unknown) => ({ exception: String(error) }));
  console.log(JSON.stringify(await answer));
}
