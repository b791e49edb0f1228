//! Web-to-Lead and Web-to-Case: a web server passes a visitor's form on, as a program with two proofs.
//! Most cases have the laptop CRM behind the border, which reads forms by itself.

use std::sync::Arc;

use serde_json::Value;
use sluis::demo::crm::{Credential, Crm, Request, Seed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::certificates::{Authority, Pair, VALID, self_signed};
use super::crm::{CRM_NAME, CRM_SESSION, FakeCrm, Step, Voice, answer};
use super::hosts::bound;
use super::house::{API, CRM_SECRET, House, read};
use super::process::{Process, run};
use crate::support::scan::Scanner;

/// In every value that may not leave.
const CANARY: &str = "kanariezoon";
/// The laptop CRM's organization.
const ORGANIZATION: &str = "00DKB0000000001";
const THANKS: &str = "https://www.example.eu/thanks?from=form";
const LEAD: &str = "/servlet/servlet.WebToLead?encoding=UTF-8";
const CASE: &str = "/servlet/servlet.WebToCase?encoding=UTF-8&orgId=00DKB0000000001";
const FORM: &str = "application/x-www-form-urlencoded";

/// A border that takes forms, and the web server's proofs.
struct Scene {
    house: House,
    border: Process,
    crm: Crm,
    token: String,
    certificate: Pair,
}

/// What a visitor's browser got.
#[derive(Debug)]
struct Shown {
    status: u16,
    leads: Option<String>,
    text: String,
}

impl Shown {
    fn is_refused(&self, code: &str) -> bool {
        (400..500).contains(&self.status) && self.text.contains(&format!("[sluis {code}]"))
    }
}

impl Scene {
    async fn open() -> Self {
        Self::by(|policy| policy).await
    }

    /// By the starter policy with a change.
    async fn by(change: impl Fn(String) -> String) -> Self {
        let authority = Authority::new("authority of a test");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let crm = Crm::new(Seed {
            people: false,
            credential: Credential {
                client_id: "border".to_owned(),
                client_secret: CRM_SECRET.to_owned(),
                token: CRM_SESSION.to_owned(),
            },
            now: Arc::new(|| 1_795_262_400_000),
        })
        .unwrap();
        let tls = authority.issue(&[CRM_NAME], VALID).server();
        tokio::spawn(crm.clone().serve_tls(listener, tls, std::future::pending()));
        let house = House::before(authority, address);
        configure(&house, address.port());
        house.write("policy.toml", &change(house.read("policy.toml")));
        let border = Process::serve(&house).await;
        let certificate = self_signed(&["www.example.eu"]);
        let token = bound(&house, &certificate.der());
        Self {
            house,
            border,
            crm,
            token,
            certificate,
        }
    }

    async fn post(&self, target: &str, body: String) -> Shown {
        let proofs = (Some(self.token.as_str()), Some(&self.certificate));
        self.send(proofs, ("POST", target, FORM), body).await
    }

    async fn send(
        &self,
        (token, certificate): (Option<&str>, Option<&Pair>),
        (method, target, kind): (&str, &str, &str),
        body: String,
    ) -> Shown {
        let client = client(&self.house, certificate);
        let method = method.parse().unwrap();
        let request = client.request(method, self.house.url(target));
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let request = request.header("content-type", kind);
        // What a browser sends, and a web server passes on.
        let request = request.header("cookie", format!("visitor={CANARY}"));
        let request = request.header("origin", "https://www.example.eu");
        let request = request.header("sec-fetch-site", "same-origin");
        let request = request.header("sec-fetch-mode", "navigate");
        let request = request.header("upgrade-insecure-requests", "1");
        let request = request.header("referer", format!("https://www.example.eu/?{CANARY}"));
        shown(request.body(body)).await
    }

    /// The forms that the CRM got.
    fn forms(&self) -> Vec<Request> {
        let mut requests = self.crm.requests();
        requests.retain(|request| request.target.starts_with("/servlet/"));
        requests
    }

    async fn query(&self, soql: &str) -> Vec<Value> {
        let text: String = form_urlencoded::byte_serialize(soql.as_bytes()).collect();
        let (status, text) = read(self.house.get(&format!("{API}/query?q={text}"))).await;
        assert_eq!(status, 200, "{text}");
        let answer: Value = serde_json::from_str(&text).unwrap();
        answer["records"].as_array().unwrap().clone()
    }

    /// Looks for the canary wherever nothing of a form may be.
    fn is_clean(&self) {
        let scanner = Scanner::new([CANARY]).unwrap();
        for request in self.crm.requests() {
            scanner.clean(&request.target, &request.body).unwrap();
            let head = format!("{} {:?}", request.target, request.headers);
            scanner.clean("a head", head.as_bytes()).unwrap();
        }
        let dump = self.crm.memory_dump().unwrap();
        scanner.clean("the CRM's memory", &dump).unwrap();
        let log = self.border.log();
        scanner.clean("the log", log.as_bytes()).unwrap();
        let files = scanner.clean_folder(&self.house.path("data")).unwrap();
        assert!(files > 2, "{files}");
    }
}

fn client(house: &House, certificate: Option<&Pair>) -> reqwest::Client {
    let root = reqwest::Certificate::from_pem(house.authority.pem.as_bytes()).unwrap();
    let builder = reqwest::Client::builder()
        .tls_certs_only([root])
        .redirect(reqwest::redirect::Policy::none());
    let builder = match certificate {
        Some(pair) => {
            let pem = format!("{}{}", pair.certificate, pair.key);
            builder.identity(reqwest::Identity::from_pem(pem.as_bytes()).unwrap())
        }
        None => builder,
    };
    builder.build().unwrap()
}

async fn shown(request: reqwest::RequestBuilder) -> Shown {
    let answer = request.send().await.unwrap();
    let leads = answer.headers().get("location");
    Shown {
        status: answer.status().as_u16(),
        leads: leads.map(|value| value.to_str().unwrap().to_owned()),
        text: answer.text().await.unwrap(),
    }
}

fn configure(house: &House, port: u16) {
    let text = format!(
        "{}\n[web_forms]\nurl = \"https://{CRM_NAME}:{port}\"\naddress = \"127.0.0.1:{port}\"\n\
         ca = \"ca.pem\"\norganization_id = \"{ORGANIZATION}\"\ncampaigns = [\"701000000000001\"]\nreturn_to = [\"{THANKS}\"]\n\
         fields = {{ \"00N000000000001\" = \"Lead.Jigsaw\", \
         \"00N000000000002\" = \"Lead.Fax\" }}\n",
        house.read("sluis.toml"),
    );
    house.write("sluis.toml", &text);
}

/// A form as browsers write it.
fn form(pairs: &[(&str, &str)]) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    out.extend_pairs(pairs);
    out.finish()
}

