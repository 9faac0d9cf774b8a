//! The endpoint and the code of this crate, in the spec, on the server and in the client.

use clap::Parser;
use freddy_client::Client;
use freddy_openapi::validate::Side;
use freddy_server::key::NewKey;
use freddy_server::store::Store;
use freddy_server::{App, Settings, serve};
use freddy_types::personal_connectors::DisconnectConnector;
use freddy_types::{ApiError, ErrorCode, ErrorEnvelope, Failure, NoContent, connector_id};
use freddy_walkthrough::{CONNECTOR_BUSY, PauseConnector};
use serde_json::{Value, json};

fn spec() -> freddy_openapi::Spec {
    freddy_openapi::contract().endpoint::<PauseConnector>()
}

#[test]
fn the_spec_has_the_endpoint_and_the_code() {
    let (before, after) = (freddy_openapi::contract().document().unwrap(), spec().document().unwrap());
    let operation = &after["paths"]["/v1/personal-connectors/{connector_id}/pause"]["post"];
    assert_eq!(operation["operationId"], "pauseConnector");
    let statuses: Vec<_> = operation["responses"].as_object().unwrap().keys().collect();
    assert_eq!(statuses, ["204", "400", "401", "403", "409", "429", "500", "default"]);

    let busy = &after["components"]["responses"]["ConnectorBusy"];
    assert_eq!(operation["responses"]["409"]["$ref"], "#/components/responses/ConnectorBusy");
    assert_eq!(busy["description"], "Conflict: `CONNECTOR_BUSY`.");
    assert!(busy["headers"].get("Retry-After").is_some());
    let example = &busy["content"]["application/json"]["examples"]["CONNECTOR_BUSY"]["value"];
    let sent = ApiError::example(ErrorCode::Extension(CONNECTOR_BUSY));
    assert_eq!(example, &serde_json::to_value(ErrorEnvelope::from(sent)).unwrap());

    let code_of = |document: &Value| document["components"]["schemas"]["ApiError"]["properties"]["code"].clone();
    let (before, after) = (code_of(&before), code_of(&after));
    let known = |code: &Value| code["x-extensible-enum"].as_array().unwrap().clone();
    assert_eq!(known(&after), [known(&before), vec![json!("CONNECTOR_BUSY")]].concat());
    assert!(after["description"].as_str().unwrap().contains("`CONNECTOR_BUSY`"));
    assert!(spec().document_3_0().is_ok());
}

#[test]
fn only_the_spec_that_has_the_code_lets_a_server_send_it() {
    let body = serde_json::to_value(ErrorEnvelope::from(ApiError::example(ErrorCode::Extension(CONNECTOR_BUSY))));
    let mut body = body.unwrap();
    let problems = |spec: freddy_openapi::Spec, body: &Value, side| {
        let problems = spec.validate(409, body.to_string().as_bytes(), side);
        problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    for side in [Side::Sent, Side::Received] {
        assert_eq!(problems(spec(), &body, side), [""; 0]);
    }
    assert_eq!(problems(freddy_openapi::contract(), &body, Side::Received), [""; 0]);
    let without = problems(freddy_openapi::contract(), &body, Side::Sent);
    assert_eq!(without, ["the body has no place: the contract has no response with status 409"]);

    body["error"]["type"] = json!("server_error");
    assert_eq!(problems(spec(), &body, Side::Sent), [r#"/error/type is not "client_error""#]);
}

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    settings: Settings,
}

#[tokio::test]
async fn the_client_calls_what_the_server_mounts() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&format!("sqlite://{}", folder.path().join("test.db").display())).await.unwrap();
    let key = NewKey::generate().unwrap();
    store.add_key("alice", key.hash(), 0).await.unwrap();
    store.add_connector(&connector_id!("pcon_abc123"), "alice", 0).await.unwrap();

    let settings = Arguments::parse_from(["test"]).settings;
    let (app, _writer) = App::new(store, settings.clone()).await.unwrap();
    let router = app.router_with(|endpoints| {
        endpoints.mount(async |context: freddy_server::Context, _, request: PauseConnector| {
            let busy = request.connector_id == connector_id!("pcon_busy");
            if busy { Err(context.error(Failure::Extension(CONNECTOR_BUSY))) } else { Ok(NoContent) }
        })
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { serve(listener, router, &settings, std::future::pending()).await });

    let client = |key: &str| Client::builder().base_url(&*base_url).api_key(key).build().unwrap();
    let caller = client(key.reveal());
    let pause = |connector_id| PauseConnector { connector_id };
    assert_eq!(caller.send(&pause(connector_id!("pcon_abc123"))).await.unwrap(), NoContent);

    let busy = caller.send(&pause(connector_id!("pcon_busy"))).await.unwrap_err();
    let busy = busy.response().unwrap();
    assert!(busy.has_code(ErrorCode::Extension(CONNECTOR_BUSY)));
    assert_eq!((busy.status(), busy.code(), busy.code_str()), (409, None, Some("CONNECTOR_BUSY")));

    let unknown = client("wrong").send(&pause(connector_id!("pcon_abc123"))).await.unwrap_err();
    assert_eq!(unknown.code(), Some(ErrorCode::Unauthorized));

    // The contract's own endpoint is answered beside it.
    let disconnect = DisconnectConnector { connector_id: connector_id!("pcon_abc123") };
    assert_eq!(caller.send(&disconnect).await.unwrap(), NoContent);
}
