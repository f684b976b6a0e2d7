//! Once per person: what the ledger owes, by which mode and from which list, and what a kill changes: nothing.

use clocher_app::ledger::{BATCH, fan_out_next, owe_fan_out};
use clocher_app::sending::{self, Desk, Parcel, message_id};
use clocher_app::{membership, posting, subscribing};
use clocher_domain::community::Posting;
use clocher_domain::ledger::Mode;
use clocher_domain::moderation::Act;
use clocher_domain::placement::PlacementState;
use clocher_domain::time::{DAY, HOUR};
use clocher_storage::addresses;
use clocher_storage::ledger::{self as rows, MAIL};
use clocher_storage::placements::{self, PlacementRow};
use clocher_tests::readership::{at_once, each_town, in_digest};
use clocher_tests::{community, person, reply};
use std::sync::atomic::Ordering;

#[tokio::test]
async fn a_thread_in_two_communities_is_one_mail_to_each_willing_person() {
    each_town(|town| async move {
        let (commune, school) = (town.community("commune").await, town.community("ecole").await);
        let author = town.reader("auteur", Mode::Immediate, &[&school]).await;
        town.reader("anne", Mode::Immediate, &[&commune, &school]).await;
        town.reader("bob", Mode::Immediate, &[&commune]).await;
        town.reader("silence", Mode::None, &[&commune, &school]).await;
        town.reader("passant", Mode::Immediate, &[]).await;
        let post = town.thread(&author, &school, "Kermesse").await;
        town.work().await;
        town.place(&post, &commune).await;
        town.work().await;
        let copies = [at_once("anne", "ecole", "Kermesse"), at_once("bob", "commune", "Kermesse")];
        assert_eq!(town.copies(), copies);
        // By whatever way it comes again.
        town.place(&post, &commune).await;
        town.work().await;
        assert_eq!(town.copies(), []);
    })
    .await;
}

#[tokio::test]
async fn the_strongest_mode_decides_and_the_digest_is_one_mail() {
    each_town(|town| async move {
        let (commune, school) = (town.community("commune").await, town.community("ecole").await);
        let anne = town.reader("anne", Mode::Weekly, &[&commune, &school]).await;
        town.choose(&anne, Some(&school), Mode::Daily).await;
        for title in ["Un", "Deux"] {
            let post = town.thread(&town.mairie, &commune, title).await;
            town.place(&post, &school).await;
        }
        town.work().await;
        assert_eq!(town.copies(), [], "digests wait");
        town.wait(DAY);
        town.work().await;
        let digests = town.post.carried.lock().unwrap().len();
        assert_eq!(digests, 1);
        assert_eq!(town.copies(), [in_digest("anne", "commune", "Deux"), in_digest("anne", "commune", "Un")]);
        town.wait(7 * DAY);
        town.work().await;
        assert_eq!(town.copies(), [], "the weekly digest does not say it again");
    })
    .await;
}

#[tokio::test]
async fn a_waiting_line_becomes_immediate_where_the_person_is_newly_entitled_and_never_both() {
    each_town(|town| async move {
        let (commune, school) = (town.community("commune").await, town.community("ecole").await);
        let anne = town.reader("anne", Mode::Weekly, &[&commune, &school]).await;
        town.choose(&anne, Some(&school), Mode::Immediate).await;
        let post = town.thread(&town.mairie, &commune, "Marché").await;
        town.work().await;
        assert_eq!(town.copies(), []);
        town.place(&post, &school).await;
        town.work().await;
        assert_eq!(town.copies(), [at_once("anne", "commune", "Marché")]);
        town.wait(8 * DAY);
        town.work().await;
        assert_eq!(town.copies(), []);
    })
    .await;
}

#[tokio::test]
async fn the_list_is_the_nearest_and_is_kept_for_the_thread_while_the_reader_remains() {
    each_town(|town| async move {
        let (commune, school) = (town.community("commune").await, town.community("ecole").await);
        let anne = town.reader("anne", Mode::Immediate, &[&commune, &school]).await;
        let post = town.thread(&town.mairie, &commune, "Cantine").await;
        town.place(&post, &school).await;
        town.work().await;
        assert_eq!(town.copies(), [at_once("anne", "commune", "Cantine")], "the oldest subscription");
        town.nest(&school, &commune).await;
        let kept = posting::write(&town.app, reply(&town.mairie, &post, "Suite")).await.unwrap();
        let other = town.thread(&town.mairie, &commune, "Préau").await;
        town.place(&other, &school).await;
        town.work().await;
        let copies = [at_once("anne", "commune", &kept.html), at_once("anne", "ecole", "Préau")];
        assert_eq!(town.copies(), copies, "the first thread stays where it was");
        subscribing::follow_thread(&town.app, anne.id, other.id, true).await.unwrap();
        membership::leave(&town.app, anne.id, school.id).await.unwrap();
        let last = posting::write(&town.app, reply(&town.mairie, &other, "Fin")).await.unwrap();
        town.work().await;
        assert_eq!(town.copies(), [at_once("anne", "commune", &last.html)]);
    })
    .await;
}

