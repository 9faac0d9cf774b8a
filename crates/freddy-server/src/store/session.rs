//! A connection that is in use.

use std::ops::{Deref, DerefMut};

use sqlx::Database;
use sqlx::pool::PoolConnection;

/// A connection of a pool that is given up unless all went well. A statement may still run on it, and what the driver
/// believes of its transaction may be wrong: after a full disk, SQLite has ended it by itself.
pub(super) struct Session<DB: Database> {
    connection: PoolConnection<DB>,
    is_sound: bool,
}

impl<DB: Database> Session<DB> {
    pub(super) fn new(connection: PoolConnection<DB>) -> Self {
        Self { connection, is_sound: false }
    }

    /// Gives the connection back for others to use.
    pub(super) fn end(mut self) {
        self.is_sound = true;
    }
}

impl<DB: Database> Drop for Session<DB> {
    fn drop(&mut self) {
        if !self.is_sound {
            self.connection.close_on_drop();
        }
    }
}

impl<DB: Database> Deref for Session<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &Self::Target {
        &self.connection
    }
}

impl<DB: Database> DerefMut for Session<DB> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.connection
    }
}
