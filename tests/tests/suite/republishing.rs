//! The top post of a closed community, published in an open one: who consents, what goes along, and who is told.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use clocher_app::republishing::{self, Republishing};
use clocher_app::{admitting, membership, notifying, posting};
use clocher_domain::community::Openness;
use clocher_domain::ledger::Mode;
use clocher_storage::actors::ActorRow;
use clocher_storage::posts;
use clocher_tests::readership::{Town, at_once, each_town};
use clocher_tests::{circle, reply};

/// Somebody is a member of a community that is not open.
async fn let_in(town: &Town, who: &ActorRow, community: &ActorRow) {
    admitting::invite(&town.app, town.mairie.id, community.id, who.id).await.unwrap();
    membership::join(&town.app, who.id, community.id).await.unwrap();
}

#[tokio::test]
async fn what_is_republished_goes_to_those_who_did_not_have_it() {
    each_town(|town| async move {
        let (square, council) = (
            town.community("parvis").await,
            circle(&town.app, "conseil", Openness::Closed, &town.mairie).await,
        );
        let author = town.reader("auteur", Mode::Immediate, &[&square]).await;
        let both = town.reader("anne", Mode::Immediate, &[&square]).await;
        town.reader("bob", Mode::Immediate, &[&square]).await;
        let inside = town.reader("carl", Mode::Immediate, &[]).await;
        let left = town.reader("dora", Mode::Immediate, &[&square]).await;
        for who in [&author, &both, &inside, &left] {
            let_in(&town, who, &council).await;
        }
        let post = town.thread(&author, &council, "Budget").await;
        let answer = posting::write(&town.app, reply(&both, &post, "Merci.")).await.unwrap();
        town.work().await;
        let first: Vec<_> = town.copies().into_iter().filter(|copy| copy.3 == "Budget").collect();
        let at = |name| at_once(name, "conseil", "Budget");
        assert_eq!(first, [at("anne"), at("carl"), at("dora")]);
        membership::leave(&town.app, left.id, council.id).await.unwrap();

        // A moderator proposes it, and its author finds the request.
        assert!(republishing::propose(&town.app, both.id, post.id, square.id).await.is_err());
        let proposed = republishing::propose(&town.app, town.mairie.id, post.id, square.id).await.unwrap();
        assert!(proposed.is_none());
        let page = notifying::page(&town.app, author.id, None).await.unwrap();
        let asked: Vec<_> = page.notifications.iter().filter(|one| one.asks).collect();
        assert_eq!((asked.len(), asked[0].message.top.post.id), (1, post.id));
        let seen = republishing::find(&town.app, author.id, post.id).await.unwrap();
        assert!(matches!(seen, Some(Republishing::Proposed { asks: true, .. })), "{seen:?}");
        assert!(republishing::find(&town.app, both.id, post.id).await.unwrap().is_none());
        assert!(republishing::find(&town.app, left.id, post.id).await.unwrap().is_none());
        for other in [&both, &town.mairie] {
            assert!(republishing::answer(&town.app, other.id, post.id, true).await.is_err());
        }
        let copy = republishing::answer(&town.app, author.id, post.id, true).await.unwrap().unwrap();
        town.work().await;
        assert_eq!(town.copies(), [at_once("bob", "parvis", "Budget")], "who had it gets no second copy");

        // The top post alone, which says nothing of where it comes from.
        assert_eq!((copy.home_id, copy.author_id, &copy.html), (Some(square.id), author.id, &post.html));
        assert_eq!((copy.visibility.as_str(), copy.replies, copy.thread_id), ("public", 0, copy.id));
        let original = town.app.read(move |conn| posts::find(conn, post.id)).await.unwrap().unwrap();
        assert_eq!((original.home_id, original.replies), (Some(council.id), 1));
        assert_eq!(answer.visibility, "members");
        for reader in [&both, &author, &town.mairie] {
            let seen = republishing::find(&town.app, reader.id, post.id).await.unwrap();
            assert!(matches!(seen, Some(Republishing::Published { .. })), "{seen:?}");
        }
        assert!(republishing::find(&town.app, both.id, copy.id).await.unwrap().is_none());
        assert!(republishing::answer(&town.app, author.id, post.id, true).await.is_err(), "once");
        assert!(republishing::propose(&town.app, town.mairie.id, post.id, square.id).await.is_err());

        // What is answered there is news for everybody of the open one.
        let more = posting::write(&town.app, reply(&author, &copy, "À discuter.")).await.unwrap();
        town.work().await;
        let html = &more.html;
        assert_eq!(town.copies(), ["anne", "bob", "dora"].map(|name| at_once(name, "parvis", html)));
    })
    .await;
}

#[tokio::test]
async fn both_consent_to_one_text_and_the_author_may_say_no() {
    each_town(|town| async move {
        let (square, council) = (
            town.community("parvis").await,
            circle(&town.app, "conseil", Openness::Closed, &town.mairie).await,
        );
        let author = town.reader("auteur", Mode::None, &[]).await;
        let_in(&town, &author, &council).await;
        let code = |refused: clocher_app::Result<_>| -> String {
            refused.map(|_: Option<posts::PostRow>| ()).unwrap_err().to_string()
        };
        let (app, mairie) = (&town.app, town.mairie.id);

        let post = town.thread(&author, &council, "Budget").await;
        let open = town.thread(&author, &square, "Loto").await;
        let answer = posting::write(app, reply(&author, &post, "Suite")).await.unwrap();
        for (what, community) in [(open.id, square.id), (answer.id, square.id), (post.id, council.id)] {
            assert!(code(republishing::propose(app, mairie, what, community).await).contains("not_possible"));
        }
        assert!(code(republishing::answer(app, author.id, post.id, true).await).contains("not_found"));
        republishing::propose(app, mairie, post.id, square.id).await.unwrap();
        assert!(code(republishing::propose(app, mairie, post.id, square.id).await).contains("not_possible"));

        // What is changed since is not what the moderator let out.
        posting::edit(app, author.id, post.id, Some("Budget".into()), "Et les noms.".into()).await.unwrap();
        assert!(code(republishing::answer(app, author.id, post.id, true).await).contains("not_found"));
        assert!(!notifying::page(app, author.id, None).await.unwrap().notifications[0].asks);
        republishing::propose(app, mairie, post.id, square.id).await.unwrap();
        assert!(republishing::answer(app, author.id, post.id, false).await.unwrap().is_none());
        assert!(code(republishing::propose(app, mairie, post.id, square.id).await).contains("not_possible"));
        let seen = republishing::find(app, mairie, post.id).await.unwrap();
        assert!(matches!(seen, Some(Republishing::Declined)), "{seen:?}");

        // An author who moderates consents to both at once.
        let own = town.thread(&town.mairie, &council, "Travaux").await;
        let copy = republishing::propose(app, mairie, own.id, square.id).await.unwrap().unwrap();
        assert_eq!(copy.home_id, Some(square.id));
        let public = app.read(posts::count_local).await.unwrap();
        assert_eq!(public, (2, 0), "what was open, and this one");
    })
    .await;
}
