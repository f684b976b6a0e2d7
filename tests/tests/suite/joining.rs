//! One mail address on two instances: what both sent is sent by one, once its holder has joined them, and by both again
//! after they part.
#![expect(clippy::unwrap_used, reason = "a test whose network does not stand cannot go on")]

use clocher_app::joining::{self, Confirmed};
use clocher_app::marker::{self, Found};
use clocher_app::{App, Error, admitting, membership, moderating, posting, subscribing};
use clocher_domain::community::{Openness, Posting};
use clocher_domain::joint::JointState;
use clocher_domain::ledger::Mode;
use clocher_domain::link::{Accepting, Policy, Relation, Sharing};
use clocher_domain::moderation::Act;
use clocher_domain::placement::Reach;
use clocher_domain::time::DAY;
use clocher_storage::actors::ActorRow;
use clocher_storage::joints::{self, JointRow};
use clocher_storage::testing;
use clocher_storage::{addresses, follows};
use clocher_tests::readership::{Copy, at_once, in_digest};
use clocher_tests::stage::until;
use clocher_tests::{
    Network, Setting, Ways, actor_at, circle, community, link, person, post_at, reply, thread,
};
use std::collections::BTreeMap;
use std::time::Duration;

const OPEN: Policy = Policy { shares: Sharing::Everything, accepts: Accepting::Everything };

/// Runs a test with two instances that send mail, in each way at hand.
async fn each_pair<F, T>(mut test: F)
where
    F: FnMut(Network) -> T,
    T: Future<Output = Network>,
{
    for ways in [Ways::SqliteHttp, Ways::SqliteDirect, Ways::PostgresHttp] {
        if ways == Ways::PostgresHttp && testing::postgres_url().is_none() {
            continue;
        }
        eprintln!("on {ways:?}");
        let setting = Setting { mail: true, shy: true, ..Setting::default() };
        let net = Network::start_as(setting, ways, &["alpha", "beta"]).await;
        let mut net = test(net).await;
        net.stop().await;
    }
}

/// A person with a confirmed address, whom the instances of the process do not match by themselves.
async fn reader(app: &App, name: &str, mode: Mode, joins: &[&ActorRow]) -> ActorRow {
    let row = person(app, name).await;
    let account = row.id;
    app.write(move |deed| {
        let now = deed.now();
        let subscriber = addresses::find_subscriber(deed.conn, account)?.unwrap();
        addresses::verify(deed.conn, subscriber.address_id, now)?;
        addresses::set_matched(deed.conn, subscriber.address_id, now)
    })
    .await
    .unwrap();
    for community in joins {
        membership::join(app, row.id, community.id).await.unwrap();
    }
    subscribing::choose_mode(app, row.id, None, Some(mode)).await.unwrap();
    row
}

/// The end of the link of the question that an instance sends.
async fn question(net: &Network, name: &str) -> String {
    let mut found = None;
    until("a question", async || {
        found = found.take().or_else(|| net.post(name).take_question());
        found.is_some()
    })
    .await;
    found.unwrap()
}

/// The holder says at the second instance that the home sends them mail already, and confirms it there: what they carry.
async fn carry(net: &Network, second: &str, home: &str, who: &ActorRow) -> joining::Ticket {
    let (app, home) = (net.node(second), net.node(home));
    let footer = joining::footer(app, who.id).await.unwrap().unwrap();
    joining::ask(app, footer.trim_start_matches("/mail-home/"), home.site().domain()).await.unwrap();
    let link = question(net, second).await;
    let asked = joining::peek(app, &link).await.unwrap();
    assert!(!asked.is_home && asked.domain == home.site().domain() && asked.mail.ends_with("@mail.test"));
    let Confirmed::Carry(ticket) = joining::confirm(app, &link).await.unwrap() else { panic!("the home") };
    assert_eq!(joining::confirm(app, &link).await.unwrap_err().code(), "not_found", "a link confirms once");
    ticket
}

/// The same, and at the home.
async fn join_by_mail(net: &Network, second: &str, home: &str, who: &ActorRow) {
    let ticket = carry(net, second, home, who).await;
    let (from, home_app) = (net.node(second).site().domain(), net.node(home));
    let mail = format!("{}@MAIL.test", who.name);
    joining::ask_home(home_app, from, &ticket.code, &mail).await.unwrap();
    let link = question(net, home).await;
    assert!(joining::peek(home_app, &link).await.unwrap().is_home);
    assert_eq!(joining::confirm(home_app, &link).await.unwrap(), Confirmed::Done);
    assert_eq!(joining::confirm(home_app, &link).await.unwrap_err().code(), "not_found");
}

