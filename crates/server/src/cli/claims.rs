//! `clocher claim`: the administrator decides which communities elsewhere stand for the areas that they say.
//!
//! The rules of claims are in `app` and `domain`.

use super::arguments::{Claim, Which};
use super::print::{Printer, table};
use super::{target, territories};
use crate::failure::{Failure, Outcome};
use crate::language::Language;
use clocher_app::claims::{self, Changed, Open};
use clocher_app::linking;
use clocher_domain::Refusal;
use clocher_domain::territory::TerritoryId;
use clocher_storage::actors::ActorRow;
use serde_json::{Value, json};

pub(super) async fn run(asked: Claim, language: Language) -> Outcome {
    let printer = |which: &Which| Printer::new(which.output.json, language);
    match asked {
        Claim::List { which } => {
            let app = target::open(&which)?;
            let open = claims::list_open(&app, linking::administrator(&app).await?.id).await?;
            printer(&which).data(
                || open.iter().map(view).collect(),
                |language| table(&open.iter().map(|open| row(open, language)).collect::<Vec<_>>()),
            );
            Ok(())
        }
        Claim::Confirm { other, code, which } => {
            judge(&which, &other, code.as_deref(), true, printer(&which)).await
        }
        Claim::Reject { other, code, which } => {
            judge(&which, &other, code.as_deref(), false, printer(&which)).await
        }
    }
}

async fn judge(which: &Which, other: &str, code: Option<&str>, confirmed: bool, printer: Printer) -> Outcome {
    let app = target::open(which)?;
    let administrator = linking::administrator(&app).await?;
    let other = super::links::find(&app, which, other).await?;
    let claim = claims::find(&app, other.id).await?;
    let territory = match code {
        Some(code) => Some(territories::area(code)?.0.id),
        // What it says now is what there is to decide.
        None => claim.and_then(|claim| claim.says_now().or(claim.shown)),
    };
    let territory = territory.ok_or_else(|| Failure::from(clocher_app::Error::from(Refusal::NotFound)))?;
    claims::judge(&app, administrator.id, other.id, territory, confirmed).await?;
    let done = if confirmed { "claim-confirmed" } else { "claim-rejected" };
    printer.done(done, &[("other", other.handle()), ("territory", named(territory))]);
    Ok(())
}

fn named(territory: TerritoryId) -> String {
    let area = clocher_cog::find_id(territory);
    area.map_or_else(|| territory.to_string(), |area| format!("{} ({territory})", area.name))
}

fn view(open: &Open) -> Value {
    let says = if open.claim.changed.is_some() { open.claim.says_now() } else { open.claim.shown };
    json!({
        "community": open.community.handle(),
        "address": open.community.ap_id,
        "shown": open.claim.shown.map(|territory| territory.to_string()),
        "standing": open.claim.standing.as_str(),
        "says": says.map(|territory| territory.to_string()),
        "others": open.others.iter().map(ActorRow::handle).collect::<Vec<_>>(),
    })
}

fn row(open: &Open, language: Language) -> Vec<String> {
    let says = open.claim.changed.map(|changed| match changed {
        Changed::To(territory) => format!("→ {}", named(territory)),
        Changed::Away => "→".to_owned(),
    });
    vec![
        open.community.handle(),
        language.text(&format!("claim-standing-{}", open.claim.standing.as_str())),
        open.claim.shown.map(named).unwrap_or_default(),
        says.unwrap_or_default(),
        open.others.iter().map(ActorRow::handle).collect::<Vec<_>>().join(", "),
    ]
}
