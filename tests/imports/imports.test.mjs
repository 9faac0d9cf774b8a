// What a user has who imports the documents into Postman, Bruno or Insomnia, or lets prism answer in the server's place.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";

const require = createRequire(import.meta.url);
const postman = require("openapi-to-postmanv2");
const bruno = require("@usebruno/converters");
const insomnia = require("insomnia-importers");

const text = (name) => readFileSync(name, "utf8");
const contract = JSON.parse(text("freddy.json"));
const walkthrough = JSON.parse(text("walkthrough.json"));

/** Each operation as a request: the name, the method, and the path as the document has it. */
const operations = (document) =>
  Object.entries(document.paths)
    .flatMap(([path, methods]) => Object.entries(methods).map(([method, { summary }]) => [summary, method.toUpperCase(), path]))
    .sort();

/** The documented errors: the status, or `default`, and the body. */
const errors = Object.entries(contract.paths["/v1/personal-connectors/{connector_id}"].delete.responses)
  .filter(([status]) => status !== "204")
  .map(([status, { $ref }]) => {
    const { examples } = contract.components.responses[$ref.split("/").at(-1)].content["application/json"];
    return [status, Object.values(examples)[0].value];
  });
assert.equal(errors.length, 6);
const newJob = walkthrough.paths["/v1/jobs"].post.requestBody.content["application/json"].example;
const bodies = errors.map(([, body]) => body);

const leaves = (items, inner) => items.flatMap((item) => (inner(item) ? leaves(inner(item), inner) : [item]));

describe("Postman", () => {
  // `convertV2` is what Postman does; the option is called “Parameter generation” there.
  const requests = async (document, parametersResolution) => {
    const converted = await new Promise((resolve, reject) => {
      const data = JSON.stringify(document);
      const done = (error, result) => (error ? reject(error) : resolve(result));
      postman.convertV2({ type: "string", data }, { parametersResolution }, done);
    });
    assert.equal(converted.result, true, converted.reason);
    const { variable, item } = converted.output[0].data;
    assert.deepEqual(variable.map(({ key, value }) => [key, value]), [["baseUrl", document.servers[0].url]]);
    return leaves(item, (one) => one.item);
  };
  const asOperation = ({ name, request: { method, url } }) => {
    assert.deepEqual(url.host, ["{{baseUrl}}"]);
    return [name, method, `/${url.path.join("/").replace(/:(\w+)/g, "{$1}")}`];
  };

  test("has a request for each operation", async () => {
    for (const document of [contract, walkthrough]) {
      assert.deepEqual((await requests(document, "Example")).map(asOperation).sort(), operations(document));
    }
  });

  test("sends the key once, as X-API-Key", async () => {
    const [{ request }] = await requests(contract, "Example");
    const auth = Object.fromEntries(request.auth.apikey.map(({ key, value }) => [key, value]));
    assert.deepEqual([request.auth.type, auth], ["apikey", { key: "X-API-Key", value: "{{apiKey}}", in: "header" }]);
    assert.deepEqual(request.header.map(({ key }) => key), ["Accept"]);
  });

  test("with “Example”, has the examples of the ID, of a body and of each answer", async () => {
    const [{ request, response }] = await requests(contract, "Example");
    assert.deepEqual(request.url.variable.map(({ key, value }) => [key, value]), [["connector_id", "pcon_abc123"]]);
    assert.deepEqual([response[0].code, response[0].body], [204, undefined]);
    assert.deepEqual(response.slice(1).map(({ body }) => JSON.parse(body)), bodies);
    const created = (await requests(walkthrough, "Example")).find(({ name }) => name === "Create Job").request;
    assert.deepEqual(JSON.parse(created.body.raw), newJob);
  });

  test("without it, makes up an ID that is well formed, and bodies of the names of types", async () => {
    const [{ request, response }] = await requests(contract, "Schema");
    assert.match(request.url.variable[0].value, /^pcon_[0-9A-Za-z]{1,64}$/);
    assert.equal(JSON.parse(response[1].body).success, "<boolean>");
  });
});

describe("Bruno", () => {
  const requests = (document) => {
    const collection = bruno.openApiToBruno(document);
    const [{ variables }] = collection.environments;
    assert.deepEqual(variables.map(({ name, value }) => [name, value]), [["baseUrl", document.servers[0].url]]);
    return leaves(collection.items, ({ items }) => items);
  };
  const asOperation = ({ name, request: { method, url } }) => {
    assert.ok(url.startsWith("{{baseUrl}}/"), url);
    return [name, method, url.slice("{{baseUrl}}".length).replace(/:(\w+)/g, "{$1}")];
  };

  test("has a request for each operation", () => {
    for (const document of [contract, walkthrough]) {
      assert.deepEqual(requests(document).map(asOperation).sort(), operations(document));
    }
  });

  test("sends the key as X-API-Key, and has the example of the ID and each documented answer", () => {
    const [{ request, examples }] = requests(contract);
    const { mode, apikey } = request.auth;
    assert.deepEqual([mode, apikey], ["apikey", { key: "X-API-Key", value: "{{apiKey}}", placement: "header" }]);
    assert.deepEqual(request.headers.map(({ name, value }) => [name, value]), [["X-API-Key", "{{apiKey}}"]]);
    assert.deepEqual(request.params.map(({ name, value }) => [name, value]), [["connector_id", "pcon_abc123"]]);
    assert.equal(examples[0].response.status, 204);
    assert.deepEqual(examples.slice(1).map(({ response }) => JSON.parse(response.body.content)), bodies);
  });

  test("has the example as the body of a request", () => {
    const created = requests(walkthrough).find(({ name }) => name === "Create Job").request;
    assert.deepEqual(JSON.parse(created.body.json), newJob);
  });
});

