//! What changes in what is looked for at doors, in addition to what fields say.

use std::collections::BTreeSet;

use crate::policy::compare::Told;
use crate::policy::compare::scan::scan_change;
use crate::policy::compare::told;
use crate::policy::plan::{DoorPlan, FieldPlan, Plan, Rule};
use crate::policy::sentence;

/// How many fields one sentence names.
const NAMED: usize = 5;

pub(super) fn changes(before: &Plan, after: &Plan, told: &mut Told) {
    let looks = |plan: &Plan, name: &str| plan.door(name).map(|door| door.looks);
    for door in &after.doors {
        // Named one by one, so that a part that is added to doors has to be thought of here.
        let DoorPlan {
            name,
            looks: new,
            objects: _, // `fields`
            by_name: _,
            span: _,
        } = door;
        let was = looks(before, name).unwrap_or_default();
        if was != *new {
            about(name, told);
            let text =
                sentence!("{name} looks for {what}", "{name} zoekt naar {what}", what: new.words());
            told.add(was.and(*new) != *new, text);
        }
    }
    for door in &before.doors {
        if looks(after, &door.name).is_none() {
            about(&door.name, told);
            let name = &door.name;
            let text = sentence!(
                "{name} no longer looks for {what}",
                "{name} zoekt niet meer naar {what}",
                what: door.looks.words(),
            );
            told.add(true, text);
        }
    }
    let names = before.doors.iter().chain(&after.doors);
    let names: BTreeSet<&str> = names.map(|door| door.name.as_str()).collect();
    for name in names {
        fields(name, before, after, told);
    }
}

/// The door is a route's, or stands under `scan`.
fn about(door: &str, told: &mut Told) {
    told.about(told::route(door));
    told.covers(false, "scan");
}

/// What is looked for at a door in each field. The threshold of a class acts there too, where the
/// class itself has no scan.
fn fields(door: &str, before: &Plan, after: &Plan, told: &mut Told) {
    let (mut less, mut more) = (Vec::new(), Vec::new());
    for object in after.objects() {
        for field in &object.fields {
            let (was, is) = (at(before, door, field), at(after, door, field));
            let (Some(was), Some(is)) = (was, is) else {
                continue; // It was refused before.
            };
            if matches!(is.rule, Rule::Block | Rule::Strip) {
                continue;
            }
            let mut here = Told::default();
            here.about("here");
            let label = &field.label;
            scan_change(label, was.scan.as_deref(), is.scan.as_deref(), &mut here);
            if here.has_weaker("here") {
                less.push(label.as_str());
            } else if here.has("here") {
                more.push(label.as_str());
            }
        }
    }
    let words = [
        (true, sentence!("less", "minder"), less),
        (false, sentence!("more", "meer"), more),
    ];
    for (weaker, word, labels) in words {
        if labels.is_empty() {
            continue;
        }
        for label in &labels {
            told.covers(weaker, told::field(label));
        }
        let named: Vec<&str> = labels.iter().take(NAMED).copied().collect();
        let rest = labels.len() - named.len();
        let named = named.join(", ");
        let text = match rest {
            0 => sentence!(
                "{door} looks for {word}, or otherwise, in {named}",
                "{door} zoekt naar {word}, of anders, in {named}",
                word: word,
            ),
            rest => sentence!(
                "{door} looks for {word}, or otherwise, in {named} and {rest} other fields",
                "{door} zoekt naar {word}, of anders, in {named} en {rest} andere velden",
                word: word,
            ),
        };
        about(door, told);
        told.add(weaker, text);
    }
}

/// The field with the rules that hold at the door.
fn at<'p>(plan: &'p Plan, door: &str, field: &FieldPlan) -> Option<&'p FieldPlan> {
    let (object, name) = field.label.split_once('.')?;
    let here = plan.door(door).and_then(|door| door.object(object));
    here.or_else(|| plan.object(object))?.field(name)
}
