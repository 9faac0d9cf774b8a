//! Connections are bounded, in number and in what a peer can do with one.

use std::time::{Duration, Instant};

use freddy_types::ErrorCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::support::{Connection, Server, delete_of};

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n";

/// Much longer than anything takes.
const LONG: Duration = Duration::from_secs(60);

/// A client whose receive buffer is as small as the system makes it.
async fn small_reader(server: &Server) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(server.address).await.unwrap()
}

/// Whether the server closes a connection whose client only now and then reads a little.
async fn is_given_up(stream: &mut TcpStream, pause: Duration) -> bool {
    let started = Instant::now();
    let mut buffer = [0; 512];
    while started.elapsed() < LONG {
        tokio::time::sleep(pause).await;
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return true,
            Ok(_) => {}
        }
    }
    false
}

#[tokio::test]
async fn a_client_that_does_not_read_or_hardly_reads_is_given_up() {
    let server = Server::start(&["--write-timeout-ms", "300", "--read-timeout-ms", "600000"]).await;
    let asked = "GET /openapi.json HTTP/1.1\r\nHost: t\r\n\r\n".repeat(300);
    for pause in [Duration::from_secs(2), Duration::from_millis(200)] {
        let mut stream = small_reader(&server).await;
        // A connection on which nothing happened for a while has to be watched like a new one.
        tokio::time::sleep(Duration::from_millis(100)).await;
        stream.write_all(asked.as_bytes()).await.unwrap();
        // What was already on its way is read quickly, and then comes the end.
        let mut stream = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(3)).await;
            assert!(is_given_up(&mut stream, pause.min(Duration::from_millis(20))).await, "{pause:?}");
            stream
        });
        (&mut stream).await.unwrap();
    }
    // One that reads gets everything.
    let mut stream = small_reader(&server).await;
    stream.write_all("GET /openapi.json HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n".as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.ends_with(include_bytes!("../../../../openapi/freddy.json")));
}

#[tokio::test]
async fn an_idle_connection_makes_room_for_a_new_one_and_a_busy_one_does_not() {
    let server = Server::start(&["--max-connections", "3", "--read-timeout-ms", "600000"]).await;
    let mut busy = Connection::in_flight(server.address, "pcon_abc123", &server.alice).await;
    let mut idle = Vec::new();
    for _ in 0..2 {
        let mut connection = Connection::open(server.address).await;
        connection.call(HEALTH).await.unwrap().assert_no_content();
        idle.push(connection);
    }
    // Its next request could be on its way, so a connection is not idle at once.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    for _ in 0..4 {
        let mut new = Connection::open(server.address).await;
        new.call(HEALTH).await.expect("there is room").assert_no_content();
        idle.push(new);
        tokio::time::sleep(Duration::from_millis(1100)).await;
    }
    // The oldest went first.
    assert!(idle[0].is_closed().await && idle[1].is_closed().await);
    busy.write("0").await;
    busy.answer().await.unwrap().assert_no_content();
}

#[tokio::test]
async fn with_no_idle_connection_a_new_one_is_closed() {
    let server = Server::start(&["--max-connections", "1"]).await;
    let mut busy = Connection::in_flight(server.address, "pcon_abc123", &server.alice).await;
    assert!(Connection::open(server.address).await.call(HEALTH).await.is_none());
    busy.write("0").await;
    busy.answer().await.unwrap().assert_no_content();
    drop(busy);
    let started = Instant::now();
    while Connection::open(server.address).await.call(HEALTH).await.is_none() {
        assert!(started.elapsed() < LONG, "the place is never free again");
    }
}

#[tokio::test]
async fn a_request_in_pieces_with_pauses_is_one_request() {
    let server = Server::start(&["--read-timeout-ms", "20000"]).await;
    let mut connection = Connection::open(server.address).await;
    let pause = || tokio::time::sleep(Duration::from_millis(1300));
    // Longer than the connection keeps its buffers: before the first byte, within the head, and between two requests.
    for (id, status) in [("pcon_bob1", 403), ("pcon_abc123", 204)] {
        pause().await;
        let request = delete_of(id, &server.alice);
        let (first, rest) = request.split_at(request.len() / 3);
        let (second, third) = rest.split_at(rest.len() / 2);
        for part in [first, second] {
            connection.write(part).await;
            pause().await;
        }
        // The end of one request and the start of the next in one piece.
        connection.write(&format!("{third}DELETE /x HTTP/1.1\r\nHo")).await;
        assert_eq!(connection.answer().await.unwrap().status, status);
        pause().await;
        connection.write("st: t\r\n\r\n").await;
        connection.answer().await.unwrap().assert_error(ErrorCode::NotFound);
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_the_timeout_of_a_head() {
    let server = Server::start(&["--read-timeout-ms", "1500"]).await;
    let (mut new, mut used) = (Connection::open(server.address).await, Connection::open(server.address).await);
    used.call(HEALTH).await.unwrap().assert_no_content();
    for connection in [&mut new, &mut used] {
        assert!(tokio::time::timeout(LONG, connection.is_closed()).await.expect("it stays open"));
    }
}

#[tokio::test]
async fn a_head_may_not_take_longer_than_its_timeout_however_it_is_cut() {
    let server = Server::start(&["--read-timeout-ms", "2500"]).await;
    let mut connection = Connection::open(server.address).await;
    let started = Instant::now();
    connection.write("DELETE /x HTTP/1.1\r\n").await;
    let mut open = 0;
    while started.elapsed() < LONG {
        tokio::time::sleep(Duration::from_millis(300)).await;
        if connection.try_write("X: y\r\n").await.is_none() {
            break;
        }
        open += 1;
    }
    assert!(started.elapsed() < LONG, "it is never closed: {open}");
}
