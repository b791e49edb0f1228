//! From a recording of the bare CRM to a border before it: what is proposed, edited as its comments
//! ask, lets people work.

use std::fs;
use std::process::Command;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::crm::{Crm, SESSION};
use super::house::{CANARY, House, Who, given};

const PHONE: &str = "+31 6 12345678";
const MAIL: &str = "zoe.kanariezuidwest@example.nl";
const FORM: &str = "application/x-www-form-urlencoded";

/// What an administrator does while the browser's developer tools record.
struct Recorder {
    client: reqwest::Client,
    home: String,
    entries: Vec<Value>,
}

impl Recorder {
    fn at(crm: &Crm) -> Result<Self> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self {
            client,
            home: format!("http://{}", crm.address),
            entries: vec![],
        })
    }

    async fn act(&mut self, target: &str, form: Option<&[(&str, &str)]>) -> Result<()> {
        let url = format!("{}{target}", self.home);
        let body = form.map(|pairs| {
            let mut body = form_urlencoded::Serializer::new(String::new());
            body.extend_pairs(pairs).finish()
        });
        let request = match &body {
            Some(body) => self.client.post(&url).body(body.clone()),
            None => self.client.get(&url),
        };
        let request = request
            .header("cookie", SESSION)
            .header("origin", &self.home);
        let request = request.header("content-type", FORM);
        let answer = request.send().await?;
        let field = |name| {
            let value = answer
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let (kind, leads) = (field("content-type"), field("location"));
        let (status, text) = (answer.status().as_u16(), answer.text().await?);
        let mut entry = json!({
            "request": { "method": "GET", "url": url, "headers": [{ "name": "Cookie", "value": SESSION }] },
            "response": { "status": status, "headers": [], "redirectURL": leads, "content": { "mimeType": kind, "text": text } },
        });
        if let Some(body) = body {
            entry["request"]["method"] = json!("POST");
            entry["request"]["postData"] = json!({ "mimeType": FORM, "text": body });
        }
        self.entries.push(entry);
        Ok(())
    }
}

fn contact<'a>(first: &'a str, last: &'a str) -> [(&'a str, &'a str); 8] {
    [
        ("csrf", "abcdefgh"),
        ("first_name", first),
        ("last_name", last),
        ("email", MAIL),
        ("phone", PHONE),
        ("birthday", "1980-05-06"),
        ("note", "Belt graag in de ochtend."),
        ("sector", "3"),
    ]
}

async fn recorded(crm: &Crm) -> Result<String> {
    let mut recorder = Recorder::at(crm)?;
    recorder.act("/login", None).await?;
    let sign_in = [("username", "anna"), ("password", "geheim woord!")];
    recorder
        .act("/login?next=%2Fcontacts", Some(&sign_in))
        .await?;
    recorder.act("/static/a.css", None).await?;
    recorder
        .act("/contact/add", Some(&contact("Zoë", CANARY)))
        .await?;
    recorder.act("/contact/1", None).await?;
    recorder.act("/contact/edit/1", None).await?;
    recorder
        .act("/contact/edit/1", Some(&contact("Zoë", CANARY)))
        .await?;
    recorder
        .act(&format!("/contacts?q={CANARY}&page=1"), None)
        .await?;
    recorder.act("/export/csv", None).await?;
    recorder.act("/brick/1", None).await?;
    Ok(json!({ "log": { "entries": recorder.entries } }).to_string())
}

/// As a person would, who reads the comments of the proposal.
fn decided(proposal: &str) -> Result<String> {
    let mut text = proposal.to_owned();
    for (from, to) in [
        (
            "staff = \"Everybody who works with the CRM.\"",
            "sales = \"Account managers.\"\nmarketing = \"Campaigns: no telephone numbers.\"",
        ),
        ("roles = [\"staff\"]", "roles = [\"sales\", \"marketing\"]"),
        (
            "canonical = \"phone\"",
            "canonical = \"phone\"\nroles = [\"sales\"]",
        ),
        // The page's own choice, which has no control that would say so.
        ("sector = \"free_text\" # 2 values seen\n", ""),
        ("sector = \"string\"\n", ""),
        ("sector = \"sector\" # 2 times\n", ""),
        (
            "[forms.contact.fields]",
            "[forms.contact.pass]\nsector = \"number\"\n\n[forms.contact.fields]",
        ),
    ] {
        ensure!(text.contains(from), "{from} is not in\n{text}");
        text = text.replacen(from, to, 1);
    }
    Ok(text)
}

#[tokio::test]
async fn a_crm_works_behind_what_a_recording_of_it_proposed() -> Result<()> {
    let bare = Crm::start();
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("session.har"), recorded(&bare).await?)?;
    let learn = || {
        Command::new(env!("CARGO_BIN_EXE_sluis"))
            .args(["policy", "learn", "session.har", "--out", "proposal.toml"])
            .current_dir(folder.path())
            .output()
    };
    let said = learn()?;
    let told = String::from_utf8([said.stdout, said.stderr].concat())?;
    ensure!(said.status.success(), "{told}");
    assert!(told.contains("Delete session.har"), "{told}");
    // What is there already is somebody's work.
    assert_eq!(learn()?.status.code(), Some(1));
    let proposal = fs::read_to_string(folder.path().join("proposal.toml"))?;
    for value in [
        CANARY,
        "12345678",
        "Belt graag",
        "geheim",
        "abcdefgh",
        "1980-05",
    ] {
        assert!(!proposal.contains(value), "{value} in\n{proposal}");
    }

    let mut house = House::set(Crm::start(), &decided(&proposal)?, "")?;
    let sign_in = [("username", "anna"), ("password", "geheim woord!")];
    for who in [Who::Sales, Who::Marketing] {
        let answer = house.post(who, "/login?next=%2Fcontacts", &sign_in).await?;
        assert_eq!(answer.headers()["location"], "/contacts");
        house.cookies[who as usize] = given(&answer);
    }
    let answer = house
        .post(Who::Sales, "/contact/add", &contact("Zoë", CANARY))
        .await?;
    assert_eq!(answer.status(), 302, "{}", answer.text().await?);
    assert!(house.crm.held(1, "last_name").starts_with("tq"));
    assert_eq!(house.crm.held(1, "birthday"), "1980-01-01");
    assert_eq!(house.crm.held(1, "sector"), "3");
    for target in [
        "/contact/1",
        "/brick/1",
        "/export/csv",
        &format!("/contacts?q={CANARY}&page=1"),
    ] {
        let (status, page) = house.get(Who::Sales, target).await?;
        assert!(status == 200 && page.contains(CANARY), "{target}: {page}");
    }
    let (_, masked) = house.get(Who::Marketing, "/contact/edit/1").await?;
    assert!(
        masked.contains(CANARY) && !masked.contains("12345678"),
        "{masked}"
    );
    let changed = [("first_name", "Zoë"), ("last_name", "Kanariezuidoost")];
    let answer = house.post(Who::Sales, "/contact/edit/1", &changed).await?;
    assert_eq!(answer.status(), 302, "{}", answer.text().await?);
    // What was not in the recording is refused.
    let (status, _) = house.get(Who::Sales, "/export/json").await?;
    assert_eq!(status, 403);
    house.crm_never_had(&[CANARY, "Kanariezuidoost"])
}
