//! `policy_source = "console"`: versions come into force on every node that shares the store, and
//! nothing that stands in the file does.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use sluis::app::{self, World};
use sluis::ledger::{self, Kind};
use sluis::review::{Actor, Bench, Draft, Review, Text};

use super::certificates::Authority;
use super::crm::{FakeCrm, json as whole};
use super::house::{House, PERSON, POLICY, contact, read, record};
use super::process::Process;

/// Cases that hold for each of the policies here.
const CASES: &str = "[[case]]\nname = \"a name leaves as a token\"\nobject = \"Contact\"\n\
                     [case.write]\nLastName = \"tokenize\"\n";
const FOREIGN: &str = "sluis_policy_findings{code=\"review-file-foreign\"}";
const STORE: &str = "sluis_policy_findings{code=\"review-store\"}";
const VERSION: &str = "sluis_policy_version";
/// How soon a version must be in force.
const SOON: Duration = Duration::from_secs(1);

/// The starter policy where this client's role may no longer see family names.
fn strict(text: &str) -> String {
    let was = "[classes.family_name]\ncategory = \"pd:Name\"\naction = \"tokenize\"\n\
               search = \"exact\"\n\
               roles = [\"sales\", \"support\", \"marketing\", \"privacy\", \"integration\"]";
    assert!(text.contains(was));
    text.replace(was, &was.replace(", \"integration\"", ""))
}

fn actor(name: &str, approver: bool) -> Actor {
    Actor {
        name: name.to_owned(),
        login: name.to_owned(),
        editor: !approver,
        approver,
        fresh: approver,
    }
}

/// The store, as the console of another node has it open.
struct Desk {
    review: Review,
    bench: Bench,
}

impl Desk {
    fn at(house: &House) -> Self {
        let (settings, world) = (house.settings(), World::default());
        let ring = app::open_ring(&settings, &world).unwrap();
        Self {
            review: app::open_review(&settings, &ring, &world).unwrap(),
            bench: app::bench(&settings, None).unwrap(),
        }
    }

    fn submit(&self, policy: String) -> Draft {
        let live = self.review.live().unwrap().unwrap().text;
        let text = Text { policy, ..live };
        let anna = actor("anna", false);
        let draft = self.review.begin("a change", text, &anna).unwrap();
        let seen = draft.digest();
        self.review
            .submit(draft.id, &seen, "asked for", &self.bench, &anna)
            .unwrap()
    }

    fn approve(&self, policy: String) -> u64 {
        let draft = self.submit(policy);
        let bram = actor("bram", true);
        let made = self
            .review
            .approve(draft.id, &draft.digest(), &self.bench, &bram);
        made.unwrap().number
    }
}

/// The configuration with the store of versions at `folder`.
fn from_store(house: &House, folder: &Path) {
    let own = house.read("sluis.toml");
    let own = own.replace("\n[tls]", "policy_source = \"console\"\n\n[tls]");
    let store = format!(
        "{own}\n[policy_store]\nfolder = {:?}\n",
        folder.to_str().unwrap()
    );
    house.write("sluis.toml", &store);
}

/// A house with a store of its own, its border, and the person in its vault.
async fn open() -> (House, FakeCrm, Process) {
    let (house, crm) = House::with_crm().await;
    house.write("policy.cases.toml", CASES);
    from_store(&house, &house.path("store"));
    let border = Process::serve(&house).await;
    let token = house.person(&crm).await;
    crm.does(move |_| whole(200, &record(&token)));
    assert!(reveals(&house).await);
    (house, crm, border)
}

async fn reveals(house: &House) -> bool {
    let (status, text) = read(house.get(&contact())).await;
    assert_eq!(status, 200, "{text}");
    text.contains(PERSON)
}

