//! Holds servers and clients of any language to the contract of the Freddy API.

fn main() {}
