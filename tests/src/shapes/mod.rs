//! The shapes that other servers accept: for each receiver the rules that its source enforces, and a check of
//! a document against them.
//!
//! A rule is here only where a receiver refuses, drops or misfiles what breaks it, and says where in its source
//! it does. What depends on what the receiver has stored (whom it blocks, what it knows already) is no shape.
//! Asks nobody, and knows nothing of databases or of HTTP: [`crate::wire`] brings it what our instances say.

pub mod context;
pub mod document;
mod feeds;
mod form;
mod gotosocial;
mod lemmy;
mod mastodon;
mod mobilizon;
mod nodebb;
mod piefed;

pub use context::Context;
pub use document::Kind;

use document::{Part, parts};
use serde_json::Value;
use std::fmt;

/// Whether a rule holds, or why not.
pub type Held = Result<(), String>;

/// What one receiver asks of a document.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its name, one of a kind within its receiver.
    pub name: &'static str,
    /// The kinds of documents, and of what is embedded in them, of which it is asked.
    pub of: &'static [Kind],
    /// Whether a document holds it.
    pub holds: fn(&Value) -> Held,
    /// Where the receiver enforces it: a path in its repository, and a function or field.
    pub source: &'static str,
}

/// Software that receives documents of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Receiver {
    /// Mastodon 4.6.
    Mastodon,
    /// Lemmy 0.19.
    Lemmy019,
    /// Lemmy 1.0.
    Lemmy1,
    /// PieFed 1.6.
    PieFed,
    /// NodeBB 4.
    NodeBb,
    /// Mobilizon 5.
    Mobilizon,
    /// GoToSocial 0.20.
    GoToSocial,
}

/// What a receiver makes of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It takes it for what it is.
    Accepted,
    /// It does nothing with documents of this kind.
    Ignored,
    /// It refuses, drops or misfiles it.
    Refused(Vec<Breach>),
}

/// A rule that a document breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Whose rule.
    pub receiver: Receiver,
    /// Its name.
    pub rule: &'static str,
    /// Where in the document: a JSON pointer (RFC 6901), empty for the whole.
    pub at: String,
    /// Why it does not hold.
    pub reason: String,
    /// Where the receiver enforces it.
    pub source: &'static str,
}

impl fmt::Display for Breach {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { receiver, rule, at, reason, source } = self;
        let at = if at.is_empty() { "the document" } else { at };
        write!(to, "{receiver:?} {rule}: {at}: {reason} [{source}]")
    }
}

/// The kinds that a receiver understands, each with the kinds of its `object`: empty for whatever it is.
type Understood = &'static [(Kind, &'static [Kind])];

impl Receiver {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Mastodon,
        Self::Lemmy019,
        Self::Lemmy1,
        Self::PieFed,
        Self::NodeBb,
        Self::Mobilizon,
        Self::GoToSocial,
    ];

    /// The name of its software in NodeInfo.
    pub fn software(self) -> &'static str {
        match self {
            Self::Mastodon => "mastodon",
            Self::Lemmy019 | Self::Lemmy1 => "lemmy",
            Self::PieFed => "piefed",
            Self::NodeBb => "nodebb",
            Self::Mobilizon => "mobilizon",
            Self::GoToSocial => "gotosocial",
        }
    }

    /// Its rules.
    pub fn rules(self) -> impl Iterator<Item = &'static Rule> {
        let of_feeds = match self {
            Self::Lemmy1 => feeds::LEMMY,
            Self::PieFed => feeds::PIEFED,
            _ => &[],
        };
        let (common, own): (&[Rule], &[Rule]) = match self {
            Self::Mastodon => (mastodon::RULES, &[]),
            Self::Lemmy019 => (lemmy::RULES, lemmy::RULES_0_19),
            Self::Lemmy1 => (lemmy::RULES, lemmy::RULES_1_0),
            Self::PieFed => (piefed::RULES, &[]),
            Self::NodeBb => (nodebb::RULES, &[]),
            Self::Mobilizon => (mobilizon::RULES, &[]),
            Self::GoToSocial => (gotosocial::RULES, &[]),
        };
        common.iter().chain(own).chain(of_feeds)
    }

    fn understood(self) -> Understood {
        match self {
            Self::Mastodon => mastodon::UNDERSTOOD,
            Self::Lemmy019 => lemmy::UNDERSTOOD_0_19,
            Self::Lemmy1 => lemmy::UNDERSTOOD_1_0,
            Self::PieFed => piefed::UNDERSTOOD,
            Self::NodeBb => nodebb::UNDERSTOOD,
            Self::Mobilizon => mobilizon::UNDERSTOOD,
            Self::GoToSocial => gotosocial::UNDERSTOOD,
        }
    }

    /// Whether it does anything with a document of this kind about an object of that one.
    pub fn understands(self, kind: Kind, object: Option<Kind>) -> bool {
        self.understood().iter().any(|(known, objects)| {
            *known == kind && (objects.is_empty() || object.is_some_and(|object| objects.contains(&object)))
        })
    }
}

/// What a receiver makes of a document.
pub fn judge(document: &Value, receiver: Receiver) -> Verdict {
    let (kind, object) = document::kind_of(document);
    if !receiver.understands(kind, object) {
        return Verdict::Ignored;
    }
    let parts = parts(document);
    let breaches: Vec<Breach> = receiver.rules().flat_map(|rule| breaches(receiver, rule, &parts)).collect();
    if breaches.is_empty() { Verdict::Accepted } else { Verdict::Refused(breaches) }
}

fn breaches(receiver: Receiver, rule: &'static Rule, parts: &[Part<'_>]) -> Vec<Breach> {
    let asked = parts.iter().filter(|part| rule.of.contains(&part.kind));
    let breach = |part: &Part<'_>| {
        let reason = (rule.holds)(part.value).err()?;
        Some(Breach { receiver, rule: rule.name, at: part.at.clone(), reason, source: rule.source })
    };
    asked.filter_map(breach).collect()
}

/// That WebFinger leads from an actor's name back to the actor: who asks of either is led to the other.
pub fn loops_back(actor: &Value, jrd: &Value) -> Option<Breach> {
    let links = form::several(form::at(jrd, "links"));
    let own = links.iter().find(|link| form::at(link, "rel") == "self");
    let leads = own.is_some_and(|link| form::at(link, "href") == form::at(actor, "id"));
    (!leads).then(|| Breach {
        receiver: Receiver::Mastodon,
        rule: "webfinger loops back",
        at: "/links".to_owned(),
        reason: format!("it does not lead to {}", form::at(actor, "id")),
        source: "app/services/activitypub/process_account_service.rb check_webfinger!; NodeBB actors.js assert",
    })
}

/// The rules that a document of ours breaks, of all whom we mean to understand it.
pub fn check(document: &Value, context: &Context) -> Vec<Breach> {
    let mut all = Vec::new();
    for receiver in context.receivers() {
        match judge(document, *receiver) {
            Verdict::Accepted => {}
            Verdict::Refused(breaches) => all.extend(breaches),
            Verdict::Ignored => all.push(Breach {
                receiver: *receiver,
                rule: "understood",
                at: String::new(),
                reason: format!("it does nothing with {:?}", document::kind_of(document)),
                source: "the kinds that it understands",
            }),
        }
    }
    all
}
