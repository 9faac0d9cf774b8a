//! Requests that do not come to their end: held open beside the rest of the run, until the server gives them up.

use std::cell::RefCell;
use std::pin::pin;
use std::time::{Duration, Instant};

use freddy_types::ErrorCode;
use futures_util::future::{Either, join_all, select};
use tokio::sync::Notify;

use super::cases::with_lines;
use super::driver::{Driver, unknown_id};
use super::http::{Connection, Trouble};
use super::outcome::Stop;
use crate::vectors::Case;
use crate::vectors::Level::{May, Should};

type Result = std::result::Result<(), Stop>;

/// From one byte to the next, where they come one at a time.
const DRIP: Duration = Duration::from_millis(500);

/// How long what is sent may take to arrive.
const SETTLING: Duration = Duration::from_millis(200);

/// How much longer an answer may take while others are waited for, beside [`TIMES_LONGER`].
const LONGER: Duration = Duration::from_secs(1);
const TIMES_LONGER: u32 = 4;

/// Where a request comes to a halt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfinished {
    Silent,
    Idle,
    Head,
    HeadDrip,
    Body,
    BodyHalf,
    BodyDrip,
    BodyChunks,
}
use Unfinished::{Body, BodyChunks, BodyDrip, BodyHalf, Head, HeadDrip, Idle, Silent};

/// Each with the end of its name, and why.
const ALL: [(Unfinished, &str, &str); 8] = [
    (Silent, "silent", "A connection on which nothing is ever said is given up."),
    (Idle, "idle", "A connection on which nothing is said after an answer is given up."),
    (Head, "head", "A head that stops before its end is given up."),
    (HeadDrip, "head-drip", "A head that comes a byte at a time, and has no end, is given up."),
    (Body, "body", "A body that was announced and never comes is given up, or not waited for."),
    (BodyHalf, "body-half", "A body that stops in the middle is given up, or not waited for."),
    (BodyDrip, "body-drip", "A body that comes a byte at a time is given up, or not waited for."),
    (BodyChunks, "body-chunks", "A body in chunks that has no last one is given up, or not waited for."),
];

impl Unfinished {
    /// Those whose head is whole.
    pub(super) const WITH_HEAD: [Self; 4] = [Body, BodyHalf, BodyDrip, BodyChunks];
    pub(super) const WITHOUT_HEAD: [Self; 2] = [Head, HeadDrip];

    /// What is sent of a request.
    pub(super) fn beginning(self, whole: &[u8]) -> Vec<u8> {
        let with_body = |lines: &str, body: &str| {
            let mut request = with_lines(whole, &format!("Content-Type: application/json\r\n{lines}\r\n"));
            request.extend_from_slice(body.as_bytes());
            request
        };
        match self {
            Silent => Vec::new(),
            Idle => whole.to_vec(),
            Head => whole.strip_suffix(b"\r\n").unwrap_or(whole).to_vec(),
            HeadDrip => [whole.strip_suffix(b"\r\n").unwrap_or(whole), b"X-Odd: "].concat(),
            Body => with_body("Content-Length: 20", ""),
            BodyHalf => with_body("Content-Length: 20", "{\"a\": "),
            BodyDrip => with_body("Content-Length: 10000", "{"),
            BodyChunks => with_body("Transfer-Encoding: chunked", "2\r\n{ \r\n"),
        }
    }

    /// What follows, a byte at a time.
    fn drip(self) -> Option<u8> {
        match self {
            HeadDrip => Some(b'x'),
            BodyDrip => Some(b' '),
            _ => None,
        }
    }

    /// What may be answered: that it took too long, or what the request gets for its head.
    fn statuses(self) -> Vec<u16> {
        let too_late = ErrorCode::RequestTimeout.status();
        if Self::WITH_HEAD.contains(&self) {
            vec![too_late, ErrorCode::ValidationError.status(), ErrorCode::Forbidden.status()]
        } else {
            vec![too_late]
        }
    }
}

/// A case that is looked at when all requests were held for long enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slow {
    GivenUp(Unfinished),
    OthersAnswered,
}

pub(super) fn cases() -> Vec<(Case, String, Slow)> {
    const GROUP: &str = "slow";
    let given_up = ALL.into_iter().map(|(unfinished, name, why)| {
        // The contract says nothing of time, and it is often the proxy in front of a server that keeps it.
        (
            Case::new(May, format!("slow-{name}"), why).in_group(GROUP),
            "error-codes".to_owned(),
            Slow::GivenUp(unfinished),
        )
    });
    let why = "Who is slow makes nobody else wait.";
    let others = Case::new(Should, "slow-others-answered", why).in_group(GROUP);
    given_up.chain([(others, "disconnect-connector".to_owned(), Slow::OthersAnswered)]).collect()
}

/// Requests that are held.
#[derive(Default)]
pub(super) struct Held {
    /// Each case, what came of it, and how long it took.
    results: RefCell<Vec<(Slow, Result, Duration)>>,
    /// Whether others are answered meanwhile is known.
    begun: Notify,
}

impl Held {
    pub(super) fn take(&self, case: Slow) -> (Result, Duration) {
        let mut results = self.results.borrow_mut();
        match results.iter().position(|(slow, ..)| *slow == case) {
            Some(at) => {
                let (_, result, took) = results.swap_remove(at);
                (result, took)
            }
            None => (Err(Stop::skip("others have to wait for such requests, so they were given up")), Duration::ZERO),
        }
    }