fn lead(pairs: &[(&str, &str)]) -> String {
    let least = [("oid", ORGANIZATION), ("company", "Bakkerij")];
    let all: Vec<_> = least.iter().chain(pairs).copied().collect();
    form(&all)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_becomes_a_record_of_tokens_and_leads_the_visitor_on() {
    let scene = Scene::open().await;
    let name = format!("Van {CANARY}");
    let address = format!("{CANARY}@example.nl");
    let text = format!("Belt u mij terug?\r\nGroet, {CANARY} é&=+%");
    let body = lead(&[
        ("retURL", THANKS),
        ("salutation", ""),
        ("first_name", CANARY),
        ("last_name", &name),
        ("email", &address),
        ("mobile", "0612345678"),
        ("URL", &format!("https://{CANARY}.example.nl/")),
        ("00N000000000002", "0698765432"),
        ("zip", "1234 AB"),
        ("country", "Nederland"),
        ("description", &text),
        ("employees", "12"),
        ("lead_source", "Web"),
        ("submit", "Verzenden"),
    ]);
    let found = scene.post(LEAD, body).await;
    assert_eq!(found.status, 303, "{found:?}");
    assert_eq!(found.leads.as_deref(), Some(THANKS));

    let forms = scene.forms();
    let [sent] = forms.as_slice() else {
        panic!("{forms:?}");
    };
    let target = format!("{LEAD}&orgId={ORGANIZATION}");
    assert_eq!((sent.method.as_str(), &sent.target), ("POST", &target));
    let theirs = ["authorization", "cookie", "origin", "referer"];
    let theirs = |name: &str| theirs.contains(&name.to_lowercase().as_str());
    assert!(
        !sent.headers.iter().any(|(name, _)| theirs(name)),
        "{sent:?}"
    );
    let body = String::from_utf8(sent.body.clone()).unwrap();
    assert!(
        !body.contains("0612345678") && !body.contains("salutation"),
        "{body}"
    );
    assert!(
        body.contains("&00N000000000002=") && !body.contains("0698765432"),
        "{body}"
    );
    assert!(
        !body.contains("submit") && body.contains("zip=1234&"),
        "{body}"
    );

    let records = scene
        .query("SELECT FirstName, LastName, Email, MobilePhone, Website, Description, NumberOfEmployees, Country FROM Lead")
        .await;
    assert_eq!(records.len(), 1, "{records:?}");
    let record = &records[0];
    assert_eq!(record["LastName"], name.as_str());
    assert_eq!(record["Email"], address.as_str());
    assert_eq!(record["MobilePhone"], "0612345678");
    // The role of who reads does not see texts.
    let sealed = record["Description"].as_str().unwrap();
    assert!(sealed.starts_with("tq1"), "{sealed}");
    assert_eq!(
        (&record["NumberOfEmployees"], &record["Country"]),
        (&12.into(), &"Nederland".into())
    );
    // Stable tokens of one value are the same by every door.
    let soql = format!("SELECT Id FROM Lead WHERE Email = '{address}'");
    assert_eq!(scene.query(&soql).await.len(), 1);
    scene.is_clean();
    assert!(recorded(&scene.house, "web-form.lead"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_leads_nowhere_is_answered_by_a_page() {
    let scene = Scene::open().await;
    let name = format!("Van {CANARY}");
    let address = format!("{CANARY}@example.nl");
    let text = format!("Groet, {CANARY}");
    let body = form(&[
        ("orgid", ORGANIZATION),
        ("name", &name),
        ("email", &address),
        ("subject", &format!("Vraag van {CANARY}")),
        ("description", &text),
        ("priority", "High"),
    ]);
    let found = scene.post(CASE, body).await;
    assert_eq!((found.status, &found.leads), (200, &None), "{found:?}");
    assert!(found.text.contains("Your form was received"), "{found:?}");
    let records = scene
        .query("SELECT SuppliedName, SuppliedEmail, Subject, Priority FROM Case")
        .await;
    assert_eq!(records[0]["SuppliedName"], name.as_str());
    assert_eq!(records[0]["Priority"], "High");
    scene.is_clean();
    assert!(recorded(&scene.house, "web-form.case"));
}

/// Whether the ledger has a text.
fn recorded(house: &House, text: &str) -> bool {
    let files = ["data/ledger.db", "data/ledger.db-wal"];
    let mut files = files
        .iter()
        .filter_map(|name| std::fs::read(house.path(name)).ok());
    files.any(|bytes| memchr::memmem::find(&bytes, text.as_bytes()).is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_with_one_proof_is_refused_before_it_is_read() {
    let scene = Scene::open().await;
    let whole = lead(&[("last_name", CANARY)]);
    let other = self_signed(&["other.example.eu"]);
    let token = Some(scene.token.as_str());
    for (name, token, certificate) in [
        ("nothing", None, None),
        ("the certificate alone", None, Some(&scene.certificate)),
        ("the token alone", token, None),
        ("another's certificate", token, Some(&other)),
        (
            "no token of ours",
            Some("00D000000000001!x"),
            Some(&scene.certificate),
        ),
    ] {
        let found = scene
            .send((token, certificate), ("POST", LEAD, FORM), whole.clone())
            .await;
        assert!([401, 403].contains(&found.status), "{name}: {found:?}");
        assert!(!found.text.contains(CANARY), "{name}: {found:?}");
        assert!(
            found.text.starts_with("<!doctype html>"),
            "{name}: {found:?}"
        );
    }
    // The answer is there though nothing of the body came.
    let mut stream = scene.house.connect().await;
    let head = format!(
        "POST {LEAD} HTTP/1.1\r\nHost: localhost:{}\r\nContent-Type: {FORM}\r\n\
         Cookie: __Host-sluis=x\r\nContent-Length: 9999\r\n\r\n",
        scene.house.port
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut text = [0; 12];
    stream.read_exact(&mut text).await.unwrap();
    assert_eq!(&text, b"HTTP/1.1 401");
    assert!(scene.forms().is_empty());
    let found = scene.post(LEAD, whole).await;
    assert_eq!(found.status, 200, "{found:?}");
    assert_eq!(scene.forms().len(), 1);
    scene.is_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_form_of_this_organization_is_refused_by_name() {
    let scene = Scene::open().await;
    for (body, code) in malformed() {
        let found = scene.post(LEAD, body.clone()).await;
        assert!(found.is_refused(code), "{body}: {found:?}");
        assert!(!found.text.contains(CANARY), "{found:?}");
    }
    assert!(scene.forms().is_empty());
    let found = scene.post(LEAD, lead(&[("last_name", CANARY)])).await;
    assert_eq!(found.status, 200, "{found:?}");
    scene.is_clean();
}

/// Bodies of a lead's form, and why each is refused.
fn malformed() -> Vec<(String, &'static str)> {
    let with = |more: &str| format!("{}&{more}", lead(&[("last_name", CANARY)]));
    vec![
        (with("debug=1"), "parameter-unknown"),
        (with("debugEmail=a%40example.nl"), "parameter-unknown"),
        (with("%64ebug=1"), "parameter-unknown"),
        (with(&format!("{CANARY}=1")), "parameter-unknown"),
        (with("Email=a%40example.nl"), "parameter-unknown"),
        (with("_charset_=UTF-8"), "parameter-unknown"),
        (with("last_name=x"), "body-malformed"),
        (with("last%5Fname=x"), "body-malformed"),
        (with("last_name%00=x"), "body-malformed"),
        (with("phone=%E9"), "body-malformed"),
        (with("phone=%"), "body-malformed"),
        (with("phone"), "body-malformed"),
        (with("oid=00DKB0000000002"), "body-malformed"),
        (with("00N000000000009=x"), "policy-unknown-field"),
        (with("00N000000000001=x"), "policy-unknown-field"),
        (with("emailOptOut=1"), "policy-unknown-field"),
        (with("salutation=Ms."), "value-unfit"),
        (with("email=nobody"), "value-unfit"),
        (with("employees=twelve"), "value-unfit"),
        (with("lead_source=@%7Bx.Id%7D"), "reference-refused"),
        (with("retURL=%2F%2Fevil.example"), "value-unfit"),
        (with("retURL=javascript:alert(1)"), "value-unfit"),
        (
            with("retURL=https%3A%2F%2Fwww.example.eu%40evil.example%2Fthanks"),
            "value-unfit",
        ),
        (
            with(&format!("retURL=https%3A%2F%2Fwww.example.eu%2F{CANARY}")),
            "value-unfit",
        ),
        (form(&[("last_name", CANARY)]), "value-unfit"),
        (
            form(&[("oid", "00DKB0000000002"), ("last_name", CANARY)]),
            "role-refused",
        ),
        (form(&[("oid", ORGANIZATION)]), "body-malformed"),
        (String::new(), "value-unfit"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_come_as_a_form_comes_is_refused_by_name() {
    let scene = Scene::open().await;
    let whole = lead(&[("last_name", CANARY)]);
    let sent = |method| match method {
        "GET" => String::new(),
        _ => whole.clone(),
    };
    let proofs = (Some(scene.token.as_str()), Some(&scene.certificate));
    for (method, target, kind, code) in [
        ("GET", LEAD, FORM, "method-unknown"),
        ("PUT", LEAD, FORM, "method-unknown"),
        (
            "POST",
            "/servlet/servlet.WebToLead",
            FORM,
            "parameter-unknown",
        ),
        (
            "POST",
            "/servlet/servlet.WebToLead?encoding=UTF-16",
            FORM,
            "parameter-unknown",
        ),
        (
            "POST",
            "/servlet/servlet.WebToLead?encoding=UTF-8&debug=1",
            FORM,
            "parameter-unknown",
        ),
        (
            "POST",
            "/servlet/servlet.WebToLead?encoding=UTF-8&orgId=00DKB0000000002",
            FORM,
            "role-refused",
        ),
        (
            "POST",
            LEAD,
            "application/x-www-form-urlencoded; charset=ISO-8859-1",
            "body-media-type",
        ),
        (
            "POST",
            LEAD,
            "multipart/form-data; boundary=x",
            "body-media-type",
        ),
        ("POST", LEAD, "text/plain", "body-media-type"),
        (
            "POST",
            "/servlet/servlet.WebToX?encoding=UTF-8",
            FORM,
            "endpoint-unknown",
        ),
        (
            "POST",
            "/servlet/servlet.webtolead?encoding=UTF-8",
            FORM,
            "endpoint-unknown",
        ),
    ] {
        let found = scene
            .send(proofs, (method, target, kind), sent(method))
            .await;
        assert!(
            found.is_refused(code),
            "{method} {target} {kind}: {found:?}"
        );
        assert!(!found.text.contains(CANARY), "{found:?}");
    }
    assert!(scene.forms().is_empty());
    let kind = "application/x-www-form-urlencoded; charset=UTF-8";
    let found = scene.send(proofs, ("POST", LEAD, kind), whole).await;
    assert_eq!(found.status, 200, "{found:?}");
    assert_eq!(scene.forms().len(), 1);
    scene.is_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_protected_field_leaves_whatever_its_name() {
    let scene = Scene::open().await;
    // What policy lets pass as it is, is not among them.
    let leads = [
        "oid",
        "retURL",
        "salutation",
        "first_name",
        "last_name",
        "title",
        "company",
        "email",
        "phone",
        "mobile",
        "fax",
        "URL",
        "street",
        "city",
        "state_code",
        "zip",
        "country_code",
        "description",
        "revenue",
        "employees",
        "currency",
        "emailOptOut",
        "faxOptOut",
        "doNotCall",
        "recordType",
        "Campaign_ID",
        "member_status",
        "captcha_settings",
        "g-recaptcha-response",
        "00N000000000001",
        "submit",
        "debug",
        "debugEmail",
        "external",
    ];
    let cases = [
        "orgid",
        "name",
        "email",
        "phone",
        "company",
        "subject",
        "description",
        "currency",
        "external",
        "recordType",
        "retURL",
        "submit",
        "debug",
        "captcha_settings",
        "00N000000000001",
        "last_name",
    ];
    let mut taken = 0;
    for (target, owner, names) in [(LEAD, "oid", &leads[..]), (CASE, "orgid", &cases[..])] {
        for name in names {
            for value in [CANARY.to_owned(), format!("{CANARY}@example.nl")] {
                let mut pairs = vec![(*name, value.as_str())];
                for (known, value) in [(owner, ORGANIZATION), ("last_name", "x"), ("company", "x")]
                {
                    let of_lead = target == LEAD || known == owner;
                    if *name != known && of_lead {
                        pairs.push((known, value));
                    }
                }
                let found = scene.post(target, form(&pairs)).await;
                assert!(!found.text.contains(CANARY), "{name}: {found:?}");
                taken += usize::from(found.status == 200);
            }
        }
    }
    // Of most of them a record has come to be, so that something was there to be found.
    assert!(taken > 30, "{taken}");
    assert_eq!(scene.forms().len(), taken);
    scene.is_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_wait_here_for_a_record_that_nobody_tells_is_refused() {
    let waits = |policy: String| {
        let (before, after) = policy.split_once("\n[objects.Lead.fields]\n").unwrap();
        let rule = "\nDescription = { class = \"free_text\", on_special = \"quarantine\" }\n";
        let after = after.replacen("\nDescription = \"free_text\"\n", rule, 1);
        assert!(after.contains(rule));
        format!("{before}\n[objects.Lead.fields]\n{after}")
    };
    let scene = Scene::by(waits).await;
    let text = format!("{CANARY} ligt aan de dialyse");
    for (name, value) in [("description", text.as_str()), ("salutation", "Ms.")] {
        let found = scene
            .post(LEAD, lead(&[("last_name", "x"), (name, value)]))
            .await;
        assert!(found.is_refused("value-unfit"), "{found:?}");
        assert!(
            found.text.contains("which record a form has made"),
            "{found:?}"
        );
    }
    assert!(scene.forms().is_empty());
    let body = lead(&[
        ("last_name", "x"),
        ("description", CANARY),
        ("salutation", ""),
    ]);
    let found = scene.post(LEAD, body).await;
    assert_eq!(found.status, 200, "{found:?}");
    scene.is_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_server_that_keeps_to_a_list_fills_in_nothing_else() {
    let scene = Scene::open().await;
    let words = ["client", "only", "bound", "Lead.LastName", "Lead.Company"];
    let (code, text) = run(&scene.house, &words);
    assert_eq!(code, Some(0), "{text}");
    for more in [("phone", CANARY), ("Campaign_ID", "701000000000001")] {
        let found = scene.post(LEAD, lead(&[("last_name", CANARY), more])).await;
        assert!(found.is_refused("program-fields"), "{found:?}");
    }
    let case = form(&[("orgid", ORGANIZATION), ("name", CANARY)]);
    let found = scene.post(CASE, case).await;
    assert!(found.is_refused("program-fields"), "{found:?}");
    assert!(scene.forms().is_empty());
    let found = scene.post(LEAD, lead(&[("last_name", CANARY)])).await;
    assert_eq!(found.status, 200, "{found:?}");
    scene.is_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_special_category_in_a_form_is_refused_in_the_visitor_s_language() {
    let scene = Scene::open().await;
    let text = "Mevrouw ligt aan de dialyse, komt donderdag niet";
    let client = client(&scene.house, Some(&scene.certificate));
    for (target, body) in [
        (LEAD, lead(&[("last_name", "x"), ("description", text)])),
        (CASE, form(&[("orgid", ORGANIZATION), ("subject", text)])),
        (
            CASE,
            form(&[("orgid", ORGANIZATION), ("description", text)]),
        ),
    ] {
        let request = client
            .post(scene.house.url(target))
            .bearer_auth(&scene.token)
            .header("content-type", FORM)
            .header("accept-language", "nl-NL,nl;q=0.9")
            .body(body);
        let found = shown(request).await;
        assert!(found.is_refused("special-category"), "{found:?}");
        assert!(
            found.text.contains("Uw formulier is niet verstuurd"),
            "{found:?}"
        );
        assert!(!found.text.contains("dialyse"), "{found:?}");
    }
    assert!(scene.forms().is_empty());
    let order = "De dialyseafdeling bestelt tien monitoren";
    let found = scene
        .post(LEAD, lead(&[("last_name", "x"), ("description", order)]))
        .await;
    assert_eq!(found.status, 200, "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crm_that_does_not_say_yes_is_asked_once_and_nobody_is_told_that_it_has_the_form() {
    let authority = Authority::new("authority of a test");
    let crm = FakeCrm::start(Voice::Tls(authority.issue(&[CRM_NAME], VALID))).await;
    let house = House::before(authority, crm.address);
    configure(&house, crm.address.port());
    crm.describes_also(
        "Case",
        "{\"fields\":[{\"name\":\"SuppliedName\",\"type\":\"string\",\"length\":80}]}",
    );
    let border = Process::serve(&house).await;
    let body = form(&[
        ("orgid", ORGANIZATION),
        ("name", CANARY),
        ("retURL", THANKS),
    ]);
    let page = "Content-Type: text/html\r\n";
    let says = |said: &str| answer(200, &format!("{page}Is-Processed: {said}\r\n"), b"<html>");
    for (steps, status) in [
        (answer(200, page, b"<html>"), 502),
        (
            says("true Exception:common.exception.SalesforceGenericException"),
            502,
        ),
        (says("false"), 502),
        (answer(404, page, b"<html>"), 502),
        (answer(302, "Location: https://evil.example/\r\n", b""), 502),
        (vec![Step::Cut], 502),
        (says("true"), 303),
    ] {
        crm.does(move |seen| match seen.target.starts_with("/servlet/") {
            true => steps.clone(),
            false => answer(404, "Content-Type: application/json\r\n", b"[]"),
        });
        crm.take();
        let request = client(&house, None).post(house.url(CASE));
        let request = request
            .bearer_auth(&house.token)
            .header("content-type", FORM);
        let found = shown(request.body(body.clone())).await;
        assert_eq!(found.status, status, "{found:?} {}", border.log());
        assert_eq!(found.leads.is_some(), status == 303, "{found:?}");
        let mut seen = crm.take();
        seen.retain(|seen| seen.target.starts_with("/servlet/"));
        assert_eq!(seen.len(), 1);
        assert!(!String::from_utf8_lossy(&seen[0].body).contains(CANARY));
        assert!(!seen[0].head.to_lowercase().contains("authorization"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn check_says_which_field_of_a_form_has_no_rule() {
    let (house, crm) = House::with_crm().await;
    configure(&house, crm.address.port());
    let (code, text) = run(&house, &["check"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("Lead.Jigsaw"), "{text}");
    let text = house
        .read("sluis.toml")
        .replace("Lead.Jigsaw", "Lead.Title");
    house.write("sluis.toml", &text);
    let (code, text) = run(&house, &["check"]);
    assert_eq!(code, Some(0), "{text}");
}
