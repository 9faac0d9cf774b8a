// What the TypeScript drivers of the walk-through API share, as `answers.ts` is for the contract's.
import { drive, envelopeOf, type ErrorObject, type Result } from "./answers.js";

export interface Schedule {
  kind: string;
  at?: string;
  minutes?: number;
  jitter?: number;
  [name: string]: unknown;
}

export interface Job {
  id: string;
  name: string;
  state: string;
  priority: number;
  schedule: Schedule;
  labels: { [name: string]: string };
  owner: { name: string; team?: string; [name: string]: unknown };
  ended_at: string | null;
  note?: string;
  bytes_processed: number;
  created_at: string;
  [name: string]: unknown;
}

export interface Page {
  items: Job[];
  has_more: boolean;
  next_cursor?: string;
  [name: string]: unknown;
}

export interface Query {
  state: string[];
  created_after: string;
  limit: number;
  cursor?: string;
}

// Types, not interfaces: only those may be given where any field more is allowed.
export type Create = {
  name: string;
  schedule: { kind: string; minutes: number };
  labels: { [name: string]: string };
  owner: { name: string };
};

export type Patch = { priority: number } | { note: string | null };

export interface Client {
  get(id: string): Promise<Result<Job>>;
  list(query: Query): Promise<Result<Page>>;
  create(idempotencyKey: string, job: Create): Promise<Result<Job>>;
  update(id: string, patch: Patch): Promise<Result<Job>>;
  cancel(id: string): Promise<Result<unknown>>;
  // As the type of the variant, and as the type that `x-details-by-code` names.
  every(schedule: Schedule): { kind: string; minutes: number; jitter?: number };
  running(details: ErrorObject["details"]): { started_at: string; progress: number };
}

const PATCHES: Record<string, Patch> = {
  "patch absent": { priority: 7 },
  "patch null": { note: null },
  "patch value": { note: "Slow on Tuesdays" },
};

async function list(client: Client, first: string): Promise<object> {
  const pages = [];
  for (let cursor: string | undefined = first || undefined; ; ) {
    const query = { state: ["queued", "running"], created_after: "2025-11-13T10:30:00Z", limit: 2 };
    const { data, response } = await client.list(cursor === undefined ? query : { ...query, cursor });
    if (!data) return { http_status: response?.status };
    pages.push(data);
    cursor = data.next_cursor;
    if (!data.has_more) return { http_status: response?.status, pages };
  }
}

async function create(client: Client, idempotencyKey: string): Promise<object> {
  const { data, response } = await client.create(idempotencyKey, {
    name: "Nightly report",
    schedule: { kind: "every", minutes: 15 },
    labels: { tier: "gold" },
    owner: { name: "Ada" },
  });
  return { http_status: response?.status, location: response?.headers.get("Location"), job: data };
}

async function cancel(client: Client, id: string): Promise<object> {
  const { error: body, response } = await client.cancel(id);
  const error = envelopeOf(body)?.error;
  const running = error?.code === "JOB_RUNNING" ? client.running(error.details) : undefined;
  return {
    http_status: response?.status,
    error: error && { code: error.code, status: error.status, details: error.details },
    running: running && {
      started_at: running.started_at,
      progress: running.progress,
      retry_after: response?.headers.get("Retry-After"),
    },
  };
}

async function get(client: Client, id: string): Promise<object> {
  const { data, response } = await client.get(id);
  const every = data?.schedule.kind === "every" ? client.every(data.schedule) : undefined;
  return {
    http_status: response?.status,
    job: data,
    variant: every && { kind: every.kind, minutes: every.minutes, jitter: every.jitter },
  };
}

export async function driveJobs(connect: (baseUrl: string) => Client): Promise<void> {
  await drive(async (baseUrl = "", action = "", argument = "") => {
    const client = connect(baseUrl);
    if (action === "list") return list(client, argument);
    if (action === "create") return create(client, argument);
    if (action === "cancel") return cancel(client, argument);
    if (action === "get") return get(client, argument);
    const { data, response } = await client.update(argument, PATCHES[action]!);
    return { http_status: response?.status, job: data };
  });
}
