// The verdicts of validators in JavaScript: reads the bodies, a JSON object a line, and writes an object of verdicts for each.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { Validator } from "@cfworker/json-schema";
import { validator as schemasafe } from "@exodus/schemasafe";
import { registerSchema, setShouldValidateFormat, validate as hyperjump } from "@hyperjump/json-schema/draft-2020-12";
import "@hyperjump/json-schema/formats";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

setShouldValidateFormat(true);

const [schemas, bodies, verdicts] = process.argv.slice(2);

async function compiled(name) {
  const schema = JSON.parse(readFileSync(`${schemas}/${name}`, "utf8"));
  const strict = addFormats.default(new Ajv.default({ strict: true }));
  // A keyword that it does not know is an error, and so it would be in a schema of ours.
  assert.throws(() => strict.compile({ "x-unknown": true }));
  const ajv = strict.compile(schema);
  const cfworker = new Validator(schema, "2020-12");
  const safe = schemasafe(schema);
  const id = `https://example.com/${name}`;
  registerSchema(schema, id);
  const jump = await hyperjump(id);
  return {
    ajv: (body) => ajv(body),
    "@hyperjump/json-schema": (body) => jump(body).valid,
    "@cfworker/json-schema": (body) => cfworker.validate(body).valid,
    "@exodus/schemasafe": (body) => safe(body),
  };
}

const known = {};
const lines = [];
for (const line of readFileSync(bodies, "utf8").trimEnd().split("\n")) {
  const { schema, body } = JSON.parse(line);
  known[schema] ??= await compiled(schema);
  const value = JSON.parse(body);
  lines.push(JSON.stringify(Object.fromEntries(Object.entries(known[schema]).map(([name, of]) => [name, of(value)]))));
}
writeFileSync(verdicts, `${lines.join("\n")}\n`);
