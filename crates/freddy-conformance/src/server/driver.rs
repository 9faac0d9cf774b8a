//! Sends requests: at a bounded rate, with the keys and connectors of the setup, and keeps every answer.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use freddy_types::{AuthScheme, ConnectorId, ErrorCode, NoContent, SuccessResponse, headers};
use serde_json::Value;
use tokio::time::{Instant, sleep_until, timeout};

use super::http::{Answer, Base, Connection, Trouble, message};
use super::laws::{Seen, unix_now};
use super::outcome::{Finding, Stop};
use super::setup::{Command, Setup};
use crate::report::printable;
use crate::vectors::exchange::{Request, Target, names};

/// The longest wait that a 429 is granted, beyond a window of the setup.
const PATIENCE: Duration = Duration::from_secs(65);
/// How often a request is sent again that was refused by the rate limit.
const AGAIN: usize = 4;
const COMMAND_TIMEOUT: Duration = Duration::from_secs(60);
/// Answers that are kept for the laws.
const MAX_SEEN: usize = 20_000;

pub(super) struct Driver {
    pub(super) base: Base,
    pub(super) setup: Setup,
    pub(super) target: Target,
    pub(super) timeout: Duration,
    /// From one request to the next.
    pub(super) pause: Duration,
    next: Cell<Instant>,
    pub(super) seen: RefCell<Vec<Seen>>,
    /// How many connectors of the owner were used since the last reset.
    used: Cell<usize>,
    done: RefCell<Option<ConnectorId>>,
    elses_done: RefCell<Option<ConnectorId>>,
    spared: RefCell<Option<String>>,
    /// How a key is sent.
    pub(super) scheme: Cell<AuthScheme>,
    /// Which of the revoked keys is tried.
    pub(super) revoked: Cell<usize>,
    /// What was disconnected though nothing had asked for it.
    pub(super) surplus: RefCell<BTreeSet<String>>,
    /// Disconnected at the beginning, and by this run.
    before: RefCell<BTreeSet<String>>,
    pub(super) meant: RefCell<BTreeSet<String>>,
}

impl Driver {
    pub(super) fn new(base: Base, setup: Setup, target: Target, timeout: Duration, rate: u32) -> Self {
        let scheme = target.auth.first().copied().unwrap_or(AuthScheme::ApiKey);
        Self {
            base,
            setup,
            target,
            scheme: Cell::new(scheme),
            revoked: Cell::new(0),
            surplus: RefCell::default(),
            timeout,
            pause: Duration::from_secs(1) / rate.max(1),
            next: Cell::new(Instant::now()),
            seen: RefCell::default(),
            used: Cell::new(0),
            done: RefCell::default(),
            elses_done: RefCell::default(),
            spared: RefCell::default(),
            before: RefCell::default(),
            meant: RefCell::default(),
        }
    }

    // What is sent

    /// Waits for the turn of the next request.
    pub(super) async fn turn(&self) {
        let now = Instant::now();
        let turn = self.next.get().max(now);
        self.next.set(turn + self.pause);
        sleep_until(turn).await;
    }

    pub(super) async fn open(&self) -> Result<Connection, Trouble> {
        Connection::open(&self.base, self.timeout).await
    }

    /// Sends a request on a connection of its own. One that the rate limit refuses is sent again when its time has come.
    pub(super) async fn send(&self, request: &[u8]) -> Result<Answer, Trouble> {
        self.send_as(request, true).await
    }

    pub(super) async fn send_as(&self, request: &[u8], is_http: bool) -> Result<Answer, Trouble> {
        let mut left = AGAIN;
        loop {
            self.turn().await;
            let answer = self.open().await?.call(request).await?;
            self.keep(request, &answer, is_http);
            left -= 1;
            if !self.waits_for_limit(&answer, left).await {
                return Ok(answer);
            }
        }
    }

    /// Whether the rate limit refuses.
    pub(super) fn is_of_limit(&self, answer: &Answer) -> bool {
        answer.status == ErrorCode::RateLimitExceeded.status()
    }

