// A server sends only codes of the table.
use freddy_types::{ErrorCode, Failure};

fn main() {
    let _ = Failure::NotFound;
    let _ = ErrorCode::NotFound;
}
