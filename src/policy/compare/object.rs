//! What changes in objects and their fields.

use crate::policy::compare::Told;
use crate::policy::compare::scan::scan_change;
use crate::policy::compare::told;
use crate::policy::plan::{FieldPlan, FileRule, ObjectPlan, Plan, Rule, Subject};
use crate::policy::{Sentence, retention, sentence};

pub(super) fn changes(before: &Plan, after: &Plan, told: &mut Told) {
    for object in before.objects() {
        if after.object(&object.name).is_none() {
            told.about(told::object(&object.name));
            told.add(false, refused(&object.name));
            for field in &object.fields {
                unguarded((before, after), field, told);
            }
        }
    }
    for object in after.objects() {
        match before.object(&object.name) {
            Some(old) => change((before, old), (after, object), told),
            None => comes(object, told),
        }
    }
}

fn comes(object: &ObjectPlan, told: &mut Told) {
    told.about(told::object(&object.name));
    let name = &object.name;
    let text = sentence!(
        "{name} was refused and gets rules",
        "{name} werd geweigerd en krijgt regels"
    );
    told.add(true, text);
    for field in object
        .fields
        .iter()
        .filter(|field| field.rule.leaves_clear())
    {
        told.about(told::field(&field.label));
        let label = &field.label;
        let text = sentence!("{label} leaves in the clear", "{label} gaat leesbaar weg");
        told.add(true, text);
    }
}

/// Of an object or a field that the policy names no more.
fn refused(what: &str) -> Sentence {
    sentence!("{what} becomes refused", "{what} wordt geweigerd")
}

fn change(
    (before, old): (&Plan, &ObjectPlan),
    (after, new): (&Plan, &ObjectPlan),
    told: &mut Told,
) {
    // Named one by one, so that a part that is added to objects has to be thought of here.
    let ObjectPlan {
        name,
        fields,
        subject,
        external_ids,
        relations: _,
        children: _,
        key_prefix: _, // Of the CRM's description, as is the next but one.
        by_name: _,
        sequence: _, // Of answers.
        summary: _,  // Of the fields.
        open_relations: _,
        left_out: _, // Refused, as whatever is not named. `written` compares the list,
        reason: _,   // and the reason.
        narrowed: _, // By a program's list, which is none of the policy's.
        span: _,
    } = new;
    for field in &old.fields {
        if new.field(&field.name).is_none() {
            told.about(told::field(&field.label));
            told.add(false, refused(&field.label));
            unguarded((before, after), field, told);
            attributes(new, field, told);
        }
    }
    for field in fields {
        told.about(told::field(&field.label));
        match old.field(&field.name) {
            Some(was) => field_change((before, was), (after, new, field), told),
            None => {
                let (label, rule) = (&field.label, field.rule.name());
                let text = sentence!(
                    "{label} was refused and becomes {rule}",
                    "{label} werd geweigerd en wordt {rule}"
                );
                told.add(exposure(&field.rule) > 0, text);
            }
        }
    }
    told.about(told::object(name));
    if old.subject != *subject {
        // Whose identifiers are looked for in its text, and what is erased with whom.
        let text = sentence!(
            "whose data a {name} is changes",
            "van wie de gegevens van {name} zijn verandert"
        );
        told.add(true, text);
    }
    for (child, object) in new.children() {
        if old.child(child) != Some(object) {
            let text = sentence!(
                "queries may go from {name} to its {child}",
                "zoekopdrachten mogen van {name} naar de {child} ervan"
            );
            told.add(true, text);
        }
    }
    for id in external_ids.iter().filter(|id| !old.is_external_id(id)) {
        let text = sentence!(
            "upserts of {name} may name {id} as the key",
            "upserts van {name} mogen {id} als sleutel noemen"
        );
        told.add(true, text);
    }
    for (relation, targets) in new.relations() {
        if old.relation(relation) != Some(targets) {
            let text = sentence!(
                "queries may go from {name} through {relation}",
                "zoekopdrachten mogen van {name} via {relation} verder"
            );
            told.add(true, text);
        }
    }
}

