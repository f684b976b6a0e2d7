//! `clocher queue`.
//!
//! Moves rows and calls the workers of the server that serves the instance, which do the rest.

use super::arguments::{Queue, Which};
use super::print::{Printer, instant, table};
use super::target;
use crate::failure::{Failure, Outcome};
use crate::language::Language;
use crate::summons;
use clocher_app::queue::{self, Queues};
use clocher_storage::deliveries::DeliveryRow;
use clocher_storage::jobs::JobRow;
use serde_json::{Value, json};

pub(super) async fn run(asked: Queue, language: Language) -> Outcome {
    let printer = |which: &Which| Printer::new(which.output.json, language);
    match asked {
        Queue::List { limit, which } => {
            let queues = queue::list(&target::open(&which)?, i64::from(limit)).await?;
            printer(&which).data(|| view(&queues), |language| text(&queues, language));
        }
        Queue::Retry { id, host, which } => {
            let (app, folder) = target::open_with_folder(&which)?;
            let count = queue::retry(&app, id, host).await?;
            summons::call(&app, &folder).map_err(|error| Failure::file(&folder, &error))?;
            if let Some(id) = id.filter(|_| count == 0) {
                return Err(Failure::failed("queue-nothing").with("id", id));
            }
            printer(&which).data(
                || json!({ "retried": count }),
                |language| language.fill("queue-retried", &[("count", count.to_string())]),
            );
        }
        Queue::Drop { id, which } => {
            queue::drop(&target::open(&which)?, id).await?;
            printer(&which).done("queue-dropped", &[("id", id.to_string())]);
        }
    }
    Ok(())
}

fn view(queues: &Queues) -> Value {
    let delivery = |row: &DeliveryRow| {
        json!({
            "id": row.id,
            "state": row.state,
            "host": row.host,
            "inbox": row.inbox,
            "attempts": row.attempts,
            "next_at": instant(row.next_at),
            "last_error": row.last_error,
            "created_at": instant(row.created_at),
        })
    };
    let job = |row: &JobRow| {
        json!({
            "id": row.id,
            "state": row.state,
            "kind": row.kind,
            "subject": row.subject,
            "attempts": row.attempts,
            "next_at": instant(row.next_at),
            "last_error": row.last_error,
            "created_at": instant(row.created_at),
        })
    };
    json!({
        "effects": queues.effects,
        "fan_outs": queues.fan_outs,
        "deliveries": queues.deliveries.iter().map(delivery).collect::<Vec<_>>(),
        "jobs": queues.jobs.iter().map(job).collect::<Vec<_>>(),
    })
}

fn text(queues: &Queues, language: Language) -> String {
    let mut rows = Vec::new();
    let mut push = |id: i64, what: &str, state: &str, attempts: i64, next_at: i64, error: Option<&String>| {
        rows.push(vec![
            id.to_string(),
            what.to_owned(),
            state.to_owned(),
            attempts.to_string(),
            instant(next_at),
            error.cloned().unwrap_or_default(),
        ]);
    };
    for row in &queues.deliveries {
        push(row.id, &row.host, &row.state, row.attempts, row.next_at, row.last_error.as_ref());
    }
    for row in &queues.jobs {
        push(row.id, &row.kind, &row.state, row.attempts, row.next_at, row.last_error.as_ref());
    }
    let counts = language.fill(
        "queue-counts",
        &[
            ("effects", queues.effects.to_string()),
            ("deliveries", queues.deliveries.len().to_string()),
            ("jobs", queues.jobs.len().to_string()),
        ],
    );
    if rows.is_empty() { counts } else { format!("{counts}\n{}", table(&rows)) }
}
