//! What can go wrong in storage. Not found is not an error: it is `Ok(None)`.

/// A failure of storage.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database could not be opened or no connection was free in time.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The database is locked, full or read-only: the deed did not happen and may be tried again.
    #[error("the database is busy or full: {0}")]
    Busy(String),
    /// A row that must be unique exists already.
    #[error("it exists already: {0}")]
    Duplicate(String),
    /// A row holds what no version of Clocher writes.
    #[error("corrupt row in {table}.{column} of {id}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The primary key of the row.
        id: i64,
    },
    /// The schema could not be brought up to date.
    #[error("migration failed: {0}")]
    Migration(String),
    /// Any other failure of the database.
    #[error("database: {0}")]
    Database(diesel::result::Error),
    /// The thread that ran the statement died.
    #[error("the storage thread stopped: {0}")]
    Stopped(String),
}

/// A result of storage.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind as Kind, Error as Diesel};
        if let Diesel::RollbackErrorOnCommit { commit_error, .. } = error {
            return Self::from(*commit_error);
        }
        match &error {
            Diesel::DatabaseError(Kind::UniqueViolation, info) => Self::Duplicate(info.message().to_owned()),
            Diesel::DatabaseError(
                Kind::ClosedConnection
                | Kind::UnableToSendCommand
                | Kind::SerializationFailure
                | Kind::ReadOnlyTransaction,
                info,
            ) => Self::Busy(info.message().to_owned()),
            Diesel::BrokenTransactionManager => Self::Busy(error.to_string()),
            Diesel::DatabaseError(_, info) if says_busy(info.message()) => {
                Self::Busy(info.message().to_owned())
            }
            _ => Self::Database(error),
        }
    }
}

/// What only the text tells: with SQLite a lock, a full disk, a file that cannot be opened; with PostgreSQL a lock
/// that was not had in time, a statement that was ended for its length and a server that is ending, in English: to
/// wait for one's turn in vain, which a server says in its own language, is told apart where it is waited for.
pub(crate) fn says_busy(message: &str) -> bool {
    [
        "database is locked",
        "database table is locked",
        "disk is full",
        "disk I/O error",
        "readonly database",
        "No space left",
        "unable to open database file",
        "deadlock detected",
        "lock timeout",
        "canceling statement",
        "terminating connection",
        "server closed the connection",
    ]
    .iter()
    .any(|text| message.contains(text))
}

impl Error {
    /// Whether the same deed may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Busy(_) | Self::Stopped(_))
    }
}
