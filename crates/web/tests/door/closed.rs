//! Closed and hidden communities through the pages: asking, letting in, inviting, leaving, and what others see.

use crate::browser::Instance;
use crate::reading::write;
use clocher_app::communities::{self, NewCommunity};
use clocher_domain::audience::Visibility;
use clocher_domain::community::{Openness, Posting};

async fn make(instance: &Instance, name: &str, openness: Openness) -> i64 {
    let new = NewCommunity {
        name: name.to_owned(),
        display_name: name.to_uppercase(),
        presentation: "Entre **nous**.".to_owned(),
        territory: None,
        posting: Posting::Everybody,
        openness,
    };
    communities::add(&instance.app, new, Some(instance.marie.id)).await.unwrap().id
}

#[actix_web::test]
async fn who_asks_is_let_in_by_the_moderators_and_removed_by_them() {
    for instance in Instance::on_each_backend().await {
        let closed = make(&instance, "conseil", Openness::Closed).await;
        let post = write(&instance, Some(closed), "Compte rendu", Visibility::Public).await;
        let thread = format!("/post/{}", post.id);
        let mut marie = instance.browser_of(&instance.marie).await;
        let mut paul = instance.browser_of(&instance.paul).await;
        let mut stranger = instance.browser();

        let page = stranger.open("/c/conseil").await;
        assert!(page.text("main").contains("Communauté fermée") && page.text("main").contains("Entre"));
        assert!(!page.body.contains("Compte rendu"));
        assert_eq!(stranger.open(&thread).await.status, 404);
        assert!(stranger.open("/").await.body.contains("CONSEIL"));
        assert!(!stranger.open("/u/marie").await.body.contains("Compte rendu"));
        assert!(!paul.open("/").await.body.contains("Compte rendu"));
        let page = marie.open(&thread).await;
        assert!(page.text("main").contains("Seuls les membres pourront le lire."));

        let page = paul.open("/c/conseil").await;
        assert_eq!(page.count("form[action='/c/conseil/post']"), 0);
        let asked = paul.submit(&page, "/c/conseil/join", &[("reason", "Parent d’<élève>")]).await;
        assert!(paul.follow(&asked).await.text("main").contains("la modération n’a pas encore répondu"));
        assert_eq!(paul.open(&thread).await.status, 404);
        assert_eq!(paul.open("/c/conseil/moderation").await.status, 403);

        let page = marie.open("/c/conseil/moderation").await;
        let requests = page.text("section[aria-labelledby=requests]");
        assert!(requests.contains("Paul Roux") && requests.contains("Parent d’<élève>"), "{requests}");
        let answer = marie.submit(&page, "/c/conseil/moderation/accept", &[]).await;
        let page = marie.follow(&answer).await;
        assert!(page.text("section[aria-labelledby=requests]").contains("Personne n’attend"));
        assert!(page.text("section[aria-labelledby=members]").contains("Paul Roux"));
        assert_eq!(paul.open(&thread).await.status, 200);
        assert!(paul.open("/").await.body.contains("Compte rendu"));
        assert_eq!(paul.open("/c/conseil").await.count("form[action='/c/conseil/post']"), 1);

        let (_, mut fields) = page.form("/c/conseil/moderation/expel");
        fields.insert("which".to_owned(), instance.paul.id.to_string());
        marie.post("/c/conseil/moderation/expel", &fields).await;
        assert_eq!(paul.open(&thread).await.status, 404);
        assert!(!paul.open("/c/conseil").await.body.contains("Compte rendu"));
        // Again, and refused.
        let page = paul.open("/c/conseil").await;
        paul.submit(&page, "/c/conseil/join", &[("reason", "")]).await;
        let page = marie.open("/c/conseil/moderation").await;
        marie.submit(&page, "/c/conseil/moderation/refuse", &[]).await;
        assert!(paul.open("/c/conseil").await.text("main").contains("Vous n’êtes pas membre."));
    }
}

#[actix_web::test]
async fn a_hidden_community_opens_to_whom_it_invites_and_is_nothing_to_others() {
    for instance in Instance::on_each_backend().await {
        let hidden = make(&instance, "cercle", Openness::Hidden).await;
        let post = write(&instance, Some(hidden), "Entre nous", Visibility::Public).await;
        let thread = format!("/post/{}", post.id);
        let mut marie = instance.browser_of(&instance.marie).await;
        let mut paul = instance.browser_of(&instance.paul).await;
        let mut stranger = instance.browser();
        let (none, there) = (paul.open("/c/elcrec").await, paul.open("/c/cercle").await);
        assert_eq!((there.status, there.body.len()), (404, none.body.len()));
        assert_eq!(there.body.replace("cercle", "elcrec"), none.body);
        for path in ["/", "/u/marie"] {
            assert!(!stranger.open(path).await.body.contains("CERCLE"));
            assert!(!paul.open(path).await.body.contains("CERCLE"));
        }
        for (name, found) in [("cercle", 404), ("elcrec", 404)] {
            assert_eq!(paul.open(&format!("/find?q={name}")).await.status, found, "{name}");
        }
        let (_, fields) = paul.open("/").await.form("/sign-out");
        for act in ["join", "leave", "decline", "post", "moderation/invite"] {
            let path = |name: &str| format!("/c/{name}/{act}");
            let (one, other) =
                (paul.post(&path("cercle"), &fields).await, paul.post(&path("elcrec"), &fields).await);
            assert_eq!((one.status, one.body.len()), (other.status, other.body.len()), "{act}");
        }

        assert!(marie.open("/").await.body.contains("CERCLE"));
        let invite = "/c/cercle/moderation/invite";
        let page = marie.open("/c/cercle/moderation").await;
        let refused = marie.submit(&page, invite, &[("handle", "@personne")]).await;
        assert_eq!((refused.status, refused.count("[role=alert]")), (404, 1));
        let answer = marie.submit(&page, invite, &[("handle", "@paul")]).await;
        assert!(
            marie.follow(&answer).await.text("section[aria-labelledby=invitations]").contains("Paul Roux")
        );

        assert!(paul.open("/u/paul").await.text("section[aria-labelledby=invitations]").contains("CERCLE"));
        let page = paul.open("/c/cercle").await;
        assert!(page.text("main").contains("Vous êtes invité") && !page.body.contains("Entre nous</a>"));
        assert_eq!(paul.open(&thread).await.status, 404);
        let accepted = paul.submit(&page, "/c/cercle/join", &[]).await;
        let page = paul.follow(&accepted).await;
        assert!(page.text("main").contains("Vous êtes membre."));
        assert_eq!(paul.open(&thread).await.status, 200);
        assert_eq!(paul.submit(&page, "/c/cercle/leave", &[]).await.location(), "/");
        assert_eq!(paul.open("/c/cercle").await.status, 404);
        assert_eq!(paul.open(&thread).await.status, 404);

        let page = marie.open("/c/cercle/moderation").await;
        marie.submit(&page, invite, &[("handle", "@paul")]).await;
        let page = paul.open("/c/cercle").await;
        assert_eq!(paul.submit(&page, "/c/cercle/decline", &[]).await.location(), "/");
        assert_eq!(paul.open("/c/cercle").await.status, 404);
    }
}
