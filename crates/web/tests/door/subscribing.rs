//! Modes of mail, the timeline with its reasons, threads that are followed, persons who are muted, notifications.

use crate::browser::Instance;
use clocher_app::communities::{self, NewCommunity};
use clocher_app::ledger::{fan_out_next, owe_fan_out};
use clocher_app::posting::{self, NewPost};
use clocher_app::sending::Desk;
use clocher_app::{Error, membership};
use clocher_domain::audience::Visibility;
use clocher_domain::community::{Openness, Posting};
use clocher_domain::ledger::Mode;
use clocher_storage::actors::{self, ActorRow};
use clocher_storage::placements::{self, PlacementRow};
use clocher_storage::posts::PostRow;

async fn group(instance: &Instance, name: &str) -> ActorRow {
    let name = name.to_owned();
    instance.app.read(move |conn| actors::find_local(conn, &name)).await.unwrap().unwrap()
}

async fn second(instance: &Instance) -> ActorRow {
    let new = NewCommunity {
        name: "ecole".to_owned(),
        display_name: "École".to_owned(),
        presentation: String::new(),
        territory: None,
        posting: Posting::Everybody,
        openness: Openness::Open,
    };
    communities::add(&instance.app, new, None).await.unwrap()
}

async fn write(instance: &Instance, home: &ActorRow, parent: Option<&PostRow>, title: &str) -> PostRow {
    let new = NewPost {
        author_id: instance.marie.id,
        home_id: Some(home.id).filter(|_| parent.is_none()),
        parent_id: parent.map(|parent| parent.id),
        title: Some(title.to_owned()),
        text: title.to_owned(),
        visibility: Visibility::Public,
        language: None,
        also: Vec::new(),
        request_key: None,
        reach: None,
    };
    posting::write(&instance.app, new).await.unwrap()
}

async fn place(instance: &Instance, thread: &PostRow, community: &ActorRow) {
    let (dated_at, thread, community) = (thread.published_at, thread.id, community.id);
    let placed = instance.app.write(move |deed| {
        let row = PlacementRow {
            id: deed.app.mint(),
            thread_id: thread,
            community_id: community,
            state: "placed".to_owned(),
            ways: 4,
            path: "[]".to_owned(),
            announce: None,
            accepted_title: None,
            accepted_html: None,
            decider_id: None,
            created_at: deed.now(),
            changed_at: deed.now(),
            dated_at,
        };
        placements::put(deed.conn, &row)?;
        owe_fan_out(deed, thread, community)
    });
    placed.await.unwrap();
}

async fn fan_out(instance: &Instance) {
    while fan_out_next(&instance.app, &Desk::default()).await.unwrap() {}
}

#[actix_web::test]
async fn a_member_chooses_a_mode_for_all_communities_and_for_one() {
    for instance in Instance::on_each_backend().await {
        let velo = group(&instance, "velo").await;
        let mut browser = instance.browser_of(&instance.paul).await;
        let page = browser.open("/c/velo").await;
        assert_eq!(page.count("select#mode"), 0, "who is no member has no mode");
        browser.submit(&page, "/c/velo/join", &[]).await;
        let page = browser.open("/account/subscriptions").await;
        assert!(page.text("main").contains("n’est pas encore confirmée"), "{}", page.body);
        let answer = browser.submit(&page, "/account/subscriptions/mode", &[("mode", "weekly")]).await;
        let page = browser.follow(&answer).await;
        assert_eq!(page.text("#own-mode option[selected]"), "un résumé par semaine");
        assert!(page.text("[role=status]").contains("paul@exemple.fr"), "the holder is asked");
        let answer = browser.submit(&page, "/c/velo/mode", &[("mode", "daily")]).await;
        assert_eq!(answer.location(), "/account/subscriptions");
        let page = browser.open("/c/velo").await;
        assert_eq!(page.text("#mode option[selected]"), "un résumé par jour");
        let wish =
            clocher_app::subscribing::find_wish(&instance.app, instance.paul.id, velo.id).await.unwrap();
        assert_eq!((wish.mode, wish.own_mode), (Some(Mode::Daily), Mode::Weekly));
        let answer = browser.submit(&page, "/c/velo/mode", &[("mode", "hourly")]).await;
        assert_eq!(answer.status, 400);
        browser.submit(&page, "/c/velo/leave", &[]).await;
        let page = browser.open("/c/velo").await;
        assert!(page.text("main").contains("Vous avez quitté cette communauté"), "{}", page.body);
        let answer = browser.submit(&page, "/c/velo/hear", &[]).await;
        let page = browser.follow(&answer).await;
        assert!(!page.text("main").contains("Vous avez quitté cette communauté"));
        let answer = browser.post("/c/velo/mode", &page.form("/c/velo/join").1).await;
        assert_eq!(answer.status, 403, "not a member");
    }
}

