//! Canaries: values that the tests write through the border, and then look for wherever they must
//! not be: the CRM's rows and memory, the requests that it got, our databases, logs and metrics.

use std::io::Write as _;

use anyhow::{Context, Result, ensure};
use data_encoding::{BASE64, BASE64URL, HEXLOWER};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sluis::app::World;
use sluis::demo::{self, Options};

use crate::support::demo::Demo;
use crate::support::scan::{Form, Scanner};

/// A part of every value that the suites and these tests invent, in letters and in digits.
pub struct Canary {
    pub text: String,
    pub digits: String,
}

impl Canary {
    /// # Errors
    /// When the file that the suites share does not parse.
    pub fn load() -> Result<Self> {
        let shared: Value = serde_json::from_str(include_str!("../clients/canary.json"))?;
        let part = |name: &str| {
            let part = shared.get(name).and_then(Value::as_str);
            part.map(str::to_owned).context("canary.json lacks a part")
        };
        Ok(Self {
            text: part("text")?,
            digits: part("digits")?,
        })
    }

    /// # Errors
    /// When a part is too short to be looked for.
    pub fn scanner(&self) -> Result<Scanner> {
        Scanner::new([self.text.as_str(), self.digits.as_str()])
    }
}

/// Looks through everything that a demo keeps, tells and has passed on; then stops it and looks
/// through its files again, since closing writes to them.
///
/// # Errors
/// When a canary is anywhere, or there is less to look through than there must be.
pub async fn nothing_is_left(demo: Demo) -> Result<()> {
    let scanner = Canary::load()?.scanner()?;
    let ready = demo.ready();
    for (name, base, path) in [
        ("the CRM's rows", &ready.crm, "/_dump"),
        ("what the CRM was sent", &ready.crm, "/_requests"),
        ("the metrics", &ready.status, "/metrics"),
    ] {
        let bytes = demo.plain(base, path).await?;
        ensure!(!bytes.is_empty(), "there are no bytes of {name} to scan");
        scanner.clean(name, &bytes)?;
    }
    let files = scanner.clean_folder(demo.folder())?;
    ensure!(
        files >= 5,
        "only {files} files: four databases and a log are the least"
    );
    let stopped = demo.stop()?;
    scanner.clean_folder(stopped.folder())?;
    Ok(())
}

#[tokio::test]
async fn what_policy_passes_is_found_and_what_it_protects_is_not() -> Result<()> {
    let demo = Demo::start()?;
    let canary = Canary::load()?;
    let passed = "torenvalkzuidwest";
    let ready = demo.ready();
    let answer = demo
        .client()?
        .post(format!(
            "{}/services/data/v60.0/sobjects/Contact",
            ready.border
        ))
        .bearer_auth(&ready.access_token)
        .json(&json!({
            "LastName": format!("Van {}", canary.text),
            "Email": format!("{}@example.nl", canary.text),
            "Phone": format!("+{}", canary.digits),
            "Description": format!("Belt graag terug, {}.", canary.text),
            // Policy lets provinces pass.
            "MailingState": passed,
        }))
        .send()
        .await?;
    let status = answer.status();
    ensure!(status == 201, "{status}: {}", answer.text().await?);

    let control = Scanner::new([passed])?;
    for path in ["/_dump", "/_requests"] {
        let bytes = demo.plain(&ready.crm, path).await?;
        let found = control.find(&bytes);
        assert!(
            found.iter().any(|found| found.form == Form::Plain),
            "{path} lacks what policy lets pass, so this scan would not see a leak either"
        );
    }
    nothing_is_left(demo).await
}

#[test]
fn the_memory_of_the_crm_has_no_value() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let options = Options {
        port: 0,
        folder: Some(folder.path().join("demo")),
        policy: None,
        people: false,
        workers: 1,
        looks: false,
        console: false,
        staff: false,
    };
    let demo = demo::start(&options, &World::default())?;
    let canary = Canary::load()?;
    let passed = "torenvalkzuidwest";
    let exchange = exchanges(&demo, &canary, passed);
    tokio::runtime::Runtime::new()?.block_on(exchange)?;

    let scanner = canary.scanner()?;
    let control = Scanner::new([passed])?;
    let memory = demo.crm.memory_dump()?;
    assert!(
        !control.find(&memory).is_empty(),
        "the dump lacks what policy lets pass"
    );
    scanner.clean("the CRM's memory", &memory)?;
    let arrived = demo.crm.requests();
    ensure!(
        arrived.len() >= 5,
        "only {} requests arrived",
        arrived.len()
    );
    for request in &arrived {
        scanner.clean("a request's body", &request.body)?;
        let head = format!(
            "{} {} {:?}",
            request.method, request.target, request.headers
        );
        scanner.clean("a request's head", head.as_bytes())?;
        ensure!(
            !head.contains(&demo.access_token),
            "the client's token reached the CRM"
        );
    }
    demo.end()
}