#[tokio::test]
async fn replies_go_to_the_home_to_whom_they_name_and_to_who_follows_the_thread() {
    each_town(|town| async move {
        let (commune, school) = (town.community("commune").await, town.community("ecole").await);
        town.reader("anne", Mode::Immediate, &[&school]).await;
        town.reader("bob", Mode::Immediate, &[&commune]).await;
        let carl = town.reader("carl", Mode::Immediate, &[&commune]).await;
        let dora = town.reader("dora", Mode::Immediate, &[&commune]).await;
        let post = town.thread(&town.mairie, &school, "Sortie").await;
        town.place(&post, &commune).await;
        subscribing::follow_thread(&town.app, carl.id, post.id, true).await.unwrap();
        town.work().await;
        assert_eq!(town.copies().len(), 4, "the top post is for all of them");
        let question = posting::write(&town.app, reply(&dora, &post, "Quand ?")).await.unwrap();
        town.work().await;
        let html = &question.html;
        assert_eq!(town.copies(), [at_once("anne", "ecole", html), at_once("carl", "commune", html)]);
        let answer = posting::write(&town.app, reply(&town.mairie, &question, "Jeudi.")).await.unwrap();
        town.work().await;
        let html = &answer.html;
        let copies = ["anne", "carl", "dora"]
            .map(|name| at_once(name, if name == "anne" { "ecole" } else { "commune" }, html));
        assert_eq!(town.copies(), copies);
    })
    .await;
}

#[tokio::test]
async fn the_author_who_muted_and_who_is_not_a_member_any_more_get_nothing() {
    each_town(|town| async move {
        let commune = town.community("commune").await;
        let author = town.reader("auteur", Mode::Immediate, &[&commune]).await;
        let muting = town.reader("sourd", Mode::Immediate, &[&commune]).await;
        let leaving = town.reader("parti", Mode::Immediate, &[&commune]).await;
        let silent = town.reader("change", Mode::Immediate, &[&commune]).await;
        let later = town.reader("resume", Mode::Immediate, &[&commune]).await;
        subscribing::mute(&town.app, muting.id, author.id, true).await.unwrap();
        town.thread(&author, &commune, "Avis").await;
        town.fan_out().await;
        // Asked again at sending.
        membership::leave(&town.app, leaving.id, commune.id).await.unwrap();
        town.choose(&silent, None, Mode::None).await;
        town.choose(&later, None, Mode::Daily).await;
        town.work().await;
        assert_eq!(town.copies(), []);
        town.wait(DAY);
        town.work().await;
        assert_eq!(town.copies(), [in_digest("resume", "commune", "Avis")]);
    })
    .await;
}

#[tokio::test]
async fn leaving_a_list_stops_what_has_its_home_there_whatever_list_carries_it_until_the_reader_says_otherwise()
 {
    each_town(|town| async move {
        let (commune, school) = (town.community("commune").await, town.community("ecole").await);
        let anne = town.reader("anne", Mode::Immediate, &[&commune, &school]).await;
        membership::leave(&town.app, anne.id, school.id).await.unwrap();
        let post = town.thread(&town.mairie, &school, "Dictée").await;
        town.place(&post, &commune).await;
        town.work().await;
        assert_eq!(town.copies(), []);
        let left = subscribing::view(&town.app, anne.id).await.unwrap().left;
        assert_eq!(left.iter().map(|row| row.id).collect::<Vec<_>>(), [school.id]);
        subscribing::hear_again(&town.app, anne.id, school.id).await.unwrap();
        let post = town.thread(&town.mairie, &school, "Calcul").await;
        town.place(&post, &commune).await;
        town.work().await;
        assert_eq!(town.copies(), [at_once("anne", "commune", "Calcul")]);
    })
    .await;
}

#[tokio::test]
async fn announcements_are_what_moderators_open() {
    each_town(|town| async move {
        let commune = town.community("commune").await;
        let board = community(&town.app, "panneau", Posting::Moderators).await;
        town.reader("anne", Mode::Announcements, &[&commune, &board]).await;
        let bob = town.reader("bob", Mode::None, &[&commune]).await;
        town.thread(&bob, &commune, "Vide-grenier").await;
        town.thread(&town.mairie, &commune, "Arrêté").await;
        let post = town.thread(&town.mairie, &board, "Coupure").await;
        posting::write(&town.app, reply(&town.mairie, &post, "Terminée.")).await.unwrap();
        town.work().await;
        let copies = [at_once("anne", "commune", "Arrêté"), at_once("anne", "panneau", "Coupure")];
        assert_eq!(town.copies(), copies);
    })
    .await;
}

