//! JSON pointers (RFC 6901) as text.

use std::fmt::Display;

/// The pointer to the field or the item of this name in what `parent` points to.
#[must_use]
pub fn child(parent: &str, name: impl Display) -> String {
    let name = name.to_string();
    let mut pointer = String::with_capacity(parent.len() + 1 + name.len());
    pointer.push_str(parent);
    pointer.push('/');
    if name.contains(['~', '/']) {
        pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
    } else {
        pointer.push_str(&name);
    }
    pointer
}

/// The pointer to the object or array that something is in, and its name there; `None` for the whole document.
#[must_use]
pub fn split_last(pointer: &str) -> Option<(&str, String)> {
    let (parent, name) = pointer.rsplit_once('/')?;
    Some((parent, name.replace("~1", "/").replace("~0", "~")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pointer_leads_to_the_child_that_it_was_made_for() {
        for name in ["", "a", "a/b", "a~b", "~1", "/v1/{id}"] {
            let document = json!({ "parent": { name: "found" } });
            let pointer = child("/parent", name);
            assert_eq!(document.pointer(&pointer), Some(&"found".into()), "{pointer}");
            assert_eq!(split_last(&pointer), Some(("/parent", name.to_owned())));
        }
        assert_eq!(json!(["a", "b"]).pointer(&child("", 1)), Some(&"b".into()));
        assert_eq!(split_last(""), None);
    }
}
