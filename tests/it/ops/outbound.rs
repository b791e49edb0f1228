//! Outbound messages: the CRM as the client, a program behind the border as the server.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;

use super::certificates::{Authority, Pair, VALID, self_signed};
use super::crm::{CRM_NAME, FakeCrm, Seen, Step, Voice, answer};
use super::house::{House, PERSON};
use super::process::Process;

/// 256 bits, as `openssl rand -hex 32` writes them.
const SECRET: &str = "5f0c1f0a7f6c4c9f9c8bb0ce0a1d3f1d8e2ab0a9c7f1e2d3a4b5c6d7e8f90a1b";
const SESSION: &str = "00D000000000000!CanaryOfAnOutboundSession";
const ORGANIZATION: &str = "00D000000000000EAA";
const RECEIVER: &str = "orders.example.eu";

/// A border with an endpoint, the CRM before it and the program behind it.
struct Scene {
    house: House,
    border: Process,
    crm: FakeCrm,
    program: FakeCrm,
    /// What the CRM proves itself by.
    proof: Pair,
    /// The token of a person's name.
    token: String,
}

impl Scene {
    async fn open(roles: &str) -> Self {
        let authority = Authority::new("authority of a test");
        let crm = FakeCrm::start(Voice::Tls(authority.issue(&[CRM_NAME], VALID))).await;
        let program = FakeCrm::start(Voice::Tls(authority.issue(&[RECEIVER], VALID))).await;
        program.does(|_| acknowledged("true"));
        let house = House::before(authority, crm.address);
        let proof = self_signed(&["crm.example.nl"]);
        let configuration = format!(
            "{}\n[[outbound]]\nname = \"orders\"\norganization_id = \"{ORGANIZATION}\"\n\
             secret_sha256 = \"{}\"\ncertificates_sha256 = [\"{}\"]\nroles = [{roles}]\n\
             deliver = \"https://{RECEIVER}:{}/in?x=1\"\naddress = \"{}\"\nca = \"ca.pem\"\n",
            house.read("sluis.toml"),
            hash(SECRET.as_bytes()),
            hash(&proof.der()),
            program.address.port(),
            program.address,
        );
        house.write("sluis.toml", &configuration);
        let policy = house.read("policy.toml");
        let more = policy.replacen("[roles]\n", "[roles]\nnobody = \"Who sees nothing.\"\n", 1);
        assert_ne!(more, policy);
        house.write("policy.toml", &more);
        let border = Process::serve(&house).await;
        let token = house.person(&crm).await;
        Self {
            house,
            border,
            crm,
            program,
            proof,
            token,
        }
    }

    /// What the CRM sends of the person.
    fn message(&self) -> String {
        let port = self.crm.address.port();
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
             <soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
             xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
             xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>\
             <notifications xmlns=\"http://soap.sforce.com/2005/09/outbound\">\
             <OrganizationId>{ORGANIZATION}</OrganizationId><ActionId>04k000000000001AAA</ActionId>\
             <SessionId>{SESSION}</SessionId>\
             <EnterpriseUrl>https://{CRM_NAME}:{port}/services/Soap/c/60.0/00D000000000000</EnterpriseUrl>\
             <PartnerUrl>https://other.example.nl/services/Soap/u/60.0</PartnerUrl>\
             <Notification><Id>04l000000000001AAA</Id>\
             <sObject xsi:type=\"sf:Contact\" xmlns:sf=\"urn:sobject.enterprise.soap.sforce.com\">\
             <sf:Id>003000000000001AAA</sf:Id><sf:LastName>{}</sf:LastName>\
             <sf:LeadSource>Web</sf:LeadSource><sf:Nickname__c>Kees</sf:Nickname__c></sObject>\
             </Notification></notifications></soapenv:Body></soapenv:Envelope>",
            self.token
        )
    }

    /// Sends a message as the CRM does, with the certificate of `proof`, if any.
    async fn send(&self, path: &str, proof: Option<&Pair>, body: String) -> (u16, String) {
        let root = reqwest::Certificate::from_pem(self.house.authority.pem.as_bytes()).unwrap();
        let builder = reqwest::Client::builder().tls_certs_only([root]);
        let builder = match proof {
            Some(pair) => {
                let pem = format!("{}{}", pair.certificate, pair.key);
                builder.identity(reqwest::Identity::from_pem(pem.as_bytes()).unwrap())
            }
            None => builder,
        };
        let client = builder.build().unwrap();
        let sent = client
            .post(self.house.url(path))
            .header("content-type", "text/xml; charset=UTF-8")
            .header("soapaction", "\"\"")
            .body(body);
        let answer = sent.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn sent(&self, body: String) -> (u16, String) {
        let path = format!("/.sluis/outbound/orders/{SECRET}");
        self.send(&path, Some(&self.proof), body).await
    }

    fn delivered(&self) -> Vec<Seen> {
        self.program.take()
    }
}

