//! The living example, tried from outside as its README says: three instances, seen by people at browsers.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use clocher_tests::visitor::{Page, Visitor};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Bound of what is waited for; what is waited for usually takes some tens of milliseconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// The example under way.
struct Demo {
    child: Child,
    lines: Vec<String>,
}

impl Demo {
    /// Starts it and waits until it has said everything.
    fn start(data: &Path, listen: &str) -> Self {
        let mut child = command(data, listen).stdout(Stdio::piped()).spawn().expect("the program");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let mut lines = Vec::new();
        for line in output.lines() {
            lines.push(line.expect("a line"));
            if lines.last().is_some_and(|line| line.contains("Ctrl-C")) {
                break;
            }
        }
        Self { child, lines }
    }

    /// The host of a place, with its port.
    fn host(&self, name: &str) -> String {
        let line =
            self.lines.iter().find(|line| line.trim_start().starts_with(&format!("http://{name}.localhost")));
        let address = line.and_then(|line| line.split_whitespace().next()).expect("the address of a place");
        address.trim_start_matches("http://").to_owned()
    }

    /// The path of the sign-in link of somebody at a place.
    fn link(&self, place: &str, person: &str) -> String {
        let base = format!("http://{}", self.host(place));
        let line = self
            .lines
            .iter()
            .find(|line| line.contains(person) && line.contains(&format!("{base}/sign-in/")));
        let address = line.and_then(|line| line.split_whitespace().last()).expect("a sign-in link");
        address.strip_prefix(&base).expect("a link of the place").to_owned()
    }

    /// Somebody at a browser, signed in by the printed link.
    async fn visitor(&self, place: &str, person: &str) -> Visitor {
        let host = self.host(place);
        let port: u16 = host.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        let visitor = Visitor::new(&host, SocketAddr::from(([127, 0, 0, 1], port)));
        let link = self.link(place, person);
        let page = visitor.open(&link).await.unwrap();
        let page = visitor.fill(&page, &link, &[]).await.unwrap();
        assert_eq!(page.status, 200, "{}", page.html);
        visitor
    }

