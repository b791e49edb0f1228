//! The command line in an operator's first hour: what it says, and with which exit code it ends.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot go on has failed its test"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

const DONE: i32 = 0;
const FINDINGS: i32 = 1;
const USAGE: i32 = 2;
/// `EX_CONFIG` of `sysexits.h`.
const CONFIGURATION: i32 = 78;

/// What a command said and how it ended.
struct Said {
    code: i32,
    out: String,
    err: String,
}

fn sluis(folder: &Path, arguments: &[&str]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_sluis"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("SLUIS_CONFIG")
        .env_remove("SLUIS_LOG")
        .output()
        .unwrap();
    Said {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder with what `sluis init x` writes.
fn initialized() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let said = sluis(folder.path(), &["init", "x"]);
    assert_eq!(said.code, DONE, "{}", said.err);
    folder
}

fn with_certificate() -> TempDir {
    let folder = initialized();
    let made = rcgen::generate_simple_self_signed(vec!["crm.example.eu".to_owned()]).unwrap();
    let write = |name: &str, text: String| fs::write(folder.path().join(name), text).unwrap();
    write("x/crm.example.eu.pem", made.cert.pem());
    write("x/crm.example.eu.key", made.signing_key.serialize_pem());
    folder
}

fn edit(path: PathBuf, from: &str, to: &str) {
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

const CHECK: &[&str] = &["check", "--config", "x/sluis.toml"];
const POLICY: &str = "x/policies/salesforce.toml";

#[test]
fn a_missing_certificate_is_a_finding_with_line_and_remedy() {
    let folder = initialized();
    let said = sluis(folder.path(), CHECK);
    assert_eq!(said.code, FINDINGS);
    assert!(
        said.err
            .contains("x/sluis.toml:35: `tls.certificate`: x/crm.example.eu.pem"),
        "{}",
        said.err
    );
    assert!(said.err.contains("openssl req -x509"), "{}", said.err);
    assert!(said.err.contains("DNS:crm.example.eu"), "{}", said.err);
}

#[test]
fn with_a_certificate_nothing_is_wrong() {
    let folder = with_certificate();
    let said = sluis(folder.path(), CHECK);
    assert_eq!((said.code, said.err.as_str()), (DONE, ""));
    assert_eq!(said.out, "x/sluis.toml: nothing is wrong\n");
}

#[test]
fn a_certificate_and_the_key_of_another_are_a_finding() {
    let folder = with_certificate();
    let other = rcgen::generate_simple_self_signed(vec!["crm.example.eu".to_owned()]).unwrap();
    let key = folder.path().join("x/crm.example.eu.key");
    fs::write(key, other.signing_key.serialize_pem()).unwrap();
    let said = sluis(folder.path(), CHECK);
    assert_eq!(said.code, FINDINGS);
    assert!(said.err.contains("`tls.certificate`"), "{}", said.err);
}

#[test]
fn init_overwrites_nothing() {
    let folder = initialized();
    let key = fs::read(folder.path().join("x/sluis.key")).unwrap();
    let said = sluis(folder.path(), &["init", "x"]);
    assert_eq!(said.code, FINDINGS);
    assert!(said.err.contains("nothing was written"), "{}", said.err);
    assert_eq!(fs::read(folder.path().join("x/sluis.key")).unwrap(), key);
}

#[test]
fn an_unknown_key_is_shown_with_line_and_caret() {
    let folder = with_certificate();
    edit(folder.path().join("x/sluis.toml"), "listen = ", "listn = ");
    let said = sluis(folder.path(), CHECK);
    assert_eq!(said.code, CONFIGURATION);
    assert!(said.err.contains("line 5, column 1"), "{}", said.err);
    assert!(said.err.contains("5 | listn = "), "{}", said.err);
    assert!(said.err.contains("  | ^^^^^"), "{}", said.err);
}

#[test]
fn a_value_that_cannot_be_used_is_shown_with_file_line_and_remedy() {
    let folder = with_certificate();
    edit(
        folder.path().join("x/sluis.toml"),
        "127.0.0.1:9901",
        "0.0.0.0:9901",
    );
    let said = sluis(folder.path(), CHECK);
    assert_eq!(said.code, CONFIGURATION);
    assert!(
        said.err
            .starts_with("x/sluis.toml:12: `ops_listen`: name a loopback address"),
        "{}",
        said.err
    );
}

#[test]
fn further_hosts_of_the_crm_are_held_to_the_names_that_the_border_has() {
    let ours = "hosts = [\"crm.example.eu:8443\"]";
    let both = "hosts = [\"crm.example.eu:8443\", \"files.crm.example.eu:8443\"]";
    let files = "\"files.crm.example.eu:8443\"";
    for (names, lines, remedy) in [
        (
            both,
            format!("hosts = {{ {files} = \"https://files.example.com\" }}"),
            None,
        ),
        (
            both,
            format!(
                "hosts = {{ {files} = \"https://files.example.com\" }}\ncookie_domain = \"crm.example.eu\""
            ),
            None,
        ),
        (
            ours,
            format!("hosts = {{ {files} = \"https://files.example.com\" }}"),
            Some("one of `hosts` too"),
        ),
        (
            both,
            format!("hosts = {{ {files} = \"http://files.example.com\" }}"),
            Some("must begin with https://"),
        ),
        (
            both,
            format!("hosts = {{ {files} = {{ url = \"https://example.my.salesforce.com\" }} }}"),
            Some("has one name here"),
        ),
        (
            ours,
            "hosts = { \"crm.example.eu:8443\" = \"https://files.example.com\" }".to_owned(),
            Some("must be left for `crm.url`"),
        ),
        (
            both,
            "cookie_domain = \"example.com\"".to_owned(),
            Some("a domain of your own"),
        ),
        (
            both,
            "cookie_domain = \"eu\"".to_owned(),
            Some("a domain of your own"),
        ),
    ] {
        let folder = with_certificate();
        let file = folder.path().join("x/sluis.toml");
        edit(file.clone(), ours, names);
        edit(file, "[crm]\n", &format!("[crm]\n{lines}\n"));
        let said = sluis(folder.path(), CHECK);
        match remedy {
            None => assert_eq!(said.code, DONE, "{lines}: {}", said.err),
            Some(remedy) => {
                assert_eq!(said.code, CONFIGURATION, "{lines}: {}", said.err);
                assert!(said.err.contains(remedy), "{lines}: {}", said.err);
            }
        }
    }
}

#[test]
fn a_missing_configuration_is_named_once() {
    let folder = tempfile::tempdir().unwrap();
    let said = sluis(folder.path(), CHECK);
    assert_eq!(said.code, CONFIGURATION);
    assert_eq!(said.err.matches("No such file").count(), 1, "{}", said.err);
    assert!(said.err.contains("x/sluis.toml"), "{}", said.err);
}

#[test]
fn a_bad_policy_is_shown_with_line_column_and_caret() {
    let folder = with_certificate();
    let policy = folder.path().join(POLICY);
    edit(
        policy.clone(),
        "action = \"tokenize\"",
        "action = \"tokenise\"",
    );
    let text = fs::read_to_string(&policy).unwrap();
    let before = text
        .lines()
        .position(|line| line == "action = \"tokenise\"");
    let place = format!("salesforce.toml:{}:10", before.unwrap() + 1);
    for command in [&["policy", "check", POLICY], CHECK] {
        let said = sluis(folder.path(), command);
        assert_eq!(said.code, FINDINGS);
        assert!(
            said.err.contains("error[policy-unknown-value]"),
            "{}",
            said.err
        );
        assert!(said.err.contains(&place), "{}", said.err);
        assert!(said.err.contains("^^^^^^^^^^"), "{}", said.err);
        assert!(
            said.err.contains("did you mean `tokenize`?"),
            "{}",
            said.err
        );
    }
}

#[test]
fn the_starter_policy_holds_and_its_cases_pass() {
    let folder = initialized();
    let said = sluis(
        folder.path(),
        &["policy", "check", "--deny-warnings", POLICY],
    );
    assert_eq!((said.code, said.err.as_str()), (DONE, ""));
    let said = sluis(folder.path(), &["policy", "test", POLICY]);
    assert_eq!(said.code, DONE, "{}", said.out);
    assert!(said.out.contains(", 0 failures"), "{}", said.out);
}

#[test]
fn a_policy_that_shows_more_fails_its_cases_and_is_called_weaker() {
    let folder = initialized();
    let old = folder.path().join("old.toml");
    fs::copy(folder.path().join(POLICY), &old).unwrap();
    let from = "[classes.street]\ncategory = \"pd:Street\"\n";
    let to = format!(
        "{from}roles = [\"sales\", \"support\", \"privacy\", \"integration\", \"marketing\"]\n"
    );
    edit(folder.path().join(POLICY), from, &to);
    let said = sluis(folder.path(), &["policy", "test", POLICY]);
    assert_eq!(said.code, FINDINGS, "{}", said.out);
    assert!(said.out.contains("policy-case-failed"), "{}", said.out);
    let said = sluis(folder.path(), &["policy", "diff", "old.toml", POLICY]);
    assert_eq!(said.code, DONE);
    assert!(said.out.contains("weaker:"), "{}", said.out);
    let said = sluis(folder.path(), &["policy", "diff", "old.toml", "old.toml"]);
    assert_eq!(said.out, "Nothing changes.\n");
}

#[test]
fn a_field_is_explained_and_an_unknown_one_is_a_finding() {
    let folder = initialized();
    let explain = |what: &str| {
        let arguments = [
            "policy",
            "explain",
            what,
            "--role",
            "marketing",
            "--policy",
            POLICY,
        ];
        sluis(folder.path(), &arguments)
    };
    let said = explain("Contact.Email");
    assert_eq!(said.code, DONE);
    assert!(said.out.contains("marketing sees a mask"), "{}", said.out);
    assert_eq!(explain("Contact.Nickname__c").code, FINDINGS);
}

#[test]
fn the_schema_is_the_one_that_init_writes() {
    let folder = initialized();
    let said = sluis(folder.path(), &["policy", "schema"]);
    let written = fs::read_to_string(folder.path().join("x/policies/policy.schema.json")).unwrap();
    assert_eq!(said.out.trim_end(), written.trim_end());
}

#[test]
fn a_query_is_explained_or_refused_by_clause() {
    let folder = initialized();
    let explain = |query: &str| {
        sluis(
            folder.path(),
            &["query", "explain", query, "--policy", POLICY],
        )
    };
    let said = explain("select Id from Contact where Email = 'anna@example.nl'");
    assert_eq!(said.code, DONE, "{}", said.err);
    assert!(!said.out.contains("anna"), "{}", said.out);
    let said = explain("SELECT Id FROM Contact WHERE LastName LIKE 'Jans%'");
    assert_eq!(said.code, FINDINGS);
    assert!(said.err.contains("[sluis query-clause]"), "{}", said.err);
    assert!(!said.err.contains("Jans"), "{}", said.err);
}

#[test]
fn the_steps_that_init_prints_work_as_they_are_printed() {
    let folder = with_certificate();
    fs::write(folder.path().join("secret"), "invented\n").unwrap();
    let printed = sluis(folder.path(), &["init", "y"]).out;
    let mut done = 0;
    for line in printed.lines().filter_map(|line| line.split_once("sluis ")) {
        let command = line.1.replace("y/", "x/").replace("NAME", "erp");
        let command = command
            .replace("--id ID", "--id invented")
            .replace("FILE", "secret");
        let arguments: Vec<&str> = command.split_whitespace().collect();
        if !matches!(arguments.first(), Some(&("check" | "crm" | "client"))) {
            continue;
        }
        let said = sluis(folder.path(), &arguments);
        assert_eq!(said.code, DONE, "{command}: {}", said.err);
        assert_eq!(said.err, "", "{command}");
        done += 1;
    }
    assert_eq!(done, 3, "{printed}");
}

#[test]
fn a_client_with_one_proof_or_half_of_one_is_not_added() {
    let folder = with_certificate();
    let add = |proofs: &str| {
        let words = "client add erp --config x/sluis.toml --purpose administration --role integration --proofs";
        let arguments: Vec<&str> = words.split(' ').chain([proofs]).collect();
        sluis(folder.path(), &arguments)
    };
    assert_eq!(add("secret").code, FINDINGS);
    assert_eq!(add("secret,secret").code, FINDINGS);
    let said = add("secret,certificate");
    assert_eq!(said.code, FINDINGS);
    assert!(
        said.err.contains("needs --certificate FILE"),
        "{}",
        said.err
    );
    assert_eq!(add("secret,password").code, USAGE);
    assert_eq!(add("secret,totp").code, DONE);
}

#[test]
fn a_role_that_policy_does_not_name_is_pointed_out() {
    let folder = with_certificate();
    let words = "client add erp --config x/sluis.toml --purpose administration --role integratoin";
    let arguments: Vec<&str> = words.split(' ').collect();
    let said = sluis(folder.path(), &arguments);
    assert_eq!(said.code, DONE, "{}", said.err);
    assert!(said.err.contains("no role `integratoin`"), "{}", said.err);
}

#[test]
fn a_border_without_a_credential_for_the_crm_says_how_to_give_it_one() {
    let folder = with_certificate();
    let said = sluis(folder.path(), &["serve", "--config", "x/sluis.toml"]);
    assert_eq!(said.code, FINDINGS);
    assert!(said.err.contains("sluis crm set-client"), "{}", said.err);
}

#[test]
fn the_manual_and_the_completions_name_the_commands() {
    let folder = tempfile::tempdir().unwrap();
    for command in [&["man"] as &[&str], &["completions", "bash"]] {
        let said = sluis(folder.path(), command);
        assert_eq!(said.code, DONE);
        assert!(said.out.contains("healthcheck"), "{command:?}");
    }
    assert_eq!(sluis(folder.path(), &["nonsense"]).code, USAGE);
}
