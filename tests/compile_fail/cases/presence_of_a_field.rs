// A presence that there is not is told at its row.
use freddy_types::object;

object! {
    /// A label.
    pub struct Label, received as ReceivedLabel {
        /// What it says.
        pub required text: String,
        /// Its color.
        pub perhaps color: String,
    }
}

fn main() {}