    /// Waits until the rest of the run may begin.
    pub(super) async fn begun(&self) {
        self.begun.notified().await;
    }

    /// Holds a request of each kind open until the server has given up all of them, or for so long.
    pub(super) async fn hold(&self, driver: &Driver, longest: Duration) {
        let before = answered_in(driver).await;
        let note = |case, result, started: Instant| {
            self.results.borrow_mut().push((case, result, started.elapsed()));
        };
        let held = join_all(ALL.into_iter().map(|(unfinished, ..)| async move {
            let started = Instant::now();
            note(Slow::GivenUp(unfinished), given_up(driver, unfinished, longest).await, started);
        }));
        let others = async {
            tokio::time::sleep(SETTLING).await;
            let started = Instant::now();
            let result = others_answered(driver, before).await;
            let are_answered = result.is_ok();
            note(Slow::OthersAnswered, result, started);
            self.begun.notify_one();
            are_answered
        };
        match select(pin!(others), pin!(held)).await {
            Either::Left((true, held)) => drop(held.await),
            // Or the rest of the run would wait for them, and show nothing else.
            Either::Left((false, _)) => {}
            Either::Right((_, others)) => drop(others.await),
        }
    }
}

/// A request that is answered, and changes nothing.
fn ordinary(driver: &Driver) -> Vec<u8> {
    driver.disconnect(&unknown_id())
}

/// How long the answer to an ordinary request takes.
async fn answered_in(driver: &Driver) -> std::result::Result<Duration, Stop> {
    let request = ordinary(driver);
    let answer = driver.send(&request).await;
    answer.map(|answer| answer.took).map_err(|trouble| Stop::failed(driver.finding(&request, &trouble, "an answer")))
}

async fn others_answered(driver: &Driver, before: std::result::Result<Duration, Stop>) -> Result {
    let before = before?;
    let (now, allowed) = (answered_in(driver).await?, before * TIMES_LONGER + LONGER);
    if now <= allowed {
        return Ok(());
    }
    let got = format!("an answer after {now:?}, while {} requests were not at their end", ALL.len());
    let expected = format!("an answer in {allowed:?}: without them, it took {before:?}");
    Err(Stop::failed(driver.finding(&ordinary(driver), &got, &expected)))
}

async fn given_up(driver: &Driver, unfinished: Unfinished, longest: Duration) -> Result {
    let beginning = unfinished.beginning(&ordinary(driver));
    let statuses = unfinished.statuses();
    let words: Vec<_> = statuses.iter().map(u16::to_string).collect();
    let expected = format!("a closed connection, or {}, within {longest:?}", words.join(", or "));
    let failed = |got: &dyn std::fmt::Display| Stop::failed(driver.finding(&beginning, &got, &expected));
    driver.turn().await;
    let opened = Connection::open(&driver.base, longest).await;
    let mut connection = opened.map_err(|trouble| failed(&trouble))?;
    let held = if unfinished == Idle {
        let answer = connection.call(&beginning).await.map_err(|trouble| failed(&trouble))?;
        driver.keep(&beginning, &answer, true);
        if !answer.keeps_alive {
            return Ok(());
        }
        connection.held(b"", None).await
    } else {
        connection.held(&beginning, unfinished.drip().map(|byte| (byte, DRIP))).await
    };
    match held {
        Err(Trouble::Closed) => Ok(()),
        Err(trouble) => Err(failed(&trouble)),
        Ok(answer) => {
            driver.keep(&beginning, &answer, true);
            if statuses.contains(&answer.status) || answer.is_limited() {
                return Ok(());
            }
            Err(failed(&driver.shown_answer(&answer)))
        }
    }
}

/// Sends these beginnings of requests, each on a connection of its own, and goes away.
pub(super) async fn break_off(driver: &Driver, beginnings: &[Vec<u8>]) -> std::result::Result<(), Trouble> {
    let mut open = Vec::new();
    for beginning in beginnings {
        driver.turn().await;
        let mut connection = driver.open().await?;
        // A server that does not want it may be gone already.
        let _ = connection.write(beginning).await;
        open.push(connection);
    }
    tokio::time::sleep(SETTLING).await;
    drop(open);
    tokio::time::sleep(SETTLING).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_beginning_is_a_whole_request() {
        let whole = b"DELETE /x HTTP/1.1\r\nHost: t\r\n\r\n";
        for unfinished in Unfinished::WITHOUT_HEAD {
            let beginning = unfinished.beginning(whole);
            assert!(!beginning.windows(4).any(|four| four == b"\r\n\r\n"), "{unfinished:?}");
        }
        for unfinished in Unfinished::WITH_HEAD {
            let beginning = String::from_utf8(unfinished.beginning(whole)).unwrap();
            let (head, body) = beginning.split_once("\r\n\r\n").unwrap();
            let length = head.split_once("Content-Length: ").map(|(_, length)| length.parse().unwrap());
            assert!(length.is_none_or(|length: usize| body.len() < length), "{unfinished:?}");
            assert!(length.is_some() || !body.ends_with("0\r\n\r\n"), "{unfinished:?}");
        }
    }
}
