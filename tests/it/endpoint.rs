//! The endpoint as data, held against the documented page, and the paths that it makes and reads.

use freddy_types::personal_connectors::DisconnectConnector;
use freddy_types::{
    AuthScheme, BASE_URL, ConnectorId, Endpoint, ErrorCode, InvalidRequest, Method, NoContent, ParameterPlace,
    ParameterPresence, PathTemplate, SuccessResponse, Tag, connector_id, endpoint, headers,
};

#[test]
fn the_endpoint_is_the_documented_one() {
    assert_eq!(DisconnectConnector::METHOD.as_str(), "DELETE");
    assert_eq!(
        format!("{BASE_URL}{}", DisconnectConnector::PATH),
        "https://api.aitronos.com/v1/personal-connectors/{connector_id}"
    );
    assert_eq!(DisconnectConnector::SUMMARY, "Disconnect Connector");
    assert!(
        DisconnectConnector::DESCRIPTION.starts_with("Permanently disconnect a personal connector (soft delete).\n")
    );
    assert_eq!(
        DisconnectConnector::RETURNS,
        "Returns `204 No Content` on successful deletion. No response body is returned."
    );
    assert_eq!(DisconnectConnector::PATH.parameter_names().collect::<Vec<_>>(), ["connector_id"]);
    let parameters = DisconnectConnector::parameters();
    let [parameter] = parameters.as_slice() else { panic!("one parameter") };
    assert_eq!((parameter.name, parameter.place), ("connector_id", ParameterPlace::Path));
    assert_eq!(parameter.presence, ParameterPresence::Required);
    assert_eq!(parameter.description, "Connector ID (e.g., `pcon_abc123`).");
    assert_eq!(parameter.shape().example(), "pcon_abc123");
}

#[test]
fn the_responses_are_the_documented_ones() {
    type Success = <DisconnectConnector as Endpoint>::Response;
    assert_eq!((Success::STATUS, Success::HEADING), (204, "No Content"));
    let documented = [
        (400, "Bad Request", ErrorCode::ValidationError),
        (401, "Unauthorized", ErrorCode::Unauthorized),
        (403, "Forbidden", ErrorCode::Forbidden),
        (429, "Rate Limit", ErrorCode::RateLimitExceeded),
        (500, "Server Error", ErrorCode::InternalServerError),
    ];
    let errors = DisconnectConnector::ERRORS.iter().map(|code| (code.status(), code.heading(), *code));
    assert_eq!(errors.collect::<Vec<_>>(), documented);
}

#[test]
fn both_documented_ways_to_authenticate_are_offered() {
    let ways = DisconnectConnector::AUTH.iter().map(|way| (way.header(), way.prefix()));
    assert_eq!(ways.collect::<Vec<_>>(), [("X-API-Key", ""), ("Authorization", "Bearer ")]);
    assert_eq!(DisconnectConnector::AUTH, AuthScheme::ALL);
    // As the page's samples send it.
    let curl = include_str!("../documented/samples/curl.sh");
    assert!(curl.contains(&format!("{}: {}", AuthScheme::ApiKey.header(), AuthScheme::ApiKey.prefix())), "{curl}");
    let javascript = include_str!("../documented/samples/disconnect.js");
    assert!(javascript.contains(AuthScheme::Bearer.header()), "{javascript}");
    assert!(javascript.contains(AuthScheme::Bearer.prefix()), "{javascript}");
}

#[test]
fn methods_have_the_names_and_the_idempotence_of_http() {
    let table = [
        (Method::Get, "GET", true),
        (Method::Post, "POST", false),
        (Method::Put, "PUT", true),
        (Method::Patch, "PATCH", false),
        (Method::Delete, "DELETE", true),
    ];
    for (method, name, idempotent) in table {
        assert_eq!((method.as_str(), method.to_string().as_str()), (name, name));
        assert_eq!(method.is_idempotent(), idempotent, "{name}");
    }
}

#[test]
fn header_names_are_the_documented_ones() {
    let names = headers::RESPONSE_HEADERS.iter().map(|header| header.name);
    assert_eq!(
        names.collect::<Vec<_>>(),
        [
            "X-Request-Id",
            "WWW-Authenticate",
            "Retry-After",
            "X-RateLimit-Limit",
            "X-RateLimit-Remaining",
            "X-RateLimit-Reset"
        ]
    );
}

