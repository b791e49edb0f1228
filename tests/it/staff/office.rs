//! A border before the laptop CRM, with one contact, at a time that stands still.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use rusqlite::Connection;
use serde_json::{Value, json};
use sluis::app::World;
use sluis::demo::{self, Demo};
use sluis::gate::staff::{ConsoleRoles, NewPerson};
use sluis::gate::{Enrolment, Gate};
use sluis::model::{Clock, Timestamp};

use super::browser::Browser;

pub const API: &str = "/services/data/v62.0";
pub const PASSWORD: &str = "vier paarden op zolder";
/// The family name of an invented person: who sees it has seen the CRM.
pub const CONTACT: &str = "Kanariezoon";

pub struct Office {
    demo: Option<Demo>,
    pub clock: Arc<Hand>,
    client: reqwest::Client,
    pub border: String,
    /// Where the one contact stands.
    pub contact: String,
}

/// A clock that stands still until it is moved.
pub struct Hand(AtomicI64);

impl Hand {
    pub fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// A person with a password and codes.
pub struct Person {
    pub login: &'static str,
    codes: Enrolment,
    pub recovery_codes: Vec<String>,
}

impl Office {
    pub async fn open() -> Self {
        Self::before(None).await
    }

    /// By a policy file; the starter policy, and one contact, where none is named.
    pub async fn before(policy: Option<&'static str>) -> Self {
        let system = World::default();
        let clock = Arc::new(Hand(AtomicI64::new(system.clock.now().0)));
        let world = World {
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            entropy: system.entropy,
        };
        // Starting blocks, and this runs inside of a runtime.
        let started = tokio::task::spawn_blocking(move || {
            let options = demo::Options {
                port: 0,
                folder: None,
                policy: policy.map(PathBuf::from),
                people: false,
                workers: 2,
                // Requests to the CRM are counted.
                looks: false,
                console: true,
                staff: false,
            };
            demo::start(&options, &world).unwrap()
        });
        let demo = started.await.unwrap();
        let pem = std::fs::read(&demo.ca).unwrap();
        let client = reqwest::Client::builder()
            .tls_certs_only(reqwest::Certificate::from_pem_bundle(&pem).unwrap())
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .resolve("console.localhost", demo.app.console_address().unwrap())
            .build()
            .unwrap();
        let mut office = Self {
            border: demo.border.clone(),
            contact: String::new(),
            demo: Some(demo),
            clock,
            client,
        };
        if policy.is_none() {
            office.contact = office.create().await;
        }
        office
    }

    /// Posts as a program does.
    pub async fn post(&self, path: &str, kind: &str, body: &str) -> Value {
        let demo = self.demo.as_ref().unwrap();
        let request = self
            .client
            .post(format!("{}{path}", demo.border))
            .bearer_auth(&demo.access_token)
            .header("content-type", kind)
            .body(body.to_owned());
        request.send().await.unwrap().json().await.unwrap()
    }

    /// Reads as a program does.
    pub async fn get(&self, path: &str) -> Value {
        let demo = self.demo.as_ref().unwrap();
        let request = self
            .client
            .get(format!("{}{path}", demo.border))
            .bearer_auth(&demo.access_token);
        request.send().await.unwrap().json().await.unwrap()
    }

    /// Writes the one contact, and gives its path.
    async fn create(&self) -> String {
        let contact = json!({ "LastName": CONTACT }).to_string();
        let path = format!("{API}/sobjects/Contact");
        let created = self.post(&path, "application/json", &contact).await;
        let id = created["id"].as_str().unwrap();
        format!("{API}/sobjects/Contact/{id}")
    }

    /// How many requests the CRM has had.
    pub fn asked(&self) -> usize {
        self.demo.as_ref().unwrap().crm.requests().len()
    }

    /// The bodies that it got.
    pub fn requests(&self) -> Vec<Vec<u8>> {
        let requests = self.demo.as_ref().unwrap().crm.requests();
        requests.into_iter().map(|request| request.body).collect()
    }

