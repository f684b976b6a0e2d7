//! Databases for tests: each test runs on SQLite and, where one is at hand, on PostgreSQL; and what befalls databases:
//! a full disk, a file that is not to be written, a lock that another process holds, an end to statements that take
//! long, an administrator who ends all connections.
//!
//! Starts no server: `scripts/postgres` does, and names it in `CLOCHER_TEST_POSTGRES`.

use crate::{Conn, Db, Location};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A database that is gone when this is dropped.
pub struct TestDb {
    /// The database.
    pub db: Db,
    /// `sqlite` or `postgres`, for messages.
    pub backend: &'static str,
    folder: Option<tempfile::TempDir>,
}

/// The URL of the PostgreSQL server for tests.
///
/// # Panics
/// Where `CI` is `true` and there is none: a missing backend must not pass for a tested one.
pub fn postgres_url() -> Option<String> {
    let url = std::env::var("CLOCHER_TEST_POSTGRES").ok().filter(|url| !url.is_empty());
    if url.is_none() {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "CLOCHER_TEST_POSTGRES is not set: start scripts/postgres"
        );
        eprintln!("not run on PostgreSQL: CLOCHER_TEST_POSTGRES is not set (scripts/test sets it)");
    }
    url
}

/// A new, empty SQLite database.
///
/// # Panics
/// Where no temporary folder can be made.
#[expect(clippy::expect_used, reason = "a test without a folder cannot go on")]
pub fn sqlite() -> TestDb {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let db = Db::new(Location::Sqlite(folder.path().join("clocher.sqlite")));
    TestDb { db, backend: "sqlite", folder: Some(folder) }
}

/// A new, empty PostgreSQL schema, where there is a server.
pub fn postgres() -> Option<TestDb> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let url = postgres_url()?;
    let schema = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    // By its name its connections are told from those of other tests.
    let url = format!("{url}{}application_name={schema}", if url.contains('?') { '&' } else { '?' });
    let db = Db::new(Location::Postgres { url, schema });
    Some(TestDb { db, backend: "postgres", folder: None })
}

/// The same, empty, where a lock is waited for a fraction of a second only.
#[must_use]
pub fn impatient(mut test_db: TestDb) -> TestDb {
    test_db.db = Db::with_patience(test_db.db.location().clone(), Duration::from_millis(300));
    test_db
}

/// Leaves no room on the disk of a SQLite database, as far as its writer knows; or all there is again.
///
/// # Errors
/// Those of storage.
pub fn set_full(conn: &mut Conn, full: bool) -> crate::Result<()> {
    // Never less than the pages there are.
    let pages = if full { 1 } else { u32::MAX - 1 };
    Ok(conn.batch_execute(&format!("PRAGMA max_page_count = {pages}"))?)
}

/// Copies a SQLite database, as it stands, to a new file.
///
/// # Errors
/// Those of storage.
pub fn copy_to(conn: &mut Conn, file: &std::path::Path) -> crate::Result<()> {
    let file = file.to_string_lossy().replace('\'', "''");
    Ok(conn.batch_execute(&format!("VACUUM INTO '{file}'"))?)
}

/// Lets a connection to a SQLite database read and never write again, as a file that is write-protected.
///
/// # Errors
/// Those of storage.
pub fn set_read_only(conn: &mut Conn) -> crate::Result<()> {
    Ok(conn.batch_execute("PRAGMA query_only = ON")?)
}

/// Ends every statement of a connection to PostgreSQL that takes longer; 0 ends none.
///
/// # Errors
/// Those of storage.
pub fn set_statement_timeout(conn: &mut Conn, millis: u32) -> crate::Result<()> {
    Ok(conn.batch_execute(&format!("SET statement_timeout = {millis}"))?)
}

/// Ends the connections to a PostgreSQL schema, as its administrator does: all of them, or those that wait for a lock.
///
/// # Panics
/// Where it is none, or cannot be asked.
#[expect(clippy::expect_used, reason = "a test that cannot end them cannot go on")]
pub fn end_connections(location: &Location, only_waiting: bool) {
    let Location::Postgres { url, schema } = location else { panic!("it is not on PostgreSQL") };
    let mut conn = PgConnection::establish(url).expect("a connection");
    let end = format!(
        "SET application_name = 'end'; \
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE application_name = '{schema}' AND (wait_event_type = 'Lock' OR NOT {only_waiting})"
    );
    conn.batch_execute(&end).expect("their end");
}

/// The lock of whoever writes, held as another process would, until it is dropped.
pub struct WriteLock(#[expect(dead_code, reason = "held, not used")] Conn);

impl WriteLock {
    /// Takes it.
    ///
    /// # Panics
    /// Where it cannot be had.
    pub fn take(location: &Location) -> Self {
        Self::take_with(location, None)
    }

    /// A lock that on PostgreSQL is of a table alone, which can still be read.
    ///
    /// # Panics
    /// Where it cannot be had.
    pub fn of_table(location: &Location, table: &str) -> Self {
        Self::take_with(location, Some(table))
    }

    #[expect(clippy::expect_used, reason = "a test without the lock cannot go on")]
    fn take_with(location: &Location, table: Option<&str>) -> Self {
        let conn = match location {
            Location::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(&path.to_string_lossy()).expect("a connection");
                let lock = "PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE";
                conn.batch_execute(lock).expect("the lock");
                Conn::Sqlite(conn)
            }
            Location::Memory => panic!("nobody else reaches what is in memory"),
            Location::Postgres { url, schema } => {
                let mut conn = PgConnection::establish(url).expect("a connection");
                let lock = match table {
                    Some(table) => format!("BEGIN; LOCK TABLE {schema}.{table} IN EXCLUSIVE MODE"),
                    None => format!("SELECT pg_advisory_lock(24427, hashtext('{schema}'))"),
                };
                // Not under the name of the connections that it stands against.
                conn.batch_execute("SET application_name = 'lock'").expect("another name");
                conn.batch_execute(&lock).expect("the lock");
                Conn::Pg(conn)
            }
        };
        Self(conn)
    }
}

