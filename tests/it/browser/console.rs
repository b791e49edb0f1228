//! The console in Chromium, before a demo with its forty people and a second node that shares its store
//! of policies: `tests/browser/console.js`.

use std::fs;

use anyhow::{Context, Result};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::script;
use super::second::{Node, Watcher, versions};
use crate::support::demo::Demo;

/// What the script has refused, then allowed again.
const QUERY: &str = "/services/data/v62.0/query?q=SELECT+MobilePhone+FROM+Contact+LIMIT+1";
/// How soon a version must be in force on each node, in milliseconds.
const SOON: i64 = 1000;

#[test]
fn people_look_after_the_border_at_the_console() -> Result<()> {
    let demo = Demo::start()?;
    let second = Node::beside(&demo)?;
    let ready = demo.ready();
    let watchers = [
        (&ready.border, &ready.access_token),
        (&second.url, &second.token),
    ];
    let watchers = watchers.map(|(base, token)| {
        let client = demo.client()?;
        let url = format!("{base}{QUERY}");
        Ok::<_, anyhow::Error>(Watcher::start(
            client,
            url,
            token.clone(),
            "policy-unknown-field",
        ))
    });
    let line: Value = serde_json::from_str(demo.line())?;
    let console = &line["console"];
    let url = console["url"].as_str().context("no console")?;
    let (_, port) = url.rsplit_once(':').context("no port")?;
    let how = json!({
        "base": url,
        "resolve": format!("MAP console.localhost:{port} 127.0.0.1:{port}"),
        "key": key_of(&demo.folder().join("demo/console.pem"))?,
        "people": console["people"],
    });
    script::run("console.js", &how).with_context(|| {
        let log = fs::read_to_string(demo.folder().join("stderr.log")).unwrap_or_default();
        log[log.len().saturating_sub(3000)..].to_owned()
    })?;

    let versions = versions(&demo)?;
    let [third, second_version, _first] = versions.as_slice() else {
        panic!("{} versions", versions.len());
    };
    for watcher in watchers {
        let turns = watcher?.turns()?;
        let [(false, _), (true, refused), (false, back)] = turns.as_slice() else {
            panic!("{turns:?}");
        };
        for (turn, version) in [(refused, second_version), (back, third)] {
            let took = turn.0 - version.time.0;
            assert!(
                (0..=SOON).contains(&took),
                "version {} took {took} ms",
                version.number
            );
        }
    }
    let told = second.stop()?;
    for (act, who) in [
        ("policy.submit", "noor"),
        ("policy.approve", "bram"),
        ("policy.submit", "bram"),
        ("policy.approve", "carla"),
    ] {
        let entry = (act.to_owned(), who.to_owned());
        assert!(told.contains(&entry), "{entry:?} is not in {told:?}");
    }
    Ok(())
}

/// The SHA-256 of the certificate's public key, in base64: what the browser trusts.
fn key_of(certificate: &std::path::Path) -> Result<String> {
    let der = CertificateDer::from_pem_file(certificate)?;
    let (_, parsed) = X509Certificate::from_der(&der)?;
    let spki = parsed.public_key().raw;
    Ok(BASE64.encode(digest(&SHA256, spki).as_ref()))
}
