//! What one end of a joint says to the other: by the person of the home, or by the instance actor of the second instance.

use super::activity::{Outgoing, Scribe};
use crate::joints::MAIL_HOME;
use clocher_app::{Result, joining};
use clocher_domain::joint::JointStep;
use clocher_storage::instance;
use serde_json::{Value, json};

/// One step, as it stands now; nothing where the joint is over.
pub fn said(
    scribe: &mut Scribe<'_>,
    joint: i64,
    step: JointStep,
    told: &[String],
    owed: &[String],
) -> Result<Vec<Outgoing>> {
    let Some(own) = instance::find(scribe.conn)? else { return Ok(Vec::new()) };
    let Some(said) = joining::statement(scribe.conn, own.actor_id, joint, step)? else {
        return Ok(Vec::new());
    };
    let (ids, modes): (Vec<_>, Vec<_>) =
        said.communities.iter().map(|(id, mode)| (id.as_str(), mode.as_str())).unzip();
    let mut object = json!({ "type": MAIL_HOME, "joint": said.key, "step": step.as_str() });
    if let Value::Object(fields) = &mut object {
        if let Some((ticket, mark)) = &said.ticket {
            fields.insert("ticket".to_owned(), json!(ticket));
            fields.insert("mark".to_owned(), json!(mark));
        }
        if matches!(step, JointStep::List | JointStep::Ready | JointStep::Handed) {
            fields.insert("communities".to_owned(), json!(ids));
        }
        if step == JointStep::List {
            fields.insert("modes".to_owned(), json!(modes));
        }
        if matches!(step, JointStep::Handed | JointStep::Released) {
            fields.insert("told".to_owned(), json!(told));
            fields.insert("owed".to_owned(), json!(owed));
        }
    }
    // It is known by its domain alone: nobody there has to be asked first.
    let there = format!("{}://{}", scribe.app.site().scheme(), said.domain);
    let mut outgoing = scribe.activity("Offer", &said.sender, object, &[format!("{there}/actor")], &[]);
    outgoing.subject = format!("joint {}", said.key);
    outgoing.inboxes = vec![(format!("{there}/inbox"), said.domain)];
    Ok(vec![outgoing])
}
