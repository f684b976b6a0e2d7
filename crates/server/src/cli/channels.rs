//! `clocher channel`.
//!
//! Confirms that a restored or copied database is the only one; the server of the instance sends then.

use super::arguments::Channel;
use super::print::Printer;
use super::target;
use crate::failure::{Failure, Outcome};
use crate::language::Language;
use crate::{mailroom, summons};
use clocher_app::marker;

pub(super) async fn run(asked: Channel, language: Language) -> Outcome {
    let Channel::Confirm { send_old, which } = asked;
    let (app, folder) = target::open_with_folder(&which)?;
    let failed = |error| Failure::file(&folder, &error);
    let (next, discarded) = marker::confirm(&app, send_old).await?;
    mailroom::write(&folder, &next).map_err(failed)?;
    summons::call(&app, &folder).map_err(failed)?;
    let arguments = [("domain", app.site().domain().to_owned()), ("count", discarded.to_string())];
    Printer::new(which.output.json, language).done("channel-confirmed", &arguments);
    Ok(())
}