async fn joint(app: &App, who: &ActorRow) -> Option<JointRow> {
    let account = who.id;
    app.read(move |conn| {
        let subscriber = addresses::find_subscriber(conn, account)?.unwrap();
        Ok::<_, Error>(joints::list_of_address(conn, subscriber.address_id)?.pop())
    })
    .await
    .unwrap()
}

async fn state(app: &App, who: &ActorRow) -> Option<JointState> {
    joint(app, who).await.map(|row| row.state().unwrap())
}

async fn home_of(app: &App, who: &ActorRow) -> Option<String> {
    let account = who.id;
    app.read(move |conn| {
        let subscriber = addresses::find_subscriber(conn, account)?.unwrap();
        Ok::<_, Error>(addresses::find(conn, subscriber.address_id)?.unwrap().home)
    })
    .await
    .unwrap()
}

async fn follows(app: &App, who: &ActorRow, community: &ActorRow) -> bool {
    let Some(known) = actor_at(app, &community.ap_id).await else { return false };
    let who = who.id;
    app.read(move |conn| follows::is_accepted(conn, who, known.id)).await.unwrap()
}

/// The copies that both instances sent, and forgets them.
async fn copies(net: &Network) -> (Vec<Copy>, Vec<Copy>) {
    net.settle_mail().await;
    (net.post("alpha").copies(), net.post("beta").copies())
}

