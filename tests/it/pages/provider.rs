//! Signing in by an OpenID provider: a real one, and one that lies.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use reqwest::header::HeaderMap;
use serde_json::json;

use super::crm::Crm;
use super::house::{House, given, policy};
use super::people::Person;
use crate::support::port::free_port;
use crate::support::suite::{PROXIES, installed, root};

/// A provider as a process of its own.
struct Provider {
    child: Child,
    folder: tempfile::TempDir,
    issuer: String,
    client: reqwest::Client,
}

impl Provider {
    fn start(script: &str, redirect: &str) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("sluis-oidc-").tempdir()?;
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
        let at = |name: &str| folder.path().join(name);
        fs::write(at("provider.pem"), made.cert.pem())?;
        fs::write(at("provider.key"), made.signing_key.serialize_pem())?;
        let how = json!({
            "key": at("provider.key"), "certificate": at("provider.pem"), "redirect": redirect,
            "modules": installed("target/clients/oidc")?,
        });
        let mut command = Command::new("node");
        for name in PROXIES {
            command.env_remove(name);
        }
        let mut child = command
            .arg(root().join("tests/oidc").join(script))
            .env("SLUIS_OIDC", how.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(at("log"))?)
            .spawn()?;
        let stdout = child.stdout.take().context("no stdout")?;
        let mut issuer = String::new();
        BufReader::new(stdout).read_line(&mut issuer)?;
        let log = fs::read_to_string(at("log"))?;
        ensure!(issuer.starts_with("https://"), "it does not listen: {log}");
        let client = reqwest::Client::builder()
            .tls_certs_only([reqwest::Certificate::from_pem(made.cert.pem().as_bytes())?])
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self {
            child,
            folder,
            issuer: issuer.trim().to_owned(),
            client,
        })
    }

    /// The configuration of a border that knows it.
    fn section(&self) -> String {
        format!(
            "\n[oidc]\nissuer = \"{}\"\nclient_id = \"sluis\"\nclient_secret_file = \"oidc-secret\"\n\
             ca = \"{}\"\nsecond_factor_amr = [\"mfa\"]\n",
            self.issuer,
            self.folder.path().join("provider.pem").display()
        )
    }

    /// How often it was asked who it is.
    async fn asked(&self) -> Result<u64> {
        let answer = self.client.get(format!("{}/asked", self.issuer)).send();
        Ok(answer.await?.json().await?)
    }

    async fn lies(&self, lie: &str) -> Result<()> {
        let answer = self.client.get(format!("{}/lie/{lie}", self.issuer)).send();
        ensure!(answer.await?.status() == 200);
        Ok(())
    }

    /// Follows the way through the provider, until it leads back: the address there.
    async fn through(&self, url: &str, who: &str, amr: &str, back: &str) -> Result<String> {
        let (mut at, mut cookies) = (url.to_owned(), Vec::<(String, String)>::new());
        for _ in 0..10 {
            if at.starts_with(back) {
                return Ok(at);
            }
            let jar: Vec<String> = cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
            let request = self.client.get(&at).header("cookie", jar.join("; "));
            let request = request.header("x-account", who).header("x-amr", amr);
            let answer = request.send().await?;
            for pair in given(&answer).split("; ") {
                let Some((name, value)) = pair.split_once('=') else {
                    continue;
                };
                cookies.retain(|(known, _)| known != name);
                if !value.is_empty() {
                    cookies.push((name.to_owned(), value.to_owned()));
                }
            }
            let headers = answer.headers().clone();
            let next = location(&headers);
            ensure!(
                !next.is_empty(),
                "{at}: {} {}",
                answer.status(),
                answer.text().await?
            );
            at = match next.starts_with('/') {
                true => format!("{}{next}", self.issuer),
                false => next,
            };
        }
        anyhow::bail!("the provider leads in a circle")
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn location(headers: &HeaderMap) -> String {
    let value = headers
        .get("location")
        .and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

/// A border beside a provider, and the port that it is to have.
fn house(script: &str) -> Result<(House, Provider)> {
    house_with(script, "")
}

/// As [`house`], with these lines in the configuration.
fn house_with(script: &str, more: &str) -> Result<(House, Provider)> {
    let port = free_port()?;
    let back = format!("https://localhost:{port}/.sluis/oidc/callback");
    let provider = Provider::start(script, &back)?;
    let policy = policy("note = \"free_text\"");
    let house = House::at(
        port,
        Crm::start(),
        &policy,
        &format!("{}{more}", provider.section()),
    )?;
    Ok((house, provider))
}

/// A browser's way to the provider: where it is sent, and the cookie that it gets.
async fn depart(house: &House) -> Result<(String, String)> {
    depart_by(house, "", "/.sluis/oidc/start?next=%2Fcontacts").await
}

/// As [`depart`], by this link and with this session.
async fn depart_by(house: &House, session: &str, link: &str) -> Result<(String, String)> {
    let answer = house
        .visit((session, ""), reqwest::Method::GET, link)
        .send()
        .await?;
    ensure!(answer.status() == 303, "{}", answer.text().await?);
    Ok((location(answer.headers()), given(&answer)))
}

/// The way back: status, where it leads, and what it sets.
async fn arrive(house: &House, cookie: &str, at: &str) -> Result<(u16, String, String)> {
    let path = at.strip_prefix(&house.origin()).context("another host")?;
    let request = house.visit(("", cookie), reqwest::Method::GET, path);
    let answer = request.send().await?;
    let (status, to, set) = (
        answer.status().as_u16(),
        location(answer.headers()),
        given(&answer),
    );
    Ok((status, to, set))
}

/// The session's cookie among those that were set.
fn session(set: &str) -> Option<&str> {
    set.split("; ")
        .find_map(|pair| pair.strip_prefix("__Host-sluis="))
}

/// Links the one person to somebody whom the provider knows.
fn link(house: &House, provider: &Provider) -> Result<()> {
    let gate = house.gate()?;
    Ok(gate.link_person("sanne", &provider.issuer, "u-1001")?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_provider_is_the_first_factor_and_the_second_is_asked_for_here() -> Result<()> {
    let (house, provider) = house("provider.mjs")?;
    let mut sanne = Person::enrolled(&house, "sanne", "sales").await?;
    let back = house.origin();
    link(&house, &provider)?;
    let page = house.visit(
        ("", ""),
        reqwest::Method::GET,
        "/.sluis/sign-in?next=%2Fcontacts",
    );
    let page = page.send().await?.text().await?;
    assert!(
        page.contains("href=\"/.sluis/oidc/start?next=%2Fcontacts\""),
        "{page}"
    );

    let (url, journey) = depart(&house).await?;
    assert!(
        url.contains("code_challenge=") && url.contains("nonce="),
        "{url}"
    );
    let at = provider.through(&url, "u-1001", "pwd", &back).await?;
    let (status, to, set) = arrive(&house, &journey, &at).await?;
    assert_eq!(
        (status, to.as_str()),
        (303, "/.sluis/sign-in/code?next=%2Fcontacts")
    );
    let half = session(&set).context("no session")?.to_owned();
    house.crm.forget();
    let below = house.visit((&half, ""), reqwest::Method::GET, "/contacts");
    let below = below.send().await?;
    assert!(location(below.headers()).starts_with("/.sluis/sign-in"));
    assert!(
        house.crm.kept().log.is_empty(),
        "the provider alone is one factor"
    );
    sanne.session = half;
    sanne.step_up()?;
    sanne.crm = sanne.sign_in_to_crm(&house).await?;
    assert_eq!(sanne.get(&house, &sanne.crm, "/contacts").await?.0, 200);

    // A provider that has asked for a second factor, and says so in a way that is configured.
    let (url, journey) = depart(&house).await?;
    let at = provider.through(&url, "u-1001", "pwd mfa", &back).await?;
    let (status, to, set) = arrive(&house, &journey, &at).await?;
    assert_eq!((status, to.as_str()), (303, "/contacts"));
    sanne.session = session(&set).context("no session")?.to_owned();
    sanne.crm = sanne.sign_in_to_crm(&house).await?;
    assert_eq!(sanne.get(&house, &sanne.crm, "/contacts").await?.0, 200);

    // The same answer again, and the answer in a browser that did not ask for it.
    assert_eq!(arrive(&house, &journey, &at).await?.0, 403);
    let (url, _) = depart(&house).await?;
    let (_, other) = depart(&house).await?;
    let at = provider.through(&url, "u-1001", "pwd", &back).await?;
    for cookie in ["", other.as_str()] {
        let (status, _, set) = arrive(&house, cookie, &at).await?;
        assert!(
            status == 403 && session(&set).is_none(),
            "{cookie}: {status}"
        );
    }
    // Somebody whom nobody has linked, whatever their address is.
    let (url, journey) = depart(&house).await?;
    let at = provider.through(&url, "u-2002", "pwd mfa", &back).await?;
    let (status, _, set) = arrive(&house, &journey, &at).await?;
    assert!(status == 403 && session(&set).is_none());
    let how = house.ledger()?;
    let how = how.iter().filter(|entry| entry["operation"] == "sign-in");
    let how: Vec<String> = how
        .map(|entry| entry["fields"][0]["c"].to_string())
        .collect();
    assert!(
        how.contains(&"\"provider/provider-second\"".to_owned()),
        "{how:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_lies_signs_nobody_in() -> Result<()> {
    let (house, provider) = house("liar.mjs")?;
    Person::enrolled(&house, "sanne", "sales").await?;
    let back = house.origin();
    link(&house, &provider)?;
    for lie in [
        "nonce",
        "no-nonce",
        "audience",
        "two-audiences",
        "issuer",
        "expired",
        "alg-none",
        "hmac",
        "strange-key",
        "changed",
        "state",
        "callback-issuer",
        "unlinked",
    ] {
        provider.lies(lie).await?;
        let (url, journey) = depart(&house).await?;
        let at = provider.through(&url, "u-1001", "pwd", &back).await?;
        let (status, _, set) = arrive(&house, &journey, &at).await?;
        assert_eq!(status, 403, "{lie}");
        assert!(session(&set).is_none(), "{lie}: {set}");
        // What was tried is used up, for an honest answer too.
        provider.lies("replay").await?;
        let (status, _, set) = arrive(&house, &journey, &at).await?;
        assert!(status == 403 && session(&set).is_none(), "{lie} again");
    }
    provider.lies("").await?;
    let (url, journey) = depart(&house).await?;
    let at = provider.through(&url, "u-1001", "pwd", &back).await?;
    let (status, to, set) = arrive(&house, &journey, &at).await?;
    assert!(
        status == 303 && to.starts_with("/.sluis/sign-in/code"),
        "{status} {to}"
    );
    assert!(session(&set).is_some());
    provider.lies("second").await?;
    let (url, journey) = depart(&house).await?;
    let at = provider.through(&url, "u-1001", "pwd", &back).await?;
    assert_eq!(arrive(&house, &journey, &at).await?.1, "/contacts");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_names_another_issuer_or_another_host_is_not_asked_further() -> Result<()> {
    for lie in ["discovery-issuer", "token-host"] {
        let (house, provider) = house("liar.mjs")?;
        provider.lies(lie).await?;
        let start = house.visit(("", ""), reqwest::Method::GET, "/.sluis/oidc/start");
        let answer = start.send().await?;
        if lie == "discovery-issuer" {
            assert_eq!(answer.status(), 502);
            continue;
        }
        let (url, journey) = (location(answer.headers()), given(&answer));
        let at = provider
            .through(&url, "u-1001", "pwd", &house.origin())
            .await?;
        assert_eq!(arrive(&house, &journey, &at).await?.0, 403);
    }
    Ok(())
}

/// Whether a session may change factors: its second one was shown just now.
async fn is_fresh(house: &House, session: &str) -> Result<bool> {
    let page = house.visit((session, ""), reqwest::Method::GET, "/.sluis/account/codes");
    let page = page.send().await?;
    let led = location(page.headers());
    match page.status().as_u16() {
        200 => Ok(true),
        303 if led.starts_with("/.sluis/step-up?") => Ok(false),
        status => anyhow::bail!("{status} {led}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_provider_asked_for_long_ago_is_not_shown_just_now() -> Result<()> {
    let (house, provider) = house("liar.mjs")?;
    let mut sanne = Person::enrolled(&house, "sanne", "sales").await?;
    let back = house.origin();
    link(&house, &provider)?;
    for (lie, fresh) in [
        ("second-now", true),
        ("second", false),
        ("second-ahead", false),
        ("second-old", false),
    ] {
        provider.lies(lie).await?;
        let (url, journey) = depart(&house).await?;
        assert!(!url.contains("max_age="), "{url}");
        let at = provider.through(&url, "u-1001", "", &back).await?;
        let (status, to, set) = arrive(&house, &journey, &at).await?;
        assert_eq!((status, to.as_str()), (303, "/contacts"), "{lie}");
        sanne.session = session(&set).context("no session")?.to_owned();
        assert_eq!(is_fresh(&house, &sanne.session).await?, fresh, "{lie}");
    }
    sanne.crm = sanne.sign_in_to_crm(&house).await?;

    // Stepping up there: it is asked for its factors anew, and what it says of them counts.
    let link = "/.sluis/oidc/start?next=%2Fcontacts&fresh=1";
    let page = house.visit(
        (&sanne.session, ""),
        reqwest::Method::GET,
        "/.sluis/step-up?next=%2Fcontacts",
    );
    let page = page.send().await?.text().await?;
    assert!(page.contains(&link.replace('&', "&#38;")), "{page}");
    for (lie, fresh) in [("second-old", false), ("second-now", true)] {
        provider.lies(lie).await?;
        let (url, journey) = depart_by(&house, &sanne.session, link).await?;
        assert!(url.contains("max_age=60"), "{url}");
        let at = provider.through(&url, "u-1001", "", &back).await?;
        let path = at.strip_prefix(&back).context("another host")?;
        let browser = (sanne.session.as_str(), journey.as_str());
        let answer = house.visit(browser, reqwest::Method::GET, path);
        let set = given(&answer.send().await?);
        let before = std::mem::replace(
            &mut sanne.session,
            session(&set).context("no session")?.to_owned(),
        );
        assert_ne!(before, sanne.session);
        assert_eq!(is_fresh(&house, &sanne.session).await?, fresh, "{lie}");
        // It is the same sign-in: what the CRM gave is still worth something.
        assert_eq!(sanne.get(&house, &sanne.crm, "/contacts").await?.0, 200);
    }
    let ledger = house.ledger()?.into_iter();
    let steps = ledger.filter(|entry| entry["operation"] == "step-up");
    assert_eq!(steps.count(), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_provider_is_asked_for_its_factors_anew_where_they_must_be_fresh() -> Result<()> {
    let (house, provider) = house("provider.mjs")?;
    Person::enrolled(&house, "sanne", "sales").await?;
    link(&house, &provider)?;
    let link = "/.sluis/oidc/start?next=%2F.sluis%2Faccount";
    let (url, journey) = depart_by(&house, "", link).await?;
    assert!(url.contains("max_age=60"), "{url}");
    let at = provider
        .through(&url, "u-1001", "pwd mfa", &house.origin())
        .await?;
    let (status, to, set) = arrive(&house, &journey, &at).await?;
    assert_eq!((status, to.as_str()), (303, "/.sluis/account"));
    assert!(is_fresh(&house, session(&set).context("no session")?).await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_slow_is_asked_once_and_holds_up_nobody_else() -> Result<()> {
    let (house, provider) = house("liar.mjs")?;
    provider.lies("slow").await?;
    let mut starts = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let start = house.visit(("", ""), reqwest::Method::GET, "/.sluis/oidc/start");
        starts.spawn(start.send());
    }
    // One asks and seven wait; the others have their answer while the provider still says nothing.
    for _ in 0..32 {
        let answer = starts.join_next().await.context("none is left")???;
        assert_eq!(answer.status(), 502);
    }
    let page = house.visit(("", ""), reqwest::Method::GET, "/.sluis/sign-in");
    assert_eq!(page.send().await?.status(), 200);
    provider.lies("").await?;
    while let Some(answer) = starts.join_next().await {
        assert_eq!(answer??.status(), 303);
    }
    assert_eq!(provider.asked().await?, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_to_the_provider_is_counted_before_it_is_asked() -> Result<()> {
    let few = "\n[gate]\nsource_sign_ins_per_minute = 2\n";
    let (house, provider) = house_with("liar.mjs", few)?;
    provider.lies("discovery-issuer").await?;
    for expected in [502, 502, 429] {
        let start = house.visit(("", ""), reqwest::Method::GET, "/.sluis/oidc/start");
        let answer = start.send().await?;
        assert_eq!(answer.status(), expected);
        let waits = answer.headers().contains_key("retry-after");
        assert_eq!(waits, expected == 429);
    }
    assert!(provider.asked().await? <= 2);
    Ok(())
}
