//! The rules of ARCHITECTURE.md that a machine can check: layers, purity, names, sizes.
//!
//! Each rule is a function over a path and a text (or over the lists it compares), and each has a sample that it
//! refuses: a rule that cannot fail is worth nothing. No file is exempt, this one included, which is why
//! the forbidden words are put together by `concat!`. It judges text, not meaning: what the compiler and
//! clippy see better is left to them.

use std::{
    collections::BTreeSet,
    fs,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    process::Command,
};

/// Every package of the workspace, without its prefix, and those it may name, lowest layer first.
const LAYERS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("cog", &["domain"]),
    ("storage", &["domain"]),
    ("app", &["domain", "cog", "storage"]),
    ("federation", DOOR),
    ("web", DOOR),
    ("mail", DOOR),
    ("calendar", DOOR),
    ("server", &["domain", "cog", "storage", "app", "federation", "web", "mail", "calendar"]),
    ("simulation", &["domain", "cog", "storage", "app", "federation"]),
    (
        "tests",
        &["domain", "cog", "storage", "app", "federation", "web", "mail", "calendar", "server", "simulation"],
    ),
    (
        "bench",
        &["domain", "cog", "storage", "app", "federation", "web", "mail", "calendar", "server", "simulation"],
    ),
    ("xtask", &["domain", "cog"]),
];

/// What a door may name: all that is below it, and never another door.
const DOOR: &[&str] = &["domain", "cog", "storage", "app"];

const DIESEL: &str = concat!("die", "sel");

/// What `domain` does without, in the words of its sources.
const IMPURE: &[&str] = &[
    concat!("to", "kio"),
    concat!("std::", "net"),
    concat!("System", "Time"),
    concat!("Instant::", "now"),
    concat!("::", "now("),
    concat!("async ", "fn"),
    concat!("async ", "move"),
    concat!("async ", "{"),
    concat!(".", "await"),
];

/// Names that say nothing of what a module is for.
const EMPTY_NAMES: &[&str] =
    &["util", "utils", "common", "helper", "helpers", "manager", "managers", "service", "services"];

/// Attacks of SECURITY.md that a test must make: one whose name begins with the case, as `s07_`.
const ATTACKS: &[RangeInclusive<u8>] =
    &[1..=18, 21..=23, 25..=28, 30..=30, 32..=38, 41..=51, 56..=56, 58..=63, 65..=65, 67..=70];

/// Those that no test makes yet, and what they wait for.
const OWED: &[(u8, &str)] = &[];

/// Package registries: a lock file names them, nothing else has to.
const REGISTRY_HOSTS: &[&str] = &[
    concat!("crates", ".io"),
    concat!("registry.", "npmjs"),
    concat!("registry.", "yarnpkg"),
    concat!("pypi", ".org"),
    concat!("files.", "pythonhosted.org"),
    concat!("rubygems", ".org"),
    concat!("proxy.", "golang.org"),
    concat!("repo.", "maven.apache.org"),
];

const LONGEST_FILE: usize = 600;

/// A rule over one file: the breaches it finds, a line each.
type Rule = fn(path: &str, text: &str) -> Vec<String>;

// The rules.

/// Edges of the dependency graph that the layers forbid; normal, development and build alike.
fn forbidden_edges(metadata: &str) -> Vec<String> {
    let metadata: serde_json::Value =
        serde_json::from_str(metadata).unwrap_or_else(|error| panic!("cargo's metadata: {error}"));
    let mut breaches = Vec::new();
    for package in list(&metadata, "packages") {
        let from = word(package, "name");
        let Some(may_use) = may_use(from) else {
            breaches.push(format!("{from}: not in the table of layers"));
            continue;
        };
        for dependency in list(package, "dependencies") {
            let to = word(dependency, "name");
            let kind = dependency.get("kind").and_then(serde_json::Value::as_str).unwrap_or("normal");
            // The tests of storage use the databases that it keeps for everybody's, behind a feature.
            let own_tests = to == from && from == "clocher-storage" && kind == "dev";
            if !own_tests && to.strip_prefix("clocher-").is_some_and(|layer| !may_use.contains(&layer)) {
                breaches.push(format!("{from} → {to} ({kind}): not downward"));
            }
            if to.starts_with(DIESEL) && from != "clocher-storage" {
                breaches.push(format!("{from} → {to} ({kind}): storage alone speaks SQL"));
            }
        }
    }
    breaches
}

