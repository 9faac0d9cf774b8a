//! Requests with parameters in every place, as a server reads them.

use freddy_types::{
    ConnectorId, Endpoint, IncomingRequest, Integer, NoContent, Tag, Text, connector_id, endpoint, identifier, object,
};
use proptest::prelude::*;

use crate::support::for_all;

object! {
    /// A note.
    struct Note {
        /// What it says.
        required text: Text<1, 20>,
    }
}

identifier! {
    /// A key.
    struct Key: "key" {
        prefix: "",
        characters: "!-~", "a visible ASCII character",
        max: 9,
        example: "k",
    }
}

endpoint! {
    /// A row for each place and presence.
    struct AddNote {
        /// The connector.
        required path connector_id: ConnectorId,
        /// Required.
        required query q: String,
        /// Defaulted.
        defaulted query days: Integer<1, 9> = Integer::literal::<3>(),
        /// Optional.
        optional query flag: bool,
        /// Repeated.
        repeated query word: Text<1, 5>,
        /// A required header.
        required header key: Key as "X-Key",
        /// An optional header.
        optional header count: Integer<0, 9> as "X-Count",
        /// The note.
        required body note: Note,
    }
    method: Post,
    path: "/v1/c/{connector_id}",
    response: NoContent,
    operation_id: "addNote",
    tag: Tag { name: "Notes", description: "Notes." },
    summary: "Add Note",
    description: "Adds a note.",
    returns: "Nothing.",
    success_message: "Note added",
    errors: [],
}

fn faults(path: &str, query: &str, headers: &[(&str, &str)], body: &[u8]) -> String {
    let headers = headers.to_vec();
    let request = IncomingRequest::new(path).query(query).headers(&headers).body(body);
    AddNote::decode(&request).map_or_else(|invalid| invalid.to_string(), |_| String::new())
}

const PATH: &str = "/v1/c/pcon_1";
const BODY: &[u8] = br#"{"text":"Hi"}"#;

fn query(query: &str) -> Result<AddNote, String> {
    let headers = [("x-key", "k")];
    AddNote::decode(&IncomingRequest::new(PATH).query(query).headers(&headers).body(BODY))
        .map_err(|invalid| invalid.to_string())
}

#[test]
fn a_request_is_read_as_it_was_written() {
    let request = AddNote {
        connector_id: connector_id!("pcon_1"),
        q: "a+b &=%é".to_owned(),
        days: Integer::literal::<9>(),
        flag: Some(true),
        word: vec!["x".parse().unwrap(), "y".parse().unwrap()],
        key: "k".parse().unwrap(),
        count: None,
        note: Note { text: "Hi".parse().unwrap() },
    };
    let sent = request.encode();
    insta::assert_snapshot!(sent.target(), @"/v1/c/pcon_1?q=a%2Bb%20%26%3D%25%C3%A9&days=9&flag=true&word=x&word=y");
    let read = IncomingRequest::new(&sent.path).query(&sent.query).headers(&sent.headers);
    assert_eq!(AddNote::decode(&read.body(sent.body.as_deref().unwrap())), Ok(request));
}

#[test]
fn all_faults_are_told_at_once() {
    let headers = [("X-Key", ""), ("X-Count", "10")];
    assert_eq!(
        faults("/v1/c/x", "days=0&flag=1&word=&word=abcdef", &headers, br#"{"txt":1}"#),
        "path.connector_id: connector ID does not start with `pcon_`; query.q: is missing; \
         query.days: is not an integer from 1 to 9; query.flag: is not `true` or `false`; \
         query.word: does not have 1 to 5 characters; query.word: does not have 1 to 5 characters; \
         header X-Key: key is empty; header X-Count: is not an integer from 0 to 9; \
         body /text: is missing; body: has an unknown field `txt`, perhaps `text` is meant"
    );
}

#[test]
fn a_fault_that_leaves_every_value_readable_refuses_the_request() {
    let told = faults(PATH, "q=", &[("X-Key", "k")], br#"{"text":"Hi","color":"red"}"#);
    assert_eq!(told, "body: has an unknown field `color`");
    let told = faults(PATH, "q=", &[("X-Key", "k")], br#"{"text":"Hi","text":"Hi"}"#);
    assert_eq!(told, "body /text: is given more than once");
}

#[test]
fn queries_are_read_as_forms_write_them() {
    let read = query("unknown=1&q=a+b%2B%20c&%64ays=4").unwrap();
    assert_eq!((read.q.as_str(), read.days.get(), read.flag), ("a b+ c", 4, None));
    assert_eq!(query("q=").unwrap().days.get(), 3);
    assert_eq!(query("q=1&q=1").unwrap_err(), "query.q: is given more than once");
    assert_eq!(query("q=1&days=1&days=1").unwrap_err(), "query.days: is given more than once");
    assert_eq!(query("q=%ff").unwrap_err(), "query.q: is not percent-encoded UTF-8");
}

#[test]
fn a_body_that_is_none_is_told() {
    let body = |body: &[u8]| faults(PATH, "q=", &[("X-Key", "k")], body);
    assert_eq!(body(BODY), "");
    assert_eq!(body(b""), "body: is missing");
    assert_eq!(body(b"{"), "body: is not JSON at line 1 column 1");
    assert_eq!(body(b"[]"), "body: is not an object");
    assert!(body("[".repeat(1000).as_bytes()).starts_with("body: is not JSON at line 1 column "));
    let typed = |content_type| faults(PATH, "q=", &[("X-Key", "k"), ("Content-Type", content_type)], BODY);
    assert_eq!(typed("text/plain"), "header Content-Type: is not `application/json`");
    assert_eq!(typed("Application/JSON; charset=utf-8"), "");
}

#[test]
fn no_value_that_came_in_is_told() {
    const SECRET: &str = "s3cr3t-Z";
    let around = || (".{0,6}", ".{0,6}").prop_map(|(before, behind)| format!("{before}{SECRET}{behind}"));
    for_all((around(), around(), around(), around(), 0..3_u8), |(path, query, header, body, form)| {
        let query = format!("q={query}&days={query}&flag={query}&word={query}&{query}");
        let headers = [("X-Key", header.as_str()), ("X-Count", header.as_str())];
        let body = match form {
            0 => serde_json::json!({ "text": format!("{body}{body}") }).to_string(),
            1 => serde_json::json!({ "text": { "x": body } }).to_string(),
            _ => body,
        };
        let told = faults(&format!("/v1/c/{}", path.replace('/', "")), &query, &headers, body.as_bytes());
        prop_assert!(!told.is_empty() && !told.contains(SECRET), "{}", told);
        Ok(())
    });
}