    /// Ctrl-C, and its exit code.
    fn interrupt(mut self) -> Option<i32> {
        let interrupted = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(interrupted.expect("kill").success());
        self.child.wait().expect("its end").code()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(data: &Path, listen: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clocher-under-test"));
    command
        .args(["demo", "--listen", listen, "--data"])
        .arg(data)
        .env("LC_ALL", "fr_FR.UTF-8")
        .stdin(Stdio::null());
    command
}

/// Opens a page again until it shows that text (or, with `absent`, does not any more).
async fn until(visitor: &Visitor, path: &str, text: &str, absent: bool) -> Page {
    let end = Instant::now() + PATIENCE;
    loop {
        let page = visitor.open(path).await.unwrap();
        if page.text().contains(text) != absent {
            return page;
        }
        assert!(Instant::now() < end, "{path}: {text:?} (absent: {absent}): {}", page.text());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The thread of that title, as an instance's front page leads to it.
async fn thread(visitor: &Visitor, title: &str) -> String {
    let page = until(visitor, "/", title, false).await;
    page.links(title).into_iter().find(|link| link.starts_with("/post/")).expect("a link to the thread")
}

/// The address of the message that says that text: `/comment/ID`, read from the action of its forms.
fn message(page: &Page, text: &str, verb: &str) -> String {
    let document = scraper::Html::parse_document(&page.html);
    let (articles, forms) =
        (scraper::Selector::parse("article").unwrap(), scraper::Selector::parse("form, a").unwrap());
    let mut said =
        document.select(&articles).filter(|article| article.text().collect::<String>().contains(text));
    let article = said.next_back().unwrap_or_else(|| panic!("no message says {text:?} on {}", page.path));
    let target = |one: scraper::ElementRef<'_>| {
        one.value()
            .attr("action")
            .or(one.value().attr("href"))
            .filter(|to| to.ends_with(verb))
            .map(str::to_owned)
    };
    article.select(&forms).find_map(target).unwrap_or_else(|| panic!("no {verb} for {text:?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_does_in_a_browser_on_one_instance_is_seen_on_the_other_two() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path(), "127.0.0.1:0");
    let elodie = demo.visitor("lamastre", "Élodie Chambon").await;
    let marius = demo.visitor("desaignes", "Marius Vialle").await;
    let nadia = demo.visitor("pays-de-lamastre", "Nadia Reynaud").await;
    let title = "Dimanche : Désaignes";
    let (at_lamastre, at_desaignes, at_pays) =
        (thread(&elodie, title).await, thread(&marius, title).await, thread(&nadia, title).await);

    // A reply.
    let page = elodie.open(&at_lamastre).await.unwrap();
    let reply = elodie
        .fill(&page, &format!("{at_lamastre}/reply"), &[("text", "Qui apporte la pompe ?")])
        .await
        .unwrap();
    assert_eq!(reply.status, 200, "{}", reply.html);
    until(&marius, &at_desaignes, "Qui apporte la pompe ?", false).await;
    let page = until(&nadia, &at_pays, "Qui apporte la pompe ?", false).await;

    // A vote on it.
    let vote = message(&page, "Qui apporte la pompe ?", "/vote");
    assert_eq!(nadia.fill(&page, &vote, &[("vote", "like")]).await.unwrap().status, 200);
    for (visitor, path) in [(&elodie, &at_lamastre), (&marius, &at_desaignes)] {
        let end = Instant::now() + PATIENCE;
        loop {
            let page = visitor.open(path).await.unwrap();
            let document = scraper::Html::parse_document(&page.html);
            let articles = scraper::Selector::parse("article").unwrap();
            let mut said = document
                .select(&articles)
                .filter(|one| one.text().collect::<String>().contains("Qui apporte"));
            let text = said.next_back().map(|one| one.text().collect::<String>()).unwrap_or_default();
            if text.split_whitespace().collect::<Vec<_>>().join(" ").contains("1 pour") {
                break;
            }
            assert!(Instant::now() < end, "the vote is not seen: {text}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    // An edit, then a deletion.
    let page = elodie.open(&at_lamastre).await.unwrap();
    let edit = message(&page, "Qui apporte la pompe ?", "/edit");
    let form = elodie.open(&edit).await.unwrap();
    assert_eq!(elodie.fill(&form, &edit, &[("text", "J’apporte la pompe.")]).await.unwrap().status, 200);
    until(&marius, &at_desaignes, "J’apporte la pompe.", false).await;
    let page = until(&nadia, &at_pays, "J’apporte la pompe.", false).await;
    assert!(!page.text().contains("Qui apporte la pompe ?"));
    let delete = edit.replace("/edit", "/delete");
    let form = elodie.open(&delete).await.unwrap();
    assert_eq!(elodie.fill(&form, &delete, &[]).await.unwrap().status, 200);
    until(&marius, &at_desaignes, "J’apporte la pompe.", true).await;
    until(&nadia, &at_pays, "J’apporte la pompe.", true).await;

    // A new thread.
    let page = marius.open("/c/desaignes").await.unwrap();
    let fields = [("title", "Marché de Noël"), ("text", "Le **13 décembre**, place de la Halle.")];
    assert_eq!(marius.fill(&page, "/c/desaignes/post", &fields).await.unwrap().status, 200);
    for visitor in [&elodie, &nadia] {
        let path = thread(visitor, "Marché de Noël").await;
        assert!(visitor.open(&path).await.unwrap().html.contains("<strong>13 décembre</strong>"));
    }

    // A leave and a join: six members everywhere, then five, then six.
    let (host, club) = (demo.host("desaignes"), "apiculteurs-du-haut-doux");
    let remote = format!("/c/{club}@{host}");
    until(&nadia, &remote, "6 membres", false).await;
    let page = elodie.open(&remote).await.unwrap();
    assert_eq!(elodie.fill(&page, &format!("{remote}/leave"), &[]).await.unwrap().status, 200);
    until(&marius, &format!("/c/{club}"), "5 membres", false).await;
    until(&nadia, &remote, "5 membres", false).await;
    let page = elodie.open(&remote).await.unwrap();
    assert_eq!(elodie.fill(&page, &format!("{remote}/join"), &[]).await.unwrap().status, 200);
    until(&marius, &format!("/c/{club}"), "6 membres", false).await;
    until(&nadia, &remote, "6 membres", false).await;

    assert_eq!(demo.interrupt(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_climbs_another_goes_down_each_person_has_it_once_and_the_council_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path(), "127.0.0.1:0");
    let elodie = demo.visitor("lamastre", "Élodie Chambon").await;
    let marius = demo.visitor("desaignes", "Marius Vialle").await;
    let nadia = demo.visitor("pays-de-lamastre", "Nadia Reynaud").await;
    let reasons = |page: &Page, title: &str| {
        let document = scraper::Html::parse_document(&page.html);
        let entries = scraper::Selector::parse("ol.threads > li").unwrap();
        let said: Vec<String> = document
            .select(&entries)
            .map(|entry| entry.text().collect::<String>())
            .filter(|text| text.contains(title))
            .collect();
        assert_eq!(said.len(), 1, "{title} once: {said:?}");
        said.concat()
    };

    let page = elodie.open("/home").await.unwrap();
    let climbed = reasons(&page, "Lac de Retourtour");
    for community in ["Hameau de Retourtour", "Lamastre", "CC du Pays de Lamastre"] {
        assert!(climbed.contains(community), "{community}: {climbed}");
    }
    assert!(!climbed.contains("Désaignes"), "it is not pushed into the other communes: {climbed}");
    let sent_down = reasons(&page, "Transport à la demande");
    for community in ["CC du Pays de Lamastre", "Lamastre", "Désaignes", "Hameau de Retourtour"] {
        assert!(sent_down.contains(community), "{community}: {sent_down}");
    }
    let beside = reasons(&page, "Bourse aux vélos");
    assert!(beside.contains("Lamastre") && beside.contains("Désaignes"), "{beside}");
    reasons(&marius.open("/home").await.unwrap(), "Transport à la demande");

    // The intercommunalité shows what climbed; the other commune does not, and shows what came down.
    let pays = nadia.open("/c/cc-du-pays-de-lamastre").await.unwrap();
    assert!(pays.text().contains("Lac de Retourtour") && pays.html.contains("<svg"), "{}", pays.text());
    let desaignes = marius.open("/c/desaignes").await.unwrap();
    assert!(desaignes.text().contains("Transport à la demande"));
    assert!(!desaignes.text().contains("Lac de Retourtour"));

    // The council.
    let council = format!("/c/conseil-municipal@{}", demo.host("lamastre"));
    assert!(elodie.open("/c/conseil-municipal").await.unwrap().text().contains("Séance du 4 décembre"));
    for (visitor, path) in [(&marius, "/"), (&nadia, "/"), (&marius, &*council)] {
        assert!(!visitor.open(path).await.unwrap().text().contains("Séance du 4 décembre"));
    }
    assert_eq!(demo.interrupt(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn started_again_on_its_data_it_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path(), "127.0.0.1:0");
    let host = demo.host("lamastre");
    let port = host.rsplit(':').next().unwrap().to_owned();
    let elodie = demo.visitor("lamastre", "Élodie Chambon").await;
    let threads = elodie.open("/").await.unwrap().html.matches("/post/").count();
    let page = elodie.open("/c/lamastre").await.unwrap();
    let fields = [("title", "Ce qui reste"), ("text", "Reste.")];
    assert_eq!(elodie.fill(&page, "/c/lamastre/post", &fields).await.unwrap().status, 200);
    assert_eq!(demo.interrupt(), Some(0));

    let again = Demo::start(folder.path(), &format!("127.0.0.1:{port}"));
    let page = elodie.open("/").await.unwrap();
    assert!(
        page.text().contains("Ce qui reste"),
        "the thread is there, and so is the session: {}",
        page.text()
    );
    assert_eq!(page.html.matches("/post/").count(), threads + 1, "nothing is told twice");
    assert_eq!(again.interrupt(), Some(0));

    let elsewhere = command(folder.path(), "127.0.0.1:0").output().unwrap();
    assert_eq!(elsewhere.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&elsewhere.stderr).contains(&port), "it says which port it was made for");
}

#[test]
fn a_folder_of_real_instances_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let init = Command::new(env!("CARGO_BIN_EXE_clocher-under-test"))
        .args([
            "init",
            "--commune",
            "07129",
            "--domain",
            "lamastre.example",
            "--admin",
            "mairie@lamastre.example",
        ])
        .arg("--data")
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(init.status.success(), "{}", String::from_utf8_lossy(&init.stderr));
    let before = std::fs::read_dir(folder.path()).unwrap().count();
    let demo = command(folder.path(), "127.0.0.1:0").output().unwrap();
    assert_eq!(demo.status.code(), Some(1));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), before);
}
