//! The commands that list.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use freddy_server::key::NewKey;
use freddy_server::store::Disconnect;
use freddy_types::{ConnectorId, TraceId};
use serde_json::Value;

use super::{error_of, run};
use crate::support::{Database, command};

/// What a database has: three keys of two owners, and five connectors, of which key 1 and then key 2 disconnected two each.
struct Filled(Database);

impl Filled {
    async fn each() -> Vec<Self> {
        let mut filled = Vec::new();
        for database in Database::each().await {
            let store = database.open().await;
            for (owner, at) in [("alice", 1), ("bob", 2), ("alice", 3)] {
                store.add_key(owner, NewKey::generate().unwrap().hash(), at).await.unwrap();
            }
            for (id, owner) in
                [("pcon_a", "alice"), ("pcon_b", "bob"), ("pcon_c", "alice"), ("pcon_d", "bob"), ("pcon_e", "bob")]
            {
                store.add_connector(&id.parse().unwrap(), owner, 1_000).await.unwrap();
            }
            // Two of them at the same time.
            for (key_id, id, at) in
                [(1, "pcon_a", 5_000), (2, "pcon_b", 7_000), (1, "pcon_c", 7_000), (2, "pcon_d", 9_000)]
            {
                let connector_id: ConnectorId = id.parse().unwrap();
                let trace_id: TraceId = format!("req_{id}").parse().unwrap();
                store.disconnect(&[Disconnect { key_id, connector_id, trace_id, at }]).await.unwrap();
            }
            store.close().await;
            filled.push(Self(database));
        }
        filled
    }

    fn run(&self, arguments: &[&str]) -> (String, String) {
        run(&[arguments, &["--database-url", self.0.url()]].concat())
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let (out, _) = self.run(&[arguments, &["--format", "json"]].concat());
        assert_eq!(out.matches('\n').count(), 1, "one line: {out}");
        serde_json::from_str(&out).unwrap()
    }

    /// The first column of each line.
    fn first_column(&self, arguments: &[&str]) -> Vec<String> {
        self.column(0, arguments)
    }

