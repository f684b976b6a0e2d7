//! The database of one instance: a writer, readers, and the blocking threads they run on.
//!
//! Opens no connection before the first use, and closes idle ones: a process hosts hundreds of these.

use crate::error::says_busy;
use crate::{Conn, Error, Result, migrations};
use diesel::connection::SimpleConnection;
use diesel::r2d2::{ManageConnection, Pool, PooledConnection, R2D2Connection};
use diesel::{Connection, PgConnection, SqliteConnection};
use scheduled_thread_pool::ScheduledThreadPool;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::{Duration, Instant};

/// Where a database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A schema of a PostgreSQL database.
    Postgres {
        /// `postgres://…`, as libpq takes it.
        url: String,
        /// The schema: ASCII letters, digits and `_`.
        schema: String,
    },
    /// SQLite in memory, over one connection: it is gone with the last handle of it. For simulations.
    Memory,
}

/// How long a lock or a connection is waited for.
const WAIT: Duration = Duration::from_secs(10);
/// Pause between tries where SQLite itself does not wait.
const RETRY: Duration = Duration::from_millis(10);
/// After how long an unused connection is closed.
const IDLE: Duration = Duration::from_mins(1);
/// Readers of one database.
const READERS: u32 = 4;

/// One thread closes the idle connections of all the databases of the process.
static REAPER: LazyLock<Arc<ScheduledThreadPool>> = LazyLock::new(|| {
    Arc::new(ScheduledThreadPool::builder().num_threads(1).thread_name_pattern("db-reaper").build())
});

/// The database of one instance. Cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    manager: Manager,
    pools: OnceLock<Pools>,
    opening: std::sync::Mutex<()>,
}

struct Pools {
    writer: Pool<Manager>,
    readers: Pool<Manager>,
}

/// Makes connections of either backend for the pool.
#[derive(Clone, Debug)]
struct Manager {
    location: Location,
    /// How long a lock or a connection is waited for.
    wait: Duration,
}

impl Manager {
    fn open(&self, create: bool) -> Result<Conn, diesel::r2d2::Error> {
        use diesel::r2d2::Error as Failed;
        let millis = self.wait.as_millis();
        match &self.location {
            Location::Sqlite(path) => {
                let path = path.to_string_lossy();
                let mut conn = SqliteConnection::establish(&path).map_err(Failed::ConnectionError)?;
                conn.batch_execute(&format!("PRAGMA busy_timeout = {millis}")).map_err(Failed::QueryError)?;
                write_ahead(&mut conn, self.wait).map_err(Failed::QueryError)?;
                // A small page cache: hundreds of databases share one process.
                conn.batch_execute(
                    "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -512; \
                     PRAGMA temp_store = MEMORY;",
                )
                .map_err(Failed::QueryError)?;
                Ok(Conn::Sqlite(conn))
            }
            Location::Memory => {
                let mut conn = SqliteConnection::establish(":memory:").map_err(Failed::ConnectionError)?;
                conn.batch_execute("PRAGMA foreign_keys = ON").map_err(Failed::QueryError)?;
                Ok(Conn::Sqlite(conn))
            }
            Location::Postgres { url, schema } => {
                let mut conn = PgConnection::establish(url).map_err(Failed::ConnectionError)?;
                migrations::enter_schema(&mut conn, schema, create).map_err(Failed::QueryError)?;
                // A process that stopped in the middle of a write must not stop the others for ever.
                conn.batch_execute(&format!("SET lock_timeout = {millis}")).map_err(Failed::QueryError)?;
                Ok(Conn::Pg(conn))
            }
        }
    }
}

/// Has a file written ahead. Where several processes open a new one at once, SQLite lets one change it and tells the
/// others that it is locked, however long they would wait: they try again.
fn write_ahead(conn: &mut SqliteConnection, wait: Duration) -> diesel::QueryResult<()> {
    let until = Instant::now() + wait;
    loop {
        match conn.batch_execute("PRAGMA journal_mode = WAL") {
            Err(diesel::result::Error::DatabaseError(_, info))
                if says_busy(info.message()) && Instant::now() < until =>
            {
                std::thread::sleep(RETRY);
            }
            done => return done,
        }
    }
}

