//! Other accounts and moving: naming them, the question before the move, what a person who moved may do, coming back.

use crate::browser::{Browser, Instance, Page, put_remote};
use clocher_app::{moving, posting, reading};
use clocher_domain::actor::ActorKind;
use clocher_domain::time::MINUTE;
use clocher_storage::actors::{self, ActorRow};

const HERE: &str = "/account/moving";

/// Léa of elsewhere says to be these too.
async fn lea_is(instance: &Instance, others: &[&ActorRow]) -> ActorRow {
    let lea = put_remote(&instance.app, ActorKind::Person, "lea", "beta.test", "Léa Faure").await.unwrap();
    let ids: Vec<&String> = others.iter().map(|other| &other.ap_id).collect();
    // A list of plain texts is written alike in JSON.
    let also_known_as = Some(format!("{ids:?}"));
    let row = ActorRow { also_known_as, ..lea };
    let stored = row.clone();
    instance.app.write(move |deed| actors::update(deed.conn, &stored)).await.unwrap();
    row
}

async fn row(instance: &Instance, actor: &ActorRow) -> ActorRow {
    let id = actor.id;
    instance.app.read(move |conn| actors::find(conn, id)).await.unwrap().unwrap()
}

/// Names an account in the form that is sent there.
async fn name(browser: &mut Browser, form: &str, account: &str) -> Page {
    let page = browser.open(HERE).await;
    browser.submit(&page, &format!("{HERE}/{form}"), &[("account", account)]).await
}

/// Paul has moved to Léa.
async fn moved(instance: &Instance) -> Browser {
    lea_is(instance, &[&instance.paul]).await;
    let mut browser = instance.browser_of(&instance.paul).await;
    let question = name(&mut browser, "ask", "@lea@beta.test").await;
    let answer = browser.submit(&question, "/account/moving/depart", &[]).await;
    assert_eq!((answer.status, answer.location().as_str()), (303, "/account/moving?done=moved"));
    browser
}

#[actix_web::test]
async fn other_accounts_are_named_shown_and_removed_ten_at_most() {
    for instance in Instance::on_each_backend().await {
        let mut browser = instance.browser_of(&instance.paul).await;
        let account = browser.open("/account").await;
        assert!(account.text("#moving").contains("déménagement") && account.body.contains(HERE));
        assert!(browser.open(HERE).await.text("#aliases ~ p").contains("aucun autre compte"));

        let answer = name(&mut browser, "add", " @lea@beta.test ").await;
        let page = browser.follow(&answer).await;
        assert!(page.text("[role=status]").contains("ajouté"));
        assert!(page.text(".list a").contains("@lea@beta.test"));
        assert!(
            page.text(".list button").contains("Retirer @lea@beta.test"),
            "each button says whom it removes"
        );
        assert_eq!(row(&instance, &instance.paul).await.aliases().unwrap(), ["https://beta.test/u/lea"]);
        name(&mut browser, "add", "https://beta.test/u/lea").await;
        assert_eq!(row(&instance, &instance.paul).await.aliases().unwrap().len(), 1, "twice is once");

        for (account, status, reason) in [
            ("@personne@beta.test", 404, "Personne ne répond"),
            ("!marche@beta.test", 422, "pas celui d’une personne"),
            (&instance.paul.ap_id, 422, "que vous utilisez"),
            (&"x".repeat(600), 404, "Personne ne répond"),
        ] {
            let refused = name(&mut browser, "add", account).await;
            assert_eq!(refused.status, status, "{account}");
            assert!(refused.text("#alias-refusal").contains(reason), "{}", refused.text("[role=alert]"));
            assert!(refused.text("title").starts_with("Erreur"));
            assert_eq!(refused.form("/account/moving/add").1["account"], account, "it is given back");
            assert_eq!(refused.count("input[aria-describedby~=alias-refusal]"), 1);
        }

        for number in 1..10 {
            let name = format!("autre{number}");
            let other =
                put_remote(&instance.app, ActorKind::Person, &name, "beta.test", &name).await.unwrap();
            moving::add_alias(&instance.app, instance.paul.id, other.id).await.unwrap();
        }
        let refused = name(&mut browser, "add", &instance.marie.ap_id).await;
        assert_eq!(refused.status, 409);
        assert!(refused.text("[role=alert]").contains("déjà dix"));

        let page = browser.open(HERE).await;
        let answer = browser.submit(&page, "/account/moving/remove", &[]).await;
        let page = browser.follow(&answer).await;
        assert!(page.text("[role=status]").contains("retiré") && !page.text(".list a").contains("@lea"));
        assert_eq!(row(&instance, &instance.paul).await.aliases().unwrap().len(), 9);
    }
}