fn may_use(package: &str) -> Option<&'static [&'static str]> {
    let layer = package.strip_prefix("clocher-")?;
    LAYERS.iter().find(|(name, _)| *name == layer).map(|(_, below)| *below)
}

/// Folders of `crates/` that the table of layers does not know.
fn unknown_crates(paths: &[String]) -> Vec<String> {
    let folders: BTreeSet<&str> =
        paths.iter().filter_map(|path| path.strip_prefix("crates/")?.split('/').next()).collect();
    folders
        .into_iter()
        .filter(|folder| !LAYERS.iter().any(|(name, _)| name == folder))
        .map(|folder| format!("crates/{folder}: not in the table of layers"))
        .collect()
}

/// Diesel, named outside `storage` and the workspace's table of versions.
fn diesel_outside_storage(path: &str, text: &str) -> Vec<String> {
    if path.starts_with("crates/storage/") || path == "Cargo.toml" {
        Vec::new()
    } else if is_manifest(path) {
        lines_naming(path, text, &[DIESEL])
    } else if is_rust(path) {
        lines_naming(
            path,
            text,
            &[concat!("die", "sel::"), concat!("die", "sel_migrations"), concat!("use die", "sel")],
        )
    } else {
        Vec::new()
    }
}

/// A rule of the domain, asked by anybody but `app`: a door translates, and shows what was decided.
fn rule_asked_by_a_door(path: &str, text: &str) -> Vec<String> {
    let is_door = ["federation", "web", "mail", "calendar", "server", "storage"]
        .iter()
        .any(|layer| path.starts_with(&format!("crates/{layer}/src/")));
    if is_door && is_rust(path) { lines_naming(path, text, &[concat!("dec", "ide_")]) } else { Vec::new() }
}

/// Input, output, concurrency or a clock in `domain`.
fn impurity_in_domain(path: &str, text: &str) -> Vec<String> {
    if path == "crates/domain/Cargo.toml" {
        return lines_naming(path, text, &[concat!("to", "kio")]);
    }
    if !path.starts_with("crates/domain/src/") || !is_rust(path) {
        return Vec::new();
    }
    let mut breaches = lines_naming(path, text, IMPURE);
    if imports_in_a_group_of_std(text, "net") {
        breaches.push(format!("{path}: imports `net` of the standard library"));
    }
    breaches
}

/// Whether `use std::{…}` brings in that module.
fn imports_in_a_group_of_std(text: &str, module: &str) -> bool {
    let code: Vec<&str> = code_lines(text).map(|(_, line)| line).collect();
    code.join(" ").split("use std::{").skip(1).any(|rest| {
        let group = rest.split(';').next().unwrap_or(rest);
        group.split([',', '{', '}']).any(|item| item.trim().split("::").next() == Some(module))
    })
}

/// A module of a crate that does not open with what it is for.
fn module_without_purpose(path: &str, text: &str) -> Vec<String> {
    let exempt = path.ends_with("/schema.rs") || path.ends_with("/build.rs");
    if !is_module_of_a_crate(path) || exempt || text.starts_with("//!") {
        return Vec::new();
    }
    vec![format!("{path}: does not open with `//!`")]
}

/// A file too long to be read at one sitting, its tests at the end not counted.
fn overlong_file(path: &str, text: &str) -> Vec<String> {
    if !is_rust(path) {
        return Vec::new();
    }
    let lines: Vec<&str> = text.lines().collect();
    let length = (0..lines.len()).find(|start| opens_tests(lines.iter().skip(*start))).unwrap_or(lines.len());
    if length > LONGEST_FILE {
        vec![format!("{path}: {length} lines before its tests, above {LONGEST_FILE}")]
    } else {
        Vec::new()
    }
}

/// Whether a module of tests begins here; a single function for tests does not end a file.
fn opens_tests<'a>(mut lines: impl Iterator<Item = &'a &'a str>) -> bool {
    lines.next().is_some_and(|line| *line == "#[cfg(test)]")
        && lines
            .find(|line| !line.starts_with("#["))
            .is_some_and(|line| line.starts_with("mod ") && line.ends_with('{'))
}

