//! How many connections a database has.

use std::iter::Sum;

use sqlx::{Database, Pool};

/// Those that are there, by whether something uses them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Connections {
    pub(super) used: u32,
    pub(super) idle: u32,
}

impl Connections {
    pub(super) fn of<DB: Database>(pool: &Pool<DB>) -> Self {
        Self::counted(pool.size(), pool.num_idle())
    }

    fn counted(all: u32, idle: usize) -> Self {
        // A connection that is taken the moment it is given back is subtracted before it is added, and the count of none is then
        // `usize::MAX` for as long.
        let idle = u32::try_from(idle).map_or(0, |idle| idle.min(all));
        Self { used: all - idle, idle }
    }
}

impl Sum for Connections {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self { used: 0, idle: 0 }, |sum, one| Self { used: sum.used + one.used, idle: sum.idle + one.idle })
    }
}

#[cfg(test)]
mod tests {
    use super::Connections;

    #[test]
    fn a_count_of_idle_connections_that_cannot_be_counts_none_or_all() {
        for (all, counted, idle) in
            [(0, 0, 0), (3, 2, 2), (3, 3, 3), (3, 4, 3), (3, usize::MAX, 0), (3, usize::MAX - 1, 0), (0, usize::MAX, 0)]
        {
            assert_eq!(
                Connections::counted(all, counted),
                Connections { used: all - idle, idle },
                "{counted} of {all}"
            );
        }
    }

    #[test]
    fn connections_of_several_pools_are_added() {
        let pools = [Connections { used: 1, idle: 2 }, Connections { used: 4, idle: 8 }];
        assert_eq!(pools.into_iter().sum::<Connections>(), Connections { used: 5, idle: 10 });
    }
}