/// Writes a thread of the administrator of beta.
async fn write(beta: &App, home: &ActorRow, title: &str) -> clocher_storage::posts::PostRow {
    let (_, author) = clocher_app::accounts::find(beta, "mairie").await.unwrap();
    posting::write(beta, thread(&author, home, title, "Texte.")).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_two_instances_send_is_sent_by_one_once_its_holder_confirmed_it_at_both_until_they_part() {
    each_pair(|net| async move {
        let (alpha, beta) = (net.node("alpha"), net.node("beta"));
        let school = community(beta, "ecole", Posting::Everybody).await;
        let choir = community(beta, "chorale", Posting::Everybody).await;
        let silent = community(beta, "silence", Posting::Everybody).await;
        let here = reader(alpha, "anne", Mode::Immediate, &[]).await;
        let there = reader(beta, "anne", Mode::Immediate, &[&school, &choir, &silent]).await;
        subscribing::choose_mode(beta, there.id, Some(choir.id), Some(Mode::Daily)).await.unwrap();
        subscribing::choose_mode(beta, there.id, Some(silent.id), Some(Mode::None)).await.unwrap();
        write(beta, &school, "Avant").await;
        write(beta, &choir, "Avant, au soir").await;
        assert_eq!(copies(&net).await, (vec![], vec![at_once("anne", "ecole", "Avant")]));

        join_by_mail(&net, "beta", "alpha", &there).await;
        net.settle_mail().await;
        assert_eq!(state(alpha, &here).await, Some(JointState::Handed));
        assert_eq!(home_of(beta, &there).await.as_deref(), Some(alpha.site().domain()));
        assert_eq!(home_of(alpha, &here).await, None);
        assert!(follows(alpha, &here, &school).await && follows(alpha, &here, &choir).await);
        assert!(!follows(alpha, &here, &silent).await, "what one hears nothing of is not followed");
        let kept = actor_at(alpha, &choir.ap_id).await.unwrap();
        let wish = subscribing::find_wish(alpha, here.id, kept.id).await.unwrap();
        assert_eq!(wish.mode, Some(Mode::Daily), "the mode goes along");
        let post = write(beta, &school, "Après").await;
        write(beta, &choir, "Après, au soir").await;
        let (_, author) = clocher_app::accounts::find(beta, "mairie").await.unwrap();
        let answer = posting::write(beta, reply(&author, &post, "Suite.")).await.unwrap();
        let both = vec![at_once("anne", "ecole", &answer.html), at_once("anne", "ecole", "Après")];
        assert_eq!(copies(&net).await, (both, vec![]));
        // What was owed before is told by who owed it.
        net.clock.advance(DAY);
        let (at_alpha, at_beta) = copies(&net).await;
        assert_eq!(at_alpha, [in_digest("anne", "chorale", "Après, au soir")]);
        assert_eq!(at_beta, [in_digest("anne", "chorale", "Avant, au soir")]);
        // What the person joins there later goes along too.
        let later = community(beta, "tard", Posting::Everybody).await;
        membership::join(beta, there.id, later.id).await.unwrap();
        net.settle_mail().await;
        write(beta, &later, "Tard").await;
        assert_eq!(copies(&net).await, (vec![at_once("anne", "tard", "Tard")], vec![]));

        write(beta, &choir, "Entre deux").await;
        net.settle_mail().await;
        let id = joint(beta, &there).await.unwrap().id;
        joining::part(beta, there.id, id).await.unwrap();
        joining::part(beta, there.id, id).await.unwrap();
        net.settle_mail().await;
        assert_eq!(state(alpha, &here).await, Some(JointState::Ended));
        assert_eq!(state(beta, &there).await, Some(JointState::Ended));
        assert_eq!(home_of(beta, &there).await, None);
        assert!(!follows(alpha, &here, &school).await);
        write(beta, &school, "Séparés").await;
        assert_eq!(copies(&net).await, (vec![], vec![at_once("anne", "ecole", "Séparés")]));
        net.clock.advance(DAY);
        let waited = in_digest("anne", "chorale", "Entre deux");
        assert_eq!(copies(&net).await, (vec![], vec![waited]), "what the home owed is told all the same");
        net
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_written_while_they_are_joined_and_parted_comes_once() {
    each_pair(|net| async move {
        let (alpha, beta) = (net.node("alpha"), net.node("beta"));
        let school = community(beta, "ecole", Posting::Everybody).await;
        reader(alpha, "anne", Mode::Immediate, &[]).await;
        // Alpha has the community already: its threads come there also before anne follows it.
        let bob = reader(alpha, "bob", Mode::None, &[]).await;
        let known = net.find(alpha, &school.ap_id).await.unwrap();
        membership::join(alpha, bob.id, known.id).await.unwrap();
        let there = reader(beta, "anne", Mode::Immediate, &[&school]).await;
        net.settle_mail().await;
        let mut number = 0;
        for round in 0..2 {
            let ticket = carry(&net, "beta", "alpha", &there).await;
            joining::ask_home(alpha, beta.site().domain(), &ticket.code, "anne@mail.test").await.unwrap();
            let link = question(&net, "alpha").await;
            joining::confirm(alpha, &link).await.unwrap();
            let is_over = async |wanted: JointState| state(beta, &there).await == Some(wanted);
            while !is_over(JointState::Handed).await {
                write(beta, &school, &format!("Fil {number}")).await;
                number += 1;
                tokio::time::sleep(Duration::from_millis(7)).await;
                assert!(number < 1_500, "it is never handed over");
            }
            // Some are told before they part, some are on their way.
            for _ in 0..5 {
                write(beta, &school, &format!("Fil {number}")).await;
                number += 1;
            }
            net.settle_mail().await;
            for _ in 0..5 {
                write(beta, &school, &format!("Fil {number}")).await;
                number += 1;
            }
            let id = joint(beta, &there).await.unwrap().id;
            joining::part(beta, there.id, id).await.unwrap();
            while !is_over(JointState::Ended).await {
                write(beta, &school, &format!("Fil {number}")).await;
                number += 1;
                tokio::time::sleep(Duration::from_millis(7)).await;
                assert!(number < 3_000, "they never part in round {round}");
            }
        }
        let (at_alpha, at_beta) = copies(&net).await;
        eprintln!("{} by alpha, {} by beta", at_alpha.len(), at_beta.len());
        assert!(!at_alpha.is_empty() && !at_beta.is_empty());
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        for (_, _, _, title) in at_alpha.into_iter().chain(at_beta) {
            *times.entry(title).or_default() += 1;
        }
        for n in 0..number {
            assert_eq!(times.remove(&format!("Fil {n}")), Some(1), "Fil {n} of {number}");
        }
        assert!(times.is_empty(), "{times:?}");
        net
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_after_each_step_loses_nothing() {
    each_pair(|mut net| async move {
        let school = community(net.node("beta"), "ecole", Posting::Everybody).await;
        let here = reader(net.node("alpha"), "anne", Mode::Immediate, &[]).await;
        let there = reader(net.node("beta"), "anne", Mode::Immediate, &[&school]).await;
        let ticket = carry(&net, "beta", "alpha", &there).await;
        net.restart().await;
        let (alpha, beta) = (net.node("alpha"), net.node("beta"));
        joining::ask_home(alpha, beta.site().domain(), &ticket.code, "anne@mail.test").await.unwrap();
        let link = question(&net, "alpha").await;
        net.restart().await;
        joining::confirm(net.node("alpha"), &link).await.unwrap();
        for pause in [0, 5, 10, 20, 40] {
            tokio::time::sleep(Duration::from_millis(pause)).await;
            net.restart().await;
            write(net.node("beta"), &school, &format!("Pause {pause}")).await;
        }
        let (at_alpha, at_beta) = copies(&net).await;
        assert_eq!(state(net.node("alpha"), &here).await, Some(JointState::Handed));
        assert_eq!(state(net.node("beta"), &there).await, Some(JointState::Handed));
        let mut titles: Vec<String> = at_alpha.into_iter().chain(at_beta).map(|copy| copy.3).collect();
        titles.sort();
        assert_eq!(titles, ["Pause 0", "Pause 10", "Pause 20", "Pause 40", "Pause 5"]);
        net
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_school_of_one_instance_nested_in_a_commune_of_the_other_is_one_mail_from_the_nearest_list() {
    each_pair(|net| async move {
        let (alpha, beta) = (net.node("alpha"), net.node("beta"));
        let commune = community(alpha, "commune", Posting::Everybody).await;
        let school = community(beta, "ecole", Posting::Everybody).await;
        net.find(alpha, &school.ap_id).await.unwrap();
        net.find(beta, &commune.ap_id).await.unwrap();
        link((beta, &school, OPEN), Relation::Upper, (alpha, &commune, OPEN)).await;
        let here = reader(alpha, "anne", Mode::Immediate, &[&commune]).await;
        let there = reader(beta, "anne", Mode::Immediate, &[&school]).await;
        let (_, author) = clocher_app::accounts::find(beta, "mairie").await.unwrap();
        let write = async |title: &str| {
            let reach = Reach { communities: vec![commune.ap_id.clone()], down: false };
            let new = posting::NewPost { reach: Some(reach), ..thread(&author, &school, title, "Texte.") };
            posting::write(beta, new).await.unwrap()
        };
        let post = write("Avant").await;
        let (at_alpha, at_beta) = copies(&net).await;
        assert!(post_at(alpha, &post.ap_id).await.is_some());
        assert_eq!((at_alpha.len(), at_beta.len()), (1, 1), "two persons, before they are joined");
        join_by_mail(&net, "beta", "alpha", &there).await;
        net.settle_mail().await;
        write("Après").await;
        assert_eq!(copies(&net).await, (vec![at_once("anne", "ecole", "Après")], vec![]));
        // Parting at the home, which stays a member of what it was a member of.
        let id = joint(alpha, &here).await.unwrap().id;
        assert_eq!(joining::part(alpha, there.id, id).await.unwrap_err().code(), "not_found", "another's");
        joining::part(alpha, here.id, id).await.unwrap();
        net.settle_mail().await;
        assert_eq!(state(beta, &there).await, Some(JointState::Ended));
        assert!(follows(alpha, &here, &commune).await && !follows(alpha, &here, &school).await);
        write("Séparés").await;
        let (at_alpha, at_beta) = copies(&net).await;
        assert_eq!(at_alpha, [at_once("anne", "commune", "Séparés")]);
        assert_eq!(at_beta, [at_once("anne", "ecole", "Séparés")]);
        net
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_home_cannot_follow_stays_with_the_other_and_a_closed_community_is_named_to_nobody() {
    each_pair(|net| async move {
        let (alpha, beta) = (net.node("alpha"), net.node("beta"));
        let (_, mairie) = clocher_app::accounts::find(beta, "mairie").await.unwrap();
        let school = community(beta, "ecole", Posting::Everybody).await;
        let choir = community(beta, "chorale", Posting::Everybody).await;
        let council = circle(beta, "conseil", Openness::Closed, &mairie).await;
        let here = reader(alpha, "anne", Mode::Immediate, &[]).await;
        let there = reader(beta, "anne", Mode::Immediate, &[&school, &choir, &council]).await;
        admitting::answer(beta, mairie.id, council.id, there.id, true).await.unwrap();
        let known = net.find(beta, &here.ap_id).await.unwrap();
        let terms = moderating::Terms::default();
        moderating::moderate_person(beta, mairie.id, choir.id, known.id, Act::Ban, terms).await.unwrap();
        net.settle_mail().await;
        join_by_mail(&net, "beta", "alpha", &there).await;
        net.settle_mail().await;
        assert_eq!(state(beta, &there).await, Some(JointState::Handed));
        assert!(follows(alpha, &here, &school).await && !follows(alpha, &here, &choir).await);
        assert!(actor_at(alpha, &council.ap_id).await.is_none(), "it is not even known there");
        let post = write(beta, &council, "Séance").await;
        for home in [&school, &choir] {
            write(beta, home, &home.name).await;
        }
        let (at_alpha, at_beta) = copies(&net).await;
        assert_eq!(at_alpha, [at_once("anne", "ecole", "ecole")]);
        assert_eq!(at_beta, [at_once("anne", "chorale", "chorale"), at_once("anne", "conseil", "Séance")]);
        assert!(post_at(alpha, &post.ap_id).await.is_none());
        net
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instances_of_one_process_match_what_both_verified_and_the_first_is_the_home() {
    each_pair(|net| async move {
        let (alpha, beta) = (net.node("alpha"), net.node("beta"));
        let school = community(alpha, "ecole", Posting::Everybody).await;
        // Beta verified first: it is the home, though alpha has the communities.
        let there = reader(beta, "anne", Mode::None, &[]).await;
        let here = person(alpha, "anne").await;
        membership::join(alpha, here.id, school.id).await.unwrap();
        assert_eq!(joint(alpha, &here).await, None);
        subscribing::choose_mode(alpha, here.id, None, Some(Mode::Immediate)).await.unwrap();
        let mut token = None;
        until("a confirmation", async || {
            let mut carried = net.post("alpha").carried.lock().unwrap();
            token = token.take().or_else(|| carried.pop());
            token.is_some()
        })
        .await;
        let clocher_app::sending::Letter::Confirmation { link } = token.unwrap().letter else {
            panic!("no confirmation")
        };
        subscribing::confirm(alpha, link.rsplit('/').next().unwrap()).await.unwrap();
        until("it is handed over", async || {
            net.settle_mail().await;
            state(alpha, &here).await == Some(JointState::Handed)
        })
        .await;
        assert_eq!(home_of(alpha, &here).await.as_deref(), Some(beta.site().domain()));
        assert!(follows(beta, &there, &school).await);
        let (_, author) = clocher_app::accounts::find(alpha, "mairie").await.unwrap();
        posting::write(alpha, thread(&author, &school, "Une fois", "Texte.")).await.unwrap();
        assert_eq!(copies(&net).await, (vec![], vec![at_once("anne", "ecole", "Une fois")]));
        // Who parted is not joined again by the process.
        let id = joint(alpha, &here).await.unwrap().id;
        joining::part(alpha, here.id, id).await.unwrap();
        net.settle_mail().await;
        assert_eq!(joining::issue(alpha, "anne@mail.test", beta.site().domain()).await.unwrap(), None);
        posting::write(alpha, thread(&author, &school, "Séparés", "Texte.")).await.unwrap();
        assert_eq!(copies(&net).await, (vec![at_once("anne", "ecole", "Séparés")], vec![]));
        net
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_instance_that_is_restored_from_before_hands_over_again_when_it_is_confirmed() {
    each_pair(|net| async move {
        let (alpha, beta) = (net.node("alpha"), net.node("beta"));
        let school = community(beta, "ecole", Posting::Everybody).await;
        reader(alpha, "anne", Mode::Immediate, &[]).await;
        let there = reader(beta, "anne", Mode::Immediate, &[&school]).await;
        join_by_mail(&net, "beta", "alpha", &there).await;
        net.settle_mail().await;
        // The backup is of a moment when the home had begun, and nothing was handed over.
        let before = joint(beta, &there).await.unwrap();
        beta.write(move |deed| {
            joints::remove_communities(deed.conn, before.id)?;
            addresses::set_home(deed.conn, before.address_id, None)?;
            let state = JointState::Begun.as_str().to_owned();
            joints::update(deed.conn, &JointRow { state, ..before })
        })
        .await
        .unwrap();
        assert_eq!(marker::judge(beta, Found::Copy).await.unwrap(), None, "nothing is sent");
        marker::confirm(beta, false).await.unwrap();
        net.settle_mail().await;
        assert_eq!(state(beta, &there).await, Some(JointState::Handed));
        write(beta, &school, "Restauré").await;
        assert_eq!(copies(&net).await, (vec![at_once("anne", "ecole", "Restauré")], vec![]));
        net
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_home_that_does_not_answer_is_not_waited_for() {
    each_pair(|mut net| async move {
        let school = community(net.node("beta"), "ecole", Posting::Everybody).await;
        reader(net.node("alpha"), "anne", Mode::Immediate, &[]).await;
        let there = reader(net.node("beta"), "anne", Mode::Immediate, &[&school]).await;
        join_by_mail(&net, "beta", "alpha", &there).await;
        net.settle_mail().await;
        let domain = net.node("beta").site().domain().to_owned();
        net.restart_only(|app| app.site().domain() == domain).await;
        let beta = net.node("beta");
        let id = joint(beta, &there).await.unwrap().id;
        joining::part(beta, there.id, id).await.unwrap();
        assert_eq!(state(beta, &there).await, Some(JointState::Ending));
        net.clock.advance(2 * DAY);
        joining::tick(beta).await.unwrap();
        assert_eq!(state(beta, &there).await, Some(JointState::Ended));
        write(beta, &school, "Seul").await;
        until("a copy", async || !net.post("beta").carried.lock().unwrap().is_empty()).await;
        assert_eq!(net.post("beta").copies(), [at_once("anne", "ecole", "Seul")]);
        net
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_learns_whether_an_address_is_known_and_another_mailbox_is_not_joined() {
    each_pair(|net| async move {
        let (alpha, beta) = (net.node("alpha"), net.node("beta"));
        let school = community(beta, "ecole", Posting::Everybody).await;
        reader(alpha, "anne", Mode::Immediate, &[]).await;
        reader(alpha, "mallory", Mode::Immediate, &[]).await;
        let there = reader(beta, "anne", Mode::Immediate, &[&school]).await;
        let footer = joining::footer(beta, there.id).await.unwrap().unwrap();
        let token = footer.trim_start_matches("/mail-home/").to_owned();
        let forged = format!("{}0", &token[..token.len() - 1]);
        let other = if forged == token { format!("{}1", &token[..token.len() - 1]) } else { forged };
        let refused = joining::ask(beta, &other, alpha.site().domain()).await.unwrap_err();
        assert_eq!(refused.code(), "not_found", "who does not read the mail cannot even ask");
        for nothing in [beta.site().domain(), "", "beta"] {
            assert_eq!(joining::ask(beta, &token, nothing).await.unwrap_err().code(), "no_server");
        }
        let ticket = carry(&net, "beta", "alpha", &there).await;
        let again = joining::ask(beta, &token, alpha.site().domain()).await.unwrap_err();
        assert_eq!(again.code(), "too_many");
        // Mallory, who reads another mailbox, got hold of the ticket; and nobody is told anything of unknown ones.
        for mail in ["mallory@mail.test", "nobody@mail.test", "mairie@mail.test"] {
            joining::ask_home(alpha, beta.site().domain(), &ticket.code, mail).await.unwrap();
        }
        for code in ["", ".", "x.y", &format!("{}.{}", "0".repeat(64), "0".repeat(64))] {
            let answer = joining::ask_home(alpha, beta.site().domain(), code, "anne@mail.test").await;
            assert!(answer.is_ok() || code.is_empty());
        }
        net.settle_mail().await;
        assert!(net.post("alpha").carried.lock().unwrap().is_empty(), "nobody is asked anything");
        joining::ask_home(alpha, beta.site().domain(), &ticket.code, "anne@mail.test").await.unwrap();
        joining::ask_home(alpha, beta.site().domain(), &ticket.code, "anne@mail.test").await.unwrap();
        let link = question(&net, "alpha").await;
        net.settle_mail().await;
        assert!(net.post("alpha").take_question().is_none(), "one mail, however often it is asked for");
        // A ticket has its time.
        net.clock.advance(3 * DAY);
        assert_eq!(joining::confirm(alpha, &link).await.unwrap_err().code(), "not_found");
        net
    })
    .await;
}
