import fs = require("node:fs");
import ajv2020 = require("ajv/dist/2020.js");
import addFormats = require("ajv-formats");
import freddy = require("freddy-openapi");
import schema = require("freddy-openapi/schemas/error-envelope.open");

const ajv = new ajv2020.Ajv2020();
addFormats.default(ajv);
const isEnvelope = ajv.compile<freddy.ErrorEnvelope>(schema);

const body: unknown = JSON.parse(fs.readFileSync(process.argv[2] ?? "body.json", "utf8"));
if (isEnvelope(body)) {
  const error = body.error;
  console.log(`${error.code}: ${error.message}`);
  if (error.code === "RATE_LIMIT_EXCEEDED") {
    const details = error.details as freddy.RateLimitDetails;
    console.log(`again in ${details.retry_after} s`);
  }
} else {
  console.log(`not an envelope: ${ajv.errorsText(isEnvelope.errors)}`);
}