/// A module whose name says nothing, as a file, a folder or in a file.
fn empty_name(path: &str, text: &str) -> Vec<String> {
    if !is_rust(path) {
        return Vec::new();
    }
    let parts = path.split('/').map(|part| part.strip_suffix(".rs").unwrap_or(part));
    let inline = code_lines(text).filter_map(|(_, line)| {
        let (before, name) = line.split_once("mod ")?;
        let declared = before.is_empty() || before.trim().is_empty() || before.trim().starts_with("pub");
        declared.then(|| name.trim_end_matches([' ', '{', ';', '}']))
    });
    parts
        .chain(inline)
        .filter(|name| EMPTY_NAMES.contains(name))
        .map(|name| format!("{path}: a module named `{name}`"))
        .collect()
}

/// A test that is written and not run.
fn ignored_test(path: &str, text: &str) -> Vec<String> {
    const CONDITIONAL: [&str; 2] = [concat!(", ", "ignore)"), concat!(", ", "ignore =")];
    if !is_rust(path) {
        return Vec::new();
    }
    let mut breaches = lines_naming(path, text, &[concat!("#[", "ignore")]);
    for (number, line) in code_lines(text) {
        if line.contains("cfg_attr(") && CONDITIONAL.iter().any(|word| line.contains(word)) {
            breaches.push(format!("{path}:{number}: ignores a test on a condition"));
        }
    }
    breaches
}

/// The host of a package registry in a file that is not a lock of Cargo's.
fn registry_host(path: &str, text: &str) -> Vec<String> {
    if path == "Cargo.lock" || path.ends_with("/Cargo.lock") {
        return Vec::new();
    }
    let mut breaches = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        for host in REGISTRY_HOSTS.iter().filter(|host| line.contains(**host)) {
            breaches.push(format!("{path}:{number}: names the registry host {host}"));
        }
    }
    breaches
}

/// Migrations that one database has and the other lacks, or that share a version and so have no order.
fn unequal_migrations(sqlite: &[String], postgres: &[String]) -> Vec<String> {
    let mut breaches = Vec::new();
    for (name, these, others) in [("sqlite", sqlite, postgres), ("postgres", postgres, sqlite)] {
        if these.is_empty() {
            breaches.push(format!("migrations/{name}: no migration"));
        }
        for missing in others.iter().filter(|file| !these.contains(file)) {
            breaches.push(format!("migrations/{name}: lacks {missing}"));
        }
        let migrations: BTreeSet<&str> = these.iter().filter_map(|file| file.split('/').next()).collect();
        let mut versions = BTreeSet::new();
        for migration in migrations {
            let version = migration.split('_').next().unwrap_or(migration).replace('-', "");
            if !versions.insert(version.clone()) {
                breaches.push(format!("migrations/{name}: two of version {version}"));
            }
        }
    }
    breaches
}

// Reading.

/// The cases of the attacks that a function makes by its name: of `s07_s08_x`, 7 and 8.
fn attacks_of(line: &str) -> impl Iterator<Item = u8> {
    let name = line.trim_start().strip_prefix("async ").unwrap_or(line.trim_start()).strip_prefix("fn ");
    let case = |word: &str| word.strip_prefix('s').filter(|figures| figures.len() == 2)?.parse().ok();
    name.unwrap_or_default().split('_').map_while(case)
}

/// Attacks that no test makes though one must, and those that are said to be owed and are made.
fn unmade_attacks(made: &BTreeSet<u8>) -> Vec<String> {
    let owed: BTreeSet<u8> = OWED.iter().map(|(case, _)| *case).collect();
    let wanted =
        ATTACKS.iter().cloned().flatten().filter(|case| !made.contains(case) && !owed.contains(case));
    let unmade = wanted.map(|case| format!("S{case:02} is made by no test"));
    unmade.chain(owed.intersection(made).map(|case| format!("S{case:02} is not owed any more"))).collect()
}

fn is_rust(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "rs")
}

fn is_manifest(path: &str) -> bool {
    path == "Cargo.toml" || path.ends_with("/Cargo.toml")
}

fn is_module_of_a_crate(path: &str) -> bool {
    let mut parts = path.split('/').skip(2);
    path.starts_with("crates/") && parts.next() == Some("src") && is_rust(path)
}

/// Lines with their numbers, without those that are only a comment.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines()).filter(|(_, line)| !line.trim_start().starts_with("//"))
}

