"use strict";

const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

// The theme: as the system has it, until the reader chooses. A page from a disk may have no storage.
const stored = { get: () => undefined, set: () => {} };
try {
  const storage = window.localStorage;
  stored.get = () => storage.getItem("theme");
  stored.set = (theme) => storage.setItem("theme", theme);
} catch {}
const theme = document.getElementById("theme");
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
const nameTheme = () => (theme.textContent = isDark() ? "Light" : "Dark");
if (["light", "dark"].includes(stored.get())) document.documentElement.dataset.theme = stored.get();
theme.title = "Change between light and dark";
theme.hidden = false;
theme.onclick = () => {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  stored.set(document.documentElement.dataset.theme);
  nameTheme();
};
dark.onchange = nameTheme;
nameTheme();

// On a phone the contents would stand before everything else.
const contents = document.getElementById("contents");
contents.open = !window.matchMedia("(max-width: 48rem)").matches;

// The search: every heading, parameter, header, code and field whose own text or description has all the words.
const search = document.getElementById("search");
const results = document.getElementById("results");
const found = document.getElementById("found");
const entries = all("[data-find]").map((element) => {
  const name = (element.querySelector("code") ?? element).textContent;
  const around = element.closest("dl div, tr, article, section");
  const inner = element.matches("dt, th") ? around.textContent : `${name} ${element.nextElementSibling?.textContent ?? ""}`;
  const above = element.matches("dt") ? around.closest("section, article").querySelector("h3, h5").textContent : "";
  return { id: element.id, name, above, text: inner.toLowerCase() };
});
const show = () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const rank = ({ name }) => (name.toLowerCase().startsWith(words[0]) ? 0 : name.toLowerCase().includes(words[0]) ? 1 : 2);
  const hits = words.length ? entries.filter(({ text }) => words.every((word) => text.includes(word))) : [];
  hits.sort((one, other) => rank(one) - rank(other));
  results.replaceChildren(
    ...hits.map(({ id, name, above }) => make("li", {}, make("a", { href: `#${id}` }, name, make("small", {}, above)))),
  );
  found.textContent = !words.length ? "" : hits.length === 1 ? "1 result" : `${hits.length || "No"} results`;
  contents.hidden = words.length > 0;
};
document.getElementById("searching").hidden = false;
search.oninput = show;
search.onkeydown = (event) => {
  if (event.key === "Enter") results.querySelector("a")?.click();
  if (event.key === "Escape") {
    search.value = "";
    show();
  }
};
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.target.closest('input:not([type="radio"]), textarea, select')) {
    event.preventDefault();
    search.focus();
  }
});

// Copying.
const withCopy = (block) => {
  const button = make("button", { type: "button", className: "copy" }, "Copy");
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(block.querySelector("pre").textContent);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Cannot copy here";
    }
    setTimeout(() => (button.textContent = "Copy"), 2000);
  };
  block.append(button);
  return block;
};
all(".code").forEach(withCopy);

// One language for every operation.
document.addEventListener("change", ({ target }) => {
  if (target.matches(".samples input")) {
    for (const other of all(".samples input")) other.checked ||= other.value === target.value;
  }
});

// “Try it”: server and credential are the same for every operation, and are never stored.
const here = document.documentElement.dataset.server === "/";
for (const form of all(".try")) {
  form.hidden = false;
  if (here) {
    form.elements.base.value = location.origin;
    form.elements.base.readOnly = true;
  }
  form.oninput = ({ target }) => {
    if (target.matches("[data-shared]")) for (const other of all(`[name="${target.name}"]`)) other.value = target.value;
  };
  form.onsubmit = async (event) => {
    event.preventDefault();
    const answer = form.querySelector(".answer");
    answer.replaceChildren(make("p", {}, "Waiting for an answer …"));
    try {
      answer.replaceChildren(...(await send(form)));
    } catch (error) {
      answer.replaceChildren(make("p", { className: "status bad" }, "No answer"), make("p", {}, String(error.message)));
    }
  };
}

async function send(form) {
  const { base, scheme, key, body } = form.elements;
  let path = form.dataset.path;
  const query = new URLSearchParams();
  const headers = new Headers();
  for (const { value, dataset } of all("[data-in]", form)) {
    if (dataset.in === "path") {
      // A browser takes these out of any URL, so the request would go to another operation.
      if (/^(\.|%2e){0,2}$/i.test(value)) throw new Error(`${dataset.name} cannot be “${value}” in a path.`);
      path = path.replace(`{${dataset.name}}`, encodeURIComponent(value));
    } else if (value !== "") {
      const values = "repeated" in dataset ? value.split(",").map((item) => item.trim()) : [value];
      for (const item of values) dataset.in === "query" ? query.append(dataset.name, item) : headers.append(dataset.name, item);
    }
  }
  if (scheme.value && key.value) {
    try {
      headers.set(scheme.value, scheme.selectedOptions[0].dataset.prefix + key.value.trim());
    } catch {
      throw new Error("The key has a character that cannot stand in a header.");
    }
  }
  if (body) headers.set("Content-Type", "application/json");
  const url = new URL(base.value.replace(/\/+$/, "") + path + (query.size ? `?${query}` : ""));
  const started = performance.now();
  let response, text;
  try {
    response = await fetch(url, { method: form.dataset.method, headers, body: body?.value, credentials: "omit", cache: "no-store" });
    text = await response.text();
  } catch {
    throw new Error(
      `${url.origin} cannot be reached, or does not let a page of another origin read its answers (CORS). The samples work from a terminal.`,
    );
  }
  const took = Math.round(performance.now() - started);
  const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
  const status = `${response.status} ${response.statusText}`.trim();
  const block = (source, label) => {
    const pre = make("pre", { tabIndex: 0, role: "region", ariaLabel: label }, source);
    return [make("p", { className: "legend" }, label), withCopy(make("div", { className: "code" }, pre))];
  };
  const shown = [
    make("p", { className: `status ${response.ok ? "good" : "bad"}` }, make("span", {}, status), ` in ${took} ms`),
    ...block([...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n"), "Headers of the answer"),
  ];
  if (text) shown.push(...block(isJson ? pretty(text) : text, "Body of the answer"));
  return shown;
}

/** JSON with line breaks. Numbers stay as they came, which parsing them would not promise. */
function pretty(text) {
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g) ?? [];
  let out = "";
  tokens.forEach((token, index) => {
    const isEmpty = /^[{[]$/.test(tokens[index - 1] ?? "") && /^[}\]]$/.test(token);
    if (/^[}\]]$/.test(token)) out += (depth--, isEmpty ? "" : line());
    else if (/^[{[]$/.test(tokens[index - 1] ?? "")) out += line();
    out += token;
    if (/^[{[]$/.test(token)) depth++;
    else if (token === ",") out += line();
    else if (token === ":") out += " ";
  });
  return out;
}
