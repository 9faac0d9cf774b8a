//! What the macros need of this crate, and nobody else: no part of the public API.

pub use {serde, serde_json};

pub use crate::endpoint::request::{RequestReader, RequestWriter, header_reader};
pub use crate::endpoint::rows::*;
pub use crate::error::details::DetailsRow;
pub use crate::error::table::Row as CodeRow;
pub use crate::value::identifier::{Characters, Checked, LiteralFaults, find_fault};
pub use crate::wire::declared::*;
pub use crate::wire::extra::Extra;
pub use crate::wire::fault::At;
pub use crate::wire::invalid::IdReason;
pub use crate::wire::names::{are_distinct, is_header_name, is_visible};
pub use crate::wire::presence::*;
pub use crate::wire::read::{ObjectReader, deserialize_strictly, known};
pub use crate::wire::scalar::{deserialize_from_str, name_from_text, read_scalar};
pub use crate::wire::tree::Tree;
pub use crate::wire::union::{UnionReader, deserialize_union, read_union};
