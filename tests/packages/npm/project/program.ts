import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { ErrorEnvelope, RateLimitDetails } from "freddy-openapi";
import schema from "freddy-openapi/schemas/error-envelope.open";

const ajv = new Ajv2020();
addFormats.default(ajv);
const isEnvelope = ajv.compile<ErrorEnvelope>(schema);

const body: unknown = JSON.parse(readFileSync(process.argv[2] ?? "body.json", "utf8"));
if (isEnvelope(body)) {
  const error = body.error;
  console.log(`${error.code}: ${error.message}`);
  if (error.code === "RATE_LIMIT_EXCEEDED") {
    const details = error.details as RateLimitDetails;
    console.log(`again in ${details.retry_after} s`);
  }
} else {
  console.log(`not an envelope: ${ajv.errorsText(isEnvelope.errors)}`);
}
