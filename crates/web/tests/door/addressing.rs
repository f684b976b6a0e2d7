//! One thread in several communities, and what is published again from a closed one, through the pages.

use crate::browser::{Instance, Page};
use crate::placing::{community, home};
use clocher_app::communities::{self, NewCommunity};
use clocher_app::{admitting, membership};
use clocher_domain::community::{Openness, Posting};
use clocher_storage::actors::ActorRow;

async fn make(instance: &Instance, name: &str, posting: Posting, openness: Openness) -> ActorRow {
    let new = NewCommunity {
        name: name.to_owned(),
        display_name: name.to_owned(),
        presentation: String::new(),
        territory: None,
        posting,
        openness,
    };
    communities::add(&instance.app, new, Some(instance.marie.id)).await.unwrap()
}

/// The names that stand beside the boxes of the other communities.
fn offered(page: &Page) -> String {
    page.text("fieldset[aria-describedby=also-hint] label")
}

fn ticked(page: &Page) -> usize {
    page.count("fieldset[aria-describedby=also-hint] input[checked]")
}

#[actix_web::test]
async fn an_author_names_other_communities_and_it_is_one_thread() {
    for instance in Instance::on_each_backend().await {
        let (velo, app) = (home(&instance).await, &instance.app);
        let school = community(&instance, "ecole").await;
        make(&instance, "annonces", Posting::Moderators, Openness::Open).await;
        let council = make(&instance, "conseil", Posting::Everybody, Openness::Closed).await;
        let hidden = make(&instance, "cercle", Posting::Everybody, Openness::Hidden).await;
        for place in [velo.id, school.id] {
            membership::join(app, instance.marie.id, place).await.unwrap();
        }
        let mut paul = instance.browser_of(&instance.paul).await;
        let page = paul.open("/c/velo").await;
        assert_eq!(
            offered(&page),
            "ecole – 1 membre | Privas – 1 membre",
            "where he may write, and nothing hidden"
        );
        assert_eq!(instance.browser().open("/c/velo").await.count("fieldset"), 0);

        // Nothing is lost by a refusal, nor by looking who will read it.
        let box_of = |row: &ActorRow| format!("also-{}", row.id);
        let (of_school, of_council, of_hidden) = (box_of(&school), box_of(&council), box_of(&hidden));
        let typed = [("title", " "), ("text", "Samedi *soir*"), (&*of_school, "1")];
        let refused = paul.submit(&page, "/c/velo/post", &typed).await;
        assert_eq!((refused.status, ticked(&refused)), (422, 1));
        let typed = [("title", "Kermesse"), ("act", "preview")];
        let preview = paul.submit(&refused, "/c/velo/post", &typed).await;
        let places = preview.text("section[aria-labelledby=preview-places]");
        assert!(places.contains("ecole – adressé là aussi · 1 membre"), "{places}");
        assert!(preview.text("p.lead").contains("Une personne d’ici"), "{}", preview.text("p.lead"));
        let back = paul.submit(&preview, "/c/velo/post", &[("act", "back")]).await;
        assert_eq!((ticked(&back), back.text("textarea#thread-text").as_str()), (1, "Samedi *soir*"));
        let answer = paul.submit(&preview, "/c/velo/post", &[]).await;
        let page = paul.follow(&answer).await;
        assert!(page.text("section[aria-labelledby=also-read]").contains("ecole"));
        let mut reader = instance.browser();
        for path in ["/c/velo", "/c/ecole"] {
            let listed = reader.open(path).await.text("ol.threads");
            assert!(listed.contains("Kermesse"), "{path}: {listed}");
        }
        let mut marie = instance.browser_of(&instance.marie).await;
        let entries = marie.open("/home").await;
        assert_eq!(entries.count("ol.threads > li"), 1, "{}", entries.text("main"));

        // Closed and open together: the question, and what was typed.
        admitting::invite(app, instance.marie.id, council.id, instance.paul.id).await.unwrap();
        membership::join(app, instance.paul.id, council.id).await.unwrap();
        let page = paul.open("/c/velo").await;
        let typed = [("title", "Budget"), ("text", "Entre nous"), (&*of_school, "1"), (&*of_council, "1")];
        let asked = paul.submit(&page, "/c/velo/post", &typed).await;
        assert_eq!(asked.status, 403);
        assert!(
            asked
                .text("#thread-refusal")
                .contains("soit la communauté fermée, seule, soit les communautés ouvertes")
        );
        assert_eq!((ticked(&asked), asked.text("textarea#thread-text").as_str()), (2, "Entre nous"));
        assert!(offered(&asked).contains("conseil – réservée à ses membres"), "{}", offered(&asked));
        assert!(!reader.open("/").await.body.contains("Budget"));
        let typed: Vec<_> = typed.into_iter().chain([("act", "preview")]).collect();
        let asked = paul.submit(&page, "/c/velo/post", &typed).await;
        assert_eq!((asked.status, ticked(&asked)), (403, 2), "before sending too");

        // What nobody may know of is what does not exist; an address tells nothing of it either.
        let typed = [("title", "Budget"), ("text", "Entre nous"), (&*of_hidden, "1")];
        let none = paul.submit(&page, "/c/velo/post", &typed).await;
        assert_eq!((none.status, none.text("main").contains("cercle")), (404, false));
        let place = answer.location();
        let told = paul.open(&format!("{place}?unplaced={}-{}-x", council.id, hidden.id)).await;
        let refusals = told.text("p.refusal");
        assert!(
            refusals.contains("Ce fil n’est pas dans conseil.") && !refusals.contains("cercle"),
            "{refusals}"
        );
        let quiet = format!("{place}?unplaced={}-{}", school.id, velo.id);
        assert_eq!(paul.open(&quiet).await.count("p.refusal"), 0, "it is there");
        let of_others = marie.open(&format!("{place}?unplaced={}", council.id)).await;
        assert_eq!(of_others.count("p.refusal"), 0, "its author alone is told");
    }
}

