//! Links through the pages: what everybody sees, and what the moderators of both ends decide.

use crate::browser::{Browser, Instance, Page, put_remote};
use crate::reading::velo;
use clocher_app::linking::{self, Stated};
use clocher_app::received::Received;
use clocher_app::{communities, moderating};
use clocher_domain::actor::ActorKind;
use clocher_domain::link::{LinkState, Policy, Relation};
use clocher_domain::moderation::Act;

const USUAL: [(&str, &str); 2] = [("shares", "author"), ("accepts", "moderated")];

/// Sends the form with what is chosen in it, and more.
async fn choose(browser: &mut Browser, page: &Page, act: &str, typed: &[(&str, &str)]) -> Page {
    let typed: Vec<_> = USUAL.iter().chain(typed).copied().collect();
    browser.submit(page, act, &typed).await
}

/// A community of beta proposes that Privas be part of it.
async fn offered(instance: &Instance, number: usize) -> i64 {
    let app = &instance.app;
    let other = put_remote(app, ActorKind::Group, "marche", "beta.test", "Le marché").await.unwrap();
    let privas = communities::find(app, "privas").await.unwrap();
    let id = format!("{}/offer/{number}", other.ap_id);
    let received = Received {
        activity: id.clone(),
        seen_as: id,
        kind: "Offer",
        document: None,
        announced_by: None,
        asked_for: false,
        carried: None,
    };
    let document = format!("{}/links/1", other.ap_id);
    let stated = Stated { document, relation: Relation::Upper, policy: Policy::default(), implied: false };
    linking::receive_offer(app, received, privas.id, other.id, stated).await.unwrap();
    other.id
}

#[actix_web::test]
async fn moderators_propose_by_handle_and_everybody_reads_the_links_and_the_journal() {
    for instance in Instance::on_each_backend().await {
        velo(&instance).await;
        let mut marie = instance.browser_of(&instance.marie).await;
        let mut reader = instance.browser();
        let page = reader.open("/c/privas").await;
        assert_eq!(page.count("a[href='/c/privas/links']"), 1);
        let page = reader.open("/c/privas/links").await;
        assert_eq!((page.status, page.count("form[method=post]")), (200, 0));
        assert!(page.text("section[aria-labelledby=journal]").contains("Rien n’a encore été décidé."));

        let page = marie.open("/c/privas/links").await;
        let propose = "/c/privas/links/propose";
        let refused = choose(&mut marie, &page, propose, &[("handle", "!rien"), ("relation", "peer")]).await;
        assert_eq!((refused.status, refused.count("[role=alert]")), (404, 1));
        let refused = choose(&mut marie, &page, propose, &[("handle", "privas"), ("relation", "peer")]).await;
        assert!(refused.text("[role=alert]").contains("même communauté"));
        let refused = choose(&mut marie, &page, propose, &[("handle", "velo"), ("relation", "x")]).await;
        assert_eq!(refused.status, 400);
        // Marie moderates both: nobody else is to be asked.
        let answer = choose(&mut marie, &page, propose, &[("handle", "velo"), ("relation", "lower")]).await;
        assert_eq!(answer.location(), "/c/privas/links");
        let page = reader.open("/c/privas/links").await;
        assert!(page.text("section[aria-labelledby=links-lower] li").contains("Vélo"));
        assert!(page.text("section[aria-labelledby=journal]").contains("Lien convenu avec Vélo"));
        assert!(page.text("section[aria-labelledby=journal]").contains("Marie Vernet"));
        let page = reader.open("/c/velo/links").await;
        assert!(page.text("section[aria-labelledby=links-upper] li").contains("Privas"));

        // Of a community elsewhere, its moderators are asked.
        let page = marie.open("/c/privas/links").await;
        let typed = [("handle", "!marche@beta.test"), ("relation", "upper")];
        let answer = choose(&mut marie, &page, propose, &typed).await;
        let page = marie.follow(&answer).await;
        assert!(page.text("section[aria-labelledby=proposed]").contains("Le marché"));
        assert!(!reader.open("/c/privas/links").await.body.contains("id=\"proposed\""));
        let (end, mut fields) = page.form("/c/privas/links/end");
        let row = linking::list(&instance.app, communities::find(&instance.app, "privas").await.unwrap().id);
        fields.insert("which".to_owned(), row.await.unwrap()[0].link.id.to_string());
        marie.post(&end, &fields).await;
        let page = reader.open("/c/velo/links").await;
        assert_eq!(page.count("section[aria-labelledby=links-upper] li"), 0);
        assert!(page.text("section[aria-labelledby=journal]").contains("Fin du lien avec Privas"));
    }
}

