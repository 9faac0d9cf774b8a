//! The cases that take more than one request.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use freddy_types::{ErrorCode, HeaderLookup, headers};
use futures_util::future::join_all;
use serde_json::Value;

use super::driver::{Driver, code_of, unknown_id};
use super::http::{Answer, Connection, Trouble, message};
use super::limits;
use super::outcome::{MAX_FINDINGS, Stop};
use super::slow::{Unfinished, break_off};
use super::timing::{ERROR_RATE, PAIRS, Slower, TOLERATED, median, slower};
use crate::vectors::Case;
use crate::vectors::Level::{self, May, Must, Should};
use crate::vectors::exchange::{Exchange, names, reference_of};

/// Requests at the same time.
pub(super) const AT_ONCE: usize = 8;

/// Answers of each kind that are compared.
const ALIKE: usize = 4;

/// How long a server may take to close a connection.
const CLOSING: Duration = Duration::from_secs(2);

type Result = std::result::Result<(), Stop>;

/// A case of more than one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Procedure {
    StrangerDisconnects,
    EffectOfSuccess,
    OwnIsNotTheStrangers,
    AlikeInAnswer,
    AlikeWithWrongKey,
    AlikeWithRevokedKey,
    AlikeInTime,
    IdEncoded,
    IdOtherCase,
    ConcurrentSame,
    ConcurrentMixed,
    EffectOfRefusal,
    EffectOfHalfHead,
    EffectOfHalfBody,
    Head,
    Options,
    ByteByByte,
    Pipelined,
    KeepAlive,
    ConnectionClose,
    ExpectContinue,
    LengthAndChunks,
    Http2,
    Tls,
    Alive,
    EffectOfAll,
    RequestIdsDiffer,
    LimitKept,
    LimitNotLess,
    LimitCountsDown,
    LimitOfOneKey,
    LimitEnds,
    LimitAtOnce,
}

impl Procedure {
    /// What it is about.
    const fn group(self) -> &'static str {
        match self {
            Self::StrangerDisconnects | Self::EffectOfSuccess | Self::OwnIsNotTheStrangers => "ownership",
            Self::EffectOfRefusal | Self::EffectOfHalfHead | Self::EffectOfHalfBody | Self::EffectOfAll => "effects",
            Self::AlikeInAnswer | Self::AlikeWithWrongKey | Self::AlikeWithRevokedKey | Self::AlikeInTime => "secrecy",
            Self::IdEncoded | Self::IdOtherCase => "values",
            Self::ConcurrentSame | Self::ConcurrentMixed => "concurrency",
            Self::Head
            | Self::Options
            | Self::ByteByByte
            | Self::Pipelined
            | Self::KeepAlive
            | Self::ConnectionClose
            | Self::ExpectContinue
            | Self::LengthAndChunks
            | Self::Http2
            | Self::Tls => "http",
            Self::Alive | Self::RequestIdsDiffer => "laws",
            Self::LimitKept
            | Self::LimitNotLess
            | Self::LimitCountsDown
            | Self::LimitOfOneKey
            | Self::LimitEnds
            | Self::LimitAtOnce => "limits",
        }
    }

    /// Whether it is tried with each way to send a key: how a caller is known may lead to another way of looking things up.
    const fn is_for_each_scheme(self) -> bool {
        matches!(
            self,
            Self::OwnIsNotTheStrangers
                | Self::AlikeInAnswer
                | Self::AlikeWithWrongKey
                | Self::AlikeWithRevokedKey
                | Self::IdOtherCase
                | Self::ConcurrentMixed
                | Self::EffectOfRefusal
        )
    }
}

/// Those before the exchanges, which make what the exchanges name.
pub(super) fn first() -> Vec<(Case, String, Procedure)> {
    vec![row(
        Must,
        "disconnect-strangers-own",
        "Everybody may disconnect what is theirs.",
        reference("disconnect-connector"),
        Procedure::StrangerDisconnects,
    )]
}

