//! The documents of the contract with these endpoints beside its own.

use freddy_openapi::Spec;
use freddy_openapi::validate::{Part, Side};
use freddy_types::{ApiError, ErrorEnvelope, SuccessResponse};
use freddy_walkthrough::code::JOB_RUNNING;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::both_sides::new_job;
use crate::server::{Server, documents};
use crate::spec::spec;
use crate::wire::small_job;

/// The operations of this crate, and what answers them.
const OPERATIONS: [(&str, &str, &str); 5] = [
    ("listJobs", "GET /v1/jobs", "200 400 401 429 500"),
    ("createJob", "POST /v1/jobs", "201 400 401 429 500"),
    ("getJob", "GET /v1/jobs/{job_id}", "200 400 401 404 429 500"),
    ("updateJob", "PATCH /v1/jobs/{job_id}", "200 400 401 404 429 500"),
    ("cancelJob", "POST /v1/jobs/{job_id}/cancel", "204 400 401 404 409 429 500"),
];

#[test]
fn a_reader_of_3_1_that_is_not_ours_understands_the_document() {
    let document = spec().document().unwrap();
    let read = oas3::from_json(document.to_string()).unwrap();
    for (id, route, statuses) in OPERATIONS {
        let (path, method, operation) =
            read.operations().find(|(_, _, operation)| operation.operation_id.as_deref() == Some(id)).unwrap();
        assert_eq!(format!("{method} {path}"), route);
        let responses: Vec<_> = operation.responses(&read).keys().cloned().collect();
        assert_eq!(responses.join(" "), format!("{statuses} default"));
        assert_eq!(operation.request_body(&read).unwrap().is_some(), matches!(id, "createJob" | "updateJob"));
    }
    let list = read.operation_by_id("listJobs").unwrap();
    let parameters: Vec<_> = list.parameters(&read).unwrap().into_iter().map(|parameter| parameter.name).collect();
    assert_eq!(parameters, ["state", "created_after", "limit", "cursor"]);
}

#[test]
fn a_reader_of_3_0_that_is_not_ours_understands_the_twin() {
    let twin: openapiv3::OpenAPI = serde_json::from_value(spec().document_3_0().unwrap()).unwrap();
    for (id, route, statuses) in OPERATIONS {
        let (path, method, operation) =
            twin.operations().find(|(_, _, operation)| operation.operation_id.as_deref() == Some(id)).unwrap();
        assert_eq!(format!("{} {path}", method.to_uppercase()), route);
        let responses: Vec<_> = operation.responses.responses.keys().map(ToString::to_string).collect();
        assert_eq!(responses.join(" "), format!("{statuses} 4XX 5XX"));
    }
}

#[test]
fn a_component_has_the_name_of_its_type_once() {
    let before = freddy_openapi::contract().document().unwrap();
    let after = spec().document().unwrap();
    let names = |document: &Value| -> Vec<String> {
        document["components"]["schemas"].as_object().unwrap().keys().cloned().collect()
    };
    let mut added = names(&after);
    added.retain(|name| !names(&before).contains(name));
    insta::assert_snapshot!(added.join(" "), "the components", @"Cursor JobPage Job JobSchedule JobScheduleOnce JobScheduleEvery JobOwner IdempotencyKey JobCreate JobId JobPatch JobRunningDetails");
    let mut unique: Vec<_> = names(&after).iter().map(|name| name.to_lowercase()).collect();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), names(&after).len());

    // What refers to a component refers to one that is there.
    let text = after.to_string();
    for reference in text.split(r##""$ref":"#"##).skip(1) {
        let pointer = &reference[..reference.find('"').unwrap()];
        assert!(after.pointer(pointer).is_some(), "{pointer}");
    }
}

