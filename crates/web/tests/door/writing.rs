//! Taking part: joining, posting, replying, voting, editing, deleting, through the forms.

use crate::browser::{Browser, Instance, Page};
use crate::reading::{velo, write};
use clocher_domain::audience::Visibility;

async fn new_thread(browser: &mut Browser, title: &str, text: &str) -> Page {
    let page = browser.open("/c/velo").await;
    browser.submit(&page, "/c/velo/post", &[("title", title), ("text", text)]).await
}

#[actix_web::test]
async fn people_join_post_reply_vote_edit_and_delete_without_javascript() {
    for instance in Instance::on_each_backend().await {
        let mut marie = instance.browser_of(&instance.marie).await;
        let mut paul = instance.browser_of(&instance.paul).await;

        let page = paul.open("/c/velo").await;
        assert!(page.text("main").contains("Vous n’êtes pas membre."));
        let answer = paul.submit(&page, "/c/velo/join", &[]).await;
        let page = paul.follow(&answer).await;
        assert!(page.text("main").contains("2 membres") && page.text("main").contains("Vous êtes membre."));

        let answer = new_thread(&mut marie, "Sortie dimanche", "Départ à **9 h**.").await;
        let thread = answer.location();
        let page = marie.follow(&answer).await;
        assert_eq!(page.text("h1"), "Sortie dimanche");
        assert_eq!(page.text("article .text strong"), "9 h");

        let page = paul.open(&thread).await;
        let answer = paul.submit(&page, &format!("{thread}/reply"), &[("text", "Je viens.")]).await;
        assert!(answer.location().starts_with(&format!("{thread}#m-")), "{}", answer.location());
        let reply = answer.location().rsplit('-').next().unwrap().to_owned();
        let page = marie.open(&thread).await;
        assert_eq!(page.text("h2#replies"), "1 réponse");
        let deeper = format!("/comment/{reply}/reply");
        marie.submit(&page, &deeper, &[("text", "Très bien.")]).await;
        let page = marie.open(&thread).await;
        assert_eq!(
            page.text(".replies .replies .text"),
            "Très bien.",
            "the answer stands within what it answers"
        );

        assert!(page.text("article").contains("0 pour"));
        let page = paul.open(&thread).await;
        let vote = format!("{thread}/vote");
        assert_eq!(paul.submit(&page, &vote, &[("vote", "like")]).await.location(), thread);
        let page = paul.open(&thread).await;
        assert!(
            page.text("article").contains("1 pour") && page.text("article").contains("Retirer mon vote pour")
        );
        assert_eq!(page.count(&format!("form[action='{vote}'] button[value=none]")), 1);
        paul.submit(&page, &vote, &[("vote", "dislike")]).await;
        assert!(paul.open(&thread).await.text("article").contains("0 pour, 1 contre"));
        paul.submit(&page, &vote, &[("vote", "none")]).await;
        assert!(paul.open(&thread).await.text("article").contains("0 pour, 0 contre"));

        let page = paul.open(&format!("/comment/{reply}/edit")).await;
        assert_eq!(page.form("/comment/").1["text"], "Je viens.");
        let answer = paul.submit(&page, "/comment/", &[("text", "Je viens avec *Zoé*.")]).await;
        let page = paul.follow(&answer).await;
        assert_eq!(page.text(".replies .text em"), "Zoé");
        assert!(page.text(".replies").contains("modifié le"));

        let page = paul.open(&format!("/comment/{reply}/delete")).await;
        assert_eq!(page.status, 200);
        assert!(paul.open(&thread).await.body.contains("Zoé"), "asking deletes nothing");
        let answer = paul.submit(&page, "/comment/", &[]).await;
        let page = paul.follow(&answer).await;
        assert_eq!(page.text(".tombstone"), "Message supprimé");
        assert!(!page.body.contains("Zoé") && page.body.contains("Très bien."));

        let page = paul.open("/c/velo").await;
        paul.submit(&page, "/c/velo/leave", &[]).await;
        assert!(paul.open("/c/velo").await.text("main").contains("1 membre"));
    }
}

#[actix_web::test]
async fn headings_of_a_message_stand_below_those_of_the_page() {
    let instance = Instance::new().await;
    let mut marie = instance.browser_of(&instance.marie).await;
    let answer = new_thread(&mut marie, "Compte rendu", "# Présents\n\n## Absents").await;
    let page = marie.follow(&answer).await;
    assert_eq!(page.text(".text h2"), "Présents");
    marie.submit(&page, &format!("{}/reply", answer.location()), &[("text", "# Merci")]).await;
    assert_eq!(marie.follow(&answer).await.text(".replies .text h3"), "Merci");
}

