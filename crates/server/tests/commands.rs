//! The commands, as a user runs them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod program;

use program::{clocher, init, run, run_alone};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// Every path below a folder.
fn contents(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
        }
        found.push(path);
    }
    found.sort();
    found
}

#[test]
fn a_name_that_several_communes_bear_lists_them_and_exits_with_2() {
    let data = folder();
    for (name, codes) in [("Lemps", ["07140", "26161"]), ("mars", ["07151", "42141"])] {
        let admin = ["--admin", "a@example.fr", "--domain", "a.fr"];
        let answer = run(data.path(), &[&["init", "--commune", name], &admin[..]].concat());
        assert_eq!(answer.code, 2);
        for code in codes {
            assert!(answer.err.contains(code), "{}", answer.err);
        }
        assert!(answer.err.contains("Ardèche"), "{}", answer.err);
    }
    assert!(contents(data.path()).is_empty());
}

#[test]
fn an_unknown_commune_is_answered_with_near_names_and_exits_with_2() {
    let data = folder();
    let arguments = ["init", "--domain", "a.fr", "--admin", "a@example.fr", "--commune", "Lamast"];
    let answer = run(data.path(), &arguments);
    assert_eq!(answer.code, 2);
    assert!(answer.err.contains("07129"), "{}", answer.err);
}

#[test]
fn a_retired_code_leads_to_its_successor_and_says_so() {
    let data = folder();
    let arguments = ["init", "--domain", "a.fr", "--admin", "a@example.fr", "--commune", "07016", "--json"];
    let answer = run(data.path(), &arguments);
    assert_eq!(answer.json()["territory"], "commune:07011");
    assert!(answer.err.contains("07016") && answer.err.contains("07011"), "{}", answer.err);
}

#[test]
fn init_makes_a_private_folder_and_prints_a_sign_in_link() {
    let data = folder();
    let made = init(data.path(), "Lamastre.Example.FR").json();
    assert_eq!((&made["name"], &made["administrator"]), (&"Lamastre".into(), &"elodie".into()));
    assert!(made["link"].as_str().unwrap().starts_with("https://lamastre.example.fr/sign-in/"));
    let mode = |name: &str| fs::metadata(data.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("lamastre.example.fr"), 0o700);
    assert_eq!(mode("lamastre.example.fr/instance.toml"), 0o600);
    assert!(data.path().join("clocher.toml").is_file());
    assert!(contents(data.path()).iter().all(|path| !path.to_string_lossy().contains("/.l")));
}

#[test]
fn init_twice_changes_nothing_and_exits_with_1() {
    let data = folder();
    init(data.path(), "a.fr").json();
    let sqlite = data.path().join("a.fr/clocher.sqlite");
    let before = (contents(data.path()), fs::read(&sqlite).unwrap());
    let answer = init(data.path(), "A.fr.");
    assert_eq!(answer.code, 1);
    assert!(answer.err.contains("a.fr"), "{}", answer.err);
    assert_eq!((contents(data.path()), fs::read(&sqlite).unwrap()), before);
}

#[test]
fn instances_of_other_areas_and_of_none() {
    let data = folder();
    let admin = ["--admin", "a@example.fr", "--json"];
    for (what, value, domain, expected) in [
        ("--territory", "200073096", "epci.fr", "epci:200073096"),
        ("--territory", "region:84", "region.fr", "region:84"),
        ("--territory", "07", "departement.fr", "departement:07"),
    ] {
        let answer = run(data.path(), &[&["init", what, value, "--domain", domain], &admin[..]].concat());
        assert_eq!(answer.json()["territory"], expected);
    }
    let topical = run(
        data.path(),
        &[&["init", "--topical", "Vélo en Ardèche", "--domain", "velo.fr"], &admin[..]].concat(),
    );
    let topical = topical.json();
    assert_eq!((&topical["territory"], &topical["name"]), (&().into(), &"Vélo en Ardèche".into()));
    let ambiguous =
        run(data.path(), &[&["init", "--territory", "84", "--domain", "b.fr"], &admin[..]].concat());
    assert_eq!(ambiguous.code, 2);
    assert!(ambiguous.err.contains("region:84") && ambiguous.err.contains("departement:84"));
}

