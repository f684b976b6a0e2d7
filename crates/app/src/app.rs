//! One instance, as its use cases see it.

use crate::sending::Desk;
use crate::{Clock, Error, Ids, Result, Site};
use clocher_domain::Timestamp;
use clocher_domain::effect::Effect;
use clocher_storage::instance::InstanceRow;
use clocher_storage::{Conn, Db, effects, instance};
use std::sync::{Arc, OnceLock};
use tokio::sync::{Mutex, MutexGuard, Notify, OnceCell};

/// One instance. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    db: Db,
    site: Site,
    clock: Arc<dyn Clock>,
    ids: Ids,
    instance: OnceCell<InstanceRow>,
    wakers: Wakers,
    desk: OnceLock<Desk>,
    counter: Mutex<()>,
}

/// What wakes the workers of an instance: the commit of what they are to do.
#[derive(Debug, Default)]
pub struct Wakers {
    /// Effects are owed.
    pub effects: Notify,
    /// Deliveries are owed.
    pub deliveries: Notify,
    /// Jobs are owed.
    pub jobs: Notify,
    /// Messages are owed to their readers here.
    pub ledger: Notify,
}

impl App {
    /// An instance over its database, which is not opened before it is used.
    pub fn new(db: Db, site: Site, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner {
            db,
            site,
            clock,
            ids: Ids::default(),
            instance: OnceCell::new(),
            wakers: Wakers::default(),
            desk: OnceLock::new(),
            counter: Mutex::new(()),
        }))
    }

    /// Its database.
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// Held by who carries a parcel, until it is recorded; and by who has another instance send in place of this one, so
    /// that nothing is on its way meanwhile.
    pub(crate) async fn counter(&self) -> MutexGuard<'_, ()> {
        self.0.counter.lock().await
    }

    /// Its addresses.
    pub fn site(&self) -> &Site {
        &self.0.site
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// A new id.
    pub fn mint(&self) -> i64 {
        self.0.ids.mint(self.now())
    }

    /// Makes sure that new ids stay above one that exists.
    pub(crate) fn stay_above(&self, id: i64) {
        self.0.ids.stay_above(id);
    }

    /// Says, once, what carries mail to its people; without it nothing does.
    pub fn set_desk(&self, desk: Desk) {
        let _ = self.0.desk.set(desk);
    }

    /// What carries mail to its people.
    pub fn desk(&self) -> Desk {
        self.0.desk.get().cloned().unwrap_or_default()
    }

    /// What wakes its workers.
    pub fn wakers(&self) -> &Wakers {
        &self.0.wakers
    }

    /// What it says of itself, read once.
    ///
    /// # Errors
    /// `Internal` where it was never founded; those of storage.
    pub async fn instance(&self) -> Result<&InstanceRow> {
        self.0
            .instance
            .get_or_try_init(|| async {
                self.read(instance::find)
                    .await?
                    .ok_or_else(|| Error::Internal("the instance is not founded".into()))
            })
            .await
    }

    /// Reads its database.
    ///
    /// # Errors
    /// The closure's own, and those of storage.
    pub async fn read<T, E>(&self, work: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static) -> Result<T>
    where
        T: Send + 'static,
        E: Into<Error> + 'static,
    {
        self.db().read(move |conn| work(conn).map_err(Into::into)).await
    }

    /// Writes its database in one transaction, then wakes the worker of effects.
    ///
    /// # Errors
    /// The closure's own, and those of storage.
    pub async fn write<T, E>(
        &self,
        work: impl FnOnce(&mut Deed<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T>
    where
        T: Send + 'static,
        E: Into<Error> + 'static,
    {
        let app = self.clone();
        let done = self.db().write(move |conn| Deed::run(conn, &app, work)).await;
        self.wake(done)
    }

    /// As [`write`](Self::write), but a power cut may undo it; the end of the process, in whatever way, does not.
    /// For what is merely done again where its record is lost.
    ///
    /// # Errors
    /// As `write`.
    pub async fn note<T, E>(
        &self,
        work: impl FnOnce(&mut Deed<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T>
    where
        T: Send + 'static,
        E: Into<Error> + 'static,
    {
        let app = self.clone();
        let done = self.db().note(move |conn| Deed::run(conn, &app, work)).await;
        self.wake(done)
    }

    /// Wakes the workers of what a deed that is done owes.
    fn wake<T>(&self, done: Result<(T, Owed)>) -> Result<T> {
        let (value, owed) = done?;
        if owed.effects {
            self.wakers().effects.notify_one();
        }
        if owed.ledger {
            self.wakers().ledger.notify_one();
        }
        Ok(value)
    }
}

/// Which workers a deed has something for.
#[derive(Clone, Copy, Debug, Default)]
struct Owed {
    effects: bool,
    ledger: bool,
}

/// A deed under way: its transaction, and the effects that it owes.
pub struct Deed<'a> {
    /// The transaction.
    pub conn: &'a mut Conn,
    /// The instance.
    pub app: &'a App,
    owed: Owed,
}

impl Deed<'_> {
    /// Runs a deed; says also what it owes.
    fn run<T, E: Into<Error>>(
        conn: &mut Conn,
        app: &App,
        work: impl FnOnce(&mut Deed<'_>) -> Result<T, E>,
    ) -> Result<(T, Owed)> {
        let mut deed = Deed { conn, app, owed: Owed::default() };
        let value = work(&mut deed).map_err(Into::into)?;
        Ok((value, deed.owed))
    }

    /// The present instant, in milliseconds.
    pub fn now(&self) -> i64 {
        self.app.now().0
    }

    /// Owes an effect, with the deed or not at all.
    ///
    /// # Errors
    /// Those of storage.
    pub fn owe(&mut self, effect: &Effect) -> Result<()> {
        effects::put(self.conn, self.app.mint(), effect, self.now())?;
        self.owed.effects = true;
        Ok(())
    }

    /// Wakes the worker of the ledger after the deed.
    pub(crate) fn wake_ledger(&mut self) {
        self.owed.ledger = true;
    }
}
