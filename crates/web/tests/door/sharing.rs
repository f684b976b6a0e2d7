//! Hiding what is said in shared threads, opening and closing communities, and making them, through the pages.

use crate::browser::Instance;
use crate::placing::{community, home, nest};
use crate::reading::write;
use clocher_app::{communities, membership, posting};
use clocher_domain::audience::Visibility;
use clocher_domain::community::{CommunityKind, Openness, Posting};
use clocher_domain::placement::{PlacementState, Way, Ways};
use clocher_storage::actors::ActorRow;
use clocher_storage::placements::{self, PlacementRow};
use clocher_storage::posts::PostRow;

/// The thread stands in a community besides its home.
async fn place(instance: &Instance, thread: &PostRow, community: &ActorRow) {
    let (thread, community_id) = (thread.clone(), community.id);
    instance
        .app
        .write(move |deed| {
            let row = PlacementRow {
                id: deed.app.mint(),
                thread_id: thread.id,
                community_id,
                state: PlacementState::Placed.as_str().to_owned(),
                ways: Ways::default().with(Way::Up).bits(),
                path: "[]".to_owned(),
                announce: Some(deed.app.site().activity(deed.app.mint())),
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

/// Paul answers.
async fn answer(instance: &Instance, top: &PostRow, text: &str) -> PostRow {
    let new = posting::NewPost {
        author_id: instance.paul.id,
        home_id: None,
        parent_id: Some(top.id),
        title: None,
        text: text.to_owned(),
        visibility: Visibility::Public,
        language: None,
        reach: None,
        also: Vec::new(),
        request_key: None,
    };
    posting::write(&instance.app, new).await.unwrap()
}

async fn reader(instance: &Instance, name: &str, joins: &[i64]) -> ActorRow {
    let account = clocher_app::accounts::NewAccount {
        name: name.to_owned(),
        display_name: name.to_owned(),
        mail: format!("{name}@exemple.fr"),
        password: None,
    };
    let row = clocher_app::accounts::add(&instance.app, account, clocher_domain::actor::Role::Member)
        .await
        .unwrap();
    for community in joins {
        membership::join(&instance.app, row.id, *community).await.unwrap();
    }
    row
}

#[actix_web::test]
async fn a_moderator_of_a_sharing_community_hides_a_reply_from_its_readers() {
    for instance in Instance::on_each_backend().await {
        let velo = home(&instance).await;
        let epci = community(&instance, "epci").await;
        let top = write(&instance, Some(velo.id), "Le pont", Visibility::Public).await;
        place(&instance, &top, &epci).await;
        let rude = answer(&instance, &top, "Grossier personnage.").await;
        let thread = format!("/post/{}", top.id);
        let hide = format!("/comment/{}/hide", rude.id);
        let lea = reader(&instance, "lea", &[epci.id]).await;
        let mut lea = instance.browser_of(&lea).await;
        let mut marie = instance.browser_of(&instance.marie).await;
        let page = lea.open(&thread).await;
        assert!(page.body.contains("Grossier") && page.count("a[href$='/hide']") == 0);
        assert_eq!(lea.open(&hide).await.status, 403);

        assert_eq!(marie.open(&thread).await.count(&format!("a[href='{hide}']")), 1);
        let page = marie.open(&hide).await;
        assert!(page.text("main").contains("Masquer une réponse"));
        let which = epci.id.to_string();
        let act = [("which", &*which), ("act", "hide")];
        let done = marie.submit(&page, &hide, &act).await;
        assert_eq!(done.location(), format!("{thread}#m-{}", rude.id));
        let page = marie.follow(&done).await;
        assert!(
            page.text("main").contains("Dans epci\u{A0}: masqué par Marie Vernet."),
            "{}",
            page.text("main")
        );
        let page = lea.open(&thread).await;
        assert!(!page.body.contains("Grossier"));
        assert!(page.text("section[aria-labelledby=replies]").contains("Une réponse est masquée"));
        assert_eq!(lea.open(&format!("/comment/{}", rude.id)).await.status, 404);
        let mut stranger = instance.browser();
        assert!(stranger.open(&thread).await.body.contains("Grossier"), "its home is here");
        let page = stranger.open("/c/epci/links").await;
        assert!(
            page.text("section[aria-labelledby=journal]")
                .contains("Une réponse à un fil partagé est masquée")
        );
        assert_eq!(page.count(&format!("section[aria-labelledby=journal] a[href='{thread}']")), 1);

        // What answers a hidden reply stands below a sign of it.
        let new = reader(&instance, "hugo", &[velo.id]).await;
        let own = posting::NewPost {
            author_id: new.id,
            home_id: None,
            parent_id: Some(rude.id),
            title: None,
            text: "Restons polis.".to_owned(),
            visibility: Visibility::Public,
            language: None,
            reach: None,
            also: Vec::new(),
            request_key: None,
        };
        posting::write(&instance.app, own).await.unwrap();
        let page = lea.open(&thread).await;
        assert!(
            page.text(".replies").contains("Réponse masquée par la modération. Restons polis")
                || page.text(".replies").contains("Restons polis")
        );
        assert_eq!(page.count("ol.replies .tombstone"), 1);

        let page = marie.open(&hide).await;
        marie.submit(&page, &hide, &[("which", &*which), ("act", "show")]).await;
        assert!(lea.open(&thread).await.body.contains("Grossier"));
        let all = format!("{thread}/hide");
        let page = marie.open(&all).await;
        marie.submit(&page, &all, &[("which", &*which), ("act", "hide")]).await;
        assert_eq!(lea.open(&thread).await.count("ol.replies > li"), 0);
        // Of one reply alone, that cannot be taken back.
        assert_eq!(marie.open(&hide).await.count("main form button"), 0);
        let forged = lea.open("/").await.form("/sign-out").1;
        assert_eq!(lea.post(&all, &forged).await.status, 404);
    }
}

#[actix_web::test]
async fn a_moderator_closes_a_community_after_reading_what_changes_and_opens_it_again() {
    for instance in Instance::on_each_backend().await {
        let velo = home(&instance).await;
        let epci = community(&instance, "epci").await;
        nest(&instance, velo.id, epci.id).await;
        let public = write(&instance, Some(velo.id), "Le pont", Visibility::Public).await;
        let from_above = write(&instance, Some(epci.id), "Le plan", Visibility::Public).await;
        place(&instance, &from_above, &velo).await;
        let mut marie = instance.browser_of(&instance.marie).await;
        let mut paul = instance.browser_of(&instance.paul).await;
        let mut stranger = instance.browser();
        assert_eq!(paul.open("/c/velo/openness").await.status, 403);
        assert!(stranger.open("/c/velo/openness").await.location().starts_with("/sign-in"));
        assert_eq!(marie.open("/c/velo/moderation").await.count("a[href='/c/velo/openness']"), 1);
        let page = marie.open("/c/velo/openness").await;
        let words = page.text("main form");
        for expected in ["Son lien avec une autre", "Un fil venu d’une autre", "Une personne reste membre"]
        {
            assert!(words.contains(expected), "{words}");
        }
        let (_, mut fields) = page.form("/c/velo/openness");
        fields.insert("openness".to_owned(), "closed".to_owned());
        fields.remove("confirm");
        let answer = marie.post("/c/velo/openness", &fields).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text("[role=alert]").contains("Cochez"));
        assert_eq!(answer.count("input[value=closed][checked]"), 1, "what was chosen stays");
        assert_eq!(stranger.open("/c/velo").await.count("ol.threads li"), 2);
        fields.insert("confirm".to_owned(), "yes".to_owned());
        let (_, mut of_paul) = paul.open("/").await.form("/sign-out");
        of_paul.insert("openness".to_owned(), "hidden".to_owned());
        of_paul.insert("confirm".to_owned(), "yes".to_owned());
        assert_eq!(paul.post("/c/velo/openness", &of_paul).await.status, 403);
        assert_eq!(marie.post("/c/velo/openness", &fields).await.location(), "/c/velo");
        let page = stranger.open("/c/velo").await;
        assert!(page.text("main").contains("Communauté fermée") && page.count("ol.threads") == 0);
        assert_eq!(stranger.open(&format!("/post/{}", public.id)).await.status, 200);
        let secret = write(&instance, Some(velo.id), "Entre nous", Visibility::Public).await;
        assert_eq!(stranger.open(&format!("/post/{}", secret.id)).await.status, 404);
        assert!(marie.open("/c/velo/links").await.text("main").contains("La communauté est fermée"));

        let page = marie.open("/c/velo/openness").await;
        let (_, mut fields) = page.form("/c/velo/openness");
        fields.insert("openness".to_owned(), "open".to_owned());
        fields.insert("confirm".to_owned(), "yes".to_owned());
        marie.post("/c/velo/openness", &fields).await;
        let page = stranger.open("/c/velo").await;
        assert!(page.body.contains("Le pont") && !page.body.contains("Entre nous"));
        membership::join(&instance.app, instance.paul.id, velo.id).await.unwrap();
        assert_eq!(paul.open(&format!("/post/{}", secret.id)).await.status, 404);
        assert!(!paul.open("/c/velo").await.body.contains("Entre nous"));
        assert!(!paul.open("/").await.body.contains("Entre nous"));
        assert_eq!(marie.open(&format!("/post/{}", secret.id)).await.status, 200);

        // One that is hidden is named to nobody beside what was public in it.
        let (_, mut fields) = marie.open("/c/velo/openness").await.form("/c/velo/openness");
        fields.insert("openness".to_owned(), "hidden".to_owned());
        fields.insert("confirm".to_owned(), "yes".to_owned());
        marie.post("/c/velo/openness", &fields).await;
        let page = stranger.open(&format!("/post/{}", public.id)).await;
        assert_eq!(page.status, 200);
        assert!(!page.body.contains("/c/velo"), "{}", page.body);
        assert!(!stranger.open("/").await.body.contains("/c/velo"));
    }
}

#[actix_web::test]
async fn moderators_of_the_instance_make_communities_and_administrators_those_of_areas() {
    for instance in Instance::on_each_backend().await {
        let mut marie = instance.browser_of(&instance.marie).await;
        let mut paul = instance.browser_of(&instance.paul).await;
        assert_eq!(paul.open("/communities/new").await.status, 403);
        assert_eq!(paul.open("/").await.count("a[href='/communities/new']"), 0);
        assert!(instance.browser().open("/communities/new").await.location().starts_with("/sign-in"));
        assert_eq!(marie.open("/").await.count("a[href='/communities/new']"), 1);
        let page = marie.open("/communities/new").await;
        assert_eq!(page.count("input[name=territory]"), 1);
        let typed = [
            ("title", "Conseil des <sages>"),
            ("name", "Sages !"),
            ("text", "Ceux qui **savent**."),
            ("posting", "members"),
            ("openness", "closed"),
            ("territory", ""),
        ];
        let refused = marie.submit(&page, "/communities/new", &typed).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.count("input[value='Conseil des <sages>']"), 1, "what was typed stays");
        assert_eq!(refused.count("input[value=closed][checked], input[value=members][checked]"), 2);
        let mut typed = typed;
        typed[1].1 = "sages";
        assert_eq!(marie.submit(&refused, "/communities/new", &typed).await.location(), "/c/sages");
        let row = communities::find(&instance.app, "sages").await.unwrap();
        let id = row.id;
        let made = instance.app.read(move |conn| clocher_storage::communities::find(conn, id)).await;
        let made = made.unwrap().unwrap();
        assert_eq!((made.openness().unwrap(), made.posting().unwrap()), (Openness::Closed, Posting::Members));
        assert_eq!(made.kind().unwrap(), CommunityKind::Topical);
        let page = marie.open("/c/sages").await;
        assert!(
            page.text("h1").contains("Conseil des <sages>") && page.body.contains("<strong>savent</strong>")
        );
        assert!(page.text("main").contains("Vous êtes membre."));

        let page = marie.open("/communities/new").await;
        (typed[1].1, typed[5].1) = ("lamastre", "commune:99999");
        assert_eq!(marie.submit(&page, "/communities/new", &typed).await.status, 422);
        typed[5].1 = "07129";
        assert_eq!(marie.submit(&page, "/communities/new", &typed).await.location(), "/c/lamastre");
        // A moderator of the instance: of subjects alone.
        clocher_app::accounts::set_role(
            &instance.app,
            instance.paul.id,
            clocher_domain::actor::Role::Moderator,
        )
        .await
        .unwrap();
        let page = paul.open("/communities/new").await;
        assert_eq!(page.count("input[name=territory]"), 0);
        (typed[1].1, typed[5].1) = ("agreve", "07204");
        assert_eq!(paul.submit(&page, "/communities/new", &typed).await.status, 403);
        typed[5].1 = "";
        assert_eq!(paul.submit(&page, "/communities/new", &typed).await.location(), "/c/agreve");
        (typed[1].1, typed[0].1) = ("agreve", "Encore");
        assert_eq!(paul.submit(&page, "/communities/new", &typed).await.status, 409);
    }
}
