//! The command, run against clients: good ones keep the cases, and each planted fault is found by the case that names it.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const CONFORMANCE: &str = env!("CARGO_BIN_EXE_freddy-conformance");

fn adapter(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters").join(name)
}

/// Runs a client with these options.
fn run(options: &[&str], command: &[&str]) -> Output {
    Command::new(CONFORMANCE).arg("client").args(options).arg("--").args(command).output().unwrap()
}

#[track_caller]
fn assert_passes(output: &Output) {
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
}

/// Whether a program runs at all; if not, says what is skipped.
fn has(program: &str, argument: &str) -> bool {
    let found = Command::new(program).arg(argument).output().is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("skipped: there is no {program} here");
    }
    found
}

#[test]
fn freddy_client_keeps_every_case() {
    // Cargo builds the examples of a package before its tests, beside its programs.
    let client = Path::new(CONFORMANCE).with_file_name("examples").join("freddy_client");
    let output = run(&["--level", "may"], &[client.to_str().unwrap()]);
    assert_passes(&output);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!text.contains("was not told"), "{text}");
}

#[test]
fn a_small_client_in_python_keeps_what_it_must() {
    if has("python3", "--version") {
        assert_passes(&run(&["--level", "must"], &["python3", adapter("adapter.py").to_str().unwrap()]));
    }
}

#[test]
fn a_small_client_in_go_keeps_what_it_must() {
    if has("go", "version") {
        let folder = TempDir::new().unwrap();
        let program = folder.path().join("adapter");
        let build =
            Command::new("go").arg("build").arg("-o").arg(&program).arg(adapter("adapter.go")).output().unwrap();
        assert!(build.status.success(), "{}", String::from_utf8_lossy(&build.stderr));
        assert_passes(&run(&["--level", "must"], &[program.to_str().unwrap()]));
    }
}

#[test]
fn a_small_client_in_typescript_keeps_what_it_must() {
    // From Node 22.6 on; what is older needs a compiler.
    const STRIP: &str = "--experimental-strip-types";
    if !Command::new("node").args([STRIP, "--version"]).output().is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: there is no Node that reads TypeScript here");
        return;
    }
    let folder = TempDir::new().unwrap();
    let program = folder.path().join("adapter.mts");
    fs::copy(adapter("adapter.ts"), &program).unwrap();
    assert_passes(&run(&["--level", "must"], &["node", STRIP, program.to_str().unwrap()]));
}