/// Whether the ledger has a text.
fn recorded(house: &House, text: &str) -> bool {
    let files = ["data/ledger.db", "data/ledger.db-wal"];
    let mut files = files
        .iter()
        .filter_map(|name| std::fs::read(house.path(name)).ok());
    files.any(|bytes| memchr::memmem::find(&bytes, text.as_bytes()).is_some())
}

fn hash(bytes: &[u8]) -> String {
    HEXLOWER.encode(digest(&SHA256, bytes).as_ref())
}

/// What a program answers.
fn acknowledged(had: &str) -> Vec<Step> {
    let body = format!(
        "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\">\
         <soapenv:Body><notificationsResponse xmlns=\"http://soap.sforce.com/2005/09/outbound\">\
         <Ack>{had}</Ack></notificationsResponse></soapenv:Body></soapenv:Envelope>"
    );
    answer(200, "Content-Type: text/xml\r\n", body.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_revealed_recorded_delivered_and_only_then_acknowledged() {
    let scene = Scene::open("\"integration\"").await;
    let (status, text) = scene.sent(scene.message()).await;
    assert_eq!(status, 200, "{text}");
    assert!(text.contains("<Ack>true</Ack>"), "{text}");
    let delivered = scene.delivered();
    let [message] = delivered.as_slice() else {
        panic!("{delivered:?}");
    };
    assert_eq!(
        (message.method.as_str(), message.target.as_str()),
        ("POST", "/in?x=1")
    );
    let text = String::from_utf8(message.body.clone()).unwrap();
    let port = scene.house.port;
    for part in [
        format!("<sf:LastName>{PERSON}</sf:LastName>"),
        "<sf:LeadSource>Web</sf:LeadSource>".to_owned(),
        "<sf:Nickname__c xsi:nil=\"true\"/>".to_owned(),
        "<SessionId xsi:nil=\"true\"/>".to_owned(),
        "<PartnerUrl xsi:nil=\"true\"/>".to_owned(),
        format!("<EnterpriseUrl>https://localhost:{port}/services/Soap/c/60.0/00D000000000000<"),
    ] {
        assert!(text.contains(&part), "{part}: {text}");
    }
    let whole = format!("{}{text}", message.head);
    for secret in [SESSION, CRM_NAME, SECRET, &scene.token] {
        assert!(!whole.contains(secret), "{secret}: {whole}");
    }
    assert!(recorded(&scene.house, "outbound.orders"));
    let log = scene.border.log();
    for value in [SECRET, SESSION, PERSON] {
        assert!(!log.contains(value), "the log has {value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_see_a_class_gets_the_token() {
    let scene = Scene::open("\"nobody\"").await;
    let (status, _) = scene.sent(scene.message()).await;
    assert_eq!(status, 200);
    let text = String::from_utf8(scene.delivered()[0].body.clone()).unwrap();
    assert!(
        text.contains(&scene.token) && !text.contains(PERSON),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_with_a_role_that_no_policy_knows_delivers_nothing() {
    let scene = Scene::open("\"integration\", \"integratoin\"").await;
    let (status, text) = scene.sent(scene.message()).await;
    assert_eq!(status, 500, "{text}");
    assert!(text.contains("[sluis role-refused]"), "{text}");
    assert!(scene.delivered().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_says_that_it_is_nothing_and_has_content_is_taken_for_its_content() {
    let scene = Scene::open("\"integration\"").await;
    let both = scene
        .message()
        .replace("<SessionId>", "<SessionId xsi:nil=\"true\">")
        .replace("<sObject ", "<sObject xsi:nil=\"true\" ");
    let (status, text) = scene.sent(both).await;
    assert_eq!(status, 200, "{text}");
    let text = String::from_utf8(scene.delivered()[0].body.clone()).unwrap();
    assert!(!text.contains(SESSION) && !text.contains("Kees"), "{text}");
    assert!(text.contains(PERSON), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_proof_is_none() {
    let scene = Scene::open("\"integration\"").await;
    let right = format!("/.sluis/outbound/orders/{SECRET}");
    let other = self_signed(&["crm.example.nl"]);
    let mut wrong = SECRET.to_owned();
    wrong.replace_range(0..1, "0");
    for (path, proof) in [
        (right.clone(), None),
        (right.clone(), Some(&other)),
        (
            format!("/.sluis/outbound/orders/{wrong}"),
            Some(&scene.proof),
        ),
        ("/.sluis/outbound/orders/".to_owned(), Some(&scene.proof)),
        ("/.sluis/outbound/orders".to_owned(), Some(&scene.proof)),
        (
            format!("/.sluis/outbound/others/{SECRET}"),
            Some(&scene.proof),
        ),
        (
            format!("/.sluis/outbound/orders/{SECRET}/x"),
            Some(&scene.proof),
        ),
    ] {
        let (status, text) = scene.send(&path, proof, scene.message()).await;
        assert_eq!(status, 403, "{path}: {text}");
        assert!(
            !text.contains(PERSON) && !text.contains(&scene.token),
            "{text}"
        );
    }
    assert!(scene.delivered().is_empty());
    assert!(!recorded(&scene.house, "outbound.orders"));
    // The control.
    let (status, _) = scene
        .send(&right, Some(&scene.proof), scene.message())
        .await;
    assert_eq!((status, scene.delivered().len()), (200, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_message_of_this_organization_is_refused_by_name() {
    let scene = Scene::open("\"integration\"").await;
    let whole = scene.message();
    for (from, to, code) in [
        (ORGANIZATION, "00D000000000009EAA", "role-refused"),
        ("<ActionId>", "<Jansen/><ActionId>", "body-malformed"),
        ("</Notification>", "<x/></Notification>", "body-malformed"),
        ("<soapenv:Body>", "<soapenv:Body><x/>", "body-malformed"),
        (
            "?>",
            "?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>",
            "body-malformed",
        ),
        (" xsi:type=\"sf:Contact\"", "", "body-malformed"),
    ] {
        let body = whole.replacen(from, to, 1);
        assert_ne!(body, whole);
        let (status, text) = scene.sent(body).await;
        assert_eq!(status, 500, "{to}: {text}");
        assert!(text.contains(&format!("[sluis {code}]")), "{to}: {text}");
        assert!(!text.contains("Jansen"), "{text}");
    }
    let path = format!("/.sluis/outbound/orders/{SECRET}?x=1");
    let (status, text) = scene.send(&path, Some(&scene.proof), whole).await;
    assert_eq!(status, 500);
    assert!(text.contains("[sluis method-unknown]"), "{text}");
    assert!(scene.delivered().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_its_program_does_not_have_the_crm_sends_again() {
    let scene = Scene::open("\"integration\"").await;
    for (steps, expected) in [
        (acknowledged("false"), 200),
        (answer(500, "Content-Type: text/xml\r\n", b"<x/>"), 200),
        (
            answer(200, "Content-Type: text/html\r\n", b"<html></html>"),
            200,
        ),
        (
            answer(302, "Location: https://other.example.nl/\r\n", b""),
            200,
        ),
        (vec![Step::Cut], 502),
    ] {
        scene.program.does(move |_| steps.clone());
        let (status, text) = scene.sent(scene.message()).await;
        assert_eq!(status, expected, "{text}");
        assert!(text.contains("<Ack>false</Ack>"), "{text}");
        assert!(!text.contains(PERSON), "{text}");
        assert_eq!(scene.delivered().len(), 1);
    }
    scene.program.does(|_| acknowledged("true"));
    let (_, text) = scene.sent(scene.message()).await;
    assert!(text.contains("<Ack>true</Ack>"), "{text}");
}
