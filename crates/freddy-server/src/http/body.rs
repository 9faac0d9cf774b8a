//! The bodies of requests, each within a size and a time, and a number of them for each address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use freddy_types::Failure;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::HeaderMap;
use hyper::body::{Body as _, Incoming};
use hyper::header::EXPECT;

use super::connection::Busy;
use crate::limit::Subject;

/// The bodies of one address that are waited for at the same time.
const MAX_FROM_ADDRESS: usize = 256;

/// Reads bodies.
#[derive(Debug)]
pub(super) struct Bodies {
    max_bytes: usize,
    timeout: Duration,
    needed: Arc<Waiting>,
    // Counted apart: whoever has no key must not use up what those behind the same address need.
    unneeded: Arc<Waiting>,
}

impl Bodies {
    pub(super) fn new(max_bytes: usize, timeout: Duration) -> Self {
        Self { max_bytes, timeout, needed: Arc::default(), unneeded: Arc::default() }
    }

    /// Whether the head declares more than is read.
    pub(super) fn is_too_large(&self, body: &Incoming) -> bool {
        body.size_hint().lower() > self.max_bytes as u64
    }

    /// Whether there is no body, or an empty one.
    pub(super) fn is_over(body: &Incoming) -> bool {
        body.is_end_stream()
    }

    /// Reads the whole body, whether or not the endpoint needs it, so that nothing is done before its end is known.
    ///
    /// # Errors
    /// The answer to give instead.
    pub(super) async fn read(&self, address: IpAddr, body: Incoming) -> Result<Bytes, Failure> {
        let _slot = self.needed.add(address).ok_or(Failure::ServiceUnavailable)?;
        match tokio::time::timeout(self.timeout, Limited::new(body, self.max_bytes).collect()).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Failure::PayloadTooLarge),
            Ok(Err(_)) => Err(Failure::ValidationError),
            Err(_) => Err(Failure::RequestTimeout),
        }
    }

    /// Reads a body that nobody needs, after the answer, so that the connection can be used again. Returns whether it can:
    /// a body that is large, or that waits for `100 Continue`, is not worth it.
    pub(super) fn discard(&self, address: IpAddr, headers: &HeaderMap, body: Incoming, busy: Busy) -> bool {
        if Self::is_over(&body) {
            return true;
        }
        if headers.contains_key(EXPECT) || self.is_too_large(&body) {
            return false;
        }
        let Some(slot) = self.unneeded.add(address) else { return false };
        let (max_bytes, timeout) = (self.max_bytes, self.timeout);
        tokio::spawn(async move {
            let mut body = Limited::new(body, max_bytes);
            let read = async { while let Some(Ok(_)) = body.frame().await {} };
            let _ = tokio::time::timeout(timeout, read).await;
            // In this order: a connection that rests while its body is unread would take the rest for a request.
            drop(body);
            drop(busy);
            drop(slot);
        });
        true
    }
}

/// How many bodies of each address are waited for.
#[derive(Debug, Default)]
struct Waiting(Mutex<HashMap<Subject, usize>>);

impl Waiting {
    fn lock(&self) -> MutexGuard<'_, HashMap<Subject, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(self: &Arc<Self>, address: IpAddr) -> Option<Slot> {
        // All of an IPv6 network is one caller, as for the rate limit.
        let address = Subject::address(address);
        let mut waiting = self.lock();
        let count = waiting.entry(address).or_default();
        if *count >= MAX_FROM_ADDRESS {
            return None;
        }
        *count += 1;
        Some(Slot { waiting: Arc::clone(self), address })
    }
}

struct Slot {
    waiting: Arc<Waiting>,
    address: Subject,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut waiting = self.waiting.lock();
        if let Some(count) = waiting.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                waiting.remove(&self.address);
            }
        }
    }
}
