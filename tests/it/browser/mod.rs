//! A person at a real browser, before Creme, a real CRM: `tests/browser` and `tests/creme`.
//!
//! Read first: [`creme::Creme`], [`script::run`].

mod creme;
mod house;
mod script;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use creme::Creme;
use house::{HOST, House};

/// What the acts of `tests/browser/daily.js` write, by the names of `people.json`.
const FIELDS: &str = "first_name,last_name,email,phone,mobile,birthday,position,street,zipcode,\
                      city,bsn,iban,note,memo,file_name,file";

#[test]
fn without_a_border_the_acts_work_and_the_scan_finds_every_value() -> Result<()> {
    let creme = Creme::start()?;
    let before = creme::leakscan(None, &[creme.data()])?;
    ensure!(before.clean, "an empty Creme has values:\n{}", before.text);
    let how = json!({ "base": creme.url(), "agents": creme::AGENTS });
    script::run("direct.js", &how)?;
    let data = creme.stop()?;
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

/// As much of a log as a person reads.
fn end_of(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(60)..].join("\n")
}