impl ManageConnection for Manager {
    type Connection = Conn;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Conn, Self::Error> {
        self.open(false)
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), Self::Error> {
        conn.batch_execute("SELECT 1").map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        std::thread::panicking() || conn.is_broken()
    }
}

/// What a transaction outlasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lasting {
    /// The end of the process, in whatever way.
    Kill,
    /// That of the machine too.
    PowerCut,
}

/// A transaction ended: by the caller's own error, or by the database's.
enum Ended<E> {
    /// The turn to write was not had in time.
    NoTurn(diesel::result::Error),
    Caller(E),
    Database(diesel::result::Error),
}

impl<E> From<diesel::result::Error> for Ended<E> {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error)
    }
}

impl<E: From<Error>> Ended<E> {
    fn into_error(self) -> E {
        match self {
            Self::NoTurn(error) => Error::Busy(error.to_string()).into(),
            Self::Caller(error) => error,
            Self::Database(error) => Error::from(error).into(),
        }
    }
}

impl Db {
    /// A database that is opened, and brought to the schema of this program, at its first use.
    pub fn new(location: Location) -> Self {
        Self::with_patience(location, WAIT)
    }

    /// The same, where a lock or a connection is waited for that long.
    pub fn with_patience(location: Location, wait: Duration) -> Self {
        let manager = Manager { location, wait };
        Self(Arc::new(Inner { manager, pools: OnceLock::new(), opening: std::sync::Mutex::new(()) }))
    }

    /// Where it is.
    pub fn location(&self) -> &Location {
        &self.0.manager.location
    }

    /// Reads, on a blocking thread.
    ///
    /// # Errors
    /// The closure's own, or a storage error turned into the closure's.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.on_thread(move |db| {
            let mut conn = db.pools()?.reader()?;
            let done = work(&mut conn);
            if done.is_err() {
                db.renew(&mut conn);
            }
            done
        })
        .await
    }

    /// Writes, in one transaction, on a blocking thread: all of it is durable on return, or none of it
    /// happened.
    ///
    /// # Errors
    /// The closure's own, or a storage error turned into the closure's.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.on_thread(move |db| db.write_until(Lasting::PowerCut, work)).await
    }

    /// As [`write`](Self::write), but a power cut may undo it; the end of the process, in whatever way, does not. For
    /// what is merely done again where its record is lost.
    ///
    /// # Errors
    /// As `write`.
    pub async fn note<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.on_thread(move |db| db.write_until(Lasting::Kill, work)).await
    }

    /// As [`write`](Self::write), on the calling thread. For the command line.
    ///
    /// # Errors
    /// As `write`.
    pub fn write_blocking<T, E: From<Error>>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        self.write_until(Lasting::PowerCut, work)
    }

    fn write_until<T, E: From<Error>>(
        &self,
        lasting: Lasting,
        work: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut conn = self.pools()?.writer()?;
        // A plain BEGIN lets two thirds of contended read-then-write transactions fail as locked.
        let done = match &mut *conn {
            conn @ Conn::Pg(_) => conn.transaction(|conn| {
                one_writer(conn).map_err(Ended::NoTurn)?;
                if lasting == Lasting::Kill {
                    conn.batch_execute("SET LOCAL synchronous_commit = off")?;
                }
                work(conn).map_err(Ended::Caller)
            }),
            conn @ Conn::Sqlite(_) if lasting == Lasting::Kill => unsynced(conn, work),
            conn @ Conn::Sqlite(_) => immediately(conn, work),
        };
        if done.is_err() {
            self.renew(&mut conn);
        }
        done.map_err(Ended::into_error)
    }

    /// Opens a connection anew after a failure, where its server has ended it: the pool knows only of those that were
    /// lost within a transaction, and would hand it out for ever.
    fn renew(&self, conn: &mut Conn) {
        let is_lost = matches!(conn, Conn::Pg(_)) && !conn.is_broken() && conn.ping().is_err();
        if is_lost && let Ok(fresh) = self.0.manager.open(false) {
            *conn = fresh;
        }
    }

    async fn on_thread<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&Self) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let db = self.clone();
        match tokio::task::spawn_blocking(move || work(&db)).await {
            Ok(done) => done,
            Err(stopped) => Err(Error::Stopped(stopped.to_string()).into()),
        }
    }

    fn pools(&self) -> Result<&Pools> {
        if let Some(pools) = self.0.pools.get() {
            return Ok(pools);
        }
        let _one_at_a_time =
            self.0.opening.lock().map_err(|_| Error::Unavailable("opening failed before".into()))?;
        if self.0.pools.get().is_none() {
            let pools = Pools::new(&self.0.manager);
            if self.0.manager.location == Location::Memory {
                migrations::apply(&mut *pools.writer()?)?;
            } else {
                let mut conn =
                    self.0.manager.open(true).map_err(|error| Error::Unavailable(error.to_string()))?;
                migrations::apply(&mut conn)?;
            }
            let _ = self.0.pools.set(pools);
        }
        self.0.pools.get().ok_or_else(|| Error::Unavailable("opening failed".into()))
    }
}

