//! What can be asked for on the command line.
//!
//! Holds no text for people: `explanation` takes it from the catalogue, by the names of commands and
//! arguments.

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use clocher_domain::actor::Role;
use clocher_domain::community::Openness;
use clocher_domain::territory::Level;
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Parser)]
#[command(name = "clocher", version, disable_help_subcommand = true, arg_required_else_help = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub(super) enum Command {
    Demo(Demo),
    Init(Init),
    Serve(Serve),
    Territory {
        #[command(subcommand)]
        command: Territory,
    },
    User {
        #[command(subcommand)]
        command: User,
    },
    Community {
        #[command(subcommand)]
        command: Community,
    },
    Domain {
        #[command(subcommand)]
        command: Domain,
    },
    Claim {
        #[command(subcommand)]
        command: Claim,
    },
    Link {
        #[command(subcommand)]
        command: Link,
    },
    Queue {
        #[command(subcommand)]
        command: Queue,
    },
    Channel {
        #[command(subcommand)]
        command: Channel,
    },
    Version(Output),
}

#[derive(Args)]
pub(super) struct Output {
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub(super) struct Folder {
    #[arg(long, value_name = "DIR", env = "CLOCHER_DATA", hide_env_values = true)]
    pub data: Option<PathBuf>,
}

/// Which instance, and how its answer is printed.
#[derive(Args)]
pub(super) struct Which {
    #[command(flatten)]
    pub folder: Folder,
    #[arg(long, value_name = "DOMAIN")]
    pub instance: Option<String>,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Args)]
pub(super) struct Demo {
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

#[derive(Args)]
#[command(group = ArgGroup::new("what").required(true).args(["commune", "territory", "topical"]))]
pub(super) struct Init {
    #[arg(long, value_name = "CODE|NAME")]
    pub commune: Option<String>,
    #[arg(long, value_name = "CODE")]
    pub territory: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub topical: Option<String>,
    #[arg(long, value_name = "DOMAIN")]
    pub domain: String,
    #[arg(long, value_name = "MAIL")]
    pub admin: String,
    #[arg(long, value_name = "NAME")]
    pub admin_name: Option<String>,
    #[arg(long, value_name = "fr|en", default_value = "fr")]
    pub language: PageLanguage,
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    #[arg(long, value_name = "ADDRESS")]
    pub neighbour: Vec<String>,
    #[command(flatten)]
    pub folder: Folder,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum PageLanguage {
    Fr,
    En,
}

#[derive(Args)]
pub(super) struct Serve {
    #[command(flatten)]
    pub folder: Folder,
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Subcommand)]
pub(super) enum Territory {
    Search {
        #[arg(required = true, value_name = "WORDS")]
        words: Vec<String>,
        #[arg(long, value_name = "LEVEL", value_parser = level)]
        level: Option<Level>,
        #[arg(long, value_name = "N", default_value = "20")]
        limit: usize,
        #[command(flatten)]
        output: Output,
    },
    Show {
        #[arg(value_name = "CODE")]
        code: String,
        #[command(flatten)]
        output: Output,
    },
}

fn level(text: &str) -> Result<Level, String> {
    text.parse().map_err(|_| Level::ALL.map(Level::as_str).join(", "))
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum RoleName {
    Member,
    Moderator,
    Administrator,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Member => Self::Member,
            RoleName::Moderator => Self::Moderator,
            RoleName::Administrator => Self::Administrator,
        }
    }
}

