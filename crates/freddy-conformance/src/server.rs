//! Holds a running server to the contract.
