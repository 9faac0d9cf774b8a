//! The version of a database's schema, and which versions of this program may use it.

use sqlx::migrate::{Migration, Migrator};

use super::error::{Result, StoreError};

/// A migration that a database has had.
#[derive(sqlx::FromRow)]
pub(super) struct Applied {
    pub(super) version: i64,
    pub(super) checksum: Vec<u8>,
}

/// What a program finds when it compares a database with what it knows.
pub(super) struct Comparison {
    /// What the database has not had yet.
    pub(super) missing: Vec<&'static Migration>,
    /// The version of the database's schema, if a newer program made it.
    pub(super) newer: Option<i64>,
}

/// Compares a database with the migrations of this program. A program may use a newer schema from the version on that the
/// database says in `compatible_from`.
pub(super) fn compare(
    migrator: &'static Migrator,
    applied: &[Applied],
    compatible_from: Option<i64>,
) -> Result<Comparison> {
    let known = migrator.iter().map(|migration| migration.version).max().unwrap_or_default();
    let mut newer = None;
    for Applied { version, checksum } in applied {
        match migrator.iter().find(|migration| migration.version == *version) {
            Some(migration) if *migration.checksum == **checksum => {}
            None if *version > known => newer = newer.max(Some(*version)),
            _ => {
                return Err(StoreError::Schema(format!(
                    "migration {version} of the database is not one of this program"
                )));
            }
        }
    }
    if let Some(newer) = newer
        && compatible_from.is_none_or(|oldest| known < oldest)
    {
        return Err(StoreError::Schema(format!(
            "the schema of the database has version {newer}, and this program, which knows version {known}, cannot use it"
        )));
    }
    let missing = migrator
        .iter()
        .filter(|migration| applied.iter().all(|applied| applied.version != migration.version))
        .collect();
    Ok(Comparison { missing, newer })
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::sync::LazyLock;

    use sqlx::SqlSafeStr as _;
    use sqlx::migrate::MigrationType;

    use super::*;

    static MIGRATOR: LazyLock<Migrator> = LazyLock::new(|| {
        let migration = |version| {
            let name = Cow::Borrowed("test");
            Migration::new(version, name, MigrationType::Simple, "SELECT 1".into_sql_str(), false)
        };
        Migrator::with_migrations((1..=3).map(migration).collect())
    });

    /// A database with these migrations, those that are unknown with a checksum of their own.
    fn applied(versions: &[i64]) -> Vec<Applied> {
        let checksum = |version| MIGRATOR.iter().find(|known| known.version == version).map(|m| m.checksum.to_vec());
        versions.iter().map(|&version| Applied { version, checksum: checksum(version).unwrap_or_default() }).collect()
    }

    /// What is missing and what is newer; `None` if the program refuses the database.
    fn compared(applied: &[Applied], compatible_from: Option<i64>) -> Option<(Vec<i64>, Option<i64>)> {
        let Comparison { missing, newer } = compare(&MIGRATOR, applied, compatible_from).ok()?;
        Some((missing.iter().map(|migration| migration.version).collect(), newer))
    }

    #[test]
    fn a_newer_database_is_used_from_the_version_on_that_it_names() {
        for (versions, compatible_from, expected) in [
            (&[][..], None, Some((vec![1, 2, 3], None))),
            (&[1], None, Some((vec![2, 3], None))),
            (&[1, 2, 3], Some(1), Some((vec![], None))),
            (&[1, 2, 3, 4], Some(1), Some((vec![], Some(4)))),
            (&[1, 2, 3, 4, 7], Some(3), Some((vec![], Some(7)))),
            (&[1, 2, 3, 4, 7], Some(4), None),
            (&[1, 2, 3, 4], None, None),
            // It was not made by a newer program, but by another one.
            (&[0, 1, 2, 3], Some(1), None),
        ] {
            assert_eq!(compared(&applied(versions), compatible_from), expected, "{versions:?} {compatible_from:?}");
        }
    }

    #[test]
    fn a_migration_that_was_changed_is_refused() {
        let mut applied = applied(&[1, 2, 3]);
        applied[1].checksum.push(0);
        assert_eq!(compared(&applied, Some(1)), None);
    }
}
