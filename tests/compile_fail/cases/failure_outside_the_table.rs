// A server sends only codes of the table.
use freddy_types::{ErrorCode, Failure};

fn main() {
    let _ = Failure::Conflict;
    let _ = ErrorCode::Conflict;
}
