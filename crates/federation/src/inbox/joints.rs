//! `Offer` of a `MailHome`: what the other end of a joint says. Nobody is asked for anything on the word of whoever is not
//! that end.

use super::Incoming;
use crate::error::{Error, Result};
use crate::sources::Sources;
use crate::vocabulary::{Reference, first_text, ids_of};
use clocher_app::joining::{self, Heard};
use clocher_app::received::Outcome;
use clocher_domain::joint::{JointStep, MAX_COMMUNITIES, MAX_TOLD};
use clocher_domain::ledger::Mode;
use serde_json::Value;

/// Longest key, ticket or mark, in bytes.
const MAX_SECRET: usize = 128;

/// One step of the other end.
pub async fn received(sources: &Sources, incoming: &Incoming, object: &Reference) -> Result<Outcome> {
    let Some(heard) = read(&object.0)? else { return Ok(Outcome::NotOurs) };
    if heard.step == JointStep::List {
        if !joining::expects(&sources.app, &heard.key, &incoming.actor).await? {
            return Ok(Outcome::NotOurs);
        }
        for (id, _) in &heard.communities {
            // Of what cannot be had, the other instance goes on to tell.
            if let Err(Error::NeedsNetwork) = sources.actor(id).await {
                return Err(Error::NeedsNetwork);
            }
        }
    }
    let received = incoming.received("Offer");
    Ok(joining::receive(&sources.app, received, incoming.actor.clone(), heard).await?)
}

/// Reads a step; none for one that means nothing here.
fn read(object: &Value) -> Result<Option<Heard>> {
    let text = |name: &str| object.get(name).and_then(first_text).filter(|text| text.len() <= MAX_SECRET);
    let Some(step) = text("step").and_then(JointStep::parse) else { return Ok(None) };
    let list = |name: &str, most: usize| match object.get(name) {
        None => Ok(Vec::new()),
        Some(list) => ids_of(list, most).ok_or(Error::Malformed("a list of a MailHome")),
    };
    let modes = object.get("modes").and_then(Value::as_array);
    let mode_at = |at: usize| modes.and_then(|modes| modes.get(at)).and_then(Value::as_str);
    let communities = list("communities", MAX_COMMUNITIES)?.into_iter().enumerate();
    let communities =
        communities.map(|(at, id)| (id, mode_at(at).and_then(Mode::parse).unwrap_or(Mode::None))).collect();
    Ok(Some(Heard {
        key: text("joint").ok_or(Error::Malformed("the key of a MailHome"))?.to_owned(),
        step,
        ticket: text("ticket").zip(text("mark")).map(|(ticket, mark)| (ticket.to_owned(), mark.to_owned())),
        communities,
        told: list("told", MAX_TOLD)?,
        owed: list("owed", MAX_TOLD)?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_step_is_read_in_its_form_and_bounded() {
        let list = json!({
            "type": "MailHome", "joint": "k", "step": "list",
            "communities": ["https://a.test/c/x", "https://a.test/c/y"], "modes": ["daily", "hourly"],
        });
        let heard = read(&list).unwrap().unwrap();
        assert_eq!((heard.step, heard.key.as_str()), (JointStep::List, "k"));
        let expected =
            [("https://a.test/c/x".to_owned(), Mode::Daily), ("https://a.test/c/y".to_owned(), Mode::None)];
        assert_eq!(heard.communities, expected);
        assert!(read(&json!({ "joint": "k", "step": "seize" })).unwrap().is_none());
        let many: Vec<String> = (0..=MAX_TOLD).map(|n| format!("https://a.test/post/{n}")).collect();
        for bad in [
            json!({ "step": "list" }),
            json!({ "joint": "k".repeat(MAX_SECRET + 1), "step": "list" }),
            json!({ "joint": "k", "step": "handed", "told": many }),
            json!({ "joint": "k", "step": "handed", "told": "https://a.test/post/1" }),
            json!({ "joint": "k", "step": "list", "communities": [7] }),
        ] {
            assert!(read(&bad).is_err(), "{bad}");
        }
    }
}
