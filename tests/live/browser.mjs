// Reads and tries the reference page as a person would, in a real browser: at /docs of the server, and as a file from a
// disk. What it has to show is taken from the published document: nothing of the contract is written here again.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import { chromium } from "playwright-core";

const { CHROMIUM, DOCUMENT, PAGE, SCREENSHOTS, SERVER, FREDDY_API_KEY } = process.env;
const contract = JSON.parse(readFileSync(DOCUMENT, "utf8"));

const operations = Object.entries(contract.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
);
assert.equal(operations.length, 1, "this check reads and tries one operation; teach it the others");
const [operation] = operations;

const { schemas, securitySchemes } = contract.components;
// The header of each scheme, and what stands before the key.
const credentials = operation.security.flatMap(Object.keys).map((name) => {
  const scheme = securitySchemes[name];
  return scheme.type === "http" ? ["Authorization", "Bearer "] : [scheme.name, ""];
});

const resolve = (value) =>
  value.$ref ? value.$ref.slice(2).split("/").reduce((part, name) => part[name], contract) : value;
// Markdown as it is read: without its backticks and line breaks.
const plain = (text) => text.replaceAll("`", "").replace(/\s+/g, " ").trim();
const ok = (what) => console.log(`ok    browser: ${what}`);

const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
try {
  await served();
  await fromDisk();
  await looks();
} finally {
  await browser.close();
}

