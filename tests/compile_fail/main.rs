//! What the types forbid: each file of `cases/` says in its first line why it must not compile.
#![expect(clippy::expect_used, reason = "all of it is tests")]

mod as_it_should_be;

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

/// The compiler whose words the `.stderr` files have.
const RECORDED_WITH: &str = "rustc 1.95.";

/// What the compiler in use answers.
fn rustc(question: &[&str]) -> String {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let answer = Command::new(&rustc).args(question).output().expect("a Rust compiler");
    String::from_utf8(answer.stdout).expect("UTF-8").trim_end().to_owned()
}

/// Straight to the stream: what is only printed is not shown of a test that passes.
fn say(what: &str) {
    writeln!(std::io::stderr(), "{what}").expect("a stream to write to");
}

#[test]
fn what_the_contract_forbids_does_not_compile() {
    let version = rustc(&["--version"]);
    if !version.starts_with(RECORDED_WITH) {
        say(&format!("skipped: `cases/` records the words of {RECORDED_WITH}x, and this is {version}"));
        return;
    }

    // Without a case that compiles, trybuild checks all of them in one call of cargo and builds none.
    let cases = trybuild::TestCases::new();
    cases.compile_fail("cases/*.rs");

    // A panic at compile time is told with lines of the standard library, where its sources are there to be shown.
    if Path::new(&rustc(&["--print", "sysroot"])).join("lib/rustlib/src").exists() {
        say("skipped: `cases/constants/` records the words of a compiler without the component `rust-src`");
    } else {
        cases.compile_fail("cases/constants/*.rs");
    }
}