/// Where nobody says of what object a name is, any object's rule for it guards the value: in the
/// messages of Salesforce's pages. With the last of them the name is like any other word.
fn unguarded((before, after): (&Plan, &Plan), field: &FieldPlan, told: &mut Told) {
    let name = &field.name;
    if after.site().is_none() && before.is_guarded(name) && !after.is_guarded(name) {
        let text = sentence!(
            "no object guards the name {name} any more",
            "geen object bewaakt de naam {name} nog"
        );
        told.add(true, text);
    }
}

/// That a field by which persons are told apart is no longer there, or no longer what it was.
fn attributes(object: &ObjectPlan, field: &FieldPlan, told: &mut Told) {
    let named = match &object.subject {
        Subject::Own => false,
        Subject::Identify(fields) => fields.contains(&field.name),
        Subject::Follow { field: by, .. } => *by == field.name,
    };
    if named {
        let (label, object) = (&field.label, &object.name);
        let text = sentence!(
            "{label} says whose data a {object} is",
            "{label} zegt van wie de gegevens van {object} zijn"
        );
        told.add(true, text);
    }
}

fn field_change(
    (before, old): (&Plan, &FieldPlan),
    (after, object, new): (&Plan, &ObjectPlan, &FieldPlan),
    told: &mut Told,
) {
    // Named one by one, so that a part that is added to fields has to be thought of here.
    let FieldPlan {
        label,
        kind,
        length,
        retention: _,
        purpose: _,
        lawful_basis: _,
        rule: _,
        class: _,
        scan: _,
        file,
        name: _,
        writable: _, // By the CRM's description and the rule.
        rule_id: _,
        reason: _, // `written` compares it.
        span: _,
    } = new;
    rule_change(old, (after, object, new), told);
    if old.kind != *kind {
        // What passes is held to its type, so that a name cannot travel as a date.
        let was = old.kind;
        let text = sentence!(
            "{label} is of the type {kind} instead of {was}",
            "{label} is van het type {kind} in plaats van {was}"
        );
        told.add(true, text);
    }
    if old.length != *length {
        let text = sentence!(
            "{label} takes another number of characters",
            "in {label} past een ander aantal tekens"
        );
        told.add(true, text);
    }
    let class = |plan: &Plan, field: &FieldPlan| field.class.map(|id| plan.class(id).name.clone());
    let (was, is) = (class(before, old), class(after, new));
    if was != is {
        let name = |class: Option<String>| match class {
            Some(class) => sentence!("`{class}`", "`{class}`"),
            None => sentence!("no class", "geen klasse"),
        };
        let text = sentence!(
            "{label} was of {was} and becomes {is}",
            "{label} was van {was} en wordt {is}",
            was: name(was),
            is: name(is),
        );
        told.add(true, text); // Other roles see it: somebody has to look.
    }
    file_change(label, old.file, *file, told);
    // What is refused or dropped as a whole needs no look at what is in it.
    if !matches!(new.rule, Rule::Block | Rule::Strip) {
        scan_change(label, old.scan.as_deref(), new.scan.as_deref(), told);
    }
    kept(old, new, told);
}

fn rule_change(
    old: &FieldPlan,
    (after, object, new): (&Plan, &ObjectPlan, &FieldPlan),
    told: &mut Told,
) {
    if old.rule == new.rule {
        return;
    }
    let coarse = |field: &FieldPlan| matches!(field.rule, Rule::Generalize(_));
    // Of what was coarse the exact value is nowhere; a rule that keeps it shows it to roles.
    let exact = coarse(old) && (coarse(new) || keeps(&new.rule));
    let weaker = exposure(&new.rule) > exposure(&old.rule) || exact;
    let label = &new.label;
    let text = sentence!(
        "{label} was {was} and becomes {is}",
        "{label} was {was} en wordt {is}",
        was: rule(old),
        is: rule(new),
    );
    told.add(weaker, text);
    if new.rule == Rule::Block {
        return;
    }
    attributes(object, new, told);
    let known = new.class.is_some_and(|id| after.class(id).known.is_some());
    if known && keeps(&old.rule) && !keeps(&new.rule) {
        let text = sentence!(
            "values of {label} are not kept, so that nobody looks for them in text",
            "waarden van {label} worden niet bewaard, zodat niemand ze in tekst zoekt"
        );
        told.add(true, text);
    }
}