/** The page of the server, which calls that server. */
async function served() {
  const { page, requests, refused, complaints } = await open();
  await page.goto(`${SERVER}/docs`);
  await read(page);
  await find(page);
  await copy(page);
  const server = page.getByLabel("Server", { exact: true });
  assert.deepEqual([await server.inputValue(), await server.isEditable()], [SERVER, false]);
  // What another page of this server left in the browser.
  await page.context().addCookies([{ name: "session", value: "1", url: SERVER }]);
  await page.getByLabel("Credential", { exact: true }).selectOption("none");
  assert.equal(await send(page), "401");
  ok("“Try it” without a key: 401");
  for (const [header] of credentials) {
    await page.getByLabel("Credential", { exact: true }).selectOption(header);
    for (const [key, status] of [["not-a-key", "401"], [FREDDY_API_KEY, "204"]]) {
      await page.getByLabel("Key", { exact: true }).fill(key);
      assert.equal(await send(page), status, `${header}: ${key === FREDDY_API_KEY ? "a right" : "a wrong"} key`);
    }
    ok(`“Try it”, authorized by ${header}: 401 with a wrong key, 204 with a right one`);
  }
  assert.match(await page.getByRole("region", { name: "Headers of the answer" }).innerText(), /^x-request-id: req_/m);
  const [sent] = await Promise.all([page.waitForRequest(/\/v1\//), send(page)]);
  assert.equal((await sent.allHeaders()).cookie, undefined, "a cookie was sent");
  const kept = await page.evaluate(() => [localStorage.length, sessionStorage.length]);
  assert.deepEqual(kept, [0, 0], "what was filled in is stored");
  ok("the answer's headers are shown, no cookie is sent, and nothing is stored");
  for (const [value, why] of [["..", "cannot be"], ["", undefined]]) {
    const before = requests.length;
    await page.getByLabel(operation.parameters[0].name).fill(value);
    await page.getByRole("button", { name: "Send" }).click();
    if (why) await page.locator(".answer").getByText(why).waitFor();
    assert.equal(requests.length, before, `“${value}” was sent as an ID`);
  }
  const elsewhere = requests.filter((url) => !url.startsWith(`${SERVER}/`) && !url.startsWith("data:"));
  assert.deepEqual(elsewhere, [], "the page asked another host");
  assert.deepEqual(complaints, [], "the page or the browser complained");
  assert.equal(refused.length, 1 + credentials.length, "the 401s that the browser reports");
  ok(`${requests.length} requests, all to this server; no complaint but the browser's of the ${refused.length} 401s`);
  await page.context().close();
}

/** The file, which calls whatever server the reader names. */
async function fromDisk() {
  const asked = [];
  const example = { success: false, error: { code: "RATE_LIMIT_EXCEEDED", big: "12345678901234567890" } };
  const body = JSON.stringify(example).replace('"12345678901234567890"', "12345678901234567890");
  const stub = createServer((request, response) => {
    const open = { "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "*", "Access-Control-Allow-Headers": "*, Authorization" };
    if (request.method === "OPTIONS") return response.writeHead(204, open).end();
    asked.push({ method: request.method, url: request.url, headers: request.headers });
    response.writeHead(429, { ...open, "Content-Type": "application/json" }).end(body);
  });
  await new Promise((listening) => stub.listen(0, "127.0.0.1", listening));
  const base = `http://127.0.0.1:${stub.address().port}`;
  const { page, requests } = await open();
  await page.goto(pathToFileURL(PAGE).href);
  await read(page);
  assert.deepEqual(requests, [pathToFileURL(PAGE).href], "the page loads something beside itself");
  assert.equal(await page.getByLabel("Server", { exact: true }).inputValue(), contract.servers[0].url);
  await page.getByLabel("Server", { exact: true }).fill(`${base}/prefix/`);
  await page.getByLabel("Key", { exact: true }).fill("a-key");
  await page.getByLabel(operation.parameters[0].name).fill("");
  // A slash leads to the search only where nothing is typed.
  await page.getByLabel(operation.parameters[0].name).pressSequentially("a/b?c ü");
  for (const [header, prefix] of credentials) {
    await page.getByLabel("Credential", { exact: true }).selectOption(header);
    assert.equal(await send(page), "429");
    const { method, url, headers } = asked.pop();
    const path = operation.path.replace(/\{\w+\}/, encodeURIComponent("a/b?c ü"));
    assert.deepEqual([method, url], [operation.method, `/prefix${path}`]);
    assert.equal(headers[header.toLowerCase()], `${prefix}a-key`);
  }
  const shown = await page.getByRole("region", { name: "Body of the answer" }).innerText();
  assert.equal(shown, JSON.stringify(example, null, 2).replace('"12345678901234567890"', "12345678901234567890"));
  stub.closeAllConnections();
  stub.close();
  await page.getByLabel("Server", { exact: true }).fill("http://127.0.0.1:9");
  await page.getByRole("button", { name: "Send" }).click();
  await page.locator(".answer").getByText("cannot be reached").waitFor();

  const [download] = await Promise.all([page.waitForEvent("download"), page.getByText("Download the OpenAPI").click()]);
  assert.deepEqual(JSON.parse(readFileSync(await download.path(), "utf8")), contract, "the document in the page");
  const others = requests.filter((url) => !/^(file:|data:|http:\/\/127\.0\.0\.1[:/])/.test(url));
  assert.deepEqual(others, [], "the page asked a host that the reader did not name");
  ok("from a disk it loads nothing else, calls the server that is named, and has the document to download");
  await page.context().close();
}

/** Screenshots of the page, and what axe says of it. */
async function looks() {
  const wide = { width: 1280, height: 900 };
  const phone = { width: 360, height: 780 };
  for (const [name, viewport, colorScheme] of [["wide", wide, "light"], ["dark", wide, "dark"], ["phone", phone, "light"]]) {
    // axe is a script that the page's policy would refuse.
    const { page } = await open({ viewport, colorScheme, bypassCSP: true });
    await page.goto(`${SERVER}/docs`);
    await page.getByLabel("Key", { exact: true }).fill("not-a-key");
    assert.equal(await send(page), "401");
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.screenshot({ path: `${SCREENSHOTS}/docs-${name}.png`, fullPage: true });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(width, viewport.width, `${name}: the page is as wide as the screen`);
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    const found = violations.map(({ id, impact, nodes }) => `${impact}: ${id}, ${nodes[0].html}`);
    assert.deepEqual(found, [], `${name}: axe`);
    await page.getByRole("button", { name: colorScheme === "dark" ? "Light" : "Dark" }).click();
    assert.equal(await page.locator("#contents").getAttribute("open"), viewport === wide ? "" : null, `${name}: the contents`);
    const { violations: other } = await page.evaluate(() => globalThis.axe.run());
    assert.deepEqual(other.map(({ id }) => id), [], `${name}, in the other theme: axe`);
    await page.reload();
    // The choice is kept, so that the button leads back.
    await page.getByRole("button", { name: colorScheme === "dark" ? "Dark" : "Light" }).waitFor();
    await page.context().close();
  }
  ok(`axe ${axe.version} finds nothing, wide, on a phone, light and dark; screenshots: ${SCREENSHOTS}/docs-*.png`);
}

async function open(options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const requests = [];
  const refused = [];
  const complaints = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("requestfailed", (request) => complaints.push(`${request.url()}: ${request.failure().errorText}`));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    const line = `${message.type()}: ${message.text()} (${message.location().url})`;
    // Chromium reports every failed request; these are failed on purpose.
    if (/status of 401 .*\/v1\//.test(line)) refused.push(line);
    else if (["error", "warning"].includes(message.type())) complaints.push(line);
  });
  return { page, requests, refused, complaints };
}

async function read(page) {
  const article = page.getByRole("article", { name: operation.summary });
  assert.equal(await page.getByRole("article").count(), operations.length, "the operations");
  assert.equal(plain(await article.locator(".route").innerText()), `${operation.method} ${operation.path}`);
  const text = plain(await article.innerText());
  for (const part of operation.description.split("\n\n")) assert.ok(text.includes(plain(part)), part);
  for (const { name, description } of operation.parameters) {
    assert.ok(text.includes(name) && text.includes(plain(description)), name);
  }
  for (const { label, source } of operation["x-codeSamples"]) {
    await article.getByText(label, { exact: true }).click();
    const shown = await article.getByRole("region", { name: `${label} sample` }).innerText();
    assert.equal(shown.trim(), source.trim(), label);
  }
  ok(`it shows ${operation.method} ${operation.path} with its texts and ${operation["x-codeSamples"].length} samples`);

  const rows = article.locator(".response");
  const shown = await rows.evaluateAll((all) => all.map((row) => row.dataset.status));
  assert.deepEqual(shown, Object.keys(operation.responses), "the responses of the page");
  const codes = [];
  for (const [status, response] of Object.entries(operation.responses)) {
    const row = article.locator(`.response[data-status="${status}"]`);
    const { description, headers, content } = resolve(response);
    const text = plain(await row.innerText());
    assert.ok(text.includes(plain(description)), `${status}: the description`);
    for (const [name, header] of Object.entries(headers)) {
      assert.ok(text.includes(name) && text.includes(plain(resolve(header).description)), `${status}: ${name}`);
    }
    const examples = Object.values(content?.["application/json"].examples ?? {});
    assert.equal(await row.locator("pre").count(), examples.length, `${status}: the number of examples`);
    for (const [index, { value }] of examples.entries()) {
      // As text, so that the order of the fields is the documented one.
      assert.equal(await row.locator("pre").nth(index).innerText(), JSON.stringify(value, null, 2), `${status}: the example`);
      codes.push(value.error.code);
    }
  }
  assert.ok(codes.length > 0, "the document has no examples");
  ok(`it shows the responses ${shown.join(", ")} and, to the letter, the examples of ${codes.join(", ")}`);

  for (const [name, { description, properties }] of Object.entries(schemas)) {
    const heading = page.getByRole("heading", { name, exact: true, level: 3 });
    const text = plain(await page.locator("section").filter({ has: heading }).last().innerText());
    const fields = Object.entries(properties ?? {}).flatMap(([name, field]) => [name, resolve(field).description]);
    for (const part of [description, ...fields]) assert.ok(text.includes(plain(part)), `${name}: ${part}`);
  }
  ok(`it shows the fields of the models ${Object.keys(schemas).join(", ")}`);
  // Nothing is linked that is not there.
  const dangling = await page.locator('a[href^="#"]').evaluateAll((links) =>
    links.map((link) => link.hash.slice(1)).filter((id) => !document.getElementById(decodeURIComponent(id))),
  );
  assert.deepEqual(dangling, [], "links to nowhere");
  const ids = await page.locator("[id]").evaluateAll((all) => all.map(({ id }) => id));
  assert.deepEqual(ids.filter((id, index) => ids.indexOf(id) !== index), [], "anchors that are given twice");
}

/** A search from the keyboard finds a header by its name, and a field by its description. */
async function find(page) {
  await page.keyboard.press("/");
  await page.keyboard.type("retry-after");
  await page.getByText(/^\d+ results?$/).waitFor();
  await page.keyboard.press("Enter");
  assert.match(page.url(), /Retry-After$/);
  // A name that is the word comes before all that have it somewhere.
  await page.getByLabel("Search").fill("limit");
  await page.getByLabel("Search").press("Enter");
  assert.match(page.url(), /\/limit$/);
  await page.getByLabel("Search").fill("no such thing");
  await page.getByText("No results").waitFor();
  await page.getByLabel("Search").press("Escape");
  assert.ok(await page.getByRole("link", { name: "Error codes" }).isVisible());
  ok("a search from the keyboard leads to a header");
}

/** The button at a sample copies it. */
async function copy(page) {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: SERVER });
  const { label, source } = operation["x-codeSamples"][0];
  await page.getByText(label, { exact: true }).click();
  const block = page.locator(".code").filter({ has: page.getByRole("region", { name: `${label} sample` }) });
  await block.getByRole("button", { name: "Copy" }).click();
  await block.getByRole("button", { name: "Copied" }).waitFor();
  assert.equal((await page.evaluate(() => navigator.clipboard.readText())).trim(), source.trim());
  ok("a sample can be copied");
}

/** Sends the request that the form is filled with, and gives the status that the page then shows. */
async function send(page) {
  const status = page.locator(".answer .status span");
  await page.locator(".answer").evaluate((answer) => answer.replaceChildren());
  await page.getByRole("button", { name: "Send" }).click();
  return (await status.innerText()).split(" ")[0];
}
