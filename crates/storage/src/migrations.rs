//! Bringing a database to the schema of this program, safely when two processes start at once.

use crate::{Conn, Error, Result};
use diesel::connection::SimpleConnection;
use diesel::{Connection, RunQueryDsl, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// Key of the advisory lock that serialises migrations of one PostgreSQL database: `clochr` in ASCII.
const LOCK: i64 = 0x636c_6f63_6872;

/// A migration failed inside the transaction that holds the lock.
enum Failure {
    Diesel(diesel::result::Error),
    Migration(String),
}

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        Self::Diesel(error)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Diesel(error) => error.into(),
            Failure::Migration(text) => Self::Migration(text),
        }
    }
}

/// Applies what is missing, all or nothing, while other processes wait.
pub(crate) fn apply(conn: &mut Conn) -> Result<()> {
    match conn {
        Conn::Sqlite(conn) => {
            // A database of this version is recognised without taking the writer's lock.
            if !conn.has_pending_migration(SQLITE).unwrap_or(true) {
                return Ok(());
            }
            conn.immediate_transaction(|conn| run(conn, SQLITE))?;
        }
        Conn::Pg(conn) => conn.transaction(|conn| {
            // Hundreds of instances may be brought up to date one after the other.
            conn.batch_execute("SET LOCAL lock_timeout = 0")?;
            wait_for_turn(conn)?;
            run(conn, POSTGRES)
        })?,
    }
    Ok(())
}

fn run<B: diesel::backend::Backend>(
    conn: &mut impl MigrationHarness<B>,
    source: EmbeddedMigrations,
) -> Result<(), Failure> {
    conn.run_pending_migrations(source).map(|_| ()).map_err(|error| Failure::Migration(error.to_string()))
}

/// Makes the PostgreSQL schema of an instance if it does not exist, and makes it the connection's own.
pub(crate) fn enter_schema(
    conn: &mut diesel::PgConnection,
    schema: &str,
    create: bool,
) -> diesel::QueryResult<()> {
    if create {
        // `IF NOT EXISTS` alone fails where two processes find it missing at once.
        conn.transaction(|conn| {
            wait_for_turn(conn)?;
            conn.batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS \"{schema}\""))
        })?;
    }
    conn.batch_execute(&format!("SET search_path TO \"{schema}\""))
}

/// Takes the lock that one process has at a time, until the end of the transaction.
fn wait_for_turn(conn: &mut diesel::PgConnection) -> diesel::QueryResult<()> {
    sql_query("SELECT pg_advisory_xact_lock($1)")
        .bind::<diesel::sql_types::BigInt, _>(LOCK)
        .execute(conn)
        .map(|_| ())
}
