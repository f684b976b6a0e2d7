//! What communities elsewhere say that they stand for: how pages say that it is not confirmed, and who decides.

use crate::browser::{Instance, put_remote};
use clocher_app::linking::{self, Stated};
use clocher_app::received::Received;
use clocher_app::{claims, communities};
use clocher_domain::actor::ActorKind;
use clocher_domain::claim::Standing;
use clocher_domain::link::{Policy, Relation};
use clocher_storage::actors::ActorRow;
use clocher_storage::communities::{self as rows, CommunityRow};

/// A community of another server that says that it stands for an area.
async fn claimant(instance: &Instance, host: &str, territory: &str) -> ActorRow {
    let row = put_remote(&instance.app, ActorKind::Group, "lamastre", host, "Lamastre").await.unwrap();
    let (id, territory) = (row.id, territory.to_owned());
    instance
        .app
        .write(move |deed| {
            let known = rows::find(deed.conn, id)?.unwrap();
            rows::put(deed.conn, &CommunityRow { territory: Some(territory), ..known })
        })
        .await
        .unwrap();
    row
}

/// It proposes that Privas be above it.
async fn propose(instance: &Instance, other: &ActorRow) {
    let id = format!("{}/offer/1", other.ap_id);
    let received = Received {
        activity: id.clone(),
        seen_as: id,
        kind: "Offer",
        document: None,
        announced_by: None,
        asked_for: false,
        carried: None,
    };
    let document = format!("{}/links/1", other.ap_id);
    let stated = Stated { document, relation: Relation::Lower, policy: Policy::default(), implied: true };
    let privas = communities::find(&instance.app, "privas").await.unwrap();
    linking::receive_offer(&instance.app, received, privas.id, other.id, stated).await.unwrap();
}

#[actix_web::test]
async fn s55_a_claim_that_is_not_confirmed_is_said_to_be_so_wherever_it_stands() {
    for instance in Instance::on_each_backend().await {
        let lamastre = claimant(&instance, "beta.test", "commune:07129").await;
        let mut reader = instance.browser();
        let page = reader.open("/c/lamastre@beta.test").await;
        assert!(page.text(".claim").contains("Dit représenter Lamastre (commune, code\u{A0}07129)"));
        assert!(page.text(".claim").contains("pas confirmé"));
        assert_eq!((page.count(".lead"), page.count("#territory")), (0, 0), "nothing is told as a fact");
        let mut english = instance.browser();
        english.language = "en".to_owned();
        assert!(english.open("/c/lamastre@beta.test").await.text(".claim").contains("not confirmed"));

        // A second one, and what its moderators see before they accept.
        let other = claimant(&instance, "gamma.test", "commune:07129").await;
        propose(&instance, &other).await;
        let page = reader.open("/c/lamastre@gamma.test").await;
        assert!(page.text(".claim").contains("d’autres le disent aussi"));
        let mut marie = instance.browser_of(&instance.marie).await;
        let page = marie.open("/c/privas/links").await;
        assert!(page.text("section[aria-labelledby=asked] .claim").contains("d’autres le disent aussi"));

        let by = instance.marie.id;
        claims::judge(&instance.app, by, lamastre.id, "commune:07129".parse().unwrap(), true).await.unwrap();
        let page = reader.open("/c/lamastre@beta.test").await;
        assert_eq!((page.count(".claim"), page.count("#territory")), (0, 1));
        assert!(page.text(".lead").contains("Ardèche"));
        let page = reader.open("/c/lamastre@gamma.test").await;
        assert_eq!((page.count(".claim"), page.count("#territory")), (1, 0));
    }
}

#[actix_web::test]
async fn administrators_confirm_and_reject_on_a_page_that_nobody_else_has() {
    let here = "/moderation/claims";
    for instance in Instance::on_each_backend().await {
        let lamastre = claimant(&instance, "beta.test", "commune:07129").await;
        let other = claimant(&instance, "gamma.test", "commune:07129").await;
        assert!(instance.browser().open(here).await.location().starts_with("/sign-in"));
        let mut paul = instance.browser_of(&instance.paul).await;
        assert_eq!(paul.open(here).await.status, 422);
        let mut marie = instance.browser_of(&instance.marie).await;
        assert_eq!(marie.open("/c/privas/moderation").await.count(&format!("a[href='{here}']")), 1);
        let page = marie.open(here).await;
        assert_eq!(page.count("ol > li"), 2);
        assert!(page.text("ol > li").contains("@lamastre@beta.test"));

        let (_, mut fields) = page.form(here);
        fields.insert("territory".to_owned(), "commune:07129".to_owned());
        for (row, answer) in [(&lamastre, "confirm"), (&other, "reject")] {
            fields.insert("which".to_owned(), row.id.to_string());
            fields.insert("answer".to_owned(), answer.to_owned());
            let (_, mut own) = paul.open("/").await.form("/sign-out");
            own.extend(fields.clone().into_iter().filter(|(name, _)| name != "form_token"));
            assert_eq!(paul.post(here, &own).await.status, 422);
            assert_eq!(marie.post(here, &fields).await.location(), here);
        }
        let standing =
            async |row: &ActorRow| claims::find(&instance.app, row.id).await.unwrap().unwrap().standing;
        assert_eq!(standing(&lamastre).await, Standing::Confirmed);
        assert_eq!(standing(&other).await, Standing::Rejected);
        assert!(marie.open(here).await.text("main").contains("Rien n’est à confirmer."));
        fields.insert("answer".to_owned(), "perhaps".to_owned());
        assert_eq!(marie.post(here, &fields).await.status, 400);
    }
}
