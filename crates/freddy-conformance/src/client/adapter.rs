//! The program that uses the client: it gets a case as a line of JSON, and writes what came of it as another.

use std::process::Stdio;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::vectors::decode::Told;
use crate::vectors::request::Credential;

/// More than a client makes of the longest answer, each byte of which it may write as an escape.
const MAX_LINE: u64 = 128 << 20;

/// How deep a line is read.
const MAX_DEPTH: usize = 100;

/// What the client is to do.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Task {
    /// The name of the case.
    pub(super) case: String,
    /// Where the server of this case is.
    pub(super) base_url: String,
    /// The ID of the operation in the OpenAPI document.
    pub(super) operation: String,
    pub(super) credential: Credential,
    /// The values of the parameters.
    pub(super) values: Map<String, Value>,
    /// Whether the client may send the request again, as it does by itself.
    pub(super) retry: bool,
    /// The time for the whole call.
    pub(super) deadline_ms: u64,
    /// What every wait of the client has to be multiplied with.
    pub(super) time_scale: f64,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    Told(Box<Told>),
    /// The client does not have what the case needs, and why.
    Unsupported(String),
    /// A field of what it wrote cannot be right.
    Wrong(String),
    /// The program did not write a line as it should.
    Broken(String),
    /// The program wrote nothing in time.
    Silent(String),
}

impl Reply {
    /// Whether the program can take another case.
    pub(super) fn is_usable(&self) -> bool {
        matches!(self, Self::Told(_) | Self::Wrong(_) | Self::Unsupported(_))
    }

    pub(super) fn is_silent(&self) -> bool {
        matches!(self, Self::Silent(_))
    }
}

pub(super) struct Adapter {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Adapter {
    pub(super) fn start(command: &[String]) -> Result<Self, String> {
        let (program, arguments) = command.split_first().ok_or("there is no command")?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| format!("{program}: {error}"))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(format!("{program}: has no standard input and output"));
        };
        Ok(Self { child, input, output: BufReader::new(output) })
    }

    pub(super) async fn ask(&mut self, task: &Task, patience: Duration) -> Reply {
        match timeout(patience, self.ask_at_once(task)).await {
            Ok(reply) => reply,
            Err(_) => Reply::Silent(format!(
                "nothing came within {} s; a line ends with a line feed, and may have to be flushed",
                patience.as_secs()
            )),
        }
    }

    async fn ask_at_once(&mut self, task: &Task) -> Reply {
        if self.has_written().await {
            return Reply::Broken("it wrote more than a line for the case before".to_owned());
        }
        // A task is texts and numbers, which JSON has.
        let line = serde_json::to_string(task).unwrap_or_default() + "\n";
        if self.input.write_all(line.as_bytes()).await.is_err() {
            return self.ended().await;
        }
        let mut line = Vec::new();
        match (&mut self.output).take(MAX_LINE).read_until(b'\n', &mut line).await {
            Ok(0) => self.ended().await,
            Ok(_) if line.last() == Some(&b'\n') => reply(&line),
            Ok(len) => Reply::Broken(format!("it wrote {len} bytes, and no line feed after them")),
            Err(error) => Reply::Broken(format!("what it wrote cannot be read: {error}")),
        }
    }

    /// Whether there is something to read already. It would be taken for what comes next.
    async fn has_written(&mut self) -> bool {
        matches!(timeout(Duration::ZERO, self.output.fill_buf()).await, Ok(Ok(written)) if !written.is_empty())
    }

    async fn ended(&mut self) -> Reply {
        match self.child.wait().await {
            Ok(status) => Reply::Broken(format!("the program ended: {status}")),
            Err(error) => Reply::Broken(format!("the program ended: {error}")),
        }
    }

    /// Closes its input, and ends it if that is not enough.
    pub(super) async fn stop(self) {
        let Self { mut child, input, output } = self;
        drop((input, output));
        if timeout(Duration::from_secs(2), child.wait()).await.is_err() {
            let _ = child.kill().await;
        }
    }
}