#[derive(Subcommand)]
pub(super) enum User {
    Add {
        #[arg(value_name = "NAME")]
        name: String,
        #[arg(long, value_name = "MAIL")]
        mail: String,
        #[arg(long, value_name = "TEXT")]
        display_name: Option<String>,
        #[arg(long, value_name = "ROLE", default_value = "member")]
        role: RoleName,
        #[command(flatten)]
        which: Which,
    },
    List {
        #[command(flatten)]
        which: Which,
    },
    Reset {
        #[arg(value_name = "NAME|MAIL")]
        name: String,
        #[command(flatten)]
        which: Which,
    },
    Suspend {
        #[arg(value_name = "NAME|MAIL")]
        name: String,
        #[arg(long)]
        lift: bool,
        #[command(flatten)]
        which: Which,
    },
    Role {
        #[arg(value_name = "NAME|MAIL")]
        name: String,
        #[arg(value_name = "ROLE")]
        role: RoleName,
        #[command(flatten)]
        which: Which,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum OpennessName {
    Open,
    Closed,
    Hidden,
}

impl From<OpennessName> for Openness {
    fn from(name: OpennessName) -> Self {
        match name {
            OpennessName::Open => Self::Open,
            OpennessName::Closed => Self::Closed,
            OpennessName::Hidden => Self::Hidden,
        }
    }
}

#[derive(Subcommand)]
pub(super) enum Community {
    Add {
        #[arg(value_name = "NAME")]
        name: String,
        #[arg(long, value_name = "TEXT")]
        name_for_people: Option<String>,
        #[arg(long, value_name = "CODE")]
        territory: Option<String>,
        #[arg(long, conflicts_with = "hidden")]
        closed: bool,
        #[arg(long)]
        hidden: bool,
        #[command(flatten)]
        which: Which,
    },
    Set {
        #[arg(value_name = "COMMUNITY")]
        community: String,
        #[arg(long, value_name = "WHO")]
        openness: OpennessName,
        #[command(flatten)]
        which: Which,
    },
    Predecessor {
        #[command(flatten)]
        ends: LinkEnds,
        #[command(flatten)]
        which: Which,
    },
    Merge {
        #[command(flatten)]
        ends: LinkEnds,
        #[command(flatten)]
        which: Which,
    },
    List {
        #[command(flatten)]
        which: Which,
    },
}

#[derive(Subcommand)]
pub(super) enum Domain {
    Allow {
        #[arg(value_name = "DOMAIN")]
        domain: String,
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        reason: String,
        #[command(flatten)]
        which: Which,
    },
    Block {
        #[arg(value_name = "DOMAIN")]
        domain: String,
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        reason: String,
        #[command(flatten)]
        which: Which,
    },
    Remove {
        #[arg(value_name = "DOMAIN")]
        domain: String,
        #[command(flatten)]
        which: Which,
    },
    List {
        #[command(flatten)]
        which: Which,
    },
}

/// What a community is to be to the other one.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum LinkEnd {
    Lower,
    Upper,
    Peer,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Shares {
    Nothing,
    Author,
    Moderator,
    Everything,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Accepts {
    Nothing,
    Moderated,
    Everything,
}

/// What this end of a link states.
#[derive(Args)]
pub(super) struct LinkPolicy {
    #[arg(long, value_name = "WHAT", default_value = "author")]
    pub shares: Shares,
    #[arg(long, value_name = "WHAT", default_value = "moderated")]
    pub accepts: Accepts,
}

/// A community of the instance, and the other end of a link of it.
#[derive(Args)]
pub(super) struct LinkEnds {
    #[arg(value_name = "COMMUNITY")]
    pub community: String,
    #[arg(value_name = "OTHER")]
    pub other: String,
}

#[derive(Subcommand)]
pub(super) enum Claim {
    List {
        #[command(flatten)]
        which: Which,
    },
    Confirm {
        #[arg(value_name = "OTHER")]
        other: String,
        #[arg(long, value_name = "CODE")]
        code: Option<String>,
        #[command(flatten)]
        which: Which,
    },
    Reject {
        #[arg(value_name = "OTHER")]
        other: String,
        #[arg(long, value_name = "CODE")]
        code: Option<String>,
        #[command(flatten)]
        which: Which,
    },
}

#[derive(Subcommand)]
pub(super) enum Link {
    Propose {
        #[command(flatten)]
        ends: LinkEnds,
        #[arg(long = "as", value_name = "END")]
        end: LinkEnd,
        #[command(flatten)]
        policy: LinkPolicy,
        #[command(flatten)]
        which: Which,
    },
    Accept {
        #[command(flatten)]
        ends: LinkEnds,
        #[command(flatten)]
        policy: LinkPolicy,
        #[command(flatten)]
        which: Which,
    },
    Refuse {
        #[command(flatten)]
        ends: LinkEnds,
        #[command(flatten)]
        which: Which,
    },
    End {
        #[command(flatten)]
        ends: LinkEnds,
        #[arg(long)]
        withdraw: bool,
        #[command(flatten)]
        which: Which,
    },
    Policy {
        #[command(flatten)]
        ends: LinkEnds,
        #[command(flatten)]
        policy: LinkPolicy,
        #[command(flatten)]
        which: Which,
    },
    List {
        #[arg(value_name = "COMMUNITY")]
        community: String,
        #[command(flatten)]
        which: Which,
    },
    Discover {
        #[arg(value_name = "ADDRESS")]
        address: String,
        #[command(flatten)]
        which: Which,
    },
    Journal {
        #[arg(value_name = "COMMUNITY")]
        community: String,
        #[arg(long, value_name = "N", default_value = "100", value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
        #[command(flatten)]
        which: Which,
    },
}

#[derive(Subcommand)]
pub(super) enum Channel {
    Confirm {
        #[arg(long)]
        send_old: bool,
        #[command(flatten)]
        which: Which,
    },
}

#[derive(Subcommand)]
pub(super) enum Queue {
    List {
        #[arg(long, value_name = "N", default_value = "100", value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
        #[command(flatten)]
        which: Which,
    },
    Retry {
        #[arg(value_name = "ID", conflicts_with = "host")]
        id: Option<i64>,
        #[arg(long, value_name = "HOST")]
        host: Option<String>,
        #[command(flatten)]
        which: Which,
    },
    Drop {
        #[arg(value_name = "ID")]
        id: i64,
        #[command(flatten)]
        which: Which,
    },
}
