//! Two fields, two variants or two headers cannot have one name.

use freddy_types::{Integer, object, response_headers, union};

object! {
    /// A label.
    pub struct Label {
        /// Its size.
        pub required size: Integer<1, 9>,
        /// Its weight.
        pub optional weight: Integer<1, 9> as "size",
    }
}

object! {
    /// A circle.
    pub struct Circle, received as ReceivedCircle {
        /// Its radius.
        pub required radius: Integer<1, 9>,
    }
}

union! {
    /// A figure.
    pub enum Figure, received as ReceivedFigure, tag "kind" {
        /// A circle.
        Circle(Circle) = "circle",
        /// A disc.
        Disc(Circle) = "circle",
    }
}

response_headers! {
    /// What is said beside a label.
    pub struct LabelHeaders {
        /// How many.
        pub required count: Integer<0, 9> as "X-Count",
        /// How many once more.
        pub optional again: Integer<0, 9> as "x-count",
    }
}

fn main() {}
