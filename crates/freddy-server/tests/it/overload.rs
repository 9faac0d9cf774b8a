//! A queue that is bounded, and that who waits in it gets out of.

use freddy_types::ErrorCode;

use crate::support::{Connection, Server, delete_of};

#[tokio::test]
async fn as_many_wait_as_the_queue_has_places() {
    let flags = ["--max-concurrency", "1", "--max-queue", "2", "--read-timeout-ms", "60000"];
    let server = Server::start(&flags).await;
    let mut slow = Connection::in_flight(server.address, "pcon_abc123", &server.alice).await;
    // The two that are first wait, and every other is refused at once.
    let mut waiting = Vec::new();
    let mut refused = 0;
    while refused < 5 {
        let mut connection = Connection::open(server.address).await;
        connection.write(&delete_of("pcon_nobody", &server.alice)).await;
        match tokio::time::timeout(std::time::Duration::from_millis(1000), connection.answer()).await {
            Ok(answer) => {
                let answer = answer.unwrap();
                if answer.status == 503 {
                    assert_eq!(answer.code(), ErrorCode::ServiceUnavailable);
                    refused += 1;
                }
            }
            Err(_) => waiting.push(connection),
        }
    }
    assert_eq!(waiting.len(), 2);

    // Who goes away leaves a place.
    drop(waiting.pop());
    let mut next = loop {
        let mut connection = Connection::open(server.address).await;
        connection.write(&delete_of("pcon_nobody", &server.alice)).await;
        match tokio::time::timeout(std::time::Duration::from_millis(1000), connection.answer()).await {
            Ok(answer) => assert_eq!(answer.unwrap().code(), ErrorCode::ServiceUnavailable),
            Err(_) => break connection,
        }
    };

    slow.write("0").await;
    slow.answer().await.unwrap().assert_no_content();
    for connection in [&mut waiting[0], &mut next] {
        assert_eq!(connection.answer().await.unwrap().code(), ErrorCode::Forbidden);
    }
}
