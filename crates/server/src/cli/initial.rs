//! `clocher init`: from what is typed to an instance.
//!
//! Making it is in `crate::creation`.

use super::arguments::{Init, PageLanguage};
use super::print::Printer;
use super::territories;
use crate::configuration::{Database, Environment, ProcessSettings, Source, Value};
use crate::creation::{self, NewInstance};
use crate::data::Data;
use crate::domain;
use crate::failure::{Failure, Outcome};
use clocher_app::SystemClock;
use clocher_app::accounts::{NewAccount, check_mail};
use clocher_app::founding::Founding;
use clocher_cog::Territory;
use clocher_domain::handle::{check_name, slug};
use serde_json::json;
use std::sync::Arc;

/// The administrator's name where the mail address has none to give.
const FALLBACK: &str = "mairie";

pub(super) async fn run(init: &Init, printer: Printer) -> Outcome {
    let data = Data::at(init.folder.data.clone());
    let environment = Environment::read()?;
    ProcessSettings::read(data.path(), &environment.process)?;
    let domain = domain::parse(&init.domain)
        .ok_or_else(|| Failure::wrong("domain-invalid").with("domain", &init.domain))?;
    let mail = check_mail(&init.admin).map_err(clocher_app::Error::from)?;
    let territory = territory(init, printer)?;
    let name = match territory {
        Some(territory) => territory.name.to_owned(),
        None => init.topical.clone().unwrap_or_default().trim().to_owned(),
    };
    if territory.is_none() && check_name(&slug(&name)).is_err() {
        return Err(Failure::wrong("topical-invalid").with("name", name));
    }
    let administrator = match &init.admin_name {
        Some(name) => name.clone(),
        None => name_of(&mail, &slug(&name)),
    };
    let founding = Founding {
        territory: territory.map(|territory| territory.id),
        name: name.clone(),
        language: match init.language {
            PageLanguage::Fr => "fr".to_owned(),
            PageLanguage::En => "en".to_owned(),
        },
        administrator: NewAccount {
            name: administrator.clone(),
            display_name: administrator.clone(),
            mail: mail.clone(),
            password: None,
        },
        neighbours: init.neighbour.clone(),
        communities: Vec::new(),
    };
    let database = database(init, &data, environment, &domain)?;
    let new = NewInstance { domain: domain.clone(), database, founding };
    let link = creation::create(&data, new, Arc::new(SystemClock)).await?;
    let folder = data.folder(&domain).display().to_string();
    printer.data(
        || {
            json!({
                "domain": domain,
                "name": name,
                "territory": territory.map(|territory| territory.id.to_string()),
                "administrator": administrator,
                "mail": mail,
                "folder": folder,
                "link": link.address,
            })
        },
        |language| {
            language.fill(
                "init-done",
                &[
                    ("name", name.clone()),
                    ("domain", domain.clone()),
                    ("folder", folder.clone()),
                    ("administrator", administrator.clone()),
                    ("link", link.address.clone()),
                    ("data", data.path().display().to_string()),
                ],
            )
        },
    );
    Ok(())
}

fn territory(init: &Init, printer: Printer) -> Outcome<Option<Territory>> {
    let (found, former) = match (&init.commune, &init.territory) {
        (Some(commune), _) => territories::commune(commune)?,
        (None, Some(territory)) => territories::area(territory)?,
        (None, None) => return Ok(None),
    };
    if let Some(former) = former {
        territories::note_retired(printer, former, &found);
    }
    Ok(Some(found))
}

/// What the flag says, else the environment where this is to be the only instance, else SQLite.
fn database(init: &Init, data: &Data, environment: Environment, domain: &str) -> Outcome<Database> {
    let first = !data.path().is_dir() || data.domains()?.is_empty();
    let mut values = if first { environment.instance } else { Vec::new() };
    values.extend(init.database.iter().map(|url| Value {
        key: "database.url".to_owned(),
        text: url.clone(),
        source: Source::Flag("--database"),
    }));
    Database::of(&values, domain)
}

/// The administrator's name: what stands before the `@`, unless it cannot be one or is the community's.
fn name_of(mail: &str, community: &str) -> String {
    let local = mail.split('@').next().unwrap_or_default();
    let name = slug(local.split('+').next().unwrap_or_default());
    let usable = check_name(&name).is_ok() && name != community;
    if usable { name } else { FALLBACK.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_administrator_is_named_after_the_mail_address() {
        for (mail, name) in [
            ("elodie.blanc@example.fr", "elodie-blanc"),
            ("e_b+clocher@example.fr", "e-b"),
            ("contact@example.fr", "mairie"),
            ("lamastre@example.fr", "mairie"),
            ("...@example.fr", "mairie"),
        ] {
            assert_eq!(name_of(mail, "lamastre"), name, "{mail}");
        }
    }
}
