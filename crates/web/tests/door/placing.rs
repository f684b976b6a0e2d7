//! Threads that travel, through the pages: how far an author lets one go, and what moderators answer.

use crate::browser::Instance;
use crate::reading::velo;
use clocher_app::communities::{self, NewCommunity};
use clocher_app::placing;
use clocher_domain::community::{Openness, Posting};
use clocher_domain::link::{LinkState, Relation};
use clocher_domain::placement::{PlacementState, Way, Ways};
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::links::{self, LinkRow};
use clocher_storage::placements::{self, PlacementRow};
use clocher_storage::posts::{self, PostRow};

/// The community that the instance has from the beginning.
pub async fn home(instance: &Instance) -> ActorRow {
    let id = velo(instance).await;
    instance.app.read(move |conn| actors::find(conn, id)).await.unwrap().unwrap()
}

pub async fn community(instance: &Instance, name: &str) -> ActorRow {
    let new = NewCommunity {
        name: name.to_owned(),
        display_name: name.to_owned(),
        presentation: String::new(),
        territory: None,
        posting: Posting::Everybody,
        openness: Openness::Open,
    };
    communities::add(&instance.app, new, None).await.unwrap()
}

/// Links two communities of the instance; `upper` is above `lower`.
pub async fn nest(instance: &Instance, lower: i64, upper: i64) {
    let ends = [(lower, upper, Relation::Upper), (upper, lower, Relation::Lower)];
    for (community_id, other_id, relation) in ends {
        instance
            .app
            .write(move |deed| {
                let (id, now) = (deed.app.mint(), deed.now());
                let row = LinkRow {
                    id,
                    community_id,
                    other_id,
                    relation: relation.as_str().to_owned(),
                    state: LinkState::Active.as_str().to_owned(),
                    shares: "everything".to_owned(),
                    accepts: "moderated".to_owned(),
                    other_shares: "everything".to_owned(),
                    other_accepts: "moderated".to_owned(),
                    offer: format!("https://privas.test/{id}"),
                    acceptance: None,
                    other_document: None,
                    effective_at: now,
                    created_at: now,
                    changed_at: now,
                    implied: false,
                };
                links::put(deed.conn, &row)
            })
            .await
            .unwrap();
    }
}

async fn find(instance: &Instance, id: i64) -> PostRow {
    instance.app.read(move |conn| posts::find(conn, id)).await.unwrap().unwrap()
}

/// The thread waits at a community, as if it had climbed there.
async fn put_waiting(instance: &Instance, thread: &PostRow, home: &ActorRow, community: &ActorRow) {
    let (path, thread, community_id) = (format!("[\"{}\"]", home.ap_id), thread.clone(), community.id);
    instance
        .app
        .write(move |deed| {
            let row = PlacementRow {
                id: deed.app.mint(),
                thread_id: thread.id,
                community_id,
                state: PlacementState::Waiting.as_str().to_owned(),
                ways: Ways::default().with(Way::Up).bits(),
                path,
                announce: None,
                accepted_title: None,
                accepted_html: None,
                decider_id: None,
                created_at: deed.now(),
                changed_at: deed.now(),
                dated_at: thread.published_at,
            };
            placements::put(deed.conn, &row)
        })
        .await
        .unwrap();
}

