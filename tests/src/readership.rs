//! An instance whose people are told what happens: what its channel carried, and a clock that stands still.

use crate::{account, community, person, thread};
use clocher_app::founding::{Founding, found};
use clocher_app::ledger::{fan_out_next, owe_fan_out};
use clocher_app::ports::{Channel, Later};
use clocher_app::sending::{self, Desk, Letter, Parcel};
use clocher_app::{App, Clock, Error, Site, accounts, membership, posting, subscribing};
use clocher_domain::Timestamp;
use clocher_domain::community::Posting;
use clocher_domain::ledger::Mode;
use clocher_domain::placement::PlacementState;
use clocher_storage::actors::ActorRow;
use clocher_storage::addresses;
use clocher_storage::links::{self, LinkRow};
use clocher_storage::placements::{self, PlacementRow};
use clocher_storage::posts::PostRow;
use clocher_storage::testing::{TestDb, backends};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A Tuesday at noon, in Paris.
pub const NOON: i64 = 1_795_518_000_000;

/// A clock that stands still until it is set forward.
pub struct Still(pub AtomicI64);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// A channel that keeps what it carries, as the lines of a copy.
#[derive(Default)]
pub struct Post {
    /// What it carried.
    pub carried: Mutex<Vec<Parcel>>,
    /// After how many parcels the process is killed: the parcel is out, and nothing of it is recorded.
    pub killed_after: AtomicUsize,
    /// How many parcels it still refuses.
    pub refuses: AtomicUsize,
}

impl Channel for Post {
    fn carry<'a>(&'a self, _: &'a App, parcel: &'a Parcel) -> Later<'a, clocher_app::Result<()>> {
        Box::pin(async move {
            if self.refuses.load(Ordering::Relaxed) > 0 {
                self.refuses.fetch_sub(1, Ordering::Relaxed);
                return Err(Error::Internal("no room".into()));
            }
            self.carried.lock().expect("it is done").push(parcel.clone());
            if self.killed_after.load(Ordering::Relaxed) > 0
                && self.killed_after.fetch_sub(1, Ordering::Relaxed) == 1
            {
                std::future::pending::<()>().await;
            }
            Ok(())
        })
    }
}

impl Post {
    /// All copies that were carried, and forgets them; what asks something is no copy.
    ///
    /// # Panics
    /// Where somebody died while carrying.
    pub fn copies(&self) -> Vec<Copy> {
        let mut copies = Vec::new();
        for parcel in self.carried.lock().expect("it is done").drain(..) {
            let to = parcel.to.split('@').next().expect("it is done").to_owned();
            let (items, in_digest) = match parcel.letter {
                Letter::Message(item) => (vec![*item], false),
                Letter::Digest { items, .. } => (items, true),
                Letter::Confirmation { .. } | Letter::Joining { .. } => continue,
            };
            for item in items {
                let list = item.list.map(|list| list.name).unwrap_or_default();
                let what = item.post.title.unwrap_or(item.post.html);
                copies.push((to.clone(), in_digest, list, what));
            }
        }
        copies.sort();
        copies
    }

    /// Takes the question whether an address is to be joined, if it came: the end of its link.
    ///
    /// # Panics
    /// Where somebody died while carrying.
    pub fn take_question(&self) -> Option<String> {
        let mut carried = self.carried.lock().expect("it is done");
        let at = carried.iter().position(|one| matches!(one.letter, Letter::Joining { .. }))?;
        let Letter::Joining { link, .. } = carried.remove(at).letter else { return None };
        link.rsplit('/').next().map(str::to_owned)
    }
}

/// An instance, what it sends, and its clock.
pub struct Town {
    /// The instance.
    pub app: App,
    /// What sends its mail.
    pub desk: Desk,
    /// Its channel.
    pub post: Arc<Post>,
    /// Its clock.
    pub clock: Arc<Still>,
    /// Its administrator.
    pub mairie: ActorRow,
    _db: TestDb,
}

/// A copy that somebody got: whom, at once or in a digest, from which list, which message.
pub type Copy = (String, bool, String, String);

impl Town {
    /// An instance over a database.
    ///
    /// # Panics
    /// Where it cannot be done.
    pub async fn over(db: TestDb) -> Self {
        let clock = Arc::new(Still(AtomicI64::new(NOON)));
        let app = App::new(db.db.clone(), Site::new("https", "alpha.test"), clock.clone());
        let founding = Founding {
            territory: None,
            name: "Alpha".into(),
            language: "fr".into(),
            administrator: account("mairie"),
            neighbours: Vec::new(),
            communities: Vec::new(),
        };
        found(&app, founding).await.expect("it is done");
        let (_, mairie) = accounts::find(&app, "mairie").await.expect("it is done");
        let post = Arc::new(Post::default());
        let desk = Desk { mail: Some(post.clone()), seal: None, digest_hour: 7 };
        Self { app, desk, post, clock, mairie, _db: db }
    }

    /// Sets the clock forward, by milliseconds.
    pub fn wait(&self, millis: i64) {
        self.clock.0.fetch_add(millis, Ordering::Relaxed);
    }

