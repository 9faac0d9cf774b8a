// What the TypeScript drivers share. The generated types have to be assignable to the interfaces here, so a driver does
// not compile where a field has another type.
import { createInterface } from "node:readline";

export interface ErrorObject {
  code: string;
  message: string;
  system_message: string;
  type: string;
  status: number;
  details?: { [name: string]: unknown };
  trace_id: string;
  timestamp: string;
  [name: string]: unknown;
}

export interface ErrorEnvelope {
  success: boolean;
  error: ErrorObject;
  [name: string]: unknown;
}

export interface RateLimitDetails {
  retry_after: number;
  limit: number;
  remaining: number;
  reset_at: string;
  [name: string]: unknown;
}

// What a call gave: `data` where it succeeded, `error` where not, which is no envelope where a proxy sent it.
export interface Result<Data> {
  data?: Data | undefined;
  error?: ErrorEnvelope | undefined;
  response?: { status: number; headers: Headers } | undefined;
}

export interface AxiosAnswer<Data> {
  status: number;
  headers: object;
  data: Data;
}

// axios throws where the status is an error's, and has what was answered in `response`.
export async function axiosResult<Data, Envelope extends ErrorEnvelope>(
  call: Promise<AxiosAnswer<Data>>,
): Promise<Result<Data>> {
  const response = ({ status, headers }: AxiosAnswer<unknown>) => ({
    status,
    headers: new Headers(headers as Record<string, string>),
  });
  try {
    const answer = await call;
    return { data: answer.data, response: response(answer) };
  } catch (thrown) {
    const answer = (thrown as { response?: AxiosAnswer<Envelope> }).response;
    if (!answer) throw thrown;
    return { error: answer.data, response: response(answer) };
  }
}

export function envelopeOf(error: ErrorEnvelope | undefined): ErrorEnvelope | undefined {
  // At run time it is what the server sent.
  const isObject = (value: unknown) => typeof value === "object" && value !== null;
  return isObject(error) && isObject(error?.error) ? error : undefined;
}

// V8 parses what is nested deeper than it writes. The texts beside that are there all the same.
function written(answer: object): string {
  try {
    return JSON.stringify(answer);
  } catch {
    return JSON.stringify(answer, (name, value: unknown) => (name === "details" || name === "extra" ? undefined : value));
  }
}

// Does what each line of the standard input says, and writes what came of it.
export async function drive(perform: (...fields: string[]) => Promise<object>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const answer = perform(...line.split("\t")).catch((error: unknown) => ({ exception: String(error) }));
    console.log(written(await answer));
  }
}

type Disconnect = (baseUrl: string, scheme: string, key: string, connectorId: string) => Promise<Result<unknown>>;

export async function driveContract(
  disconnect: Disconnect,
  rateLimit: (details: ErrorObject["details"]) => RateLimitDetails,
): Promise<void> {
  await drive(async (baseUrl = "", scheme = "", key = "", connectorId = "") => {
    const { error: body, response } = await disconnect(baseUrl, scheme, key, connectorId);
    if (!response) throw body;
    const answer = {
      http_status: response.status,
      request_id: response.headers.get("X-Request-Id"),
      retry_after: response.headers.get("Retry-After"),
    };
    const envelope = envelopeOf(body);
    if (!envelope) return answer;
    const { success, error, ...extra } = envelope;
    const { code, message, system_message, type, status, details, trace_id, timestamp, ...extraOfError } = error;
    const limit = code === "RATE_LIMIT_EXCEEDED" && details ? rateLimit(details) : undefined;
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
  });
}
