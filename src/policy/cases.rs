//! Unit tests of a policy: what a named object's fields are expected to do, beside the policy.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};

use serde::Deserialize;

use crate::policy::at::At;
use crate::policy::explain::{Seen, seen};
use crate::policy::plan::{FieldPlan, ObjectPlan};
use crate::policy::{Plan, Report, Rule, Scan, Sentence, Source, sentence};

/// What became of a file of cases.
#[derive(Clone, Debug)]
pub struct CaseReport {
    /// How many cases the file has.
    pub cases: usize,
    /// What did not come out as expected, where it stands and what came out instead.
    pub failures: Report,
    /// Fields with a rule other than pass and derived that no case mentions: `Contact.Email`.
    pub uncovered: Vec<String>,
}

impl CaseReport {
    /// Whether there was at least one case and none failed.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.cases > 0 && self.failures.is_empty()
    }
}

impl Display for CaseReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if !self.failures.is_empty() {
            write!(f, "{}\n\n", self.failures)?;
        }
        let failures = self.failures.findings().len();
        write!(f, "{} cases, {failures} failures", self.cases)?;
        if !self.uncovered.is_empty() {
            write!(f, "; no case mentions {}", self.uncovered.join(", "))?;
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    object: At<String>,
    role: Option<At<String>>,
    /// Field to the rule's name, or `refused` where a write is.
    #[serde(default)]
    write: BTreeMap<At<String>, At<String>>,
    /// Field to what someone with the role sees.
    #[serde(default)]
    read: BTreeMap<At<String>, At<String>>,
    /// The route, or the kind of request, by which a text comes: for `scan`.
    door: Option<At<String>>,
    /// Field to what becomes of a text with a special category in it, and whether identifiers are
    /// looked for: `block`, `quarantine+identifiers`, `identifiers`, `none`.
    #[serde(default)]
    scan: BTreeMap<At<String>, At<String>>,
}

/// Runs the cases of a file against a plan. A file that cannot be read is one failure.
#[must_use]
pub fn run_cases(plan: &Plan, source: &Source) -> CaseReport {
    let mut failures = Report::new(source);
    let file: File = match toml::from_str(&source.text) {
        Ok(file) => file,
        Err(error) => {
            failures.error(
                "policy-syntax",
                &error.span().unwrap_or(0..0),
                error.message(),
                sentence!(
                    "a case has `name`, `object`, `role`, `write`, `read`, `door` and `scan`",
                    "een geval heeft `name`, `object`, `role`, `write`, `read`, `door` en `scan`"
                ),
            );
            File { case: Vec::new() }
        }
    };
    let mut mentioned = BTreeSet::new();
    for case in &file.case {
        run(plan, case, &mut mentioned, &mut failures);
    }
    let fields = plan.objects().flat_map(|object| &object.fields);
    let uncovered = fields
        .filter(|field| !matches!(field.rule, Rule::Pass | Rule::Derived))
        .filter(|field| !mentioned.contains(&field.label))
        .map(|field| field.label.clone())
        .collect();
    failures.sort();
    CaseReport {
        cases: file.case.len(),
        failures,
        uncovered,
    }
}

fn run(plan: &Plan, case: &Case, mentioned: &mut BTreeSet<String>, failures: &mut Report) {
    let object = plan.object(&case.object.value);
    if let Some(role) = &case.role
        && !plan.role_names().contains(&role.value)
    {
        failures.error(
            "policy-case-failed",
            &role.span,
            sentence!(
                "{case}: no role `{role}` is defined",
                "{case}: er is geen rol `{role}`",
                case = case.name,
                role = role.value,
            ),
            sentence!(
                "defined are: {roles}",
                "er zijn: {roles}",
                roles = plan.role_names().join(", "),
            ),
        );
    }
    let role: Vec<String> = case.role.iter().map(|role| role.value.clone()).collect();
    let roles = plan.roles(&role);
    let by = case.door.as_ref();
    let door = by.and_then(|by| plan.door(&by.value));
    if let Some(by) = by.filter(|_| door.is_none()) {
        failures.error(
            "policy-case-failed",
            &by.span,
            sentence!(
                "{case}: nothing more is looked for at `{door}`",
                "{case}: bij `{door}` wordt verder nergens naar gezocht",
                case = case.name,
                door = by.value,
            ),
            sentence!(
                "name a route with `scan`, or a kind of request that `[scan]` has; or take `door` away",
                "noem een route met `scan`, of een soort verzoek dat `[scan]` heeft; of haal `door` weg"
            ),
        );
    }
    let mut expect = |name: &At<String>, expected: &At<String>, verb: &Sentence, found: &str| {
        if let Some(field) = find(object, &name.value) {
            mentioned.insert(field.label.clone());
        }
        if expected.value != found {
            failures.error(
                "policy-case-failed",
                &expected.span,
                sentence!(
                    "{case}: {verb} {field} is {found}",
                    "{case}: {field} {verb} is {found}",
                    verb: verb,
                    case: named(&case.name),
                    field: named(&name.value),
                    found: named(found),
                ),
                sentence!(
                    "change the policy, or expect `{found}` here",
                    "wijzig het beleid, of verwacht hier `{found}`"
                ),
            );
        }
    };
    let writing = sentence!("writing", "schrijven");
    for (name, expected) in &case.write {
        expect(name, expected, &writing, written(object, &name.value));
    }
    let reading = sentence!("reading", "lezen");
    for (name, expected) in &case.read {
        let found =
            find(object, &name.value).map_or(Seen::Refused, |field| seen(plan, field, roles));
        expect(name, expected, &reading, found.name());
    }
    let scanning = sentence!("scanning", "doorzoeken");
    let here = door.and_then(|door| door.object(&case.object.value));
    for (name, expected) in &case.scan {
        let scan = find(here.or(object), &name.value).and_then(|field| field.scan.as_deref());
        let found = scan.map_or_else(|| "none".to_owned(), Scan::name);
        expect(name, expected, &scanning, &found);
    }
}

/// A name in a sentence: the same in each language.
fn named(name: &str) -> Sentence {
    sentence!("{name}", "{name}")
}

fn find<'p>(object: Option<&'p ObjectPlan>, name: &str) -> Option<&'p FieldPlan> {
    object?.field(name)
}

fn written(object: Option<&ObjectPlan>, name: &str) -> &'static str {
    match find(object, name) {
        Some(field) if field.rule == Rule::Block => Rule::Block.name(),
        Some(field) if field.writable => field.rule.name(),
        Some(_) | None => Seen::Refused.name(),
    }
}
