//! The rate limit, tried with a key whose requests may be used up.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use freddy_types::{ErrorCode, headers};
use futures_util::future::join_all;

use super::cases::AT_ONCE;
use super::driver::{Driver, unknown_id};
use super::http::{Answer, Connection, Trouble};
use super::outcome::Stop;
use super::setup::Limit;

/// The largest limit that is tried, and the longest window.
const MAX_REQUESTS: u32 = 1000;
const MAX_SECONDS: u32 = 120;

/// Requests beyond the limit.
const BEYOND: u32 = 3;

/// A window may end while its requests are counted, but not each time.
const TRIES: usize = 3;

/// How much longer than a window is waited.
const MARGIN: Duration = Duration::from_millis(200);

const TOO_SLOW: &str = "the answers to as many requests as are allowed take longer than a window";

type Result = std::result::Result<(), Stop>;

/// What the first case has found, for those behind it.
#[derive(Default)]
pub(super) struct Limits(RefCell<Option<Burst>>);

/// Requests in a new window, one after the other.
#[derive(Clone, Default)]
struct Burst {
    answers: Vec<Answer>,
    /// Of the last request.
    request: Vec<u8>,
}

impl Burst {
    fn accepted(&self) -> usize {
        self.answers.iter().filter(|answer| !answer.is_limited()).count()
    }
}

fn limit(driver: &Driver) -> std::result::Result<&Limit, Stop> {
    let limit = driver.setup.limit.as_ref().ok_or_else(|| Stop::skip("the setup names no `limit`"))?;
    if limit.requests > MAX_REQUESTS || limit.seconds > MAX_SECONDS {
        return Err(Stop::skip(format!(
            "a limit of more than {MAX_REQUESTS} requests, or {MAX_SECONDS} seconds, is not tried"
        )));
    }
    Ok(limit)
}

fn request(driver: &Driver, limit: &Limit) -> Vec<u8> {
    let own = limit.connectors.first().filter(|_| fastrand::bool());
    driver.meant.borrow_mut().extend(own.map(ToString::to_string));
    let id = own.map_or_else(unknown_id, ToString::to_string);
    driver.request(driver.target.method.as_str(), &id, Some(&limit.key))
}

async fn new_window(driver: &Driver, limit: &Limit) {
    let window = Duration::from_secs(limit.seconds.into());
    if limit.seconds > 2 {
        driver.note(&format!("waiting {window:?}: a new window of the rate limit"));
    }
    tokio::time::sleep(window + MARGIN).await;
}

async fn call(
    driver: &Driver,
    connection: &mut Option<Connection>,
    request: &[u8],
) -> std::result::Result<Answer, Stop> {
    let trouble = |trouble: Trouble| Stop::failed(driver.finding(request, &trouble, "an answer"));
    if connection.is_none() {
        *connection = Some(driver.open().await.map_err(trouble)?);
    }
    let Some(open) = connection.as_mut() else { return Err(Stop::skip("no connection")) };
    let answer = match open.call(request).await {
        // Closed before it was read: it is not counted.
        Err(Trouble::Closed) => {
            let mut open = driver.open().await.map_err(trouble)?;
            open.call(request).await.map_err(trouble)?
        }
        other => other.map_err(trouble)?,
    };
    if !answer.keeps_alive {
        *connection = None;
    }
    driver.keep(request, &answer, true);
    // Whatever else is answered says nothing of the limit.
    match answer.status {
        status if status == ErrorCode::Unauthorized.status() => {
            Err(Stop::skip(format!("`limit.key` is not valid: the server answers {status}")))
        }
        status if answer.is_limited() || status == ErrorCode::Forbidden.status() => Ok(answer),
        status if status == driver.target.success.status => Ok(answer),
        _ => {
            let expected = format!("{}, or 429", ErrorCode::Forbidden.status());
            Err(Stop::failed(driver.finding(request, &driver.shown_answer(&answer), &expected)))
        }
    }
}

/// As many requests as are allowed and a few more, in a new window.
async fn burst(driver: &Driver, limit: &Limit) -> std::result::Result<Burst, Stop> {
    let mut unlimited = None;
    for _ in 0..TRIES {
        new_window(driver, limit).await;
        let started = Instant::now();
        let mut burst = Burst::default();
        let mut connection = None;
        for _ in 0..limit.requests + BEYOND {
            burst.request = request(driver, limit);
            burst.answers.push(call(driver, &mut connection, &burst.request).await?);
        }
        if started.elapsed() < Duration::from_secs(limit.seconds.into()) {
            if burst.accepted() < burst.answers.len() {
                return Ok(burst);
            }
            // Servers that count whole seconds have windows that are up to one shorter, and this may have been in two of them.
            unlimited = Some(burst);
        }
    }
    unlimited.ok_or_else(|| Stop::skip(TOO_SLOW))
}

impl Limits {
    /// The burst that was tried, or a new one.
    async fn burst(&self, driver: &Driver) -> std::result::Result<Burst, Stop> {
        let limit = limit(driver)?;
        let tried = self.0.borrow().clone();
        if let Some(tried) = tried {
            return Ok(tried);
        }
        let burst = burst(driver, limit).await?;
        *self.0.borrow_mut() = Some(burst.clone());
        Ok(burst)
    }

