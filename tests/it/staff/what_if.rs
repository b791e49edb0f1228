//! A draft is tried on what crossed the border: what would be refused, exposed, shown or broken.

use super::browser::Browser;
use super::office::{API, CONTACT, Office};
use crate::support::demo::Demo;

const POLICY: &str = include_str!("../../../policies/salesforce.toml");

const MOBILE: &str = "+31 6 5550 1234";
const MOBILE_RULE: &str = "MobilePhone = \"phone\"\n";
const LEFT_OUT: &str = "left_out = [\"PhotoUrl\", \"Jigsaw\", \"JigsawContactId\"]";
const LEFT_OUT_TOO: &str =
    "left_out = [\"PhotoUrl\", \"MobilePhone\", \"JigsawContactId\", \"Jigsaw\"]";
const JIGSAW_PASSES: &str = "Jigsaw = { action = \"pass\", reason = \"a number of a service\" }\n";
const TITLE_PASSES: &str = "Title = { action = \"pass\", reason = \"titles of jobs\" }\n";
const TITLE: &str = "Kanariehouder";

/// What a program sends: writes, a read, a search, and what is refused.
async fn traffic(office: &Office) {
    let path = format!("{API}/sobjects/Contact");
    for _ in 0..2 {
        let body =
            format!(r#"{{"LastName":"{CONTACT}","MobilePhone":"{MOBILE}","Title":"{TITLE}"}}"#);
        let made = office.post(&path, "application/json", &body).await;
        assert_eq!(made["success"], true, "{made}");
    }
    let refused = office.post(
        &path,
        "application/json",
        r#"{"LastName":"X","Jigsaw":"1"}"#,
    );
    let refused = refused.await.to_string();
    assert!(refused.contains("policy-unknown-field"), "{refused}");
    let found = office
        .get(&format!(
            "{API}/query?q=SELECT+Id,LastName+FROM+Contact+WHERE+MobilePhone='%2B31655501234'"
        ))
        .await;
    assert_eq!(found["totalSize"], 2, "{found}");
    let fields = "Id,LastName,Title";
    let read = office
        .get(&format!("{}?fields={fields}", office.contact))
        .await;
    assert_eq!(read["LastName"], CONTACT);
}

/// A draft of the policy in force with these changes, and where it stands.
async fn draft(editor: &mut Browser, changes: &[(&str, &str)]) -> String {
    let begun = editor.post("/drafts", &[("title", "Try this")]).await;
    assert_eq!(begun.status, 303, "{}", begun.body);
    let at = begun.location().to_owned();
    let file = editor.get(&format!("{at}/file")).await;
    let mut policy = file.body;
    for (before, after) in changes {
        assert!(policy.contains(before), "{before}");
        policy = policy.replacen(before, after, 1);
    }
    let form = [
        ("revision", "1"),
        ("policy", policy.as_str()),
        ("cases", ""),
    ];
    let saved = editor.post(&format!("{at}/text"), &form).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    at
}

/// The rows of one kind of effect: about, rule, who, requests, values.
fn rows(page: &str, kind: &str) -> Vec<[String; 5]> {
    let start = format!("aria-labelledby=\"{kind}\"><h2");
    let Some((_, section)) = page.split_once(&start) else {
        return vec![];
    };
    let section = section.split("</section>").next().unwrap();
    cells(section)
        .chunks_exact(5)
        .map(|row| row.to_vec().try_into().unwrap())
        .collect()
}

/// The texts of the cells of a table's body.
fn cells(section: &str) -> Vec<String> {
    let body = section.split("<tbody>").nth(1).unwrap();
    let parts: Vec<&str> = body.split(['<', '>']).collect();
    let mut found = Vec::new();
    let mut text = String::new();
    for part in parts.chunks(2) {
        text.push_str(part[0].trim());
        match part.get(1) {
            Some(&"/td" | &"/th") => found.push(std::mem::take(&mut text)),
            Some(tag) if tag.starts_with("td") || tag.starts_with("th") => text.clear(),
            _ => {}
        }
    }
    found
}

fn row(about: &str, rule: &str, requests: &str, values: &str) -> [String; 5] {
    [about, rule, "demo", requests, values].map(str::to_owned)
}

#[tokio::test]
async fn a_draft_is_tried_on_the_requests_of_the_last_day() {
    let office = Office::open().await;
    traffic(&office).await;
    let asked = office.asked();
    let (_, mut noor) = office.console_person("noor", &["editor"]).await;

    // As it is, nothing changes, and everything that was sent is among what was tried.
    let same = draft(&mut noor, &[]).await;
    let page = noor.get(&format!("{same}/what-if")).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("6 requests since"), "{}", page.body);
    assert!(
        page.body.contains("nothing in them would go otherwise"),
        "{}",
        page.body
    );

    let other = draft(
        &mut noor,
        &[
            (MOBILE_RULE, JIGSAW_PASSES),
            (
                LEFT_OUT,
                "left_out = [\"PhotoUrl\", \"MobilePhone\", \"JigsawContactId\"]",
            ),
        ],
    )
    .await;
    let page = noor.get(&format!("{other}/what-if")).await.body;
    let unknown = "policy-unknown-field";
    assert_eq!(
        rows(&page, "refused"),
        [row("Contact.MobilePhone", unknown, "2", "—")],
        "{page}"
    );
    assert_eq!(
        rows(&page, "searches"),
        [row("Contact.MobilePhone", unknown, "1", "—")]
    );
    assert_eq!(
        rows(&page, "passes"),
        [row("Contact.Jigsaw", unknown, "1", "—")]
    );
    assert_eq!(
        rows(&page, "exposed"),
        [row("Contact.Jigsaw", "—", "1", "1"),]
    );

    // Nothing of it was sent again, and no value stands on the page.
    assert_eq!(office.asked(), asked);
    for value in [CONTACT, MOBILE, "31655501234", TITLE] {
        assert!(!page.contains(value));
    }
}

