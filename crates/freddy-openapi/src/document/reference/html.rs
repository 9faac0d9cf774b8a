//! The reference as one HTML file, which needs nothing beside it: it works from any web space, from a disk, and without a
//! network. Without its script everything can be read; the script adds the search, the theme, copying and “Try it”.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use pulldown_cmark::{Event, Parser};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::field::{Field, anchor};
use super::highlight::highlight;
use super::{Body, Described, Model, Parameter, Reference, Response};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' \
    height='16' rx='4' fill='%233451b2'/%3E%3Cpath d='M5 12V4h6M5 8h5' stroke='%23fff' stroke-width='2' fill='none'/%3E%3C/svg%3E";

pub(crate) fn page(reference: &Reference<'_>) -> String {
    let info = &reference.info;
    let markup = html! {
        (DOCTYPE)
        // A server that serves the page changes `data-server` to its own address.
        html lang="en" data-server=(info.base_url) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="referrer" content="no-referrer";
                meta name="color-scheme" content="light dark";
                title { (info.title) " " (info.version) }
                link rel="icon" href=(PreEscaped(ICON));
                style { (PreEscaped(STYLE)) }
            }
            body {
                a class="skip" href="#content" { "Skip to the content" }
                (navigation(reference))
                main id="content" tabindex="-1" { (in_lines(content(reference))) }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    markup.into_string() + "\n"
}

fn content(reference: &Reference<'_>) -> Markup {
    html! {
        (introduction(reference))
        @for tag in &reference.tags {
            section {
                h2 id=(tag_id(tag.name)) { (tag.name) }
                (markdown(tag.description))
                @for operation in &tag.operations { (described(operation)) }
            }
        }
        (codes(reference))
        section {
            h2 id="all-models" { "Models" }
            p { "An object may have further fields: ignore those that you do not know." }
            @for each in &reference.models { (model(each)) }
        }
    }
}

/// Each block on a line of its own, so that a change of the page can be read. A block is never within a line of text.
fn in_lines(markup: Markup) -> Markup {
    let mut text = markup.into_string();
    for tag in ["<section", "<article", "<div", "<form", "<dt", "<h2", "<h3", "<h4", "<h5", "<tr"] {
        text = text.replace(tag, &format!("\n{tag}"));
    }
    PreEscaped(text)
}

/// Nothing but this style and this script, and requests to the API that the reader names.
fn policy() -> String {
    let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; img-src data:; connect-src *; base-uri 'none'; \
         form-action 'none'",
        hash(SCRIPT),
        hash(STYLE)
    )
}

