//! Reading: every page in both languages, what strangers may not see, and what leads nowhere.

use crate::browser::{Instance, put_remote};
use actix_web::http::header::ACCEPT_LANGUAGE;
use actix_web::test::TestRequest;
use clocher_app::posting::{self, NewPost};
use clocher_app::received::Received;
use clocher_app::receiving::{self, RemotePost};
use clocher_domain::actor::ActorKind;
use clocher_domain::audience::Visibility;
use clocher_domain::post::PostKind;
use clocher_storage::posts::PostRow;
use std::sync::atomic::Ordering;

/// A message of Marie's; in the community of that id, or of her own.
pub async fn write(
    instance: &Instance,
    home_id: Option<i64>,
    title: &str,
    visibility: Visibility,
) -> PostRow {
    let new = NewPost {
        author_id: instance.marie.id,
        home_id,
        parent_id: None,
        title: Some(title.to_owned()),
        text: "Le pont est **fermé**.".to_owned(),
        visibility,
        language: Some("fr".to_owned()),
        reach: None,
        also: Vec::new(),
        request_key: None,
    };
    posting::write(&instance.app, new).await.unwrap()
}

pub async fn velo(instance: &Instance) -> i64 {
    clocher_app::communities::find(&instance.app, "velo").await.unwrap().id
}

#[actix_web::test]
async fn every_page_speaks_both_languages() {
    let instance = Instance::new().await;
    let post = write(&instance, Some(velo(&instance).await), "Le pont", Visibility::Public).await;
    for mut browser in [instance.browser(), instance.browser_of(&instance.marie).await] {
        let is_signed_in = !browser.cookies.is_empty();
        let mut paths: Vec<String> =
            ["/", "/c/privas", "/c/velo", "/u/marie", "/u/paul", "/find", "/find?q=personne@nulle.part"]
                .map(str::to_owned)
                .to_vec();
        paths.extend([format!("/post/{}", post.id), "/sign-in".to_owned(), "/sign-out".to_owned()]);
        paths.extend(["/nulle-part".to_owned(), "/post/1".to_owned(), "/c/inconnue".to_owned()]);
        if is_signed_in {
            paths.push("/account".to_owned());
            paths.extend([format!("/post/{}/edit", post.id), format!("/post/{}/delete", post.id)]);
        }
        for path in paths {
            for lang in ["fr", "en"] {
                browser.language = format!("{lang}, *;q=0.1");
                let page = browser.open(&path).await;
                assert!(page.body.contains(&format!("<html lang=\"{lang}\">")), "{path}");
                assert_eq!(page.header("content-language"), lang);
                assert!(page.header("vary").contains("Accept-Language"));
                let cache = if is_signed_in || path.starts_with("/sign-in") {
                    "private, no-store"
                } else {
                    "no-cache"
                };
                assert_eq!(page.header("cache-control"), cache, "{path}");
            }
        }
    }
}

#[actix_web::test]
async fn the_home_page_tells_the_commune_its_communities_and_its_threads() {
    let instance = Instance::new().await;
    write(&instance, Some(velo(&instance).await), "Le pont", Visibility::Public).await;
    let page = instance.browser().open("/").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.text("h1"), "Privas");
    assert!(page.text(".lead").starts_with("commune · Ardèche (07) · "), "{}", page.text(".lead"));
    assert!(page.text(".list").contains("Vélo 1 membre"), "{}", page.text(".list"));
    assert_eq!(page.text(".threads .title"), "Le pont");
    assert!(page.text("footer").contains("INSEE"));
    assert_eq!(page.count("link[rel=alternate][type='application/activity+json']"), 1);
}

#[actix_web::test]
async fn the_community_of_the_commune_tells_its_territory() {
    let instance = Instance::new().await;
    let page = instance.browser().open("/c/privas").await;
    assert_eq!(page.status, 200);
    assert!(page.text("dl").contains("département Ardèche (07)"), "{}", page.text("dl"));
    assert!(page.text("dl").contains("région Auvergne-Rhône-Alpes"));
    assert!(page.text("main").contains("Marie Vernet"), "the moderator is named");
    let velo = instance.browser().open("/c/velo").await;
    assert_eq!(velo.text(".text strong"), "ensemble");
    assert_eq!(velo.count("dl"), 0);
}

