//! Several hosts of one CRM, a CRM under its own name, and one at an address of IPv6.

use std::fs;
use std::sync::Arc;

use anyhow::{Context, Result};
use reqwest::Method;
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::crm::Crm;
use super::house::{CANARY, FILES, House, Who, policy};
use crate::support::port::free_port;

/// The policy of the first host, with a route at the other.
fn two(files: &Crm) -> String {
    let (_, host) = files.origin.split_once("//").unwrap();
    format!(
        "{}\n[[routes]]\nname = \"jump\"\npath = \"/jump\"\nanswer = \"html\"\n\n\
         [[routes]]\nname = \"file.open\"\nhost = \"{host}\"\npath = \"/file/{{id}}\"\nmethod = [\"GET\", \"POST\"]\nanswer = \"html\"\n",
        policy("note = \"free_text\"")
    )
}

struct Two {
    house: House,
    files: Crm,
}

impl Two {
    fn start() -> Result<Self> {
        let (first, files) = (Crm::start(), Crm::start());
        first.knows(&files);
        files.knows(&first);
        let hosts = format!("[crm.hosts]\n\"{FILES}:PORT\" = \"{}\"\n", files.origin);
        let house = House::set(first, &two(&files), &hosts)?.signed_in()?;
        Ok(Self { house, files })
    }

    fn files(&self) -> String {
        format!("https://{FILES}:{}", self.house.port)
    }

    /// A request to our second host, by a page of the first.
    async fn ask(&self, method: Method, target: &str) -> Result<reqwest::Response> {
        let request = self.house.request(Who::Sales, method, target);
        let mut request = request.build()?;
        *request.url_mut() = format!("{}{target}", self.files()).parse()?;
        Ok(self.house.client.execute(request).await?)
    }
}

async fn made(house: &House, last_name: &str) -> Result<()> {
    let form = [("first_name", "Zoë"), ("last_name", last_name)];
    let answer = house.post(Who::Sales, "/contact/add", &form).await?;
    assert_eq!(answer.status(), 302, "{}", answer.text().await?);
    assert_eq!(answer.headers()["location"], "/contact/1");
    Ok(())
}

#[tokio::test]
async fn each_host_of_the_crm_has_a_name_of_ours_and_its_own_is_told_to_nobody() -> Result<()> {
    let two = Two::start()?;
    let (house, files) = (&two.house, &two.files);
    // A value that looks like a host of the CRM's is a value.
    let value = files.address.to_string();
    made(house, &value).await?;
    let (_, page) = house.get(Who::Sales, "/contact/1").await?;
    assert!(page.contains(&format!("<title>{value}</title>")), "{page}");
    assert!(
        page.contains(&format!("href=\"{}/file/7\"", two.files())),
        "{page}"
    );
    let escaped = two.files().replace('/', "\\/");
    assert!(page.contains(&format!("var u = \"{escaped}\";")), "{page}");
    assert!(
        !page.contains(&files.origin) && !page.contains(&house.crm.origin),
        "{page}"
    );

    let request = house.request(Who::Sales, Method::GET, "/jump");
    let answer = request.send().await?;
    assert_eq!(answer.status(), 302);
    let leads = format!("{}/file/7?back={}", two.files(), house.origin());
    assert_eq!(answer.headers()["location"], leads);

    let answer = two.ask(Method::GET, "/file/7").await?;
    assert_eq!(answer.status(), 200);
    let headers = answer.headers().clone();
    assert_eq!(headers["access-control-allow-origin"], house.origin());
    let policy = headers["content-security-policy"].to_str()?;
    assert!(
        policy.contains(&format!("connect-src 'self' {}", house.origin())),
        "{policy}"
    );
    let page = answer.text().await?;
    let own = format!(
        "<a href=\"{}/contact/1\">back</a><img src=\"{}/x\">",
        house.origin(),
        two.files()
    );
    assert_eq!(page, own);
    assert_eq!(files.kept().log, ["GET /file/7"]);
    let sent = String::from_utf8_lossy(&files.kept().bytes).into_owned();
    assert!(
        sent.contains(&format!("origin: {}", house.crm.origin)),
        "{sent}"
    );
    assert!(!sent.contains("localhost"), "{sent}");

    // A script that passes as it is names our host too.
    let (_, script) = house.get(Who::Sales, "/static/app.js").await?;
    assert_eq!(script, format!("var home = '{}';", house.origin()));
    Ok(())
}

#[tokio::test]
async fn a_route_stands_at_its_host_and_a_page_writes_to_its_own_only() -> Result<()> {
    let two = Two::start()?;
    for target in ["/contact/1", "/static/app.js", "/login"] {
        let page = two.ask(Method::GET, target).await?.text().await?;
        assert!(page.contains("endpoint-unknown"), "{target}: {page}");
    }
    let (_, page) = two.house.get(Who::Sales, "/file/7").await?;
    assert!(page.contains("endpoint-unknown"), "{page}");
    let answer = two.ask(Method::POST, "/file/7").await?;
    assert_eq!(answer.status(), 403);
    assert!(two.files.kept().log.is_empty());
    assert_eq!(two.ask(Method::GET, "/file/7").await?.status(), 200);
    Ok(())
}

#[test]
fn a_host_that_only_the_policy_names_opens_nothing() -> Result<()> {
    let files = Crm::start();
    let started = House::set(Crm::start(), &two(&files), "");
    let error = started.err().context("the border opened")?.to_string();
    assert!(error.contains("`[crm.hosts]` does not name"), "{error}");
    Ok(())
}

#[tokio::test]
async fn under_the_crms_own_name_nothing_is_renamed() -> Result<()> {
    let port = free_port()?;
    let origin = format!("https://localhost:{port}");
    let made_key = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(
        made_key.signing_key.serialize_der(),
    ));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![made_key.cert.der().clone()], key)?;
    let crm = Crm::start_tls(&origin, Arc::new(config));
    let folder = tempfile::tempdir()?;
    let ca = folder.path().join("crm.pem");
    fs::write(&ca, made_key.cert.pem())?;
    let more = format!("address = \"{}\"\nca = \"{}\"\n", crm.address, ca.display());
    let house = House::at(port, crm, &policy("note = \"free_text\""), &more)?.signed_in()?;
    made(&house, CANARY).await?;
    assert!(house.crm.held(1, "last_name").starts_with("tq"));
    let (_, page) = house.get(Who::Sales, "/contact/1").await?;
    assert!(
        page.contains(&format!("href=\"{origin}/contacts?q=tq")),
        "{page}"
    );
    house.crm_never_had(&[CANARY])
}

#[tokio::test]
async fn a_crm_at_an_address_of_ipv6_is_behind_the_border_too() -> Result<()> {
    let house = House::set(
        Crm::start_on("[::1]:0"),
        &policy("note = \"free_text\""),
        "",
    )?
    .signed_in()?;
    made(&house, CANARY).await?;
    let (status, page) = house.get(Who::Sales, "/contact/1").await?;
    assert!(status == 200 && page.contains(CANARY), "{page}");
    let home = format!("href=\"{}/contacts", house.origin());
    assert!(page.contains(&home) && !page.contains("[::1]"), "{page}");
    Ok(())
}
