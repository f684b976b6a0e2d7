//! What the command line says of itself, in the user's language: helps, and why it was not understood.
//!
//! The texts are in the catalogue under the names of commands (`about-user-add`) and arguments
//! (`arg-json`, or `arg-user-add-name` where one command differs).

use super::print::complain;
use crate::language::Language;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command};
use std::process::ExitCode;

/// An example of each command.
const EXAMPLES: [(&str, &str); 35] = [
    ("demo", "clocher demo"),
    ("init", "clocher init --commune 07129 --domain lamastre.fr --admin mairie@lamastre.fr"),
    ("serve", "clocher serve --data /var/lib/clocher --listen 127.0.0.1:8080"),
    ("territory-search", "clocher territory search saint agreve"),
    ("territory-show", "clocher territory show region:84"),
    ("user-add", "clocher user add elodie --mail elodie@example.fr --role moderator"),
    ("user-list", "clocher user list --json"),
    ("user-reset", "clocher user reset elodie"),
    ("user-suspend", "clocher user suspend elodie"),
    ("user-role", "clocher user role elodie administrator"),
    ("community-add", "clocher community add velo --name-for-people \"Vélo-club\""),
    ("community-list", "clocher community list --instance lamastre.fr"),
    ("community-set", "clocher community set conseil --openness closed --instance lamastre.fr"),
    (
        "community-predecessor",
        "clocher community predecessor vallees-d-antraigues-asperjoc !asperjoc@asperjoc.example.org",
    ),
    (
        "community-merge",
        "clocher community merge asperjoc !vallees-d-antraigues-asperjoc@commune.example.org",
    ),
    ("domain-allow", "clocher domain allow social.example.org"),
    ("domain-block", "clocher domain block example.org --reason \"spam\""),
    ("domain-remove", "clocher domain remove example.org"),
    ("domain-list", "clocher domain list"),
    ("claim-list", "clocher claim list --json"),
    ("claim-confirm", "clocher claim confirm !cc-du-pays-de-lamastre@pays-de-lamastre.example.org"),
    ("claim-reject", "clocher claim reject !lamastre@ailleurs.example.org --code commune:07129"),
    (
        "link-propose",
        "clocher link propose lamastre !cc-du-pays-de-lamastre@pays-de-lamastre.localhost --as lower",
    ),
    ("link-accept", "clocher link accept cc-du-pays-de-lamastre !lamastre@lamastre.fr --accepts everything"),
    ("link-refuse", "clocher link refuse lamastre !velo@velo.example.org"),
    ("link-end", "clocher link end lamastre !velo@velo.example.org --withdraw"),
    ("link-policy", "clocher link policy lamastre !velo@velo.example.org --shares nothing --accepts nothing"),
    ("link-list", "clocher link list lamastre --json"),
    ("link-discover", "clocher link discover arche-agglo.example.org --instance lamastre.fr"),
    ("link-journal", "clocher link journal lamastre"),
    ("queue-list", "clocher queue list --json"),
    ("queue-retry", "clocher queue retry --host social.example.org"),
    ("queue-drop", "clocher queue drop 7654321"),
    ("channel-confirm", "clocher channel confirm --instance lamastre.fr"),
    ("version", "clocher version --json"),
];

/// Puts a command and those below it into a language.
pub(super) fn translate(command: Command, language: Language) -> Command {
    translate_at(command, "", language)
}

fn translate_at(command: Command, path: &str, language: Language) -> Command {
    let about = if path.is_empty() { "about".to_owned() } else { format!("about-{path}") };
    let template = template(command.has_subcommands(), language);
    let mut command = command
        .about(language.text(&about))
        .help_template(template)
        .disable_help_flag(true)
        .arg(Arg::new("help").short('h').long("help").action(ArgAction::Help));
    if path.is_empty() {
        command = command
            .disable_version_flag(true)
            .arg(Arg::new("version").short('V').long("version").action(ArgAction::Version));
    }
    if let Some((_, example)) = EXAMPLES.iter().find(|(of, _)| *of == path) {
        command = command.after_help(format!("{} {example}", language.text("help-example")));
    }
    let arguments: Vec<String> =
        command.get_arguments().map(|argument| argument.get_id().to_string()).collect();
    for id in arguments {
        let text = argument_text(path, &id, language);
        command = command.mut_arg(&id, |argument| argument.help(text));
    }
    let below: Vec<String> = command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    for name in below {
        let path = if path.is_empty() { name.clone() } else { format!("{path}-{name}") };
        command = command.mut_subcommand(name, |below| translate_at(below, &path, language));
    }
    command
}

fn argument_text(path: &str, id: &str, language: Language) -> String {
    let id = id.replace('_', "-");
    language.find(&format!("arg-{path}-{id}")).unwrap_or_else(|| language.text(&format!("arg-{id}")))
}

