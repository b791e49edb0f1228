//! Fields of an object: class and departures from it to one rule.

use std::ops::Range;

use crate::policy::at::At;
use crate::policy::check::{Scope, scan, unknown};
use crate::policy::plan::{ClassId, FieldPlan, FileRule, Rule};
use crate::policy::raw::{Class, Field, FieldEntry, Object, PlainFiles, To, Unit};
use crate::policy::{
    Action, Band, FieldType, Generalization, LawfulBasis, Report, TableField, sentence,
};

/// An object while its fields are resolved.
pub struct Owner<'f> {
    pub name: &'f str,
    pub object: &'f Object,
}

/// A field that stands in a list: `pass` or `derived`.
pub fn listed(
    scope: &Scope<'_>,
    owner: &Owner<'_>,
    (list, span): (&str, &Range<usize>),
    known: &TableField,
    report: &mut Report,
) -> FieldPlan {
    let derived = list == "derived";
    let rule = if derived { Rule::Derived } else { Rule::Pass };
    let rule_id = format!("objects.{}.{list}", owner.name);
    let plain = Field::default();
    let place = (rule_id.as_str(), span);
    let scan = scan::of_field(scope, (&plain, None), (&rule, known), place, report);
    FieldPlan {
        name: known.name.clone(),
        label: format!("{}.{}", owner.name, known.name),
        rule,
        class: None,
        kind: known.kind,
        length: known.length,
        writable: known.writable && !derived,
        rule_id,
        purpose: None,
        lawful_basis: None,
        retention: None,
        reason: None,
        scan,
        file: None,
        span: span.clone(),
    }
}

/// A field that stands under `fields`.
pub fn ruled(
    scope: &Scope<'_>,
    owner: &Owner<'_>,
    (span, entry): (&Range<usize>, &At<FieldEntry>),
    known: &TableField,
    report: &mut Report,
) -> FieldPlan {
    let plain = Field::default();
    let (class_name, field) = match &entry.value {
        FieldEntry::Class(name) => {
            let name = At {
                value: name.clone(),
                span: entry.span.clone(),
            };
            (Some(name), &plain)
        }
        FieldEntry::Detail(field) => (field.class.clone(), field.as_ref()),
    };
    let class = class_name.and_then(|name| class(scope, &name, report));
    let (id, class) = class.unzip();
    let rule = rule(field, class, (span, &known.name), report);
    let rule_id = format!("objects.{}.fields.{}", owner.name, known.name);
    let place = (rule_id.as_str(), span);
    let scan = scan::of_field(scope, (field, class), (&rule, known), place, report);
    let defaults = &scope.file.defaults;
    let purpose = field.purpose.as_ref();
    let purpose = purpose
        .or(class.and_then(|class| class.purpose.as_ref()))
        .or(owner.object.purpose.as_ref())
        .or(defaults.purpose.as_ref());
    let basis = field.lawful_basis.as_ref();
    let basis: Option<&At<LawfulBasis>> = basis
        .or(class.and_then(|class| class.lawful_basis.as_ref()))
        .or(owner.object.lawful_basis.as_ref())
        .or(defaults.lawful_basis.as_ref());
    let retention = field.retention.as_ref();
    let retention = retention
        .or(class.and_then(|class| class.retention.as_ref()))
        .or(owner.object.retention.as_ref())
        .or(defaults.retention.as_ref());
    let reason = field.reason.as_ref();
    let reason = reason.or(class.and_then(|class| class.reason.as_ref()));
    FieldPlan {
        name: known.name.clone(),
        label: format!("{}.{}", owner.name, known.name),
        class: id,
        kind: known.kind,
        length: known.length,
        writable: known.writable && rule != Rule::Block,
        file: file(field, (&rule, known), report),
        rule,
        rule_id,
        purpose: scope.purpose(purpose, report),
        lawful_basis: basis.map(|basis| basis.value),
        retention: retention.map(|retention| retention.value.clone()),
        reason: reason
            .map(|reason| reason.value.trim().to_owned())
            .filter(|reason| !reason.is_empty()),
        scan,
        span: span.clone(),
    }
}

/// What CRMs take at most (Salesforce: 2 GB for a version of a file).
const LARGEST: u64 = 2 << 30;

/// What holds for files, where the field has some and they leave.
fn file(
    field: &Field,
    (rule, known): (&Rule, &TableField),
    report: &mut Report,
) -> Option<FileRule> {
    if known.kind == FieldType::Base64 && *rule == Rule::Encrypt {
        let plain = field.plain_files.as_ref();
        return Some(FileRule {
            most: field.max_file.as_ref().map_or(LARGEST, |most| most.value),
            plain: plain.is_some_and(|plain| plain.value == PlainFiles::Pass),
        });
    }
    let most = field.max_file.as_ref().map(|at| ("max_file", &at.span));
    let plain = field
        .plain_files
        .as_ref()
        .map(|at| ("plain_files", &at.span));
    for (key, span) in most.into_iter().chain(plain) {
        report.error(
            "policy-stray-key",
            span,
            format!("`{key}` means something for files that leave sealed only"),
            format!("take `{key}` away"),
        );
    }
    None
}

