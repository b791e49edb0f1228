//! What lets special categories through is decided by two people on a ground, or not at all.

use crate::detect::Special;
use crate::policy::tests::compile::{SMALL, source};
use crate::policy::{FieldTable, OnSpecial, Plan, SpecialScan, compare, compile, explain};

/// The small policy with a class of notes, this in the class, at the field, and under `[detection]`.
fn policy(class: &str, field: &str, detection: &str) -> String {
    let notes = format!(
        "{detection}
[classes.note]
category = \"pd:Communication\"
action = \"encrypt\"
roles = [\"support\"]
scan = [\"special\"]
{class}
[objects.Account.fields]
Description = {{ class = \"note\"{field} }}
[objects.Account]"
    );
    SMALL.replace("[objects.Account]", &notes)
}

fn plan(text: &str) -> Result<Plan, Vec<&'static str>> {
    let table = FieldTable::salesforce().expect("the built-in table");
    compile(&source(text), &table).map_err(|report| {
        let codes = report.findings().iter().map(|found| found.code);
        // The small policy leaves out most fields.
        codes.filter(|code| *code != "policy-uncovered").collect()
    })
}

fn notes(plan: &Plan) -> &SpecialScan {
    let field = plan
        .object("Account")
        .and_then(|account| account.field("Description"));
    let scan = field.and_then(|field| field.scan.as_ref());
    scan.and_then(|scan| scan.special.as_ref()).expect("a scan")
}

const SIGNED: &str = "second_person = \"F. de Boer\", date = \"2026-11-21\"";

#[test]
fn every_category_is_looked_for_and_refused_where_nothing_is_said() {
    let plan = plan(&policy("", "", "")).expect("a plan");
    for category in Special::ALL {
        assert_eq!(notes(&plan).act(category, 0.5), Some(OnSpecial::Block));
        assert_eq!(notes(&plan).act(category, 0.49), None);
    }
}

#[test]
fn a_category_is_switched_off_by_the_ground_that_the_law_asks_for_and_no_other() {
    let exception = format!("decision = {{ exception = \"A9-2-d\", {SIGNED} }}");
    let ground = format!("decision = {{ ground = \"Wabb art. 10\", {SIGNED} }}");
    let criminal = format!("decision = {{ exception = \"A10\", {SIGNED} }}");
    let nobody = "decision = { exception = \"A9-2-d\", ground = \"a law\", second_person = \" \", date = \"2026-11-21\" }";
    let undated = "decision = { exception = \"A9-2-d\", ground = \"a law\", second_person = \"F. de Boer\", date = \"soon\" }";
    for (category, decision, allowed) in [
        ("union_membership", "", false),
        ("union_membership", exception.as_str(), true),
        ("union_membership", &ground, false),
        ("union_membership", &criminal, false),
        ("union_membership", nobody, false),
        ("union_membership", undated, false),
        ("national_id", "", false),
        ("national_id", &exception, false),
        ("national_id", &ground, true),
        ("national_id", nobody, false),
        ("criminal", &criminal, false),
        ("criminal", &ground, true),
    ] {
        for weaker in ["off = true", "on_special = \"encrypt\""] {
            let detection = format!("[detection.categories.{category}]\n{weaker}\n{decision}");
            let outcome = plan(&policy("", "", &detection));
            match outcome {
                Ok(_) => assert!(allowed, "{category} {weaker} {decision}"),
                Err(codes) => {
                    assert!(!allowed, "{category} {weaker} {decision}: {codes:?}");
                    assert_eq!(codes, ["policy-scan-decision"], "{category} {decision}");
                }
            }
        }
    }
}

#[test]
fn an_exception_for_a_class_covers_neither_national_ids_nor_criminal_data() {
    let decided = format!(
        "on_special = \"encrypt\"\nthreshold = 0.8\ndecision = {{ exception = \"A9-2-h\", {SIGNED} }}"
    );
    let plan = plan(&policy(&decided, "", "")).expect("a plan");
    let explained = explain(&plan, "Account", Some("Description"), None);
    let decided = "decided        A9-2-h, F. de Boer, 2026-11-21\n";
    assert!(explained.contains(decided), "{explained}");
    let notes = notes(&plan);
    assert_eq!(notes.act(Special::Health, 0.8), Some(OnSpecial::Encrypt));
    assert_eq!(notes.act(Special::Health, 0.7), None);
    for outright in [Special::NationalId, Special::Criminal] {
        assert_eq!(notes.act(outright, 0.5), Some(OnSpecial::Block));
    }
}

#[test]
fn a_field_does_not_leave_out_what_its_class_looks_for() {
    assert_eq!(
        plan(&policy("", ", scan = []", "")).err(),
        Some(vec!["policy-scan-missing", "policy-scan-decision"])
    );
    let decided = format!(
        ", scan = [], reason = \"r\", decision = {{ ground = \"Wabb art. 10\", {SIGNED} }}"
    );
    assert!(plan(&policy("", &decided, "")).is_ok());
}

#[test]
fn a_field_and_a_category_depart_from_the_class() {
    let detection = "[detection]
threshold = 0.6
[detection.categories.health]
on_special = \"quarantine\"
[detection.categories.health.alternatives]
nl = \"afspraak verzet\"";
    let text = policy("on_special = \"strip\"", ", about = \"health\"", detection);
    let plan = plan(&text).expect("a plan");
    let found = notes(&plan);
    assert_eq!(found.prior, Some(Special::Health));
    assert_eq!(found.act(Special::Health, 0.6), Some(OnSpecial::Quarantine));
    assert_eq!(found.act(Special::Genetic, 0.6), Some(OnSpecial::Strip));
    assert_eq!(found.act(Special::Genetic, 0.5), None);
    assert_eq!(found.act(Special::NationalId, 0.5), Some(OnSpecial::Strip));
    assert!(found.may(OnSpecial::Quarantine) && !found.may(OnSpecial::Block));
    let explained = explain(&plan, "Account", Some("Description"), None);
    assert!(
        explained.contains("looked for     health: quarantine; "),
        "{explained}"
    );
}

#[test]
fn a_weaker_scan_is_told_as_weaker() {
    let before = plan(&policy("", "", "")).expect("a plan");
    let after = plan(&policy("on_special = \"strip\"", "", "")).expect("a plan");
    let told = compare(&before, &after);
    let health = told
        .iter()
        .find(|change| change.text.starts_with("health in Account.Description"));
    let health = health.expect("a change");
    assert!(health.weaker, "{}", health.text);
    assert!(compare(&after, &before).iter().all(|change| !change.weaker));
}

#[test]
fn what_a_kind_of_request_looks_for_holds_for_all_objects_and_for_records_within_composites() {
    let plan = plan(&(SMALL.to_owned() + "\n[scan]\nrecords = [\"special\"]\n")).expect("a plan");
    let scanned = |door: &str| {
        let door = plan.door(door)?;
        let email = door.object("contact")?.field("email")?;
        email.scan.as_ref()?.special.clone()
    };
    for door in ["records", "composite"] {
        let special = scanned(door).unwrap_or_else(|| panic!("{door} looks for nothing"));
        assert_eq!(special.act(Special::Health, 0.5), Some(OnSpecial::Block));
        assert_eq!(special.rule_id, "scan.records", "{door}");
    }
    assert!(plan.door("query").is_none());
}
