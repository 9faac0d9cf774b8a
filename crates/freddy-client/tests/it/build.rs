//! What a client can be built from.

use std::ffi::OsStr;
use std::process::{Command, Output};
use std::time::Duration;

use freddy_client::{BuildError, Client, ClientBuilder, InvalidBaseUrl};

use crate::support::{Connection, NO_CONTENT, Stub, builder, chain, disconnect, id};

fn failed(builder: ClientBuilder) -> BuildError {
    builder.build().unwrap_err()
}

fn with_base_url(url: &str) -> ClientBuilder {
    Client::builder().api_key("key").base_url(url)
}

#[test]
fn a_credential_is_required_and_has_to_be_visible_ascii() {
    assert!(matches!(failed(Client::builder()), BuildError::MissingCredential));
    assert!(matches!(failed(Client::builder().api_key("")), BuildError::EmptyCredential));
    assert!(matches!(failed(Client::builder().bearer_token("")), BuildError::EmptyCredential));
    for (key, expected) in [("key\n", 3), ("k\0y", 1), ("kéy", 1), (" key", 0), ("two words", 3), ("key\r\nX: y", 3)] {
        let error = failed(Client::builder().api_key(key));
        assert!(matches!(error, BuildError::InvalidCredential { position } if position == expected), "{error}");
    }
    let error = failed(Client::builder().api_key("secret\n"));
    assert_eq!(error.to_string(), "the API key or token has a character that is not visible ASCII, after 6 bytes");
    assert!(!format!("{error:?}").contains("secret"));
}

#[test]
fn a_base_url_is_a_scheme_a_host_and_perhaps_a_port_and_a_path() {
    for (url, expected) in [
        ("ftp://api.aitronos.com", InvalidBaseUrl::Scheme),
        ("data:text/plain,x", InvalidBaseUrl::Scheme),
        ("https://user@api.aitronos.com", InvalidBaseUrl::Userinfo),
        ("https://:hunter22@api.aitronos.com", InvalidBaseUrl::Userinfo),
        ("https://api.aitronos.com?x", InvalidBaseUrl::Query),
        ("https://api.aitronos.com/?", InvalidBaseUrl::Query),
        ("https://api.aitronos.com/#", InvalidBaseUrl::Fragment),
    ] {
        let error = failed(with_base_url(url));
        assert!(matches!(&error, BuildError::InvalidBaseUrl(reason) if *reason == expected), "{url}: {error:?}");
        assert_eq!(chain(&error)[0], "the base URL cannot be used");
        assert!(!chain(&error).concat().contains("hunter22") && !format!("{error:?}").contains("hunter22"));
    }
    for url in ["", "api.aitronos.com", "/v1", "https://", "https://a b", "http://[::1", "https://x:99999"] {
        let error = failed(with_base_url(url));
        assert!(matches!(&error, BuildError::InvalidBaseUrl(InvalidBaseUrl::Syntax { .. })), "{url}: {error:?}");
    }
}

#[test]
fn plain_http_to_another_machine_has_to_be_allowed() {
    let error = failed(with_base_url("http://api.aitronos.com"));
    assert!(matches!(error, BuildError::InsecureHttp));
    with_base_url("http://api.aitronos.com").allow_insecure_http().build().unwrap();
    with_base_url("http://localhost:8080").build().unwrap();
    with_base_url("http://[::1]:8080/prefix").build().unwrap();
}

#[test]
fn a_timeout_of_zero_is_refused() {
    let zero = Duration::ZERO;
    for (builder, expected) in [
        (with_base_url("https://x").connect_timeout(zero), "connect_timeout"),
        (with_base_url("https://x").attempt_timeout(zero), "attempt_timeout"),
        (with_base_url("https://x").deadline(zero), "deadline"),
    ] {
        let error = failed(builder);
        assert_eq!(error.to_string(), format!("`{expected}` is zero"));
    }
}

#[tokio::test]
async fn an_endless_timeout_never_passes() {
    let stub = Stub::start(vec![Connection::send(NO_CONTENT)]).await;
    let endless = Duration::MAX;
    let client = builder(&stub).connect_timeout(endless).attempt_timeout(endless).deadline(endless).build().unwrap();
    client.disconnect_connector(&id()).await.unwrap();
}

