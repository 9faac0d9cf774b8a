//! Sends requests: at a bounded rate, with the keys and connectors of the setup, and keeps every answer.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::process::Stdio;
use std::rc::Rc;
use std::time::Duration;

use freddy_types::{AuthScheme, ConnectorId, NoContent, SuccessResponse, headers};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::time::{Instant, sleep_until, timeout};

use super::http::{Answer, Base, Connection, Trouble, message};
use super::laws::{Seen, unix_now};
use super::outcome::{Finding, Stop};
use super::setup::{Command, Setup};
use crate::progress::Progress;
use crate::report::printable;
use crate::vectors::exchange::{Request, Target, names};

/// The longest wait that a 429 is granted, unless a window of the setup is longer.
const PATIENCE: Duration = Duration::from_secs(65);
/// How much longer than a window of the setup a wait may be.
const BEYOND_WINDOW: Duration = Duration::from_secs(5);
/// How often a request is sent again that was refused by the rate limit.
const AGAIN: usize = 4;
/// Requests in a row that are refused as often as they are sent, after which a run is given up.
const HOPELESS: usize = 3;
const COMMAND_TIMEOUT: Duration = Duration::from_secs(60);
/// How many bytes of answers are kept for the laws.
const MAX_SEEN_BYTES: usize = 256 << 20;
/// How much of a text is looked through for keys: more than is shown of it.
const MAX_MASKED: usize = 16 << 10;
/// How much a command of the setup may print.
const MAX_PRINTED: u64 = 16 << 20;

