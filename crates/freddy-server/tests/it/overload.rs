//! The queue is bounded, and whoever waits in it is answered in the end.

use freddy_types::ErrorCode;

use crate::support::{Connection, Server, delete_of};

#[tokio::test]
async fn the_queue_holds_as_many_as_it_is_set_to_and_refuses_the_rest() {
    let flags =
        ["--max-concurrency", "1", "--max-queue", "2", "--answer-timeout-ms", "60000", "--lock-timeout-ms", "60000"];
    let server = Server::start(&flags).await;
    // Whoever asks first has the only turn as long as the database is locked.
    let locked = server.database.lock().await;
    let mut slow = Connection::open(server.address).await;
    slow.write(&delete_of("pcon_abc123", &server.alice)).await;
    // The first two wait, and all others are refused at once.
    let mut waiting = Vec::new();
    let mut refused = 0;
    while refused < 5 {
        let mut connection = Connection::open(server.address).await;
        connection.write(&delete_of("pcon_nobody", &server.alice)).await;
        match tokio::time::timeout(std::time::Duration::from_millis(1000), connection.answer()).await {
            Ok(answer) => {
                let answer = answer.unwrap();
                if answer.status == 503 {
                    answer.assert_error(ErrorCode::ServiceUnavailable);
                    refused += 1;
                }
            }
            Err(_) => waiting.push(connection),
        }
    }
    assert_eq!(waiting.len(), 2);

    // A client that goes away frees its slot.
    drop(waiting.pop());
    let mut next = loop {
        let mut connection = Connection::open(server.address).await;
        connection.write(&delete_of("pcon_nobody", &server.alice)).await;
        match tokio::time::timeout(std::time::Duration::from_millis(1000), connection.answer()).await {
            Ok(answer) => answer.unwrap().assert_error(ErrorCode::ServiceUnavailable),
            Err(_) => break connection,
        }
    };

    drop(locked);
    slow.answer().await.unwrap().assert_no_content();
    for connection in [&mut waiting[0], &mut next] {
        connection.answer().await.unwrap().assert_error(ErrorCode::Forbidden);
    }
}
