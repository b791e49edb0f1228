//! The CRM changes under the border: what policy relied on is not so any more.

#![expect(clippy::unwrap_used, reason = "helpers of a test")]

use serde_json::{Value, json};

use crate::support::demo::Demo;

const POLICY: &str = include_str!("../../policies/salesforce.toml");
const PERSON: &str = "Kanariezoon";

struct Org {
    demo: Demo,
    client: reqwest::Client,
}

impl Org {
    /// A CRM whose describes somebody has looked at.
    async fn looked_at() -> Self {
        let demo = Demo::start_by_file(POLICY).unwrap();
        let client = demo.client().unwrap();
        let org = Self { demo, client };
        let (code, text) = org.accept();
        assert_eq!(code, Some(0), "{text}");
        org
    }

    /// What a person does who has looked.
    fn accept(&self) -> (Option<i32>, String) {
        let mark = self.mark();
        self.look(&["--accept", &mark])
    }

    /// How a look calls what it has shown.
    fn mark(&self) -> String {
        let (_, text) = self.look(&[]);
        let (_, rest) = text.split_once("what the CRM has now: ").unwrap();
        rest.split(' ').next().unwrap().to_owned()
    }

    /// `sluis check --live`, while the border runs.
    fn look(&self, more: &[&str]) -> (Option<i32>, String) {
        let words = [&["check", "--live"], more].concat();
        self.demo.operator(&words).unwrap()
    }

    /// What an administrator of the CRM changes.
    async fn changes(&self, what: &str, to: &Value) {
        let url = format!("{}/_describe/{what}", self.demo.ready().crm);
        let done = reqwest::Client::new().put(url).json(to).send().await;
        assert_eq!(done.unwrap().status(), 200);
    }

    async fn create(&self, object: &str, body: &Value) -> (u16, String) {
        let ready = self.demo.ready();
        let url = format!("{}/services/data/v62.0/sobjects/{object}", ready.border);
        let request = self.client.post(url).bearer_auth(&ready.access_token);
        read(request.json(body)).await
    }

    async fn reads(&self) -> u16 {
        let ready = self.demo.ready();
        let query = "/services/data/v62.0/query?q=SELECT+Id,LastName,Fax+FROM+Contact";
        let request = self.client.get(format!("{}{query}", ready.border));
        read(request.bearer_auth(&ready.access_token)).await.0
    }

    async fn metric(&self, code: &str) -> String {
        let page = self.demo.plain(&self.demo.ready().status, "/metrics").await;
        let page = String::from_utf8(page.unwrap()).unwrap();
        let name = format!("sluis_findings{{code=\"{code}\"}} ");
        let line = page.lines().find_map(|line| line.strip_prefix(&name));
        line.unwrap_or_default().to_owned()
    }
}