/// A fault in the client in Python: what is replaced, by what, and the case that finds it.
const FAULTS: &[(&str, &str, &str)] = &[
    (
        "error.get(name) for name in (\"code\"",
        "\"FORBIDDEN\" if name == \"code\" else error.get(name) for name in (\"code\"",
        "unknown-code",
    ),
    ("error = body[\"error\"] if", "error = body[\"errors\"] if", "documented-403-forbidden"),
    (
        "error = body[\"error\"] if",
        "assert set(body) == {\"success\", \"error\"}; error = body[\"error\"] if",
        "unknown-field-beside-error",
    ),
    ("LookupError, TypeError", "LookupError", "json-number"),
    ("(OSError, ValueError,", "(OSError,", "html-502"),
    ("ValueError, LookupError, TypeError, RecursionError", "ValueError, LookupError, TypeError", "deep-lists"),
    (
        "answer.headers.get(\"X-Request-Id\") or error.get(\"trace_id\")",
        "error.get(\"trace_id\")",
        "request-id-of-html",
    ),
    (
        "answer.headers.get(\"X-Request-Id\") or error.get(\"trace_id\")",
        "error.get(\"trace_id\") or answer.headers.get(\"X-Request-Id\")",
        "request-id-in-header-and-body",
    ),
    ("\"status\": status", "\"status\": error.get(\"status\", status)", "status-of-response-counts"),
    ("name == \"details\" or isinstance(value, str)", "isinstance(value, str)", "unknown-details"),
    ("if answer.status == 204 else \"failure\"", "if answer.status < 300 else \"failure\"", "unexpected-200"),
    ("r\"pcon_[0-9A-Za-z]{1,64}\"", "r\".*\"", "disconnect-connector-connector-id-with-slash"),
    ("r\"pcon_[0-9A-Za-z]{1,64}\"", "r\".*\"", "disconnect-connector-connector-id-two-dots"),
    (
        "re.fullmatch(r\"pcon_[0-9A-Za-z]{1,64}\"",
        "re.match(r\"pcon_[0-9A-Za-z]{1,64}$\"",
        "disconnect-connector-connector-id-with-line-feed",
    ),
    ("{1,64}", "{1,63}", "disconnect-connector-connector-id-longest"),
    ("{1,64}", "{1,65}", "disconnect-connector-connector-id-too-long"),
    ("method=\"DELETE\"", "method=\"POST\"", "disconnect-connector-connector-id-example"),
    ("/v1/personal-connectors/", "/v1/personal-connectors//", "disconnect-connector-connector-id-example"),
    ("\"Bearer {}\"", "\"Token {}\"", "disconnect-connector-credential-bearer-auth"),
    (
        "    try:\n        with",
        "    request.add_header(\"Authorization\", case[\"credential\"][\"key\"])\n    try:\n        with",
        "disconnect-connector-credential-api-key-auth",
    ),
    (
        "    try:\n        with",
        "    request.data = b\"{}\"\n    try:\n        with",
        "disconnect-connector-connector-id-example",
    ),
    ("ITIMER_REAL, case[\"deadline_ms\"] / 1000", "ITIMER_REAL, 8", "call-deadline-of-silent-server"),
    (
        "    signal.setitimer(signal.ITIMER_REAL, case[\"deadline_ms\"] / 1000)\n    try:\n        with urllib.request.urlopen(request)",
        "    try:\n        with urllib.request.urlopen(request, timeout=case[\"deadline_ms\"] / 1000)",
        "call-deadline-of-dripping-body",
    ),
    (
        "return {\"outcome\": \"refused\"}",
        "return {\"outcome\": \"success\", \"status\": 204}",
        "disconnect-connector-connector-id-too-long",
    ),
    (
        "        return {\"outcome\": \"failure\"} | read(answer, answer.code)",
        "        if case[\"retry\"] and not case.get(\"again\"):\n            return call(case | {\"again\": True})\n        return {\"outcome\": \"failure\"} | read(answer, answer.code)",
        "call-403-once",
    ),
    (
        "        return {\"outcome\": \"failure\"} | read(answer, answer.code)",
        "        if case[\"retry\"] and answer.code == 429 and not case.get(\"again\"):\n            return call(case | {\"again\": True})\n        return {\"outcome\": \"failure\"} | read(answer, answer.code)",
        "call-429-waits-for-header",
    ),
    (
        "        return {\"outcome\": \"failure\"} | read(answer, answer.code)",
        "        if case[\"retry\"] and answer.code == 500 and case.get(\"again\", 0) < 50:\n            return call(case | {\"again\": case.get(\"again\", 0) + 1})\n        return {\"outcome\": \"failure\"} | read(answer, answer.code)",
        "call-500-forever",
    ),
    (
        "    except urllib.error.HTTPError as answer:",
        "    except urllib.error.HTTPError as answer:\n        if answer.code in (301, 302, 303, 307, 308):\n            return call(case | {\"base_url\": answer.headers[\"Location\"].split(\"/v1/\")[0]})",
        "call-redirect-307",
    ),
    (
        "    except urllib.error.HTTPError as answer:",
        "    except urllib.error.HTTPError as answer:\n        if answer.code in (301, 302, 303, 307, 308):\n            return call(case | {\"base_url\": answer.headers[\"Location\"].split(\"/v1/\")[0]})",
        "call-redirect-302-bearer",
    ),
    ("    print(json", "    print(\"hello\")\n    print(json", "success-204"),
    ("    print(json.dumps(call(json.loads(line))), flush=True)", "    sys.exit(3)", "success-204"),
    ("    print(json.dumps(call(json.loads(line))), flush=True)", "    pass", "success-204"),
];

