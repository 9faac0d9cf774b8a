// A 429 says when to come back, so it cannot be built without its rate limit.
use freddy_types::{ApiError, Failure, TraceId};

fn main() {
    let _ = ApiError::new(Failure::RateLimitExceeded, TraceId::from_bits(7), jiff::Timestamp::UNIX_EPOCH);
}