/// Every backend at hand.
pub fn backends() -> Vec<TestDb> {
    std::iter::once(sqlite()).chain(postgres()).collect()
}

/// Runs a test on each backend.
pub async fn each_backend<F, T>(mut test: F)
where
    F: FnMut(Db) -> T,
    T: Future<Output = ()>,
{
    for test_db in backends() {
        eprintln!("on {}", test_db.backend);
        test(test_db.db.clone()).await;
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if self.folder.is_none()
            && let Location::Postgres { url, schema } = self.db.location()
            && let Ok(mut conn) = PgConnection::establish(url)
        {
            let _ = conn.batch_execute(&format!("DROP SCHEMA IF EXISTS \"{schema}\" CASCADE"));
        }
    }
}

/// Every row of every table, sorted: what must be equal before and after something that was refused.
///
/// # Errors
/// Those of storage.
pub fn dump(conn: &mut Conn) -> crate::Result<Vec<String>> {
    use diesel::prelude::*;
    use diesel::sql_types::Text;
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        line: String,
    }
    // One query for each table, made by a query.
    let queries = match conn {
        Conn::Sqlite(_) => {
            "SELECT 'SELECT ''' || m.name || ' '' || ' || \
             group_concat('quote(\"' || c.name || '\")', ' || '', '' || ') || ' AS line FROM \"' || m.name || '\"' AS line \
             FROM sqlite_master m JOIN pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%' \
             GROUP BY m.name"
        }
        Conn::Pg(_) => {
            "SELECT 'SELECT ''' || table_name || ' '' || t::text AS line FROM \"' || table_name || '\" t' AS line \
             FROM information_schema.tables \
             WHERE table_schema = current_schema() AND table_name NOT LIKE '\\_\\_%'"
        }
    };
    let queries: Vec<Line> = diesel::sql_query(queries).load(conn)?;
    let mut lines = Vec::new();
    for query in queries {
        let rows: Vec<Line> = diesel::sql_query(query.line).load(conn)?;
        lines.extend(rows.into_iter().map(|row| row.line));
    }
    lines.sort();
    Ok(lines)
}

/// The activities of local actors: id and document.
///
/// # Errors
/// Those of storage.
pub fn local_activities(conn: &mut Conn) -> crate::Result<Vec<(i64, String)>> {
    use crate::schema::activities::dsl;
    use diesel::prelude::*;
    Ok(dsl::activities.filter(dsl::local.eq(true)).select((dsl::id, dsl::document)).load(conn)?)
}

/// The messages of local authors, newest first.
///
/// # Errors
/// Those of storage.
pub fn local_posts(conn: &mut Conn) -> crate::Result<Vec<crate::posts::PostRow>> {
    use crate::schema::posts::dsl;
    use diesel::prelude::*;
    Ok(dsl::posts.filter(dsl::local.eq(true)).order(dsl::id.desc()).load(conn)?)
}

/// Gives all messages the same date.
///
/// # Errors
/// Those of storage.
pub fn set_published(conn: &mut Conn, at: i64) -> crate::Result<()> {
    use crate::schema::{placements, posts};
    use diesel::prelude::*;
    diesel::update(posts::table).set(posts::published_at.eq(at)).execute(conn)?;
    diesel::update(placements::table).set(placements::dated_at.eq(at)).execute(conn)?;
    Ok(())
}

/// The columns of every table as `table.column type nullable`, and the unique and other indexes, sorted:
/// what must be equal on both backends.
///
/// # Errors
/// Those of storage.
pub fn describe(conn: &mut Conn) -> crate::Result<Vec<String>> {
    use diesel::prelude::*;
    use diesel::sql_types::Text;
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        line: String,
    }
    let sql = match conn {
        Conn::Sqlite(_) => {
            "SELECT m.name || '.' || c.name || ' ' || \
             CASE WHEN upper(c.type) IN ('INTEGER', 'BIGINT') THEN 'bigint' ELSE lower(c.type) END || \
             CASE WHEN c.\"notnull\" = 1 THEN ' not null' ELSE '' END AS line \
             FROM sqlite_master m JOIN pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' \
             UNION ALL SELECT 'index ' || name AS line FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL \
             UNION ALL SELECT 'foreign key ' || m.name || '.' || f.\"from\" || ' ' || f.\"table\" || '.' || f.\"to\" AS line \
             FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' ORDER BY 1"
        }
        Conn::Pg(_) => {
            "SELECT c.table_name || '.' || c.column_name || ' ' || c.data_type || \
             CASE WHEN c.is_nullable = 'NO' THEN ' not null' ELSE '' END AS line \
             FROM information_schema.columns c \
             WHERE c.table_schema = current_schema() AND c.table_name NOT LIKE '\\_\\_%' \
             UNION ALL SELECT 'index ' || i.indexname AS line FROM pg_indexes i \
             WHERE i.schemaname = current_schema() AND i.indexname NOT LIKE '%\\_pkey' AND i.indexname NOT LIKE '%\\_key' \
             UNION ALL SELECT 'foreign key ' || k.conrelid::regclass::text || '.' || a.attname || ' ' || \
             k.confrelid::regclass::text || '.' || b.attname AS line \
             FROM pg_constraint k \
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] \
             JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1] \
             WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace"
        }
    };
    let lines: Vec<Line> = diesel::sql_query(sql).load(conn)?;
    let mut lines: Vec<String> = lines.into_iter().map(|line| line.line).collect();
    lines.sort();
    Ok(lines)
}
