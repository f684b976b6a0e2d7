//! Signing in and out: once by link, by password, not too often.

use crate::browser::{Instance, PASSWORD};
use clocher_storage::testing::sqlite;
use std::collections::BTreeMap;

#[actix_web::test]
async fn a_link_signs_in_once_and_opening_it_uses_nothing_up() {
    for instance in Instance::on_each_backend().await {
        let link = instance.path(&instance.link).to_owned();
        let mut browser = instance.browser();
        for _ in 0..3 {
            let page = browser.open(&link).await;
            assert_eq!(page.status, 200);
            assert!(page.text("main button").contains("Marie Vernet"));
            assert!(page.set_cookies.is_empty());
        }
        let page = browser.open(&link).await;
        let answer = browser.submit(&page, "/sign-in/", &[]).await;
        assert_eq!((answer.status, answer.location().as_str()), (303, "/"));
        let cookie = &answer.set_cookies[0];
        assert_eq!(cookie.name(), "clocher");
        assert_eq!(cookie.http_only(), Some(true));
        assert_eq!(cookie.same_site(), Some(actix_web::cookie::SameSite::Lax));
        assert_eq!(cookie.max_age().unwrap().whole_days(), 90);
        assert!(browser.open("/").await.text("header").contains("Marie Vernet"));

        let mut other = instance.browser();
        assert_eq!(other.submit(&page, "/sign-in/", &[]).await.status, 404);
        assert_eq!(other.open(&link).await.status, 404);
        assert!(other.cookies.is_empty());
    }
}

#[actix_web::test]
async fn over_https_the_cookie_is_bound_to_its_host() {
    let instance = Instance::over(sqlite(), "https", "alpha.test").await;
    let mut browser = instance.browser();
    let page = browser.open(instance.path(&instance.link)).await;
    let answer = browser.submit(&page, "/sign-in/", &[]).await;
    let cookie = &answer.set_cookies[0];
    assert_eq!(cookie.name(), "__Host-clocher");
    assert_eq!((cookie.secure(), cookie.path(), cookie.domain()), (Some(true), Some("/"), None));
}

#[actix_web::test]
async fn a_password_signs_in_and_leads_back_to_the_page() {
    let instance = Instance::over(sqlite(), "http", "password.test").await;
    let mut browser = instance.browser();
    let page = browser.open("/sign-in?next=/c/velo").await;
    let answer = browser.submit(&page, "/sign-in", &[("name", "Marie"), ("password", PASSWORD)]).await;
    assert_eq!((answer.status, answer.location().as_str()), (303, "/c/velo"));
    assert!(browser.open("/c/velo").await.text("header").contains("Marie Vernet"));

    let page = browser.open("/sign-in?next=https://evil.test/").await;
    let answer =
        browser.submit(&page, "/sign-in", &[("name", "paul@exemple.fr"), ("password", PASSWORD)]).await;
    assert_eq!(answer.location(), "/", "another site is no page of ours");
}

#[actix_web::test]
async fn a_wrong_password_and_an_unknown_name_answer_alike_and_keep_the_name() {
    let instance = Instance::over(sqlite(), "http", "wrong.test").await;
    let mut browser = instance.browser();
    let page = browser.open("/sign-in").await;
    for name in ["marie", "personne"] {
        let answer = browser.submit(&page, "/sign-in", &[("name", name), ("password", "xxxxxxxxxx")]).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text("[role=alert]").contains("ne vont pas ensemble"));
        assert_eq!(answer.form("/sign-in").1["name"], name);
        assert!(!answer.body.contains("xxxxxxxxxx"), "a password is never shown");
    }
}