/// Those behind the exchanges.
pub(super) fn rest() -> Vec<(Case, String, Procedure)> {
    use Procedure::{
        AlikeInAnswer, AlikeInTime, AlikeWithRevokedKey, AlikeWithWrongKey, Alive, ByteByByte, ConcurrentMixed,
        ConcurrentSame, ConnectionClose, EffectOfAll, EffectOfHalfBody, EffectOfHalfHead, EffectOfRefusal,
        EffectOfSuccess, ExpectContinue, Head, Http2, IdEncoded, IdOtherCase, KeepAlive, LengthAndChunks, LimitAtOnce,
        LimitCountsDown, LimitEnds, LimitKept, LimitNotLess, LimitOfOneKey, Options, OwnIsNotTheStrangers, Pipelined,
        RequestIdsDiffer, Tls,
    };
    let operation = || reference("disconnect-connector");
    let forbidden = || reference_of(ErrorCode::Forbidden);
    let codes = || reference("error-codes");
    let limited = || reference_of(ErrorCode::RateLimitExceeded);
    vec![
        row(Must, "effect-of-success", "A 204 says that the connector is disconnected.", operation(), EffectOfSuccess),
        row(
            Must,
            "disconnect-elses-done-by-owner",
            "That its owner has disconnected it makes a connector nobody else's.",
            forbidden(),
            OwnIsNotTheStrangers,
        ),
        row(
            Must,
            "alike-in-answer",
            "Status, headers and body do not tell somebody else's connector from one that does not exist.",
            forbidden(),
            AlikeInAnswer,
        ),
        row(
            Must,
            "alike-with-wrong-key",
            "Who has no key learns nothing of connectors.",
            reference_of(ErrorCode::Unauthorized),
            AlikeWithWrongKey,
        ),
        row(
            Should,
            "alike-with-revoked-key",
            "Nobody can find out which keys there were.",
            reference_of(ErrorCode::Unauthorized),
            AlikeWithRevokedKey,
        ),
        row(
            Should,
            "alike-in-time",
            "The time of the answer does not tell somebody else's connector from one that does not exist.",
            forbidden(),
            AlikeInTime,
        ),
        row(
            Should,
            "id-percent-encoded",
            "A letter may be percent-encoded (RFC 3986, section 6.2.2).",
            reference("connectorid"),
            IdEncoded,
        ),
        row(Must, "id-in-other-case", "IDs distinguish upper and lower case.", reference("connectorid"), IdOtherCase),
        row(
            Must,
            "concurrent-same",
            "Calls for one connector at the same time all succeed.",
            operation(),
            ConcurrentSame,
        ),
        row(
            Must,
            "concurrent-mixed",
            "Calls at the same time get each their own answer.",
            operation(),
            ConcurrentMixed,
        ),
        row(Must, "effect-of-refusal", "A refused request disconnects nothing.", forbidden(), EffectOfRefusal),
        row(
            Must,
            "effect-of-unfinished-head",
            "A request whose head has not come to its end asks for nothing.",
            operation(),
            EffectOfHalfHead,
        ),
        row(
            // A server may answer before it has read a body that it does not need.
            May,
            "effect-of-unfinished-body",
            "A request that breaks off in its body does nothing.",
            operation(),
            EffectOfHalfBody,
        ),
        row(May, "method-head", "HEAD is answered without a body.", codes(), Head),
        row(May, "method-options", "OPTIONS names the methods, or is refused in the envelope.", codes(), Options),
        row(Should, "odd-byte-by-byte", "A request may arrive in pieces.", operation(), ByteByByte),
        row(
            May,
            "odd-pipelined",
            "Requests that are sent at once are answered in their order.",
            operation(),
            Pipelined,
        ),
        row(
            Should,
            "odd-keep-alive",
            "A connection takes several requests, also after a refusal.",
            operation(),
            KeepAlive,
        ),
        row(
            Should,
            "odd-connection-close",
            "Who asks for it gets the connection closed.",
            operation(),
            ConnectionClose,
        ),
        row(Should, "odd-expect-continue", "Who waits for 100 gets it, or the answer.", operation(), ExpectContinue),
        row(
            May,
            "odd-length-and-chunks",
            "A length beside chunks hides no second request (RFC 9112, section 6.1).",
            operation(),
            LengthAndChunks,
        ),
        row(
            Should,
            "odd-http-2-preface",
            "Who speaks HTTP/2 without having asked for it is answered in HTTP/2, refused or hung up on.",
            operation(),
            Http2,
        ),
        row(Should, "odd-tls-hello", "Who speaks TLS where none is spoken is refused or hung up on.", operation(), Tls),
        row(Must, "alive-after-all", "After all of this the server answers as before.", operation(), Alive),
        row(Must, "effect-of-all", "Nothing is disconnected but what was asked for.", operation(), EffectOfAll),
        row(Must, "limit-kept", "Not one request too many is answered in a window.", limited(), LimitKept),
        row(
            Should,
            "limit-not-less",
            "As many requests are answered in a window as are allowed.",
            limited(),
            LimitNotLess,
        ),
        row(
            Should,
            "limit-counts-down",
            "What is left goes down by one with each request.",
            limited(),
            LimitCountsDown,
        ),
        row(Should, "limit-of-one-key", "Who is over the limit takes nothing from others.", limited(), LimitOfOneKey),
        row(Must, "limit-ends", "After the wait that a 429 asks for, a request is answered.", limited(), LimitEnds),
        row(Must, "limit-at-once", "Requests at the same time are counted each.", limited(), LimitAtOnce),
        row(
            Must,
            "law-request-ids-differ",
            "Each request has an ID of its own.",
            reference("errorobject"),
            RequestIdsDiffer,
        ),
    ]
}

fn row(level: Level, name: &str, why: &str, at: String, procedure: Procedure) -> (Case, String, Procedure) {
    (Case::new(level, name, why).in_group(procedure.group()), at, procedure)
}

fn reference(anchor: &str) -> String {
    anchor.to_owned()
}

pub(super) async fn run(procedure: Procedure, driver: &Driver, limits: &limits::Limits) -> Result {
    let first = driver.scheme.get();
    let others = driver.target.auth.iter().copied().filter(|scheme| *scheme != first);
    let mut result = once(procedure, driver, limits).await;
    for scheme in others.filter(|_| procedure.is_for_each_scheme()) {
        if result.is_err() {
            break;
        }
        driver.scheme.set(scheme);
        result = once(procedure, driver, limits).await;
        driver.scheme.set(first);
    }
    result
}

