//! Values that stand alone: identifiers, times, numbers, texts.

pub(crate) mod connector_id;
pub(crate) mod identifier;
pub(crate) mod integer;
pub(crate) mod text;
pub(crate) mod time;
pub(crate) mod trace_id;
