//! A disk that is full and a database that is locked: the form is given back as it was typed, and nothing is lost.

use crate::browser::{Browser, Instance, Page};
use clocher_storage::testing::{WriteLock, backends, impatient, set_full, sqlite};

const BUSY: &str = "Le site est très occupé.";

/// Sends the form of a new thread of a community.
async fn publish(browser: &mut Browser, text: &str) -> Page {
    let page = browser.open("/c/velo").await;
    browser.submit(&page, "/c/velo/post", &[("title", "Sortie dimanche"), ("text", text)]).await
}

/// The form was not taken, says why, and holds what was typed.
fn assert_given_back(page: &Page, text: &str, reason: &str) {
    assert_eq!(page.status, 503, "{}", page.body);
    assert_eq!(page.header("Retry-After"), "30");
    assert!(page.text("main").contains(reason), "{}", page.text("main"));
    let (_, fields) = page.form("/c/velo/post");
    assert_eq!((fields["title"].as_str(), fields["text"].as_str()), ("Sortie dimanche", text));
}

/// Sends the form that was given back, twice: it is taken, once.
async fn assert_taken_now(browser: &mut Browser, page: &Page, text: &str) {
    let (_, fields) = page.form("/c/velo/post");
    let typed = [("title", fields["title"].as_str()), ("text", fields["text"].as_str())];
    let first = browser.submit(page, "/c/velo/post", &typed).await.location();
    assert_eq!(browser.submit(page, "/c/velo/post", &typed).await.location(), first);
    assert!(browser.open(&first).await.body.contains(text.trim()));
}

#[actix_web::test]
async fn a_full_disk_gives_the_form_back_and_loses_nothing() {
    let instance = Instance::over(sqlite(), "http", "alpha.test:4000").await;
    let mut marie = instance.browser_of(&instance.marie).await;
    let before = publish(&mut marie, "Départ à 9 h.").await.location();
    let full = |full| instance.app.write(move |deed| set_full(deed.conn, full));
    full(true).await.unwrap();
    let text = "Le pont est fermé. ".repeat(2_000).trim().to_owned();
    let refused = publish(&mut marie, &text).await;
    assert_given_back(&refused, &text, BUSY);
    marie.language = "en".to_owned();
    let english = publish(&mut marie, &text).await;
    assert_given_back(&english, &text, "The site is very busy.");
    marie.language = "fr".to_owned();
    assert_eq!(marie.open(&before).await.status, 200, "what is there is read all the same");
    full(false).await.unwrap();
    assert_taken_now(&mut marie, &refused, &text).await;
}

#[actix_web::test]
async fn a_locked_database_gives_the_form_back_and_loses_nothing() {
    for test_db in backends() {
        eprintln!("on {}", test_db.backend);
        let instance = Instance::over(impatient(test_db), "http", "alpha.test:4000").await;
        let mut marie = instance.browser_of(&instance.marie).await;
        let lock = WriteLock::take(instance.app.db().location());
        let refused = publish(&mut marie, "Départ à 9 h.").await;
        assert_given_back(&refused, "Départ à 9 h.", BUSY);
        let vote = marie.open("/c/velo").await;
        let leaving = marie.submit(&vote, "/c/velo/leave", &[]).await;
        assert_eq!((leaving.status, leaving.header("Retry-After")), (503, "30"));
        assert!(leaving.text("main").contains(BUSY));
        drop(lock);
        assert_taken_now(&mut marie, &refused, "Départ à 9 h.").await;
    }
}
