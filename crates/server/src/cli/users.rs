//! `clocher user`.
//!
//! The rules of accounts are in `app` and `domain`.

use super::arguments::{User, Which};
use super::print::{Printer, instant, table};
use super::target;
use crate::failure::Outcome;
use crate::language::Language;
use clocher_app::accounts::{self, NewAccount};
use clocher_app::sessions;
use clocher_domain::actor::Role;
use clocher_storage::accounts::AccountRow;
use clocher_storage::actors::ActorRow;
use serde_json::{Value, json};

pub(super) async fn run(user: User, language: Language) -> Outcome {
    let printer = |which: &Which| Printer::new(which.output.json, language);
    match user {
        User::Add { name, mail, display_name, role, which } => {
            let app = target::open(&which)?;
            let role = Role::from(role);
            let display_name = display_name.unwrap_or_else(|| name.clone());
            let account = NewAccount { name, display_name, mail, password: None };
            let actor = accounts::add(&app, account, role).await?;
            let link = sessions::make_link(&app, actor.id).await?.address;
            printer(&which).done(
                "user-added",
                &[("name", actor.name), ("role", role.as_str().to_owned()), ("link", link)],
            );
        }
        User::List { which } => {
            let rows = accounts::list(&target::open(&which)?).await?;
            printer(&which).data(
                || rows.iter().map(view).collect(),
                |language| table(&rows.iter().map(|row| line(row, language)).collect::<Vec<_>>()),
            );
        }
        User::Reset { name, which } => {
            let app = target::open(&which)?;
            let (account, actor) = accounts::find(&app, &name).await?;
            let link = sessions::make_link(&app, account.actor_id).await?.address;
            printer(&which).done("user-reset", &[("name", actor.name), ("link", link)]);
        }
        User::Suspend { name, lift, which } => {
            let app = target::open(&which)?;
            let (account, actor) = accounts::find(&app, &name).await?;
            accounts::suspend(&app, account.actor_id, !lift).await?;
            let key = if lift { "user-lifted" } else { "user-suspended" };
            printer(&which).done(key, &[("name", actor.name)]);
        }
        User::Role { name, role, which } => {
            let app = target::open(&which)?;
            let role = Role::from(role);
            let (account, actor) = accounts::find(&app, &name).await?;
            accounts::set_role(&app, account.actor_id, role).await?;
            let arguments = [("name", actor.name), ("role", role.as_str().to_owned())];
            printer(&which).done("user-role-set", &arguments);
        }
    }
    Ok(())
}

fn view((account, actor): &(AccountRow, ActorRow)) -> Value {
    json!({
        "name": actor.name,
        "display_name": actor.display_name,
        "mail": account.mail,
        "role": account.role,
        "suspended": !actor.is_active(),
        "created_at": instant(account.created_at),
    })
}

fn line((account, actor): &(AccountRow, ActorRow), language: Language) -> Vec<String> {
    let suspended = if actor.is_active() { String::new() } else { language.text("user-is-suspended") };
    vec![
        actor.name.clone(),
        account.role.clone(),
        account.mail.clone(),
        actor.display_name.clone(),
        suspended,
    ]
}
