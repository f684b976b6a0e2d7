//! `clocher link`: the administrator acts for the communities of an instance.
//!
//! The rules of links are in `app` and `domain`. A community elsewhere that is not known yet is asked of its server, or
//! of the instance beside this one in the data folder; what is decided is told to others by the server that serves the
//! instance.

use super::arguments::{Accepts, Link, LinkEnd, LinkEnds, LinkPolicy, Shares, Which};
use super::print::{Printer, instant, table};
use super::target;
use crate::data::Data;
use crate::failure::{Failure, Outcome};
use crate::language::Language;
use crate::process::ProcessOptions;
use crate::summons;
use clocher_app::linking::{self, Linked, Noted};
use clocher_app::ports::Directory;
use clocher_app::{App, SystemClock, communities, reading};
use clocher_domain::Refusal;
use clocher_domain::actor::ActorKind;
use clocher_domain::handle::Handle;
use clocher_domain::link::{Accepting, LinkState, Policy, Relation, Sharing};
use clocher_federation::{Federation, Fediverse};
use clocher_storage::actors::ActorRow;
use clocher_storage::links::LinkRow;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;

pub(super) async fn run(asked: Link, language: Language) -> Outcome {
    let printer = |which: &Which| Printer::new(which.output.json, language);
    match asked {
        Link::Propose { ends, end, policy, which } => {
            let desk = Desk::open(&which, &ends.community).await?;
            let other = find(&desk.app, &which, &ends.other).await?;
            let relation = relation(end);
            let moderator = desk.administrator.id;
            let (community, policy) = (desk.community.id, policy.into());
            let row = linking::propose(&desk.app, moderator, community, other.id, relation, policy).await?;
            desk.tell(printer(&which), &row, &other)
        }
        Link::Accept { ends, policy, which } => {
            let (desk, linked) = Desk::open_at(&which, &ends).await?;
            let row =
                linking::accept(&desk.app, desk.administrator.id, linked.link.id, policy.into()).await?;
            desk.tell(printer(&which), &row, &linked.other)
        }
        Link::Refuse { ends, which } => {
            let (desk, linked) = Desk::open_at(&which, &ends).await?;
            let row = linking::refuse(&desk.app, desk.administrator.id, linked.link.id).await?;
            desk.tell(printer(&which), &row, &linked.other)
        }
        Link::End { ends, withdraw, which } => {
            let (desk, linked) = Desk::open_at(&which, &ends).await?;
            let row = linking::end(&desk.app, desk.administrator.id, linked.link.id, withdraw).await?;
            desk.tell(printer(&which), &row, &linked.other)
        }
        Link::Policy { ends, policy, which } => {
            let (desk, linked) = Desk::open_at(&which, &ends).await?;
            let (moderator, link) = (desk.administrator.id, linked.link.id);
            let row = linking::change_policy(&desk.app, moderator, link, policy.into()).await?;
            desk.tell(printer(&which), &row, &linked.other)
        }
        Link::List { community, which } => {
            let all = Desk::open(&which, &community).await?.list().await?;
            printer(&which).data(|| all.iter().map(view).collect(), |language| text(&all, language));
            Ok(())
        }
        Link::Discover { address, which } => {
            let (app, folder) = target::open_with_folder(&which)?;
            let administrator = linking::administrator(&app).await?;
            linking::search(&app, administrator.id, address.clone()).await?;
            summons::call(&app, &folder).map_err(|error| Failure::file(&folder, &error))?;
            printer(&which).done("link-discovering", &[("address", address)]);
            Ok(())
        }
        Link::Journal { community, limit, which } => {
            let desk = Desk::open(&which, &community).await?;
            let lines = linking::journal(&desk.app, desk.community.id, None, i64::from(limit)).await?;
            printer(&which).data(
                || lines.iter().map(noted).collect(),
                |language| table(&lines.iter().map(|line| noted_words(line, language)).collect::<Vec<_>>()),
            );
            Ok(())
        }
    }
}

/// Where a community of the instance is decided on.
struct Desk {
    app: App,
    folder: PathBuf,
    community: ActorRow,
    administrator: ActorRow,
}

impl Desk {
    async fn open(which: &Which, community: &str) -> Outcome<Self> {
        let (app, folder) = target::open_with_folder(which)?;
        let community = communities::find(&app, community).await?;
        let administrator = linking::administrator(&app).await?;
        Ok(Self { app, folder, community, administrator })
    }

    /// The same, with the link of that community with the other one.
    async fn open_at(which: &Which, ends: &LinkEnds) -> Outcome<(Self, Linked)> {
        let desk = Self::open(which, &ends.community).await?;
        let wanted = ends.other.trim_start_matches(['!', '@']);
        let is_wanted = |linked: &Linked| {
            let other = &linked.other;
            let is_named_here = other.local && other.name == wanted;
            is_named_here || [&other.ap_id, &other.url, &other.handle()].iter().any(|one| *one == wanted)
        };
        let found = desk.list().await?.into_iter().find(is_wanted);
        let linked = found.ok_or_else(|| Failure::from(clocher_app::Error::from(Refusal::NoLink)))?;
        Ok((desk, linked))
    }