#[actix_web::test]
async fn the_link_of_a_confirmation_works_once_and_for_whoever_reads_the_mail() {
    let instance = Instance::new().await;
    let mut browser = instance.browser_of(&instance.paul).await;
    let page = browser.open("/account/subscriptions").await;
    let refused =
        browser.submit(&page, "/account/subscriptions/address", &[("mail", "pas une adresse")]).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.text("[role=alert]"), "Ceci n’est pas une adresse électronique.");
    for false_link in ["/address/1-00", "/address/x", "/address/-"] {
        assert_eq!(instance.browser().open(false_link).await.status, 404, "{false_link}");
    }
}

#[actix_web::test]
async fn the_timeline_shows_a_thread_once_with_exactly_the_reasons_that_hold() {
    for instance in Instance::on_each_backend().await {
        let (velo, ecole) = (group(&instance, "velo").await, second(&instance).await);
        let privas = group(&instance, "privas").await;
        membership::join(&instance.app, instance.paul.id, velo.id).await.unwrap();
        let mut browser = instance.browser_of(&instance.paul).await;
        assert_eq!(instance.browser().open("/home").await.location(), "/sign-in?next=/home");
        assert_eq!(browser.open("/home").await.count("ol.threads li"), 0);
        let ride = write(&instance, &velo, None, "Balade").await;
        write(&instance, &privas, None, "Ailleurs").await;
        let page = browser.open("/home").await;
        assert_eq!((page.text("a.title").as_str(), page.text(".reasons a").as_str()), ("Balade", "Vélo"));
        // What it comes by later, and is not followed, is no reason; what is, is one more, and no more entry.
        place(&instance, &ride, &ecole).await;
        place(&instance, &ride, &privas).await;
        membership::join(&instance.app, instance.paul.id, ecole.id).await.unwrap();
        let page = browser.open("/home").await;
        assert_eq!(page.text("a.title"), "Balade");
        assert_eq!(page.text(".reasons a"), "Vélo | École");
        let answer = browser.submit(&page, "/c/velo/quiet", &[]).await;
        let page = browser.follow(&answer).await;
        assert_eq!(page.text(".reasons a"), "École");
        membership::join(&instance.app, instance.paul.id, instance.marie.id).await.unwrap();
        let page = browser.open("/home").await;
        assert_eq!(page.text("a.title"), "Ailleurs | Balade");
        assert_eq!(page.text(".reasons a"), "Marie Vernet | École | Marie Vernet");
        let person = browser.open("/u/marie").await;
        browser.submit(&person, "/u/marie/mute", &[]).await;
        assert_eq!(browser.open("/home").await.count("ol.threads li"), 0);
        let page = browser.open("/account/subscriptions").await;
        assert_eq!(page.text("#muted ~ ul a"), "Marie Vernet");
        browser.submit(&page, "/u/marie/mute", &[]).await;
        browser.submit(&page, "/c/velo/quiet", &[]).await;
        assert_eq!(
            browser.open("/home").await.text(".reasons a"),
            "Marie Vernet | Vélo | École | Marie Vernet"
        );
    }
}