#[test]
fn no_content_has_no_body() {
    let sent = NoContent.encode();
    assert_eq!((sent.status, sent.headers.as_slice(), sent.body.as_slice()), (204, [].as_slice(), b"".as_slice()));
    assert!(NoContent::body().is_none());
    assert_eq!(NoContent::decode(&(), b""), Ok(NoContent));
    let error = NoContent::decode(&(), b"{}").unwrap_err();
    assert_eq!(error.to_string(), "expected no body, got 2 bytes");
}

fn disconnect() -> DisconnectConnector {
    DisconnectConnector { connector_id: connector_id!("pcon_abc123") }
}

#[test]
fn a_request_has_its_path() {
    assert_eq!(disconnect().path(), "/v1/personal-connectors/pcon_abc123");
}

#[test]
fn a_path_is_read_encoded_or_not() {
    for path in [
        "/v1/personal-connectors/pcon_abc123",
        "/v1/personal-connectors/pcon%5Fabc123",
        "/v1/personal-connectors/pcon%5fabc123",
        "/v1/personal-connectors/%70%63%6F%6E%5F%61%62%63%31%32%33",
    ] {
        assert_eq!(DisconnectConnector::from_path(path), Ok(disconnect()), "{path}");
    }
}

#[test]
fn a_path_of_another_endpoint_does_not_match() {
    for path in [
        "",
        "/",
        "v1/personal-connectors/pcon_abc123",
        "//v1/personal-connectors/pcon_abc123",
        "/v1/personal-connectors",
        "/v1/personal-connectors/pcon_abc123/",
        "/v1/personal-connectors/pcon_abc123/logs",
        "/v1/personal-connectors//pcon_abc123",
        "/v1/connectors/pcon_abc123",
        "/v2/personal-connectors/pcon_abc123",
        "/V1/personal-connectors/pcon_abc123",
        "/v1/personal-connectors%2Fpcon_abc123",
    ] {
        let error = DisconnectConnector::from_path(path).unwrap_err();
        assert_eq!(error, InvalidRequest::NoMatch, "{path}");
        assert_eq!(error.to_string(), "the path is not the endpoint's");
    }
}

#[test]
fn a_bad_escape_names_the_parameter() {
    for text in ["%", "pcon_abc%", "pcon_%6", "pcon_%6g", "pcon_%+1", "pcon_%é1", "pcon_%%61", "%ff", "%C3", "%C3%28"]
    {
        let error = DisconnectConnector::from_path(&format!("/v1/personal-connectors/{text}")).unwrap_err();
        assert_eq!(error.to_string(), "path.connector_id: is not percent-encoded UTF-8", "{text}");
        let places = error.faults().unwrap().iter().map(freddy_types::Fault::place).collect::<Vec<_>>();
        assert_eq!(places, ["path.connector_id"]);
    }
}

#[test]
fn a_malformed_id_names_the_parameter_and_says_why() {
    let character = |at| {
        format!("connector ID has an unexpected character at byte {at}: allowed there is an ASCII letter or digit")
    };
    let table = [
        ("", "connector ID is empty".to_owned()),
        ("available", "connector ID does not start with `pcon_`".to_owned()),
        ("pcon_", "connector ID has nothing after `pcon_`".to_owned()),
        ("pcon_abc-123", character(8)),
        // Decoded once, no more: the text is `pcon_%61`, and `pcon_a/b` is one segment.
        ("pcon_%2561", character(5)),
        ("pcon_a%2Fb", character(6)),
        ("pcon_a%00", character(6)),
        // `+` is a space in a form, not in a path.
        ("pcon_a+b", character(6)),
        ("pcon_a+%62", character(6)),
        // A query is no part of a path.
        ("pcon_abc123?force=1", character(11)),
    ];
    for (text, reason) in table {
        let error = DisconnectConnector::from_path(&format!("/v1/personal-connectors/{text}")).unwrap_err();
        assert_eq!(error.to_string(), format!("path.connector_id: {reason}"), "{text}");
    }
}

endpoint! {
    /// An endpoint of another form than the contract's: two parameters, one between literals, one at the end.
    struct ReadLabel {
        /// A parameter that can be any text.
        required path label: String,
        /// The connector.
        required path connector_id: ConnectorId,
    }
    method: Get,
    path: "/v1/labels/{label}/of/{connector_id}",
    response: NoContent,
    operation_id: "readLabel",
    tag: Tag { name: "Labels", description: "Labels." },
    summary: "Read Label",
    description: "Reads a label.",
    returns: "Nothing.",
    success_message: "Label read",
    errors: [],
}

