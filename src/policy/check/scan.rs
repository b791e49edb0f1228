//! What is looked for in text: the file's keys to the plan's, per field.

use std::ops::Range;

use crate::detect::Special;
use crate::policy::at::At;
use crate::policy::check::{Scope, unknown};
use crate::policy::plan::{ClassId, Rule};
use crate::policy::raw::{Class, Field, File};
use crate::policy::scan::{
    self, Decided, Departure, Detection, Look, Looks, OnSpecial, Scan, Sought, SpecialScan,
    forbidden,
};
use crate::policy::{Report, TableField};

/// Where nothing is said: the engine's own middle between a sign and a certainty.
const THRESHOLD: f64 = 0.5;
/// A higher score would find next to nothing and look like a scan.
const MOST: f64 = 0.9;

/// What holds for all fields.
pub fn detection(file: &File, report: &mut Report) -> Detection {
    let none = scan::File::default();
    let said = file.detection.as_ref().map_or(&none, |at| &at.value);
    let mut identifiers = Vec::new();
    for (kind, class) in said.identifiers.each() {
        let Some(class) = class else { continue };
        let mut classes = file.classes.keys().zip(0_u16..);
        match classes.find(|(known, _)| known.value == class.value) {
            Some((_, place)) => identifiers.push((kind, ClassId(place))),
            None => unknown("class", class, file.classes.keys(), report),
        }
    }
    let mut alternatives = Vec::new();
    let mut categories = Vec::new();
    for (category, departs) in said.categories.each() {
        let Some(departs) = departs else { continue };
        let rule = &departs.value;
        for (language, text) in rule.alternatives.each() {
            alternatives.extend(text.map(|text| (category, language, text.value.clone())));
        }
        let threshold = threshold(rule.threshold.as_ref(), report);
        categories.push(Departure {
            category,
            on_special: rule.on_special.as_ref().map(|at| at.value),
            threshold,
            off: rule.off.as_ref().is_some_and(|off| off.value),
            decision: rule.decision.as_ref().map(|at| Decided::from(&at.value)),
            span: departs.span.clone(),
        });
    }
    let least = threshold(said.threshold.as_ref(), report).unwrap_or(THRESHOLD);
    let identifier = threshold(said.identifier_threshold.as_ref(), report).unwrap_or(THRESHOLD);
    Detection {
        threshold: least,
        identifier_threshold: score(identifier),
        identifiers,
        alternatives,
        categories,
    }
}

/// What is looked for in one field: what stands nearest to it, key by key, and what is looked for
/// at the door.
pub fn of_field(
    scope: &Scope<'_>,
    (field, class): (&Field, Option<&Class>),
    (rule, known): (&Rule, &TableField),
    (rule_id, span): (&str, &Range<usize>),
    report: &mut Report,
) -> Option<Box<Scan>> {
    let inherited = class.and_then(|class| class.scan.as_ref());
    let said = field.scan.as_ref().or(inherited);
    strays(field, said, report);
    if !carries(rule, known) {
        // A class says it for all of its fields, text or not; a field for itself.
        if let Some(own) = field.scan.as_ref().filter(|own| !own.value.is_empty()) {
            report.error(
                "policy-scan-misfit",
                &own.span,
                format!(
                    "{} has no text that could be scanned: its type is {} and its rule {}",
                    known.name,
                    known.kind,
                    rule.name()
                ),
                "take `scan` away; it is for text that leaves or is kept",
            );
        }
        return None;
    }
    taken_away(field, inherited, report);
    let own = said.map_or(Looks::default(), |at| Looks::of(&at.value));
    let at_door = scope.door.as_ref().map(|door| door.looks);
    let looks = own.and(at_door.unwrap_or_default());
    if looks.is_nothing() {
        return None;
    }
    let place = match &scope.door {
        Some(door) if !own.special => (door.rule_id.as_str(), &door.span),
        _ => (rule_id, span),
    };
    let special = looks
        .special
        .then(|| special(scope.detection, (field, class), place, report));
    Some(Box::new(Scan {
        special,
        identifiers: looks.identifiers,
    }))
}

/// Whether the field has text that leaves or is kept.
fn carries(rule: &Rule, known: &TableField) -> bool {
    match rule {
        Rule::Pass | Rule::Tokenize { .. } | Rule::Encrypt | Rule::Hold => known.kind.holds_text(),
        Rule::Derived | Rule::Strip | Rule::Generalize(_) | Rule::Block => false,
    }
}

