//! Saying that another server sends mail already: by a link in a mail, confirmed by another one, and never by opening a
//! page.

use crate::browser::Instance;
use clocher_app::ports::{Channel, Later};
use clocher_app::sending::{self, Desk, Letter, Parcel};
use clocher_app::{App, Error, joining};
use clocher_domain::joint::JointState;
use clocher_storage::actors::ActorRow;
use clocher_storage::addresses;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Keeps what is sent.
#[derive(Default)]
struct Mail(Mutex<Vec<Parcel>>);

impl Channel for Mail {
    fn carry<'a>(&'a self, _: &'a App, parcel: &'a Parcel) -> Later<'a, clocher_app::Result<()>> {
        Box::pin(async move {
            self.0.lock().unwrap().push(parcel.clone());
            Ok(())
        })
    }
}

/// Everything that is to be sent now.
async fn sent(instance: &Instance) -> Vec<Parcel> {
    let mail = Arc::new(Mail::default());
    let desk = Desk { mail: Some(mail.clone()), ..Desk::default() };
    while sending::send_next(&instance.app, &desk).await.unwrap() {}
    mail.0.lock().unwrap().clone()
}

async fn verify(instance: &Instance, person: &ActorRow) {
    let account = person.id;
    let verified = instance.app.write(move |deed| {
        let now = deed.now();
        let row = addresses::find_subscriber(deed.conn, account)?.unwrap();
        addresses::verify(deed.conn, row.address_id, now).map_err(Error::from)
    });
    verified.await.unwrap();
}

async fn states(instance: &Instance, person: &ActorRow) -> Vec<JointState> {
    joining::list(&instance.app, person.id).await.unwrap().into_iter().map(|joint| joint.state).collect()
}

#[actix_web::test]
async fn who_gets_mail_from_elsewhere_says_so_by_the_link_of_a_mail_and_confirms_it_by_another() {
    for instance in Instance::on_each_backend().await {
        let mut signed_in = instance.browser_of(&instance.paul).await;
        let page = signed_in.open("/account/subscriptions").await;
        assert!(!page.body.contains("/mail-home/"), "not before the address is confirmed");
        signed_in.submit(&page, "/account/subscriptions/mode", &[("mode", "daily")]).await;
        // The page of a confirmation says it, as every mail does.
        let parcels = sent(&instance).await;
        let Letter::Confirmation { link } = &parcels[0].letter else { panic!("{parcels:?}") };
        let footer = instance.path(&parcels[0].elsewhere).to_owned();
        let mut browser = instance.browser();
        let page = browser.open(instance.path(link)).await;
        let page = browser.submit(&page, "/address/", &[]).await;
        assert!(page.body.contains(&footer), "{}", page.body);
        let page = signed_in.open("/account/subscriptions").await;
        assert!(page.body.contains(&footer));

        let page = browser.open(&footer).await;
        assert_eq!(states(&instance, &instance.paul).await, [], "opening it asks nobody");
        let refused = browser.submit(&page, "/mail-home/", &[("server", "pas un serveur")]).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.text("[role=alert]"), "Ceci ne nomme aucun autre serveur.");
        let page = browser.submit(&refused, "/mail-home/", &[("server", "Beta.test")]).await;
        assert!(page.text("[role=status]").contains("Un courriel de Privas est en route"), "{}", page.body);
        assert!(!page.body.contains("paul@"), "who was handed the mail learns no address");
        let parcels = sent(&instance).await;
        let Letter::Joining { link, domain, is_home } = &parcels[0].letter else { panic!("{parcels:?}") };
        assert_eq!((parcels.len(), domain.as_str(), *is_home), (1, "beta.test", false));
        assert_eq!(parcels[0].to, "paul@exemple.fr");
        let path = instance.path(link).to_owned();
        let page = browser.open(&path).await;
        assert!(page.text("main").contains("paul@exemple.fr") && page.text("main").contains("beta.test"));
        browser.open(&path).await;
        assert_eq!(
            states(&instance, &instance.paul).await,
            [JointState::Asked],
            "opening it confirms nothing"
        );
        let page = browser.submit(&page, "/mail-home/confirm/", &[]).await;
        assert!(
            page.body.contains("http://beta.test/mail-home/take?from=alpha.test:4000&#38;code="),
            "{}",
            page.body
        );
        assert!(!page.body.contains("paul%40"));
        assert_eq!(states(&instance, &instance.paul).await, [JointState::Confirmed]);
        assert_eq!(browser.open(&path).await.status, 404, "it confirms once");
        assert_eq!(browser.post(&path, &BTreeMap::new()).await.status, 404);

        let page = signed_in.open("/account/subscriptions").await;
        assert!(page.text("main").contains("beta.test"));
        let mut marie = instance.browser_of(&instance.marie).await;
        let own = marie.open("/account/subscriptions").await;
        let (address, _) = page.form("/account/subscriptions/joints/");
        let (_, fields) = own.form("/account/subscriptions/mode");
        assert_eq!(marie.post(&address, &fields).await.status, 404, "another's");
        signed_in.submit(&page, "/account/subscriptions/joints/", &[]).await;
        assert_eq!(states(&instance, &instance.paul).await, []);
        for false_link in
            ["/mail-home/1-00", "/mail-home/x", "/mail-home/confirm/1-00", "/mail-home/confirm/-"]
        {
            assert_eq!(browser.open(false_link).await.status, 404, "{false_link}");
            assert_eq!(browser.post(false_link, &BTreeMap::new()).await.status, 404, "{false_link}");
        }
        let mut foreign = instance.browser();
        foreign.origin = "https://evil.test".to_owned();
        let asks = BTreeMap::from([("server".to_owned(), "beta.test".to_owned())]);
        assert_eq!(foreign.post(&footer, &asks).await.status, 403);
    }
}