async fn once(procedure: Procedure, driver: &Driver, limits: &limits::Limits) -> Result {
    match procedure {
        Procedure::StrangerDisconnects => driver.elses_done().await.map(drop),
        Procedure::EffectOfSuccess => effect_of_success(driver).await,
        Procedure::OwnIsNotTheStrangers => {
            let id = driver.done().await?;
            let request = driver.request(driver.target.method.as_str(), &id, Some(&driver.setup.stranger.key));
            expect(driver, &request, &[ErrorCode::Forbidden.status()]).await.map(drop)
        }
        Procedure::AlikeInAnswer => alike_in_answer(driver).await,
        Procedure::AlikeWithWrongKey => alike_with_wrong_key(driver).await,
        Procedure::AlikeWithRevokedKey => alike_with_revoked_key(driver).await,
        Procedure::AlikeInTime => alike_in_time(driver).await,
        Procedure::IdEncoded => id_encoded(driver).await,
        Procedure::IdOtherCase => id_in_other_case(driver).await,
        Procedure::ConcurrentSame => concurrent_same(driver).await,
        Procedure::ConcurrentMixed => concurrent_mixed(driver).await,
        Procedure::EffectOfRefusal => effect_of_refusal(driver).await,
        Procedure::EffectOfHalfHead => effect_of_half(driver, &Unfinished::WITHOUT_HEAD).await,
        Procedure::EffectOfHalfBody => effect_of_half(driver, &Unfinished::WITH_HEAD).await,
        Procedure::Head => method_head(driver).await,
        Procedure::Options => method_options(driver).await,
        Procedure::ByteByByte => byte_by_byte(driver).await,
        Procedure::Pipelined => pipelined(driver).await,
        Procedure::KeepAlive => keep_alive(driver).await,
        Procedure::ConnectionClose => connection_close(driver).await,
        Procedure::ExpectContinue => expect_continue(driver).await,
        Procedure::LengthAndChunks => length_and_chunks(driver).await,
        Procedure::Http2 => not_http_1(driver, HTTP_2, |first| first.get(3) == Some(&HTTP_2_SETTINGS)).await,
        Procedure::Tls => not_http_1(driver, TLS_HELLO, |first| first.starts_with(&[TLS_ALERT])).await,
        Procedure::Alive => {
            let request = driver.disconnect(&driver.done().await?);
            succeeds(driver, &request).await.map(drop)
        }
        Procedure::EffectOfAll => effect_of_all(driver).await,
        Procedure::RequestIdsDiffer => request_ids_differ(driver),
        Procedure::LimitKept => limits.kept(driver).await,
        Procedure::LimitNotLess => limits.not_less(driver).await,
        Procedure::LimitCountsDown => limits.counts_down(driver).await,
        Procedure::LimitOfOneKey => limits.of_one_key(driver).await,
        Procedure::LimitEnds => limits.ends(driver).await,
        Procedure::LimitAtOnce => limits.at_once(driver).await,
    }
}

/// Runs a case that is one request, with each of the revoked keys if it has one.
pub(super) async fn exchange(exchange: &Exchange, driver: &Driver) -> Result {
    let of_revoked = driver.setup.revoked_keys.len().max(1);
    let times = if exchange.names(names::REVOKED_KEY) { of_revoked } else { 1 };
    for number in 0..times {
        driver.revoked.set(number);
        let request = driver.bytes(&exchange.request).await?;
        let result = judged(exchange, driver, &request).await;
        if driver.setup.disconnected.is_some() {
            let effect = effect_of_exchange(exchange, driver, &request).await;
            result.and(effect)?;
        } else {
            result?;
        }
    }
    Ok(())
}

/// Looks at what an exchange has disconnected.
async fn effect_of_exchange(exchange: &Exchange, driver: &Driver, request: &[u8]) -> Result {
    // Whether the command fails, other cases say.
    let Ok(surplus) = driver.newly_surplus().await else { return Ok(()) };
    if !surplus.is_empty() {
        let got = format!("disconnected: {}", surplus.into_iter().collect::<Vec<_>>().join(", "));
        return Err(failed(driver, request, &got, "nothing is disconnected but what the case names"));
    }
    let id = sent_id(request);
    if exchange.disconnects.is_empty() || driver.was_disconnected(&id) {
        return Ok(());
    }
    match driver.newly_disconnected().await {
        Ok(now) if !now.contains(&id) => Err(failed(driver, request, &format!("{id} is not disconnected"), "it is")),
        _ => Ok(()),
    }
}

async fn judged(exchange: &Exchange, driver: &Driver, request: &[u8]) -> Result {
    let answer = match driver.send_as(request, exchange.is_http).await {
        Ok(answer) => answer,
        Err(Trouble::Closed) if exchange.may_close => return Ok(()),
        Err(trouble) => return Err(Stop::failed(driver.finding(request, &trouble, &allowed(exchange)))),
    };
    if answer.status == driver.target.success.status && exchange.names(names::OWN) {
        driver.note_not_spared();
    }
    let is_allowed = exchange.answers.iter().any(|allowed| {
        allowed.status == answer.status
            && allowed.code.as_ref().is_none_or(|code| code_of(&answer).as_ref() == Some(code))
    });
    if is_allowed {
        if !exchange.disconnects.is_empty() {
            driver.note_done(&sent_id(request));
        }
        return Ok(());
    }
    let finding = driver.finding(request, &driver.shown_answer(&answer), &allowed(exchange));
    Err(Stop::failed(finding))
}