/// Waits until a metric has a value, and says how long that took.
async fn until(house: &House, metric: &str, value: f64) -> Duration {
    let begun = Instant::now();
    while house.metric(metric).await != Some(value) {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{metric} is not {value}"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    begun.elapsed()
}

fn sluis(house: &House, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluis"));
    command
        .args(words)
        .arg("--config")
        .arg(house.path("sluis.toml"));
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_is_in_force_on_both_nodes_within_a_second_and_in_both_ledgers() {
    let (house, _crm, mut border) = open().await;
    // A second node: its own data and policy file, the same key file and the same store.
    let nowhere = "127.0.0.1:9".parse().unwrap();
    let mut second = House::before(Authority::new("another"), nowhere);
    second.take_key_of(&house);
    from_store(&second, &house.path("store"));
    let mut other = Process::serve(&second).await;

    let desk = Desk::at(&house);
    let text = strict(POLICY);
    let number = desk.approve(text.clone());
    let first = until(&house, VERSION, 2.0).await;
    let took = first + until(&second, VERSION, 2.0).await;
    assert!(took < SOON, "{took:?}");
    assert_eq!(number, 2);
    assert!(
        !reveals(&house).await,
        "the rules are those of the new version"
    );
    for node in [&house, &second] {
        assert_eq!(node.read("policy.toml"), text, "the file follows");
        assert_eq!(node.read("policy.cases.toml"), CASES);
        assert_eq!(node.metric(FOREIGN).await.unwrap_or_default(), 0.0);
    }
    let status = said(&sluis(&house, &["status"]));
    assert!(status.contains("policy   version 2\n"), "{status}");

    for (node, process) in [(&house, &mut border), (&second, &mut other)] {
        process.signal("TERM");
        process.ended(Duration::from_secs(20)).await;
        let mut entries = entries(node).await;
        entries.sort_by(|a, b| a.operation.cmp(&b.operation));
        let acts: Vec<&str> = entries.iter().map(|entry| &*entry.operation).collect();
        assert_eq!(acts, ["policy.adopt", "policy.approve", "policy.submit"]);
        assert_eq!((&*entries[1].client, &*entries[2].client), ("bram", "anna"));
        assert_eq!(
            entries[1].policy,
            desk.review.version(2).unwrap().text.hash()
        );
    }
}

/// What the ledger says of the policy.
async fn entries(house: &House) -> Vec<ledger::Entry<'static>> {
    let settings = house.settings();
    let ring = app::open_ring(&settings, &World::default()).unwrap();
    let ledger = app::open_ledger(&settings, &ring, &World::default()).unwrap();
    let all = ledger.read(0, 10_000).await.unwrap();
    let all = all.into_iter().map(|(_, entry)| entry);
    all.filter(|entry| entry.kind == Kind::Admin && entry.operation.starts_with("policy."))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_stands_in_the_file_the_version_stays_in_force() {
    let (house, _crm, border) = open().await;
    let desk = Desk::at(&house);
    desk.approve(strict(POLICY));
    until(&house, VERSION, 2.0).await;
    let good = house.read("policy.toml");
    let half = good[..good.len() / 2].to_owned();
    let files = [
        ("rolled back to version 1", POLICY.to_owned()),
        ("half written", half),
        ("empty", String::new()),
        ("invalid", format!("oops = 1\n{good}")),
        ("edited", format!("# by hand\n{POLICY}")),
    ];
    for (name, text) in files {
        house.write("policy.toml", &text);
        until(&house, FOREIGN, 1.0).await;
        border.signal("HUP");
        assert!(!reveals(&house).await, "{name}");
        let status = said(&sluis(&house, &["status"]));
        assert!(status.contains("review-file-foreign"), "{name}: {status}");
        assert_eq!(house.read("policy.toml"), text, "{name}: it is not touched");
        house.write("policy.toml", &good);
        until(&house, FOREIGN, 0.0).await;
    }
    border.says("\"reloaded\"", 5).await;
    assert!(
        border.log().contains("is version 1's"),
        "{}",
        border.log().len()
    );
    std::fs::remove_file(house.path("policy.toml")).unwrap();
    until(&house, FOREIGN, 1.0).await;
    assert!(!reveals(&house).await);

    // Neither does a new start take it.
    drop(border);
    house.write("policy.toml", &format!("# by hand\n{POLICY}"));
    let _border = Process::serve(&house).await;
    assert_eq!(house.metric(VERSION).await, Some(2.0));
    assert_eq!(house.metric(FOREIGN).await, Some(1.0));
    assert!(!reveals(&house).await);
    // The next version takes the file's place, and what stood there is kept.
    desk.approve(strict(POLICY).replace("oldest = 50", "oldest = 51"));
    until(&house, VERSION, 3.0).await;
    until(&house, FOREIGN, 0.0).await;
    assert!(house.read("policy.toml").contains("oldest = 51"));
    assert!(
        house
            .read("policy.toml.before-3")
            .starts_with("# by hand\n")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_killed_before_it_took_a_version_takes_it_at_the_next_start() {
    let (house, _crm, mut border) = open().await;
    border.kill();
    let desk = Desk::at(&house);
    desk.approve(strict(POLICY));
    assert_eq!(house.read("policy.toml"), POLICY, "nobody has written it");
    let mut border = Process::serve(&house).await;
    assert!(!reveals(&house).await);
    assert_eq!(house.read("policy.toml"), strict(POLICY));
    assert_eq!(house.metric(FOREIGN).await.unwrap_or_default(), 0.0);
    border.kill();
    let acts: Vec<String> = entries(&house)
        .await
        .into_iter()
        .map(|entry| entry.operation.into_owned())
        .collect();
    assert_eq!(
        acts,
        ["policy.adopt", "policy.submit", "policy.approve"],
        "each once"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_was_put_back_or_changed_is_followed_by_nobody() {
    let (house, _crm, mut border) = open().await;
    let copy = house.path("copy.db");
    let thief = rusqlite::Connection::open(house.path("store/review.db")).unwrap();
    thief
        .execute("VACUUM INTO ?1", [copy.to_str().unwrap()])
        .unwrap();
    let desk = Desk::at(&house);
    desk.approve(strict(POLICY));
    until(&house, VERSION, 2.0).await;

    // Somebody with the file and without the key goes back by one version in place.
    thief
        .execute_batch("DROP TRIGGER version_kept; DELETE FROM version WHERE number = 2;")
        .unwrap();
    until(&house, STORE, 1.0).await;
    assert!(!reveals(&house).await, "the version in force stays");
    border.signal("TERM");
    border.ended(Duration::from_secs(20)).await;
    drop((desk, thief));
    let refused = sluis(&house, &["serve"]);
    assert!(!refused.status.success());

    // An older copy that is whole by itself.
    for name in [
        "store/review.db",
        "store/review.db-wal",
        "store/review.db-shm",
    ] {
        let _gone = std::fs::remove_file(house.path(name));
    }
    std::fs::copy(&copy, house.path("store/review.db")).unwrap();
    let owner = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(house.path("store/review.db"), owner).unwrap();
    let verified = sluis(&house, &["policy", "versions", "--verify"]);
    assert!(verified.status.success(), "{}", said(&verified));
    let refused = sluis(&house, &["serve"]);
    assert!(!refused.status.success());
    assert!(said(&refused).contains("put back"), "{}", said(&refused));
}

#[tokio::test(flavor = "multi_thread")]
async fn plan_says_what_gets_weaker_against_the_version_in_force() {
    let (house, _crm, _border) = open().await;
    let plan = |name: &str, text: &str| {
        house.write(name, text);
        house.write(&name.replace(".toml", ".cases.toml"), CASES);
        let path = house.path(name);
        let output = sluis(&house, &["policy", "plan", path.to_str().unwrap()]);
        (output.status.code(), said(&output))
    };
    let (code, text) = plan("same.toml", POLICY);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("Nothing changes."), "{text}");
    let (code, text) = plan("weaker.toml", &POLICY.replace("oldest = 50", "oldest = 40"));
    assert_eq!(code, Some(3), "{text}");
    assert!(
        text.contains("weaker: versions 40 to 66 of the API are open"),
        "{text}"
    );
    let (code, text) = plan("wrong.toml", &POLICY.replace("oldest = 50", "oldst = 40"));
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("wrong.toml:"), "{text}");

    Desk::at(&house).approve(POLICY.replace("oldest = 50", "oldest = 51"));
    let (code, text) = plan("same.toml", POLICY);
    assert_eq!(
        code,
        Some(3),
        "an older text is compared with what is in force: {text}"
    );
    let versions = said(&sluis(&house, &["policy", "versions"]));
    assert!(versions.contains("anna, approved by bram"), "{versions}");
    let shown = said(&sluis(&house, &["policy", "show", "1"]));
    assert_eq!(shown.trim_end(), POLICY.trim_end());
    let verified = sluis(&house, &["policy", "versions", "--verify"]);
    assert!(
        said(&verified).contains("2 versions are in order"),
        "{}",
        said(&verified)
    );
}
