//! Holds a client to the contract.
