//! What a new version of a policy changes, in words, and which changes let more out or show more.
//!
//! A weaker policy comes into force only after a second person has read these sentences.

use crate::detect::Special;
use crate::policy::plan::{ClassPlan, FieldPlan, ObjectPlan, Plan, Rule, Subject};
use crate::policy::{Exception, Scan, Search, Sought, SpecialScan, retention, site};

/// One difference between two versions.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// More leaves, more is seen or searched, or it is kept longer than before.
    pub weaker: bool,
    pub text: String,
}

/// All differences that matter to data subjects, weaker ones first.
#[must_use]
pub fn compare(before: &Plan, after: &Plan) -> Vec<Change> {
    let mut changes = Vec::new();
    header(before, after, &mut changes);
    for (_, class) in after.classes() {
        let old = before.classes().find(|(_, old)| old.name == class.name);
        if let Some((_, old)) = old {
            class_change((before, old), (after, class), &mut changes);
        }
    }
    for object in before.objects() {
        if after.object(&object.name).is_none() {
            add(
                &mut changes,
                false,
                format!("{} becomes refused", object.name),
            );
        }
    }
    for object in after.objects() {
        object_change(before, (after, object), &mut changes);
    }
    doors(before, after, &mut changes);
    for (weaker, text) in site::changes(before.site(), after.site()) {
        add(&mut changes, weaker, text);
    }
    changes.sort_by_key(|change| !change.weaker);
    changes
}

fn add(changes: &mut Vec<Change>, weaker: bool, text: String) {
    changes.push(Change { weaker, text });
}

fn header(before: &Plan, after: &Plan, changes: &mut Vec<Change>) {
    if before.token_domain() != after.token_domain() {
        add(
            changes,
            true, // Mail to tokens goes to whoever owns the domain.
            format!(
                "addresses made of tokens stand before {} instead of {}",
                after.token_domain(),
                before.token_domain()
            ),
        );
    }
    let (old, new) = (before.step_up_seconds() / 60, after.step_up_seconds() / 60);
    if old != new {
        let text = format!("a second factor is fresh for {new} minutes instead of {old}");
        add(changes, new > old, text);
    }
    let (old, new) = (before.api(), after.api());
    if old != new {
        add(
            changes,
            new.oldest < old.oldest || new.newest > old.newest,
            format!(
                "versions {} to {} of the API are open instead of {} to {}",
                new.oldest, new.newest, old.oldest, old.newest
            ),
        );
    }
}

fn class_change(
    (before, old): (&Plan, &ClassPlan),
    (after, new): (&Plan, &ClassPlan),
    changes: &mut Vec<Change>,
) {
    let has = |plan: &Plan, class: &ClassPlan, role: &String| {
        plan.roles(std::slice::from_ref(role)).may_see(class.roles)
    };
    for role in after.role_names() {
        if has(after, new, role) && !has(before, old, role) {
            add(changes, true, format!("{role} gets to see `{}`", new.name));
        }
    }
    for role in before.role_names() {
        if has(before, old, role) && !has(after, new, role) {
            add(
                changes,
                false,
                format!("{role} no longer sees `{}`", new.name),
            );
        }
    }
    if old.step_up != new.step_up {
        let verb = if new.step_up {
            "need"
        } else {
            "no longer need"
        };
        let text = format!("values of `{}` {verb} a fresh second factor", new.name);
        add(changes, old.step_up, text);
    }
    if old.search != new.search {
        let open = new.search == Search::Exact;
        let verb = if open { "can" } else { "cannot" };
        add(
            changes,
            open,
            format!("values of `{}` {verb} be searched", new.name),
        );
    }
    if old.special != new.special {
        let verb = if new.special {
            "becomes"
        } else {
            "is no longer"
        };
        add(
            changes,
            old.special,
            format!("`{}` {verb} a special category", new.name),
        );
    }
    if old.exception != new.exception {
        let name = new.exception.map_or("none", Exception::name);
        add(
            changes,
            true,
            format!("the exception for `{}` becomes {name}", new.name),
        );
    }
    if old.category != new.category {
        let text = format!(
            "`{}` is {} instead of {}",
            new.name, new.category, old.category
        );
        add(changes, false, text);
    }
}

fn object_change(before: &Plan, (after, new): (&Plan, &ObjectPlan), changes: &mut Vec<Change>) {
    let Some(old) = before.object(&new.name) else {
        add(
            changes,
            true,
            format!("{} was refused and gets rules", new.name),
        );
        for field in new.fields.iter().filter(|field| field.rule.leaves_clear()) {
            let text = format!("{} leaves in the clear", field.label);
            add(changes, true, text);
        }
        return;
    };
    for field in &old.fields {
        if new.field(&field.name).is_none() {
            add(changes, false, format!("{} becomes refused", field.label));
        }
    }
    for field in &new.fields {
        field_change((before, old.field(&field.name)), (after, field), changes);
    }
    if old.subject != new.subject {
        let own = new.subject == Subject::Own;
        add(
            changes,
            own,
            format!("whose data a {} is changes", new.name),
        );
    }
    for (name, targets) in new.relations() {
        if old.relation(name) != Some(targets) {
            let text = format!("queries may go from {} through {name}", new.name);
            add(changes, true, text);
        }
    }
}

