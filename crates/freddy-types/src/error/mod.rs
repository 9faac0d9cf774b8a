//! What goes wrong: the table of codes, the envelope on both sides of the wire, and any failed response.

mod date;
pub(crate) mod details;
pub(crate) mod envelope;
pub(crate) mod one_line;
pub(crate) mod received;
pub(crate) mod response;
mod retry;
pub(crate) mod sent;
pub(crate) mod table;