    /// What waits, and what is agreed.
    async fn list(&self) -> Outcome<Vec<Linked>> {
        let mut all = linking::list_asked(&self.app, self.administrator.id, self.community.id).await?;
        all.extend(linking::list(&self.app, self.community.id).await?);
        Ok(all)
    }

    /// Says what stands now, and calls the workers of the server that serves the instance.
    fn tell(&self, printer: Printer, row: &LinkRow, other: &ActorRow) -> Outcome {
        summons::call(&self.app, &self.folder).map_err(|error| Failure::file(&self.folder, &error))?;
        let state = row.state()?;
        let fields = [
            ("community", self.community.name.clone()),
            ("other", other.handle()),
            ("relation", row.relation()?.as_str().to_owned()),
            ("state", state.as_str().to_owned()),
        ];
        printer.data(
            || fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect(),
            |language| language.fill(done_key(state), &fields),
        );
        Ok(())
    }
}

fn done_key(state: LinkState) -> &'static str {
    match state {
        LinkState::Proposed => "link-proposed",
        LinkState::Asked => "link-asked",
        LinkState::Active => "link-active",
        LinkState::Refused => "link-refused",
        LinkState::Ended => "link-ended",
    }
}

/// The other community: of here, known, of an instance beside this one, or asked of its server.
pub(super) async fn find(app: &App, which: &Which, address: &str) -> Outcome<ActorRow> {
    let name = address.trim_start_matches(['!', '@']);
    if !name.contains(['@', ':']) {
        return Ok(communities::find(app, name).await?);
    }
    if let Some(handle) = Handle::parse(name) {
        let known = reading::known_actor(app, &handle.name, &handle.host, &[ActorKind::Group], None).await;
        if let Ok(known) = known {
            return Ok(known);
        }
    }
    Ok(directory(which)?.find(app, address).await?)
}

/// What finds communities elsewhere: the instances beside this one in the data folder, and other servers.
pub(super) fn directory(which: &Which) -> Outcome<Fediverse> {
    let federation = Federation::new(ProcessOptions::default().federation)?;
    let data = Data::at(which.folder.data.clone());
    for domain in data.domains()? {
        // One that does not open is none that could be asked.
        if let Ok(sibling) = data.open(&domain, &[], Arc::new(SystemClock)) {
            federation.add(&sibling);
        }
    }
    Ok(Fediverse(federation))
}

/// What the other is, where this one is to be that.
fn relation(end: LinkEnd) -> Relation {
    match end {
        LinkEnd::Lower => Relation::Upper,
        LinkEnd::Upper => Relation::Lower,
        LinkEnd::Peer => Relation::Peer,
    }
}

impl From<LinkPolicy> for Policy {
    fn from(policy: LinkPolicy) -> Self {
        let shares = match policy.shares {
            Shares::Nothing => Sharing::Nothing,
            Shares::Author => Sharing::Author,
            Shares::Moderator => Sharing::Moderator,
            Shares::Everything => Sharing::Everything,
        };
        let accepts = match policy.accepts {
            Accepts::Nothing => Accepting::Nothing,
            Accepts::Moderated => Accepting::Moderated,
            Accepts::Everything => Accepting::Everything,
        };
        Self { shares, accepts }
    }
}

fn view(linked: &Linked) -> Value {
    json!({
        "id": linked.link.id,
        "other": linked.other.handle(),
        "address": linked.other.ap_id,
        "relation": linked.relation.as_str(),
        "state": linked.state.as_str(),
        "shares": linked.policy.shares.as_str(),
        "accepts": linked.policy.accepts.as_str(),
        "other_shares": linked.other_policy.shares.as_str(),
        "other_accepts": linked.other_policy.accepts.as_str(),
        "effective_at": instant(linked.link.effective_at),
    })
}

fn text(all: &[Linked], language: Language) -> String {
    let rows: Vec<_> = all
        .iter()
        .map(|linked| {
            vec![
                linked.other.handle(),
                language.text(&format!("link-relation-{}", linked.relation.as_str())),
                language.text(&format!("link-state-{}", linked.state.as_str())),
                format!("{} / {}", linked.policy.shares.as_str(), linked.policy.accepts.as_str()),
                linked.other.display_name.clone(),
            ]
        })
        .collect();
    table(&rows)
}

fn noted(line: &Noted) -> Value {
    json!({
        "at": instant(line.row.created_at),
        "event": line.row.event,
        "other": line.other.as_ref().map(ActorRow::handle),
        "by": line.actor.as_ref().map(ActorRow::handle),
        "relation": line.detail("relation"),
    })
}

fn noted_words(line: &Noted, language: Language) -> Vec<String> {
    let handle = |actor: &Option<ActorRow>| actor.as_ref().map(ActorRow::handle).unwrap_or_default();
    vec![
        instant(line.row.created_at),
        language.text(&format!("journal-{}", line.row.event.replace('_', "-"))),
        handle(&line.other),
        handle(&line.actor),
    ]
}
