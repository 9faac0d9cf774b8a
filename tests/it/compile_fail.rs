//! What the types forbid: each file of `compile_fail/` says in its first line why it must not compile.

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
        say(&format!("skipped: `compile_fail/` records the words of {RECORDED_WITH}x, and this is {version}"));
        return;
    }

    let cases = trybuild::TestCases::new();
    // With a case that compiles, trybuild builds instead of checking, and so finds what only building finds.
    cases.pass("compile_fail/all_as_it_should_be.rs");
    cases.compile_fail("compile_fail/cause_in_system_message.rs");
    cases.compile_fail("compile_fail/error_with_a_status_of_its_own.rs");
    cases.compile_fail("compile_fail/extension_without_its_details.rs");
    cases.compile_fail("compile_fail/failure_outside_the_table.rs");
    cases.compile_fail("compile_fail/presence_of_a_field.rs");
    cases.compile_fail("compile_fail/presence_of_a_parameter.rs");
    cases.compile_fail("compile_fail/presence_that_the_place_has_not.rs");
    cases.compile_fail("compile_fail/rate_limit_data_on_another_code.rs");
    cases.compile_fail("compile_fail/rate_limit_without_its_data.rs");
    cases.compile_fail("compile_fail/received_error_passed_on.rs");
    cases.compile_fail("compile_fail/type_that_is_not_on_the_wire.rs");

    // A panic at compile time is told with lines of the standard library, where its sources are there to be shown.
    if Path::new(&rustc(&["--print", "sysroot"])).join("lib/rustlib/src").exists() {
        say("skipped: five files of `compile_fail/` record the words of a compiler without the component `rust-src`");
    } else {
        cases.compile_fail("compile_fail/malformed_connector_id.rs");
        cases.compile_fail("compile_fail/more_parameters_than_the_path_has.rs");
        cases.compile_fail("compile_fail/path_name_without_a_row.rs");
        cases.compile_fail("compile_fail/path_with_a_name_twice.rs");
        cases.compile_fail("compile_fail/path_with_dots.rs");
    }
}
