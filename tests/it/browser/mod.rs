//! A person at a real browser, before Creme, a real CRM: `tests/browser` and `tests/creme`.
//!
//! Read first: [`creme::Creme`], [`script::run`].

mod creme;
mod script;

use anyhow::{Result, ensure};
use serde_json::json;

use creme::Creme;

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
