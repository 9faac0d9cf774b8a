//! JSON pointers (RFC 6901) as text.

use std::fmt::Display;

use serde_json::Value;

/// The pointer to the field or the item of this name in what `parent` points to.
#[must_use]
pub fn child(parent: &str, name: impl Display) -> String {
    below(parent, [&name.to_string()])
}

/// The pointer to what is reached by these names from what `parent` points to, one after the other.
pub(crate) fn below<const N: usize>(parent: &str, names: [&str; N]) -> String {
    let mut pointer = String::with_capacity(parent.len() + names.iter().map(|name| 1 + name.len()).sum::<usize>());
    pointer.push_str(parent);
    for name in names {
        pointer.push('/');
        if name.contains(['~', '/']) {
            pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
        } else {
            pointer.push_str(name);
        }
    }
    pointer
}

/// What stands at a pointer. It does the same as `Value::pointer` and takes no memory for it.
pub(crate) fn find<'a>(document: &'a Value, pointer: &str) -> Option<&'a Value> {
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return None;
    }
    pointer.split('/').skip(1).try_fold(document, |value, name| {
        if name.contains('~') {
            return value.pointer(&format!("/{name}"));
        }
        match value {
            Value::Object(fields) => fields.get(name),
            // An index has one form.
            Value::Array(_) => value.pointer(&format!("/{name}")),
            _ => None,
        }
    })
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
            assert_eq!(find(&document, &pointer), Some(&"found".into()), "{pointer}");
            assert_eq!(split_last(&pointer), Some(("/parent", name.to_owned())));
        }
        assert_eq!(json!(["a", "b"]).pointer(&child("", 1)), Some(&"b".into()));
        assert_eq!(split_last(""), None);
    }

    #[test]
    fn the_same_is_found_as_by_the_library() {
        let document = json!({ "a": [{ "b": 1 }, 2], "": { "": 3 }, "~": { "/": 4 }, "0": 5 });
        for pointer in [
            "", "/", "//", "/a", "a", "/a/0/b", "/a/00", "/a/+1", "/a/1", "/a/-", "/a/1/", "/~0/~1", "/~/~1", "/0",
            "/x/y",
        ] {
            assert_eq!(find(&document, pointer), document.pointer(pointer), "{pointer}");
        }
    }
}
