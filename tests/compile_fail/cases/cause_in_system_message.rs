// `system_message` is public: the text of a cause, which may tell of tables and hosts, does not get in.
use freddy_types::{ApiError, ErrorCode};

fn owned(cause: std::io::Error) -> ApiError {
    ApiError::example(ErrorCode::InternalServerError).with_system_message(cause.to_string())
}

fn borrowed(cause: std::io::Error) -> ApiError {
    ApiError::example(ErrorCode::InternalServerError).with_system_message(&cause.to_string())
}

fn main() {
    let _ = (owned, borrowed);
}
