// What stands on the wire has a JSON form of the contract: no type gets in by having one of serde's.
use std::time::Duration;

use freddy_types::object;

object! {
    /// A wait.
    pub struct Wait {
        /// How long.
        pub required long: Duration,
    }
}

fn main() {}