#[actix_web::test]
async fn s63_a_move_is_asked_about_and_only_to_who_says_to_be_both() {
    for instance in Instance::on_each_backend().await {
        let lea = lea_is(&instance, &[&instance.marie]).await;
        let mut browser = instance.browser_of(&instance.paul).await;
        for (account, status, reason) in [
            ("@lea@beta.test", 409, "ne dit pas qu’il est aussi le vôtre"),
            ("!marche@beta.test", 422, "pas celui d’une personne"),
            (&instance.paul.ap_id, 422, "que vous utilisez"),
            ("@personne@beta.test", 404, "Personne ne répond"),
        ] {
            for form in ["ask", "depart"] {
                let (_, mut fields) = browser.open(HERE).await.form("/account/moving/ask");
                fields.insert("account".to_owned(), account.to_owned());
                let refused = browser.post(&format!("{HERE}/{form}"), &fields).await;
                assert_eq!(refused.status, status, "{account}");
                assert!(refused.text("#target-refusal").contains(reason), "{}", refused.text("[role=alert]"));
                assert_eq!(refused.form("/account/moving/ask").1["account"], account, "it is given back");
            }
        }
        assert_eq!(row(&instance, &instance.paul).await.moved_to, None);

        lea_is(&instance, &[&instance.marie, &instance.paul]).await;
        let question = name(&mut browser, "ask", "@lea@beta.test").await;
        assert_eq!(question.status, 200);
        assert!(question.text("h1").contains("@lea@beta.test"));
        for said in ["font suivre", "restent ici", "plus rien publier", "30 jours"] {
            assert!(question.text("main li").contains(said), "{said}: {}", question.text("main li"));
        }
        assert_eq!(row(&instance, &instance.paul).await.moved_to, None, "the question decides nothing");
        // It says so no more by the time of the answer.
        lea_is(&instance, &[]).await;
        let refused = browser.submit(&question, "/account/moving/depart", &[]).await;
        assert_eq!(refused.status, 409);
        lea_is(&instance, &[&instance.paul]).await;
        for _ in 0..2 {
            let answer = browser.submit(&question, "/account/moving/depart", &[]).await;
            assert_eq!(answer.location(), "/account/moving?done=moved");
        }
        let page = browser.open("/account/moving?done=moved").await;
        assert!(page.text("[role=status]").contains("Vous avez déménagé"));
        assert!(page.text("main").contains("de nouveau à partir du"));
        assert_eq!(row(&instance, &instance.paul).await.moved_to, Some(lea.ap_id));
    }
}

#[actix_web::test]
async fn who_moved_is_announced_reads_writes_nothing_and_comes_back() {
    for instance in Instance::on_each_backend().await {
        let mut marie = instance.browser_of(&instance.marie).await;
        let velo = reading::local_actor(&instance.app, "velo", ActorKind::Group, None).await.unwrap();
        let new = posting::NewPost {
            author_id: instance.marie.id,
            home_id: Some(velo.id),
            parent_id: None,
            title: Some("Sortie".to_owned()),
            text: "Dimanche.".to_owned(),
            visibility: clocher_domain::audience::Visibility::Public,
            language: None,
            reach: None,
            also: Vec::new(),
            request_key: None,
        };
        let top = posting::write(&instance.app, new).await.unwrap();
        let thread = format!("/post/{}", top.id);
        let mut early = instance.browser_of(&instance.paul).await;
        let early_page = early.open(&thread).await;

        let mut browser = moved(&instance).await;
        let page = browser.open("/c/velo").await;
        assert!(page.text("main").contains("Vous avez déménagé"), "no form for a new thread, and why");
        assert_eq!(page.count("form[action='/c/velo/post']"), 0);
        let page = browser.open(&thread).await;
        assert!(page.text("main").contains("Vous avez déménagé") && page.text("main").contains("Dimanche."));
        assert_eq!(page.count("textarea"), 0);
        assert!(browser.open("/account").await.text("main").contains("Vous avez déménagé"));
        // A form from before is refused, and its text given back.
        let refused = early.submit(&early_page, &format!("{thread}/reply"), &[("text", "J’en suis !")]).await;
        assert_eq!(refused.status, 403);
        assert!(refused.text("main").contains("Vous avez déménagé") && refused.body.contains("J’en suis !"));

        // Others see where the person is, and cannot begin to follow.
        for visitor in [&mut marie, &mut instance.browser()] {
            let page = visitor.open("/u/paul").await;
            assert!(page.text("main").contains("a déménagé vers @lea@beta.test"), "{}", page.text("main"));
            assert_eq!(page.count("form[action='/u/paul/follow'], a.button"), 0);
        }
        let (_, fields) = marie.open("/account").await.form("/account/password");
        let refused = marie.post("/u/paul/follow", &fields).await;
        assert_eq!(refused.status, 403);
        assert!(refused.text("main").contains("Ce compte a déménagé"));

        browser.language = "en".to_owned();
        let page = browser.open(HERE).await;
        assert!(page.text("main").contains("You have moved to @lea@beta.test"));
        let answer = browser.submit(&page, "/account/moving/return", &[]).await;
        let page = browser.follow(&answer).await;
        assert!(page.text("[role=status]").contains("You live here again"));
        assert_eq!(page.count("form[action='/account/moving/ask']"), 0, "not again for thirty days");
        browser.language = "fr".to_owned();
        assert!(!marie.open("/u/paul").await.text("main").contains("a déménagé"));
        let page = browser.open(&thread).await;
        let answer = browser.submit(&page, &format!("{thread}/reply"), &[("text", "J’en suis !")]).await;
        assert_eq!(answer.status, 303);
    }
}