pub(super) struct Driver {
    pub(super) base: Base,
    pub(super) setup: Setup,
    pub(super) target: Target,
    pub(super) timeout: Duration,
    /// From one request to the next.
    pub(super) pause: Duration,
    next: Cell<Instant>,
    pub(super) seen: RefCell<Vec<Seen>>,
    /// How many bytes of answers may still be kept.
    room: Cell<usize>,
    /// How many answers were not kept.
    unseen: Cell<usize>,
    /// Requests in a row that the rate limit has refused each time.
    refused: Cell<usize>,
    pub(super) progress: Option<Rc<Progress>>,
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
            room: Cell::new(MAX_SEEN_BYTES),
            unseen: Cell::new(0),
            refused: Cell::new(0),
            progress: None,
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
        let sent = self.send_on(None, request, is_http, async |connection| connection.call(request).await).await;
        sent.map(|(_, answer)| answer)
    }

    /// Sends a request in a way of its own, on a connection that is open or on a new one, and gives the connection of the answer. One that
    /// the rate limit refuses is sent again, on a new connection, when its time has come.
    pub(super) async fn send_on(
        &self,
        mut open: Option<Connection>,
        request: &[u8],
        is_http: bool,
        send: impl AsyncFn(&mut Connection) -> Result<Answer, Trouble>,
    ) -> Result<(Connection, Answer), Trouble> {
        let mut left = AGAIN;
        loop {
            self.turn().await;
            let mut connection = match open.take() {
                Some(connection) => connection,
                None => self.open().await?,
            };
            let answer = send(&mut connection).await?;
            self.keep(request, &answer, is_http);
            left -= 1;
            if !self.waits_for_limit(&answer, left).await {
                return Ok((connection, answer));
            }
        }
    }

    /// Waits if an answer says so; whether it did.
    pub(super) async fn waits_for_limit(&self, answer: &Answer, left: usize) -> bool {
        let longest = self.longest_wait();
        let wait = answer.number(headers::RETRY_AFTER).map(Duration::from_secs).filter(|wait| *wait <= longest);
        let Some(wait) = wait.filter(|_| answer.is_limited()) else { return false };
        if left == 0 {
            self.refused.set(self.refused.get() + 1);
        }
        if left == 0 || self.is_hopeless() {
            return false;
        }
        self.note(&format!("waiting {wait:?}: the server's rate limit"));
        tokio::time::sleep(wait).await;
        true
    }

    fn is_hopeless(&self) -> bool {
        self.refused.get() >= HOPELESS
    }

    /// # Errors
    /// The server answers nothing but that there were too many requests.
    pub(super) fn goes_on(&self) -> Result<(), String> {
        if !self.is_hopeless() {
            return Ok(());
        }
        Err(format!(
            "the server's rate limit refused {HOPELESS} requests in a row, each {AGAIN} times, after the waits that it asked for: raise it \
             for the keys of the setup"
        ))
    }

    /// Tells people who watch.
    pub(super) fn note(&self, what: &str) {
        if let Some(progress) = &self.progress {
            progress.note(what);
        }
    }

    fn longest_wait(&self) -> Duration {
        let window = self.setup.limit.as_ref().map(|limit| Duration::from_secs(limit.seconds.into()));
        window.map_or(PATIENCE, |window| PATIENCE.max(window + BEYOND_WINDOW))
    }

    pub(super) fn keep(&self, request: &[u8], answer: &Answer, is_http: bool) {
        if !answer.is_limited() {
            self.refused.set(0);
        }
        let sent = self.shown(request);
        let lines: usize = answer.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        match self.room.get().checked_sub(sent.len() + lines + answer.body.len()) {
            Some(room) => {
                self.room.set(room);
                self.seen.borrow_mut().push(Seen { sent, answer: answer.clone(), at: unix_now(), is_http });
            }
            None => self.unseen.set(self.unseen.get() + 1),
        }
    }

    /// # Errors
    /// There were more answers than are kept.
    pub(super) fn has_seen_all(&self) -> Result<(), Stop> {
        match self.unseen.get() {
            0 => Ok(()),
            unseen => Err(Stop::skip(format!(
                "{unseen} answers came after {} MiB, which is as much as is kept, and were not looked at",
                MAX_SEEN_BYTES >> 20
            ))),
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
        self.request_as(self.scheme.get(), method, id, key)
    }

    /// The same, with the credential sent in this way.
    pub(super) fn request_as(&self, scheme: AuthScheme, method: &str, id: &str, key: Option<&str>) -> Vec<u8> {
        let path = self.target.request.target().replace(names::DONE, id);
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
            names::CUT_KEY => self.cut_key(),
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
            // What was done before it cannot be seen behind it, if it can be seen at all.
            let _ = self.newly_surplus().await;
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
            let expected = format!("{}, as whoever has a connector may disconnect it", NoContent::STATUS);
            return Err(Stop::failed(self.finding(&request, &self.shown_answer(&answer), &expected)));
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
            run(command).await.map_err(|problem| self.not_run("reset", &problem))?;
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

    /// Why there is nothing of a command, which may print a key.
    fn not_run(&self, name: &str, problem: &str) -> Stop {
        Stop::skip(format!("{name}: {}", self.shown(problem.as_bytes())))
    }

    async fn disconnected(&self) -> Result<BTreeSet<String>, Stop> {
        let command = self.setup.disconnected.as_ref();
        let command = command.ok_or_else(|| Stop::skip("the setup has no command `disconnected`"))?;
        let printed = run(command).await.map_err(|problem| self.not_run("disconnected", &problem))?;
        let ids = printed.lines().filter_map(|line| line.split_whitespace().next());
        Ok(ids.filter(|id| id.parse::<ConnectorId>().is_ok()).map(str::to_owned).collect())
    }

    /// What is disconnected since the last reset.
    pub(super) async fn newly_disconnected(&self) -> Result<BTreeSet<String>, Stop> {
        let now = self.disconnected().await?;
        Ok(now.difference(&self.before.borrow()).cloned().collect())
    }

    /// What is disconnected though nothing has asked for it. It is told once.
    pub(super) async fn newly_surplus(&self) -> Result<BTreeSet<String>, Stop> {
        let now = self.newly_disconnected().await?;
        let surplus: BTreeSet<_> = now.difference(&self.meant.borrow()).cloned().collect();
        self.spared.borrow_mut().take_if(|id| surplus.contains(id));
        self.meant.borrow_mut().extend(surplus.iter().cloned());
        self.surplus.borrow_mut().extend(surplus.iter().cloned());
        Ok(surplus)
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

    /// The owner's key without its last character.
    fn cut_key(&self) -> String {
        let mut key = self.setup.owner.key.clone();
        key.pop();
        key
    }

    /// Text from the outside: without keys, bounded, and without characters that a terminal obeys.
    pub(super) fn shown(&self, bytes: &[u8]) -> String {
        let cut = self.cut_key();
        let mut keys: Vec<_> = self.setup.keys().collect();
        keys.push(("owner.key, cut", &cut));
        // A key may begin with another one.
        keys.sort_by_key(|(_, key)| Reverse(key.len()));
        let text = String::from_utf8_lossy(bytes);
        let (mut shown, mut rest) = (String::new(), &*text);
        // In one pass: a place may contain what is a key.
        while let Some(next) = rest.chars().next()
            && shown.len() < MAX_MASKED
        {
            let found = keys.iter().find(|(_, key)| rest.starts_with(key));
            match found {
                Some((place, _)) => shown.push_str(&format!("<{place}>")),
                None => shown.push(next),
            }
            rest = rest.get(found.map_or(next.len_utf8(), |(_, key)| key.len())..).unwrap_or_default();
        }
        printable(&shown)
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
        let [got, expected] = [&*got.to_string(), expected].map(|text| self.shown(text.as_bytes()));
        Finding { sent: self.shown(request), got, expected }
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
    child.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let done = async {
        let mut child = child.spawn()?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let (stdout, stderr) = tokio::try_join!(printed(stdout), printed(stderr))?;
        Ok::<_, std::io::Error>((child.wait().await?, stdout, stderr))
    };
    let done = timeout(COMMAND_TIMEOUT, done).await.map_err(|_| format!("not done in {COMMAND_TIMEOUT:?}"))?;
    let (status, stdout, stderr) = done.map_err(|error| format!("{program}: {error}"))?;
    if status.success() {
        Ok(String::from_utf8_lossy(&stdout).into_owned())
    } else {
        Err(format!("{program}: {status}: {}", printable(&String::from_utf8_lossy(&stderr))))
    }
}

/// What a command prints, to its end.
async fn printed(stream: Option<impl AsyncRead + Unpin>) -> std::io::Result<Vec<u8>> {
    let mut printed = Vec::new();
    if let Some(stream) = stream {
        stream.take(MAX_PRINTED + 1).read_to_end(&mut printed).await?;
    }
    if printed.len() as u64 > MAX_PRINTED {
        return Err(std::io::Error::other(format!("prints more than {MAX_PRINTED} bytes")));
    }
    Ok(printed)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::vectors::exchange::contract_target;

    /// A driver of a server at this URL, with these lines in the setup beside two users.
    pub(in super::super) fn driver(url: &str, lines: &str) -> Driver {
        let users = "owner: {key: sk_test_alice, connectors: [pcon_a, pcon_b]}\n\
                     stranger: {key: sk_test_bob, connectors: [pcon_c, pcon_d]}\n";
        let setup: Setup = serde_saphyr::from_str(&format!("{users}{lines}")).unwrap();
        let base = Base::parse(url).unwrap();
        Driver::new(base, setup, contract_target(), Duration::from_secs(2), 10_000)
    }

    const NOWHERE: &str = "http://127.0.0.1:9";

    #[test]
    fn a_wait_is_granted_for_65_seconds_or_a_longer_window() {
        for (seconds, granted) in [(1, 65), (60, 65), (61, 66), (86_400, 86_405), (u32::MAX, 4_294_967_300)] {
            let lines = format!("limit: {{key: sk_limit, requests: 1, seconds: {seconds}}}");
            assert_eq!(driver(NOWHERE, &lines).longest_wait(), Duration::from_secs(granted), "{seconds}");
        }
        assert_eq!(driver(NOWHERE, "").longest_wait(), PATIENCE);
    }

    #[test]
    fn no_key_of_the_setup_is_shown_in_whole_or_in_part() {
        let lines =
            "revoked_keys: [sk_test_alice_old, owner.key]\nlimit: {key: sk_test_bobby, requests: 1, seconds: 1}";
        let driver = driver(NOWHERE, lines);
        for (sent, shown) in [
            ("X-API-Key: sk_test_alice", "X-API-Key: <owner.key>"),
            ("X-API-Key: sk_test_alic", "X-API-Key: <owner.key, cut>"),
            ("X-API-Key: sk_test_alice_old", "X-API-Key: <revoked_keys>"),
            ("sk_test_bob sk_test_bobby", "<stranger.key> <limit.key>"),
            ("sk_test_alicesk_test_alic", "<owner.key><owner.key, cut>"),
        ] {
            assert_eq!(driver.shown(sent.as_bytes()), shown);
        }
    }

    #[test]
    fn a_finding_shows_no_key_and_nothing_that_a_terminal_obeys() {
        let text = "X-Cache: \u{1b}[2J sk_test_alice";
        let finding = driver(NOWHERE, "").finding(text.as_bytes(), &text, text);
        for shown in [finding.sent, finding.got, finding.expected] {
            assert_eq!(shown, "X-Cache: \\u{1b}[2J <owner.key>");
        }
    }

    fn answer(status: u16, length: usize) -> Answer {
        let body = vec![b' '; length];
        Answer { status, headers: vec![], body, has_surplus: false, keeps_alive: true, took: Duration::ZERO }
    }

    #[test]
    fn answers_are_kept_up_to_a_size_and_the_laws_say_what_they_were_not_told() {
        let driver = driver(NOWHERE, "");
        driver.room.set(1000);
        for _ in 0..2 {
            driver.keep(b"GET /", &answer(200, 495), true);
        }
        assert!(driver.has_seen_all().is_ok());
        driver.keep(b"GET /", &answer(200, 495), true);
        assert_eq!(driver.seen.borrow().len(), 2);
        let Err(Stop::Skipped(why)) = driver.has_seen_all() else { panic!("no answer was left out") };
        assert!(why.starts_with("1 answers"), "{why}");
    }

    #[tokio::test]
    async fn a_command_that_prints_without_end_is_stopped() {
        let command = |words: [&str; 2]| words.map(str::to_owned).to_vec();
        let problem = run(&command(["yes", "pcon_a"])).await.unwrap_err();
        assert!(problem.contains("prints more than"), "{problem}");
        assert_eq!(run(&command(["echo", "pcon_a"])).await.unwrap(), "pcon_a\n");
        let problem = run(&command(["cat", "/no/such/file"])).await.unwrap_err();
        assert!(problem.contains("/no/such/file"), "{problem}");
    }

    #[tokio::test]
    async fn what_was_done_before_a_reset_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let [state, empty] = ["state", "empty"].map(|name| folder.path().join(name).display().to_string());
        std::fs::write(&state, "").unwrap();
        std::fs::write(&empty, "").unwrap();
        let driver = driver(NOWHERE, &format!("reset: [cp, {empty}, {state}]\ndisconnected: [cat, {state}]"));
        assert!(driver.reset().await.is_ok());
        for own in ["pcon_a", "pcon_b"] {
            assert_eq!(driver.own().await.unwrap(), own);
            driver.note_done(own);
        }
        std::fs::write(&state, "pcon_a\npcon_b\npcon_other\n").unwrap();
        // The first one again, as all are used.
        assert_eq!(driver.own().await.unwrap(), "pcon_a");
        assert_eq!(std::fs::read_to_string(&state).unwrap(), "");
        assert_eq!(*driver.surplus.borrow(), BTreeSet::from(["pcon_other".to_owned()]));
    }
}