fn field_change(
    (before, old): (&Plan, Option<&FieldPlan>),
    (after, new): (&Plan, &FieldPlan),
    changes: &mut Vec<Change>,
) {
    let label = &new.label;
    let Some(old) = old else {
        let text = format!("{label} was refused and becomes {}", new.rule.name());
        add(changes, exposure(&new.rule) > 0, text);
        return;
    };
    if old.rule != new.rule {
        let weaker = exposure(&new.rule) > exposure(&old.rule)
            || matches!(new.rule, Rule::Generalize(_)) && matches!(old.rule, Rule::Generalize(_));
        let text = format!("{label} was {} and becomes {}", rule(old), rule(new));
        add(changes, weaker, text);
    }
    let class = |plan: &Plan, field: &FieldPlan| field.class.map(|id| plan.class(id).name.clone());
    let (was, is) = (class(before, old), class(after, new));
    if was != is {
        let name = |class: Option<String>| class.unwrap_or_else(|| "no class".to_owned());
        let text = format!("{label} was of `{}` and becomes `{}`", name(was), name(is));
        add(changes, true, text); // Other roles see it: somebody has to look.
    }
    scan_change(label, old.scan.as_deref(), new.scan.as_deref(), changes);
    if old.retention != new.retention {
        let months = |field: &FieldPlan| field.retention.as_deref().and_then(retention::months);
        let text = format!(
            "{label} was kept for {} and is for {}",
            old.retention.as_deref().unwrap_or("no stated time"),
            new.retention.as_deref().unwrap_or("no stated time")
        );
        add(
            changes,
            months(new) > months(old) || months(new).is_none(),
            text,
        );
    }
    if (&old.purpose, old.lawful_basis) != (&new.purpose, new.lawful_basis) {
        // GDPR Art. 6(4): another purpose needs a look at whether it fits the first.
        add(
            changes,
            true,
            format!("{label} gets another purpose or lawful basis"),
        );
    }
}

fn scan_change(label: &str, old: Option<&Scan>, new: Option<&Scan>, changes: &mut Vec<Change>) {
    let special = |scan: Option<&Scan>| scan.and_then(|scan| scan.special.clone());
    let (was, is) = (special(old), special(new));
    for category in Special::ALL {
        let sought = |special: &Option<SpecialScan>| {
            let mut all = special.iter().flat_map(|special| &special.sought);
            all.find(|sought| sought.category == category).cloned()
        };
        let (was, is) = (sought(&was), sought(&is));
        if was == is {
            continue;
        }
        let words = |sought: &Option<Sought>| match sought {
            Some(sought) => format!("{} from {:.2}", sought.act.name(), sought.threshold),
            None => "let through".to_owned(),
        };
        let weaker = match (&was, &is) {
            (Some(was), Some(is)) => was.act > is.act || was.threshold < is.threshold,
            (_, None) => true,
            (None, _) => false,
        };
        let text = format!(
            "{} in {label} was {} and is {}",
            category.name(),
            words(&was),
            words(&is)
        );
        add(changes, weaker, text);
    }
    let identifiers = |scan: Option<&Scan>| scan.is_some_and(|scan| scan.identifiers);
    if identifiers(old) != identifiers(new) {
        let verb = if identifiers(new) {
            "become"
        } else {
            "no longer become"
        };
        let text = format!("names and numbers in {label} {verb} tokens");
        add(changes, identifiers(old), text);
    }
}

/// What is looked for at doors, in addition to what fields say.
fn doors(before: &Plan, after: &Plan, changes: &mut Vec<Change>) {
    let looks = |plan: &Plan, name: &str| plan.door(name).map(|door| door.looks);
    for door in &after.doors {
        let was = looks(before, &door.name).unwrap_or_default();
        if was != door.looks {
            let text = format!("{} looks for {}", door.name, door.looks.words());
            add(changes, was.and(door.looks) != door.looks, text);
        }
    }
    for door in &before.doors {
        if looks(after, &door.name).is_none() {
            let text = format!("{} no longer looks for {}", door.name, door.looks.words());
            add(changes, true, text);
        }
    }
}

fn rule(field: &FieldPlan) -> String {
    match &field.rule {
        Rule::Generalize(to) => format!("generalize to {to}"),
        other => other.name().to_owned(),
    }
}

/// How much the CRM learns, for comparison only.
fn exposure(rule: &Rule) -> u8 {
    match rule {
        Rule::Block | Rule::Strip | Rule::Hold => 0,
        Rule::Derived => 1,
        Rule::Encrypt => 2, // It holds the ciphertext, and its length.
        Rule::Tokenize { stable: false } => 3,
        Rule::Tokenize { stable: true } => 4,
        Rule::Generalize(_) => 5,
        Rule::Pass => 6,
    }
}
