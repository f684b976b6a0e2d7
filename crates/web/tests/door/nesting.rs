//! Nested communities as people see them: the map, who will read a thread, and where a moderator sends it.

use crate::browser::{Instance, put_remote};
use crate::placing::{community, home, nest};
use clocher_app::communities::{self, NewCommunity};
use clocher_app::posting::{self, NewPost};
use clocher_app::{linking, membership};
use clocher_domain::actor::ActorKind;
use clocher_domain::audience::Visibility;
use clocher_domain::community::{Openness, Posting};
use clocher_domain::link::Relation;
use clocher_domain::placement::Reach;
use clocher_storage::posts;

#[actix_web::test]
async fn the_map_and_the_list_say_the_same_and_hundreds_of_communes_stay_readable() {
    let instance = Instance::new().await;
    let velo = home(&instance).await;
    let mut reader = instance.browser();
    assert_eq!(reader.open("/c/velo").await.count("svg"), 0, "there is nothing to draw");
    let epci = community(&instance, "epci").await;
    nest(&instance, velo.id, epci.id).await;
    for number in 0..40 {
        let below = community(&instance, &format!("quartier-{number:02}")).await;
        nest(&instance, below.id, velo.id).await;
    }
    let page = reader.open("/c/velo").await;
    assert_eq!(page.count("svg.map[role=img]"), 1);
    assert_eq!(page.count("svg.map rect"), 8, "one above, itself, five below and how many more");
    assert!(page.text("svg.map").contains("et 35 autres"), "{}", page.text("svg.map"));
    assert!(page.body.contains("Fait partie de 1 communauté, Regroupe 40 communautés"));
    assert_eq!(page.count("ul[aria-labelledby=linked-upper] a[href='/c/epci']"), 1);
    assert_eq!(page.count("ul[aria-labelledby=linked-lower] > li"), 8);
    assert_eq!(page.count("section[aria-labelledby=linked] details li"), 32);
    let page = reader.open("/c/velo/links").await;
    assert_eq!(page.count("section[aria-labelledby=links-lower] > details > ul > li"), 40);
    assert_eq!(page.count("section[aria-labelledby=links-upper] > ul > li"), 1);
    let page = reader.open("/c/epci").await;
    assert_eq!(page.count("ul[aria-labelledby=linked-lower] a[href='/c/velo']"), 1);
}

#[actix_web::test]
async fn the_page_of_a_feed_has_the_threads_of_what_is_nested_each_once_and_of_nothing_else() {
    for instance in Instance::on_each_backend().await {
        let (velo, app) = (home(&instance).await, &instance.app);
        let mut reader = instance.browser();
        assert_eq!(reader.open("/m/velo").await.status, 404, "nothing is nested in it");
        assert_eq!(reader.open("/m/rien").await.status, 404);
        let (below, above) = (community(&instance, "hameau").await, community(&instance, "epci").await);
        nest(&instance, below.id, velo.id).await;
        nest(&instance, velo.id, above.id).await;
        let author = instance.paul.id;
        let everywhere = Reach { communities: vec![velo.ap_id.clone()], down: false };
        for (place, title) in [(&velo, "Au bourg"), (&below, "Au hameau"), (&above, "Au canton")] {
            let new = NewPost {
                author_id: author,
                home_id: Some(place.id),
                parent_id: None,
                title: Some(title.to_owned()),
                text: "Bonjour".to_owned(),
                visibility: Visibility::Public,
                language: None,
                reach: Some(everywhere.clone()),
                also: Vec::new(),
                request_key: None,
            };
            posting::write(app, new).await.unwrap();
        }
        let page = reader.open("/c/velo").await;
        assert_eq!(page.count("section[aria-labelledby=linked] a[href='/m/velo']"), 1);
        let page = reader.open("/m/velo").await;
        assert_eq!(page.status, 200);
        assert_eq!(page.count("ol.threads > li"), 2, "{}", page.text("ol.threads"));
        let threads = page.text("ol.threads");
        assert!(threads.contains("Au bourg") && threads.contains("Au hameau"), "{threads}");
        assert_eq!(page.count("section[aria-labelledby=nested] a[href='/c/hameau']"), 1);
        assert!(page.body.contains("@velo_tout@"), "what to follow from elsewhere");
        assert_eq!(reader.open("/c/hameau").await.count("a[href^='/m/']"), 0);
    }
}

#[actix_web::test]
async fn what_another_server_lists_names_no_hidden_community_and_makes_no_link() {
    let instance = Instance::new().await;
    let (velo, app) = (home(&instance).await, &instance.app);
    let pays = put_remote(app, ActorKind::Group, "pays", "beta.test", "Le pays").await.unwrap();
    let epci = community(&instance, "epci").await;
    let hidden = NewCommunity {
        name: "cercle".to_owned(),
        display_name: "Le cercle".to_owned(),
        presentation: String::new(),
        territory: None,
        posting: Posting::Everybody,
        openness: Openness::Hidden,
    };
    let hidden = communities::add(app, hidden, None).await.unwrap();
    nest(&instance, velo.id, pays.id).await;
    let listed = [&hidden, &epci].map(|one| (one.ap_id.clone(), Relation::Upper)).to_vec();
    linking::receive_listing(app, pays.id, listed, Vec::new()).await.unwrap();
    let mut paul = instance.browser_of(&instance.paul).await;
    let page = paul.open("/c/velo").await;
    let boxes = page.count("fieldset[aria-describedby=reach-hint] input[type=checkbox]");
    assert_eq!(boxes, 1, "{}", page.text("fieldset"));
    let page = paul.open("/c/pays@beta.test").await;
    assert_eq!(page.count("ul[aria-labelledby=linked-lower] a[href='/c/velo']"), 1);
    assert!(!page.body.contains("cercle") && !page.text("main").contains("epci"));
}