#[test]
fn wrong_use_exits_with_2_and_changes_nothing() {
    let data = folder();
    let base = ["init", "--commune", "07129"];
    for more in [
        &["--domain", "not a domain", "--admin", "a@example.fr"][..],
        &["--domain", "a.fr", "--admin", "nobody"],
        &["--domain", "a.fr", "--admin", "a@example.fr", "--topical", "x"],
        &["--domain", "a.fr", "--admin", "a@example.fr", "--database", "mysql://x"],
        &["--domain", "a.fr", "--admin", "a@example.fr", "--admin-name", "Élodie"],
        &["--domain", "a.fr"],
    ] {
        let answer = run(data.path(), &[&base[..], more].concat());
        assert_eq!(answer.code, 2, "{more:?}: {}", answer.err);
        assert!(!answer.err.is_empty());
    }
    let left: Vec<_> = contents(data.path());
    assert!(left.is_empty(), "{left:?}");
    for arguments in [&["nonsense"][..], &[], &["user"], &["serve", "--listen"]] {
        assert_eq!(run_alone(arguments).code, 2, "{arguments:?}");
    }
}

#[test]
fn what_is_printed_as_json_parses() {
    let data = folder();
    init(data.path(), "a.fr").json();
    let json = |arguments: &[&str]| run(data.path(), &[arguments, &["--json"]].concat()).json();
    let added = json(&["user", "add", "paul", "--mail", "paul@example.fr", "--role", "moderator"]);
    assert!(added["link"].as_str().unwrap().starts_with("https://a.fr/sign-in/"));
    let users = json(&["user", "list"]);
    let names: Vec<_> = users.as_array().unwrap().iter().map(|user| user["name"].clone()).collect();
    assert_eq!(names, ["elodie", "paul"]);
    assert!(json(&["user", "reset", "paul@example.fr"])["link"] != added["link"]);
    json(&["user", "role", "paul", "administrator"]);
    json(&["user", "suspend", "paul"]);
    let paul = json(&["user", "list"])[1].clone();
    assert_eq!((&paul["role"], &paul["suspended"]), (&"administrator".into(), &true.into()));
    json(&["user", "suspend", "paul", "--lift"]);
    assert_eq!(json(&["user", "list"])[1]["suspended"], false);
    json(&["community", "add", "velo", "--name-for-people", "Vélo-club"]);
    let lemps = json(&["community", "add", "lemps", "--territory", "07140"]);
    assert_eq!(lemps["address"], "https://a.fr/c/lemps");
    assert_eq!(json(&["community", "list"]).as_array().unwrap().len(), 3);
    json(&["domain", "block", "Example.ORG", "--reason", "spam"]);
    json(&["domain", "allow", "good.example.org"]);
    let rules = json(&["domain", "list"]);
    assert_eq!((&rules[0]["domain"], &rules[0]["reason"]), (&"example.org".into(), &"spam".into()));
    json(&["domain", "remove", "example.org"]);
    assert_eq!(json(&["domain", "list"]).as_array().unwrap().len(), 1);
    assert!(json(&["queue", "list"])["deliveries"].as_array().unwrap().is_empty());
    // What waits since the founding: the search for the territories around.
    assert_eq!(json(&["queue", "retry"])["retried"], 1);
    assert_eq!(json(&["version"])["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(json(&["territory", "search", "saint", "agreve"])[0]["code"], "07204");
    let region = json(&["territory", "show", "region:84"]);
    assert_eq!((&region["name"], &region["level"]), (&"Auvergne-Rhône-Alpes".into(), &"region".into()));
    assert!(region["source"].as_str().unwrap().contains("INSEE"));
    assert_eq!(json(&["territory", "search", "zorglub"]).as_array().unwrap().len(), 0);
}

#[test]
fn what_does_not_exist_or_is_taken_exits_with_1() {
    let data = folder();
    init(data.path(), "a.fr").json();
    for arguments in [
        &["user", "reset", "nobody"][..],
        &["user", "add", "elodie", "--mail", "b@example.fr"],
        &["user", "add", "b", "--mail", "elodie@example.fr"],
        &["user", "suspend", "elodie"],
        &["user", "role", "elodie", "member"],
        &["domain", "remove", "example.org"],
        &["queue", "drop", "1"],
        &["queue", "retry", "1"],
        &["user", "list", "--instance", "b.fr"],
    ] {
        let answer = run(data.path(), arguments);
        assert_eq!(answer.code, 1, "{arguments:?}: {}", answer.err);
        assert!(answer.out.is_empty() && !answer.err.starts_with("refused-"), "{}", answer.err);
    }
    assert_eq!(run(&data.path().join("nowhere"), &["user", "list"]).code, 1);
}

#[test]
fn where_there_are_several_instances_one_must_be_named() {
    let data = folder();
    init(data.path(), "a.fr").json();
    init(data.path(), "b.fr").json();
    let answer = run(data.path(), &["user", "list"]);
    assert_eq!(answer.code, 2);
    assert!(answer.err.contains("a.fr") && answer.err.contains("b.fr"), "{}", answer.err);
    let named = run(data.path(), &["user", "list", "--instance", "B.FR", "--json"]);
    assert_eq!(named.json().as_array().unwrap().len(), 1);
}

#[test]
fn messages_and_helps_are_in_the_users_language() {
    let said = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = clocher(arguments);
        let output = command.env_remove("LC_ALL").envs(variables.iter().copied()).output().unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    let unknown = ["territory", "show", "zorglub"];
    assert!(said(&[("LANG", "fr_FR.UTF-8")], &unknown).contains("Aucun territoire"));
    assert!(said(&[("LANG", "en_GB.UTF-8")], &unknown).contains("No official area"));
    assert!(said(&[], &unknown).contains("No official area"));
    assert!(said(&[("LANG", "en_GB"), ("LC_MESSAGES", "fr_FR")], &unknown).contains("Aucun territoire"));
    assert!(said(&[("LC_ALL", "C"), ("LC_MESSAGES", "fr_FR")], &unknown).contains("No official area"));
    assert!(said(&[("LANG", "fr")], &["init", "--help"]).contains("Exemple : clocher init"));
    assert!(said(&[("LANG", "en")], &["init", "--help"]).contains("Example: clocher init"));
    assert!(said(&[("LANG", "fr")], &["serv"]).contains("commande inconnue"));
}

#[test]
fn every_command_has_a_help_with_an_example() {
    for command in [
        "demo",
        "init",
        "serve",
        "territory search",
        "territory show",
        "user add",
        "user list",
        "user reset",
        "user suspend",
        "user role",
        "community add",
        "community list",
        "community set",
        "domain allow",
        "domain block",
        "domain remove",
        "domain list",
        "link propose",
        "link accept",
        "link refuse",
        "link end",
        "link policy",
        "link list",
        "link journal",
        "queue list",
        "queue retry",
        "queue drop",
        "version",
    ] {
        let arguments: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let answer = run_alone(&arguments);
        assert_eq!(answer.code, 0);
        assert!(answer.out.contains(&format!("Example: clocher {command}")), "{}", answer.out);
    }
}

#[test]
fn an_instance_on_postgresql_has_a_schema_of_its_own() {
    let Some(url) = clocher_storage::testing::postgres_url() else { return };
    let (data, other) = (folder(), folder());
    let domain = format!("postgres-{}.fr", std::process::id());
    let arguments = [
        "init",
        "--commune",
        "07129",
        "--domain",
        &domain,
        "--admin",
        "a@example.fr",
        "--database",
        &url,
        "--json",
    ];
    run(data.path(), &arguments).json();
    let file = fs::read_to_string(data.path().join(&domain).join("instance.toml")).unwrap();
    assert!(file.contains("schema = \"clocher_postgres_"), "{file}");
    assert!(!data.path().join(&domain).join("clocher.sqlite").exists());
    assert_eq!(run(data.path(), &["user", "list", "--json"]).json().as_array().unwrap().len(), 1);
    let again = run(other.path(), &arguments);
    assert_eq!(again.code, 1);
    assert!(contents(other.path()).is_empty(), "{}", again.err);
}