#[actix_web::test]
async fn where_the_rules_refuse_the_author_is_told_by_name() {
    let instance = Instance::new().await;
    home(&instance).await;
    let school = community(&instance, "ecole").await;
    let office = make(&instance, "annonces", Posting::Moderators, Openness::Open).await;
    let mut paul = instance.browser_of(&instance.paul).await;
    let page = paul.open("/c/velo").await;
    let (of_school, of_office) = (format!("also-{}", school.id), format!("also-{}", office.id));
    let typed = [("title", "Kermesse"), ("text", "Samedi"), (&*of_school, "1"), (&*of_office, "1")];
    let preview = paul.submit(&page, "/c/velo/post", &[&typed[..], &[("act", "preview")]].concat()).await;
    assert!(
        preview.text("p.refusal").contains("Ce fil n’est pas dans annonces."),
        "{}",
        preview.text("main")
    );
    let answer = paul.submit(&page, "/c/velo/post", &typed).await;
    let page = paul.follow(&answer).await;
    let told = page.text("p.refusal[role=alert]");
    assert!(told.contains("annonces") && told.contains("Seule la modération"), "{told}");
    assert!(page.text("section[aria-labelledby=also-read]").contains("ecole"));
}

#[actix_web::test]
async fn a_closed_message_is_published_again_with_the_consent_of_both() {
    for instance in Instance::on_each_backend().await {
        let app = &instance.app;
        home(&instance).await;
        let council = make(&instance, "conseil", Posting::Everybody, Openness::Closed).await;
        admitting::invite(app, instance.marie.id, council.id, instance.paul.id).await.unwrap();
        membership::join(app, instance.paul.id, council.id).await.unwrap();
        let square = community(&instance, "parvis").await;
        for who in [&instance.paul, &instance.marie] {
            membership::join(app, who.id, square.id).await.unwrap();
        }
        let mut paul = instance.browser_of(&instance.paul).await;
        let mut marie = instance.browser_of(&instance.marie).await;
        let page = paul.open("/c/conseil").await;
        assert_eq!(page.count("fieldset[aria-describedby=also-hint]"), 0, "a closed home, by itself");
        let answer = paul.submit(&page, "/c/conseil/post", &[("title", "Budget"), ("text", "Tout")]).await;
        let place = answer.location();
        let action = format!("{place}/republish");
        assert_eq!(paul.open(&place).await.count("#republish"), 0, "he moderates nothing");

        let page = marie.open(&place).await;
        let choices = page.text("select#republish-in option");
        assert!(choices.contains("parvis") && !choices.contains("conseil"), "{choices}");
        let which = square.id.to_string();
        let asked = marie.submit(&page, &action, &[("community", &which)]).await;
        let page = marie.follow(&asked).await;
        assert!(page.text("section[aria-labelledby=republish]").contains("n’a pas encore répondu"));
        assert_eq!(page.count("form[action$='/republish']"), 0);
        assert!(paul.open("/notifications").await.text("main").contains("Votre accord est demandé"));
        let page = paul.open(&place).await;
        assert!(page.text("section[aria-labelledby=republish]").contains("publié aussi dans parvis"));
        let accepted = paul.submit(&page, &action, &[("act", "accept")]).await;
        assert_ne!(accepted.location(), place);
        let mut reader = instance.browser();
        let copy = reader.follow(&accepted).await;
        assert!(
            copy.text("main").contains("Tout") && !copy.body.contains("conseil"),
            "{}",
            copy.text("main")
        );
        assert!(!paul.open("/notifications").await.text("main").contains("Votre accord est demandé"));
        let page = paul.open(&place).await;
        assert_eq!(
            page.count(&format!("section[aria-labelledby=republish] a[href='{}']", accepted.location())),
            1
        );
        // One entry for who follows both; the open one has it for everybody.
        let entries = marie.open("/home").await.text("ol.threads");
        assert_eq!(entries.matches("Budget").count(), 1, "{entries}");
        assert!(reader.open("/c/parvis").await.text("ol.threads").contains("Budget"));
        let (_, mut fields) = paul.open("/").await.form("/sign-out");
        fields.insert("act".to_owned(), "accept".to_owned());
        assert_eq!(paul.post(&action, &fields).await.status, 404, "nothing is asked any more");
        fields.insert("act".to_owned(), "other".to_owned());
        assert_eq!(paul.post(&action, &fields).await.status, 404);
    }
}
