//! A person at a real browser, before Creme, a real CRM: `tests/browser` and `tests/creme`.
//!
//! Read first: [`creme::Creme`], [`script::run`].

mod console;
mod creme;
mod house;
pub mod script;
mod second;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use creme::Creme;
use house::{HOST, House};

use crate::support::suite::root;

/// What the acts of `tests/browser/daily.js` write, by the names of `people.json`.
const FIELDS: &str = "first_name,last_name,email,phone,mobile,birthday,position,street,zipcode,\
                      city,bsn,iban,note,memo,file_name,file";

#[test]
fn without_a_border_the_acts_work_and_the_scan_finds_every_value() -> Result<()> {
    let creme = Creme::start()?;
    let before = creme::leakscan(None, &[creme.data()])?;
    ensure!(before.clean, "an empty Creme has values:\n{}", before.text);
    let folder = tempfile::tempdir()?;
    let recording = folder.path().join("session.har");
    let how = json!({ "base": creme.url(), "agents": creme::AGENTS, "har": recording });
    script::run("direct.js", &how)?;
    let data = creme.stop()?;
    learned(folder.path())?;
    let after = creme::leakscan(Some(FIELDS), &[data.path()])?;
    ensure!(after.clean, "the scan misses values:\n{}", after.text);
    for place in ["access.log", "upload/documents", "creme_core_historyline"] {
        ensure!(
            after.text.contains(place),
            "nothing was found in {place}:\n{}",
            after.text
        );
    }
    Ok(())
}

#[test]
fn staff_work_in_creme_behind_the_border_and_creme_holds_no_value() -> Result<()> {
    let creme = Creme::start()?;
    let house = House::before(creme.url())?;
    let how = json!({
        "base": format!("https://{HOST}"),
        "resolve": house.resolve(),
        "key": house.key,
        "agents": creme::AGENTS,
        "links": { "sales": house.invite("sales")?, "planning": house.invite("planning")? },
    });
    script::run("staff.js", &how).with_context(|| end_of(&house.log()))?;
    let (kept, held) = (house.stop()?, creme.stop()?);
    let scan = creme::leakscan(None, &[held.path(), kept.path()])?;
    ensure!(scan.clean, "values got out:\n{}", scan.text);
    Ok(())
}

/// What a browser recorded of the acts becomes a policy that compiles and has none of the values,
/// which the recording has.
fn learned(folder: &Path) -> Result<()> {
    let said = Command::new(env!("CARGO_BIN_EXE_sluis"))
        .args(["policy", "learn", "session.har", "--out", "proposal.toml"])
        .current_dir(folder)
        .output()?;
    let text = String::from_utf8([said.stdout, said.stderr].concat())?;
    ensure!(said.status.success(), "no policy was proposed: {text}");
    let recording = folder.join("session.har");
    let recorded = fs::read_to_string(recording)?;
    let people = fs::read_to_string(root().join("tests/creme/people.json"))?;
    let people: Value = serde_json::from_str(&people)?;
    for field in ["bsn", "iban"] {
        let value = people[0][field].as_str().context("no such person")?;
        ensure!(recorded.contains(value), "the recording has no {field}");
    }
    let proposal = folder.join("proposal.toml");
    let scan = creme::leakscan(None, &[&proposal])?;
    ensure!(scan.clean, "values are in the proposal:\n{}", scan.text);
    let text = fs::read_to_string(proposal)?;
    for part in [
        "path = \"/persons/contact/edit/{id}\"",
        "creates = { location = \"/persons/contact/{id}\" }",
        "last_name = \"family_name\"",
        "billing_address-zipcode = \"billing_address_zipcode\"",
        "csrfmiddlewaretoken = \"token\"",
        "sessionid = \"token\"",
        "\"/static_media/**\"",
        "login = true",
    ] {
        ensure!(
            text.contains(part),
            "{part} is not in the proposal:\n{text}"
        );
    }
    Ok(())
}

/// As much of a log as a person reads.
fn end_of(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(60)..].join("\n")
}