/// Waits until no other transaction of any process writes this schema, as SQLite does by itself: what a use case
/// has read is so until it has stored what was decided.
fn one_writer(conn: &mut Conn) -> diesel::QueryResult<()> {
    conn.batch_execute("SELECT pg_advisory_xact_lock(24427, hashtext(current_schema()))")
}

/// Runs such a transaction without waiting for the disk: it is in the log of SQLite, and the next one that waits
/// takes it along.
fn unsynced<T, E>(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, Ended<E>> {
    conn.batch_execute("PRAGMA synchronous = NORMAL")?;
    let done = immediately(conn, work);
    conn.batch_execute("PRAGMA synchronous = FULL")?;
    done
}

/// Runs a transaction that takes SQLite's write lock at its beginning.
fn immediately<T, E>(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, Ended<E>> {
    use diesel::connection::TransactionManager;
    type Manager = <Conn as Connection>::TransactionManager;
    if let Conn::Sqlite(inner) = conn {
        diesel::connection::AnsiTransactionManager::begin_transaction_sql(inner, "BEGIN IMMEDIATE")?;
    }
    match work(conn) {
        Ok(value) => {
            Manager::commit_transaction(conn)?;
            Ok(value)
        }
        Err(error) => {
            // Where the disk is full, SQLite may have rolled back by itself: what failed is told, not that.
            let _ = Manager::rollback_transaction(conn);
            Err(Ended::Caller(error))
        }
    }
}

impl Pools {
    fn new(manager: &Manager) -> Self {
        if manager.location == Location::Memory {
            // What is in memory is there as long as its one connection.
            let only = Pool::builder()
                .max_size(1)
                .min_idle(Some(0))
                .idle_timeout(None)
                .max_lifetime(None)
                .test_on_check_out(false)
                .thread_pool(Arc::clone(&REAPER))
                .build_unchecked(manager.clone());
            return Self { writer: only.clone(), readers: only };
        }
        let pool = |size| {
            Pool::builder()
                .max_size(size)
                .min_idle(Some(0))
                .idle_timeout(Some(IDLE))
                .connection_timeout(manager.wait)
                .test_on_check_out(false)
                .thread_pool(Arc::clone(&REAPER))
                .build_unchecked(manager.clone())
        };
        // One writer, also on PostgreSQL: those that wait for their turn must not hold what readers need.
        Self { writer: pool(1), readers: pool(READERS) }
    }

    fn writer(&self) -> Result<PooledConnection<Manager>> {
        self.writer.get().map_err(|error| Error::Unavailable(error.to_string()))
    }

    fn reader(&self) -> Result<PooledConnection<Manager>> {
        self.readers.get().map_err(|error| Error::Unavailable(error.to_string()))
    }
}
