//! A demo under a policy of the test's, and what is asked of both sides of the border.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

use crate::support::demo::Demo;
use crate::support::scan::Scanner;

const STARTER: &str = include_str!("../../../policies/salesforce.toml");

/// A word of every text in these tests that may not leave.
pub const CANARY: &str = "torenvalknoordoost";
/// A sentence that says something of somebody's health.
pub const HEALTH: &str = "Mevrouw ligt aan de dialyse, komt donderdag niet";
/// A sentence that does not.
pub const ORDER: &str = "De dialyseafdeling bestelt tien monitoren";
pub const API: &str = "/services/data/v60.0";

pub struct House {
    pub demo: Demo,
    client: reqwest::Client,
}

/// What the border answered.
#[derive(Debug)]
pub struct Said {
    pub status: u16,
    pub body: Value,
    pub text: String,
}

/// The starter policy with this in place of the rule of `Contact.Description`.
pub fn described(rule: &str) -> Result<String> {
    let (before, after) = STARTER
        .split_once("\nDescription = \"free_text\"\n")
        .context("the starter policy has no such field")?;
    Ok(format!("{before}\nDescription = {rule}\n{after}"))
}

impl House {
    /// # Errors
    /// When the demo does not start.
    pub fn starter() -> Result<Self> {
        Self::of(STARTER)
    }

    /// # Errors
    /// When the demo does not start under that policy.
    pub fn of(policy: &str) -> Result<Self> {
        let demo = Demo::start_by(policy)?;
        let client = demo.client()?;
        Ok(Self { demo, client })
    }

    /// # Errors
    /// When there is no answer.
    pub async fn send(&self, method: Method, path: &str, body: &Value) -> Result<Said> {
        let url = format!("{}{API}{path}", self.demo.ready().border);
        let request = self
            .client
            .request(method, url)
            .bearer_auth(&self.demo.ready().access_token);
        self.said(request.json(body)).await
    }

    /// # Errors
    /// When there is no answer.
    pub async fn get(&self, path: &str) -> Result<Said> {
        let url = format!("{}{API}{path}", self.demo.ready().border);
        let request = self.client.get(url);
        self.said(request.bearer_auth(&self.demo.ready().access_token))
            .await
    }

    /// A body of another media type.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn post_as(&self, media: &str, path: &str, body: String) -> Result<Said> {
        let url = format!("{}{API}{path}", self.demo.ready().border);
        let request = self
            .client
            .post(url)
            .bearer_auth(&self.demo.ready().access_token);
        self.said(request.header("content-type", media).body(body))
            .await
    }

    async fn said(&self, request: reqwest::RequestBuilder) -> Result<Said> {
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Said { status, body, text })
    }

    /// Creates a contact with a description.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn contact(&self, description: &str) -> Result<Said> {
        let body = json!({"LastName": "Van Voorbeeld", "Description": description});
        self.send(Method::POST, "/sobjects/Contact", &body).await
    }

    /// Creates a contact with a description that passes, and gives its id.
    ///
    /// # Errors
    /// When it is not accepted.
    pub async fn made(&self, description: &str) -> Result<String> {
        let said = self.contact(description).await?;
        ensure!(said.status == 201, "{}: {}", said.status, said.text);
        let id = said.body["id"].as_str().context("an answer without id")?;
        Ok(id.to_owned())
    }

    /// What the CRM holds in a field of its only contact, or of the one with that id.
    ///
    /// # Errors
    /// When it has none.
    pub async fn held(&self, id: &str, field: &str) -> Result<Value> {
        let dump = self.demo.plain(&self.demo.ready().crm, "/_dump").await?;
        let dump: Value = serde_json::from_slice(&dump)?;
        let contacts = dump["Contact"].as_array().context("no contacts")?;
        let found = contacts.iter().find(|contact| contact["Id"] == id);
        Ok(found.context("no such contact")?[field].clone())
    }

    /// The writes that the CRM was sent.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn writes(&self) -> Result<Vec<Value>> {
        let sent = self
            .demo
            .plain(&self.demo.ready().crm, "/_requests")
            .await?;
        let sent: Vec<Value> = serde_json::from_slice(&sent)?;
        let writes = sent.into_iter().filter(|request| {
            request["method"] != "GET" && request["target"] != "/services/oauth2/token"
        });
        Ok(writes.collect())
    }

    /// The entries of the ledger, as they are stored.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn ledger(&self) -> Result<Vec<Value>> {
        let path = self.demo.folder().join("demo/data/ledger.db");
        let file = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let mut statement = file.prepare("SELECT entry FROM entry ORDER BY seq")?;
        let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
        let mut entries = Vec::new();
        for row in rows {
            entries.push(serde_json::from_slice(&row?)?);
        }
        Ok(entries)
    }

    /// Looks for the canary in everything that the demo keeps, tells and has passed on.
    ///
    /// # Errors
    /// When it stands anywhere.
    pub async fn is_clean(&self) -> Result<()> {
        let scanner = Scanner::new([CANARY])?;
        let ready = self.demo.ready();
        for (base, path) in [
            (&ready.crm, "/_dump"),
            (&ready.crm, "/_requests"),
            (&ready.status, "/metrics"),
        ] {
            scanner.clean(path, &self.demo.plain(base, path).await?)?;
        }
        let files = scanner.clean_folder(self.demo.folder())?;
        ensure!(files >= 5, "only {files} files were looked through");
        Ok(())
    }
}

