//! The order of deliveries: what waits for an older one, whatever befell those before it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use clocher_storage::activities::{self, ActivityRow};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::deliveries::{self, DeliveryRow};
use clocher_storage::testing::backends;
use clocher_storage::{Conn, Error};

const HOSTS: [&str; 2] = ["beta.test", "gamma.test"];
const SUBJECTS: [&str; 2] = ["thread 1", "thread 2"];
const INBOXES: [&str; 2] = ["inbox", "u/bob/inbox"];
const STEPS: usize = 600;

/// Numbers that look random and are the same at each run: a linear congruential generator.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

fn actor() -> ActorRow {
    let ap_id = "https://alpha.test/u/alice".to_owned();
    ActorRow {
        id: 1,
        kind: "Person".to_owned(),
        local: true,
        name: "alice".to_owned(),
        host: "alpha.test".to_owned(),
        display_name: "Alice".to_owned(),
        summary_html: String::new(),
        summary_source: None,
        url: ap_id.clone(),
        inbox: format!("{ap_id}/inbox"),
        shared_inbox: None,
        outbox: None,
        followers: None,
        public_key_id: format!("{ap_id}#main-key"),
        public_key_pem: String::new(),
        ed25519_public: None,
        fetched_at: None,
        created_at: 0,
        updated_at: 0,
        suspended_at: None,
        deleted_at: None,
        handle: None,
        also_known_as: None,
        moved_to: None,
        moved_at: None,
        ap_id,
    }
}

/// An activity for some inboxes of a host, about one subject.
fn owe(conn: &mut Conn, dice: &mut Dice, id: i64) -> Result<(), Error> {
    let activity = ActivityRow {
        id,
        ap_id: format!("https://alpha.test/activity/{id}"),
        kind: "Create".to_owned(),
        local: true,
        actor_id: 1,
        post_id: None,
        listed: false,
        document: "{}".to_owned(),
        created_at: 0,
    };
    activities::put(conn, &activity)?;
    let (host, subject) = (HOSTS[dice.below(2)], SUBJECTS[dice.below(2)]);
    for (number, inbox) in INBOXES.iter().enumerate().take(1 + dice.below(2)) {
        let row = DeliveryRow {
            id: id + i64::try_from(number).unwrap(),
            activity_id: id,
            signer_id: 1,
            inbox: format!("https://{host}/{inbox}"),
            host: host.to_owned(),
            subject: subject.to_owned(),
            state: deliveries::DUE.to_owned(),
            attempts: 0,
            next_at: 0,
            claimed_until: None,
            last_error: None,
            created_at: 0,
            waits: false,
        };
        deliveries::put(conn, &row)?;
    }
    Ok(())
}

/// Whether a delivery waits for another, by the rule.
fn must_wait(row: &DeliveryRow, all: &[DeliveryRow]) -> bool {
    all.iter().any(|older| {
        older.state == deliveries::DUE
            && (&older.host, &older.subject) == (&row.host, &row.subject)
            && older.activity_id != row.activity_id
            && older.id < row.id
            && (older.inbox == row.inbox || older.attempts < 3)
    })
}

fn check(conn: &mut Conn, step: usize) -> Result<(), Error> {
    let all = deliveries::list(conn, 10_000)?;
    for row in all.iter().filter(|row| row.state == deliveries::DUE) {
        assert!(row.waits || !must_wait(row, &all), "{step}: {row:?} passes an older one");
        let is_in_line = |other: &&DeliveryRow| {
            other.state == deliveries::DUE && (&other.host, &other.subject) == (&row.host, &row.subject)
        };
        let moves = all.iter().filter(is_in_line).any(|other| !other.waits);
        assert!(moves, "{step}: nothing about {} goes to {}", row.subject, row.host);
    }
    Ok(())
}

#[tokio::test]
async fn whatever_befalls_deliveries_none_passes_an_older_one_and_none_waits_for_ever() {
    for test in backends() {
        let done = test.db.write::<_, Error, _>(|conn| {
            actors::put(conn, &actor())?;
            let mut dice = Dice(7);
            for step in 0..STEPS {
                let claimed = match dice.below(4) {
                    0 => Vec::new(),
                    _ => deliveries::claim(conn, 1, 2, 3, &[], |_| true)?,
                };
                for (row, _) in claimed {
                    let all = deliveries::list(conn, 10_000)?;
                    assert!(!must_wait(&row, &all), "{step}: {row:?} is claimed before its turn");
                    match dice.below(8) {
                        0..4 => assert!(deliveries::remove(conn, &row)?),
                        4..6 => deliveries::fail(conn, &row, deliveries::DUE, 1, "silence")?,
                        6 => deliveries::fail(conn, &row, deliveries::PARKED, 1, "silence")?,
                        _ => deliveries::fail(conn, &row, deliveries::REFUSED, 1, "no")?,
                    }
                }
                match dice.below(12) {
                    0 => {
                        let host = HOSTS[dice.below(2)];
                        let states = [deliveries::DUE, deliveries::PARKED];
                        deliveries::retry(conn, Some(host), None, &states, 1)?;
                    }
                    1 => deliveries::put_off(conn, HOSTS[dice.below(2)], 1)?,
                    _ => owe(conn, &mut dice, i64::try_from(10 * (step + 1)).unwrap())?,
                }
                check(conn, step)?;
            }
            // What is not claimed by anybody any more goes, all of it.
            deliveries::retry(conn, None, None, &[deliveries::DUE, deliveries::PARKED], 1)?;
            loop {
                let claimed = deliveries::claim(conn, 1, 2, 3, &[], |_| true)?;
                if claimed.is_empty() {
                    break;
                }
                for (row, _) in claimed {
                    deliveries::remove(conn, &row)?;
                }
            }
            assert_eq!(deliveries::count(conn, deliveries::DUE)?, 0, "{}", conn_name(conn));
            Ok(())
        });
        done.await.unwrap();
    }
}

fn conn_name(conn: &Conn) -> &'static str {
    match conn {
        Conn::Sqlite(_) => "SQLite",
        Conn::Pg(_) => "PostgreSQL",
    }
}
