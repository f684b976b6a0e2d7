//! Forms that other sites, other sessions or nobody sends: nothing is written.

use crate::browser::{Browser, Instance};
use std::collections::BTreeMap;

async fn thread_form(browser: &mut Browser) -> BTreeMap<String, String> {
    let (_, mut fields) = browser.open("/c/velo").await.form("/c/velo/post");
    fields.extend(
        [("title", "Faux"), ("text", "Gardez-moi")].map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    fields
}

async fn assert_nothing_written(instance: &Instance) {
    assert_eq!(instance.browser().open("/c/velo").await.count(".threads"), 0);
}

#[actix_web::test]
async fn a_form_without_the_token_of_its_session_is_refused() {
    let instance = Instance::new().await;
    let mut marie = instance.browser_of(&instance.marie).await;
    let mut paul = instance.browser_of(&instance.paul).await;
    let fields = thread_form(&mut marie).await;
    let of_paul = thread_form(&mut paul).await["form_token"].clone();
    let token = fields["form_token"].clone();
    for wrong in ["", "x", &of_paul, &token[1..], &token.to_uppercase()] {
        let mut fields = fields.clone();
        fields.insert("form_token".to_owned(), wrong.to_owned());
        let answer = marie.post("/c/velo/post", &fields).await;
        assert_eq!(answer.status, 403, "{wrong:?}");
        assert_eq!(answer.text("textarea[readonly]"), "Gardez-moi", "what was typed is not lost");
    }
    let mut without = fields.clone();
    without.remove("form_token");
    assert_eq!(marie.post("/c/velo/post", &without).await.status, 403);
    assert_nothing_written(&instance).await;
    assert_eq!(marie.post("/c/velo/post", &fields).await.status, 303);
}

#[actix_web::test]
async fn a_form_from_another_origin_is_refused_even_with_the_token() {
    let instance = Instance::new().await;
    let mut marie = instance.browser_of(&instance.marie).await;
    let fields = thread_form(&mut marie).await;
    for origin in [
        "http://evil.test",
        "https://alpha.test:4000",
        "http://alpha.test",
        "http://beta.alpha.test:4000",
        "null",
    ] {
        marie.origin = origin.to_owned();
        assert_eq!(marie.post("/c/velo/post", &fields).await.status, 403, "{origin}");
    }
    for path in
        ["/c/velo/join", "/c/velo/leave", "/sign-out", "/u/paul/follow", "/post/1/vote", "/post/1/delete"]
    {
        assert_eq!(marie.post(path, &fields).await.status, 403, "{path}");
    }
    assert_nothing_written(&instance).await;
    marie.origin = "http://alpha.test:4000".to_owned();
    assert_eq!(marie.post("/c/velo/post", &fields).await.status, 303);
}

#[actix_web::test]
async fn a_browser_that_tells_no_origin_is_believed_by_where_it_fetches_from() {
    let instance = Instance::new().await;
    let mut marie = instance.browser_of(&instance.marie).await;
    let fields = thread_form(&mut marie).await;
    marie.origin = String::new();
    for site in ["cross-site", "same-site", "none"] {
        marie.fetch_site = Some(site);
        assert_eq!(marie.post("/c/velo/post", &fields).await.status, 403, "{site}");
    }
    assert_nothing_written(&instance).await;
    marie.fetch_site = Some("same-origin");
    assert_eq!(marie.post("/c/velo/post", &fields).await.status, 303);
}

#[actix_web::test]
async fn a_form_of_nobody_is_refused_and_its_text_comes_back() {
    let instance = Instance::new().await;
    let mut marie = instance.browser_of(&instance.marie).await;
    let fields = thread_form(&mut marie).await;
    let mut stranger = instance.browser();
    let answer = stranger.post("/c/velo/post", &fields).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.text("textarea[readonly]"), "Gardez-moi");
    assert_eq!(answer.count("main a[href='/sign-in']"), 1);
    assert_nothing_written(&instance).await;
}

#[actix_web::test]
async fn a_body_that_is_not_a_form_is_refused() {
    let instance = Instance::new().await;
    let mut marie = instance.browser_of(&instance.marie).await;
    let json = actix_web::test::TestRequest::post()
        .uri("/c/velo/post")
        .insert_header(("origin", "http://alpha.test:4000"))
        .insert_header(("content-type", "application/json"))
        .set_payload("{\"title\":\"x\"}");
    assert_eq!(marie.send(json).await.status, 400);
}