#[actix_web::test]
async fn a_form_sent_twice_writes_once() {
    for instance in Instance::on_each_backend().await {
        let mut marie = instance.browser_of(&instance.marie).await;
        let page = marie.open("/c/velo").await;
        let typed = [("title", "Une fois"), ("text", "x")];
        let first = marie.submit(&page, "/c/velo/post", &typed).await;
        let second = marie.submit(&page, "/c/velo/post", &typed).await;
        assert_eq!(first.location(), second.location());
        assert_eq!(marie.open("/c/velo").await.count(".threads > li"), 1);

        let page = marie.follow(&first).await;
        let action = format!("{}/reply", first.location());
        for _ in 0..2 {
            marie.submit(&page, &action, &[("text", "Encore")]).await;
        }
        assert_eq!(marie.follow(&first).await.count(".replies > li"), 1);
    }
}

#[actix_web::test]
async fn what_is_refused_comes_back_with_the_reason_and_the_text() {
    let instance = Instance::new().await;
    let mut marie = instance.browser_of(&instance.marie).await;
    let answer = new_thread(&mut marie, &"t".repeat(201), "Un <b>texte</b> & \"plus\"").await;
    assert_eq!(answer.status, 422);
    assert!(answer.text("[role=alert]").contains("200\u{A0}caractères"));
    assert!(answer.text("title").starts_with("Erreur"));
    assert_eq!(answer.form("/c/velo/post").1["text"], "Un <b>texte</b> & \"plus\"");
    let mended = marie.submit(&answer, "/c/velo/post", &[("title", "Court")]).await;
    assert_eq!(mended.status, 303);

    assert_eq!(new_thread(&mut marie, " ", "Sans titre").await.status, 422);

    let page = marie.follow(&mended).await;
    let action = format!("{}/reply", mended.location());
    let answer = marie.submit(&page, &action, &[("text", "  ")]).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.count("details[open] [role=alert]"), 1);

    let page = marie.open(&format!("{}/edit", mended.location())).await;
    let answer = marie.submit(&page, "/post/", &[("title", ""), ("text", "gardé")]).await;
    assert_eq!((answer.status, answer.form("/post/").1["text"].as_str()), (422, "gardé"));

    let page = marie.open(&mended.location()).await;
    let (_, mut fields) = page.form(&action);
    fields.insert("text".to_owned(), "x".repeat(300_000));
    assert_eq!(marie.post(&action, &fields).await.status, 413);
}

#[actix_web::test]
async fn nobody_changes_or_votes_what_the_rules_forbid() {
    let instance = Instance::new().await;
    let post = write(&instance, Some(velo(&instance).await), "Le pont", Visibility::Public).await;
    let mut paul = instance.browser_of(&instance.paul).await;
    let mut marie = instance.browser_of(&instance.marie).await;
    let path = format!("/post/{}", post.id);
    let (_, fields) = paul.open("/").await.form("/sign-out");
    for action in ["edit", "delete"] {
        assert_eq!(paul.open(&format!("{path}/{action}")).await.status, 403);
        assert_eq!(paul.post(&format!("{path}/{action}"), &fields).await.status, 403);
    }
    let (_, mut fields) = marie.open("/").await.form("/sign-out");
    assert_eq!(marie.post(&format!("{path}/vote"), &fields).await.status, 400, "no vote is no vote");
    fields.insert("vote".to_owned(), "like".to_owned());
    let own = marie.post(&format!("{path}/vote"), &fields).await;
    assert_eq!(own.status, 403);
    assert!(own.text("main").contains("son propre message"));
    assert_eq!(marie.open(&path).await.count(&format!("form[action='{path}/vote']")), 0);
}

#[actix_web::test]
async fn a_deleted_thread_is_gone_and_one_with_replies_keeps_them() {
    let instance = Instance::new().await;
    let mut marie = instance.browser_of(&instance.marie).await;
    let answer = new_thread(&mut marie, "Seul", "x").await;
    let page = marie.open(&format!("{}/delete", answer.location())).await;
    marie.submit(&page, "/post/", &[]).await;
    let gone = marie.open(&answer.location()).await;
    assert_eq!((gone.status, gone.text("h1").as_str()), (410, "Message supprimé"));

    let answer = new_thread(&mut marie, "Suivi", "x").await;
    let page = marie.follow(&answer).await;
    marie.submit(&page, &format!("{}/reply", answer.location()), &[("text", "Reste")]).await;
    let page = marie.open(&format!("{}/delete", answer.location())).await;
    assert!(page.text("main").contains("Les réponses resteront."));
    marie.submit(&page, "/post/", &[]).await;
    let kept = marie.open(&answer.location()).await;
    assert_eq!((kept.status, kept.text(".replies .text").as_str()), (200, "Reste"));
}

#[actix_web::test]
async fn a_reply_has_an_address_that_leads_to_its_place() {
    let instance = Instance::new().await;
    let mut marie = instance.browser_of(&instance.marie).await;
    let answer = new_thread(&mut marie, "Fil", "x").await;
    let page = marie.follow(&answer).await;
    let place =
        marie.submit(&page, &format!("{}/reply", answer.location()), &[("text", "Oui")]).await.location();
    let id = place.rsplit('-').next().unwrap();
    for path in [format!("/comment/{id}"), format!("/post/{id}")] {
        assert_eq!(instance.browser().open(&path).await.location(), place);
    }
    assert_eq!(marie.open(&answer.location()).await.count(&format!("#m-{id}")), 1);
}