/// Whether an entry has such a touched field: field, class or category, action.
pub fn touches(entry: &Value, field: &str, class: &str, action: &str) -> bool {
    entry["fields"].as_array().is_some_and(|fields| {
        let mut fields = fields.iter();
        fields.any(|one| one["f"] == field && one["c"] == class && one["a"] == action)
    })
}

/// Every way to write a contact's description: method, path, body.
pub fn ways(id: &str, text: &str) -> Vec<(Method, String, Value)> {
    let fields = json!({"LastName": "Van Voorbeeld", "Description": text});
    let with = |more: Value| {
        let mut record = fields.clone();
        if let (Some(record), Some(more)) = (record.as_object_mut(), more.as_object()) {
            record.extend(more.clone());
        }
        record
    };
    let typed = json!({"attributes": {"type": "Contact"}});
    let update = format!("/sobjects/Contact/{id}");
    let part = |method: &str, path: &str| json!({"method": method, "url": format!("{API}{path}"), "referenceId": "a", "body": fields});
    let graph = json!({"graphId": "g", "compositeRequest": [part("POST", "/sobjects/Contact")]});
    let batch = json!({"method": "PATCH", "url": format!("v60.0{update}"), "richInput": fields});
    let tree = json!({"attributes": {"type": "Account", "referenceId": "a"}, "Name": "Voorbeeld BV",
        "Contacts": {"records": [with(json!({"attributes": {"type": "Contact", "referenceId": "b"}}))]}});
    let keyed = json!({"attributes": {"type": "Contact"}, "Ext_Id__c": "K2"});
    vec![
        (Method::POST, "/sobjects/Contact".into(), fields.clone()),
        (Method::PATCH, update.clone(), fields.clone()),
        (
            Method::PATCH,
            "/sobjects/Contact/Ext_Id__c/K1".into(),
            fields.clone(),
        ),
        (
            Method::POST,
            "/composite".into(),
            json!({"compositeRequest": [part("PATCH", &update)]}),
        ),
        (
            Method::POST,
            "/composite/batch".into(),
            json!({"batchRequests": [batch]}),
        ),
        (
            Method::POST,
            "/composite/graph".into(),
            json!({"graphs": [graph]}),
        ),
        (
            Method::POST,
            "/composite/tree/Account".into(),
            json!({"records": [tree]}),
        ),
        (
            Method::POST,
            "/composite/sobjects".into(),
            json!({"records": [with(typed)]}),
        ),
        (
            Method::PATCH,
            "/composite/sobjects".into(),
            json!({"records": [with(json!({"attributes": {"type": "Contact"}, "id": id}))]}),
        ),
        (
            Method::PATCH,
            "/composite/sobjects/Contact/Ext_Id__c".into(),
            json!({"records": [with(keyed)]}),
        ),
    ]
}