#[tokio::test]
async fn edits_are_not_sent_again_and_what_is_deleted_or_removed_is_not_sent() {
    each_town(|town| async move {
        let commune = town.community("commune").await;
        town.reader("anne", Mode::Daily, &[&commune]).await;
        let edited = town.thread(&town.mairie, &commune, "Avant").await;
        let deleted = town.thread(&town.mairie, &commune, "Effacé").await;
        let removed = town.thread(&town.mairie, &commune, "Retiré").await;
        town.fan_out().await;
        posting::edit(&town.app, town.mairie.id, edited.id, Some("Après".into()), "Texte.".into())
            .await
            .unwrap();
        posting::delete(&town.app, town.mairie.id, deleted.id).await.unwrap();
        let act = clocher_app::moderating::moderate_message;
        act(&town.app, town.mairie.id, removed.id, Act::Remove, String::new()).await.unwrap();
        town.wait(DAY);
        town.work().await;
        assert_eq!(town.copies(), [in_digest("anne", "commune", "Après")]);
        posting::edit(&town.app, town.mairie.id, edited.id, Some("Encore".into()), "Texte.".into())
            .await
            .unwrap();
        posting::delete(&town.app, town.mairie.id, edited.id).await.unwrap();
        town.wait(2 * DAY);
        town.work().await;
        assert_eq!(town.copies(), []);
    })
    .await;
}

#[tokio::test]
async fn a_withdrawn_placement_is_sent_to_nobody_and_what_arrives_late_goes_to_the_digest() {
    each_town(|town| async move {
        let (commune, school) = (town.community("commune").await, town.community("ecole").await);
        town.reader("anne", Mode::Immediate, &[&commune]).await;
        let post = town.thread(&town.mairie, &school, "Retrait").await;
        let placement = town.place(&post, &commune).await;
        town.fan_out().await;
        town.app
            .write(move |deed| {
                let row = placements::find(deed.conn, placement)?.unwrap();
                let withdrawn = PlacementState::Withdrawn.as_str().to_owned();
                placements::update(deed.conn, &PlacementRow { state: withdrawn, ..row })
            })
            .await
            .unwrap();
        let late = town.thread(&town.mairie, &school, "Tardif").await;
        town.wait(8 * DAY);
        town.place(&late, &commune).await;
        town.work().await;
        assert_eq!(town.copies(), []);
        town.wait(DAY);
        town.work().await;
        assert_eq!(town.copies(), [in_digest("anne", "commune", "Tardif")]);
    })
    .await;
}

#[tokio::test]
async fn two_accounts_with_one_address_get_one_mail_in_the_strongest_mode() {
    each_town(|town| async move {
        let (commune, school) = (town.community("commune").await, town.community("ecole").await);
        town.reader("anne", Mode::Daily, &[&commune]).await;
        let role = town.reader("directrice", Mode::Immediate, &[&school]).await;
        subscribing::choose_address(&town.app, role.id, "Anne@MAIL.test").await.unwrap();
        let link = town.confirmation().await;
        subscribing::confirm(&town.app, &link).await.unwrap();
        let gone = subscribing::confirm(&town.app, &link).await.unwrap_err();
        assert_eq!(gone.code(), "not_found", "a link confirms once");
        let post = town.thread(&town.mairie, &commune, "Fête").await;
        town.place(&post, &school).await;
        town.work().await;
        assert_eq!(town.copies(), [at_once("anne", "commune", "Fête")]);
        // The author is a person too, whichever of their accounts wrote.
        town.thread(&role, &commune, "Merci").await;
        town.wait(2 * DAY);
        town.work().await;
        assert_eq!(town.copies(), []);
    })
    .await;
}

#[tokio::test]
async fn nothing_is_sent_to_an_address_before_its_holder_confirms_it() {
    each_town(|town| async move {
        let commune = town.community("commune").await;
        let anne = person(&town.app, "anne").await;
        membership::join(&town.app, anne.id, commune.id).await.unwrap();
        town.choose(&anne, None, Mode::Immediate).await;
        town.thread(&town.mairie, &commune, "Avant").await;
        town.fan_out().await;
        let token = town.confirmation().await;
        assert!(!sending::send_next(&town.app, &town.desk).await.unwrap());
        let forged = format!("{}0", &token[..token.len() - 1]);
        if forged != token {
            assert_eq!(subscribing::confirm(&town.app, &forged).await.unwrap_err().code(), "not_found");
        }
        subscribing::confirm(&town.app, &token).await.unwrap();
        town.thread(&town.mairie, &commune, "Après").await;
        town.work().await;
        assert_eq!(town.copies(), [at_once("anne", "commune", "Après")]);
    })
    .await;
}

