//! The identifier of a personal connector.

use crate::identifier;

identifier! {
    /// The identifier of a personal connector: `pcon_` and 1 to 64 ASCII letters or digits, such as `pcon_abc123`.
    ///
    /// A value that exists is valid. It is made by parsing, or from a literal by [`connector_id!`](crate::connector_id).
    /// The documentation gives the prefix and the alphabet; the upper limit of the length is this contract's.
    ///
    /// ```
    /// use freddy_types::ConnectorId;
    ///
    /// let id: ConnectorId = "pcon_abc123".parse()?;
    /// assert_eq!(id, "pcon_abc123");
    ///
    /// let error = "pcon_abc/123".parse::<ConnectorId>().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "connector ID has an unexpected character at byte 8: allowed there is an ASCII letter or digit",
    /// );
    /// # Ok::<(), freddy_types::InvalidId>(())
    /// ```
    pub struct ConnectorId: "connector ID" {
        schema: "The identifier of a personal connector.",
        prefix: "pcon_",
        characters: "0-9A-Za-z", "an ASCII letter or digit",
        max: 64,
        example: "pcon_abc123",
    }
}

/// A [`ConnectorId`] from a literal that is checked at compile time.
///
/// ```
/// let id = freddy_types::connector_id!("pcon_abc123");
/// assert_eq!(id.as_str(), "pcon_abc123");
/// ```
///
/// ```compile_fail
/// let id = freddy_types::connector_id!("pcon_abc-123");
/// ```
#[macro_export]
macro_rules! connector_id {
    ($literal:literal) => {
        $crate::id!($crate::ConnectorId, $literal)
    };
}
