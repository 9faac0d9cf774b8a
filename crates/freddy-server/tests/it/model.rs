//! Random histories, compared with a simple model of who may do what.

use freddy_server::key::NewKey;
use freddy_types::{ConnectorId, ErrorCode};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::{Connection, Database, Server, delete_of};

const OWNERS: [&str; 3] = ["alice", "bob", "carol"];

#[derive(Clone, Debug)]
enum Step {
    MakeKey {
        owner: usize,
    },
    RevokeKey {
        key: usize,
    },
    AddConnector {
        owner: usize,
    },
    /// A request with one of the keys that were made, or with an unknown one.
    Delete {
        key: Option<usize>,
        target: Target,
    },
}

#[derive(Clone, Debug)]
enum Target {
    Connector(usize),
    Unknown,
    Malformed,
}

fn step() -> impl Strategy<Value = Step> {
    let target = prop_oneof![
        8 => any::<usize>().prop_map(Target::Connector),
        1 => Just(Target::Unknown),
        1 => Just(Target::Malformed),
    ];
    let key = prop_oneof![8 => any::<usize>().prop_map(Some), 1 => Just(None)];
    prop_oneof![
        1 => (0..OWNERS.len()).prop_map(|owner| Step::MakeKey { owner }),
        1 => any::<usize>().prop_map(|key| Step::RevokeKey { key }),
        1 => (0..OWNERS.len()).prop_map(|owner| Step::AddConnector { owner }),
        6 => (key, target).prop_map(|(key, target)| Step::Delete { key, target }),
    ]
}

/// What the database should contain.
#[derive(Default)]
struct Model {
    keys: Vec<Key>,
    /// The owner of each, and the key that disconnected it.
    connectors: Vec<(usize, Option<i64>)>,
}

struct Key {
    key: NewKey,
    id: i64,
    owner: usize,
    revoked: bool,
}

impl Model {
    /// Does the same here, and returns what the server should answer.
    fn delete(&mut self, key: Option<usize>, target: &Target) -> Result<(), ErrorCode> {
        let key = key.map(|key| &self.keys[key]).filter(|key| !key.revoked).ok_or(ErrorCode::Unauthorized)?;
        match *target {
            Target::Malformed => Err(ErrorCode::ValidationError),
            Target::Unknown => Err(ErrorCode::Forbidden),
            Target::Connector(connector) => {
                let (owner, disconnected_by) = &mut self.connectors[connector];
                if *owner != key.owner {
                    return Err(ErrorCode::Forbidden);
                }
                disconnected_by.get_or_insert(key.id);
                Ok(())
            }
        }
    }

    fn disconnected(&self) -> Vec<String> {
        let by = |(number, (_, by)): (usize, &(usize, Option<i64>))| Some(format!("{} by {}", id_of(number), (*by)?));
        self.connectors.iter().enumerate().filter_map(by).collect()
    }
}

fn id_of(number: usize) -> String {
    format!("pcon_{number:03}")
}

async fn hold(database: Database, steps: Vec<Step>) {
    let server = Server::start_on(database, &["--key-cache-ms", "0", "--rate-limit", "1000000"]).await;
    let mut connection = Connection::open(server.address).await;
    let mut model = Model::default();
    for step in steps {
        match step {
            Step::MakeKey { owner } => {
                let key = NewKey::generate().unwrap();
                let id = server.store.add_key(OWNERS[owner], key.hash(), 0).await.unwrap();
                model.keys.push(Key { key, id, owner, revoked: false });
            }
            Step::RevokeKey { key } if !model.keys.is_empty() => {
                let number = key % model.keys.len();
                let key = &mut model.keys[number];
                assert_eq!(server.store.revoke_key(key.id, 0).await.unwrap(), !key.revoked);
                key.revoked = true;
            }
            Step::AddConnector { owner } => {
                let id: ConnectorId = id_of(model.connectors.len()).parse().unwrap();
                assert!(server.store.add_connector(&id, OWNERS[owner], 0).await.unwrap());
                assert!(!server.store.add_connector(&id, "mallory", 0).await.unwrap());
                model.connectors.push((owner, None));
            }
            Step::Delete { key, target } => {
                let key = key.filter(|_| !model.keys.is_empty()).map(|key| key % model.keys.len());
                let (target, id) = match target {
                    Target::Connector(number) if !model.connectors.is_empty() => {
                        let number = number % model.connectors.len();
                        (Target::Connector(number), id_of(number))
                    }
                    Target::Connector(_) | Target::Unknown => (Target::Unknown, "pcon_nobody".to_owned()),
                    Target::Malformed => (Target::Malformed, "nobody".to_owned()),
                };
                let request = match key {
                    Some(key) => delete_of(&id, &model.keys[key].key),
                    None => delete_of(&id, &NewKey::generate().unwrap()),
                };
                let answer = connection.call(&request).await.unwrap();
                match model.delete(key, &target) {
                    Ok(()) => answer.assert_no_content(),
                    Err(code) => answer.assert_error(code),
                }
            }
            Step::RevokeKey { .. } => {}
        }
    }
    assert_eq!(server.database.disconnected().await, model.disconnected());
    assert_eq!(server.database.audit().await, model.disconnected());
}

#[test]
fn nothing_changes_without_the_owners_valid_key() {
    let cases = std::env::var("FREDDY_TEST_CASES").map_or(40, |cases| cases.parse().unwrap());
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    // Each history starts with a key and a connector of each owner.
    let start = (0..OWNERS.len()).flat_map(|owner| [Step::MakeKey { owner }, Step::AddConnector { owner }]);
    let start: Vec<_> = start.collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    TestRunner::new(config)
        .run(&proptest::collection::vec(step(), 0..60), |steps| {
            for database in runtime.block_on(Database::each()) {
                let steps = start.iter().chain(&steps).cloned().collect();
                runtime.block_on(hold(database, steps));
            }
            Ok(())
        })
        .unwrap();
}