/// A field that does not look for what its class looks for, and nobody's decision.
fn taken_away(field: &Field, inherited: Option<&At<Vec<At<Look>>>>, report: &mut Report) {
    let looks = |at: &At<Vec<At<Look>>>| at.value.iter().any(|look| look.value == Look::Special);
    let Some(own) = field.scan.as_ref().filter(|own| !looks(own)) else {
        return;
    };
    let decided = field.decision.as_ref().is_some_and(|at| {
        let decision = Decided::from(&at.value);
        decision.is_of_statute() && decision.is_signed()
    });
    if inherited.is_some_and(looks) && !decided {
        report.error(
            "policy-scan-decision",
            &own.span,
            "the class looks for special categories and national ids here, and the field would not",
            "take `scan` away, or add `decision = { ground = \"…\", second_person = \"…\", date = \"…\" }` with the statute",
        );
    }
}

fn special(
    detection: &Detection,
    (field, class): (&Field, Option<&Class>),
    (rule_id, span): (&str, &Range<usize>),
    report: &mut Report,
) -> SpecialScan {
    let own = field.on_special.as_ref();
    let on_special = own.or(class.and_then(|class| class.on_special.as_ref()));
    let on_special = on_special.map_or(OnSpecial::default(), |at| at.value);
    let about = field.about.as_ref();
    let about = about.or(class.and_then(|class| class.about.as_ref()));
    let decision = field.decision.as_ref();
    let decision = decision.or(class.and_then(|class| class.decision.as_ref()));
    let near = field.threshold.as_ref();
    let near = near.or(class.and_then(|class| class.threshold.as_ref()));
    let near = threshold(near, report);
    let decided = decision.map(|at| Decided::from(&at.value));
    // An exception of Art. 9(2) does not cover what needs a statute.
    let by_statute = decided.as_ref().is_some_and(Decided::is_of_statute);
    let sought = Special::ALL.into_iter().filter_map(|category| {
        let mut departures = detection.categories.iter();
        let departs = departures.find(|departs| departs.category == category);
        if departs.is_some_and(|departs| departs.off) {
            return None;
        }
        let far = departs.and_then(|departs| departs.threshold);
        let mut least = near.or(far).unwrap_or(detection.threshold);
        let mut act = on_special;
        if forbidden(category) && !by_statute {
            least = least.min(THRESHOLD);
            if act == OnSpecial::Encrypt {
                act = OnSpecial::Block;
            }
        }
        Some(Sought {
            category,
            act: departs
                .and_then(|departs| departs.on_special)
                .unwrap_or(act),
            threshold: score(least),
        })
    });
    SpecialScan {
        prior: about.map(|about| about.value.into()),
        sought: sought.collect(),
        rule_id: rule_id.to_owned(),
        decision: decided,
        on_special,
        span: span.clone(),
    }
}

/// Keys of the field that mean nothing without a scan for special categories.
fn strays(field: &Field, looks: Option<&At<Vec<At<Look>>>>, report: &mut Report) {
    let special = looks.is_some_and(|looks| looks.value.iter().any(|at| at.value == Look::Special));
    if special {
        return;
    }
    let keys = [
        ("on_special", field.on_special.as_ref().map(|at| &at.span)),
        ("threshold", field.threshold.as_ref().map(|at| &at.span)),
        ("about", field.about.as_ref().map(|at| &at.span)),
    ];
    for (key, span) in keys {
        if let Some(span) = span {
            report.error(
                "policy-stray-key",
                span,
                format!("`{key}` means nothing where special categories are not looked for"),
                "add `scan = [\"special\"]` or take it away",
            );
        }
    }
}

fn threshold(said: Option<&At<f64>>, report: &mut Report) -> Option<f64> {
    let said = said?;
    if said.value > 0.0 && said.value <= MOST {
        return Some(said.value);
    }
    report.error(
        "policy-scan-threshold",
        &said.span,
        "a threshold is a score above 0.0 and up to 0.9",
        "0.5 is the default; what finds nothing is `off = true` at a category, with a decision",
    );
    None
}

/// Scores of the engine have the precision of `f32`.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a number between 0 and 1, of which the last digits do not matter"
)]
fn score(value: f64) -> f32 {
    value as f32
}