fn template(has_commands: bool, language: Language) -> String {
    let usage = language.text("help-usage");
    if has_commands {
        let (commands, options) = (language.text("help-commands"), language.text("help-options"));
        return format!(
            "{{about-with-newline}}\n{usage} {{usage}}\n\n{commands}\n{{subcommands}}\n\n{options}\n{{options}}"
        );
    }
    format!("{{about-with-newline}}\n{usage} {{usage}}\n\n{{all-args}}{{after-help}}")
}

/// Prints a help that was asked for, or why the arguments were not understood.
pub(super) fn tell(error: &clap::Error, language: Language) -> ExitCode {
    if !error.use_stderr() || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = error.print();
    } else {
        complain(&reason(error, language));
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

fn reason(error: &clap::Error, language: Language) -> String {
    let context = |kind| error.get(kind).map(words).unwrap_or_default();
    let argument = context(ContextKind::InvalidArg);
    let value = context(ContextKind::InvalidValue);
    let fill = |key: &str| {
        language.fill(
            key,
            &[
                ("argument", argument.clone()),
                ("value", value.clone()),
                ("command", context(ContextKind::InvalidSubcommand)),
                ("other", context(ContextKind::PriorArg)),
            ],
        )
    };
    let text = match error.kind() {
        ErrorKind::UnknownArgument => fill("usage-unknown-argument"),
        ErrorKind::InvalidSubcommand => fill("usage-unknown-command"),
        ErrorKind::MissingSubcommand => fill("usage-missing-command"),
        ErrorKind::MissingRequiredArgument => fill("usage-missing-argument"),
        ErrorKind::ArgumentConflict => fill("usage-conflict"),
        ErrorKind::InvalidValue if value.is_empty() => fill("usage-missing-value"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => fill("usage-invalid-value"),
        _ => fill("usage-wrong"),
    };
    let mut lines = vec![text];
    lines.extend(advice(error, language).map(|advice| format!("  {advice}")));
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        let usage = usage.strip_prefix("Usage:").unwrap_or(&usage).trim();
        lines.push(format!("\n{} {usage}", language.text("help-usage")));
    }
    lines.push(language.text("usage-try"));
    lines.join("\n")
}

/// What was meant, or what would do.
fn advice(error: &clap::Error, language: Language) -> Option<String> {
    let first = |kinds: &[ContextKind]| {
        kinds.iter().filter_map(|kind| error.get(*kind)).map(words).find(|words| !words.is_empty())
    };
    let meant = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    if let Some(meant) = first(&meant) {
        return Some(language.fill("usage-meant", &[("value", meant)]));
    }
    if let Some(possible) = first(&[ContextKind::ValidValue, ContextKind::ValidSubcommand]) {
        return Some(language.fill("usage-possible", &[("value", possible)]));
    }
    let validated = error.kind() == ErrorKind::ValueValidation;
    std::error::Error::source(error).filter(|_| validated).map(ToString::to_string)
}

fn words(value: &ContextValue) -> String {
    match value {
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(texts) => texts.join(", "),
        ContextValue::StyledStr(text) => text.to_string(),
        ContextValue::StyledStrs(texts) => {
            texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
        ContextValue::Number(number) => number.to_string(),
        ContextValue::Bool(_) | ContextValue::None | _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::arguments::Arguments;
    use super::*;
    use clap::CommandFactory;

    fn walk(command: &Command, path: &str, seen: &mut impl FnMut(&Command, &str)) {
        seen(command, path);
        for below in command.get_subcommands() {
            let name = below.get_name();
            walk(below, &if path.is_empty() { name.to_owned() } else { format!("{path}-{name}") }, seen);
        }
    }

    #[test]
    fn every_command_has_an_example_and_every_argument_a_text_in_both_languages() {
        for language in [Language::En, Language::Fr] {
            let command = translate(Arguments::command(), language);
            command.clone().debug_assert();
            walk(&command, "", &mut |command, path| {
                let key = format!("about-{path}");
                assert!(path.is_empty() || language.find(&key).is_some(), "{key}");
                let leaf = command.get_subcommands().next().is_none();
                assert!(!leaf || EXAMPLES.iter().any(|(of, _)| *of == path), "no example of {path}");
                for argument in command.get_arguments() {
                    let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
                    assert!(!help.is_empty() && !help.starts_with("arg-"), "{path}: {}", argument.get_id());
                }
            });
        }
    }

    #[test]
    fn examples_are_understood() {
        for (path, example) in EXAMPLES {
            let words = example.replace("\"Vélo-club\"", "Vélo-club").replace("\"spam\"", "spam");
            let parsed = Arguments::command().try_get_matches_from(words.split(' '));
            assert!(parsed.is_ok(), "{path}: {}", parsed.unwrap_err());
        }
    }
}