describe("Insomnia", () => {
  // It reads nothing newer than 3.0.3.
  const resources = async () => (await insomnia.convert(text("freddy-3.0.json"))).data.resources;

  test("has the operation, from the 3.0 twin", async () => {
    const requests = (await resources()).filter(({ _type }) => _type === "request");
    assert.deepEqual(
      requests.map(({ name, method, url }) => [name, method, url]),
      [["Disconnect Connector", "DELETE", "{{ base_url }}/v1/personal-connectors/{{ connector_id }}"]],
    );
    const environments = (await resources()).filter(({ _type }) => _type === "environment").map(({ data }) => data);
    const { scheme, host, base_path } = Object.assign({}, ...environments);
    assert.equal(`${scheme}://${host}${base_path}`, contract.servers[0].url);
  });

  test("sends both credentials, and knows no connector ID", async () => {
    const all = await resources();
    const [{ headers, authentication }] = all.filter(({ _type }) => _type === "request");
    assert.deepEqual(headers.map(({ name, value }) => [name, value]), [["X-API-Key", "{{ xApiKey }}"]]);
    assert.deepEqual([authentication.type, authentication.token], ["bearer", "{{bearerToken}}"]);
    const known = all.flatMap(({ _type, data }) => (_type === "environment" ? Object.keys(data) : []));
    assert.ok(known.includes("xApiKey") && !known.includes("connector_id"), known);
  });
});

const key = { "X-API-Key": "key" };

/** Starts prism for the tests of a group; answers what asks it. */
function mock(document) {
  let prism, url;
  before(async () => {
    prism = spawn("node_modules/.bin/prism", ["mock", "--port=0", document], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    prism.stdout.setEncoding("utf8");
    for await (const part of prism.stdout.iterator({ destroyOnReturn: false })) {
      said += part;
      url = said.match(/listening on (http:\S+)/)?.[1];
      if (url) break;
    }
    assert.ok(url, said);
    prism.stdout.resume();
  });
  after(() => prism?.kill());
  return async (headers, path = "/v1/personal-connectors/pcon_abc123", method = "DELETE", body = undefined) => {
    const answer = await fetch(`${url}${path}`, { method, headers, body });
    const text = await answer.text();
    return [answer.status, text && JSON.parse(text)];
  };
}

for (const document of ["freddy.json", "freddy-3.0.json"]) {
  describe(`prism, ${document}`, () => {
    const ask = mock(document);

    test("answers 204 with either credential, and 401 without", async () => {
      assert.deepEqual(await ask({ "X-API-Key": "key" }), [204, ""]);
      assert.deepEqual(await ask({ Authorization: "Bearer key" }), [204, ""]);
      assert.deepEqual(await ask({}), [401, bodies.find(({ error }) => error.status === 401)]);
    });

    test("answers each documented error, and for another status the example of an unlisted one", async () => {
      for (const [status, body] of errors) {
        const code = status === "default" ? 418 : Number(status);
        assert.deepEqual(await ask({ ...key, Prefer: `code=${code}` }), [code, body]);
      }
    });

    test("refuses a malformed ID", async () => {
      // With a range in the place of `default`, prism takes its own 422 for a listed status.
      const expected = document === "freddy-3.0.json" ? [422, "CONFLICT"] : [400, "VALIDATION_ERROR"];
      const [status, { error }] = await ask(key, "/v1/personal-connectors/connector-1");
      assert.deepEqual([status, error.code], expected);
    });
  });
}

describe("prism, walkthrough.json", () => {
  const ask = mock("walkthrough.json");
  const headers = { ...key, "Content-Type": "application/json", "Idempotency-Key": "0b7c9e4e" };
  const post = (body) => ask(headers, "/v1/jobs", "POST", JSON.stringify(body));

  test("answers the example of a job, and refuses a body without a field that is required", async () => {
    const { example } = walkthrough.paths["/v1/jobs"].post.responses["201"].content["application/json"];
    assert.deepEqual(await post(newJob), [201, example]);
    const [status, { error }] = await post({ ...newJob, name: undefined });
    assert.deepEqual([status, error.code], [400, "VALIDATION_ERROR"]);
  });
});
