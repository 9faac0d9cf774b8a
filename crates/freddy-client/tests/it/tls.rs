//! Servers that speak TLS: what does not mend is not tried again, and a silent connection is left behind.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use freddy_client::{Client, ClientBuilder, ErrorKind, RetryPolicy};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::server::TlsStream;

use crate::support::{Connection, KEY, NO_CONTENT, Stub, Watchdog, chain, id, tls_server, within_reason};

fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

/// An acceptor with a certificate of this authority.
fn acceptor(
    authority: KeyPair,
    change: impl FnOnce(&mut CertificateParams),
    name: &str,
    protocol: &str,
) -> TlsAcceptor {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &Issuer::new(authority_params(), authority)).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = tls_server().with_no_client_auth();
    let mut config = config.with_single_cert(vec![certificate.der().clone()], key).unwrap();
    config.alpn_protocols = vec![protocol.into()];
    TlsAcceptor::from(Arc::new(config))
}

/// Serves each connection with its number, and counts them.
async fn serve<F: Future<Output = ()> + Send + 'static>(
    acceptor: TlsAcceptor,
    serve: impl Fn(usize, TlsStream<TcpStream>) -> F + Send + 'static,
) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::<AtomicUsize>::default();
    tokio::spawn({
        let connections = Arc::clone(&connections);
        async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let number = connections.fetch_add(1, Ordering::Relaxed);
                if let Ok(stream) = acceptor.accept(stream).await {
                    tokio::spawn(serve(number, stream));
                }
            }
        }
    });
    (address, connections)
}

/// Answers the first requests on an HTTP/2 connection, and is silent from then on.
async fn answer_first(requests: usize, stream: TlsStream<TcpStream>) {
    let mut connection = h2::server::handshake(stream).await.unwrap();
    let mut unanswered = Vec::new();
    let mut number = 0;
    while let Some(Ok((_, mut respond))) = connection.accept().await {
        if number < requests {
            respond.send_response(http::Response::builder().status(204).body(()).unwrap(), true).unwrap();
        } else {
            unanswered.push(respond);
        }
        number += 1;
    }
}

fn client(address: SocketAddr, change: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Client {
    let builder = Client::builder().api_key(KEY).base_url(format!("https://localhost:{}", address.port()));
    change(builder.retry(RetryPolicy::new().initial_backoff(Duration::from_millis(2)))).build().unwrap()
}

async fn assert_lasting(address: SocketAddr, fault: &str) {
    let error = within_reason(client(address, |builder| builder).disconnect_connector(&id())).await.unwrap_err();
    assert_eq!(error.to_string(), format!("disconnectConnector failed: no secure connection: {fault}"));
    assert_eq!((error.kind(), error.is_retryable(), error.attempts()), (ErrorKind::Transport, false, 1));
    assert!(!error.may_have_happened() && chain(&error).len() >= 3, "{:?}", chain(&error));
}

#[tokio::test]
async fn a_certificate_of_an_unknown_issuer_ends_the_call() {
    let acceptor = acceptor(KeyPair::generate().unwrap(), |_| (), "localhost", "http/1.1");
    let (address, connections) = serve(acceptor, |_, _| async {}).await;
    assert_lasting(address, "the server's certificate is from an issuer that is not trusted here").await;
    assert_eq!(connections.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_server_without_tls_ends_the_call() {
    for greeting in ["HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH_9.9\r\n"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                tokio::io::AsyncWriteExt::write_all(&mut stream, greeting.as_bytes()).await.unwrap();
                // The kernel would throw away what was sent if the client's greeting stayed unread.
                let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 4096]).await;
            }
        });
        assert_lasting(address, "the server does not speak TLS").await;
    }
}

#[tokio::test]
async fn a_handshake_that_breaks_off_is_tried_again() {
    let stub = Stub::start(vec![Connection::refuse(), Connection::default()]).await;
    let address = stub.url().strip_prefix("http://").unwrap().parse().unwrap();
    let error = within_reason(client(address, |builder| builder).disconnect_connector(&id())).await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable(), error.attempts()), (ErrorKind::Transport, true, 4));
}

/// Runs an ignored test of this module in a process that trusts the authority whose key that test gets from [`trusted`].
#[cfg(target_os = "linux")]
async fn in_a_trusting_process(test: &'static str) {
    let key = KeyPair::generate().unwrap();
    let certificate = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}-{}.pem", std::process::id()));
    std::fs::write(&certificate, authority_params().self_signed(&key).unwrap().pem()).unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("tls::{test}"), "--ignored", "--nocapture"]);
    command.env("SSL_CERT_FILE", &certificate).env("AUTHORITY_KEY", key.serialize_pem()).env("NO_PROXY", "localhost");
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    std::fs::remove_file(certificate).unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}{}", String::from_utf8_lossy(&output.stderr));
}

fn trusted() -> KeyPair {
    KeyPair::from_pem(&std::env::var("AUTHORITY_KEY").unwrap()).unwrap()
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_certificate_that_does_not_fit_ends_the_call() {
    in_a_trusting_process("child_meets_certificates").await;
}

#[tokio::test]
#[ignore = "run by a_certificate_that_does_not_fit_ends_the_call"]
async fn child_meets_certificates() {
    let _watchdog = Watchdog::last_resort();
    type Change = fn(&mut CertificateParams);
    let cases: [(Change, &str, &str); 3] = [
        (|_| (), "other.example", "the server's certificate is for another name"),
        (|params| params.not_after = date_time_ymd(2020, 1, 1), "localhost", "the server's certificate has expired"),
        (
            |params| params.not_before = date_time_ymd(3000, 1, 1),
            "localhost",
            "the server's certificate is not valid yet",
        ),
    ];
    for (change, name, fault) in cases {
        let (address, connections) = serve(acceptor(trusted(), change, name, "http/1.1"), |_, _| async {}).await;
        assert_lasting(address, fault).await;
        assert_eq!(connections.load(Ordering::Relaxed), 1);
    }
    // The one that fits, so that it is not the authority that is refused.
    let fits = acceptor(trusted(), |_| (), "localhost", "http/1.1");
    let (address, _) = serve(fits, |_, mut stream| async move {
        tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 4096]).await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, NO_CONTENT.as_bytes()).await.unwrap();
    })
    .await;
    within_reason(client(address, |builder| builder).disconnect_connector(&id())).await.unwrap();
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn an_http_2_connection_that_fell_silent_is_left_behind() {
    in_a_trusting_process("child_meets_silence").await;
}

#[tokio::test]
#[ignore = "run by an_http_2_connection_that_fell_silent_is_left_behind"]
async fn child_meets_silence() {
    let _watchdog = Watchdog::last_resort();
    let short = |builder: ClientBuilder| builder.attempt_timeout(Duration::from_millis(500));
    for answered in [0, 1, 3] {
        let acceptor = acceptor(trusted(), |_| (), "localhost", "h2");
        let (address, connections) = serve(acceptor, move |number, stream| {
            answer_first(if number == 0 { answered } else { usize::MAX }, stream)
        })
        .await;
        let client = client(address, short);
        for _ in 0..answered {
            within_reason(client.disconnect_connector(&id())).await.unwrap();
        }
        assert_eq!(connections.load(Ordering::Relaxed), answered.min(1), "one connection carries them all");
        for _ in 0..3 {
            within_reason(client.disconnect_connector(&id())).await.unwrap();
        }
        assert_eq!(connections.load(Ordering::Relaxed), 2, "after {answered}");
    }
}
