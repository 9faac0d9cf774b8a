//! What the macros make of the rows of a request and of response headers.
#![allow(missing_docs, clippy::missing_errors_doc, reason = "only for the macros, which say what they are for")]

/// The presences of a parameter. The name of the module is what the compiler shows where a row has another word.
pub mod required_optional_defaulted_or_repeated {
    /// Given once.
    pub mod required {
        use super::super::parameters::*;

        #[must_use]
        pub fn presence<T: Wire>() -> ParameterPresence {
            ParameterPresence::Required
        }

        pub fn texts<T: Scalar>(value: &T) -> impl Iterator<Item = Cow<'_, str>> {
            std::iter::once(value.to_text())
        }

        #[must_use]
        pub fn read<T: Scalar>(texts: Texts<'_>) -> Option<T> {
            texts.required()
        }
    }

    /// Given at most once.
    pub mod optional {
        use super::super::parameters::*;

        #[must_use]
        pub fn presence<T: Wire>() -> ParameterPresence {
            ParameterPresence::Optional
        }

        pub fn texts<T: Scalar>(value: &Option<T>) -> impl Iterator<Item = Cow<'_, str>> {
            value.iter().map(Scalar::to_text)
        }

        #[must_use]
        pub fn read<T: Scalar>(texts: Texts<'_>) -> Option<Option<T>> {
            texts.optional()
        }
    }

    /// Given at most once; otherwise a default is taken.
    pub mod defaulted {
        use super::super::parameters::*;

        #[must_use]
        #[expect(clippy::needless_pass_by_value, reason = "a row's default is an expression")]
        pub fn presence<T: Wire>(default: T) -> ParameterPresence {
            ParameterPresence::Defaulted(default_value(&default))
        }

        pub use super::required::texts;

        pub fn read<T: Scalar>(texts: Texts<'_>, default: T) -> Option<T> {
            texts.defaulted(default)
        }
    }

    /// Given any number of times.
    pub mod repeated {
        use super::super::parameters::*;

        #[must_use]
        pub fn presence<T: Wire>() -> ParameterPresence {
            ParameterPresence::Repeated
        }

        pub fn texts<T: Scalar>(values: &[T]) -> impl Iterator<Item = Cow<'_, str>> {
            values.iter().map(Scalar::to_text)
        }

        #[must_use]
        pub fn read<T: Scalar>(texts: Texts<'_>) -> Option<Vec<T>> {
            texts.repeated()
        }
    }
}

mod parameters {
    pub(super) use std::borrow::Cow;

    pub(super) use crate::endpoint::request::default_value;
    pub(super) use crate::endpoint::request::{ParameterPresence, Texts};
    pub(super) use crate::wire::read::Wire;
    pub(super) use crate::wire::scalar::Scalar;
}

/// Empty modules, whose names the compiler shows where a row says what it cannot.
macro_rules! what_a_row_cannot_say {
    ($($name:ident)+) => {
        $( pub mod $name {} )+
    };
}

what_a_row_cannot_say! {
    a_place_is_path_query_header_or_body
    a_defaulted_row_has_its_default_after_an_equals_sign
    only_a_defaulted_row_has_a_default
    optional_is_for_query_and_header
    defaulted_is_for_query_and_header
    repeated_is_for_query
    a_response_header_is_required_or_optional
}

pub fn push_header<'t>(
    name: &'static str,
    texts: impl Iterator<Item = std::borrow::Cow<'t, str>>,
    headers: &mut Vec<(&'static str, String)>,
) {
    headers.extend(texts.map(|text| (name, text.into_owned())));
}

/// The rows of a request as data: a function for each place.
pub mod parameter {
    use crate::endpoint::request::{Parameter, ParameterPlace, ParameterPresence};
    use crate::wire::read::WireType;
    use crate::wire::shape::doc_text;

    macro_rules! places {
        ($($place:ident = $Place:ident;)+) => {$(
            #[must_use]
            pub fn $place(
                name: &'static str,
                doc: &[&str],
                presence: ParameterPresence,
                wire: WireType,
            ) -> Parameter {
                Parameter { name, place: ParameterPlace::$Place, description: doc_text(doc), presence, wire }
            }
        )+};
    }

    places! {
        path = Path;
        query = Query;
        header = Header;
        body = Body;
    }
}
