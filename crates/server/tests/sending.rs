//! What a served instance writes into its outbox, and that a copy of it writes nothing before it is confirmed.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod program;

use clocher_app::accounts::{self, NewAccount};
use clocher_app::posting::{self, NewPost};
use clocher_app::{App, SystemClock, membership, subscribing};
use clocher_domain::actor::Role;
use clocher_domain::audience::Visibility;
use clocher_domain::ledger::Mode;
use clocher_server::data::Data;
use clocher_storage::{actors, addresses, sending};
use program::{Server, init, run, until};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const DOMAIN: &str = "a.localhost";
const SOON: Duration = Duration::from_secs(20);

fn open(data: &Path) -> App {
    Data::at(Some(data.to_owned())).open(DOMAIN, &[], Arc::new(SystemClock)).unwrap()
}

/// The texts of the files that were written, those of drafts not among them.
fn outbox(data: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(data.join(DOMAIN).join("outbox")) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    let whole = paths.filter(|path| path.extension().is_some_and(|extension| extension == "txt"));
    whole.map(|path| fs::read_to_string(path).unwrap()).collect()
}

/// A person with a confirmed address, who gets every message of the commune.
async fn subscribe(app: &App) {
    let new = NewAccount {
        name: "paul".to_owned(),
        display_name: "Paul".to_owned(),
        mail: "paul@example.fr".to_owned(),
        password: None,
    };
    let paul = accounts::add(app, new, Role::Member).await.unwrap();
    let id = paul.id;
    app.write(move |deed| {
        let row = addresses::find_subscriber(deed.conn, id)?.expect("a subscriber");
        addresses::verify(deed.conn, row.address_id, deed.now())
    })
    .await
    .unwrap();
    let commune = app.read(|conn| actors::find_local(conn, "lamastre")).await.unwrap().unwrap();
    membership::join(app, id, commune.id).await.unwrap();
    subscribing::choose_mode(app, id, Some(commune.id), Some(Mode::Immediate)).await.unwrap();
}

async fn write(app: &App, title: &str) {
    let commune = app.read(|conn| actors::find_local(conn, "lamastre")).await.unwrap().unwrap();
    let (_, elodie) = accounts::find(app, "elodie@example.fr").await.unwrap();
    let new = NewPost {
        author_id: elodie.id,
        home_id: Some(commune.id),
        parent_id: None,
        title: Some(title.to_owned()),
        text: "Ce **soir**.".to_owned(),
        visibility: Visibility::Public,
        language: None,
        also: Vec::new(),
        request_key: None,
        reach: None,
    };
    posting::write(app, new).await.unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_database_sends_nothing_before_an_administrator_confirms_it() {
    let folder = tempfile::tempdir().unwrap();
    let (data, copied) = (folder.path().join("data"), folder.path().join("copy"));
    init(&data, DOMAIN).json();
    let file = data.join(DOMAIN).join("instance.toml");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("outbox_files = false"), "{text}");
    fs::write(&file, text.replace("outbox_files = false", "outbox_files = true")).unwrap();
    {
        let app = open(&data);
        subscribe(&app).await;
        write(&app, "Premier").await;
    }
    let server = Server::start(&data);
    until("the first is written", SOON, || outbox(&data).len() == 1);
    let mail = outbox(&data).remove(0);
    for line in [
        "To: paul@example.fr",
        "List: @lamastre@a.localhost",
        "From: @elodie@a.localhost",
        "Subject: [Lamastre] Premier",
        "Ce soir.",
    ] {
        assert!(mail.lines().any(|found| found == line), "no {line} in {mail}");
    }
    assert_eq!(server.end("-TERM"), Some(0));
    write(&open(&data), "Attendu").await;
    copy(&data, &copied);
    // The original goes on by itself, restarted as often as one likes.
    for _ in 0..2 {
        let server = Server::start(&data);
        until("what waited is written", SOON, || outbox(&data).len() == 2);
        assert_eq!(server.end("-KILL"), None);
    }
    // The copy does not: it says so in the database, and waits.
    let server = Server::start(&copied);
    let app = open(&copied);
    let begun = Instant::now();
    while app.read(sending::find).await.unwrap().is_none_or(|row| row.stopped_at.is_none()) {
        assert!(begun.elapsed() < SOON, "it does not stop");
    }
    write(&app, "Nouveau").await;
    assert_eq!(outbox(&copied).len(), 1);
    let answer = run(&copied, &["channel", "confirm", "--json"]);
    assert_eq!(answer.json()["count"], "1", "what was due before is discarded");
    until("what came since is written", SOON, || outbox(&copied).len() == 2);
    assert!(outbox(&copied).iter().any(|mail| mail.contains("Nouveau")));
    assert!(!outbox(&copied).iter().any(|mail| mail.contains("Attendu")));
    assert_eq!(server.end("-TERM"), Some(0));
}