/// The ID that a request for the endpoint names.
fn sent_id(request: &[u8]) -> String {
    let line = String::from_utf8_lossy(request);
    let target = line.split(' ').nth(1).unwrap_or_default().to_owned();
    target.rsplit('/').next().unwrap_or_default().to_owned()
}

fn allowed(exchange: &Exchange) -> String {
    let one = |answer: &crate::vectors::exchange::Answer| match &answer.code {
        Some(code) => format!("{} {code}", answer.status),
        None => answer.status.to_string(),
    };
    let mut all: Vec<_> = exchange.answers.iter().map(one).collect();
    if exchange.may_close {
        all.push("a closed connection".to_owned());
    }
    all.join(", or ")
}

/// Sends a request, whose answer has to have one of these statuses.
async fn expect(driver: &Driver, request: &[u8], statuses: &[u16]) -> std::result::Result<Answer, Stop> {
    let answer = driver.send(request).await;
    judge(driver, request, answer, statuses)
}

async fn succeeds(driver: &Driver, request: &[u8]) -> std::result::Result<Answer, Stop> {
    expect(driver, request, &[driver.target.success.status]).await
}

fn judge(
    driver: &Driver,
    request: &[u8],
    answer: std::result::Result<Answer, Trouble>,
    statuses: &[u16],
) -> std::result::Result<Answer, Stop> {
    let expected = statuses.iter().map(u16::to_string).collect::<Vec<_>>().join(", or ");
    match answer {
        Ok(answer) if statuses.contains(&answer.status) => Ok(answer),
        Ok(answer) => Err(Stop::failed(driver.finding(request, &driver.shown_answer(&answer), &expected))),
        Err(trouble) => Err(Stop::failed(driver.finding(request, &trouble, &expected))),
    }
}

fn failed(driver: &Driver, request: &[u8], got: &str, expected: &str) -> Stop {
    Stop::failed(driver.finding(request, &got, expected))
}

// What has changed

async fn effect_of_success(driver: &Driver) -> Result {
    let id = driver.done().await?;
    let disconnected = driver.newly_disconnected().await?;
    driver.has_to_be_connected(&id)?;
    if disconnected.contains(&id) {
        return Ok(());
    }
    Err(failed(
        driver,
        &driver.disconnect(&id),
        &format!("a success, and {id} is not disconnected"),
        "a connector that is disconnected",
    ))
}

async fn effect_of_all(driver: &Driver) -> Result {
    driver.newly_surplus().await?;
    let surplus: Vec<_> = driver.surplus.borrow().iter().cloned().collect();
    if surplus.is_empty() {
        for id in [driver.aim().await?, driver.elses()] {
            driver.has_to_be_connected(&id)?;
        }
        return Ok(());
    }
    Err(failed(
        driver,
        b"every request of this run",
        &format!("disconnected: {}", surplus.join(", ")),
        "only what was asked for",
    ))
}

async fn effect_of_refusal(driver: &Driver) -> Result {
    let before = driver.newly_disconnected().await?;
    let own = driver.spared().await?;
    driver.has_to_be_connected(&own)?;
    let method = driver.target.method.as_str();
    let (key, stranger) = (driver.setup.owner.key.as_str(), driver.setup.stranger.key.as_str());
    let elses = driver.elses();
    let scheme = driver.scheme.get();
    let path = driver.target.request.target().replace(names::DONE, &own);
    let line = (scheme.header().to_owned(), format!("{}{key}", scheme.prefix()));
    let mut requests = vec![
        driver.request(method, &own, None),
        driver.request(method, &own, Some("sk_nobody")),
        driver.request(method, &own, Some(stranger)),
        driver.request(method, &elses, Some(key)),
        driver.request(method, &format!("{own}-"), Some(key)),
        driver.request(method, &format!("{own}%0A"), Some(key)),
        message(&driver.base, method, &format!("{path}/no-such-path"), &[line], None),
    ];
    requests
        .extend(["GET", "POST", "PUT", "PATCH", "HEAD", "OPTIONS"].map(|other| driver.request(other, &own, Some(key))));
    for request in &requests {
        // Whether the answer is right, other cases say.
        let _ = driver.send(request).await;
        let disconnected = driver.newly_disconnected().await?;
        if let Some(id) = [&own, &elses].into_iter().find(|id| disconnected.contains(*id) && !before.contains(*id)) {
            driver.note_not_spared();
            return Err(failed(driver, request, &format!("{id} is disconnected"), "a refusal that changes nothing"));
        }
    }
    Ok(())
}