#[test]
fn what_means_something_in_a_path_is_encoded() {
    let table = [
        ("plain", "plain"),
        ("a/b", "a%2Fb"),
        ("100%", "100%25"),
        ("a%2Fb", "a%252Fb"),
        ("why?", "why%3F"),
        ("a b", "a%20b"),
        ("a+b", "a%2Bb"),
        ("#1;k=v&x", "%231%3Bk%3Dv%26x"),
        ("ü", "%C3%BC"),
        ("\u{1f642}", "%F0%9F%99%82"),
        ("\0\n", "%00%0A"),
        ("-._~AZaz09", "-._~AZaz09"),
        ("", ""),
    ];
    for (label, encoded) in table {
        let request = ReadLabel { label: label.to_owned(), connector_id: connector_id!("pcon_abc123") };
        assert_eq!(request.path(), format!("/v1/labels/{encoded}/of/pcon_abc123"));
        assert_eq!(ReadLabel::from_path(&request.path()), Ok(request));
    }
}

#[test]
fn what_needs_no_encoding_is_read_as_it_stands() {
    for (text, label) in
        [("a+b%20c", "a+b c"), ("a+b", "a+b"), ("k=v;x,y:@!$&'()*", "k=v;x,y:@!$&'()*"), ("ü%2F", "ü/")]
    {
        let request = ReadLabel::from_path(&format!("/v1/labels/{text}/of/pcon_abc123")).unwrap();
        assert_eq!(request.label, label);
    }
}

#[test]
fn every_bad_parameter_is_named() {
    let error = |path| ReadLabel::from_path(path).unwrap_err();
    assert_eq!(
        error("/v1/labels/%ff/of/nothing").to_string(),
        "path.label: is not percent-encoded UTF-8; \
         path.connector_id: connector ID does not start with `pcon_`"
    );
    assert_eq!(
        error("/v1/labels/a/of/nothing").to_string(),
        "path.connector_id: connector ID does not start with `pcon_`"
    );
    assert_eq!(error("/v1/labels/a/b/of/pcon_abc123"), InvalidRequest::NoMatch);
}

#[test]
fn a_template_tells_its_parameters_in_their_order() {
    assert_eq!(ReadLabel::PATH.parameter_names().collect::<Vec<_>>(), ["label", "connector_id"]);
    assert_eq!(ReadLabel::PATH.as_str(), "/v1/labels/{label}/of/{connector_id}");
    assert_eq!(format!("{:>40}", ReadLabel::PATH), "    /v1/labels/{label}/of/{connector_id}");
    assert_eq!(format!("{:?}", ReadLabel::PATH), "PathTemplate(/v1/labels/{label}/of/{connector_id})");
}

#[test]
fn a_template_that_is_none_is_refused() {
    let table = [
        ("", "a path template starts with `/`"),
        ("v1", "a path template starts with `/`"),
        ("/", "a path template ends with a whole segment"),
        ("/v1/", "a path template ends with a whole segment"),
        ("/v1//x", "a segment is empty or a brace is not closed"),
        ("/v1/{id/x}", "a segment is empty or a brace is not closed"),
        ("/v1/{id", "a path template ends with a whole segment"),
        ("/v1/x{id}", "a parameter starts a segment"),
        ("/v1/{{id}}", "a parameter starts a segment"),
        ("/v1/{id}x", "a parameter fills its segment"),
        ("/v1/{}", "a parameter has a name between two braces"),
        ("/v1/id}", "a parameter has a name between two braces"),
        ("/v1/a b", "a character needs percent-encoding"),
        ("/v1/ü", "a character needs percent-encoding"),
        ("/v1/x?y", "a character needs percent-encoding"),
        ("/v1/%20", "a character needs percent-encoding"),
        ("/v1/{id}/x/{id}", "a name stands in two pairs of braces"),
        ("/v1/./x", "a segment `.` or `..` is taken away by URL parsers"),
        ("/v1/../x", "a segment `.` or `..` is taken away by URL parsers"),
        ("/v1/.", "a segment `.` or `..` is taken away by URL parsers"),
        ("/v1/..", "a segment `.` or `..` is taken away by URL parsers"),
    ];
    for (template, message) in table {
        let panic = std::panic::catch_unwind(|| PathTemplate::new(template)).unwrap_err();
        let told = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
        assert_eq!(told, Some(message), "{template:?}");
    }
    for template in ["/v1/...", "/v1/.x/..y", "/v1/{id}/{id2}/{i}"] {
        assert_eq!(PathTemplate::new(template).as_str(), template);
    }
}
