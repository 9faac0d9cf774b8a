//! The published documents and the page, as files.

use std::io::Read as _;
use std::net::SocketAddr;

use flate2::read::GzDecoder;
use freddy_types::ErrorCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Answer, Server};

/// Every file.
const FILES: [(&str, &str); 3] =
    [("/openapi.json", "application/json"), ("/openapi.yaml", "application/yaml"), ("/docs/", "text/html")];

/// The whole answer, with no more of a body than was sent.
async fn call(address: SocketAddr, method: &str, path: &str, headers: &str) -> Answer {
    let request = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{headers}\r\n");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let (status, headers) = head.split_once("\r\n").unwrap();
    let headers = headers.lines().map(|line| line.split_once(": ").unwrap());
    Answer {
        status: status.split(' ').nth(1).unwrap().parse().unwrap(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body: bytes[end + 4..].to_vec(),
    }
}

#[tokio::test]
async fn every_file_has_a_tag_a_compressed_form_and_safe_headers() {
    let server = Server::start(&[]).await;
    for (path, content_type) in FILES {
        let plain = call(server.address, "GET", path, "").await;
        let compressed = call(server.address, "GET", path, "Accept-Encoding: br, gzip\r\n").await;
        let head = call(server.address, "HEAD", path, "Accept-Encoding: gzip\r\n").await;
        let tags = [&plain, &compressed].map(|answer| answer.header("etag").unwrap().to_owned());
        assert_ne!(tags[0], tags[1], "{path}");
        assert_eq!(plain.header("content-encoding"), None, "{path}");
        assert_eq!(compressed.header("content-encoding"), Some("gzip"), "{path}");
        let mut decoded = Vec::new();
        GzDecoder::new(compressed.body.as_slice()).read_to_end(&mut decoded).unwrap();
        assert!(!plain.body.is_empty() && decoded == plain.body, "{path}");
        // All of it is the same, but for what differs between any two answers.
        let comparable = |answer: &Answer| {
            let own = ["date", "x-request-id"];
            let headers = answer.headers.iter().filter(|(name, _)| !own.contains(&name.as_str()));
            headers.cloned().collect::<Vec<_>>()
        };
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        assert_eq!(comparable(&head), comparable(&compressed), "{path}");

        for (answer, tag) in [(&plain, &tags[0]), (&compressed, &tags[1])] {
            assert_eq!(answer.status, 200);
            assert!(answer.header("content-type").unwrap().starts_with(content_type), "{path}: {:?}", answer.headers);
            assert_eq!(answer.header("content-length"), Some(&*answer.body.len().to_string()));
            let encoding = if *tag == tags[1] { "Accept-Encoding: gzip\r\n" } else { "" };
            for method in ["GET", "HEAD"] {
                let conditions = format!("If-None-Match: \"other\", W/{tag}\r\n{encoding}");
                let unchanged = call(server.address, method, path, &conditions).await;
                assert_eq!((unchanged.status, unchanged.body.len()), (304, 0), "{path}");
                assert_eq!(unchanged.header("etag"), Some(tag.as_str()));
                assert_eq!(unchanged.header("content-type"), None);
                assert_safe(&unchanged);
            }
            assert_safe(answer);
        }
        // What the one coding has is no answer to who asks for the other.
        let other = call(server.address, "GET", path, &format!("If-None-Match: {}\r\n", tags[1])).await;
        assert_eq!(other.status, 200);
    }
}

#[track_caller]
fn assert_safe(answer: &Answer) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cache-control", "no-cache"),
        ("vary", "Accept-Encoding"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}: {:?}", answer.headers);
    }
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; ") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe-"), "{policy}");
    assert!(!policy.contains("http") && !policy.contains('*'), "{policy}");
}

#[tokio::test]
async fn other_pages_may_read_the_published_documents_only() {
    let server = Server::start(&[]).await;
    for (path, _) in FILES {
        let is_published = path.starts_with("/openapi.");
        let origin = is_published.then_some("*");
        let policy = if is_published { "cross-origin" } else { "same-origin" };
        for method in ["GET", "OPTIONS"] {
            let answer = call(server.address, method, path, "Origin: https://elsewhere.example\r\n").await;
            assert_eq!(answer.header("access-control-allow-origin"), origin, "{method} {path}");
            assert_eq!(answer.header("cross-origin-resource-policy"), Some(policy), "{method} {path}");
            assert_eq!(answer.header("access-control-allow-credentials"), None);
        }
    }
}

#[tokio::test]
async fn files_are_only_read_and_the_page_has_one_address() {
    let server = Server::start(&[]).await;
    for path in FILES.map(|(path, _)| path).into_iter().chain(["/docs"]) {
        let options = call(server.address, "OPTIONS", path, "").await;
        assert_eq!((options.status, options.header("allow")), (204, Some("GET, HEAD, OPTIONS")), "{path}");
        let post = server.call("POST", path, "Content-Length: 0\r\n").await;
        post.assert_error(ErrorCode::MethodNotAllowed);
        let allowed = post.header("allow").unwrap();
        assert!(["GET", "HEAD", "OPTIONS"].iter().all(|method| allowed.contains(method)), "{path}: {allowed}");
    }
    for method in ["GET", "HEAD"] {
        let answer = call(server.address, method, "/docs", "").await;
        assert_eq!((answer.status, answer.header("location")), (307, Some("/docs/")));
    }
    server.call("GET", "/docs/index.css", "").await.assert_error(ErrorCode::NotFound);
}

#[tokio::test]
async fn without_documents_there_is_nothing_at_their_paths() {
    let server = Server::start(&["--docs", "false"]).await;
    for path in FILES.map(|(path, _)| path).into_iter().chain(["/docs"]) {
        server.call("GET", path, "").await.assert_error(ErrorCode::NotFound);
    }
    server.delete("pcon_abc123").await.assert_no_content();
}

#[tokio::test]
async fn what_a_caller_asks_of_the_coding_is_never_an_error() {
    let server = Server::start(&[]).await;
    for line in ["gzip;q=0, identity;q=0", "*;q=0", "gzip;q=nan, ;;;,=", "\u{e4}\u{f6}", &"gzip;q=0,".repeat(1000)] {
        let answer = call(server.address, "GET", "/docs/", &format!("Accept-Encoding: {line}\r\n")).await;
        assert_eq!((answer.status, answer.header("content-encoding")), (200, None), "{line:.40}");
    }
}
