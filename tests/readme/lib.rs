//! The Rust code of the README and of `docs/`, compiled as documentation tests: `cargo test -p freddy-readme`.

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../../docs/your-own-api.md")]
pub struct YourOwnApi;

#[cfg(doctest)]
#[doc = include_str!("../../docs/contributing.md")]
pub struct Contributing;

#[cfg(doctest)]
#[doc = include_str!("../../docs/design.md")]
pub struct Design;
