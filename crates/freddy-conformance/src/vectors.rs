//! The cases, made from the types of the contract.
pub mod exchange;