    /// Waits if an answer says so; whether it did.
    pub(super) async fn waits_for_limit(&self, answer: &Answer, left: usize) -> bool {
        let longest =
            self.setup.limit.as_ref().map_or(PATIENCE, |limit| Duration::from_secs((limit.seconds + 5).into()));
        let wait = answer.number(headers::RETRY_AFTER).map(Duration::from_secs).filter(|wait| *wait <= longest);
        let Some(wait) = wait.filter(|_| answer.status == ErrorCode::RateLimitExceeded.status() && left > 0) else {
            return false;
        };
        eprintln!("      waiting {wait:?}: the server's rate limit");
        tokio::time::sleep(wait).await;
        true
    }

    pub(super) fn keep(&self, request: &[u8], answer: &Answer, is_http: bool) {
        let mut seen = self.seen.borrow_mut();
        if seen.len() < MAX_SEEN {
            seen.push(Seen { sent: self.shown(request), answer: answer.clone(), at: unix_now(), is_http });
        }
    }

    /// The bytes of a request, with the keys and connectors of the setup.
    pub(super) async fn bytes(&self, request: &Request) -> Result<Vec<u8>, Stop> {
        match request {
            Request::Message { method, target, headers, body } => {
                let target = self.fill(target).await?;
                let mut lines = Vec::new();
                for (name, value) in headers {
                    lines.push((name.clone(), self.fill(value).await?));
                }
                let body = body.as_ref().map(crate::vectors::bytes::Bytes::to_vec).transpose();
                let body = body.map_err(|error| Stop::skip(error.to_string()))?;
                Ok(message(&self.base, method, &target, &lines, body.as_deref()))
            }
            Request::Bytes { bytes } => {
                let bytes = bytes.to_vec().map_err(|error| Stop::skip(error.to_string()))?;
                // One character for each byte, whatever it is.
                let bytes: String = bytes.into_iter().map(char::from).collect();
                // The prefix of the base URL stands before the path of the API, wherever that is.
                let path = &self.target.request.path;
                let paths = [path.clone(), path.replace(names::DONE, names::OWN)];
                let path = paths.into_iter().find(|path| bytes.contains(path)).unwrap_or_default();
                let bytes =
                    bytes.replacen(&path, &format!("{}{path}", self.base.prefix), usize::from(!path.is_empty()));
                let bytes = self.fill(&bytes).await?;
                let host = format!("Host: {}\r\n", self.base.authority);
                let bytes = bytes.replacen("Host: localhost\r\n", &host, 1);
                let bytes = bytes.replacen(" http://localhost/", &format!(" {}/", self.base.root()), 1);
                // What was put in is ASCII.
                Ok(bytes.chars().map(|byte| u8::try_from(byte).unwrap_or(b'?')).collect())
            }
        }
    }

    /// A request for a path of the endpoint, with a credential.
    pub(super) fn request(&self, method: &str, id: &str, key: Option<&str>) -> Vec<u8> {
        let path = self.target.request.target().replace(names::DONE, id);
        let scheme = self.scheme.get();
        let lines: Vec<_> =
            key.map(|key| (scheme.header().to_owned(), format!("{}{key}", scheme.prefix()))).into_iter().collect();
        message(&self.base, method, &path, &lines, None)
    }

    /// The request that disconnects a connector.
    pub(super) fn disconnect(&self, id: &str) -> Vec<u8> {
        self.request(self.target.method.as_str(), id, Some(&self.setup.owner.key))
    }

    // What stands for the names of the state

    async fn fill(&self, text: &str) -> Result<String, Stop> {
        // In one pass: what is put in may contain the name of something else.
        let (mut filled, mut rest) = (String::new(), text);
        while let Some(next) = rest.chars().next() {
            let name = names::ALL.iter().find(|name| rest.starts_with(**name));
            match name {
                Some(name) => filled.push_str(&self.value_of(name).await?),
                None => filled.push(next),
            }
            rest = rest.get(name.map_or(next.len_utf8(), |name| name.len())..).unwrap_or_default();
        }
        Ok(filled)
    }

