//! A network between a server and its database that loses connections, or what is sent on them.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Forwards connections to the database of a URL.
pub(crate) struct Proxy {
    url: String,
    network: watch::Sender<Network>,
}

#[derive(Clone, Copy, Default)]
struct Network {
    /// How many connections there have been.
    opened: usize,
    /// Nothing arrives any more on the connections before this one.
    silent_before: usize,
    /// The connections before this one are closed.
    closed_before: usize,
}

impl Proxy {
    pub(crate) async fn before(url: &str) -> Self {
        let (scheme_and_user, rest) = url.split_once('@').unwrap();
        let (target, database) = rest.split_once('/').unwrap();
        let target: SocketAddr = target.parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("{scheme_and_user}@{}/{database}", listener.local_addr().unwrap());
        let network = watch::Sender::new(Network::default());
        let connections = network.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(target).await else { continue };
                let mut number = 0;
                connections.send_modify(|network| {
                    number = network.opened;
                    network.opened += 1;
                });
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                tokio::spawn(forward(number, from_client, to_server, connections.subscribe()));
                tokio::spawn(forward(number, from_server, to_client, connections.subscribe()));
            }
        });
        Self { url, network }
    }

    /// The database, through this proxy.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// How many connections there have been.
    pub(crate) fn opened(&self) -> usize {
        self.network.borrow().opened
    }

    /// Nothing arrives any more on the connections that there are, as after a failover. New ones work.
    pub(crate) fn silence_open_connections(&self) {
        self.network.send_modify(|network| network.silent_before = network.opened);
    }

    /// Nothing arrives any more, on no connection.
    pub(crate) fn silence(&self) {
        self.network.send_modify(|network| network.silent_before = usize::MAX);
    }

    /// Everything arrives again, on time or late.
    pub(crate) fn resume(&self) {
        self.network.send_modify(|network| network.silent_before = 0);
    }

    /// Closes the connections that there are.
    pub(crate) fn close_open_connections(&self) {
        self.network.send_modify(|network| network.closed_before = network.opened);
    }
}

async fn forward(
    number: usize,
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut network: watch::Receiver<Network>,
) {
    let mut closing = network.clone();
    let copy = async {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            if network.wait_for(|network| network.silent_before <= number).await.is_err() {
                break;
            }
            if to.write_all(&buffer[..length]).await.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        () = copy => {}
        _ = closing.wait_for(|network| network.closed_before > number) => {}
    }
}