#[test]
fn the_parameters_of_a_list() {
    let document = spec().document().unwrap();
    let parameters = &document["paths"]["/v1/jobs"]["get"]["parameters"];
    let brief = |parameter: &Value| {
        let [name, place, required, schema, example] =
            ["name", "in", "required", "schema", "example"].map(|key| &parameter[key]);
        format!("{name} {place} {required} {schema} {example}")
    };
    let lines: Vec<_> = parameters.as_array().unwrap().iter().map(brief).collect();
    insta::assert_snapshot!(lines.join("\n"), "rows", @r##"
    "state" "query" false {"type":"array","items":{"type":"string","description":"What a job is doing. Known values: `queued`, `running`, `done`. More may be added.","examples":["queued","running","done"],"x-extensible-enum":["queued","running","done"]}} ["queued"]
    "created_after" "query" false {"type":"string","format":"date-time","examples":["2025-11-13T10:30:00Z"]} "2025-11-13T10:30:00Z"
    "limit" "query" false {"type":"integer","format":"int32","minimum":1,"maximum":100} 1
    "cursor" "query" false {"$ref":"#/components/schemas/Cursor"} "job_7"
    "##);
}

#[test]
fn the_headers_of_a_success() {
    let document = spec().document().unwrap();
    let of = |operation: &str| {
        let headers = document.pointer(&format!("/paths/~1v1~1jobs{operation}/headers")).unwrap().as_object().unwrap();
        headers.iter().map(|(name, header)| format!("{name} {header}")).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(of("/post/responses/201"), "a creation", @r##"
    X-Request-Id {"$ref":"#/components/headers/X-Request-Id"}
    Location {"description":"Where what was made can be read.","required":true,"schema":{"type":"string","pattern":"^[!-~]{1,2048}$","examples":["/v1/jobs/job_1"]}}
    "##);
    insta::assert_snapshot!(of("~1{job_id}/get/responses/200"), "a job", @r##"
    X-Request-Id {"$ref":"#/components/headers/X-Request-Id"}
    X-Ask-Again-After {"description":"Seconds after which it is worth asking again, for a job that has not ended.","required":false,"schema":{"type":"integer","format":"int32","minimum":1,"maximum":3600}}
    "##);
}

#[test]
fn what_the_samples_send_is_in_the_contract() {
    let document = spec().document().unwrap();
    let curl = |pointer: &str| document.pointer(pointer).unwrap()["x-codeSamples"][0]["source"].clone();
    insta::assert_snapshot!(curl("/paths/~1v1~1jobs/get").as_str().unwrap(), "a list", @r#"
    curl -X GET "https://api.aitronos.com/v1/jobs" \
      -H "X-API-Key: $FREDDY_API_KEY"
    "#);
    insta::assert_snapshot!(curl("/paths/~1v1~1jobs/post").as_str().unwrap(), "a creation", @r#"
    curl -X POST "https://api.aitronos.com/v1/jobs" \
      -H "X-API-Key: $FREDDY_API_KEY" \
      -H "Idempotency-Key: 0b7c9e4e" \
      -H "Content-Type: application/json" \
      -d '{"name":"Nightly report","priority":5,"schedule":{"kind":"once","at":"2025-11-13T10:30:00Z"},"labels":{"tier":"gold"},"owner":{"name":"Ada","team":"Billing"},"note":"Slow on Mondays"}'
    "#);
    insta::assert_snapshot!(curl("/paths/~1v1~1jobs~1{job_id}/patch").as_str().unwrap(), "a change", @r#"
    curl -X PATCH "https://api.aitronos.com/v1/jobs/job_1" \
      -H "X-API-Key: $FREDDY_API_KEY" \
      -H "Content-Type: application/json" \
      -d '{"name":"Weekly report","priority":7,"note":"Slow on Tuesdays"}'
    "#);
}

/// progenitor would make two types of the name `JobId`: that of the component, and that of the field `id` of `Job`.
#[test]
fn a_field_of_the_twin_refers_to_the_component_of_its_name() {
    let twin = spec().document_3_0().unwrap();
    let properties = &twin["components"]["schemas"]["Job"]["properties"];
    let expected = json!({ "allOf": [{ "$ref": "#/components/schemas/JobId" }], "description": "The identifier." });
    assert_eq!(properties["id"], expected);
    assert_eq!(twin["components"]["schemas"]["JobPatch"].get("required"), None);
}

/// The problems of a body of an operation, as text.
fn problems(operation_id: &str, part: Part, body: &Value, side: Side) -> Vec<String> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let problems = spec().validate_operation(operation_id, part, body.as_bytes(), side).unwrap();
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn the_examples_and_what_the_types_send_are_in_the_contract() {
    let document = spec().document().unwrap();
    let media = |pointer: &str| document.pointer(pointer).unwrap()["content"]["application/json"]["example"].clone();
    let job = serde_json::to_value(small_job()).unwrap();
    let bodies: [(&str, Part, Value); 10] = [
        ("listJobs", Part::Success, media("/paths/~1v1~1jobs/get/responses/200")),
        ("listJobs", Part::Success, json!({ "items": [job], "has_more": false })),
        ("createJob", Part::Request, media("/paths/~1v1~1jobs/post/requestBody")),
        ("createJob", Part::Request, serde_json::to_value(new_job("Nightly")).unwrap()),
        ("createJob", Part::Success, media("/paths/~1v1~1jobs/post/responses/201")),
        ("getJob", Part::Success, job),
        ("updateJob", Part::Request, media("/paths/~1v1~1jobs~1{job_id}/patch/requestBody")),
        ("updateJob", Part::Request, json!({ "note": null })),
        ("getJob", Part::Request, Value::Null),
        ("cancelJob", Part::Success, Value::Null),
    ];
    for (operation, part, body) in bodies {
        for side in [Side::Sent, Side::Received] {
            assert_eq!(problems(operation, part, &body, side), [""; 0], "{operation} {part:?} {side:?} {body}");
        }
    }
    assert!(spec().validate_operation("stopJob", Part::Success, b"", Side::Sent).is_none());
}

#[test]
fn a_body_is_told_what_is_not_in_the_contract() {
    let mut job = serde_json::to_value(small_job()).unwrap();
    job["state"] = json!("paused");
    job["color"] = json!("red");
    job["created_at"] = json!("2025-11-13T11:30:00+01:00");
    let sent = problems("getJob", Part::Success, &job, Side::Sent);
    insta::assert_snapshot!(sent.join("\n"), "what a server may not send", @r#"
    /state is not one of "queued", "running", "done"
    /created_at does not match ^(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]Z$
    the body has a field outside the contract: color
    "#);
    assert_eq!(problems("getJob", Part::Success, &job, Side::Received), [""; 0]);

    let mut later = serde_json::to_value(small_job()).unwrap();
    later["schedule"] = json!({ "kind": "cron" });
    assert_eq!(problems("getJob", Part::Success, &later, Side::Received), [""; 0]);
    let [problem] = &*problems("getJob", Part::Success, &later, Side::Sent) else { panic!("not one problem") };
    assert!(problem.starts_with("/schedule"), "{problem}");

    job["bytes_processed"] = json!(-1);
    job["owner"] = json!({ "team": "Billing" });
    job.as_object_mut().unwrap().shift_remove("ended_at");
    let received = problems("getJob", Part::Success, &job, Side::Received);
    insta::assert_snapshot!(received.join("\n"), "what a client does not read", @r#"
    the body has no field "ended_at"
    /owner has no field "name"
    /bytes_processed is less than 0
    "#);
    let read = freddy_types::Json::<freddy_walkthrough::job::Job>::decode(&(), job.to_string().as_bytes());
    assert!(read.is_err());

    let mut new = serde_json::to_value(new_job("Nightly")).unwrap();
    new["name"] = json!("");
    new["note"] = Value::Null;
    let problems = problems("createJob", Part::Request, &new, Side::Sent);
    insta::assert_snapshot!(problems.join("\n"), "a request", @r#"
    /name "" is shorter than 1 character
    /note is not of type string
    "#);
}

#[test]
fn the_code_of_this_crate_is_in_the_document_and_in_the_strict_contract() {
    let document = spec().document().unwrap();
    let response = &document["components"]["responses"]["JobRunning"];
    let responses = &document["paths"]["/v1/jobs/{job_id}/cancel"]["post"]["responses"];
    assert_eq!(responses["409"]["$ref"], "#/components/responses/JobRunning");
    assert_eq!(response["description"], "Conflict: `JOB_RUNNING`.");
    assert!(response["headers"].get("Retry-After").is_some());
    let code = JOB_RUNNING.code();
    let mut body = serde_json::to_value(ErrorEnvelope::from(ApiError::example(code))).unwrap();
    assert_eq!(response["content"]["application/json"]["examples"]["JOB_RUNNING"]["value"], body);
    insta::assert_snapshot!(body["error"]["details"], "the details of the example", @r#"{"started_at":"2025-11-13T10:30:00Z","progress":40}"#);
    let schemas = &document["components"]["schemas"];
    let by_code = &schemas["ErrorObject"]["properties"]["details"]["x-details-by-code"];
    assert_eq!(by_code["JOB_RUNNING"], "#/components/schemas/JobRunningDetails");
    assert_eq!(schemas["JobRunningDetails"]["required"], json!(["started_at", "progress"]));

    let problems = |spec: Spec, body: &Value, side| {
        let problems = spec.validate(409, body.to_string().as_bytes(), side);
        problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    for side in [Side::Sent, Side::Received] {
        assert_eq!(problems(spec(), &body, side), [""; 0]);
    }
    assert_eq!(problems(freddy_openapi::contract(), &body, Side::Received), [""; 0]);
    let without = problems(freddy_openapi::contract(), &body, Side::Sent);
    assert_eq!(without, ["the body has no place: the contract has no response with status 409"]);

    body["error"]["details"]["progress"] = json!(101);
    assert_eq!(problems(spec(), &body, Side::Sent), ["/error/details/progress is more than 100"]);
    body["error"].as_object_mut().unwrap().shift_remove("details");
    assert_eq!(problems(spec(), &body, Side::Sent), [r#"/error has no field "details""#]);
}

/// Everything of the document that a reader has to find.
fn told(document: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut told = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            told.extend([method.to_uppercase(), path.clone(), text(&operation["summary"])]);
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            told.extend(parameters.flat_map(|row| [text(&row["name"]), text(&row["description"])]));
            told.extend(operation["x-codeSamples"].as_array().unwrap().iter().map(|sample| text(&sample["source"])));
            let bodies = operation["responses"].as_object().unwrap().values().chain(operation.get("requestBody"));
            told.extend(
                bodies.filter_map(|body| Some(format!("{:#}", body.pointer("/content/application~1json/example")?))),
            );
        }
    }
    let components = &document["components"];
    for response in components["responses"].as_object().unwrap().values() {
        told.push(text(&response["description"]));
        let examples = response["content"]["application/json"]["examples"].as_object().unwrap().values();
        told.extend(examples.map(|example| format!("{:#}", example["value"])));
    }
    for kind in ["headers", "schemas"] {
        for (name, described) in components[kind].as_object().unwrap() {
            told.extend([name.clone(), text(&described["description"])]);
            for (name, field) in described["properties"].as_object().into_iter().flatten() {
                told.push(name.clone());
                told.extend(
                    ["description", "pattern"].into_iter().filter_map(|key| field[key].as_str().map(str::to_owned)),
                );
            }
        }
    }
    told
}

/// A page of `spec()` in words: without tags, entities and the backticks of Markdown, and without line breaks.
fn as_read(path: &str) -> String {
    words(&in_lines(path))
}

fn words(text: &str) -> String {
    text.replace('`', "").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A page of `spec()` without tags and entities.
fn in_lines(path: &str) -> String {
    let artifacts = spec().artifacts().unwrap();
    let page = artifacts.iter().find(|file| file.path() == path).unwrap().text();
    let Some((_, main)) = page.split_once("<main") else { return page.to_owned() };
    let mut plain = String::new();
    for part in main.split_once("</main>").unwrap().0.split('<') {
        plain += part.split_once('>').map_or("", |(_, text)| text);
    }
    for (entity, letter) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")] {
        plain = plain.replace(entity, letter);
    }
    plain
}

#[test]
fn the_pages_for_people_say_all_that_the_document_says() {
    let (html, markdown) = (as_read("index.html"), as_read("reference.md"));
    let document = spec().document().unwrap();
    let told = told(&document);
    assert!(told.len() > 200, "{}", told.len());
    for text in told {
        assert!(html.contains(&words(&text)), "index.html: {text}");
        assert!(markdown.contains(&words(&text)), "reference.md: {text}");
    }
}

/// What stands there for each operation, response and field is there for each.
#[test]
fn the_pages_for_people_say_each_thing_equally_often() {
    let letters = |text: &str| text.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    let html = letters(&in_lines("index.html"));
    // What only Markdown writes so.
    let markdown =
        in_lines("reference.md").replace("$FREDDY_API_KEY`", "`").replace(" https://api.aitronos.com/v1", " /v1");
    let lines = markdown.lines().filter(|line| !line.starts_with("```") && !line.starts_with("Version "));
    let mut said = std::collections::BTreeMap::<_, usize>::new();
    for sentence in lines.flat_map(|line| line.split(". ")) {
        // A link is its text on the other page.
        let mut parts = sentence.split("](#");
        let mut text = parts.next().unwrap().to_owned();
        text.extend(parts.map(|part| part.split_once(')').unwrap().1));
        *said.entry(letters(&text)).or_default() += 1;
    }
    said.retain(|sentence, _| sentence.len() > 2);
    assert!(said.len() > 150, "{}", said.len());
    said.retain(|sentence, times| html.matches(sentence).count() < *times);
    assert_eq!(said, [].into(), "not as often in index.html");
}

#[test]
fn every_link_within_a_page_leads_to_something_that_is_there_once() {
    let page = documents().page;
    let values = |name: &str| -> Vec<String> {
        let start = format!(" {name}=\"");
        let parts = page.split(&start).skip(1);
        parts.map(|part| part.split_once('"').unwrap().0.to_owned()).collect()
    };
    let anchors = values("id");
    let links = values("href").into_iter().filter(|link| link.starts_with('#')).collect::<Vec<_>>();
    assert!(links.len() > 50, "{links:?}");
    for link in links {
        assert_eq!(anchors.iter().filter(|anchor| **anchor == link[1..]).count(), 1, "{link}");
    }
}

#[tokio::test]
async fn the_server_of_another_api_shows_that_api() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.base_url.strip_prefix("http://").unwrap()).await.unwrap();
    stream.write_all(b"GET /docs/ HTTP/1.1\r\nHost: jobs.example\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, page) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("script-src 'sha256-"), "{head}");
    assert!(page.contains(" data-server=\"/\"") && page.contains("operation/createJob"));
}