/// What writers of JSON in some languages let pass: half of a surrogate pair becomes U+FFFD, and a number that JSON does not
/// have becomes `null`. So does what is nested deeper than anything that is judged, which a client need not have kept either.
fn mended(line: &str) -> String {
    let mut mended = String::new();
    let (mut rest, mut is_text, mut depth) = (line, false, 0_usize);
    while let Some(letter) = rest.chars().next() {
        if !is_text {
            match letter {
                '[' | '{' => depth += 1,
                ']' | '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == MAX_DEPTH && matches!(letter, '[' | '{') {
                mended.push_str("null");
            }
        }
        let is_too_deep = depth >= MAX_DEPTH || (depth + 1 == MAX_DEPTH && !is_text && matches!(letter, ']' | '}'));
        let unit = |at: usize| u16::from_str_radix(rest.get(at..)?.strip_prefix("\\u")?.get(..4)?, 16).ok();
        let no_number = ["-Infinity", "Infinity", "NaN"].into_iter().find(|name| rest.starts_with(name));
        let (len, put) = match (is_text, letter, no_number) {
            (false, _, Some(name)) => (name.len(), Some("null")),
            (true, '\\', _) => match (unit(0), unit(6)) {
                (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => (12, None),
                (Some(0xD800..=0xDFFF), _) => (6, Some("\u{fffd}")),
                (Some(_), _) => (6, None),
                (None, _) => (1 + rest.chars().nth(1).map_or(0, char::len_utf8), None),
            },
            _ => (letter.len_utf8(), None),
        };
        is_text ^= letter == '"';
        let (done, left) = rest.split_at(len);
        if !is_too_deep {
            mended.push_str(put.unwrap_or(done));
        }
        rest = left;
    }
    mended
}

fn reply(line: &[u8]) -> Reply {
    let line = &*String::from_utf8_lossy(line);
    let start: String = line.chars().take(200).collect();
    let mut value: Value = match serde_json::from_str(&mended(line)) {
        Ok(value) => value,
        Err(error) => return Reply::Broken(format!("it wrote what is not JSON: {error}: {start}")),
    };
    match value.get("unsupported") {
        Some(why) => Reply::Unsupported(why.as_str().map_or_else(|| why.to_string(), str::to_owned)),
        None => match wrong_field(&mut value) {
            Some(wrong) => Reply::Wrong(wrong),
            None => match serde_json::from_value(value) {
                Ok(told) => Reply::Told(Box::new(told)),
                Err(error) => Reply::Broken(format!("it wrote what is not an outcome: {error}: {start}")),
            },
        },
    }
}

/// A field of another type than it has. `60.0` is a whole number, as it is in JSON.
fn wrong_field(value: &mut Value) -> Option<String> {
    let fields = value.as_object_mut()?;
    for name in ["outcome", "code", "type", "message", "timestamp", "request_id"] {
        if let Some(value) = fields.get(name).filter(|value| !value.is_string() && !value.is_null()) {
            return Some(format!("{name}: {value}, which is no text"));
        }
    }
    for name in ["status", "wait"] {
        let Some(value) = fields.get_mut(name).filter(|value| !value.is_null() && !value.is_u64()) else { continue };
        match whole(value) {
            Some(whole) => *value = whole.into(),
            None => return Some(format!("{name}: {value}, which is no whole number")),
        }
    }
    let retryable = fields.get("retryable").filter(|value| !value.is_boolean())?;
    Some(format!("retryable: {retryable}, which is neither true nor false"))
}

/// A number without a fraction, such as `60.0`.
fn whole(value: &Value) -> Option<u64> {
    const MOST: f64 = 9_007_199_254_740_992.0;
    let number = value.as_f64().filter(|number| number.fract() == 0.0 && (0.0..=MOST).contains(number))?;
    format!("{number:.0}").parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{MAX_DEPTH, Reply, mended, reply};

    #[test]
    fn a_field_of_another_type_is_named() {
        for (line, said) in [
            (r#"{"outcome":"failure","code":403}"#, "code: 403, which is no text"),
            (r#"{"outcome":"failure","wait":60.5}"#, "wait: 60.5, which is no whole number"),
            (r#"{"outcome":"failure","status":"403"}"#, "status: \"403\", which is no whole number"),
            (r#"{"outcome":"failure","wait":-1}"#, "wait: -1, which is no whole number"),
            (r#"{"outcome":"failure","retryable":1}"#, "retryable: 1, which is neither true nor false"),
            (r#"{"outcome":7}"#, "outcome: 7, which is no text"),
        ] {
            assert!(matches!(reply(line.as_bytes()), Reply::Wrong(wrong) if wrong == said), "{line}");
        }
        let told = reply(br#"{"outcome":"failure","status":429.0,"wait":60.0,"code":null}"#);
        assert!(matches!(told, Reply::Told(told) if told.wait == Some(Some(60)) && told.status == Some(429)));
        assert!(matches!(reply(b"{\"outcome\":\"lost\"}"), Reply::Broken(_)));
        assert!(matches!(reply(b"[]"), Reply::Broken(_)));
    }

    #[test]
    fn what_is_nested_too_deep_is_null_and_what_stands_beside_it_is_read() {
        for (open, close) in [("[", "]"), ("{\"x\":", "}")] {
            for depth in [1, MAX_DEPTH - 2, MAX_DEPTH - 1, MAX_DEPTH, 100_000] {
                let nested = format!("{}\"]}}\"{}", open.repeat(depth), close.repeat(depth));
                let line = format!("{{\"a\":{nested},\"b\":7}}");
                let mended = mended(&line);
                assert_eq!(mended == line, depth < MAX_DEPTH - 1, "{depth}");
                let read: Value = serde_json::from_str(&mended).unwrap();
                assert_eq!(read["b"], 7, "{depth}");
            }
        }
    }

    #[test]
    fn what_json_does_not_have_is_mended_and_nothing_else() {
        for (line, expected) in [
            (r#"{"a":NaN,"b":[-Infinity,Infinity]}"#, r#"{"a":null,"b":[null,null]}"#),
            (r#"{"a":"NaN \" NaN"}"#, r#"{"a":"NaN \" NaN"}"#),
            (r#"{"a":"x\ud83d y\udc00"}"#, "{\"a\":\"x\u{fffd} y\u{fffd}\"}"),
            (r#"{"a":"\ud83d\ude00\u00e4\\ud83d"}"#, r#"{"a":"\ud83d\ude00\u00e4\\ud83d"}"#),
            (r#"{"a":"ä","b":"\"#, r#"{"a":"ä","b":"\"#),
            (r#"{"a":[[{}]],"b":"]"}"#, r#"{"a":[[{}]],"b":"]"}"#),
        ] {
            assert_eq!(mended(line), expected);
        }
    }
}
