//! The identifier of one request in logs and answers.

use crate::identifier;

identifier! {
    /// The identifier under which a request is found in the server's log: `error.trace_id` and the `X-Request-Id` header.
    ///
    /// A server makes `req_` and 32 hex digits, [`TraceId::from_bits`]; one that it takes over from a gateway can be any
    /// 1 to 128 visible ASCII characters, which is what stands in a header and on a log line unharmed.
    /// A client treats what it receives as opaque: [`ReceivedError::trace_id`](crate::ReceivedError::trace_id) is any string.
    ///
    /// ```
    /// use freddy_types::TraceId;
    ///
    /// assert_eq!(TraceId::from_bits(0xC0FFEE), "req_00000000000000000000000000c0ffee");
    /// assert_eq!("two words".parse::<TraceId>().unwrap_err().position(), 3);
    /// ```
    pub struct TraceId: "trace ID" {
        schema: "The identifier of the request in the server's log. Opaque.",
        prefix: "",
        characters: "!-~", "a visible ASCII character",
        max: 128,
        example: "req_abc123",
    }
}

impl TraceId {
    /// The trace ID that shows 128 bits, which should come from a random source: `req_` and 32 lower-case hex digits.
    #[must_use]
    pub fn from_bits(bits: u128) -> Self {
        Self(format!("req_{bits:032x}").into())
    }

    /// One that the code table holds; that it is valid is checked for every row when it is compiled.
    pub(crate) fn from_table(text: &'static str) -> Self {
        Self(text.into())
    }
}