#[actix_web::test]
async fn the_eleventh_attempt_in_a_minute_is_refused_before_the_password_is_looked_at() {
    let instance = Instance::over(sqlite(), "http", "limits.test").await;
    let mut browser = instance.browser();
    let page = browser.open("/sign-in").await;
    for _ in 0..10 {
        browser.submit(&page, "/sign-in", &[("name", "marie"), ("password", "xxxxxxxxxx")]).await;
    }
    let answer = browser.submit(&page, "/sign-in", &[("name", "marie"), ("password", PASSWORD)]).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "60"));
    assert!(answer.text("[role=alert]").contains("Attendez une minute"));
}

#[actix_web::test]
async fn signing_out_ends_the_session_and_not_only_the_cookie() {
    let instance = Instance::new().await;
    let mut browser = instance.browser_of(&instance.marie).await;
    let kept = browser.clone();
    let page = browser.open("/").await;
    assert_eq!(browser.submit(&page, "/sign-out", &[]).await.status, 303);
    assert!(browser.cookies.is_empty());
    let mut thief = kept;
    assert!(thief.open("/").await.text("header").contains("Se connecter"));
}

#[actix_web::test]
async fn a_suspended_person_is_signed_out_and_told_why() {
    let instance = Instance::over(sqlite(), "http", "suspended.test").await;
    let mut browser = instance.browser_of(&instance.paul).await;
    clocher_app::accounts::suspend(&instance.app, instance.paul.id, true).await.unwrap();
    let page = browser.open("/sign-in").await;
    assert!(page.text("header").contains("Se connecter"));
    let answer = browser.submit(&page, "/sign-in", &[("name", "paul"), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, 403);
    assert!(answer.text("[role=alert]").contains("suspendu"));
}

#[actix_web::test]
async fn nobody_signs_another_in_from_another_site() {
    let instance = Instance::over(sqlite(), "http", "foreign.test").await;
    let fields: BTreeMap<String, String> = [("name", "marie"), ("password", PASSWORD)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    for origin in ["http://evil.test", "https://foreign.test", "http://foreign.test:8080", "null", ""] {
        let mut browser = instance.browser();
        browser.origin = origin.to_owned();
        assert_eq!(browser.post("/sign-in", &fields).await.status, 403, "{origin:?}");
        assert_eq!(browser.post(instance.path(&instance.link), &BTreeMap::new()).await.status, 403);
        assert!(browser.cookies.is_empty());
    }
    assert_eq!(
        instance.browser().open(instance.path(&instance.link)).await.status,
        200,
        "the link still works"
    );
}

#[actix_web::test]
async fn whoever_signed_in_by_link_chooses_a_password_and_the_other_sessions_end() {
    for instance in Instance::on_each_backend().await {
        let (mut browser, mut other) =
            (instance.browser_of(&instance.paul).await, instance.browser_of(&instance.paul).await);
        let page = browser.open("/account").await;
        let refused = browser.submit(&page, "/account/password", &[("password", "trop court")]).await;
        assert_eq!(refused.status, 303, "ten characters will do");
        let refused = browser.submit(&page, "/account/password", &[("password", "court")]).await;
        assert_eq!(refused.status, 422);
        assert!(!refused.text("[role=alert]").is_empty());
        assert!(!refused.body.contains("court\""), "a password is never shown");

        let chosen = [("password", "la rivière est haute")];
        let answer = browser.submit(&page, "/account/password", &chosen).await;
        let page = browser.follow(&answer).await;
        assert!(page.text("[role=status]").contains("enregistré"));
        assert!(browser.open("/").await.text("header").contains("Paul"), "this session stays");
        assert!(!other.open("/").await.text("header").contains("Paul"), "the others end");

        let page = other.open("/sign-in").await;
        let answer = other.submit(&page, "/sign-in", &[("name", "paul"), chosen[0]]).await;
        assert_eq!(answer.status, 303);
    }
}

#[actix_web::test]
async fn the_account_is_for_whoever_is_signed_in() {
    let instance = Instance::over(sqlite(), "http", "account.test").await;
    let answer = instance.browser().open("/account").await;
    assert_eq!((answer.status, answer.location().as_str()), (303, "/sign-in?next=/account"));
}
