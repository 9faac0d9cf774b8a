// Tells `freddy-conformance client -- node adapter.js` what a small client made of each case.
import { createInterface } from "node:readline";

type Case = {
  base_url: string;
  credential: { scheme: "apiKeyAuth" | "bearerAuth"; key: string };
  values: { connector_id: string };
  deadline_ms: number;
};

async function call({ base_url, credential, values, deadline_ms }: Case): Promise<object> {
  if (!/^pcon_[0-9A-Za-z]{1,64}$/.test(values.connector_id)) return { outcome: "refused" };
  const headers: Record<string, string> =
    credential.scheme === "apiKeyAuth"
      ? { "X-API-Key": credential.key }
      : { Authorization: `Bearer ${credential.key}` };
  try {
    const answer = await fetch(`${base_url}/v1/personal-connectors/${values.connector_id}`, {
      method: "DELETE",
      headers,
      redirect: "manual", // `fetch` takes `X-API-Key` along to wherever a redirect points.
      signal: AbortSignal.timeout(deadline_ms),
    });
    // Not an envelope if it is from a proxy, and without an end if it was cut.
    const body: any = await answer.json().catch(() => ({}));
    const error = body?.error ?? {};
    const text = (value: unknown) => (typeof value === "string" ? value : null);
    return {
      outcome: answer.status === 204 ? "success" : "failure",
      status: answer.status,
      code: text(error.code),
      type: text(error.type),
      message: text(error.message),
      details: error.details ?? null,
      request_id: text(answer.headers.get("X-Request-Id") || error.trace_id),
    };
  } catch {
    return { outcome: "no_answer" };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const told = await call(JSON.parse(line));
  try {
    console.log(JSON.stringify(told));
  } catch {
    console.log(JSON.stringify({ ...told, details: null })); // Too deep to be written.
  }
}