/// Breaks a request off, and looks at what it has done.
async fn effect_of_half(driver: &Driver, kinds: &[Unfinished]) -> Result {
    // Whether it is possible is known before anything is sent.
    driver.newly_disconnected().await?;
    let own = driver.spared().await?;
    driver.has_to_be_connected(&own)?;
    let whole = driver.disconnect(&own);
    let beginnings: Vec<_> = kinds.iter().map(|unfinished| unfinished.beginning(&whole)).collect();
    let sent = beginnings.join("\n\nand on another connection\n\n".as_bytes());
    let trouble = |trouble| Stop::failed(driver.finding(&sent, &trouble, "a connection"));
    break_off(driver, &beginnings).await.map_err(trouble)?;
    if driver.newly_disconnected().await?.contains(&own) {
        driver.note_not_spared();
        return Err(failed(driver, &sent, &format!("{own} is disconnected"), "nothing is done"));
    }
    Ok(())
}

// What must not be told apart

/// What of an answer may not depend on the connector: the headers, and the body without ID and time.
fn comparable(answer: &Answer) -> (u16, Vec<String>, String) {
    let mut names: Vec<_> = answer.headers.iter().map(|(name, _)| name.to_lowercase()).collect();
    // Some servers keep them in a map, which has no order.
    names.sort_unstable();
    let mut body = String::from_utf8_lossy(&answer.body).into_owned();
    if let Ok(json) = serde_json::from_slice::<Value>(&answer.body) {
        for field in ["/error/trace_id", "/error/timestamp"] {
            if let Some(text) = json.pointer(field).and_then(Value::as_str) {
                body = body.replace(text, "…");
            }
        }
    }
    (answer.status, names, body)
}

/// Headers that have the same value in all of these answers.
fn constant(answers: &[Answer]) -> BTreeMap<String, Vec<u8>> {
    let mut constant: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let names: BTreeSet<_> =
        answers.iter().flat_map(|answer| answer.headers.iter().map(|(name, _)| name.to_lowercase())).collect();
    for name in names {
        let values: BTreeSet<_> =
            answers.iter().map(|answer| answer.headers.value_of(&name).map(<[u8]>::to_vec)).collect();
        if let (1, Some(Some(value))) = (values.len(), values.into_iter().next()) {
            constant.insert(name, value);
        }
    }
    constant
}

/// Headers that differ from one request to the next, whatever it asks for. The length is that of the ID as well: `req_9` and `req_10`.
fn is_of_the_time(name: &str) -> bool {
    let limit = [
        headers::X_RATELIMIT_REMAINING,
        headers::X_RATELIMIT_RESET,
        headers::X_REQUEST_ID,
        headers::DATE,
        "Content-Length",
    ];
    limit.iter().any(|other| other.eq_ignore_ascii_case(name))
}

async fn answered(driver: &Driver, request: &[u8]) -> std::result::Result<Answer, Stop> {
    let answer = driver.send(request).await;
    answer.map_err(|trouble| Stop::failed(driver.finding(request, &trouble, "an answer")))
}

/// Fails if two kinds of requests, of which there are as many, are told apart by their answers.
async fn compare(driver: &Driver, first: &[Vec<u8>], second: &[Vec<u8>]) -> Result {
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    // By turns, so that what changes with time is not taken for what differs between the kinds.
    for (one, other) in first.iter().zip(second) {
        ones.push(answered(driver, one).await?);
        others.push(answered(driver, other).await?);
    }
    let mut findings = Vec::new();
    for (request, answer) in first.iter().zip(&ones).chain(second.iter().zip(&others)).skip(1) {
        let Some(wanted) = ones.first() else { break };
        if comparable(answer) != comparable(wanted) {
            let expected = format!(
                "the same but for ID and time as to\n{}\nwhich got\n{}",
                first.first().map(|request| driver.shown(request)).unwrap_or_default(),
                driver.shown_answer(wanted)
            );
            findings.push(driver.finding(request, &driver.shown_answer(answer), &expected));
        }
    }
    let (one, other) = (constant(&ones), constant(&others));
    for (name, value) in one.iter().filter(|(name, _)| !is_of_the_time(name)) {
        if let (Some(differs), Some(request)) = (other.get(name).filter(|other| *other != value), second.first()) {
            let got = format!("{name}: {}", String::from_utf8_lossy(differs));
            findings.push(driver.finding(request, &got, &format!("{name}: {}", String::from_utf8_lossy(value))));
        }
    }
    findings.truncate(MAX_FINDINGS);
    if findings.is_empty() { Ok(()) } else { Err(Stop::Failed(findings)) }
}

async fn alike_in_answer(driver: &Driver) -> Result {
    let elses = vec![driver.disconnect(&driver.elses()); ALIKE];
    let unknown: Vec<_> = (0..ALIKE).map(|_| driver.disconnect(&unknown_id())).collect();
    compare(driver, &elses, &unknown).await?;
    let gone = gone(driver).await?;
    compare(driver, &unknown, &vec![driver.disconnect(&gone); ALIKE]).await
}

/// A connector of the stranger's that is disconnected, behind what was tried with one that is not.
async fn gone(driver: &Driver) -> std::result::Result<String, Stop> {
    driver.elses_done().await.map_err(|stop| {
        let why = match stop {
            Stop::Skipped(why) => why,
            Stop::Failed(_) => "the stranger cannot disconnect their own".to_owned(),
        };
        Stop::skip(format!("alike as far as it was tried, which a connector that is gone was not: {why}"))
    })
}