#[actix_web::test]
async fn an_author_chooses_how_far_a_thread_goes_and_moderators_answer_once() {
    for instance in Instance::on_each_backend().await {
        let velo = home(&instance).await;
        let (epci, region) = (community(&instance, "epci").await, community(&instance, "region").await);
        let mut paul = instance.browser_of(&instance.paul).await;
        let nowhere = paul.open("/c/velo").await.count("fieldset[aria-describedby=reach-hint]");
        assert_eq!(nowhere, 0, "there is nowhere to go");
        nest(&instance, velo.id, epci.id).await;
        nest(&instance, epci.id, region.id).await;
        let page = paul.open("/c/velo").await;
        assert_eq!(page.count("fieldset[aria-describedby=reach-hint] input[type=checkbox]"), 2);
        assert!(page.text("fieldset").contains("epci – au-dessus · 0 membre"));
        let (epci_field, region_field) = (format!("reach-{}", epci.id), format!("reach-{}", region.id));
        let typed = [("title", "Le pont"), ("text", "Fermé."), (&*epci_field, "1"), (&*region_field, "1")];
        let answer = paul.submit(&page, "/c/velo/post", &typed).await;
        let address = answer.location();
        let id: i64 = address.trim_start_matches("/post/").parse().unwrap();
        let top = find(&instance, id).await;
        let reach = top.reach().unwrap().unwrap();
        assert_eq!(reach.communities, [epci.ap_id.clone(), region.ap_id.clone()]);

        // What is meant where an author chooses nothing.
        let mut marie = instance.browser_of(&instance.marie).await;
        let page = marie.open("/c/velo/reach").await;
        let (_, mut fields) = page.form("/c/velo/reach");
        fields.insert(epci_field.clone(), "1".to_owned());
        fields.remove(&region_field);
        assert_eq!(marie.post("/c/velo/reach", &fields).await.location(), "/c/velo/moderation");
        assert_eq!(marie.open("/c/velo").await.count("fieldset input[checked]"), 1);
        assert_eq!(paul.open("/c/velo/reach").await.status, 403);

        // Two communities of Marie's, one answer.
        put_waiting(&instance, &top, &velo, &epci).await;
        let page = marie.open("/moderation/placements").await;
        assert_eq!(page.count("main ol.list > li"), 1);
        assert!(page.text("fieldset").contains("pas encore arrivé"), "{}", page.text("fieldset"));
        assert!(marie.open("/c/velo/moderation").await.count("a[href='/moderation/placements']") == 1);
        let action = format!("/moderation/placements/{id}");
        let (of_epci, of_region) = (format!("place-{}", epci.id), format!("place-{}", region.id));
        let ticked = [(&*of_epci, "1"), (&*of_region, "1"), ("answer", "accept")];
        let answer = marie.submit(&page, &action, &ticked).await;
        let page = marie.follow(&answer).await;
        assert_eq!(page.count("main ol.list"), 0);
        let kept = instance.app.read(move |conn| placements::find_answer(conn, id, region.id)).await.unwrap();
        assert!(kept.is_some_and(|answer| answer.accepted));

        // It stands there with its home, and says where it is read.
        let mut reader = instance.browser();
        assert!(reader.open("/c/epci").await.text("ol.threads").contains("Le pont"));
        assert_eq!(reader.open("/c/epci").await.count("ol.threads a[href='/c/velo']"), 1);
        assert_eq!(reader.open("/c/velo").await.count("ol.threads a[href='/c/velo']"), 0);
        let page = reader.open(&address).await;
        assert!(page.text("section[aria-labelledby=also-read]").contains("epci"));
        assert_eq!(page.count("form[action$='/withdraw']"), 0);

        // Its author goes less far; a moderator takes it out.
        let page = paul.open(&format!("{address}/reach")).await;
        assert_eq!(page.count("input[checked]"), 2);
        let withdraw = format!("{address}/withdraw");
        let page = marie.open(&address).await;
        let which = epci.id.to_string();
        let answer = marie.submit(&page, &withdraw, &[("which", &which)]).await;
        assert_eq!(answer.location(), address);
        assert_eq!(reader.open("/c/epci").await.count("ol.threads"), 0);
        let (_, mut fields) = paul.open("/").await.form("/sign-out");
        fields.insert("which".to_owned(), which);
        assert_eq!(paul.post(&withdraw, &fields).await.status, 403);
        let page = paul.open(&format!("{address}/reach")).await;
        let (_, mut fields) = page.form(&format!("{address}/reach"));
        fields.remove(&region_field);
        fields.remove(&epci_field);
        assert_eq!(paul.post(&format!("{address}/reach"), &fields).await.location(), address);
        assert!(find(&instance, id).await.reach().unwrap().unwrap().communities.is_empty());
        assert_eq!(marie.open(&format!("{address}/reach")).await.status, 403);
    }
}

#[actix_web::test]
async fn the_queue_of_a_person_who_moderates_nothing_is_empty_and_answers_nothing() {
    let instance = Instance::new().await;
    let velo = home(&instance).await;
    let epci = community(&instance, "epci").await;
    let written = crate::reading::write(
        &instance,
        Some(velo.id),
        "Le pont",
        clocher_domain::audience::Visibility::Public,
    );
    let top = written.await;
    put_waiting(&instance, &top, &velo, &epci).await;
    assert!(instance.browser().open("/moderation/placements").await.location().starts_with("/sign-in"));
    let mut paul = instance.browser_of(&instance.paul).await;
    let page = paul.open("/moderation/placements").await;
    assert!(page.text("main").contains("Aucun fil n’attend."));
    let (_, mut fields) = page.form("/sign-out");
    fields.insert(format!("place-{}", epci.id), "1".to_owned());
    fields.insert("answer".to_owned(), "accept".to_owned());
    let address = format!("/moderation/placements/{}", top.id);
    assert_eq!(paul.post(&address, &fields).await.status, 403);
    assert_eq!(placing::list_items(&instance.app, instance.marie.id).await.unwrap().len(), 1);
}
