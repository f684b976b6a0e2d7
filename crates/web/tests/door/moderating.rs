//! Moderating through the pages: every button, by those who may and by those who may not.

use crate::browser::Instance;
use crate::reading::{velo, write};
use clocher_domain::audience::Visibility;

#[actix_web::test]
async fn moderators_lock_feature_remove_and_restore_and_readers_see_it() {
    for instance in Instance::on_each_backend().await {
        let velo = velo(&instance).await;
        let post = write(&instance, Some(velo), "Le pont", Visibility::Public).await;
        let mut marie = instance.browser_of(&instance.marie).await;
        let mut reader = instance.browser();
        let (path, moderate) = (format!("/post/{}", post.id), format!("/post/{}/moderate", post.id));
        assert_eq!(reader.open(&moderate).await.status, 403);
        assert!(marie.open(&path).await.count(&format!("a[href='{moderate}']")) == 1);

        for (act, mark) in [("lock", "fermé aux réponses"), ("feature", "mis en avant")] {
            let page = marie.open(&moderate).await;
            let answer = marie.submit(&page, &format!("{moderate}/{act}"), &[]).await;
            assert_eq!(answer.location(), path);
            assert!(reader.open(&path).await.text("article .byline").contains(mark), "{act}");
        }
        assert_eq!(reader.open("/c/velo").await.text("section[aria-labelledby=featured] li"), "Le pont");
        for act in ["unlock", "unfeature"] {
            let page = marie.open(&moderate).await;
            marie.submit(&page, &format!("{moderate}/{act}"), &[]).await;
        }
        let page = reader.open(&path).await;
        assert!(!page.body.contains("fermé aux réponses") && !page.body.contains("mis en avant"));

        let page = marie.open(&moderate).await;
        marie.submit(&page, &format!("{moderate}/remove"), &[("text", "Hors <charte>")]).await;
        let page = reader.open(&path).await;
        assert_eq!((page.status, page.text("h1").as_str()), (410, "Message retiré par la modération"));
        assert!(page.text("main").contains("Hors <charte>"));
        assert!(!page.body.contains("Le pont"));
        assert!(!reader.open("/c/velo").await.body.contains("Le pont"));
        let page = marie.open(&moderate).await;
        marie.submit(&page, &format!("{moderate}/restore"), &[]).await;
        assert_eq!(reader.open(&path).await.text("h1"), "Le pont");
    }
}

#[actix_web::test]
async fn a_report_reaches_the_moderators_who_ban_and_lift_the_ban() {
    let instance = Instance::new().await;
    let velo = velo(&instance).await;
    let post = write(&instance, Some(velo), "Le pont", Visibility::Public).await;
    let mut marie = instance.browser_of(&instance.marie).await;
    let mut paul = instance.browser_of(&instance.paul).await;

    let report = format!("/post/{}/report", post.id);
    assert!(instance.browser().open(&report).await.location().starts_with("/sign-in"));
    let page = paul.open(&report).await;
    let refused = paul.submit(&page, &report, &[("text", "  ")]).await;
    assert_eq!((refused.status, refused.count("[role=alert]")), (422, 1));
    let answer = paul.submit(&page, &report, &[("text", "Des <insultes>")]).await;
    assert!(paul.follow(&answer).await.text("[role=status]").contains("transmis"));

    assert_eq!(paul.open("/c/velo/moderation").await.status, 403);
    let page = marie.open("/c/velo/moderation").await;
    assert!(page.text("section[aria-labelledby=reports]").contains("Des <insultes>"));
    assert!(page.text("section[aria-labelledby=reports]").contains("Paul Roux"));
    let answer = marie.submit(&page, "/c/velo/moderation/resolve", &[]).await;
    assert!(marie.follow(&answer).await.text("main").contains("Rien n’attend"));

    // Paul writes, and is banned for three days with what he wrote.
    let page = paul.open("/c/velo").await;
    let joined = paul.submit(&page, "/c/velo/join", &[]).await;
    let page = paul.follow(&joined).await;
    let typed = [("title", "Réclame"), ("text", "Achetez.")];
    let thread = paul.submit(&page, "/c/velo/post", &typed).await.location();
    let page = marie.open(&format!("{thread}/moderate")).await;
    let ban = format!("{thread}/moderate/ban");
    assert_eq!(marie.submit(&page, &ban, &[("days", "x"), ("text", "")]).await.status, 400);
    marie.submit(&page, &ban, &[("days", "3"), ("text", "Réclame"), ("removes", "yes")]).await;
    assert_eq!(instance.browser().open(&thread).await.status, 410);
    let page = paul.open("/c/velo").await;
    assert!(page.text("section[aria-labelledby=new-thread]").contains("exclue de la communauté"));
    assert!(page.text("main").contains("Vous n’êtes pas membre."));

    let page = marie.open("/c/velo/moderation").await;
    assert!(page.text("section[aria-labelledby=bans]").contains("Paul Roux"));
    marie.submit(&page, "/c/velo/moderation/unban", &[]).await;
    assert!(marie.open("/c/velo/moderation").await.text("main").contains("Personne n’est exclu."));
    assert_eq!(paul.open("/c/velo").await.count("form[action='/c/velo/post']"), 1);
}

#[actix_web::test]
async fn moderators_are_appointed_by_their_handle_and_dismissed() {
    let instance = Instance::new().await;
    velo(&instance).await;
    let mut marie = instance.browser_of(&instance.marie).await;
    let mut paul = instance.browser_of(&instance.paul).await;
    let appoint = "/c/velo/moderation/appoint";
    let page = marie.open("/c/velo/moderation").await;
    let refused = marie.submit(&page, appoint, &[("handle", "@personne")]).await;
    assert_eq!((refused.status, refused.count("[role=alert]")), (404, 1));
    let answer = marie.submit(&page, appoint, &[("handle", "@paul")]).await;
    let page = marie.follow(&answer).await;
    assert!(page.text("section[aria-labelledby=moderators]").contains("Paul Roux"));
    assert_eq!(paul.open("/c/velo/moderation").await.status, 200);
    // Paul dismisses himself: Marie, who founded the community, is left.
    let page = paul.open("/c/velo/moderation").await;
    let (_, mut fields) = page.form("/c/velo/moderation/dismiss");
    fields.insert("which".to_owned(), instance.paul.id.to_string());
    paul.post("/c/velo/moderation/dismiss", &fields).await;
    assert_eq!(paul.open("/c/velo/moderation").await.status, 403);
    let (_, fields) = paul.open("/").await.form("/sign-out");
    assert_eq!(paul.post("/c/velo/moderation/unban", &fields).await.status, 403);
    assert_eq!(paul.post("/c/velo/moderation/nothing", &fields).await.status, 403);
}
