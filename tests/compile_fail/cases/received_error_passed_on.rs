// What another server sent is not ours to send: it passes through `ApiError::try_from` or not at all.
use freddy_types::{ApiError, NoContent, ReceivedError};

fn answer(upstream: Result<NoContent, ReceivedError>) -> Result<NoContent, ApiError> {
    upstream
}

fn main() {
    let _ = answer;
}