fn class<'f>(
    scope: &Scope<'f>,
    name: &At<String>,
    report: &mut Report,
) -> Option<(ClassId, &'f Class)> {
    let mut classes = scope.file.classes.iter().zip(0_u16..);
    let found = classes.find(|((known, _), _)| known.value == name.value);
    if let Some(((_, class), place)) = found {
        return Some((ClassId(place), &class.value));
    }
    unknown("class", name, scope.file.classes.keys(), report);
    None
}

/// The action that stands nearest, with the keys that belong to it.
fn rule(
    field: &Field,
    class: Option<&Class>,
    (span, name): (&Range<usize>, &str),
    report: &mut Report,
) -> Rule {
    let action = field.action.as_ref();
    let action = action.or(class.and_then(|class| class.action.as_ref()));
    let Some(action) = action.map(|action| action.value) else {
        report.error(
            "policy-incomplete",
            span,
            sentence!(
                "nothing says what happens to `{name}`",
                "niets zegt wat er met `{name}` gebeurt"
            ),
            sentence!(
                "name a class that has an action, or add `action = \"…\"`",
                "noem een klasse die een actie heeft, of voeg `action = \"…\"` toe"
            ),
        );
        return Rule::Block;
    };
    strays(field, action, report);
    let to = field
        .to
        .as_ref()
        .or(class.and_then(|class| class.to.as_ref()));
    let stable = field.stable.as_ref();
    let stable = stable.or(class.and_then(|class| class.stable.as_ref()));
    match action {
        Action::Pass => Rule::Pass,
        Action::Tokenize => Rule::Tokenize {
            stable: stable.is_some_and(|stable| stable.value),
        },
        Action::Encrypt => Rule::Encrypt,
        Action::Strip => Rule::Strip,
        Action::Hold => Rule::Hold,
        Action::Block => Rule::Block,
        Action::Generalize => {
            let Some(to) = to else {
                report.error(
                    "policy-generalize-rule",
                    span,
                    sentence!(
                        "nothing says what `{name}` is generalized to",
                        "niets zegt waartoe `{name}` wordt vergroofd"
                    ),
                    sentence!(
                        "add `to = \"year\"`, `{{ leading = 4 }}`, `{{ round = 1000 }}`, `{{ band = 10 }}` or a map",
                        "voeg `to = \"year\"`, `{{ leading = 4 }}`, `{{ round = 1000 }}`, `{{ band = 10 }}` of een lijst toe"
                    ),
                );
                return Rule::Block;
            };
            generalization(to, report).map_or(Rule::Block, Rule::Generalize)
        }
    }
}

/// Keys of the field that its action does not have: whoever wrote them meant another action.
fn strays(field: &Field, action: Action, report: &mut Report) {
    if let Some(to) = field.to.as_ref().filter(|_| action != Action::Generalize) {
        report.error(
            "policy-stray-key",
            &to.span,
            sentence!(
                "`to` means nothing to `{action}`",
                "`to` betekent niets bij `{action}`",
                action = action.name(),
            ),
            sentence!(
                "add `action = \"generalize\"` or take `to` away",
                "voeg `action = \"generalize\"` toe of haal `to` weg"
            ),
        );
    }
    if let Some(stable) = field.stable.as_ref().filter(|_| action != Action::Tokenize) {
        report.error(
            "policy-stray-key",
            &stable.span,
            sentence!(
                "`stable` means nothing to `{action}`",
                "`stable` betekent niets bij `{action}`",
                action = action.name(),
            ),
            sentence!(
                "add `action = \"tokenize\"` or take `stable` away",
                "voeg `action = \"tokenize\"` toe of haal `stable` weg"
            ),
        );
    }
}

fn generalization(to: &At<To>, report: &mut Report) -> Option<Generalization> {
    let rule = match &to.value {
        To::Unit(Unit::Year) => return Some(Generalization::Year),
        To::Unit(Unit::Month) => return Some(Generalization::Month),
        To::Rule(rule) => rule,
    };
    let one = match (rule.leading, rule.round, rule.band, &rule.map) {
        (Some(count), None, None, None) if count > 0 => Some(Generalization::Leading(count)),
        (None, Some(step), None, None) if step > 1 => Some(Generalization::Round(step)),
        (None, None, Some(width), None) if width > 1 => Some(Generalization::Band(Band { width })),
        (None, None, None, Some(map)) => rule.otherwise.clone().map(|otherwise| {
            let entries = map.clone();
            Generalization::Map { entries, otherwise }
        }),
        _ => None,
    };
    let stray = rule.otherwise.is_some() && rule.map.is_none();
    if one.is_none() || stray {
        report.error(
            "policy-generalize-rule",
            &to.span,
            "this is not exactly one rule that makes a value coarser",
            "write one of `leading` (from 1), `round` (from 2), `band` (from 2), or `map` with `otherwise`",
        );
        return None;
    }
    one
}
