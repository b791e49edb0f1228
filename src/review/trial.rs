//! What a text would do: whether it compiles, whether its cases pass, and what changes in words.

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::{
    self, CaseReport, Change, FieldTable, Finding, Plan, Report, Sentence, Source, sentence,
};
use crate::review::Text;

/// What texts are tried against.
#[derive(Clone, Debug)]
pub struct Bench {
    /// The fields that hold: ours, the organization's, and what was accepted of the CRM's describe.
    pub fields: FieldTable,
    /// The CRM's hosts beside the first that the configuration has a name for.
    pub hosts: Vec<String>,
    /// What findings call the policy's file, `salesforce.toml`.
    pub name: String,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Trial {
    /// None where the text has errors.
    pub plan: Option<Plan>,
    /// Errors and warnings with line, column and remedy.
    pub lint: Report,
    /// None where there are no cases, or nothing to try them on.
    pub cases: Option<CaseReport>,
    /// What changes to data subjects, weaker first. Empty where either text has errors.
    pub changes: Vec<Change>,
    /// A host of the CRM's that the policy has routes at and the configuration has no name for.
    pub unknown_host: Option<String>,
    /// The text in force has errors by now, so that nobody can say what changes.
    pub blind: bool,
}

impl Trial {
    /// Whether it may come into force, once somebody has approved it.
    #[must_use]
    pub fn fits(&self) -> bool {
        let cases = self.cases.as_ref().is_none_or(CaseReport::passed);
        self.plan.is_some() && cases && self.unknown_host.is_none()
    }

    /// How many changes let more out, show more, or take a guard away, or are on no list of what
    /// cannot: they need a reason, and a fresh second factor of whoever approves them, and one person
    /// alone does not make them. Where nobody can say what changes, all of it.
    #[must_use]
    pub fn weaker(&self) -> usize {
        let weaker = self.changes.iter().filter(|change| change.weaker).count();
        weaker + usize::from(self.blind)
    }
}

impl Bench {
    /// Compiles a policy.
    ///
    /// # Errors
    /// The report with all findings.
    pub fn compile(&self, policy: &str) -> Result<Plan, Report> {
        policy::compile(&self.source(&self.name, policy), &self.fields)
    }

    /// Tries a text that would take the place of `live`.
    #[must_use]
    pub fn try_out(&self, live: Option<&Text>, text: &Text) -> Trial {
        let (plan, lint) = match self.compile(&text.policy) {
            Ok(plan) => (Some(plan.clone()), plan.warnings().clone()),
            Err(report) => (None, report),
        };
        let cases = plan.as_ref().filter(|_| !text.cases.trim().is_empty());
        let cases = cases.map(|plan| {
            let name = self.name.replace(".toml", ".cases.toml");
            policy::run_cases(plan, &self.source(&name, &text.cases))
        });
        let before = live.map(|live| (live, self.compile(&live.policy)));
        let mut changes = Vec::new();
        let mut blind = false;
        match (&before, &plan) {
            (Some((live, Ok(before))), Some(plan)) => {
                changes = policy::compare(before, plan);
                changes.extend(warnings(before, plan));
                changes.extend(guards(&live.cases, &text.cases));
                changes.sort_by_key(|change| !change.weaker);
            }
            (Some((_, Err(_))), _) => blind = true,
            (Some((_, Ok(_))), None) | (None, _) => {}
        }
        let unknown = plan
            .as_ref()
            .and_then(|plan| unknown_host(plan, &self.hosts));
        Trial {
            unknown_host: unknown.map(str::to_owned),
            plan,
            lint,
            cases,
            changes,
            blind,
        }
    }

    fn source(&self, name: &str, text: &str) -> Source {
        Source {
            name: name.to_owned(),
            text: text.to_owned(),
        }
    }
}

/// The first host that a policy has routes at and the configuration has no name for.
#[must_use]
pub fn unknown_host<'p>(plan: &'p Plan, hosts: &[String]) -> Option<&'p str> {
    let mut stated = plan.site().into_iter().flat_map(|site| site.hosts.keys());
    let unknown = stated.find(|host| !hosts.contains(host));
    unknown.map(String::as_str)
}

/// What lint warns of that it did not warn of before.
fn warnings(before: &Plan, after: &Plan) -> Vec<Change> {
    let told = |finding: &Finding| (finding.code, finding.message.clone());
    let mut known: BTreeMap<_, usize> = BTreeMap::new();
    for finding in before.warnings().findings() {
        *known.entry(told(finding)).or_default() += 1;
    }
    let new = after.warnings().findings().iter();
    new.filter(|finding| match known.get_mut(&told(finding)) {
        Some(left) if *left > 0 => {
            *left -= 1;
            false
        }
        _ => true,
    })
    .map(|finding| Change::new(true, warned(finding)))
    .collect()
}

fn warned(finding: &Finding) -> Sentence {
    let line = finding.line;
    let dutch = finding.dutch.as_ref().map(|dutch| &dutch.message);
    let message = Sentence {
        english: finding.message.clone(),
        dutch: dutch.unwrap_or(&finding.message).clone(),
    };
    sentence!(
        "lint warns: {message} (line {line})",
        "de controle waarschuwt: {message} (regel {line})",
        message: message,
    )
}

/// Cases that are gone, or expect something else than before, guard less.
fn guards(before: &str, after: &str) -> Vec<Change> {
    let (old, new) = (cases(before), cases(after));
    // By their text: there may be many.
    let told = |cases: &[toml::Value]| -> BTreeSet<String> {
        cases.iter().map(ToString::to_string).collect()
    };
    let (old_told, new_told) = (told(&old), told(&new));
    let gone = old
        .iter()
        .filter(|case| !new_told.contains(&case.to_string()))
        .map(|case| {
            let name = name(case);
            let text = sentence!(
                "the case \"{name}\" is gone or expects something else",
                "het geval \"{name}\" is weg of verwacht iets anders"
            );
            Change::new(true, text)
        });
    let added = new
        .iter()
        .filter(|case| !old_told.contains(&case.to_string()))
        .map(|case| {
            let name = name(case);
            let text = sentence!(
                "the case \"{name}\" is new or expects something else",
                "het geval \"{name}\" is nieuw of verwacht iets anders"
            );
            Change::new(false, text)
        });
    gone.chain(added).collect()
}

fn name(case: &toml::Value) -> &str {
    let name = case.get("name").and_then(toml::Value::as_str);
    name.unwrap_or_default()
}

fn cases(text: &str) -> Vec<toml::Value> {
    let table: Option<toml::Table> = toml::from_str(text).ok();
    let cases = table.and_then(|mut table| table.remove("case"));
    match cases {
        Some(toml::Value::Array(cases)) => cases,
        _ => Vec::new(),
    }
}