    /// A file of the border's.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// A program's `Authorization` field.
    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.demo.as_ref().unwrap().access_token)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.demo.as_ref().unwrap().folder.join(name)
    }

    /// The entries of the ledger, as JSON.
    pub fn ledger(&self) -> Vec<Value> {
        let file = Connection::open(self.path("data/ledger.db")).unwrap();
        let mut statement = file
            .prepare("SELECT entry FROM entry ORDER BY seq")
            .unwrap();
        let entries = statement
            .query_map([], |row| row.get::<_, Vec<u8>>(0))
            .unwrap();
        entries
            .map(|entry| serde_json::from_slice(&entry.unwrap()).unwrap())
            .collect()
    }

    /// What `sluis ledger verify` says.
    pub fn ledger_holds(&self) -> bool {
        let settings = sluis::config::load(&self.path("sluis.toml")).unwrap();
        let ring = sluis::app::open_ring(&settings, &World::default()).unwrap();
        let report = sluis::ledger::verify(&self.path("data/ledger.db"), Some(&ring), None);
        report.unwrap().ok
    }

    pub fn gate(&self) -> &Gate {
        &self.demo.as_ref().unwrap().app.gate
    }

    /// The border's name with its port.
    pub fn host(&self) -> &str {
        self.border.strip_prefix("https://").unwrap()
    }

    pub fn browser(&self) -> Browser {
        Browser::new(self.client.clone(), &self.border)
    }

    /// A browser before the console.
    pub fn at_console(&self) -> Browser {
        Browser::new(self.client.clone(), &self.demo.as_ref().unwrap().console)
    }

    /// A browser at the console that somebody new with these roles has signed in with, and the person; a
    /// minute later, so that the next code is new.
    pub async fn console_person(&self, login: &'static str, roles: &[&str]) -> (Person, Browser) {
        let new = NewPerson {
            login: login.to_owned(),
            display: "Noor de Wit".to_owned(),
            purpose: "administration".to_owned(),
            roles: vec!["support".to_owned()],
            console: ConsoleRoles::named(roles.iter().copied()).unwrap(),
        };
        let link = self.gate().add_person(&new, Duration::from_hours(24));
        let link = text(link.unwrap().token.expose());
        let codes = self.codes(&link);
        let code = self.now(&codes);
        let form = [
            ("link", link.as_str()),
            ("password", PASSWORD),
            ("again", PASSWORD),
            ("code", code.as_str()),
        ];
        let mut browser = self.at_console();
        let answer = browser.post("/.sluis/enrol", &form).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        self.clock.forward(60);
        let person = Person {
            login,
            codes,
            recovery_codes: vec![],
        };
        (person, browser)
    }

    /// A link for a new person of this role.
    pub fn invite(&self, login: &str, role: &str) -> String {
        let new = NewPerson {
            login: login.to_owned(),
            display: "Sanne Vermeer".to_owned(),
            purpose: "customer-relations".to_owned(),
            roles: vec![role.to_owned()],
            console: ConsoleRoles::none(),
        };
        let link = self.gate().add_person(&new, Duration::from_hours(24));
        text(link.unwrap().token.expose())
    }

    /// The codes behind a link, as an app that scanned its page has them.
    pub fn codes(&self, link: &str) -> Enrolment {
        let visitor = sluis::gate::staff::Visitor {
            cookie: None,
            source: "127.0.0.1".parse().unwrap(),
            host: self.host(),
            surface: sluis::gate::staff::Surface::Border,
        };
        self.gate().invitation(link, &visitor).unwrap().codes
    }

    pub fn now(&self, codes: &Enrolment) -> String {
        text(codes.code(self.clock.now()).unwrap().expose())
    }

    /// A person who has enrolled through the page; a minute later, so that codes are new.
    pub async fn enrolled(&self, login: &'static str, role: &str) -> Person {
        let link = self.invite(login, role);
        let codes = self.codes(&link);
        let code = self.now(&codes);
        let form = [
            ("link", link.as_str()),
            ("password", PASSWORD),
            ("again", PASSWORD),
            ("code", code.as_str()),
        ];
        let answer = self.browser().post("/.sluis/enrol", &form).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let recovery_codes: Vec<String> = answer
            .body
            .split("<code>")
            .skip(1)
            .filter_map(|rest| rest.split("</code>").next())
            .map(str::to_owned)
            .collect();
        assert_eq!(recovery_codes.len(), 10);
        self.clock.forward(60);
        Person {
            login,
            codes,
            recovery_codes,
        }
    }

    pub fn code(&self, person: &Person) -> String {
        self.now(&person.codes)
    }

    /// A browser that has shown the password.
    pub async fn half(&self, person: &Person) -> Browser {
        let mut browser = self.browser();
        let form = [("login", person.login), ("password", PASSWORD)];
        let answer = browser.post("/.sluis/sign-in", &form).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        assert_eq!(answer.location(), "/.sluis/sign-in/code");
        browser
    }

    /// A browser that has shown both factors; a minute later, so that the next code is new.
    pub async fn signed_in(&self, person: &Person) -> Browser {
        let mut browser = self.half(person).await;
        let code = self.code(person);
        let answer = browser
            .post("/.sluis/sign-in/code", &[("code", &code)])
            .await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        self.clock.forward(60);
        browser
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        // Not waited for: its drain waits for connections that this runtime would have to close.
        if let Some(demo) = self.demo.take() {
            demo.app.control().stop();
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
