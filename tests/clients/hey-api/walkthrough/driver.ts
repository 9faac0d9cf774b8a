// Does with the walk-through API what its standard input says, and writes what the generated client gave for it.
import { createInterface } from "node:readline";
import { createClient } from "./jobs/client/index.js";
import { cancelJob, createJob, getJob, listJobs, updateJob } from "./jobs/index.js";
import type { ErrorEnvelope, Job, JobPatch, JobRunningDetails, JobScheduleEvery } from "./jobs/index.js";

// Field by field, so that it does not compile where one has another type. What has no field of its own is in the rest.
function fieldsOf(job: Job): object {
  const { id, name, state, priority, schedule, labels, owner, ended_at, note, ...others } = job;
  const { bytes_processed, created_at, ...rest } = others;
  const endedAt: string | null = ended_at;
  const noteOrNone: string | undefined = note;
  const { kind, at, minutes, jitter, ...restOfSchedule } = schedule;
  const { name: person, team, ...restOfOwner } = owner;
  return {
    id,
    name,
    state,
    priority,
    schedule: { kind, at, minutes, jitter, ...restOfSchedule },
    labels: Object.fromEntries(Object.entries(labels).map(([key, value]): [string, string] => [key, value])),
    owner: { name: person, team, ...restOfOwner },
    ended_at: endedAt,
    note: noteOrNone,
    bytes_processed,
    created_at,
    ...rest,
  };
}

function errorOf({ error }: ErrorEnvelope, response: Response): object {
  const running = error.code === "JOB_RUNNING" ? (error.details as JobRunningDetails) : undefined;
  return {
    error: { code: error.code, status: error.status, details: error.details },
    running: running && {
      started_at: running.started_at,
      progress: running.progress,
      retry_after: response.headers.get("Retry-After"),
    },
  };
}

async function perform(baseUrl: string, action: string, argument: string): Promise<object> {
  const client = createClient({ baseUrl, headers: { "X-API-Key": "key" } });
  const path = { job_id: argument };
  if (action === "list") {
    const pages = [];
    for (let cursor: string | undefined = argument || undefined; ; ) {
      const query = { state: ["queued", "running"], created_after: "2025-11-13T10:30:00Z", limit: 2, cursor };
      const { data, response } = await listJobs({ client, query });
      if (!data) return { http_status: response?.status };
      const { items, has_more, next_cursor, ...rest } = data;
      pages.push({ items: items.map(fieldsOf), has_more, next_cursor, ...rest });
      cursor = next_cursor;
      if (!has_more) return { http_status: response?.status, pages };
    }
  }
  if (action === "create") {
    const { data, response } = await createJob({
      client,
      headers: { "Idempotency-Key": argument },
      body: {
        name: "Nightly report",
        schedule: { kind: "every", minutes: 15 },
        labels: { tier: "gold" },
        owner: { name: "Ada" },
      },
    });
    return { http_status: response?.status, location: response?.headers.get("Location"), job: data && fieldsOf(data) };
  }
  if (action.startsWith("patch ")) {
    const bodies: Record<string, JobPatch> = {
      "patch absent": { priority: 7 },
      "patch null": { note: null },
      "patch value": { note: "Slow on Tuesdays" },
    };
    const { data, response } = await updateJob({ client, path, body: bodies[action]! });
    return { http_status: response?.status, job: data && fieldsOf(data) };
  }
  if (action === "cancel") {
    const { error, response } = await cancelJob({ client, path });
    if (!response) throw error;
    return { http_status: response.status, ...(error && errorOf(error, response)) };
  }
  const { data, response } = await getJob({ client, path });
  const every = data?.schedule.kind === "every" ? (data.schedule as JobScheduleEvery) : undefined;
  return {
    http_status: response?.status,
    job: data && fieldsOf(data),
    variant: every && { kind: every.kind, minutes: every.minutes, jitter: every.jitter },
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const [baseUrl = "", action = "", argument = ""] = line.split("\t");
  const answer = perform(baseUrl, action, argument).catch((error: unknown) => ({ exception: String(error) }));
  console.log(JSON.stringify(await answer));
}
