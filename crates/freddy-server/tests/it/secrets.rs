//! Keys, and what a database says, appear in no answer and no log line.

use freddy_server::key::NewKey;
use freddy_types::{ErrorCode, connector_id, headers};

use crate::support::{CONNECTORS, Database, Process, send};

const PLANTED: &str = "PLANTED-a7f3";

#[tokio::test]
async fn neither_keys_nor_database_errors_are_in_an_answer_or_the_log() {
    for database in Database::each().await {
        let store = database.open().await;
        let key = NewKey::generate().unwrap();
        store.add_key(PLANTED, key.hash(), 0).await.unwrap();
        store.add_connector(&connector_id!("pcon_abc123"), PLANTED, 0).await.unwrap();
        database
            .execute(
                "CREATE TRIGGER planted BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'PLANTED-a7f3'); END",
                "CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE EXCEPTION 'PLANTED-a7f3' USING DETAIL = 'PLANTED-a7f3'; END $$; \
                 CREATE TRIGGER planted BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION planted()",
            )
            .await;

        let process = Process::serve_with_log(database.url(), "trace");
        let valid = key.reveal();
        let mut answers = Vec::new();
        for (credential, code) in [
            (format!("X-API-Key: {valid}"), ErrorCode::InternalServerError),
            (format!("Authorization: Bearer {valid}"), ErrorCode::InternalServerError),
            (format!("X-API-Key: {PLANTED}"), ErrorCode::Unauthorized),
            (format!("Authorization: Bearer {PLANTED}"), ErrorCode::Unauthorized),
            (format!("Authorization: Basic {PLANTED}"), ErrorCode::Unauthorized),
            (format!("authorization: {PLANTED}\r\nCookie: {PLANTED}"), ErrorCode::Unauthorized),
        ] {
            let request = format!(
                "DELETE {CONNECTORS}pcon_abc123?api_key={PLANTED} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\
                 {credential}\r\nContent-Length: {}\r\n\r\n{PLANTED}",
                PLANTED.len()
            );
            let answer = send(process.address, &request).await;
            assert_eq!(answer.assert_contract_error().code(), Some(code), "{credential}");
            answers.push(answer);
        }
        // Without its table, the database names the statement and the table. The key is not one that is cached.
        let unknown = NewKey::generate().unwrap();
        database.execute("PRAGMA foreign_keys = OFF; DROP TABLE api_keys", "DROP TABLE api_keys CASCADE").await;
        let request = format!(
            "DELETE {CONNECTORS}pcon_abc123 HTTP/1.1\r\nHost: t\r\nConnection: close\r\nX-API-Key: {}\r\n\r\n",
            unknown.reveal()
        );
        answers.push(send(process.address, &request).await);
        answers.last().unwrap().assert_error(ErrorCode::InternalServerError);

        let log = process.terminate();
        for answer in &answers {
            let text = format!("{answer:?} {}", String::from_utf8_lossy(&answer.body));
            for secret in [PLANTED, valid, unknown.reveal(), "api_keys", "SELECT", "INSERT"] {
                assert!(!text.contains(secret), "{secret}: {text}");
            }
        }
        for secret in [PLANTED, valid, unknown.reveal()] {
            let shown = log.lines().find(|line| line.contains(secret));
            assert_eq!(shown, None, "{secret}");
        }
        // The log does say what happened, by the request's identifier.
        for answer in answers.iter().filter(|answer| answer.status == 500) {
            let id = answer.header(headers::X_REQUEST_ID).unwrap();
            assert!(log.lines().any(|line| line.contains(id)), "{id} is not in the log");
        }
        assert!(log.contains("statement failed"), "{log}");
    }
}

#[tokio::test]
async fn header_body_and_log_have_the_same_request_id() {
    let database = Database::sqlite();
    let process = Process::serve(database.url(), &[]);
    let request = format!("DELETE {CONNECTORS}pcon_abc123 HTTP/1.1\r\nHost: t\r\n\r\n");
    let answer = send(process.address, &request).await;
    let log = process.terminate();
    // That header and body agree is part of reading the error.
    let error = answer.assert_contract_error();
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let answered: Vec<_> = lines.iter().filter(|line| line["fields"]["message"] == "answered").collect();
    assert_eq!(answered.len(), 1, "{log}");
    assert_eq!(answered[0]["fields"]["trace_id"].as_str(), error.request_id());
    assert_eq!(answered[0]["fields"]["status"], 401);
}
