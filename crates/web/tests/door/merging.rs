//! Merging communities through the pages: who names whom, the question before, and where the old address leads.

use crate::browser::{Instance, put_remote};
use crate::reading::velo;
use clocher_app::communities;
use clocher_app::moderating::{self, Terms};
use clocher_domain::actor::ActorKind;
use clocher_domain::moderation::Act;
use clocher_storage::actors::{self, ActorRow};

const HERE: &str = "/c/privas/merging";

#[actix_web::test]
async fn administrators_name_whom_a_community_succeeds_and_it_stands_in_the_journal() {
    for instance in Instance::on_each_backend().await {
        put_remote(&instance.app, ActorKind::Group, "marche", "beta.test", "Le marché").await.unwrap();
        let mut marie = instance.browser_of(&instance.marie).await;
        assert_eq!(marie.open("/c/privas/moderation").await.count(&format!("a[href='{HERE}']")), 1);
        let page = marie.open(HERE).await;
        let predecessor = format!("{HERE}/predecessor");
        let refused = marie.submit(&page, &predecessor, &[("community", "@personne@beta.test")]).await;
        assert_eq!((refused.status, refused.count("[role=alert]")), (404, 1));
        let refused = marie.submit(&page, &predecessor, &[("community", "privas")]).await;
        assert_eq!((refused.status, refused.count("[role=alert]")), (422, 1));
        let answer = marie.submit(&page, &predecessor, &[("community", "!marche@beta.test")]).await;
        assert_eq!(answer.location(), HERE);
        assert!(marie.open(HERE).await.text("#former ~ .list").contains("Le marché (@marche@beta.test)"));
        let journal = instance.browser().open("/c/privas/links").await;
        assert!(journal.text("section[aria-labelledby=journal]").contains("prendre la suite de Le marché"));
        let privas = communities::find(&instance.app, "privas").await.unwrap();
        assert_eq!(privas.aliases().unwrap(), ["https://beta.test/c/marche"]);
    }
}

#[actix_web::test]
async fn a_community_becomes_another_after_a_question_and_its_address_and_handle_lead_there() {
    for instance in Instance::on_each_backend().await {
        let app = &instance.app;
        velo(&instance).await;
        let mut marie = instance.browser_of(&instance.marie).await;
        let velo_is = "/c/velo/merging";
        let page = marie.open(velo_is).await;
        let ask = format!("{velo_is}/ask");
        let address = app.site().address("/c/privas");
        // The other one has to say so first.
        let refused = marie.submit(&page, &ask, &[("community", &address)]).await;
        assert!(refused.text("[role=alert]").contains("ne dit pas prendre la suite"), "{}", refused.body);
        let other = marie.open(HERE).await;
        marie.submit(&other, &format!("{HERE}/predecessor"), &[("community", "velo")]).await;

        let question = marie.submit(&page, &ask, &[("community", &address)]).await;
        assert_eq!(question.text("h1"), "Fondre Vélo dans Privas\u{A0}?");
        let velo = communities::find(app, "velo").await.unwrap();
        assert_eq!(velo.moved_to, None, "nothing is done by the question");
        let answer = marie.submit(&question, &format!("{velo_is}/merge"), &[]).await;
        assert_eq!(answer.location(), velo_is);
        let done = marie.open(velo_is).await;
        assert!(done.text("[role=status]").contains("s’est fondue dans Privas"));
        assert_eq!(done.count(&format!("form[action='{ask}']")), 0);

        let mut reader = instance.browser();
        let old = reader.open("/c/velo").await;
        assert_eq!((old.status, old.location().as_str()), (308, "/c/privas"));
        for typed in ["velo", "!velo@alpha.test:4000"] {
            let found = reader.open(&format!("/find?q={}", typed.replace('@', "%40"))).await;
            assert_eq!((found.status, found.location().as_str()), (303, "/c/privas"), "{typed}");
        }
        for (page, words) in [
            ("/c/velo/links", "s’est fondue dans Privas"),
            ("/c/privas/links", "Vélo (@velo@alpha.test:4000) s’est fondue dans cette communauté"),
        ] {
            let journal = reader.open(page).await.text("section[aria-labelledby=journal]");
            assert!(journal.contains(words), "{page}: {journal}");
        }
    }
}

#[actix_web::test]
async fn nobody_but_an_administrator_merges_and_nobody_else_makes_us_ask() {
    let instance = Instance::new().await;
    let velo = velo(&instance).await;
    assert!(instance.browser().open(HERE).await.location().starts_with("/sign-in"));
    let terms = Terms::default();
    moderating::moderate_person(
        &instance.app,
        instance.marie.id,
        velo,
        instance.paul.id,
        Act::Appoint,
        terms,
    )
    .await
    .unwrap();
    let mut paul = instance.browser_of(&instance.paul).await;
    assert_eq!(paul.open("/c/velo/merging").await.status, 422, "a moderator does not");
    assert_eq!(paul.open("/c/velo/moderation").await.count("a[href='/c/velo/merging']"), 0);
    let (_, mut fields) = paul.open("/").await.form("/sign-out");
    fields.insert("community".to_owned(), "!marche@beta.test".to_owned());
    let fetches = instance.fetches.load(std::sync::atomic::Ordering::Relaxed);
    for act in ["predecessor", "ask", "merge", "nothing"] {
        assert_eq!(paul.post(&format!("/c/velo/merging/{act}"), &fields).await.status, 422, "{act}");
    }
    assert_eq!(instance.fetches.load(std::sync::atomic::Ordering::Relaxed), fetches);
    let row: ActorRow = instance.app.read(move |conn| actors::find(conn, velo)).await.unwrap().unwrap();
    assert_eq!((row.moved_to, row.also_known_as), (None, None));
}