#[test]
fn each_planted_fault_is_found_by_the_case_that_names_it() {
    if !has("python3", "--version") {
        return;
    }
    let good = fs::read_to_string(adapter("adapter.py")).unwrap();
    let failed = |source: &str, only: &str| {
        let folder = TempDir::new().unwrap();
        let (program, results) = (folder.path().join("adapter.py"), folder.path().join("results.json"));
        fs::write(&program, source).unwrap();
        let options = ["--only", only, "--timeout", "5", "--json", results.to_str().unwrap()];
        run(&options, &["python3", program.to_str().unwrap()]);
        let results: Value = serde_json::from_str(&fs::read_to_string(&results).unwrap()).unwrap();
        let rows = results["cases"].as_array().unwrap().iter().filter(|row| row["result"] == "failed");
        rows.map(|row| row["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let failed_without_a_fault = failed(&good, "");
    let is_found = |(old, new, case): &(&str, &str, &str)| {
        let faulty = good.replacen(old, new, 1);
        assert_ne!(faulty, good, "the fault cannot be planted: {old}");
        assert!(!failed_without_a_fault.contains(&(*case).to_owned()), "{case} without a fault");
        assert!(failed(&faulty, case).contains(&(*case).to_owned()), "{case}: {new}");
    };
    // Most of the time is waited for what a faulty client does too late or never.
    std::thread::scope(|scope| {
        for faults in FAULTS.chunks(FAULTS.len().div_ceil(8)) {
            scope.spawn(move || faults.iter().for_each(is_found));
        }
    });
}

#[test]
fn a_scaled_run_takes_less_time_and_the_client_is_told_so() {
    if !has("python3", "--version") {
        return;
    }
    let source = r#"
import json, sys, time, urllib.request, urllib.error
for line in sys.stdin:
    case = json.loads(line)
    request = urllib.request.Request(case["base_url"] + "/v1/x", method="DELETE")
    for attempt in range(2):
        try:
            told = {"outcome": "success", "status": urllib.request.urlopen(request).status}
        except urllib.error.HTTPError as error:
            told = {"outcome": "failure", "status": error.code}
            time.sleep(2 * WAIT)
    print(json.dumps(told), flush=True)
"#;
    let folder = TempDir::new().unwrap();
    let program = folder.path().join("adapter.py");
    for (wait, code) in [("case[\"time_scale\"]", 0), ("case[\"time_scale\"] / 4", 1)] {
        fs::write(&program, source.replace("WAIT", wait)).unwrap();
        let options = ["--only", "call-429-waits-for-header", "--time-scale", "0.2"];
        let output = run(&options, &["python3", program.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(code), "{wait}: {}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn the_requests_of_another_api_are_played_from_a_file() {
    if !has("python3", "--version") {
        return;
    }
    const FILE: &str = r#"{"$schema": "schema.json", "version": "1", "cases": [{
        "name": "add-note", "group": "requests", "why": "w.", "level": "must", "operation": "addNote",
        "credential": {"scheme": "bearerAuth", "key": "k"}, "values": {"q": "a b", "body": {"a": 1, "b": 2}},
        "expected": {"sent": {
            "method": "POST", "path": "/v2/notes", "query": "q=a%20b",
            "headers": [["Authorization", "Bearer k"], ["Content-Type", "application/json"]],
            "body": [{"text": "{\"a\":1,\"b\":2}"}]
        }}
    }]}"#;
    const CLIENT: &str = r#"
import json, sys, urllib.request
from urllib.parse import urlencode, quote
case = json.loads(sys.stdin.readline())
query = urlencode({"q": case["values"]["q"]}, quote_via=QUOTE)
request = urllib.request.Request(case["base_url"] + "/v2/notes?" + query, method="POST")
request.data = b'{"b": 2, "a": 1}'
request.add_header("Content-Type", "application/json; charset=utf-8")
request.add_header("Authorization", "Bearer " + case["credential"]["key"])
print(json.dumps({"outcome": "success", "status": urllib.request.urlopen(request).status}))
"#;
    let folder = TempDir::new().unwrap();
    let (file, program) = (folder.path().join("request.json"), folder.path().join("client.py"));
    fs::write(&file, FILE).unwrap();
    // What forms write for a space is not what a query has.
    for (quote, code) in [("quote", 0), ("__import__(\"urllib.parse\").parse.quote_plus", 1)] {
        fs::write(&program, CLIENT.replace("QUOTE", quote)).unwrap();
        let options = ["--requests", file.to_str().unwrap(), "--only", "add-note", "--per-case"];
        let output = run(&options, &["python3", program.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(code), "{quote}: {}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn a_command_that_does_not_run_and_a_case_that_is_none_are_told() {
    for (options, command, told) in [
        (&[][..], "/no/such/program", "/no/such/program: "),
        (&["--only", "no-such-case"], "cat", "no case has `no-such-case` in its name"),
    ] {
        let output = run(options, &[command]);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(told), "{error}");
    }
}

#[test]
fn junit_has_every_case_and_what_is_wrong_with_it() {
    if !has("python3", "--version") {
        return;
    }
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("junit.xml");
    let adapter = adapter("adapter.py");
    run(
        &["--only", "details", "--level", "may", "--junit", file.to_str().unwrap()],
        &["python3", adapter.to_str().unwrap()],
    );
    let xml = fs::read_to_string(file).unwrap();
    assert!(xml.contains("<testcase classname=\"additions\" name=\"unknown-details\""), "{xml}");
    assert!(xml.contains("name=\"wait-in-details-alone\""), "{xml}");
    assert!(xml.contains("code: null"), "{xml}");
}

#[test]
fn the_stub_for_people_plays_a_case_by_connector_and_shows_what_came_in_without_the_key() {
    let mut stub =
        Command::new(CONFORMANCE).args(["stub", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(stub.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let address = line.split('/').nth(2).unwrap().to_owned();
    let ask = |head: &str| {
        let mut stream = TcpStream::connect(&address).unwrap();
        write!(stream, "{head} HTTP/1.1\r\nHost: x\r\nX-API-Key: sk_secret\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let html = ask("DELETE /v1/personal-connectors/pcon_casehtml502");
    assert!(html.starts_with("HTTP/1.1 502 Bad Gateway\r\n") && html.contains("nginx"), "{html}");
    let twice = ["DELETE /v1/personal-connectors/pcon_casecall500thensuccess"; 2].map(ask);
    assert!(twice[0].starts_with("HTTP/1.1 500 ") && twice[1].starts_with("HTTP/1.1 204 "), "{twice:?}");
    assert!(ask("DELETE /v1/personal-connectors/pcon_other").starts_with("HTTP/1.1 404 "));
    let page = ask("GET /");
    stub.kill().unwrap();
    stub.wait().unwrap();
    for text in ["pcon_casehtml502", "html-502\nDELETE /v1/personal-connectors/pcon_casehtml502", "(a credential)"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains("sk_secret"), "{page}");
}