async fn alike_with_wrong_key(driver: &Driver) -> Result {
    let done = driver.done().await?;
    let call = |id: &str| driver.request(driver.target.method.as_str(), id, Some("sk_nobody"));
    let known = [call(&done), call(&driver.elses())];
    compare(driver, &known, &[call(&unknown_id()), call(&unknown_id())]).await
}

async fn alike_with_revoked_key(driver: &Driver) -> Result {
    let id = driver.aim().await?;
    let calls = |key: &str| vec![driver.request(driver.target.method.as_str(), &id, Some(key)); ALIKE];
    if driver.setup.revoked_keys.is_empty() {
        return Err(Stop::skip("the setup names no `revoked_keys`"));
    }
    for key in &driver.setup.revoked_keys {
        compare(driver, &calls("sk_nobody"), &calls(key)).await?;
    }
    Ok(())
}

async fn alike_in_time(driver: &Driver) -> Result {
    alike_in_time_to(driver, &driver.elses()).await?;
    alike_in_time_to(driver, &gone(driver).await?).await
}

async fn alike_in_time_to(driver: &Driver, elses: &str) -> Result {
    let Some((slower, first)) = sample(driver, elses).await? else { return Ok(()) };
    // Somebody else's work on the machine may look like a difference, once; or twice, each time another one.
    let Some((slower_again, second)) = sample(driver, elses).await? else { return Ok(()) };
    if slower != slower_again {
        return Ok(());
    }
    let got = format!("{first}; and again: {second}");
    let expected = format!(
        "no difference of more than {:.2} ms, by a sign test that is wrong in at most {ERROR_RATE} of all runs",
        TOLERATED * 1000.0
    );
    Err(failed(driver, &driver.disconnect(elses), &got, &expected))
}

/// Which kind is slower, and how much, in words.
async fn sample(driver: &Driver, elses: &str) -> std::result::Result<Option<(&'static str, String)>, Stop> {
    let elses = driver.disconnect(elses);
    let mut connection = None;
    let mut pairs = Vec::new();
    // The first few warm up what is between the server and here.
    for number in 0..PAIRS + 4 {
        let unknown = driver.disconnect(&unknown_id());
        // In either order, so that the order does not count.
        let (of_elses, of_unknown) = if fastrand::bool() {
            let one = time(driver, &mut connection, &elses).await?;
            (one, time(driver, &mut connection, &unknown).await?)
        } else {
            let one = time(driver, &mut connection, &unknown).await?;
            (time(driver, &mut connection, &elses).await?, one)
        };
        if number >= 4 {
            pairs.push((of_elses, of_unknown));
        }
    }
    let (kind, count) = match slower(&pairs) {
        None => return Ok(None),
        Some(Slower::First(count)) => ("somebody else's", count),
        Some(Slower::Second(count)) => ("an unknown one", count),
    };
    let middle = |pick: fn(&(f64, f64)) -> f64| 1000.0 * median(pairs.iter().map(pick).collect());
    let (elses, unknown) = (middle(|pair| pair.0), middle(|pair| pair.1));
    Ok(Some((
        kind,
        format!(
            "{kind} is slower in {count} of {PAIRS} pairs; the medians are {elses:.2} ms for somebody else's and {unknown:.2} ms for an unknown one"
        ),
    )))
}

async fn time(driver: &Driver, connection: &mut Option<Connection>, request: &[u8]) -> std::result::Result<f64, Stop> {
    let trouble = |trouble| Stop::failed(driver.finding(request, &trouble, "an answer"));
    for left in (0..4).rev() {
        driver.turn().await;
        if connection.is_none() {
            *connection = Some(driver.open().await.map_err(trouble)?);
        }
        let Some(open) = connection.as_mut() else { break };
        match open.call(request).await {
            Ok(answer) => {
                driver.keep(request, &answer, true);
                if !answer.keeps_alive {
                    *connection = None;
                }
                if !driver.waits_for_limit(&answer, left).await {
                    return Ok(answer.took.as_secs_f64());
                }
                *connection = None;
            }
            // Servers close connections, at a moment of their own.
            Err(Trouble::Closed) if left > 0 => *connection = None,
            Err(other) => return Err(trouble(other)),
        }
    }
    Err(Stop::skip("the rate limit leaves no room for it"))
}

// IDs

async fn id_encoded(driver: &Driver) -> Result {
    let id = driver.done().await?;
    let encoded: String = id
        .bytes()
        .map(|byte| if byte.is_ascii_lowercase() { format!("%{byte:02x}") } else { char::from(byte).to_string() })
        .collect();
    succeeds(driver, &driver.disconnect(&encoded)).await.map(drop)
}

async fn id_in_other_case(driver: &Driver) -> Result {
    let id = driver.done().await?;
    let prefix = id.find('_').map_or(0, |at| at + 1);
    let (prefix, rest) = id.split_at(prefix);
    let other: String = rest
        .chars()
        .map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
        .collect();
    let other = format!("{prefix}{other}");
    let ids = driver.setup.owner.connectors.iter().chain(&driver.setup.stranger.connectors);
    if other == id || ids.into_iter().any(|id| *id == *other) {
        return Err(Stop::skip(format!("{id} has no letters, or the setup names {other} as well")));
    }
    expect(driver, &driver.disconnect(&other), &[ErrorCode::Forbidden.status()]).await.map(drop)
}