#[actix_web::test]
async fn what_others_propose_is_accepted_changed_ended_and_refused() {
    let instance = Instance::new().await;
    offered(&instance, 1).await;
    let mut marie = instance.browser_of(&instance.marie).await;
    let page = marie.open("/c/privas/links").await;
    assert!(page.text("section[aria-labelledby=asked]").contains("propose que la vôtre en fasse partie"));
    let accept = "/c/privas/links/accept";
    let answer = choose(&mut marie, &page, accept, &[("accepts", "everything")]).await;
    let page = marie.follow(&answer).await;
    let upper = page.text("section[aria-labelledby=links-upper] li");
    assert!(upper.contains("Le marché") && upper.contains("Tout ce qui en vient est reçu."), "{upper}");
    let answer = choose(&mut marie, &page, "/c/privas/links/policy", &[("shares", "nothing")]).await;
    let page = marie.follow(&answer).await;
    assert!(page.text("section[aria-labelledby=links-upper] li").contains("Rien n’y est envoyé."));
    let answer = marie.submit(&page, "/c/privas/links/end", &[("withdraws", "yes")]).await;
    let page = marie.follow(&answer).await;
    assert_eq!(page.count("section[aria-labelledby=links-upper] li"), 0);

    offered(&instance, 2).await;
    let page = marie.open("/c/privas/links").await;
    let answer = marie.submit(&page, "/c/privas/links/refuse", &[]).await;
    let page = marie.follow(&answer).await;
    assert!(page.text("section[aria-labelledby=journal]").contains("Lien refusé avec Le marché"));
    let mut english = instance.browser();
    english.language = "en".to_owned();
    assert!(english.open("/c/privas/links").await.body.contains("Link refused with Le marché"));
}

#[actix_web::test]
async fn only_moderators_of_that_end_decide_and_nobody_else_makes_us_ask() {
    let instance = Instance::new().await;
    let velo = velo(&instance).await;
    let other = offered(&instance, 1).await;
    let privas = communities::find(&instance.app, "privas").await.unwrap();
    let asked = linking::list_asked(&instance.app, instance.marie.id, privas.id).await.unwrap();
    let which = asked[0].link.id.to_string();
    let moderator = instance.marie.id;
    let terms = moderating::Terms::default();
    moderating::moderate_person(&instance.app, moderator, velo, instance.paul.id, Act::Appoint, terms)
        .await
        .unwrap();
    // Paul moderates another community.
    let mut paul = instance.browser_of(&instance.paul).await;
    let page = paul.open("/c/privas/links").await;
    assert_eq!(page.count("form[action^='/c/privas/links']"), 0);
    let (_, fields) = paul.open("/").await.form("/sign-out");
    let usual = USUAL.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let fetches = instance.fetches.load(std::sync::atomic::Ordering::Relaxed);
    for act in ["propose", "accept", "refuse", "end", "policy"] {
        let mut fields = fields.clone();
        fields.extend(usual.clone());
        fields.insert("which".to_owned(), which.clone());
        fields.insert("handle".to_owned(), "!inconnue@beta.test".to_owned());
        fields.insert("relation".to_owned(), "peer".to_owned());
        assert_eq!(paul.post(&format!("/c/privas/links/{act}"), &fields).await.status, 403, "{act}");
        let by_own = paul.post(&format!("/c/velo/links/{act}"), &fields).await.status;
        assert!(by_own == 403 || act == "propose", "{act}: {by_own}");
    }
    assert_eq!(instance.fetches.load(std::sync::atomic::Ordering::Relaxed), fetches + 1, "for his own end");
    let asked = linking::list_asked(&instance.app, instance.marie.id, privas.id).await.unwrap();
    assert_eq!((asked[0].state, asked[0].other.id), (LinkState::Asked, other));
}

#[actix_web::test]
async fn the_moderators_of_a_territory_have_those_around_looked_for_and_of_nothing_else() {
    let instance = Instance::new().await;
    velo(&instance).await;
    let mut marie = instance.browser_of(&instance.marie).await;
    let page = marie.open("/c/velo/links").await;
    assert_eq!(page.count("form[action='/c/velo/links/discover']"), 0);
    assert_eq!(instance.browser().open("/c/privas/links").await.count("#discover-address"), 0);
    let page = marie.open("/c/privas/links").await;
    let discover = "/c/privas/links/discover";
    let refused = marie.submit(&page, discover, &[("address", " ")]).await;
    assert_eq!((refused.status, refused.count("[role=alert]")), (404, 1));
    let answer = marie.submit(&page, discover, &[("address", "https://ardeche.example.org/")]).await;
    assert_eq!(answer.location(), "/c/privas/links");
    let queues = clocher_app::queue::list(&instance.app, 100).await.unwrap();
    let waits = |job: &&clocher_storage::jobs::JobRow| {
        job.kind == linking::SEARCH && job.document.contains("https://ardeche.example.org/")
    };
    assert_eq!(queues.jobs.iter().filter(waits).count(), 1);
}

#[actix_web::test]
async fn the_page_of_a_community_that_became_another_leads_there() {
    let instance = Instance::new().await;
    let app = &instance.app;
    let other = put_remote(app, ActorKind::Group, "nouvelle", "beta.test", "Commune nouvelle").await.unwrap();
    let privas = communities::find(app, "privas").await.unwrap();
    let target = other.ap_id.clone();
    app.write(move |deed| {
        let moved = clocher_storage::actors::ActorRow { moved_to: Some(target), ..privas };
        clocher_storage::actors::update(deed.conn, &moved)
    })
    .await
    .unwrap();
    let page = instance.browser().open("/c/privas").await;
    assert_eq!((page.status, page.location()), (308, other.url));
}
