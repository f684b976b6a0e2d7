//! What Lemmy 1.0 and PieFed accept of feeds, as rules: they accept ours, and refuse what is broken, each for its rule.

use crate::shapes::{Broken, activity, actor, assert_accepted, assert_refused, context, nothing};
use clocher_tests::impostor::with;
use clocher_tests::shapes::Receiver::{Lemmy1, Lemmy019, Mastodon, PieFed};
use clocher_tests::shapes::{Verdict, judge};
use serde_json::{Value, json};

fn feed() -> Value {
    let fields = json!({
        "attributedTo": "https://pont.example/u/lea",
        "following": "https://pont.example/m/pont/following",
    });
    with(actor("Feed", "/m/pont", "pont_tout"), fields)
}

fn feed_update() -> Value {
    activity("Update", "/u/lea", feed())
}

fn feed_list() -> Value {
    json!({
        "@context": context(),
        "id": "https://pont.example/m/pont/following",
        "type": "Collection",
        "totalItems": 2,
        "items": ["https://pont.example/c/pont", "https://gare.example/c/gare"],
    })
}

fn feed_add() -> Value {
    let add = json!({
        "id": "https://pont.example/activity/9",
        "type": "Add",
        "actor": "https://pont.example/m/pont",
        "object": { "type": "Group", "id": "https://gare.example/c/gare" },
        "target": { "type": "Collection", "id": "https://pont.example/m/pont/following" },
    });
    activity("Announce", "/m/pont", add)
}

const BROKEN: &[Broken] = &[
    (feed, "/following", nothing, Lemmy1, "feed"),
    (feed, "/following", nothing, PieFed, "feed"),
    (feed, "/attributedTo", || json!(["https://pont.example/u/lea"]), Lemmy1, "owner of a feed"),
    (feed, "/attributedTo", nothing, PieFed, "owner of a feed"),
    (feed, "/name", || json!("x".repeat(51)), Lemmy1, "title of a feed"),
    (feed, "/preferredUsername", || json!("x".repeat(51)), PieFed, "feed"),
    (feed_update, "/actor", || json!("https://pont.example/m/pont"), Lemmy1, "feed by its owner"),
    (feed_update, "/cc", nothing, Lemmy1, "carrier"),
    (feed_list, "/items", || json!(vec!["https://pont.example/c/pont"; 50]), Lemmy1, "communities of a feed"),
    (feed_list, "/items", || json!("https://pont.example/c/pont"), PieFed, "communities of a feed"),
    (feed_list, "/type", || json!("OrderedCollection"), PieFed, "communities of a feed"),
    (feed_add, "/object/object/id", nothing, PieFed, "listed in a feed"),
];

#[test]
fn a_feed_of_ours_is_accepted_and_a_broken_one_refused_for_the_rule_that_it_breaks() {
    for document in [feed(), feed_update(), feed_list(), feed_add()] {
        assert_accepted(&document);
    }
    assert_refused(BROKEN);
}

#[test]
fn others_do_nothing_with_feeds_and_neither_is_told_in_the_form_of_the_other() {
    let nothing_done = [
        (feed(), Mastodon),
        (feed(), Lemmy019),
        (feed_update(), Lemmy019),
        (feed_update(), PieFed),
        (feed_list(), Lemmy019),
    ];
    for (document, receiver) in nothing_done {
        assert_eq!(judge(&document, receiver), Verdict::Ignored, "{receiver:?} and {document}");
    }
}