/// Writes, changes, finds and reads a person by REST, with a value that policy lets pass.
async fn exchanges(demo: &demo::Demo, canary: &Canary, passed: &str) -> Result<()> {
    let pem = std::fs::read(&demo.ca)?;
    let client = reqwest::Client::builder()
        .tls_certs_only(reqwest::Certificate::from_pem_bundle(&pem)?)
        .no_proxy()
        .build()?;
    let data = format!("{}/services/data/v60.0", demo.border);
    let address = format!("{}@example.nl", canary.text);
    let name = format!("Van {}", canary.text);
    let send = async |request: reqwest::RequestBuilder| -> Result<Value> {
        let answer = request.bearer_auth(&demo.access_token).send().await?;
        let status = answer.status();
        let body = answer.bytes().await?;
        ensure!(
            status.is_success(),
            "{status}: {}",
            String::from_utf8_lossy(&body)
        );
        Ok(serde_json::from_slice(&body).unwrap_or_default())
    };
    let person = json!({
        "LastName": name,
        "Email": address,
        "Phone": format!("+{}", canary.digits),
        "Description": format!("Belt graag terug, {}. ", canary.text).repeat(100),
        "Birthdate": "1961-02-03",
        "MailingState": passed,
    });
    let contact = format!("{data}/sobjects/Contact");
    let made = send(client.post(&contact).json(&person)).await?;
    let id = made.get("id").and_then(Value::as_str).context("no id")?;
    let change = json!({ "Title": format!("Directeur {}", canary.text) });
    send(client.patch(format!("{contact}/{id}")).json(&change)).await?;
    let by_address = format!("{contact}/Email/{address}");
    send(
        client
            .patch(by_address)
            .json(&json!({ "LeadSource": "Web" })),
    )
    .await?;
    let soql = format!("SELECT LastName, Title FROM Contact WHERE Email = '{address}'");
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("q", &soql)
        .finish();
    let found = send(client.get(format!("{data}/query?{query}"))).await?;
    let read = found.pointer("/records/0/LastName").and_then(Value::as_str);
    ensure!(
        read == Some(name.as_str()),
        "the query did not find the person"
    );
    let read = send(client.get(format!("{contact}/{id}"))).await?;
    ensure!(
        read.get("Birthdate") == person.get("Birthdate"),
        "a value did not come back"
    );
    Ok(())
}

#[test]
fn the_scanner_finds_a_canary_in_a_file_however_it_is_written() -> Result<()> {
    let canary = Canary::load()?;
    let scanner = canary.scanner()?;
    for value in [&canary.text, &canary.digits] {
        for (form, zipped, bytes) in planted(value)? {
            let folder = tempfile::tempdir()?;
            let deep = folder.path().join("data");
            std::fs::create_dir(&deep)?;
            std::fs::write(deep.join("vault.db-wal"), &bytes)?;
            let found = scanner.find(&bytes);
            assert!(
                found.iter().any(|f| f.form == form && f.zipped == zipped),
                "{form:?}, zipped: {zipped}: {found:?}"
            );
            assert!(scanner.clean_folder(folder.path()).is_err(), "{form:?}");
        }
    }
    Ok(())
}

#[test]
fn the_scanner_finds_nothing_where_no_canary_is() -> Result<()> {
    let scanner = Canary::load()?.scanner()?;
    let folder = tempfile::tempdir()?;
    for (form, _, bytes) in planted("merelgeelsnavel")? {
        assert_eq!(scanner.find(&bytes), [], "{form:?}");
        std::fs::write(folder.path().join(format!("{form:?}")), &bytes)?;
    }
    assert!(scanner.clean_folder(folder.path())? > 0);
    Ok(())
}

/// Bytes in which a value stands, in each form, alignment and case.
fn planted(value: &str) -> Result<Vec<(Form, bool, Vec<u8>)>> {
    let mut planted = Vec::new();
    for case in [value.to_lowercase(), value.to_uppercase()] {
        let percent: String = case.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let json: String = case.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
        let wide = |order: fn(u16) -> [u8; 2]| case.encode_utf16().flat_map(order).collect();
        planted.push((Form::Plain, false, format!("a {case} z").into_bytes()));
        planted.push((
            Form::Hex,
            false,
            HEXLOWER.encode(case.as_bytes()).into_bytes(),
        ));
        planted.push((Form::Percent, false, percent.into_bytes()));
        planted.push((Form::Json, false, json.into_bytes()));
        planted.push((Form::Utf16Le, false, wide(u16::to_le_bytes)));
        planted.push((Form::Utf16Be, false, wide(u16::to_be_bytes)));
        for alignment in 0..3 {
            // Letters around it, so that neither end of the value is an end of the encoding.
            let text = format!("{}{case}{}", &"aaa"[alignment..], "zz");
            planted.push((
                Form::Base64,
                false,
                BASE64.encode(text.as_bytes()).into_bytes(),
            ));
            planted.push((
                Form::Base64Url,
                false,
                BASE64URL.encode(text.as_bytes()).into_bytes(),
            ));
        }
        let mut zip = GzEncoder::new(b"before".to_vec(), Compression::best());
        zip.write_all(format!("a {case} z").as_bytes())?;
        let mut zipped = zip.finish()?;
        zipped.extend_from_slice(b"after");
        planted.push((Form::Plain, true, zipped));
    }
    Ok(planted)
}
