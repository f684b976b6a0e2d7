//! The two backends behind one connection type. Every real difference between them is here.

use diesel::{PgConnection, SqliteConnection};

/// A connection to either backend.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// SQLite, one file an instance.
    Sqlite(SqliteConnection),
    /// PostgreSQL, one schema an instance.
    Pg(PgConnection),
}

/// Runs one statement on whichever backend the connection is.
///
/// For statements that diesel cannot build on the joint type (`ON CONFLICT`), and for those run so often that it
/// counts: on the joint type diesel writes the text of a statement anew, several times, whenever it is run. Written
/// once, compiled twice.
macro_rules! on_backend {
    ($conn:expr, $inner:ident => $statement:expr) => {
        match $conn {
            $crate::Conn::Sqlite($inner) => $statement,
            $crate::Conn::Pg($inner) => $statement,
        }
    };
}
pub(crate) use on_backend;
