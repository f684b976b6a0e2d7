//! A channel that writes what would be sent as files, one a mail, into the folder `outbox` of the instance: for whoever
//! tries an instance out before mail is set up.
//!
//! A file appears when it is complete. Sends nothing.

use crate::language::Language;
use clocher_app::ports::{Channel, Later};
use clocher_app::sending::{Item, Letter, Parcel};
use clocher_app::{App, Error, Result, text};
use clocher_storage::actors::ActorRow;
use std::fmt::Write as _;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The folder, in that of the instance.
const FOLDER: &str = "outbox";
/// Longest subject made of a text, in characters.
const BEGINNING: usize = 90;

/// Writes mail into files.
#[derive(Clone, Debug)]
pub(crate) struct OutboxFiles(PathBuf);

impl OutboxFiles {
    /// Those of the instance of that folder.
    pub(crate) fn new(folder: &Path) -> Self {
        Self(folder.join(FOLDER))
    }

    fn put(&self, number: i64, content: &str) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.0)?;
        let draft = self.0.join(format!(".{number}.draft"));
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&draft)?;
        file.write_all(content.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&draft, self.0.join(format!("{number}.txt")))?;
        File::open(&self.0)?.sync_all()
    }
}

impl Channel for OutboxFiles {
    fn carry<'a>(&'a self, app: &'a App, parcel: &'a Parcel) -> Later<'a, Result<()>> {
        Box::pin(async move {
            let instance = app.instance().await?.name.clone();
            let (files, number, content) = (self.clone(), app.mint(), content(parcel, &instance));
            let written = tokio::task::spawn_blocking(move || files.put(number, &content)).await;
            let written = written.unwrap_or_else(|stopped| Err(io::Error::other(stopped)));
            written.map_err(|error| Error::Internal(format!("the outbox: {error}")))
        })
    }
}

/// A mail as a file. The same parcel gives the same bytes.
fn content(parcel: &Parcel, instance: &str) -> String {
    let language = if parcel.language == "en" { Language::En } else { Language::Fr };
    let fill = |key| language.fill(key, &[("name", instance.to_owned())]);
    let mut out = String::new();
    header(&mut out, "To", &parcel.to);
    match &parcel.letter {
        Letter::Message(item) => {
            places(&mut out, item);
            header(&mut out, "From", &format!("@{}", item.author.handle()));
            header(&mut out, "Message-ID", &format!("<{}>", parcel.message_id));
            if let Some(answers) = &item.answers {
                header(&mut out, "In-Reply-To", &format!("<{answers}>"));
            }
            header(&mut out, "Date", &date(item.post.published_at));
            header(&mut out, "Subject", &subject(item));
            let _ = write!(out, "\n{}\n\n{}\n", text::plain(&item.post.html).trim(), item.post.url);
        }
        Letter::Digest { due_at, items } => {
            header(&mut out, "Message-ID", &format!("<{}>", parcel.message_id));
            header(&mut out, "Date", &date(*due_at));
            header(&mut out, "Subject", &fill("letter-digest"));
            for item in items {
                out.push('\n');
                places(&mut out, item);
                header(&mut out, "From", &format!("@{}", item.author.handle()));
                header(&mut out, "Line", &format!("<{}>", item.message_id));
                header(&mut out, "Title", &subject(item));
                header(&mut out, "Page", &item.post.url);
            }
        }
        Letter::Confirmation { link } => {
            header(&mut out, "Message-ID", &format!("<{}>", parcel.message_id));
            header(&mut out, "Subject", &fill("letter-confirmation"));
            let _ = write!(out, "\n{}\n\n{link}\n", fill("letter-confirmation-text"));
        }
        Letter::Joining { link, domain, is_home } => {
            let key = if *is_home { "letter-joining-here" } else { "letter-joining-there" };
            let text = language.fill(key, &[("name", instance.to_owned()), ("domain", domain.clone())]);
            header(&mut out, "Message-ID", &format!("<{}>", parcel.message_id));
            header(&mut out, "Subject", &fill("letter-joining"));
            let _ = write!(out, "\n{text}\n\n{link}\n");
        }
    }
    let _ = write!(out, "\n-- \n{}\n{}\n", fill("letter-elsewhere"), parcel.elsewhere);
    out
}

/// Where a message comes from, and where else its reader finds it.
fn places(out: &mut String, item: &Item) {
    let handle = |row: &ActorRow| format!("@{}", row.handle());
    if let Some(list) = &item.list {
        header(out, "List", &handle(list));
    }
    if !item.also_in.is_empty() {
        header(out, "Also-In", &item.also_in.iter().map(handle).collect::<Vec<_>>().join(", "));
    }
}

fn subject(item: &Item) -> String {
    let title = item.post.title.clone().or_else(|| item.post.warning.clone());
    let title = title.filter(|title| !title.is_empty());
    let title = title.unwrap_or_else(|| text::excerpt(&text::plain(&item.post.html), BEGINNING));
    match &item.list {
        Some(list) => format!("[{}] {title}", list.display_name),
        None => title,
    }
}

fn date(millis: i64) -> String {
    jiff::Timestamp::from_millisecond(millis).unwrap_or_default().to_string()
}

/// One line, whatever is in the value: nobody's words make a header.
fn header(out: &mut String, name: &str, value: &str) {
    let value: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let _ = writeln!(out, "{name}: {}", value.trim());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_s_words_make_a_header() {
        let mut out = String::new();
        header(&mut out, "Subject", "Fête\r\nBcc: everybody@example.org");
        assert_eq!(out, "Subject: Fête  Bcc: everybody@example.org\n");
    }

    #[test]
    fn every_mail_ends_with_the_link_of_who_gets_mail_from_elsewhere_in_the_language_of_its_reader() {
        let question = |language: &str, is_home| Parcel {
            to: "a@b.fr".into(),
            language: language.into(),
            message_id: "1@alpha.test".into(),
            letter: Letter::Joining {
                link: "https://alpha.test/l".into(),
                domain: "beta.test".into(),
                is_home,
            },
            elsewhere: "https://alpha.test/mail-home/7".into(),
        };
        let digest = Letter::Digest { due_at: 0, items: Vec::new() };
        let confirmation = Letter::Confirmation { link: "https://alpha.test/l".into() };
        for (language, words) in [("fr", "Je reçois déjà des courriels"), ("en", "I already receive mail")]
        {
            for letter in [digest.clone(), confirmation.clone(), question(language, true).letter] {
                let text = content(&Parcel { letter, ..question(language, true) }, "Alpha");
                let footer = text.rsplit_once("\n-- \n").unwrap().1;
                assert!(
                    footer.contains(words) && footer.contains("https://alpha.test/mail-home/7"),
                    "{text}"
                );
            }
            let (here, there) = (question(language, true), question(language, false));
            assert_ne!(content(&here, "Alpha"), content(&there, "Alpha"));
            assert!(content(&there, "Alpha").contains("beta.test"));
        }
    }

    #[test]
    fn a_file_is_there_when_it_is_complete_and_for_nobody_else_to_read() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        OutboxFiles::new(folder.path()).put(7, "To: a@b.fr\n").unwrap();
        let names: Vec<_> = std::fs::read_dir(folder.path().join(FOLDER)).unwrap().collect();
        assert_eq!(names.len(), 1);
        let path = folder.path().join(FOLDER).join("7.txt");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "To: a@b.fr\n");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