    fn column(&self, number: usize, arguments: &[&str]) -> Vec<String> {
        let (out, _) = self.run(arguments);
        out.lines().map(|line| line.split('\t').nth(number).unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn a_list_shows_what_the_filters_name() {
    for filled in Filled::each().await {
        filled.run(&["key", "revoke", "3"]);
        for (arguments, expected) in [
            (&["key", "list"][..], &["1", "2"][..]),
            (&["key", "list", "--all"], &["1", "2", "3"]),
            (&["key", "list", "--all", "--owner", "alice"], &["1", "3"]),
            (&["key", "list", "--owner", "alice"], &["1"]),
            (&["key", "list", "--owner", "nobody"], &[]),
            (&["connector", "list"], &["pcon_a", "pcon_b", "pcon_c", "pcon_d", "pcon_e"]),
            (&["connector", "list", "--owner", "bob"], &["pcon_b", "pcon_d", "pcon_e"]),
            (&["connector", "list", "--state", "connected"], &["pcon_e"]),
            (&["connector", "list", "--state", "disconnected", "--owner", "alice"], &["pcon_a", "pcon_c"]),
        ] {
            assert_eq!(filled.first_column(arguments), expected, "{arguments:?}");
        }
        for (filters, expected) in [
            // The newest first, and of the same time the higher ID.
            (&[][..], &["pcon_d", "pcon_c", "pcon_b", "pcon_a"][..]),
            (&["--key", "1"], &["pcon_c", "pcon_a"]),
            (&["--connector", "pcon_b"], &["pcon_b"]),
            (&["--connector", "pcon_e"], &[]),
            (&["--since", "1970-01-01T00:00:07Z"], &["pcon_d", "pcon_c", "pcon_b"]),
            (&["--since", "1970-01-01T00:00:07Z", "--key", "1"], &["pcon_c"]),
            (&["--since", "2020-01-01"], &[]),
        ] {
            assert_eq!(filled.column(1, &[&["audit", "list"], filters].concat()), expected, "{filters:?}");
        }
    }
}

#[tokio::test]
async fn a_line_has_the_columns_and_an_object_the_fields_that_are_documented() {
    for filled in Filled::each().await {
        assert_eq!(
            filled.run(&["key", "list", "--owner", "bob"]),
            ("2\tbob\tvalid\tcreated at 1970-01-01T00:00:00Z\tnever used\n".to_owned(), "1 key\n".to_owned(),)
        );
        let key = serde_json::json!({
            "number": 2, "owner": "bob", "created_at": "1970-01-01T00:00:00.002Z", "expires_at": null,
            "last_used_at": null, "revoked_at": null, "replaced_by": null
        });
        assert_eq!(
            filled.json(&["key", "list", "--owner", "bob"]),
            serde_json::json!({ "items": [key], "next": null })
        );
        assert_eq!(filled.run(&["connector", "list", "--owner", "alice"]), (
            "pcon_a\talice\tdisconnected at 1970-01-01T00:00:05Z\npcon_c\talice\tdisconnected at 1970-01-01T00:00:07Z\n".to_owned(),
            "2 connectors\n".to_owned(),
        ));
        let connector = serde_json::json!({
            "id": "pcon_d", "owner": "bob", "created_at": "1970-01-01T00:00:01.000Z",
            "disconnected_at": "1970-01-01T00:00:09.000Z", "disconnected_by": 2
        });
        assert_eq!(filled.json(&["connector", "list"])["items"][3], connector);
        assert_eq!(
            filled.run(&["audit", "list", "--connector", "pcon_a"]),
            ("1970-01-01T00:00:05Z\tpcon_a\t1\talice\treq_pcon_a\n".to_owned(), "1 row\n".to_owned(),)
        );
        let row = serde_json::json!({
            "at": "1970-01-01T00:00:05.000Z", "connector_id": "pcon_a", "key": 1, "owner": "alice", "trace_id": "req_pcon_a"
        });
        assert_eq!(filled.json(&["audit", "list"])["items"][3], row);
    }
}

#[tokio::test]
async fn pages_of_any_size_make_the_whole_list() {
    for filled in Filled::each().await {
        for list in [
            &["key", "list"][..],
            &["key", "list", "--owner", "alice"],
            &["connector", "list"],
            &["connector", "list", "--owner", "bob"],
            &["connector", "list", "--state", "disconnected"],
            &["audit", "list"],
            &["audit", "list", "--key", "2"],
            &["audit", "list", "--since", "1970-01-01T00:00:06Z"],
        ] {
            let whole = filled.json(list);
            let whole = whole["items"].as_array().unwrap();
            assert!(whole.len() > 1);
            for limit in [1, whole.len() - 1, whole.len()] {
                let limit = limit.to_string();
                let (mut items, mut after) = (Vec::new(), None::<String>);
                loop {
                    let mut page = [list, &["--format", "json", "--limit", &limit]].concat();
                    if let Some(after) = &after {
                        page.extend(["--after", after]);
                    }
                    let (out, said) = filled.run(&page);
                    let mut page: Value = serde_json::from_str(&out).unwrap();
                    items.append(page["items"].as_array_mut().unwrap());
                    after = match &page["next"] {
                        Value::Null => None,
                        next => Some(next.as_str().map_or_else(|| next.to_string(), str::to_owned)),
                    };
                    let Some(after) = &after else {
                        assert!(!said.contains("--after"), "{said}");
                        break;
                    };
                    assert!(said.ends_with(&format!("; for the next page, add --after {after}\n")), "{said}");
                }
                assert_eq!(&items, whole, "{list:?} by {limit}");
            }
        }
        let error = error_of(&["audit", "list", "--after", "pcon_e", "--database-url", filled.0.url()]);
        assert_eq!(error, "error: the audit has no row of pcon_e to go on after\n");
    }
}

#[tokio::test]
async fn an_owner_spoils_neither_the_columns_nor_the_terminal() {
    for database in Database::each().await {
        let store = database.open().await;
        let owner = "a\tb\nc\x1b[2J\u{9b}\u{202e}\\";
        store.add_key(owner, NewKey::generate().unwrap().hash(), 0).await.unwrap();
        let id: ConnectorId = "pcon_a".parse().unwrap();
        store.add_connector(&id, owner, 0).await.unwrap();
        let trace_id: TraceId = "req_1".parse().unwrap();
        store.disconnect(&[Disconnect { key_id: 1, connector_id: id, trace_id, at: 1 }]).await.unwrap();
        store.close().await;
        let filled = Filled(database);
        let shown = r"a\tb\nc\u{1b}[2J\u{9b}\u{202e}\\";
        for (list, column) in [(["key", "list"], 1), (["connector", "list"], 1), (["audit", "list"], 3)] {
            assert_eq!(filled.column(column, &list), [shown], "{list:?}");
            assert_eq!(filled.json(&list)["items"][0]["owner"], owner);
            let (out, _) = filled.run(&[&list[..], &["--format", "json"]].concat());
            assert!(out.trim_end().chars().all(|c| !c.is_control() && c != '\u{202e}'), "{out:?}");
        }
        assert_eq!(filled.run(&["key", "list", "--owner", owner]).1, "1 key\n", "it can be asked for");
        assert_eq!(filled.run(&["key", "revoke", "--owner", owner]).1, "key 1 is revoked\n");
        let error = error_of(&["key", "revoke", "--owner", owner, "--database-url", filled.0.url()]);
        assert_eq!(error, format!("error: {shown} has no key to revoke\n"));
        for command in [["key", "create"], ["connector", "add"]] {
            let error = error_of(&[&command[..], &["--owner", owner, "--database-url", filled.0.url()]].concat());
            assert!(error.contains("it has a character that cannot be shown"), "{error}");
        }
    }
}

#[test]
fn a_command_that_takes_something_away_makes_no_database() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("typo.db").display());
    for arguments in [&["key", "rotate", "1"][..], &["key", "revoke", "1"], &["key", "revoke", "--owner", "alice"]] {
        let error = error_of(&[arguments, &["--database-url", &url]].concat());
        assert_eq!(error, format!("error: there is no database of freddy-server at {url}\n"), "{arguments:?}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{arguments:?}");
    }
    // Nor does one that finds another program's.
    let other = folder.path().join("other.db");
    std::fs::write(&other, "").unwrap();
    let error = error_of(&["key", "revoke", "1", "--database-url", &format!("sqlite://{}", other.display())]);
    assert!(error.starts_with("error: there is no database of freddy-server at sqlite:"), "{error}");
    assert_eq!(std::fs::metadata(&other).unwrap().len(), 0);

    // A list prepares a new database, as the server does.
    for list in ["connector", "key", "audit"] {
        assert_eq!(run(&[list, "list", "--database-url", &url]).0, "");
    }
}

#[tokio::test]
async fn a_postgres_without_tables_is_left_without_them() {
    let Some(database) = Database::postgres().await else { return };
    for _ in 0..2 {
        let error = error_of(&["key", "revoke", "1", "--database-url", database.url()]);
        assert_eq!(error, "error: there is no database of freddy-server at --database-url\n");
    }
}

#[tokio::test]
async fn a_reader_that_has_read_enough_is_no_error() {
    let database = Database::sqlite();
    let store = database.open().await;
    for number in 0..1000 {
        let id = format!("pcon_{number:060}").parse().unwrap();
        store.add_connector(&id, &"a".repeat(200), 0).await.unwrap();
    }
    store.close().await;
    // More than a pipe takes.
    let mut list = command(&["connector", "list", "--limit", "1000", "--database-url", database.url()]);
    let mut list = list.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(list.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("pcon_000"), "{line}");
    let mut said = String::new();
    list.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(list.wait().unwrap().success() && said.is_empty(), "{said}");

    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let list = command(&["connector", "list", "--database-url", database.url()]).stdout(full).output().unwrap();
    assert!(!list.status.success());
    assert!(String::from_utf8(list.stderr).unwrap().starts_with("error: the list could not be printed: No space left"));
}

#[test]
fn a_page_is_bounded() {
    for limit in ["0", "1001", "-1", "many"] {
        let error = error_of(&["key", "list", &format!("--limit={limit}")]);
        assert!(error.contains(&format!("invalid value '{limit}' for '--limit <NUMBER>'")), "{error}");
    }
}