#[actix_web::test]
async fn the_language_is_the_choice_then_the_browsers_then_the_instances() {
    let instance = Instance::new().await;
    let mut browser = instance.browser();
    browser.language = "de".to_owned();
    assert!(browser.open("/").await.body.contains("<html lang=\"fr\">"));
    let chosen = browser.open("/c/velo?lang=en").await;
    assert!(chosen.body.contains("<html lang=\"en\">"));
    assert_eq!(browser.cookies.get("lang").map(String::as_str), Some("en"));
    browser.language = "fr".to_owned();
    let later = browser.open("/c/velo").await;
    assert!(later.body.contains("<html lang=\"en\">"));
    assert!(later.body.contains("href=\"?lang=fr\""));
}

#[actix_web::test]
async fn what_is_for_followers_answers_strangers_like_what_does_not_exist() {
    for instance in Instance::on_each_backend().await {
        let hidden = write(&instance, None, "Entre nous", Visibility::Followers).await;
        let mut stranger = instance.browser();
        for action in ["", "/edit", "/delete"] {
            let closed = stranger.open(&format!("/post/{}{action}", hidden.id)).await;
            let unknown = stranger.open(&format!("/post/{}{action}", hidden.id + 1)).await;
            assert_eq!((closed.status, unknown.status), (404, 404));
            assert_eq!(closed.body, unknown.body);
        }
        let mut paul = instance.browser_of(&instance.paul).await;
        assert_eq!(paul.open(&format!("/post/{}", hidden.id)).await.status, 404);
        let page = paul.open("/u/marie").await;
        paul.submit(&page, "/u/marie/follow", &[]).await;
        assert_eq!(paul.open(&format!("/post/{}", hidden.id)).await.text("h1"), "Entre nous");
        assert!(!paul.open("/u/marie").await.body.contains("Entre nous"), "it is on no list");
    }
}

#[actix_web::test]
async fn hostile_text_from_elsewhere_is_shown_harmless() {
    let instance = Instance::new().await;
    let post = write(&instance, Some(velo(&instance).await), "Le pont", Visibility::Public).await;
    let mallory =
        put_remote(&instance.app, ActorKind::Person, "mallory", "evil.test", "<img src=x onerror=alert(1)>")
            .await
            .unwrap();
    let remote = RemotePost {
        ap_id: "https://evil.test/1".to_owned(),
        url: "javascript:alert(1)".to_owned(),
        kind: PostKind::Note,
        author_id: mallory.id,
        home_id: None,
        parent: Some(post.ap_id.clone()),
        visibility: Visibility::Public,
        title: None,
        html: "<p>Bonjour<script>alert(1)</script><img src=x onerror=alert(1)><a href='javascript:alert(1)' onclick=x>ici</a></p></div></li></ol></main>".to_owned(),
        warning: Some("</summary><script>alert(1)</script>".to_owned()),
        link: Some("javascript:alert(1)".to_owned()),
        language: Some("\"><script>".to_owned()),
        published_at: 0,
        edited_at: None,
        context: None,
        locked: false,
        reach: None,
        recipients: Vec::new(),
        names_home: false,
        other_groups: Vec::new(),
    };
    let received = Received {
        activity: "https://evil.test/activity/1".to_owned(),
        seen_as: "https://evil.test/activity/1".to_owned(),
        kind: "Create",
        document: None,
        announced_by: None,
        asked_for: true,
        carried: None,
    };
    receiving::receive(&instance.app, received, remote).await.unwrap();
    let page = instance.browser().open(&format!("/post/{}", post.id)).await;
    assert_eq!(page.status, 200);
    assert!(page.text(".replies").contains("<img src=x onerror=alert(1)>"), "the name is shown as text");
    assert!(page.text(".replies .handle").contains("@mallory@evil.test"));
    assert_eq!(page.count("main img"), 0);
    assert_eq!(page.count("a[href^=javascript]"), 0);
    assert_eq!(page.count("main .replies .text"), 1, "the page is still whole");
}