#[actix_web::test]
async fn before_sending_an_author_sees_who_will_read_each_person_once_and_nothing_is_written() {
    for instance in Instance::on_each_backend().await {
        let (velo, app) = (home(&instance).await, &instance.app);
        let (epci, region) = (community(&instance, "epci").await, community(&instance, "region").await);
        let pays = put_remote(app, ActorKind::Group, "pays", "beta.test", "Le pays").await.unwrap();
        nest(&instance, velo.id, epci.id).await;
        nest(&instance, epci.id, region.id).await;
        nest(&instance, epci.id, pays.id).await;
        // Marie, who is in all of them, is one person; Paul writes.
        for place in [velo.id, epci.id, region.id] {
            membership::join(app, instance.marie.id, place).await.unwrap();
            membership::join(app, instance.paul.id, place).await.unwrap();
        }
        let mut paul = instance.browser_of(&instance.paul).await;
        let page = paul.open("/c/velo").await;
        let fields = [&epci, &region, &pays].map(|one| format!("reach-{}", one.id));
        let [of_epci, of_region, of_pays] = fields.each_ref().map(|name| (name.as_str(), "1"));
        let typed = [("title", "Le <pont>"), ("text", "Fermé\n\n*ce soir*"), ("act", "preview")];
        let all: Vec<_> = typed.iter().copied().chain([of_epci, of_region, of_pays]).collect();
        let preview = paul.submit(&page, "/c/velo/post", &all).await;
        assert_eq!(preview.status, 200);
        assert!(preview.text("p.lead").contains("Une personne d’ici"), "{}", preview.text("p.lead"));
        let places = preview.text("section[aria-labelledby=preview-places]");
        assert!(places.contains("region – au-dessus · 2 membres · sa modération décidera"), "{places}");
        assert!(places.contains("Le pays @pays@beta.test – au-dessus · 12 membres, selon elle"), "{places}");
        assert!(preview.text("section[aria-labelledby=preview-hosts]").contains("beta.test"));
        assert_eq!(preview.count("section[aria-labelledby=preview-text] em"), 1);
        let mut reader = instance.browser();
        assert_eq!(reader.open("/c/velo").await.count("ol.threads"), 0, "nothing is written yet");

        // Nothing leads to the region without what is between.
        let (_, mut some) = page.form("/c/velo/post");
        some.extend(typed.map(|(name, value)| (name.to_owned(), value.to_owned())));
        some.insert(of_region.0.to_owned(), of_region.1.to_owned());
        let cut = paul.post("/c/velo/post", &some).await;
        assert!(cut.text("p.refusal").contains("ne mène à region"), "{}", cut.text("main"));
        assert!(!cut.text("section[aria-labelledby=preview-hosts]").contains("beta.test"));

        // Back to the text, with what was typed and chosen; then it is sent as it was shown.
        let back = paul.submit(&preview, "/c/velo/post", &[("act", "back")]).await;
        assert_eq!(back.text("textarea#thread-text"), "Fermé *ce soir*");
        assert_eq!(back.count("fieldset input[checked]"), 3);
        let answer = paul.submit(&preview, "/c/velo/post", &[]).await;
        let id: i64 = answer.location().trim_start_matches("/post/").parse().unwrap();
        let top = app.read(move |conn| posts::find(conn, id)).await.unwrap().unwrap();
        assert_eq!(top.title.as_deref(), Some("Le <pont>"));
        assert_eq!(top.source.as_deref(), Some("Fermé\n\n*ce soir*"));
        let reach = top.reach().unwrap().unwrap();
        assert_eq!(reach.communities.len(), 3);
        // Sent twice, it is written once.
        assert_eq!(paul.submit(&preview, "/c/velo/post", &[]).await.location(), answer.location());
    }
}

#[actix_web::test]
async fn a_moderator_sends_a_thread_on_within_the_reach_of_its_author() {
    let instance = Instance::new().await;
    let velo = home(&instance).await;
    let (epci, region) = (community(&instance, "epci").await, community(&instance, "region").await);
    nest(&instance, velo.id, epci.id).await;
    nest(&instance, velo.id, region.id).await;
    let new = NewPost {
        author_id: instance.paul.id,
        home_id: Some(velo.id),
        parent_id: None,
        title: Some("Le pont".to_owned()),
        text: "Fermé.".to_owned(),
        visibility: Visibility::Public,
        language: None,
        reach: Some(Reach { communities: vec![epci.ap_id.clone()], down: false }),
        also: Vec::new(),
        request_key: None,
    };
    let top = posting::write(&instance.app, new).await.unwrap();
    let (address, share) = (format!("/post/{}", top.id), format!("/post/{}/share", top.id));
    let mut marie = instance.browser_of(&instance.marie).await;
    let page = marie.open(&address).await;
    assert_eq!(page.count("select[name=which] option"), 1, "the region is beyond the reach");
    assert!(page.text("select[name=which]").contains("epci"));
    let which = format!("{}-{}", velo.id, epci.id);
    assert_eq!(marie.submit(&page, &share, &[("which", &which)]).await.location(), address);
    let beyond = format!("{}-{}", velo.id, region.id);
    assert_eq!(marie.submit(&page, &share, &[("which", &beyond)]).await.status, 403);
    assert_eq!(marie.submit(&page, &share, &[("which", "x")]).await.status, 400);
    let mut paul = instance.browser_of(&instance.paul).await;
    let page = paul.open(&address).await;
    assert_eq!(page.count("select[name=which]"), 0);
    let (_, mut fields) = page.form("/sign-out");
    fields.insert("which".to_owned(), which);
    assert_eq!(paul.post(&share, &fields).await.status, 403);
}