#[actix_web::test]
async fn pages_of_the_timeline_neither_repeat_nor_skip() {
    for instance in Instance::on_each_backend().await {
        let (velo, ecole) = (group(&instance, "velo").await, second(&instance).await);
        for community in [&velo, &ecole] {
            membership::join(&instance.app, instance.paul.id, community.id).await.unwrap();
        }
        membership::join(&instance.app, instance.paul.id, instance.marie.id).await.unwrap();
        let mut written = Vec::new();
        for n in 0..70 {
            let (home, other) = if n % 2 == 0 { (&velo, &ecole) } else { (&ecole, &velo) };
            let post = write(&instance, home, None, &format!("Fil {n}")).await;
            if n % 3 == 0 {
                place(&instance, &post, other).await;
            }
            written.push(format!("Fil {n}"));
        }
        // Many of one instant.
        let same = instance.app.write(|deed| {
            let now = deed.now();
            clocher_storage::testing::set_published(deed.conn, now).map_err(Error::from)
        });
        same.await.unwrap();
        let mut browser = instance.browser_of(&instance.paul).await;
        let mut seen = Vec::new();
        let mut address = "/home".to_owned();
        for _ in 0..3 {
            let page = browser.open(&address).await;
            seen.extend(page.text("a.title").split(" | ").map(str::to_owned));
            let next = page.body.split("?before=").nth(1).and_then(|rest| rest.split('"').next());
            let Some(next) = next.filter(|next| !next.contains("lang")) else { break };
            address = format!("/home?before={next}");
        }
        written.reverse();
        assert_eq!(seen, written);
    }
}

#[actix_web::test]
async fn an_answer_is_one_notification_until_it_is_read() {
    for instance in Instance::on_each_backend().await {
        let velo = group(&instance, "velo").await;
        let new = NewPost { author_id: instance.paul.id, ..question(&velo) };
        let post = posting::write(&instance.app, new).await.unwrap();
        write(&instance, &velo, Some(&post), "Jeudi").await;
        fan_out(&instance).await;
        let mut browser = instance.browser_of(&instance.paul).await;
        let page = browser.open("/").await;
        assert!(page.text("header").contains("Notifications (1)"), "{}", page.text("header"));
        let page = browser.open("/notifications").await;
        assert_eq!(
            (page.text("a.title").as_str(), page.text("main strong").as_str()),
            ("Jeudi", "Nouveau\u{a0}:")
        );
        let page = browser.open("/notifications").await;
        assert_eq!((page.text("a.title").as_str(), page.count("main strong")), ("Jeudi", 0));
        assert!(!page.text("header").contains('('));
        let mut other = instance.browser_of(&instance.marie).await;
        assert_eq!(other.open("/notifications").await.count("a.title"), 0);
        assert_eq!(instance.browser().open("/notifications").await.status, 303);
    }
}

fn question(home: &ActorRow) -> NewPost {
    NewPost {
        author_id: 0,
        home_id: Some(home.id),
        parent_id: None,
        title: Some("Quand ?".to_owned()),
        text: "Quand ?".to_owned(),
        visibility: Visibility::Public,
        language: None,
        also: Vec::new(),
        request_key: None,
        reach: None,
    }
}

#[actix_web::test]
async fn a_thread_is_followed_and_followed_no_more() {
    let instance = Instance::new().await;
    let velo = group(&instance, "velo").await;
    let post = write(&instance, &velo, None, "Balade").await;
    let mut browser = instance.browser_of(&instance.paul).await;
    let address = format!("/post/{}", post.id);
    let page = browser.open(&address).await;
    let answer = browser.submit(&page, &format!("{address}/follow"), &[]).await;
    let page = browser.follow(&answer).await;
    assert!(page.text("main").contains("Ne plus suivre ce fil"));
    let answer = browser.submit(&page, &format!("{address}/follow"), &[]).await;
    let page = browser.follow(&answer).await;
    assert!(!page.text("main").contains("Ne plus suivre ce fil"));
}