fn lines_naming(path: &str, text: &str, words: &[&str]) -> Vec<String> {
    code_lines(text)
        .filter(|(_, line)| !(is_manifest(path) && line.trim_start().starts_with('#')))
        .flat_map(|(number, line)| {
            words.iter().filter(|word| line.contains(**word)).map(move |word| (number, word))
        })
        .map(|(number, word)| format!("{path}:{number}: names `{word}`"))
        .collect()
}

fn list<'a>(value: &'a serde_json::Value, key: &str) -> &'a [serde_json::Value] {
    let found = value.get(key).and_then(serde_json::Value::as_array);
    found.unwrap_or_else(|| panic!("cargo's metadata has no list {key}"))
}

fn word<'a>(value: &'a serde_json::Value, key: &str) -> &'a str {
    let found = value.get(key).and_then(serde_json::Value::as_str);
    found.unwrap_or_else(|| panic!("cargo's metadata has no {key}"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn output_of(command: &mut Command) -> String {
    let output = command
        .current_dir(root())
        .output()
        .unwrap_or_else(|error| panic!("{} does not start: {error}", command.get_program().display()));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{} failed: {complaint}", command.get_program().display());
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Files that are committed or would be: neither ignored nor deleted.
fn files() -> Vec<String> {
    // A checkout made by another user is as good to read.
    let listing = output_of(Command::new("git").args([
        "-c",
        "safe.directory=*",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]));
    let files: BTreeSet<String> = listing
        .split('\0')
        .filter(|path| !path.is_empty() && root().join(path).is_file())
        .map(str::to_owned)
        .collect();
    for known in ["Cargo.toml", "crates/domain/src/lib.rs", "tests/tests/suite/architecture.rs"] {
        assert!(files.contains(known), "the listing of files lacks {known}: the rules would judge nothing");
    }
    files.into_iter().collect()
}

fn text_of(path: &str) -> String {
    let bytes = fs::read(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    String::from_utf8_lossy(&bytes).into_owned()
}

fn migrations(backend: &str) -> Vec<String> {
    let folder = format!("migrations/{backend}/");
    files().iter().filter_map(|path| path.strip_prefix(&folder)).map(str::to_owned).collect()
}

fn assert_none(breaches: &[String]) {
    assert!(breaches.is_empty(), "{} breaches:\n{}", breaches.len(), breaches.join("\n"));
}

/// Applies a rule to every file that can concern it.
fn assert_upheld(rule: Rule, concerns: fn(&str) -> bool) {
    let breaches: Vec<String> =
        files().iter().filter(|path| concerns(path)).flat_map(|path| rule(path, &text_of(path))).collect();
    assert_none(&breaches);
}

// The project.

#[test]
fn dependencies_point_downward_only() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let metadata =
        output_of(Command::new(cargo).args(["metadata", "--no-deps", "--format-version", "1", "--offline"]));
    assert!(metadata.contains("\"clocher-domain\""), "the metadata are not of this workspace");
    assert_none(&forbidden_edges(&metadata));
}

#[test]
fn every_crate_has_its_layer() {
    assert_none(&unknown_crates(&files()));
}

#[test]
fn storage_alone_names_diesel() {
    assert_upheld(diesel_outside_storage, |path| is_rust(path) || is_manifest(path));
}

#[test]
fn app_alone_asks_the_rules() {
    assert_upheld(rule_asked_by_a_door, is_rust);
}

#[test]
fn the_domain_has_no_io_no_concurrency_and_no_clock() {
    assert_upheld(impurity_in_domain, |path| path.starts_with("crates/domain/"));
}

#[test]
fn every_module_opens_with_what_it_is_for() {
    assert_upheld(module_without_purpose, is_rust);
}

#[test]
fn no_file_is_longer_than_600_lines_before_its_tests() {
    assert_upheld(overlong_file, is_rust);
}

#[test]
fn no_module_has_an_empty_name() {
    assert_upheld(empty_name, is_rust);
}

#[test]
fn no_test_is_ignored() {
    assert_upheld(ignored_test, is_rust);
}

#[test]
fn every_attack_is_made_by_a_test() {
    let texts = files().into_iter().filter(|path| is_rust(path)).map(|path| text_of(&path));
    let made = texts.flat_map(|text| text.lines().flat_map(attacks_of).collect::<Vec<_>>()).collect();
    assert_none(&unmade_attacks(&made));
}

#[test]
fn no_file_but_the_lock_names_a_registry() {
    assert_upheld(registry_host, |_| true);
}

#[test]
fn both_databases_have_the_same_migrations_in_the_same_order() {
    assert_none(&unequal_migrations(&migrations("sqlite"), &migrations("postgres")));
}

// The rules themselves.

#[cfg(test)]
mod rules {
    //! Each rule refuses a bad sample and lets a good one pass.

    use super::*;

    fn metadata(from: &str, to: &str, kind: &str) -> String {
        format!(r#"{{"packages":[{{"name":"{from}","dependencies":[{{"name":"{to}","kind":{kind}}}]}}]}}"#)
    }

    fn allows(from: &str, to: &str) -> bool {
        let verdicts: BTreeSet<bool> = ["null", "\"dev\"", "\"build\""]
            .into_iter()
            .map(|kind| forbidden_edges(&metadata(from, to, kind)).is_empty())
            .collect();
        assert_eq!(verdicts.len(), 1, "{from} → {to}: the kind of dependency made a difference");
        verdicts.contains(&true)
    }

    #[test]
    fn a_rule_asked_by_a_door_is_refused_and_by_app_passes() {
        let line = concat!("    dec", "ide_writing(facts)?;\n");
        for door in ["crates/web/src/pages/compose.rs", "crates/federation/src/inbox/create.rs"] {
            assert_eq!(rule_asked_by_a_door(door, line).len(), 1, "{door}");
        }
        for home in ["crates/app/src/place.rs", "crates/domain/src/post.rs", "tests/tests/suite/kill.rs"] {
            assert!(rule_asked_by_a_door(home, line).is_empty(), "{home}");
        }
    }

    #[test]
    fn a_downward_edge_passes_and_an_upward_one_does_not() {
        assert!(allows("clocher-app", "clocher-domain"));
        assert!(!allows("clocher-domain", "clocher-app"));
        assert!(allows("clocher-server", "clocher-web"));
        assert!(!allows("clocher-web", "clocher-server"));
        assert!(allows("clocher-tests", "clocher-server"));
        assert!(!allows("clocher-server", "clocher-tests"));
    }

    #[test]
    fn a_sideways_edge_between_doors_is_refused() {
        let doors = ["federation", "web", "mail", "calendar"];
        for from in doors {
            assert!(allows(&format!("clocher-{from}"), "clocher-storage"));
            for to in doors {
                assert!(!allows(&format!("clocher-{from}"), &format!("clocher-{to}")), "{from} → {to}");
            }
        }
    }

    #[test]
    fn cog_knows_the_domain_alone_and_storage_does_not_know_cog() {
        assert!(allows("clocher-cog", "clocher-domain"));
        assert!(!allows("clocher-cog", "clocher-storage"));
        assert!(!allows("clocher-storage", "clocher-cog"));
        assert!(allows("clocher-xtask", "clocher-cog"));
        assert!(!allows("clocher-xtask", "clocher-storage"));
    }

    #[test]
    fn a_package_outside_the_table_is_refused_and_a_foreign_dependency_passes() {
        assert!(!allows("clocher-surprise", "clocher-domain"));
        assert!(!allows("surprise", "serde"));
        assert!(!allows("clocher-tests", "clocher-surprise"));
        assert!(allows("clocher-domain", "serde"));
    }

    #[test]
    fn diesel_in_a_manifest_passes_for_storage_alone() {
        assert!(allows("clocher-storage", DIESEL));
        assert!(!allows("clocher-app", DIESEL));
        assert!(!allows("clocher-tests", concat!("die", "sel_migrations")));
        let line = format!("[dependencies]\n{DIESEL}.workspace = true\n");
        assert_eq!(diesel_outside_storage("crates/app/Cargo.toml", &line).len(), 1);
        assert_eq!(diesel_outside_storage("crates/storage/Cargo.toml", &line).len(), 0);
        assert_eq!(diesel_outside_storage("Cargo.toml", &line).len(), 0);
        assert_eq!(
            diesel_outside_storage("crates/app/Cargo.toml", &format!("# no {DIESEL} here\n")).len(),
            0
        );
    }

    #[test]
    fn the_table_of_layers_is_in_order() {
        for (position, (name, below)) in LAYERS.iter().enumerate() {
            for used in *below {
                let place = LAYERS.iter().position(|(other, _)| other == used);
                assert!(
                    place.is_some_and(|place| place < position),
                    "{name} may use {used}, which is not below"
                );
            }
        }
    }

    #[test]
    fn a_crate_without_a_layer_is_refused() {
        let known = "crates/domain/src/lib.rs".to_owned();
        let unknown = "crates/surprise/Cargo.toml".to_owned();
        assert_eq!(unknown_crates(std::slice::from_ref(&known)).len(), 0);
        assert_eq!(unknown_crates(&[known, unknown]).len(), 1);
    }

    #[test]
    fn diesel_in_a_source_passes_in_storage_alone() {
        for line in [format!("use {DIESEL}::prelude::*;"), format!("{DIESEL}_migrations::embed!();")] {
            assert_ne!(diesel_outside_storage("crates/app/src/post.rs", &line).len(), 0, "{line}");
            assert_ne!(diesel_outside_storage("tests/tests/suite/kill.rs", &line).len(), 0, "{line}");
            assert_eq!(diesel_outside_storage("crates/storage/src/posts.rs", &line).len(), 0, "{line}");
        }
        let comment = format!("//! Not a place for {DIESEL}::prelude.");
        assert_eq!(diesel_outside_storage("crates/app/src/post.rs", &comment).len(), 0);
    }

    #[test]
    fn each_impurity_is_refused_in_the_domain_and_passes_elsewhere() {
        for word in IMPURE {
            let line = format!("//! Good.\n    let x = {word};\n");
            assert_ne!(impurity_in_domain("crates/domain/src/post/vote.rs", &line).len(), 0, "{word}");
            assert_eq!(impurity_in_domain("crates/app/src/post.rs", &line).len(), 0, "{word}");
            let comment = format!("    /// Without {word}.\n");
            assert_eq!(impurity_in_domain("crates/domain/src/post.rs", &comment).len(), 0, "{word}");
        }
        let manifest = format!("{}.workspace = true\n", concat!("to", "kio"));
        assert_eq!(impurity_in_domain("crates/domain/Cargo.toml", &manifest).len(), 1);
    }

    #[test]
    fn the_network_is_refused_in_a_grouped_import_too() {
        let refused = |text: &str| !impurity_in_domain("crates/domain/src/id.rs", text).is_empty();
        assert!(refused("use std::{fmt, net::IpAddr};"));
        assert!(refused("use std::{\n    fmt,\n    net,\n};"));
        assert!(!refused("use std::{fmt, collections::BTreeMap};\nuse crate::{net::Name};"));
    }

    #[test]
    fn an_attack_is_known_by_the_name_of_its_test() {
        let of = |line| attacks_of(line).collect::<Vec<_>>();
        assert_eq!(of(concat!("    async ", "fn s07_s08_an_id_of_another_host() {")), [7, 8]);
        assert_eq!(of("fn s3_x() {"), [0; 0]);
        assert_eq!(of("// s07_x"), [0; 0]);
    }

    #[test]
    fn an_attack_that_nobody_makes_is_named_and_so_is_a_debt_that_is_paid() {
        let all: BTreeSet<u8> = ATTACKS.iter().cloned().flatten().collect();
        let owed: BTreeSet<u8> = OWED.iter().map(|(case, _)| *case).collect();
        let made: BTreeSet<u8> = all.difference(&owed).copied().collect();
        assert_eq!(unmade_attacks(&made), [""; 0]);
        let without: BTreeSet<u8> = made.iter().copied().filter(|case| *case != 7).collect();
        assert_eq!(unmade_attacks(&without), ["S07 is made by no test"]);
        assert_eq!(unmade_attacks(&all).len(), OWED.len());
    }

    #[test]
    fn a_module_without_its_purpose_is_refused() {
        let bare = "use std::fmt;\n//! Too late.\n";
        assert_eq!(module_without_purpose("crates/web/src/pages/home.rs", bare).len(), 1);
        assert_eq!(module_without_purpose("crates/web/src/pages/home.rs", "").len(), 1);
        assert_eq!(module_without_purpose("crates/web/src/pages/home.rs", "//! The front page.\n").len(), 0);
        assert_eq!(module_without_purpose("crates/storage/src/schema.rs", bare).len(), 0);
        assert_eq!(module_without_purpose("crates/web/tests/home.rs", bare).len(), 0);
    }

    #[test]
    fn a_long_file_is_refused_and_long_tests_are_not() {
        let path = "crates/app/src/posting.rs";
        let full = "line\n".repeat(LONGEST_FILE);
        let tests = format!("#[cfg(test)]\n#[allow(x)]\nmod tests {{\n{full}}}\n");
        assert_eq!(overlong_file(path, &full).len(), 0);
        assert_eq!(overlong_file(path, &format!("{full}line\n")).len(), 1);
        assert_eq!(overlong_file(path, &format!("{full}{tests}")).len(), 0);
        assert_eq!(overlong_file(path, &format!("{full}line\n{tests}")).len(), 1);
        assert_eq!(overlong_file("docs/long.md", &format!("{full}line\n")).len(), 0);
    }

    #[test]
    fn a_single_item_for_tests_at_the_top_does_not_shorten_a_file() {
        let full = "line\n".repeat(LONGEST_FILE);
        for top in ["#[cfg(test)]\nfn sample() {}\n", "#[cfg(test)]\nmod tests;\n"] {
            assert_eq!(overlong_file("crates/app/src/posting.rs", &format!("{top}{full}")).len(), 1, "{top}");
        }
    }

    #[test]
    fn an_empty_name_is_refused_as_file_folder_and_module() {
        for name in EMPTY_NAMES {
            assert_eq!(empty_name(&format!("crates/app/src/{name}.rs"), "").len(), 1);
            assert_eq!(empty_name(&format!("tests/tests/{name}/mod.rs"), "").len(), 1);
            assert_eq!(empty_name("crates/app/src/lib.rs", &format!("pub(crate) mod {name};\n")).len(), 1);
            assert_eq!(empty_name("crates/app/src/lib.rs", &format!("mod {name} {{\n")).len(), 1);
            assert_eq!(
                empty_name("crates/app/src/lib.rs", &format!("let text = \"a mod {name}\";\n")).len(),
                0
            );
        }
        assert_eq!(empty_name("crates/app/src/posting.rs", "mod membership;\n").len(), 0);
    }

    #[test]
    fn an_ignored_test_is_refused() {
        let ignored = concat!("#[test]\n#[", "ignore = \"slow\"]\nfn it_works() {}\n");
        let conditional = concat!("#[test]\n#[cfg_attr(unix", ", ", "ignore)]\nfn it_works() {}\n");
        assert_eq!(ignored_test("tests/tests/suite/kill.rs", ignored).len(), 1);
        assert_eq!(ignored_test("crates/domain/src/post.rs", conditional).len(), 1);
        assert_eq!(
            ignored_test("tests/tests/suite/kill.rs", "#[test]\nfn ignored_people_are_silent() {}\n").len(),
            0
        );
    }

    #[test]
    fn a_registry_host_is_refused_outside_the_lock() {
        for host in REGISTRY_HOSTS {
            let line = format!("source = \"https://index.{host}/\"\n");
            assert_eq!(registry_host("docs/install.md", &line).len(), 1, "{host}");
            assert_eq!(registry_host("Cargo.lock", &line).len(), 0, "{host}");
        }
        assert_eq!(registry_host("docs/install.md", "https://clocher.example/\n").len(), 0);
    }

    #[test]
    fn unequal_or_missing_migrations_are_refused() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let first = names(&["0001_people/up.sql"]);
        let both = names(&["0001_people/up.sql", "0002_posts/up.sql"]);
        let renamed = names(&["0001_people/up.sql", "0002_threads/up.sql"]);
        let twice = names(&["0001_people/up.sql", "0001_posts/up.sql"]);
        assert_eq!(unequal_migrations(&both, &both).len(), 0);
        assert_eq!(unequal_migrations(&first, &both).len(), 1);
        assert_eq!(unequal_migrations(&both, &first).len(), 1);
        assert_eq!(unequal_migrations(&both, &renamed).len(), 2);
        assert_eq!(unequal_migrations(&twice, &twice).len(), 2);
        assert_eq!(unequal_migrations(&[], &[]).len(), 2);
    }
}