#[actix_web::test]
async fn a_ticket_of_another_server_is_taken_with_the_same_answer_for_every_address_and_confirmed_by_a_mail()
{
    for instance in Instance::on_each_backend().await {
        verify(&instance, &instance.paul).await;
        let ticket = "0".repeat(64);
        let code = format!("{ticket}.{}", joining::mark_of(&ticket, false, "paul@exemple.fr"));
        let address = format!("/mail-home/take?from=beta.test&code={code}");
        let mut browser = instance.browser();
        let page = browser.open(&address).await;
        assert!(page.text("main").contains("beta.test"));
        let mut answers = Vec::new();
        for mail in ["inconnu@exemple.fr", "marie@exemple.fr", "paul@exemple.fr"] {
            let page = browser.submit(&page, "/mail-home/take", &[("mail", mail)]).await;
            answers.push((page.status, page.text("main")));
        }
        assert!(answers.iter().all(|answer| *answer == answers[0] && answer.0 == 200), "{answers:?}");
        let parcels = sent(&instance).await;
        assert_eq!(parcels.len(), 1);
        let Letter::Joining { link, is_home, .. } = &parcels[0].letter else { panic!("{parcels:?}") };
        assert!(*is_home && parcels[0].to == "paul@exemple.fr");
        let path = instance.path(link).to_owned();
        let page = browser.open(&path).await;
        assert_eq!(states(&instance, &instance.paul).await, [JointState::Asked]);
        let page = browser.submit(&page, "/mail-home/confirm/", &[]).await;
        assert!(page.text("[role=status]").contains("beta.test"));
        assert_eq!(states(&instance, &instance.paul).await, [JointState::Confirmed]);
        let mut signed_in = instance.browser_of(&instance.paul).await;
        let page = signed_in.open(&address).await;
        assert!(page.body.contains("value=\"paul@exemple.fr\""));
        let nonsense = signed_in.open("/mail-home/take?from=%22%3E%3Cb%3E&code=%3Cscript%3E").await;
        assert!(!nonsense.body.contains("<script") && !nonsense.body.contains("<b>"));
        let refused = signed_in.submit(&nonsense, "/mail-home/take", &[("mail", "paul@exemple.fr")]).await;
        assert_eq!(refused.status, 422);
    }
}