/// Status and text of an answer.
async fn read(request: reqwest::RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn a_field_that_changed_takes_no_writes_until_a_person_has_looked() {
    let org = Org::looked_at().await;
    let cases = [
        (
            "LastName",
            json!({"type": "textarea"}),
            "drift-type",
            json!({"LastName": PERSON}),
        ),
        (
            "Email",
            json!({"length": 60}),
            "drift-length",
            json!({"LastName": PERSON, "Email": "kanariezoon@example.nl"}),
        ),
    ];
    for (field, change, code, body) in cases {
        assert_eq!(org.create("Contact", &body).await.0, 201, "before: {field}");
        org.changes(&format!("Contact/{field}"), &change).await;
        let (ended, text) = org.look(&[]);
        assert_eq!(ended, Some(1), "{text}");
        let label = format!("Contact.{field}");
        let named = [code, &label, "help: ", "salesforce.toml:", "--accept"];
        assert!(named.iter().all(|word| text.contains(word)), "{text}");

        let (status, text) = org.create("Contact", &body).await;
        assert_eq!(status, 400, "{text}");
        let error: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(error[0]["fields"], json!([field]));
        assert!(
            text.contains("[sluis drift]") && text.contains("(rule objects.Contact"),
            "{text}"
        );
        assert!(!text.contains(PERSON));

        // What it does not touch goes on: other objects, and reading.
        assert_eq!(org.create("Account", &json!({"Name": PERSON})).await.0, 201);
        assert_eq!(org.reads().await, 200);
        assert_eq!(org.metric(code).await, "1");
        let (_, status) = org.demo.operator(&["status"]).unwrap();
        assert!(
            status.contains("findings 1") && status.contains(code),
            "{status}"
        );
        let log = std::fs::read_to_string(org.demo.folder().join("stderr.log")).unwrap();
        assert!(log.contains("drift: the CRM now describes"));

        let (ended, text) = org.accept();
        assert_eq!(ended, Some(0), "{text}");
        assert_eq!(org.create("Contact", &body).await.0, 201, "after: {field}");
        assert_eq!(org.metric(code).await, "0");
    }
    // What was accepted holds at the next start too.
    let Org { demo, client } = org;
    drop(client);
    // The drain waits for open connections, which this thread closes meanwhile.
    let stopped = tokio::task::spawn_blocking(|| demo.stop()).await;
    let stopped = stopped.unwrap().unwrap();
    let config = stopped.folder().join("demo/sluis.toml");
    let status = std::process::Command::new(env!("CARGO_BIN_EXE_sluis"))
        .args(["status", "--config"])
        .arg(config)
        .output();
    let text = String::from_utf8(status.unwrap().stdout).unwrap();
    assert!(text.contains("findings 0"), "{text}");
}

#[tokio::test]
async fn a_field_too_short_for_a_token_is_not_accepted() {
    let org = Org::looked_at().await;
    org.changes("Contact/LastName", &json!({"length": 12}))
        .await;
    let (ended, text) = org.accept();
    assert_eq!(ended, Some(1), "{text}");
    assert!(text.contains("policy-token-misfit"), "{text}");
    assert_eq!(
        org.create("Contact", &json!({"LastName": PERSON})).await.0,
        400
    );
    org.changes("Contact/LastName", &json!({"length": 80}))
        .await;
    assert_eq!(org.look(&[]).0, Some(0));
    assert_eq!(
        org.create("Contact", &json!({"LastName": PERSON})).await.0,
        201
    );
}

#[tokio::test]
async fn a_field_that_is_gone_refuses_its_writes_and_a_new_one_is_told() {
    let org = Org::looked_at().await;
    let with_fax = json!({"LastName": PERSON, "Fax": "+31 20 0000000"});
    assert_eq!(org.create("Contact", &with_fax).await.0, 201);
    org.changes("Contact/Fax", &Value::Null).await;
    let new = json!({"type": "string", "length": 40});
    org.changes("Contact/Bijnaam__c", &new).await;
    let (ended, text) = org.look(&[]);
    assert_eq!(ended, Some(1), "{text}");
    for word in [
        "drift-field-gone",
        "Contact.Fax",
        "drift-field-new",
        "Contact.Bijnaam__c",
    ] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let (status, text) = org.create("Contact", &with_fax).await;
    assert!(status == 400 && text.contains("[sluis drift]"), "{text}");
    let without = json!({"LastName": PERSON});
    assert_eq!(org.create("Contact", &without).await.0, 201);
    let bijnaam = json!({"LastName": PERSON, "Bijnaam__c": PERSON});
    let (status, text) = org.create("Contact", &bijnaam).await;
    assert!(
        status == 400 && text.contains("policy-unknown-field"),
        "{text}"
    );

    assert_eq!(org.accept().0, Some(0));
    // Nobody can write what is not there, whoever has accepted that.
    assert_eq!(org.create("Contact", &with_fax).await.0, 400);
    assert_eq!(org.create("Contact", &without).await.0, 201);
}

#[tokio::test]
async fn an_object_that_is_gone_takes_no_writes_and_one_that_is_not_read_keeps_what_was_known() {
    let org = Org::looked_at().await;
    let lead = json!({"LastName": PERSON, "Company": PERSON});
    assert_eq!(org.create("Lead", &lead).await.0, 201);

    org.changes("Lead", &json!({"status": 503})).await;
    let (ended, text) = org.look(&[]);
    assert_eq!(ended, Some(1), "{text}");
    assert!(
        text.contains("drift-unread") && text.contains("Lead"),
        "{text}"
    );
    assert_eq!(org.metric("drift-unread").await, "1");
    // What was known still holds, so writes go on; but nobody can accept what was not read.
    assert_eq!(org.create("Lead", &lead).await.0, 201);
    let (ended, text) = org.accept();
    assert!(
        ended == Some(1) && text.contains("nothing was accepted"),
        "{text}"
    );

    org.changes("Lead", &Value::Null).await;
    let (_, text) = org.look(&[]);
    assert!(text.contains("drift-object-gone"), "{text}");
    let (status, text) = org.create("Lead", &lead).await;
    assert!(status == 400 && text.contains("[sluis drift]"), "{text}");
    assert_eq!(
        org.create("Contact", &json!({"LastName": PERSON})).await.0,
        201
    );

    org.changes("Lead", &json!({})).await;
    assert_eq!(org.look(&[]).0, Some(0));
    assert_eq!(org.create("Lead", &lead).await.0, 201);
}

#[tokio::test]
async fn a_version_that_nobody_has_tried_writes_nothing() {
    let policy = POLICY.replace("newest = 66", "newest = 70");
    let demo = Demo::start_by(&policy).unwrap();
    let client = demo.client().unwrap();
    let ready = demo.ready();
    let at = |version: u16| {
        format!(
            "{}/services/data/v{version}.0/sobjects/Contact",
            ready.border
        )
    };
    let create = |version| {
        let request = client.post(at(version)).bearer_auth(&ready.access_token);
        read(request.json(&json!({"LastName": PERSON})))
    };
    assert_eq!(create(62).await.0, 201);
    let (status, text) = create(68).await;
    assert!(status == 400 && text.contains("[sluis drift]"), "{text}");
    let (ended, text) = demo.operator(&["check", "--live"]).unwrap();
    assert!(ended == Some(1) && text.contains("drift-version"), "{text}");
}

#[tokio::test]
async fn nobody_accepts_what_they_have_not_seen() {
    let org = Org::looked_at().await;
    let email = json!({"LastName": PERSON, "Email": "kanariezoon@example.nl"});
    org.changes("Contact/Email", &json!({"length": 60})).await;
    let mark = org.mark();
    // Somebody changes another field before it is accepted.
    org.changes("Contact/LastName", &json!({"type": "textarea"}))
        .await;
    for mark in [&*mark, "", "0011223344556677"] {
        let (ended, text) = org.look(&["--accept", mark]);
        assert!(
            ended == Some(1) && text.contains("nothing was accepted"),
            "{text}"
        );
    }
    assert_eq!(org.create("Contact", &email).await.0, 400);
    let (ended, text) = org.accept();
    assert_eq!(ended, Some(0), "{text}");
    for field in ["accepted: Contact.Email", "accepted: Contact.LastName"] {
        assert!(text.contains(field), "{text}");
    }
    assert_eq!(org.create("Contact", &email).await.0, 201);

    // Nor is a policy put into force by that, which somebody is still writing.
    let path = org.demo.folder().join("demo/salesforce.toml");
    let policy = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{policy}\n# Not ready.\n")).unwrap();
    let (ended, text) = org.accept();
    assert!(
        ended == Some(1) && text.contains("another one than is in force"),
        "{text}"
    );
    std::fs::write(&path, policy).unwrap();
    assert_eq!(org.accept().0, Some(0));
}

#[tokio::test]
async fn check_compiles_against_what_was_accepted_and_looks_also_where_that_fails() {
    let org = Org::looked_at().await;
    // Long enough for a token in each of its fields, but for what a wider rule would make.
    org.changes("Contact/Department", &json!({"length": 60}))
        .await;
    assert_eq!(org.accept().0, Some(0));
    assert_eq!(org.demo.operator(&["check"]).unwrap().0, Some(0));
    org.changes("Contact/LastName", &json!({"length": 12}))
        .await;
    let path = org.demo.folder().join("demo/salesforce.toml");
    let policy = std::fs::read_to_string(&path).unwrap();
    let wrong = policy.replacen("LastName = \"family_name\"", "LastName = \"no_class\"", 1);
    assert_ne!(wrong, policy);
    std::fs::write(&path, &wrong).unwrap();
    let (ended, text) = org.look(&[]);
    assert_eq!(ended, Some(1), "{text}");
    assert!(
        text.contains("no_class") && text.contains("drift-length"),
        "{text}"
    );
}