#[tokio::test]
async fn a_kill_between_batches_loses_nobody_and_doubles_nobody() {
    each_town(|town| async move {
        let commune = town.community("commune").await;
        let readers = 2 * BATCH + 20;
        for n in 0..readers {
            town.reader(&format!("p{n}"), Mode::Immediate, &[&commune]).await;
        }
        town.thread(&town.mairie, &commune, "Tous").await;
        // Each is cut off somewhere: before reading, between reading and writing, after writing.
        for steps in [1, 3, 6, 10, 15, 25, 40] {
            let mut work = Box::pin(fan_out_next(&town.app, &town.desk));
            for _ in 0..steps {
                if futures_util::poll!(&mut work).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
            drop(work);
        }
        // And two workers at once, as no two should be.
        let (one, other) =
            tokio::join!(fan_out_next(&town.app, &town.desk), fan_out_next(&town.app, &town.desk));
        one.unwrap();
        other.unwrap();
        town.work().await;
        let copies = town.copies();
        let mut persons: Vec<&String> = copies.iter().map(|copy| &copy.0).collect();
        persons.dedup();
        assert_eq!((copies.len(), persons.len()), (usize::try_from(readers).unwrap(), copies.len()));
    })
    .await;
}

#[tokio::test]
async fn a_kill_after_carrying_makes_one_more_identical_copy_and_a_refusal_is_tried_again() {
    each_town(|town| async move {
        let commune = town.community("commune").await;
        for name in ["anne", "bob", "carl"] {
            town.reader(name, Mode::Immediate, &[&commune]).await;
        }
        let post = town.thread(&town.mairie, &commune, "Copie").await;
        town.fan_out().await;
        town.post.killed_after.store(2, Ordering::Relaxed);
        assert!(sending::send_next(&town.app, &town.desk).await.unwrap());
        let mut killed = Box::pin(sending::send_next(&town.app, &town.desk));
        while town.post.carried.lock().unwrap().len() < 2 {
            assert!(futures_util::poll!(&mut killed).is_pending());
            tokio::task::yield_now().await;
        }
        drop(killed);
        town.post.refuses.store(1, Ordering::Relaxed);
        town.work().await;
        town.wait(HOUR);
        town.work().await;
        let carried: Vec<Parcel> = town.post.carried.lock().unwrap().clone();
        assert_eq!(carried.len(), 4);
        let doubles: Vec<_> = carried.iter().filter(|parcel| parcel.to == carried[1].to).collect();
        assert_eq!(doubles.len(), 2);
        assert_eq!(format!("{:?}", doubles[0]), format!("{:?}", doubles[1]));
        assert!(carried.iter().all(|parcel| parcel.message_id == message_id(&post.ap_id)));
        assert_eq!(town.copies().len(), 4);
    })
    .await;
}

#[tokio::test]
async fn a_notification_is_one_for_each_message_and_is_new_once() {
    each_town(|town| async move {
        let commune = town.community("commune").await;
        let anne = town.reader("anne", Mode::Immediate, &[&commune]).await;
        let post = town.thread(&anne, &commune, "Question").await;
        let answer = posting::write(&town.app, reply(&town.mairie, &post, "Réponse")).await.unwrap();
        town.work().await;
        town.app.write(move |deed| owe_fan_out(deed, answer.id, commune.id)).await.unwrap();
        town.work().await;
        let unseen = clocher_app::notifying::count_unseen(&town.app, anne.id).await.unwrap();
        assert_eq!(unseen, 1);
        let page = clocher_app::notifying::page(&town.app, anne.id, None).await.unwrap();
        assert_eq!(page.notifications.len(), 1);
        assert!(page.notifications[0].is_new);
        assert_eq!(clocher_app::notifying::count_unseen(&town.app, anne.id).await.unwrap(), 0);
        assert_eq!(clocher_app::notifying::count_unseen(&town.app, town.mairie.id).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn without_a_channel_nothing_is_owed_by_mail() {
    each_town(|town| async move {
        let commune = town.community("commune").await;
        let anne = town.reader("anne", Mode::Immediate, &[&commune]).await;
        town.thread(&town.mairie, &commune, "Silence").await;
        while fan_out_next(&town.app, &Desk::default()).await.unwrap() {}
        town.work().await;
        assert_eq!(town.copies(), []);
        let rows = town
            .app
            .read(move |conn| {
                let row = addresses::find_subscriber(conn, anne.id)?.unwrap();
                rows::list(conn, row.address_id, MAIL, i64::MAX, 10)
            })
            .await
            .unwrap();
        assert_eq!(rows, []);
    })
    .await;
}

#[test]
fn two_instances_give_a_message_the_same_mail_id() {
    let id = message_id("https://beta.test/post/7");
    assert_eq!(id, message_id("https://beta.test/post/7"));
    assert!(id.ends_with("@beta.test"));
    assert_ne!(id, message_id("https://beta.test/post/8"));
}
