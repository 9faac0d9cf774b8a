//! Numbers, texts and counts.

use super::fields::Names;
use crate::schema::Known;
use crate::schema::shape::Shape;

/// A pattern of all texts that are as long as this shape allows.
pub(super) fn of_length(shape: &Shape<'_>) -> String {
    let most = shape.most.map(|most| most.to_string()).unwrap_or_default();
    format!("^[\\s\\S]{{{},{most}}}$", shape.least)
}

pub(in crate::schema) fn number_within(sent: &Shape<'_>, read: &Shape<'_>) -> bool {
    let low = read.low.is_none_or(|read| sent.low.is_some_and(|sent| sent >= read));
    let order = |(bound, excluded): (crate::decimal::Decimal, bool)| (bound, !excluded);
    let high = read.high.is_none_or(|read| sent.high.is_some_and(|sent| order(sent) <= order(read)));
    low && high && steps_within(sent, read) && formats_within(sent, read)
}

pub(in crate::schema) fn steps_within(sent: &Shape<'_>, read: &Shape<'_>) -> bool {
    let steps = || sent.multiples.iter().copied().chain(sent.whole.then_some(crate::decimal::Decimal::ONE));
    (!read.whole || sent.whole || sent.multiples.iter().any(|step| step.is_whole()))
        && read.multiples.iter().all(|read| steps().any(|step| step.is_multiple_of(*read) == Some(true)))
}

pub(in crate::schema) fn formats_within(sent: &Shape<'_>, read: &Shape<'_>) -> bool {
    let is_within = |sent: &str, read: &str| sent == read || WIDER_FORMATS.contains(&(sent, read));
    read.formats.iter().all(|read| sent.formats.iter().any(|sent| is_within(sent, read)))
}

/// Formats of which the second has all numbers of the first.
pub(super) const WIDER_FORMATS: &[(&str, &str)] = &[
    ("float", "double"),
    ("int8", "int16"),
    ("int8", "int32"),
    ("int8", "int64"),
    ("int16", "int32"),
    ("int16", "int64"),
    ("int32", "int64"),
    ("uint8", "uint16"),
    ("uint8", "uint32"),
    ("uint8", "uint64"),
    ("uint16", "uint32"),
    ("uint16", "uint64"),
    ("uint32", "uint64"),
];

impl<'a> Known<'a> {
    /// Whether texts are as long as they have to be, by their own bounds or by a pattern.
    pub(super) fn length_within(&mut self, sent: &Shape<'a>, read: &Shape<'a>) -> bool {
        self.count_within(sent, read)
            || sent
                .patterns
                .iter()
                .any(|pattern| self.patterns.is_within(pattern, &of_length(read), &mut self.budget) == Some(true))
    }

    /// Whether there are as many characters, items or fields as there have to be.
    pub(in crate::schema) fn count_within(&mut self, sent: &Shape<'a>, read: &Shape<'a>) -> bool {
        (sent.least >= read.least || self.always_there(sent) >= read.least)
            && read.most.is_none_or(|read| sent.most.is_some_and(|sent| sent <= read))
    }

    /// How many fields are there in either direction.
    pub(super) fn always_there(&mut self, shape: &Shape<'a>) -> u64 {
        let names: Vec<&'a str> = shape.required.iter().copied().collect();
        let fields: Vec<_> = names.into_iter().map(|name| self.field(shape, Names::One(name), true)).collect();
        fields.iter().filter(|field| !self.goes_one_way(field)).count() as u64
    }

    pub(in crate::schema) fn text_within(&mut self, sent: &Shape<'a>, read: &Shape<'a>) -> bool {
        formats_within(sent, read)
            && read.patterns.iter().all(|read| {
                sent.patterns.contains(read)
                    || sent
                        .patterns
                        .iter()
                        .any(|sent| self.patterns.is_within(sent, read, &mut self.budget) == Some(true))
                    || self.patterns.is_within(&of_length(sent), read, &mut self.budget) == Some(true)
            })
    }
}