#[actix_web::test]
async fn only_whoever_is_signed_in_makes_us_ask_another_server() {
    let instance = Instance::new().await;
    let mut stranger = instance.browser();
    for path in ["/c/marche@beta.test", "/u/nadia@beta.test", "/find?q=marche@beta.test"] {
        assert_eq!(stranger.open(path).await.status, 404, "{path}");
    }
    assert_eq!(instance.fetches.load(Ordering::Relaxed), 0);

    let mut marie = instance.browser_of(&instance.marie).await;
    let answer = marie.open("/find?q=%40marche%40beta.test").await;
    assert_eq!(answer.location(), "/c/marche@beta.test");
    let page = marie.follow(&answer).await;
    assert_eq!(page.text("h1"), "Le marché");
    assert!(page.body.contains("https://beta.test/c/marche"));
    marie.submit(&page, "/c/marche@beta.test/join", &[]).await;
    let page = marie.open("/c/marche@beta.test").await;
    assert!(page.text("main").contains("n’a pas encore répondu"), "{}", page.text("main"));
    assert!(
        marie.open("/u/marie").await.text(".list").contains("Le marché @marche@beta.test demande envoyée")
    );
    assert_eq!(stranger.open("/c/marche@beta.test").await.status, 200, "it is known now");
}

#[actix_web::test]
async fn other_addresses_lead_to_ours() {
    let instance = Instance::new().await;
    let mut browser = instance.browser();
    assert_eq!(browser.open("/@marie").await.location(), "/u/marie");
    assert_eq!(browser.open("/@nadia@beta.test").await.location(), "/u/nadia@beta.test");
    assert_eq!(browser.open("/@marie/42").await.location(), "/post/42");
    assert_eq!(browser.open("/find?q=velo").await.location(), "/c/velo");
    assert_eq!(browser.open("/find?q=http://alpha.test:4000/u/marie").await.location(), "/u/marie");
    assert_eq!(browser.open("/c/velo@alpha.test:4000").await.location(), "/c/velo");
    for elsewhere in ["//evil.test/x", "/%5Cevil.test", "/a%0Ab"] {
        let answer = browser.open(&format!("/find?q=http://alpha.test:4000{elsewhere}")).await;
        assert!(answer.status != 303 || answer.location() == "/", "{elsewhere}: {}", answer.location());
    }
}

#[actix_web::test]
async fn old_threads_are_reached_page_by_page() {
    let instance = Instance::new().await;
    let velo = velo(&instance).await;
    for number in 0..31 {
        write(&instance, Some(velo), &format!("Fil {number}"), Visibility::Public).await;
    }
    let mut browser = instance.browser();
    let first = browser.open("/c/velo").await;
    assert_eq!(first.count(".threads > li"), 30);
    let next = first.body.split("?before=").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let second = browser.open(&format!("/c/velo?before={next}")).await;
    assert_eq!(second.text(".threads .title"), "Fil 0");
    assert_eq!(second.count("a[rel=next]"), 0);
}

#[actix_web::test]
async fn head_answers_like_get_and_other_methods_are_refused() {
    let instance = Instance::new().await;
    let mut browser = instance.browser();
    assert_eq!(
        browser.send(TestRequest::default().method(actix_web::http::Method::HEAD).uri("/")).await.status,
        200
    );
    assert_eq!(browser.open("/c/velo/join").await.status, 405);
    assert_eq!(browser.send(TestRequest::put().uri("/")).await.status, 405);
}

#[actix_web::test]
async fn assets_are_small_files_kept_long() {
    let instance = Instance::new().await;
    let mut browser = instance.browser();
    for (path, kind) in
        [("/assets/site.css", "text/css"), ("/assets/mark.svg", "image/svg"), ("/favicon.ico", "image/svg")]
    {
        let asset = browser.open(path).await;
        assert!(asset.header("content-type").starts_with(kind), "{path}");
        assert!(asset.header("cache-control").contains("max-age=31536000"));
    }
    assert_eq!(browser.open("/assets/nothing").await.status, 404);
}

#[actix_web::test]
async fn a_host_that_no_instance_bears_is_told_so() {
    for (language, heading) in
        [("fr", "Aucune commune ici"), ("en-GB", "No commune here"), ("de", "Aucune commune ici")]
    {
        let request =
            TestRequest::get().uri("/c/velo").insert_header((ACCEPT_LANGUAGE, language)).to_http_request();
        let response = clocher_web::unknown_host(&request);
        assert_eq!(response.status(), 404);
        assert!(response.headers().contains_key("content-security-policy"));
        let body = actix_web::body::to_bytes(response.into_body()).await.ok().unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        crate::accessibility::check(&body);
        assert!(body.contains(heading), "{body}");
    }
}