// At the same time

async fn concurrent_same(driver: &Driver) -> Result {
    let id = match driver.own().await {
        Ok(id) => id,
        // Disconnecting again, all at once, shows less, but something.
        Err(_) => driver.done().await?,
    };
    driver.note_done(&id);
    let (method, key) = (driver.target.method.as_str(), Some(&*driver.setup.owner.key));
    let schemes = driver.target.auth.iter().cycle().take(AT_ONCE);
    let requests: Vec<_> = schemes.map(|scheme| driver.request_as(*scheme, method, &id, key)).collect();
    let all = join_all(requests.iter().map(|request| succeeds(driver, request))).await;
    all.into_iter().collect::<std::result::Result<Vec<_>, _>>().map(drop)
}

async fn concurrent_mixed(driver: &Driver) -> Result {
    let done = driver.done().await?;
    let method = driver.target.method.as_str();
    let kinds = [
        (driver.disconnect(&done), driver.target.success.status),
        (driver.disconnect(&driver.elses()), ErrorCode::Forbidden.status()),
        (driver.request(method, &done, None), ErrorCode::Unauthorized.status()),
        (driver.disconnect(&unknown_id()), ErrorCode::Forbidden.status()),
        (driver.disconnect(&format!("{done}-")), ErrorCode::ValidationError.status()),
        (driver.request(method, &driver.elses(), Some(&driver.setup.stranger.key)), 0),
        (driver.request(method, &done, Some(&driver.setup.stranger.key)), ErrorCode::Forbidden.status()),
    ];
    // The stranger's own would be disconnected.
    let kinds: Vec<_> = kinds.into_iter().filter(|(_, status)| *status != 0).collect();
    let calls = kinds
        .iter()
        .cycle()
        .take(2 * AT_ONCE)
        .map(|(request, status)| async move { expect(driver, request, &[*status]).await });
    let all = join_all(calls).await;
    all.into_iter().collect::<std::result::Result<Vec<_>, _>>().map(drop)
}

// Methods

async fn method_head(driver: &Driver) -> Result {
    let request = driver.request("HEAD", &driver.done().await?, Some(&driver.setup.owner.key));
    let trouble = |trouble| Stop::failed(driver.finding(&request, &trouble, "a head without a body"));
    let sent = driver.send_on(None, &request, true, async |connection| connection.call(&request).await).await;
    let (mut connection, answer) = sent.map_err(trouble)?;
    let statuses = [200, 204, ErrorCode::MethodNotAllowed.status(), ErrorCode::NotFound.status()];
    judge(driver, &request, Ok(answer), &statuses)?;
    if connection.is_silent().await {
        return Ok(());
    }
    Err(failed(driver, &request, "bytes behind the head", "a head without a body"))
}

async fn method_options(driver: &Driver) -> Result {
    let request = driver.request("OPTIONS", &driver.done().await?, Some(&driver.setup.owner.key));
    let answer = expect(driver, &request, &[200, 204, ErrorCode::MethodNotAllowed.status()]).await?;
    let allowed = answer.header("Allow").unwrap_or_default().to_owned();
    if allowed.split(',').any(|method| method.trim() == driver.target.method.as_str()) {
        return Ok(());
    }
    Err(failed(driver, &request, &driver.shown_answer(&answer), &format!("an Allow with {}", driver.target.method)))
}

// HTTP

async fn byte_by_byte(driver: &Driver) -> Result {
    let request = driver.disconnect(&driver.done().await?);
    let sent = driver.send_on(None, &request, true, async |connection| {
        for piece in request.chunks(1) {
            connection.write(piece).await?;
            tokio::task::yield_now().await;
        }
        connection.answer().await
    });
    judge(driver, &request, sent.await.map(|(_, answer)| answer), &[driver.target.success.status]).map(drop)
}

async fn pipelined(driver: &Driver) -> Result {
    let (first, second) = (driver.disconnect(&driver.done().await?), driver.disconnect(&unknown_id()));
    let both = [first.as_slice(), &second].concat();
    let wanted = Cell::new(driver.target.success.status);
    let sent = driver.send_on(None, &both, true, async |connection| {
        // The second one's.
        driver.turn().await;
        wanted.set(driver.target.success.status);
        connection.write(&both).await?;
        let answer = connection.pipelined_answer().await?;
        if answer.status != wanted.get() {
            return Ok(answer);
        }
        driver.keep(&both, &answer, true);
        wanted.set(ErrorCode::Forbidden.status());
        connection.answer().await
    });
    let answer = sent.await.map(|(_, answer)| answer);
    judge(driver, &both, answer, &[wanted.get()]).map(drop)
}