#[actix_web::test]
async fn who_moved_elsewhere_is_asked_after_ten_minutes_whether_they_are_back() {
    let instance = Instance::new().await;
    let lea = lea_is(&instance, &[]).await;
    let marie = instance.marie.ap_id.clone();
    let fetched = |ago: i64| {
        let at = Some(instance.app.now().0 - ago);
        let row = ActorRow { moved_to: Some(marie.clone()), fetched_at: at, ..lea.clone() };
        instance.app.write(move |deed| actors::update(deed.conn, &row))
    };
    let asked = || instance.fetches.load(std::sync::atomic::Ordering::Relaxed);
    let (mut paul, mut stranger) = (instance.browser_of(&instance.paul).await, instance.browser());
    fetched(MINUTE).await.unwrap();
    let page = paul.open("/u/lea@beta.test").await;
    assert!(page.text("main").contains("a déménagé vers @marie"), "{}", page.text("main"));
    fetched(11 * MINUTE).await.unwrap();
    assert!(stranger.open("/u/lea@beta.test").await.text("main").contains("a déménagé"));
    assert_eq!(asked(), 0, "neither so soon, nor for strangers");
    let page = paul.open("/u/lea@beta.test").await;
    assert!(!page.text("main").contains("a déménagé"));
    assert_eq!(asked(), 1);
    assert_eq!(paul.submit(&page, "/u/lea@beta.test/follow", &[]).await.status, 303);
}

#[actix_web::test]
async fn nobody_else_names_accounts_or_moves_a_person() {
    let instance = Instance::new().await;
    let mut stranger = instance.browser();
    assert_eq!(stranger.open(HERE).await.location(), "/sign-in?next=/account/moving");
    lea_is(&instance, &[&instance.paul]).await;
    let mut browser = instance.browser_of(&instance.paul).await;
    let (_, mut fields) = browser.open(HERE).await.form("/account/moving/ask");
    fields.insert("account".to_owned(), "@lea@beta.test".to_owned());
    let forged = |fields: &std::collections::BTreeMap<String, String>| {
        let mut forged = fields.clone();
        forged.insert("form_token".to_owned(), "x".to_owned());
        forged
    };
    let asked = instance.fetches.load(std::sync::atomic::Ordering::Relaxed);
    for form in ["add", "remove", "ask", "depart", "return"] {
        let address = format!("{HERE}/{form}");
        assert_eq!(stranger.post(&address, &fields).await.status, 403);
        assert_eq!(browser.post(&address, &forged(&fields)).await.status, 403);
        let mut elsewhere = browser.clone();
        elsewhere.origin = "http://evil.test".to_owned();
        assert_eq!(elsewhere.post(&address, &fields).await.status, 403);
        assert_eq!(browser.open(&address).await.status, 405);
    }
    assert_eq!(instance.fetches.load(std::sync::atomic::Ordering::Relaxed), asked, "nobody was asked");
    let paul = row(&instance, &instance.paul).await;
    assert_eq!((paul.moved_to, paul.also_known_as), (None, None));
}
