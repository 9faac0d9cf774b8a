// The code decides the status: nobody can set one beside it.
use freddy_types::{ApiError, ErrorCode};

fn main() {
    let _ = ApiError { status: 404, ..ApiError::example(ErrorCode::Forbidden) };
}