    pub(super) async fn kept(&self, driver: &Driver) -> Result {
        let limit = limit(driver)?;
        let mut accepted = 0;
        for _ in 0..TRIES {
            *self.0.borrow_mut() = None;
            let burst = self.burst(driver).await?;
            accepted = burst.accepted();
            if accepted <= limit.requests as usize {
                return Ok(());
            }
        }
        let got = format!("{accepted} answers in a window, in each of {TRIES} tries");
        Err(Stop::failed(driver.finding(&request(driver, limit), &got, &format!("{} and no more", limit.requests))))
    }

    pub(super) async fn not_less(&self, driver: &Driver) -> Result {
        let (limit, burst) = (limit(driver)?, self.burst(driver).await?);
        if burst.accepted() >= limit.requests as usize {
            return Ok(());
        }
        let got = format!("{} answers in a window", burst.accepted());
        Err(Stop::failed(driver.finding(&burst.request, &got, &limit.requests.to_string())))
    }

    pub(super) async fn counts_down(&self, driver: &Driver) -> Result {
        let (limit, burst) = (limit(driver)?, self.burst(driver).await?);
        let left: Vec<_> = burst
            .answers
            .iter()
            .filter(|answer| !answer.is_limited())
            .filter_map(|answer| answer.number(headers::X_RATELIMIT_REMAINING))
            .collect();
        if left.is_empty() {
            return Err(Stop::skip(format!("no answer but a 429 has {}", headers::X_RATELIMIT_REMAINING)));
        }
        let said = burst.answers.iter().filter_map(|answer| answer.number(headers::X_RATELIMIT_LIMIT)).next();
        let goes_down =
            left.windows(2).all(|two| matches!(two, [before, after] if before.checked_sub(1) == Some(*after)));
        let begins = left.first().is_some_and(|first| first.checked_add(1) == Some(limit.requests.into()));
        if goes_down && begins && said.is_none_or(|said| said == u64::from(limit.requests)) {
            return Ok(());
        }
        let got = format!("{}: {left:?}, of {said:?}", headers::X_RATELIMIT_REMAINING);
        Err(Stop::failed(driver.finding(&burst.request, &got, &format!("from {} down to 0", limit.requests - 1))))
    }

    /// Right behind a burst.
    pub(super) async fn of_one_key(&self, driver: &Driver) -> Result {
        let limit = limit(driver)?;
        if limit.key == driver.setup.owner.key {
            return Err(Stop::skip("the setup has no key of its own for the limit"));
        }
        burst(driver, limit).await?;
        let request = driver.disconnect(&driver.done().await?);
        let trouble = |trouble| Stop::failed(driver.finding(&request, &trouble, "an answer"));
        let answer = driver.open().await.map_err(trouble)?.call(&request).await.map_err(trouble)?;
        driver.keep(&request, &answer, true);
        if answer.is_limited() {
            return Err(Stop::failed(driver.finding(
                &request,
                &driver.shown_answer(&answer),
                "the answer to another key",
            )));
        }
        Ok(())
    }

    pub(super) async fn ends(&self, driver: &Driver) -> Result {
        let limit = limit(driver)?;
        let burst = burst(driver, limit).await?;
        let Some(last) = burst.answers.iter().rfind(|answer| answer.is_limited()) else {
            return Err(Stop::skip("the limit was not reached"));
        };
        let wait = last.number(headers::RETRY_AFTER).unwrap_or(limit.seconds.into());
        tokio::time::sleep(Duration::from_secs(wait.min(limit.seconds.into())) + MARGIN).await;
        let request = request(driver, limit);
        let answer = call(driver, &mut None, &request).await?;
        if answer.is_limited() {
            let expected = format!("an answer after the {wait} seconds that the 429 before asked for");
            return Err(Stop::failed(driver.finding(&request, &driver.shown_answer(&answer), &expected)));
        }
        Ok(())
    }

    pub(super) async fn at_once(&self, driver: &Driver) -> Result {
        let limit = limit(driver)?;
        let mut too_many = None;
        for _ in 0..TRIES {
            new_window(driver, limit).await;
            let started = Instant::now();
            let all = limit.requests as usize + AT_ONCE;
            let lanes = (0..AT_ONCE).map(|lane| async move {
                let mut connection = None;
                let mut accepted = 0;
                for _ in (lane..all).step_by(AT_ONCE) {
                    let answer = call(driver, &mut connection, &request(driver, limit)).await?;
                    accepted += usize::from(!answer.is_limited());
                }
                Ok::<_, Stop>(accepted)
            });
            let mut accepted = 0;
            for lane in join_all(lanes).await {
                accepted += lane?;
            }
            if started.elapsed() >= Duration::from_secs(limit.seconds.into()) {
                continue;
            }
            if accepted <= limit.requests as usize {
                return Ok(());
            }
            too_many = Some(accepted);
        }
        let accepted = too_many.ok_or_else(|| Stop::skip(TOO_SLOW))?;
        let got =
            format!("{accepted} answers in a window, {AT_ONCE} at the same time, in each try that took no longer");
        Err(Stop::failed(driver.finding(&request(driver, limit), &got, &format!("{} and no more", limit.requests))))
    }
}
