// Only the code that documents details can carry them.
use freddy_types::{Failure, RateLimit};

fn main() {
    let limit = RateLimit { limit: 100, remaining: 0, reset_at: jiff::Timestamp::UNIX_EPOCH };
    let _ = Failure::Forbidden(limit);
}
