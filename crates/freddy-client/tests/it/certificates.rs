//! Certificates, against a server whose authority nobody else knows.

use std::sync::Arc;
use std::time::Duration;

use freddy_client::reqwest::{Certificate, Identity};
use freddy_client::{Client, ClientBuilder, Error, ErrorKind, RetryPolicy};
use rcgen::{BasicConstraints, CertificateParams, CertifiedKey, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::WebPkiClientVerifier;

use crate::support::{KEY, NO_CONTENT, chain, id, tls_server, within_reason};

/// An authority that issues certificates for `localhost`.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: rcgen::Certificate,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self { issuer: Issuer::new(params, key), certificate }
    }

    fn issue(&self) -> CertifiedKey<KeyPair> {
        let signing_key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        CertifiedKey { cert: params.signed_by(&signing_key, &self.issuer).unwrap(), signing_key }
    }

    fn certificate(&self) -> Certificate {
        Certificate::from_der(self.certificate.der()).unwrap()
    }

    fn identity(&self) -> Identity {
        let issued = self.issue();
        Identity::from_pem((issued.cert.pem() + &issued.signing_key.serialize_pem()).as_bytes()).unwrap()
    }
}

/// Serves on this machine by TLS, and asks for a certificate of the client if it should. Returns the base URL.
async fn serve(authority: &Authority, asks_for_certificate: bool) -> String {
    let config = tls_server();
    let config = if asks_for_certificate {
        let mut roots = RootCertStore::empty();
        roots.add(authority.certificate.der().clone()).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(config.crypto_provider()));
        config.with_client_cert_verifier(verifier.build().unwrap())
    } else {
        config.with_no_client_auth()
    };
    let issued = authority.issue();
    let (certificate, key) = (issued.cert.der().clone(), issued.signing_key.serialize_der());
    let key = PrivateKeyDer::try_from(key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config.with_single_cert(vec![certificate], key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let Ok(byte) = stream.read_u8().await else { break };
                head.push(byte);
            }
            let _ = stream.write_all(NO_CONTENT.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    url
}

async fn call(
    asks_for_certificate: bool,
    set_up: impl FnOnce(ClientBuilder, &Authority) -> ClientBuilder,
) -> Result<(), Error> {
    let authority = Authority::new();
    let url = serve(&authority, asks_for_certificate).await;
    let builder = Client::builder().api_key(KEY).base_url(url).retry(RetryPolicy::never()).no_proxy();
    let client = set_up(builder.connect_timeout(Duration::from_secs(20)), &authority).build().unwrap();
    within_reason(client.disconnect_connector(&id())).await.map(|_| ())
}

#[tokio::test]
async fn an_authority_has_to_be_known() {
    let error = call(false, |builder, _| builder).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(chain(&error).concat().to_lowercase().contains("certificate"), "{:?}", chain(&error));
    call(false, |builder, authority| builder.root_certificate(authority.certificate())).await.unwrap();
    call(false, |builder, authority| builder.only_root_certificates([authority.certificate()])).await.unwrap();
    call(false, |builder, _| builder.only_root_certificates([Authority::new().certificate()])).await.unwrap_err();
}

#[tokio::test]
async fn a_client_may_have_a_certificate_of_its_own() {
    call(true, |builder, authority| builder.root_certificate(authority.certificate())).await.unwrap_err();
    let with_identity = |builder: ClientBuilder, authority: &Authority| {
        builder.root_certificate(authority.certificate()).identity(authority.identity())
    };
    call(true, with_identity).await.unwrap();
}

#[tokio::test]
#[ignore = "run by only_means_without_those_of_the_system"]
async fn child_trusts_the_system_or_not() {
    let url = std::env::var("FREDDY_BASE_URL").unwrap();
    let builder = || Client::builder().api_key(KEY).base_url(&url).retry(RetryPolicy::never()).no_proxy();
    let of_system = builder().build().unwrap();
    within_reason(of_system.disconnect_connector(&id())).await.unwrap();
    let others = builder().only_root_certificates([Authority::new().certificate()]).build().unwrap();
    within_reason(others.disconnect_connector(&id())).await.unwrap_err();
}

/// In a separate process, since the environment of a process cannot be changed safely.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn only_means_without_those_of_the_system() {
    let authority = Authority::new();
    let url = serve(&authority, false).await;
    let file = std::env::temp_dir().join(format!("freddy-client-{}.pem", std::process::id()));
    std::fs::write(&file, authority.certificate.pem()).unwrap();
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "certificates::child_trusts_the_system_or_not", "--ignored", "--nocapture"]);
    command.env("SSL_CERT_FILE", &file).env_remove("SSL_CERT_DIR").env("FREDDY_BASE_URL", url);
    let output = within_reason(tokio::task::spawn_blocking(move || command.output().unwrap())).await.unwrap();
    std::fs::remove_file(file).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