/// Runs an ignored test of this module in a separate process, since the environment of a process cannot be changed safely.
fn in_environment(test: &str, change: impl FnOnce(&mut Command) -> &mut Command) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("build::{test}"), "--ignored", "--nocapture"]);
    change(&mut command).output().unwrap()
}

fn from_env_with(variables: &[(&str, Option<&OsStr>)]) -> String {
    let output = in_environment("child_builds_from_env", |command| {
        for (name, value) in variables {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    });
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| Some(line.split_once("built: ")?.1.to_owned())).unwrap()
}

fn with_key(key: Option<&OsStr>) -> String {
    from_env_with(&[("FREDDY_API_KEY", key), ("FREDDY_BASE_URL", None)])
}

fn with_url(url: &OsStr) -> String {
    from_env_with(&[("FREDDY_API_KEY", Some("planted_key".as_ref())), ("FREDDY_BASE_URL", Some(url))])
}

#[test]
#[ignore = "run by the tests of the environment"]
fn child_builds_from_env() {
    match Client::from_env() {
        Ok(client) => println!("built: {client:?}"),
        Err(error) => println!("built: {} {error:?}", chain(&error).join(" / ")),
    }
}

#[test]
fn the_key_comes_from_the_environment() {
    let built = with_key(Some("planted_key".as_ref()));
    assert!(built.starts_with("Client { credential: Credential(ApiKey, [redacted])"), "{built}");
    assert!(built.contains("base_url: \"https://api.aitronos.com\""), "{built}");
    assert!(with_key(None).starts_with("environment variable FREDDY_API_KEY is not set "));
    let empty = with_key(Some("".as_ref()));
    assert!(empty.starts_with("environment variable FREDDY_API_KEY cannot be used / the API key or token is empty "));
    #[cfg(unix)]
    {
        let built = with_key(Some(std::os::unix::ffi::OsStrExt::from_bytes(b"planted\xff")));
        assert!(
            built.starts_with(
                "environment variable FREDDY_API_KEY cannot be used / \
                 the API key or token has a character that is not visible ASCII, after 7 bytes "
            ),
            "{built}"
        );
        assert!(!built.contains("planted"), "{built}");
    }
}

#[test]
fn the_base_url_comes_from_the_environment() {
    let built = with_url("http://127.0.0.1:8080/freddy".as_ref());
    assert!(built.contains("base_url: \"http://127.0.0.1:8080/freddy\""), "{built}");
    for (url, reason) in [
        ("ftp://planted_key.example", "the base URL cannot be used / it does not start with `https://` or `http://` "),
        ("https://planted_key@x", "the base URL cannot be used / it has a user name or password "),
        ("", "the base URL cannot be used / relative URL without a base "),
        ("http://planted_key.example", "the base URL is plain HTTP to another machine"),
    ] {
        let built = with_url(url.as_ref());
        let expected = format!("environment variable FREDDY_BASE_URL cannot be used / {reason}");
        assert!(built.starts_with(&expected), "{url}: {built}");
        assert!(!built.contains("planted_key"), "{built}");
    }
    #[cfg(unix)]
    {
        let built = with_url(std::os::unix::ffi::OsStrExt::from_bytes(b"https://x/\xff"));
        assert!(built.contains("FREDDY_BASE_URL") && built.contains("it is not Unicode"), "{built}");
    }
}

#[tokio::test]
#[ignore = "run by plain_http_to_this_machine_uses_no_proxy"]
async fn child_calls_this_machine() {
    let played = disconnect(vec![Connection::send(NO_CONTENT)]).await;
    played.result.unwrap();
}

#[tokio::test]
async fn plain_http_to_this_machine_uses_no_proxy() {
    let proxy = Stub::start(vec![]).await;
    let url = proxy.url();
    let output = tokio::task::spawn_blocking(move || {
        in_environment("child_calls_this_machine", |command| {
            command.env("HTTP_PROXY", &url).env("http_proxy", &url).env("ALL_PROXY", &url).env_remove("NO_PROXY")
        })
    });
    assert!(output.await.unwrap().status.success());
    assert_eq!(proxy.connections(), 0);
}