    async fn value_of(&self, name: &str) -> Result<String, Stop> {
        Ok(match name {
            names::KEY => self.setup.owner.key.clone(),
            names::CUT_KEY => {
                let mut key = self.setup.owner.key.clone();
                key.pop();
                key
            }
            names::ELSES_KEY => self.setup.stranger.key.clone(),
            names::REVOKED_KEY => {
                let key = self.setup.revoked_keys.get(self.revoked.get()).cloned();
                key.ok_or_else(|| Stop::skip("the setup names no `revoked_keys`"))?
            }
            names::OWN => self.aim().await?,
            names::DONE => self.done().await?,
            names::ELSES => self.elses(),
            names::ELSES_DONE => self.elses_done().await?,
            _ => unknown_id(),
        })
    }

    /// A connector of the owner's that this run has not used. It counts as used.
    pub(super) async fn own(&self) -> Result<String, Stop> {
        if self.used.get() >= self.setup.owner.connectors.len() {
            if self.setup.reset.is_none() {
                return Err(Stop::skip("every connector of the owner is used: name another one, or a `reset`"));
            }
            self.reset().await?;
        }
        let id = self.setup.owner.connectors.get(self.used.get()).map(ToString::to_string);
        self.used.set(self.used.get() + 1);
        id.ok_or_else(|| Stop::skip("the owner has no connector"))
    }

    /// One that nothing of this run has to disconnect.
    pub(super) async fn spared(&self) -> Result<String, Stop> {
        if let Some(id) = &*self.spared.borrow() {
            return Ok(id.clone());
        }
        let id = self.own().await?;
        *self.spared.borrow_mut() = Some(id.clone());
        Ok(id)
    }

    /// One that shows whether a request disconnects it, where there is one.
    pub(super) async fn aim(&self) -> Result<String, Stop> {
        let is_alone = self.setup.owner.connectors.len() == 1;
        if is_alone && self.done.borrow().is_some() {
            return self.done().await;
        }
        match self.spared().await {
            Ok(id) => Ok(id),
            Err(_) => self.done().await,
        }
    }

    /// Notes that it was disconnected all the same, which one case has found.
    pub(super) fn note_not_spared(&self) {
        if let Some(id) = self.spared.borrow_mut().take() {
            self.meant.borrow_mut().insert(id);
        }
    }

    /// One that this run has disconnected.
    pub(super) async fn done(&self) -> Result<String, Stop> {
        if let Some(id) = &*self.done.borrow() {
            return Ok(id.to_string());
        }
        let id = self.own().await?;
        self.disconnected_now(&id, &self.setup.owner.key.clone(), &self.done).await?;
        Ok(id)
    }

    /// One of the stranger's, which is never disconnected.
    pub(super) fn elses(&self) -> String {
        self.setup.stranger.connectors.first().map(ToString::to_string).unwrap_or_default()
    }

    /// One of the stranger's that the stranger has disconnected.
    pub(super) async fn elses_done(&self) -> Result<String, Stop> {
        if let Some(id) = &*self.elses_done.borrow() {
            return Ok(id.to_string());
        }
        let second = self.setup.stranger.connectors.get(1).map(ToString::to_string);
        let id = second.ok_or_else(|| Stop::skip("the stranger has no second connector"))?;
        self.disconnected_now(&id, &self.setup.stranger.key.clone(), &self.elses_done).await?;
        Ok(id)
    }

    async fn disconnected_now(&self, id: &str, key: &str, place: &RefCell<Option<ConnectorId>>) -> Result<(), Stop> {
        self.meant.borrow_mut().insert(id.to_owned());
        let request = self.request(self.target.method.as_str(), id, Some(key));
        let answer =
            self.send(&request).await.map_err(|trouble| Stop::failed(self.finding(&request, &trouble, "204")))?;
        if answer.status != NoContent::STATUS {
            let finding = Finding {
                sent: self.shown(&request),
                got: self.shown_answer(&answer),
                expected: format!("{}, as whoever has a connector may disconnect it", NoContent::STATUS),
            };
            return Err(Stop::failed(finding));
        }
        *place.borrow_mut() = id.parse().ok();
        Ok(())
    }

    /// Notes that a connector was disconnected by a case.
    pub(super) fn note_done(&self, id: &str) {
        self.meant.borrow_mut().insert(id.to_owned());
        let mut done = self.done.borrow_mut();
        if done.is_none() {
            *done = id.parse().ok();
        }
    }

    // Commands of the setup

