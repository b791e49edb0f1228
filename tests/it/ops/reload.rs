//! `SIGHUP`: all of the new, or all of the old.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::certificates::{Authority, EXPIRED, VALID};
use super::crm::{FakeCrm, json as whole};
use super::house::{House, PERSON, POLICY, contact, read, record};
use super::process::Process;

const METRIC: &str = "sluis_config_last_reload_successful";

/// The starter policy where this client's role may no longer see family names.
fn strict() -> String {
    let was = "[classes.family_name]\ncategory = \"pd:Name\"\naction = \"tokenize\"\n\
               search = \"exact\"\n\
               roles = [\"sales\", \"support\", \"marketing\", \"privacy\", \"integration\"]";
    assert!(POLICY.contains(was));
    POLICY.replace(was, &was.replace(", \"integration\"", ""))
}

/// A border that reveals the person's name at `contact()`.
async fn open() -> (House, FakeCrm, Process) {
    let (house, crm) = House::with_crm().await;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_new_policy_is_in_force_at_the_next_request() {
    let (house, _crm, border) = open().await;
    house.write("policy.toml", &strict());
    border.signal("HUP");
    border.says("\"reloaded\"", 1).await;
    assert!(!reveals(&house).await);
    house.write("policy.toml", POLICY);
    border.signal("HUP");
    border.says("\"reloaded\"", 2).await;
    assert!(reveals(&house).await);
    assert_eq!(house.metric(METRIC).await, Some(1.0));
}

/// Names of mistakes, and the files that have each.
type Wrong = Vec<(&'static str, Vec<(&'static str, String)>)>;

fn wrong(house: &House) -> Wrong {
    let configuration = house.read("sluis.toml");
    let certificate = house.read("border.pem");
    let half = |text: &str| text[..text.len() / 2].to_owned();
    let another = Authority::new("other").issue(&["localhost"], VALID);
    let expired = house.authority.issue(&["localhost"], EXPIRED);
    let changed = |from: &str, to: &str| {
        assert!(configuration.contains(from), "{from}");
        configuration.replace(from, to)
    };
    let mut wrong = vec![
        ("an empty policy", vec![("policy.toml", String::new())]),
        ("half a policy", vec![("policy.toml", half(POLICY))]),
        (
            "a policy with an unknown word",
            vec![("policy.toml", format!("oops = 1\n{POLICY}"))],
        ),
        (
            "a policy without end",
            vec![("policy.toml", "a".repeat(8 << 20))],
        ),
        ("an empty certificate", vec![("border.pem", String::new())]),
        (
            "half a certificate",
            vec![("border.pem", half(&certificate))],
        ),
        (
            "an expired certificate",
            vec![
                ("border.pem", expired.certificate),
                ("border.key", expired.key),
            ],
        ),
        (
            "a key of another certificate",
            vec![("border.key", another.key)],
        ),
        (
            "an empty configuration",
            vec![("sluis.toml", String::new())],
        ),
        (
            "half a configuration",
            vec![("sluis.toml", half(&configuration))],
        ),
        (
            "an unknown key",
            vec![("sluis.toml", format!("oops = 1\n{configuration}"))],
        ),
        (
            "another port",
            vec![("sluis.toml", changed(&house.port.to_string(), "1"))],
        ),
        (
            "another tenant",
            vec![("sluis.toml", changed("tenant = \"test\"", "tenant = \"b\""))],
        ),
        (
            "another CRM",
            vec![("sluis.toml", changed("crm.example.nl", "crm2.example.nl"))],
        ),
        (
            "another folder",
            vec![("sluis.toml", changed("\"data\"", "\"data2\""))],
        ),
        (
            "another key file",
            vec![("sluis.toml", changed("sluis.key", "other.key"))],
        ),
    ];
    // With each of them a policy that is right: it must not be taken either.
    for (_, files) in &mut wrong {
        if files.iter().all(|(name, _)| *name != "policy.toml") {
            files.push(("policy.toml", strict()));
        }
    }
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_wrong_with_the_new_leaves_all_of_the_old_in_force() {
    let (house, _crm, border) = open().await;
    let old = ["policy.toml", "sluis.toml", "border.pem", "border.key"];
    let old = old.map(|name| (name, house.read(name)));
    let mut bad = Vec::new();
    for (times, (name, files)) in (1..).zip(wrong(&house)) {
        for (file, text) in files {
            house.write(file, &text);
        }
        border.signal("HUP");
        border.says("the old stays in force", times).await;
        if !reveals(&house).await {
            bad.push(format!("{name}: the new policy was taken"));
        }
        if house.metric(METRIC).await != Some(0.0) {
            bad.push(format!("{name}: the metric does not tell"));
        }
        for (file, text) in &old {
            house.write(file, text);
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
    border.signal("HUP");
    border.says("\"reloaded\"", 1).await;
    assert_eq!(house.metric(METRIC).await, Some(1.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_file_leaves_the_old_in_force() {
    let (house, _crm, border) = open().await;
    for (times, name) in (1..).zip(["policy.toml", "border.pem", "sluis.toml", "ca.pem"]) {
        std::fs::rename(house.path(name), house.path("away")).unwrap();
        border.signal("HUP");
        border.says("the old stays in force", times).await;
        assert!(reveals(&house).await, "{name}");
        assert_eq!(house.metric(METRIC).await, Some(0.0), "{name}");
        std::fs::rename(house.path("away"), house.path(name)).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_reloads_under_load_fail_no_request() {
    let (house, _crm, border) = open().await;
    let over = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let (request, over) = (house.get(&contact()), Arc::clone(&over));
            tokio::spawn(async move {
                let mut answered = 0;
                while !over.load(Ordering::SeqCst) {
                    let (status, text) = read(request.try_clone().unwrap()).await;
                    assert_eq!(status, 200, "{text}");
                    answered += 1;
                }
                answered
            })
        })
        .collect();
    let pairs = [
        house.authority.issue(&["localhost"], VALID),
        house.authority.issue(&["localhost"], VALID),
    ];
    for (reload, pair) in (1..=50).zip(pairs.iter().cycle()) {
        let text = if reload % 2 == 0 { POLICY } else { &strict() };
        house.write("policy.toml", text);
        house.write("border.pem", &pair.certificate);
        house.write("border.key", &pair.key);
        border.signal("HUP");
        border.says("\"reloaded\"", reload).await;
        assert_eq!(reveals(&house).await, reload % 2 == 0, "reload {reload}");
    }
    over.store(true, Ordering::SeqCst);
    for client in clients {
        assert!(client.await.unwrap() > 0);
    }
    assert!(!border.log().contains("the old stays in force"));
}
