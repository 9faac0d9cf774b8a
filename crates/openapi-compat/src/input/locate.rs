//! Where in a text something stands, found by reading the text again: keeping a position for each value would take more
//! memory than the values.

use std::collections::HashMap;

use super::event::{Events, Notation, What};

/// Where each of the pointers leads, in bytes: to the name of a field, to an item, or to what it is in.
pub(super) fn offsets(text: &str, notation: Notation, pointers: &[&str]) -> Vec<usize> {
    let mut wanted = Wanted::default();
    let leaves: Vec<_> = pointers.iter().map(|pointer| wanted.insert(pointer)).collect();
    wanted.find(text, notation);
    leaves.into_iter().map(|leaf| wanted.offset(leaf)).collect()
}

/// The line and the column of each offset, from 1. The column is in characters.
pub(super) fn lines(text: &str, offsets: &[usize]) -> Vec<(usize, usize)> {
    let mut order: Vec<_> = (0..offsets.len()).collect();
    order.sort_by_key(|index| offsets.get(*index));
    let mut places = vec![(1, 1); offsets.len()];
    let (mut line, mut column, mut at) = (1, 1, 0);
    for index in order {
        let Some(offset) = offsets.get(index) else { continue };
        for byte in text.as_bytes().get(at..*offset).unwrap_or_default() {
            match byte {
                b'\n' => (line, column) = (line + 1, 1),
                // The first byte of a character, and no other, does not look like this.
                0x80..0xC0 => {}
                _ => column += 1,
            }
        }
        at = *offset;
        if let Some(place) = places.get_mut(index) {
            *place = (line, column);
        }
    }
    places
}

/// The wanted pointers as a tree. The first of its parts is the whole document.
struct Wanted {
    parts: Vec<Part>,
}

#[derive(Default)]
struct Part {
    parent: usize,
    children: HashMap<String, usize>,
    at: Option<usize>,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { parts: vec![Part::default()] }
    }
}

/// An object or array that is not finished and that leads to something wanted.
struct Open {
    part: usize,
    /// The number of items before, if it is an array.
    index: Option<usize>,
    /// Whether a name comes next, if it is an object.
    expects_key: bool,
    /// What the next value is, if it is wanted.
    next: Option<usize>,
}

impl Wanted {
    fn insert(&mut self, pointer: &str) -> usize {
        let mut part = 0;
        for name in pointer.split('/').skip(1) {
            let name = name.replace("~1", "/").replace("~0", "~");
            let new = self.parts.len();
            let Some(parent) = self.parts.get_mut(part) else { break };
            let child = *parent.children.entry(name).or_insert(new);
            if child == new {
                self.parts.push(Part { parent: part, ..Part::default() });
            }
            part = child;
        }
        part
    }

    fn offset(&self, mut leaf: usize) -> usize {
        while let Some(part) = self.parts.get(leaf) {
            if let Some(at) = part.at {
                return at;
            }
            if leaf == 0 {
                break;
            }
            leaf = part.parent;
        }
        0
    }

    fn find(&mut self, text: &str, notation: Notation) {
        let mut open: Vec<Open> = Vec::new();
        // The levels below something that leads to nothing wanted.
        let mut skipped = 0_usize;
        for event in Events::new(text, notation) {
            let Ok(event) = event else { return };
            if skipped > 0 {
                match event.what {
                    What::Object | What::Array => skipped += 1,
                    What::End => skipped -= 1,
                    What::Scalar(..) | What::Alias(_) => {}
                }
                continue;
            }
            let wanted = match (&event.what, open.last_mut()) {
                (What::End, _) => {
                    open.pop();
                    continue;
                }
                (_, None) => {
                    self.found(0, event.at);
                    Some(0)
                }
                (what, Some(inner)) if inner.expects_key => {
                    inner.expects_key = false;
                    inner.next = match what {
                        What::Scalar(name, _) => self.child(inner.part, name),
                        _ => None,
                    };
                    if let Some(part) = inner.next {
                        self.found(part, event.at);
                    }
                    continue;
                }
                (_, Some(inner)) => match &mut inner.index {
                    Some(index) => {
                        let part = self.child(inner.part, &index.to_string());
                        *index += 1;
                        if let Some(part) = part {
                            self.found(part, event.at);
                        }
                        part
                    }
                    None => {
                        inner.expects_key = true;
                        inner.next.take()
                    }
                },
            };
            let is_object = match event.what {
                What::Object => true,
                What::Array => false,
                _ => continue,
            };
            match wanted {
                Some(part) if self.leads_further(part) => {
                    let index = (!is_object).then_some(0);
                    open.push(Open { part, index, expects_key: is_object, next: None });
                }
                _ => skipped = 1,
            }
        }
    }

    fn child(&self, part: usize, name: &str) -> Option<usize> {
        self.parts.get(part)?.children.get(name).copied()
    }

    fn leads_further(&self, part: usize) -> bool {
        self.parts.get(part).is_some_and(|part| !part.children.is_empty())
    }

    fn found(&mut self, part: usize, at: usize) {
        if let Some(part) = self.parts.get_mut(part) {
            part.at = Some(at);
        }
    }
}
