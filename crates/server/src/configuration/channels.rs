//! How an instance carries mail to its people: the section `channels` of `instance.toml`.
//!
//! For now mail is carried into files alone, for whoever looks at what would be sent.

use super::source::Value;
use crate::failure::Outcome;
use crate::mailroom::Folder;
use crate::outbox_files::OutboxFiles;
use clocher_app::ports::{Channel, Seal};
use clocher_app::sending::{DIGEST_HOUR, Desk};
use std::path::Path;
use std::sync::Arc;

/// The section `channels`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelSettings {
    /// `channels.outbox_files`: whether mail is written as files into the folder of the instance.
    pub outbox_files: bool,
    /// `channels.digest_hour`: at which hour digests are due, 0 to 23, in the time of Paris.
    pub digest_hour: i64,
}

impl Default for ChannelSettings {
    /// Carries no mail.
    fn default() -> Self {
        Self { outbox_files: false, digest_hour: DIGEST_HOUR }
    }
}

impl ChannelSettings {
    /// What the last of these values say.
    ///
    /// # Errors
    /// Where a value is not one of its key.
    pub(super) fn of(values: &[Value]) -> Outcome<Self> {
        let mut settings = Self::default();
        for value in values {
            match value.key.as_str() {
                "channels.outbox_files" => {
                    settings.outbox_files = match value.text.as_str() {
                        "true" => true,
                        "false" => false,
                        _ => return Err(value.refused("true, false")),
                    };
                }
                "channels.digest_hour" => {
                    let hour = value.text.parse().ok().filter(|hour| (0..24).contains(hour));
                    settings.digest_hour = hour.ok_or_else(|| value.refused("0–23"))?;
                }
                _ => {}
            }
        }
        Ok(settings)
    }

    /// The lines that say this.
    pub(super) fn write(&self) -> String {
        format!(
            "[channels]\n\
             # Écrire les courriels dans le dossier outbox au lieu de les envoyer, et à quelle heure sont dus les résumés.\n\
             # Write mail into the folder outbox instead of sending it, and at which hour digests are due.\n\
             outbox_files = {}\n\
             digest_hour = {}\n",
            self.outbox_files, self.digest_hour
        )
    }

    /// What carries the mail of the instance of that folder.
    pub fn desk(&self, folder: &Path) -> Desk {
        let files = self.outbox_files.then(|| Arc::new(OutboxFiles::new(folder)) as Arc<dyn Channel>);
        let seal = files.as_ref().map(|_| Arc::new(Folder(folder.to_owned())) as Arc<dyn Seal>);
        Desk { mail: files, seal, digest_hour: self.digest_hour }
    }
}