#[tokio::test]
async fn who_would_see_less_or_have_values_leave_readable_is_counted() {
    let office = Office::open().await;
    traffic(&office).await;
    let (_, mut noor) = office.console_person("noor", &["editor"]).await;
    let draft = draft(
        &mut noor,
        &[
            ("Title = \"position\"\n", TITLE_PASSES),
            (
                "[classes.family_name]\n",
                "[classes.family_name]\nstep_up = true\n",
            ),
        ],
    )
    .await;
    let page = noor.get(&format!("{draft}/what-if")).await.body;
    assert_eq!(
        rows(&page, "exposed"),
        [row("Contact.Title", "—", "2", "2")],
        "{page}"
    );
    // Two of the search, one of the record.
    assert_eq!(
        rows(&page, "hidden"),
        [row("family_name", "—", "2", "3")],
        "{page}"
    );
    assert!(rows(&page, "refused").is_empty());
    assert!(rows(&page, "shown").is_empty());
}

#[tokio::test]
async fn a_draft_with_errors_is_not_tried_and_no_traffic_is_said() {
    let office = Office::before(Some("policies/salesforce.toml")).await;
    let (_, mut noor) = office.console_person("noor", &["editor"]).await;
    let wrong = draft(
        &mut noor,
        &[("Title = \"position\"", "Title = \"positoin\"")],
    )
    .await;
    let page = noor.get(&format!("{wrong}/what-if")).await.body;
    assert!(page.contains("cannot be tried"), "{page}");
    let empty = draft(&mut noor, &[("Title = \"position\"\n", "")]).await;
    let page = noor.get(&format!("{empty}/what-if")).await.body;
    assert!(page.contains("nothing to try it on"), "{page}");
}

#[tokio::test]
async fn the_command_line_asks_the_border_that_runs() {
    let demo = Demo::start_by(POLICY).unwrap();
    let ready = demo.ready();
    let client = demo.client().unwrap();
    let contact = format!("{}{API}/sobjects/Contact", ready.border);
    let body = format!(r#"{{"LastName":"{CONTACT}","MobilePhone":"{MOBILE}"}}"#);
    let sent = client
        .post(contact)
        .bearer_auth(&ready.access_token)
        .header("content-type", "application/json")
        .body(body);
    assert_eq!(sent.send().await.unwrap().status(), 201);

    let path = demo.folder().join("draft.toml");
    let ask = |policy: &str| {
        std::fs::write(&path, policy).unwrap();
        demo.operator(&["policy", "what-if", path.to_str().unwrap()])
            .unwrap()
    };
    let (code, text) = ask(POLICY);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("0 of 1 requests"), "{text}");
    let (code, text) =
        ask(&POLICY
            .replacen(MOBILE_RULE, "", 1)
            .replacen(LEFT_OUT, LEFT_OUT_TOO, 1));
    assert_eq!(code, Some(3), "{text}");
    let told = "would be refused: Contact.MobilePhone (policy-unknown-field): 1 requests of demo";
    assert!(text.contains(told), "{text}");
    assert!(!text.contains(CONTACT) && !text.contains(MOBILE), "{text}");
    let (code, text) = ask("version = 1");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("draft.toml"), "{text}");
}
