//! `clocher domain`.
//!
//! What a rule does to deliveries and fetches is in `federation`.

use super::arguments::{Domain, Which};
use super::print::{Printer, instant, table};
use super::target;
use crate::failure::Outcome;
use crate::language::Language;
use clocher_app::domains;
use serde_json::json;

pub(super) async fn run(domain: Domain, language: Language) -> Outcome {
    let printer = |which: &Which| Printer::new(which.output.json, language);
    let normalised = |domain: &str| domains::normalise(domain).map_err(clocher_app::Error::from);
    match domain {
        Domain::Allow { domain, reason, which } => {
            domains::set(&target::open(&which)?, &domain, false, reason).await?;
            printer(&which).done("domain-allowed", &[("domain", normalised(&domain)?)]);
        }
        Domain::Block { domain, reason, which } => {
            domains::set(&target::open(&which)?, &domain, true, reason).await?;
            printer(&which).done("domain-blocked", &[("domain", normalised(&domain)?)]);
        }
        Domain::Remove { domain, which } => {
            domains::remove(&target::open(&which)?, &domain).await?;
            printer(&which).done("domain-removed", &[("domain", normalised(&domain)?)]);
        }
        Domain::List { which } => {
            let rules = domains::list(&target::open(&which)?).await?;
            printer(&which).data(
                || {
                    rules
                        .iter()
                        .map(|rule| {
                            json!({
                                "domain": rule.domain,
                                "rule": rule.rule,
                                "reason": rule.reason,
                                "created_at": instant(rule.created_at),
                            })
                        })
                        .collect()
                },
                |_| {
                    let rows: Vec<_> = rules
                        .iter()
                        .map(|rule| vec![rule.domain.clone(), rule.rule.clone(), rule.reason.clone()])
                        .collect();
                    table(&rows)
                },
            );
        }
    }
    Ok(())
}
