// Every entry of the package, by import and by require, has what its file says.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import document from "freddy-openapi/openapi.json" with { type: "json" };

const require = createRequire(import.meta.url);
const { exports } = require("freddy-openapi/package.json");
const text = (entry) => readFileSync(require.resolve(`freddy-openapi/${entry}`), "utf8");

assert.deepEqual(document, JSON.parse(text("openapi.json")));
assert.deepEqual((await import("freddy-openapi")).document, document);
assert.deepEqual(require("freddy-openapi").document, document);
assert.equal(JSON.parse(text("openapi-3.0.json")).openapi, "3.0.3");
assert.match(text("openapi.yaml"), /^openapi: "3\.1\.0"\n/);

const schemas = Object.keys(exports).filter((entry) => entry.startsWith("./schemas/") && !entry.endsWith(".json"));
assert.ok(schemas.length > 0);
for (const entry of schemas.map((entry) => entry.slice(2))) {
  const schema = JSON.parse(text(`${entry}.json`));
  assert.deepEqual((await import(`freddy-openapi/${entry}`)).default, schema);
  assert.deepEqual(require(`freddy-openapi/${entry}`), schema);
}
const cases = Object.keys(exports).filter((entry) => entry.startsWith("./conformance/"));
assert.ok(cases.includes("./conformance/decode.json"));
for (const entry of cases.map((entry) => entry.slice(2))) {
  assert.deepEqual(require(`freddy-openapi/${entry}`), JSON.parse(text(entry)));
}
assert.throws(() => require("freddy-openapi/index.js"), { code: "ERR_PACKAGE_PATH_NOT_EXPORTED" });
console.log(`${schemas.length} schemas`);