async fn keep_alive(driver: &Driver) -> Result {
    let done = driver.done().await?;
    let malformed = driver.disconnect(&format!("{done}-"));
    let first = driver.disconnect(&done);
    let mut open = None;
    for (request, status) in [
        (&malformed, ErrorCode::ValidationError.status()),
        (&first, driver.target.success.status),
        (&malformed, ErrorCode::ValidationError.status()),
        (&first, driver.target.success.status),
    ] {
        let sent = driver.send_on(open, request, true, async |connection| connection.call(request).await).await;
        let (connection, answer) =
            sent.map_err(|trouble| Stop::failed(driver.finding(request, &trouble, &status.to_string())))?;
        open = answer.keeps_alive.then_some(connection);
        judge(driver, request, Ok(answer), &[status])?;
    }
    Ok(())
}

/// A request with more lines in its head.
pub(super) fn with_lines(request: &[u8], lines: &str) -> Vec<u8> {
    String::from_utf8_lossy(request).replacen("\r\n\r\n", &format!("\r\n{lines}\r\n"), 1).into_bytes()
}

async fn connection_close(driver: &Driver) -> Result {
    let request = with_lines(&driver.disconnect(&driver.done().await?), "Connection: close\r\n");
    let trouble = |trouble| Stop::failed(driver.finding(&request, &trouble, "an answer, and then the end"));
    let sent = driver.send_on(None, &request, true, async |connection| connection.call(&request).await).await;
    let (mut connection, answer) = sent.map_err(trouble)?;
    judge(driver, &request, Ok(answer), &[driver.target.success.status])?;
    if connection.is_closed_within(CLOSING).await {
        return Ok(());
    }
    Err(failed(driver, &request, &format!("a connection that is open after {CLOSING:?}"), "the end of the connection"))
}

async fn expect_continue(driver: &Driver) -> Result {
    let request =
        with_lines(&driver.disconnect(&driver.done().await?), "Content-Length: 2\r\nExpect: 100-continue\r\n");
    let trouble = |trouble| Stop::failed(driver.finding(&request, &trouble, "100 Continue, or an answer"));
    let sent = driver.send_on(None, &request, true, async |connection| {
        connection.write(&request).await?;
        // The body is sent only when the server has said something.
        connection.wait().await?;
        let _ = connection.write(b"{}").await;
        connection.answer().await
    });
    let (_, answer) = sent.await.map_err(trouble)?;
    let statuses = [driver.target.success.status, ErrorCode::ValidationError.status(), 417];
    judge(driver, &request, Ok(answer), &statuses).map(drop)
}

async fn length_and_chunks(driver: &Driver) -> Result {
    let hidden = driver.disconnect(&unknown_id());
    let length = 5 + hidden.len();
    let lines = format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n");
    let mut request = with_lines(&driver.disconnect(&driver.done().await?), &lines);
    request.extend_from_slice(b"0\r\n\r\n");
    request.extend_from_slice(&hidden);
    let trouble = |trouble| Stop::failed(driver.finding(&request, &trouble, "one answer at most"));
    let sent = driver.send_on(None, &request, false, async |connection| connection.call(&request).await).await;
    let mut connection = match sent {
        Err(Trouble::Closed) => return Ok(()),
        Err(other) => return Err(trouble(other)),
        Ok((connection, _)) => connection,
    };
    if connection.is_closed_within(CLOSING).await || connection.is_silent().await {
        return Ok(());
    }
    Err(failed(driver, &request, "two answers", "one answer at most, and then the end of the connection"))
}

/// What a client of HTTP/2 begins with, and a frame of settings.
const HTTP_2: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/// The kind of the frame that a server of HTTP/2 begins with.
const HTTP_2_SETTINGS: u8 = 4;
/// The beginning of TLS: a record of the version 3.1 with a `ClientHello` that offers one cipher suite.
const TLS_HELLO: &[u8] = b"\x16\x03\x01\0\x31\x01\0\0\x2d\x03\x03\
    \x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x20\
    \0\0\x04\x13\x01\0\xff\x01\0\0\0";
const TLS_ALERT: u8 = 0x15;

/// Speaks another protocol, to which a server that knows it may answer in it.
async fn not_http_1(driver: &Driver, bytes: &[u8], is_answer: fn(&[u8]) -> bool) -> Result {
    let expected = "a refusal, or a closed connection";
    let trouble = |trouble| Stop::failed(driver.finding(bytes, &trouble, expected));
    driver.turn().await;
    let mut connection = driver.open().await.map_err(trouble)?;
    match connection.call(bytes).await {
        Ok(answer) => {
            driver.keep(bytes, &answer, false);
            judge(driver, bytes, Ok(answer), &[400, 404, 405, 426, 501, 505]).map(drop)
        }
        Err(Trouble::Closed) => Ok(()),
        Err(Trouble::NotHttp(_)) if is_answer(connection.unread()) => Ok(()),
        Err(other) => Err(trouble(other)),
    }
}

// All answers

fn request_ids_differ(driver: &Driver) -> Result {
    let seen = driver.seen.borrow();
    let mut ids = BTreeMap::new();
    for seen in seen.iter() {
        let Some(id) = seen.answer.header(headers::X_REQUEST_ID) else { continue };
        if let Some(before) = ids.insert(id, &seen.sent) {
            let got = format!("{id} to this one and to\n{before}");
            return Err(failed(driver, seen.sent.as_bytes(), &got, "an ID of its own"));
        }
    }
    if ids.is_empty() { Err(Stop::skip("no answer has an ID")) } else { driver.has_seen_all() }
}
