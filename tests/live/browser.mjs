// Reads and tries the page at /docs as a person would, in a real browser. What it has to show is taken from the
// published document: nothing of the contract is written here again.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const { CHROMIUM, DOCUMENT, SERVER, FREDDY_API_KEY } = process.env;
const contract = JSON.parse(readFileSync(DOCUMENT, "utf8"));

const operations = Object.entries(contract.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
);
assert.equal(operations.length, 1, "this check reads and tries one operation; teach it the others");
const [operation] = operations;

const schemes = Object.keys(contract.components.securitySchemes);

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
  const page = await browser.newPage();
  page.setDefaultTimeout(15_000);
  const { requests, refused, complaints } = watch(page);

  await page.goto(`${SERVER}/docs`);
  await read(page.locator(".opblock"));
  await tryOut(page);

  const elsewhere = requests.filter((url) => !url.startsWith(`${SERVER}/`) && !url.startsWith("data:"));
  assert.deepEqual(elsewhere, [], "the page asked another host");
  assert.deepEqual(complaints, [], "the page or the browser complained");
  assert.equal(refused.length, 1 + schemes.length, "the 401s that the browser reports");
  ok(`${requests.length} requests, all to this server; no complaint but the browser's of the ${refused.length} 401s`);
} finally {
  await browser.close();
}

function watch(page) {
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
  return { requests, refused, complaints };
}

async function read(block) {
  await block.locator(".opblock-summary-control").click();
  await block.locator(".responses-wrapper").waitFor();
  assert.equal(await block.count(), 1, "the page shows more than the document has");
  assert.equal(await block.locator(".opblock-summary-method").innerText(), operation.method);
  assert.equal(await block.locator(".opblock-summary-path").getAttribute("data-path"), operation.path);
  assert.equal(await block.locator(".opblock-summary-description").innerText(), operation.summary);
  assert.equal(plain(await block.locator(".opblock-description").innerText()), plain(operation.description));
  ok(`/docs shows ${operation.method} ${operation.path} with its summary and description`);

  const rows = block.locator(".responses-wrapper tr.response");
  const shown = await rows.evaluateAll((all) => all.map((row) => row.dataset.code));
  assert.deepEqual(shown.toSorted(), Object.keys(operation.responses).toSorted(), "the responses of the page");
  const codes = [];
  for (const [status, response] of Object.entries(operation.responses)) {
    const row = block.locator(`.responses-wrapper tr.response[data-code="${status}"]`);
    const { description, content } = resolve(response);
    assert.equal(plain(await row.locator(".response-col_description__inner").innerText()), plain(description));
    const examples = Object.values(content?.["application/json"].examples ?? {});
    assert.equal(await row.locator("pre.example").count(), examples.length, `${status}: the number of examples`);
    for (const { value } of examples) {
      // As text, so that the order of the fields is the documented one.
      const text = await row.locator("pre.example").innerText();
      assert.equal(text.trim(), JSON.stringify(value, null, 2), `${status}: the example`);
      codes.push(value.error.code);
    }
  }
  assert.ok(codes.length > 0, "the document has no examples");
  ok(`it shows the responses ${shown.join(", ")} and, to the letter, the examples of ${codes.join(", ")}`);
}

async function tryOut(page) {
  assert.equal(await execute(page), "401");
  ok("“Try it out” without a key: 401");
  for (const name of schemes) {
    await authorize(page, name, "not-a-key");
    assert.equal(await execute(page), "401", `${name}, a wrong key`);
    await authorize(page, name, FREDDY_API_KEY);
    assert.equal(await execute(page), "204", `${name}, a right key`);
    await authorize(page, name, undefined);
    ok(`“Try it out”, authorized by ${name}: 401 with a wrong key, 204 with a right one`);
  }
}

/** Logs out of a scheme, and in with a key if there is one. */
async function authorize(page, scheme, key) {
  await page.locator(".auth-wrapper .authorize").click();
  const dialog = page.locator(".modal-ux");
  const container = dialog.locator(".auth-container").filter({ hasText: scheme });
  const logout = container.getByRole("button", { name: "Remove authorization" });
  if (await logout.isVisible()) await logout.click();
  if (key !== undefined) {
    await container.locator("input").fill(key);
    await container.getByRole("button", { name: "Apply credentials" }).click();
    await logout.waitFor();
  }
  await dialog.locator(".close-modal").click();
}

/** Sends the request that the form is filled with, and gives the status that the page then shows. */
async function execute(page) {
  const clear = page.locator(".btn-clear");
  if (await clear.isVisible()) await clear.click();
  await page.locator(".execute").click();
  return (await page.locator(".live-responses-table tr.response .response-col_status").innerText()).trim();
}