    /// A person with a confirmed address, in that mode where nothing else is said.
    ///
    /// # Panics
    /// Where it cannot be done.
    pub async fn reader(&self, name: &str, mode: Mode, joins: &[&ActorRow]) -> ActorRow {
        let row = person(&self.app, name).await;
        self.verify(row.id).await;
        for community in joins {
            membership::join(&self.app, row.id, community.id).await.expect("it is done");
        }
        self.choose(&row, None, mode).await;
        row
    }

    /// Confirms the address of an account.
    ///
    /// # Panics
    /// Where it cannot be done.
    pub async fn verify(&self, account: i64) {
        self.app
            .write(move |deed| {
                let row = addresses::find_subscriber(deed.conn, account)?.expect("it is done");
                addresses::verify(deed.conn, row.address_id, NOON)
            })
            .await
            .expect("it is done");
    }

    /// Chooses a mode, of a community or where nothing else is said.
    ///
    /// # Panics
    /// Where it cannot be done.
    pub async fn choose(&self, person: &ActorRow, community: Option<&ActorRow>, mode: Mode) {
        let community = community.map(|row| row.id);
        subscribing::choose_mode(&self.app, person.id, community, Some(mode)).await.expect("it is done");
    }

    /// A community where everybody writes.
    ///
    /// # Panics
    /// Where it cannot be done.
    pub async fn community(&self, name: &str) -> ActorRow {
        community(&self.app, name, Posting::Everybody).await
    }

    /// A new thread.
    ///
    /// # Panics
    /// Where it cannot be done.
    pub async fn thread(&self, author: &ActorRow, home: &ActorRow, title: &str) -> PostRow {
        posting::write(&self.app, thread(author, home, title, "Texte.")).await.expect("it is done")
    }

    /// Places a thread, as the worker of travel does.
    ///
    /// # Panics
    /// Where it cannot be done.
    pub async fn place(&self, thread: &PostRow, community: &ActorRow) -> i64 {
        let (thread, community) = (thread.id, community.id);
        self.app
            .write(move |deed| {
                let now = deed.now();
                let row = PlacementRow {
                    id: deed.app.mint(),
                    thread_id: thread,
                    community_id: community,
                    state: PlacementState::Placed.as_str().into(),
                    ways: 4,
                    path: "[]".into(),
                    announce: None,
                    accepted_title: None,
                    accepted_html: None,
                    decider_id: None,
                    created_at: now,
                    changed_at: now,
                    dated_at: now,
                };
                placements::put(deed.conn, &row)?;
                owe_fan_out(deed, thread, community)?;
                Ok::<_, Error>(row.id)
            })
            .await
            .expect("it is done")
    }

    /// Links two communities of here: the first is nested in the second.
    ///
    /// # Panics
    /// Where it cannot be done.
    pub async fn nest(&self, lower: &ActorRow, upper: &ActorRow) {
        let (lower, upper) = (lower.id, upper.id);
        self.app
            .write(move |deed| {
                for (one, other, relation) in [(lower, upper, "upper"), (upper, lower, "lower")] {
                    let row = LinkRow {
                        id: deed.app.mint(),
                        community_id: one,
                        other_id: other,
                        relation: relation.into(),
                        state: "active".into(),
                        shares: "nothing".into(),
                        accepts: "nothing".into(),
                        other_shares: "nothing".into(),
                        other_accepts: "nothing".into(),
                        offer: format!("https://alpha.test/activity/{lower}-{upper}"),
                        acceptance: None,
                        other_document: None,
                        effective_at: NOON,
                        created_at: NOON,
                        changed_at: NOON,
                        implied: false,
                    };
                    links::put(deed.conn, &row)?;
                }
                Ok::<_, Error>(())
            })
            .await
            .expect("it is done");
    }

    /// Sends the confirmation that waits, and gives the end of its link.
    ///
    /// # Panics
    /// Where it cannot be done.
    pub async fn confirmation(&self) -> String {
        assert!(sending::send_next(&self.app, &self.desk).await.expect("it is done"));
        let carried = self.post.carried.lock().expect("it is done").pop().expect("a parcel");
        let Letter::Confirmation { link } = carried.letter else { panic!("{carried:?}") };
        link.rsplit('/').next().unwrap_or_default().to_owned()
    }

    /// Writes all rows that are owed.
    ///
    /// # Panics
    /// Where it cannot be done.
    pub async fn fan_out(&self) {
        while fan_out_next(&self.app, &self.desk).await.expect("it is done") {}
    }

    /// Does all that is due now.
    ///
    /// # Panics
    /// Where it cannot be done.
    pub async fn work(&self) {
        self.fan_out().await;
        while sending::send_next(&self.app, &self.desk).await.expect("it is done") {}
    }

    /// All copies that were carried, and forgets them.
    ///
    /// # Panics
    /// Where it cannot be done.
    pub fn copies(&self) -> Vec<Copy> {
        self.post.copies()
    }
}

/// A mail of one message.
pub fn at_once(to: &str, list: &str, what: &str) -> Copy {
    (to.into(), false, list.into(), what.into())
}

/// A line of a digest.
pub fn in_digest(to: &str, list: &str, what: &str) -> Copy {
    (to.into(), true, list.into(), what.into())
}

/// Runs a test on each database at hand.
pub async fn each_town<F, T>(mut test: F)
where
    F: FnMut(Town) -> T,
    T: Future<Output = ()>,
{
    for db in backends() {
        eprintln!("on {}", db.backend);
        test(Town::over(db).await).await;
    }
}