fn navigation(reference: &Reference<'_>) -> Markup {
    html! {
        nav aria-label="Contents" {
            div class="bar" {
                a class="title" href="#content" { (reference.info.title) }
                button type="button" id="theme" hidden { "Theme" }
            }
            div role="search" id="searching" hidden {
                label for="search" { "Search" }
                input id="search" type="search" placeholder="Search (press /)" autocomplete="off" spellcheck="false";
                p id="found" role="status" {}
                ol id="results" {}
            }
            details open id="contents" {
                summary { "Contents" }
                ul {
                    li { a href="#authentication" { "Authentication" } }
                    @for tag in &reference.tags {
                        li {
                            a href={ "#" (tag_id(tag.name)) } { (tag.name) }
                            ul {
                                @for each in &tag.operations {
                                    li { a href={ "#" (operation_id(each)) } {
                                        (method(each)) " " (each.operation.summary)
                                    } }
                                }
                            }
                        }
                    }
                    li { a href="#error-codes" { "Error codes" } }
                    li {
                        a href="#all-models" { "Models" }
                        ul {
                            @for model in &reference.models {
                                li { a href={ "#" (anchor(model.name)) } { (model.name) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn introduction(reference: &Reference<'_>) -> Markup {
    let info = &reference.info;
    let json = reference.document.to_string();
    let download = format!("data:application/json,{}", utf8_percent_encode(&json, NON_ALPHANUMERIC));
    html! {
        header {
            h1 { (info.title) " " small { (info.version) } }
            (markdown(info.description))
            ul class="facts" {
                li { "Server: " code { (info.base_url) } }
                li { a download="freddy.json" href=(download) { "Download the OpenAPI document" } }
                li { "License: " @match reference.license_url {
                    Some(url) => { a href=(url) { (reference.license) } },
                    None => { (reference.license) },
                } }
            }
        }
        section {
            h2 id="authentication" { "Authentication" }
            p { "Authenticate with one of these headers:" }
            dl class="fields" {
                @for auth in &reference.auth {
                    div {
                        dt { code { (auth.scheme.header()) ": " (auth.scheme.prefix()) "…" } }
                        dd { (markdown(auth.description)) }
                    }
                }
            }
        }
    }
}

fn described(described: &Described<'_>) -> Markup {
    let operation = described.operation;
    let id = operation_id(described);
    html! {
        article aria-labelledby=(id) {
            h3 id=(id) data-find { (operation.summary) }
            p class="route" { (method(described)) " " code { (operation.path) } }
            div class="split" {
                div {
                    (markdown(operation.description))
                    p {
                        a href="#authentication" { "Authentication" } ": "
                        @for (index, scheme) in operation.auth.iter().enumerate() {
                            @if index > 0 { " or " }
                            code { (scheme.header()) }
                        }
                    }
                    @for (heading, rows) in &described.parameters {
                        h4 { (heading) }
                        dl class="fields" {
                            @for row in rows { (field(&row.field, &format!("{id}/{}/{}", row.place, row.field.name))) }
                        }
                    }
                    @if let Some(request) = &described.body {
                        h4 { "Request body" }
                        (markdown(request.description))
                        (body_kind(request))
                    }
                    h4 { "Returns" }
                    (markdown(operation.returns))
                }
                div class="side" {
                    (samples(described, &id))
                    (try_it(described, &id))
                }
            }
            h4 { "Responses" }
            @for each in &described.responses { (response(each, &id)) }
        }
    }
}

/// Tabs that work without a script: the sample of the language that is checked is shown.
fn samples(described: &Described<'_>, id: &str) -> Markup {
    html! {
        fieldset class="samples" {
            legend { "Request samples" }
            @for (index, sample) in described.samples.iter().enumerate() {
                @let choice = format!("{id}/sample/{}", sample.name);
                input type="radio" name={ (id) "/sample" } id=(choice) value=(sample.name) checked[index == 0];
                label for=(choice) { (sample.name) }
            }
            @for sample in &described.samples {
                (code_block(&sample.source, &format!("{} sample", sample.name)))
            }
            @for example in described.body.iter().flat_map(|body| &body.examples) {
                p class="legend" { "Body" }
                (code_block(&format!("{:#}", example.1), "Example of the request body"))
            }
        }
    }
}

fn try_it(described: &Described<'_>, id: &str) -> Markup {
    let operation = described.operation;
    let name = |of: &str| format!("{id}/try/{of}");
    html! {
        form class="try" aria-label={ "Try it: " (operation.summary) } hidden
            data-method=(operation.method) data-path=(operation.path) {
            p class="legend" { "Try it" }
            label for=(name("base")) { "Server" }
            input id=(name("base")) name="base" data-shared type="url" required autocomplete="off" value=(operation.base_url);
            label for=(name("scheme")) { "Credential" }
            select id=(name("scheme")) name="scheme" data-shared {
                @for scheme in operation.auth {
                    option value=(scheme.header()) data-prefix=(scheme.prefix()) {
                        (scheme.header()) ": " (scheme.prefix()) "…"
                    }
                }
                option value="" { "none" }
            }
            label for=(name("key")) { "Key" }
            input id=(name("key")) name="key" data-shared type="password" autocomplete="off" spellcheck="false";
            @for row in described.parameters.iter().flat_map(|(_, rows)| rows) {
                (try_parameter(row, &name(&format!("{}/{}", row.place, row.field.name))))
            }
            @if let Some((_, example)) = described.body.as_ref().and_then(|body| body.examples.first()) {
                label for=(name("body")) { "Body" }
                textarea id=(name("body")) name="body" rows="8" spellcheck="false" { (format!("{example:#}")) }
            }
            button type="submit" { "Send " (operation.method) }
            div class="answer" role="status" {}
        }
    }
}

fn try_parameter(row: &Parameter<'_>, id: &str) -> Markup {
    let is_required = row.field.presence.starts_with("required");
    let example = match row.example {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    html! {
        label for=(id) {
            code { (row.field.name) }
            @if row.is_repeated { " (several with commas between them)" }
            @else if !is_required { " (optional)" }
        }
        input id=(id) data-in=(row.place) data-name=(row.field.name) data-repeated[row.is_repeated] autocomplete="off"
            spellcheck="false" required[is_required] value=[is_required.then_some(&example)] placeholder=(example);
    }
}

fn response(response: &Response<'_>, id: &str) -> Markup {
    let id = format!("{id}/{}", response.status);
    html! {
        section class="response split" data-status=(response.status) {
            div {
                h5 id=(id) data-find { (response.heading) }
                (markdown(response.description))
                @if let Some(body) = &response.body { (body_kind(body)) }
                @if !response.headers.is_empty() {
                    p class="legend" { "Headers" }
                    dl class="fields" {
                        @for header in &response.headers { (field(header, &format!("{id}/{}", header.name))) }
                    }
                }
            }
            div class="side" {
                @for (name, example) in response.body.iter().flat_map(|body| &body.examples) {
                    @let label = if name.is_empty() { &response.heading } else { *name };
                    p class="legend" { (label) }
                    (code_block(&format!("{example:#}"), &format!("Example: {label}")))
                }
            }
        }
    }
}

fn body_kind(body: &Body<'_>) -> Markup {
    html! { p { "JSON body: " (inline(body.kind.words())) } }
}

fn codes(reference: &Reference<'_>) -> Markup {
    html! {
        section {
            h2 id="error-codes" { "Error codes" }
            p { "These codes are known. Others may be added: for a code that you do not know, decide by the HTTP status." }
            div class="scroll" tabindex="0" role="region" aria-label="Error codes" {
                table {
                    thead { tr { th { "Code" } th { "Status" } th { "Type" } th { "Message" } th { "Details" } } }
                    tbody {
                        @for row in &reference.codes {
                            tr {
                                th scope="row" id={ "error-code/" (row.code) } data-find { code { (row.code) } }
                                td { (row.code.status()) }
                                td { code { (row.code.error_type().as_str()) } }
                                td { (row.code.message()) }
                                td { @if let Some(details) = &row.details { (inline(details.words())) } @else { "–" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn model(model: &Model<'_>) -> Markup {
    let id = anchor(model.name);
    html! {
        section {
            h3 id=(id) data-find { (model.name) }
            (markdown(model.description))
            @if model.fields.is_empty() { p { "Type: " (inline(model.kind.words())) } }
            @for note in &model.notes { p class="note" { (inline(note)) } }
            dl class="fields" { @for each in &model.fields { (field(each, &format!("{id}/{}", each.name))) } }
        }
    }
}

fn field(field: &Field<'_>, id: &str) -> Markup {
    html! {
        div {
            dt id=(id) data-find {
                code { (field.name) } " "
                span class="kind" { (inline(field.kind.words())) } " "
                @if !field.presence.is_empty() {
                    span class={ "presence" @if field.presence.starts_with("required") { " required" } } {
                        (inline(field.presence))
                    }
                }
            }
            dd {
                (markdown(field.description))
                @for note in &field.notes { p class="note" { (inline(note)) } }
            }
        }
    }
}

/// Can be scrolled with the keyboard where it is wider than its place.
fn code_block(source: &str, label: &str) -> Markup {
    html! {
        div class="code" { pre tabindex="0" role="region" aria-label=(label) { code { (highlight(source.trim_end())) } } }
    }
}

fn method(described: &Described<'_>) -> Markup {
    let method = described.operation.method.as_str();
    html! { span class={ "method " (method.to_ascii_lowercase()) } { (method) } }
}

// The anchor of a model has neither `/` nor `-`, so that it is no other.

fn operation_id(described: &Described<'_>) -> String {
    format!("operation/{}", described.operation.operation_id)
}

fn tag_id(name: &str) -> String {
    format!("tag/{}", name.to_lowercase().replace(' ', "-"))
}

/// Markdown as blocks. HTML in it is text.
fn markdown(text: &str) -> Markup {
    let events = Parser::new(text).map(|event| match event {
        Event::Html(html) | Event::InlineHtml(html) => Event::Text(html),
        other => other,
    });
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, events);
    PreEscaped(html)
}

/// A paragraph of Markdown, without the paragraph.
fn inline(text: &str) -> Markup {
    let PreEscaped(html) = markdown(text);
    let html = html.trim();
    PreEscaped(html.strip_prefix("<p>").and_then(|html| html.strip_suffix("</p>")).unwrap_or(html).to_owned())
}
