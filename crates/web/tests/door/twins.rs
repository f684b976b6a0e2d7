//! Two people who post the same text: the second is shown the first one, and may publish all the same.

use crate::browser::Instance;
use crate::placing::{community, home, nest};
use clocher_app::posting::{self, NewPost};
use clocher_domain::audience::Visibility;
use clocher_domain::placement::Reach;

#[actix_web::test]
async fn who_posts_what_somebody_has_posted_is_shown_the_first_and_decides() {
    for instance in Instance::on_each_backend().await {
        let velo = home(&instance).await;
        let (epci, region) = (community(&instance, "epci").await, community(&instance, "region").await);
        nest(&instance, velo.id, epci.id).await;
        let new = NewPost {
            author_id: instance.paul.id,
            home_id: Some(velo.id),
            parent_id: None,
            title: Some("Le pont".to_owned()),
            text: "Fermé *ce soir*.".to_owned(),
            visibility: Visibility::Public,
            language: None,
            reach: Some(Reach { communities: vec![epci.ap_id.clone()], down: false }),
            also: Vec::new(),
            request_key: None,
        };
        let first = format!("/post/{}", posting::write(&instance.app, new).await.unwrap().id);
        let typed = [("title", "le Pont"), ("text", "Fermé *ce soir*.")];
        let mut marie = instance.browser_of(&instance.marie).await;

        // It is another message under another title, as few words are.
        let page = marie.open("/c/region").await;
        let other = [("title", "La piscine"), ("text", "Fermé *ce soir*.")];
        assert!(marie.submit(&page, "/c/region/post", &other).await.location().starts_with("/post/"));

        let page = marie.open("/c/region").await;
        let twin = marie.submit(&page, "/c/region/post", &typed).await;
        assert_eq!((twin.status, twin.text("h1").as_str()), (200, "Quelqu’un a déjà publié ce texte"));
        assert_eq!(twin.count(&format!("main a[href='{first}']")), 1);
        assert_eq!(twin.count(&format!("form[action='{first}/share']")), 0, "no link leads there");
        assert_eq!(marie.open("/c/region").await.count(".threads > li"), 1, "nothing is written yet");
        let back = marie.submit(&twin, "/c/region/post", &[("act", "back")]).await;
        assert_eq!(back.form("/c/region/post").1["text"], "Fermé *ce soir*.");
        let answer = marie.submit(&twin, "/c/region/post", &[("act", "twice")]).await;
        assert_eq!(marie.follow(&answer).await.text("h1"), "le Pont");
        assert_eq!(marie.open(&format!("/c/{}", region.name)).await.count(".threads > li"), 2);

        // Who moderates where it stands sends it on rather than post it again.
        let page = marie.open("/c/epci").await;
        let twin = marie.submit(&page, "/c/epci/post", &typed).await;
        let answer = marie.submit(&twin, &format!("{first}/share"), &[]).await;
        assert_eq!(answer.location(), first);

        // One's own text, again, is one's own business.
        let mut paul = instance.browser_of(&instance.paul).await;
        let page = paul.open("/c/velo").await;
        let own = [("title", "Le marché"), ("text", "Il est avancé à vendredi.")];
        for _ in 0..2 {
            assert!(paul.submit(&page, "/c/velo/post", &own).await.location().starts_with("/post/"));
        }
    }
}
