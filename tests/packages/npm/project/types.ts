// What the types say, and what they refuse: an error that is expected and does not come is an error too.
import { document, type components, type ConnectorId, type ErrorEnvelope, type paths } from "freddy-openapi";
import freddy from "freddy-openapi/openapi.json" with { type: "json" };
import schema from "freddy-openapi/schemas/connector-id";
// @ts-expect-error: no such schema
import type nothing from "freddy-openapi/schemas/nothing";

type Disconnect = paths["/v1/personal-connectors/{connector_id}"]["delete"];

export const openapi: "3.1.0" = document.openapi;
export const pattern: "^pcon_[0-9A-Za-z]{1,64}$" = schema.pattern;
export const title: string = freddy.info.title;
export const id: Disconnect["parameters"]["path"]["connector_id"] = "pcon_abc123" satisfies ConnectorId;
export const status: keyof Disconnect["responses"] = 429;
// @ts-expect-error: not a status that the document lists
export const unlisted: keyof Disconnect["responses"] = 418;

export function read(envelope: ErrorEnvelope): components["schemas"]["ErrorObject"] {
  const code: string = envelope.error.code;
  const retryAfter: unknown = envelope.error.details?.["retry_after"];
  // @ts-expect-error: a code is a string
  const number: number = envelope.error.code;
  // @ts-expect-error: details may be absent
  const details: object = envelope.error.details;
  // A field that is added later is kept, as something unknown.
  const added: unknown = envelope["added"];
  return { ...envelope.error, code, details: { retryAfter, number, details, added } };
}

// @ts-expect-error: an envelope has an error
export const incomplete: ErrorEnvelope = { success: false };