    /// Brings the server back to where the setup says that it begins.
    pub(super) async fn reset(&self) -> Result<(), Stop> {
        if let Some(command) = &self.setup.reset {
            run(command).await.map_err(|problem| Stop::skip(format!("reset: {problem}")))?;
        }
        self.used.set(0);
        *self.done.borrow_mut() = None;
        *self.elses_done.borrow_mut() = None;
        *self.spared.borrow_mut() = None;
        self.meant.borrow_mut().clear();
        if self.setup.disconnected.is_some() {
            *self.before.borrow_mut() = self.disconnected().await?;
        }
        Ok(())
    }

    async fn disconnected(&self) -> Result<BTreeSet<String>, Stop> {
        let command = self.setup.disconnected.as_ref();
        let command = command.ok_or_else(|| Stop::skip("the setup has no command `disconnected`"))?;
        let printed = run(command).await.map_err(|problem| Stop::skip(format!("disconnected: {problem}")))?;
        let ids = printed.lines().filter_map(|line| line.split_whitespace().next());
        Ok(ids.filter(|id| id.parse::<ConnectorId>().is_ok()).map(str::to_owned).collect())
    }

    /// What is disconnected since the last reset.
    pub(super) async fn newly_disconnected(&self) -> Result<BTreeSet<String>, Stop> {
        let now = self.disconnected().await?;
        Ok(now.difference(&self.before.borrow()).cloned().collect())
    }

    /// What is disconnected though nothing has asked for it. It is told once.
    pub(super) async fn newly_surplus(&self) -> BTreeSet<String> {
        let Ok(now) = self.newly_disconnected().await else { return BTreeSet::new() };
        let surplus: BTreeSet<_> = now.difference(&self.meant.borrow()).cloned().collect();
        self.spared.borrow_mut().take_if(|id| surplus.contains(id));
        self.meant.borrow_mut().extend(surplus.iter().cloned());
        self.surplus.borrow_mut().extend(surplus.iter().cloned());
        surplus
    }

    /// Skips where a connector was disconnected before this run has begun, and shows nothing.
    pub(super) fn has_to_be_connected(&self, id: &str) -> Result<(), Stop> {
        if self.was_disconnected(id) {
            return Err(Stop::skip(format!("{id} was disconnected before: name another connector, or a `reset`")));
        }
        Ok(())
    }

    /// Whether a connector was disconnected before this run has begun.
    pub(super) fn was_disconnected(&self, id: &str) -> bool {
        self.before.borrow().contains(id)
    }

    // What is shown

    /// Text from the outside: without keys, bounded, and without characters that a terminal obeys.
    pub(super) fn shown(&self, bytes: &[u8]) -> String {
        let mut text = String::from_utf8_lossy(bytes).into_owned();
        for (place, key) in self.setup.keys() {
            text = text.replace(key, &format!("<{place}>"));
        }
        printable(&text)
    }

    pub(super) fn shown_answer(&self, answer: &Answer) -> String {
        let mut text = format!("{}\n", answer.status);
        for (name, value) in &answer.headers {
            text.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(value)));
        }
        text.push('\n');
        text.push_str(&String::from_utf8_lossy(&answer.body));
        self.shown(text.as_bytes())
    }

    pub(super) fn finding(&self, request: &[u8], got: &impl std::fmt::Display, expected: &str) -> Finding {
        Finding { sent: self.shown(request), got: got.to_string(), expected: expected.to_owned() }
    }
}

/// The ID of a connector that does not exist: nobody has made it up before.
pub(super) fn unknown_id() -> String {
    const WORD: &str = "unknown";
    let random: String = WORD.chars().map(|_| fastrand::alphanumeric()).collect();
    names::UNKNOWN.replace(WORD, &random)
}

/// The code of an answer.
pub(super) fn code_of(answer: &Answer) -> Option<String> {
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    body.pointer("/error/code")?.as_str().map(str::to_owned)
}

async fn run(command: &Command) -> Result<String, String> {
    let (program, arguments) = command.split_first().ok_or("no program")?;
    let mut child = tokio::process::Command::new(program);
    child.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    let output =
        timeout(COMMAND_TIMEOUT, child.output()).await.map_err(|_| format!("not done in {COMMAND_TIMEOUT:?}"))?;
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("{program}: {}: {}", output.status, printable(&String::from_utf8_lossy(&output.stderr))))
    }
}