/// Why, on which ground and for how long it is kept.
fn kept(old: &FieldPlan, new: &FieldPlan, told: &mut Told) {
    let label = &new.label;
    if old.retention != new.retention {
        let months = |field: &FieldPlan| field.retention.as_deref().and_then(retention::months);
        let time = |field: &FieldPlan| match &field.retention {
            Some(time) => sentence!("{time}", "{time}"),
            None => sentence!("no stated time", "onbepaalde tijd"),
        };
        let text = sentence!(
            "{label} was kept for {was} and is for {is}",
            "de bewaartijd van {label} was {was} en wordt {is}",
            was: time(old),
            is: time(new),
        );
        told.add(months(new) > months(old) || months(new).is_none(), text);
    }
    if (&old.purpose, old.lawful_basis) != (&new.purpose, new.lawful_basis) {
        // GDPR Art. 6(4): another purpose needs a look at whether it fits the first.
        let text = sentence!(
            "{label} gets another purpose or lawful basis",
            "{label} krijgt een ander doel of een andere grondslag"
        );
        told.add(true, text);
    }
}

/// What of files is given out, and how large they may be. Where there is a rule for files on one
/// side only, the field's own rule or its type has changed, and that was said.
fn file_change(label: &str, old: Option<FileRule>, new: Option<FileRule>, told: &mut Told) {
    let (Some(old), Some(new)) = (old, new) else {
        return;
    };
    if old.plain != new.plain {
        let text = match new.plain {
            true => sentence!(
                "files of {label} that lie in the CRM as they are are given out",
                "bestanden van {label} die onbeschermd in het CRM staan worden uitgegeven"
            ),
            false => sentence!(
                "files of {label} that lie in the CRM as they are are no longer given out",
                "bestanden van {label} die onbeschermd in het CRM staan worden niet meer uitgegeven"
            ),
        };
        told.add(new.plain, text);
    }
    if old.most != new.most {
        let (is, was) = (new.most, old.most);
        let text = sentence!(
            "files of {label} may have {is} bytes instead of {was}",
            "bestanden van {label} mogen {is} bytes hebben in plaats van {was}"
        );
        told.add(new.most > old.most, text);
    }
}

fn rule(field: &FieldPlan) -> Sentence {
    let name = field.rule.name();
    match &field.rule {
        Rule::Generalize(to) => sentence!("{name} to {to}", "{name} tot {to}", to: to.words()),
        _ => sentence!("{name}", "{name}"),
    }
}

/// Whether the exact value is kept here, for whoever may see it.
fn keeps(rule: &Rule) -> bool {
    match rule {
        Rule::Tokenize { .. } | Rule::Encrypt | Rule::Hold => true,
        Rule::Pass | Rule::Derived | Rule::Strip | Rule::Generalize(_) | Rule::Block => false,
    }
}

/// How much is kept, and how much the CRM learns, for comparison only.
fn exposure(rule: &Rule) -> u8 {
    match rule {
        Rule::Block => 0,
        Rule::Strip => 1, // It holds that there was a write.
        Rule::Hold => 2,  // The value is kept, here.
        Rule::Derived => 3,
        Rule::Encrypt => 4, // It holds the ciphertext, and its length.
        Rule::Tokenize { stable: false } => 5,
        Rule::Tokenize { stable: true } => 6,
        Rule::Generalize(_) => 7,
        Rule::Pass => 8,
    }
}
