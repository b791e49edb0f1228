//! What changes in what is looked for in text: in one field, and in all of them.

use crate::detect::{Identifier, Special};
use crate::policy::compare::Told;
use crate::policy::scan::{Decided, Departure};
use crate::policy::{Detection, OnSpecial, Plan, Scan, Sought, SpecialScan};

/// What is looked for in a field's text.
pub(super) fn scan_change(label: &str, old: Option<&Scan>, new: Option<&Scan>, told: &mut Told) {
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
        told.add(weaker, text);
    }
    grounds(label, (was.as_ref(), is.as_ref()), told);
    let identifiers = |scan: Option<&Scan>| scan.is_some_and(|scan| scan.identifiers);
    if identifiers(old) != identifiers(new) {
        let verb = if identifiers(new) {
            "become"
        } else {
            "no longer become"
        };
        let text = format!("names and numbers in {label} {verb} tokens");
        told.add(identifiers(old), text);
    }
}

/// What the field is about, and who decided that something may pass.
fn grounds(label: &str, (was, is): (Option<&SpecialScan>, Option<&SpecialScan>), told: &mut Told) {
    let (Some(was), Some(is)) = (was, is) else {
        return; // The categories themselves come or go, and that was said.
    };
    // Named one by one, so that a part that is added has to be thought of here.
    let SpecialScan {
        prior,
        decision,
        sought: _,
        on_special: _, // In what is sought.
        rule_id: _,
        span: _,
    } = is;
    if was.prior != *prior {
        let about = prior.map_or("nothing", Special::name);
        let text = format!("the text of {label} is taken to be about {about} by its nature");
        told.add(was.prior.is_some(), text); // Less was enough for what it was about.
    }
    decided(label, (was.decision.as_ref(), decision.as_ref()), told);
}

/// A decision that somebody changes is another decision: of which two people, nobody can see here.
fn decided(of: &str, (was, is): (Option<&Decided>, Option<&Decided>), told: &mut Told) {
    if was != is {
        let words = |decided: Option<&Decided>| {
            decided.map_or_else(|| "none".to_owned(), |decided| short(&decided.to_string()))
        };
        let text = format!(
            "the decision about {of} was {} and is {}",
            words(was),
            words(is)
        );
        told.add(is.is_some(), text);
    }
}

fn short(text: &str) -> String {
    const MOST: usize = 120;
    text.chars().take(MOST).collect()
}

/// What holds for all fields: whose token stands for an identifier that is found in text, how sure
/// the detector must be, and what departs for one category.
pub(super) fn detection(before: &Plan, after: &Plan, told: &mut Told) {
    // Named one by one, so that a part that is added has to be thought of here.
    let Detection {
        identifier_threshold: _,
        threshold: _,
        identifiers: _,
        alternatives: _, // `written` compares them.
        categories: _,
    } = after.detection();
    identifiers(before, after, told);
    let (old, new) = (before.detection(), after.detection());
    let (was, is) = (old.identifier_threshold, new.identifier_threshold);
    if (was - is).abs() > f32::EPSILON {
        told.about("detection.identifier_threshold");
        let text = format!("an identifier in text counts from {is:.2} instead of {was:.2}");
        told.add(is > was, text);
    }
    let (was, is) = (old.threshold, new.threshold);
    if (was - is).abs() > f64::EPSILON {
        told.about("detection.threshold");
        let text = format!("a special category counts from {is:.2} instead of {was:.2}");
        told.add(is > was, text);
    }
    for category in Special::ALL {
        departure(category, (old, new), told);
    }
}

fn identifiers(before: &Plan, after: &Plan, told: &mut Told) {
    let class = |plan: &Plan, kind: Identifier| {
        let class = plan.detection().class(kind);
        class.map(|id| plan.class(id).name.clone())
    };
    for kind in Identifier::ALL {
        let (was, is) = (class(before, kind), class(after, kind));
        if was != is {
            told.about("detection.identifiers");
            let text = match &is {
                Some(is) => format!("a {} that is found in text becomes `{is}`", kind.name()),
                None => format!("a {} that is found in text has no class", kind.name()),
            };
            // Other roles see it, or nobody looks for it, or a class shows what it did not have.
            told.add(true, text);
        }
    }
}

/// What departs for one category, wherever special categories are looked for: in fields that say so,
/// and at doors.
fn departure(category: Special, (old, new): (&Detection, &Detection), told: &mut Told) {
    let find = |detection: &Detection| {
        let mut departures = detection.categories.iter();
        departures
            .find(|departs| departs.category == category)
            .cloned()
    };
    let none = || Departure {
        category,
        on_special: None,
        threshold: None,
        off: false,
        decision: None,
        span: 0..0,
    };
    let was = find(old).unwrap_or_else(none);
    let is = find(new).unwrap_or_else(none);
    let name = category.name();
    told.about(format!("detection.categories.{name}"));
    if was.off != is.off {
        let verb = if is.off { "no longer" } else { "again" };
        told.add(is.off, format!("{name} is {verb} looked for in text"));
    }
    if was.on_special != is.on_special {
        let word = is.on_special.map_or("what its field says", OnSpecial::name);
        // Without a word of its own it may be anything, depending on the field.
        let stricter = is.on_special.is_some_and(|is| {
            is == OnSpecial::Block || was.on_special.is_some_and(|was| was <= is)
        });
        told.add(!stricter, format!("{name} in text becomes: {word}"));
    }
    let least = |departs: &Departure, detection: &Detection| {
        departs.threshold.unwrap_or(detection.threshold)
    };
    if was.threshold != is.threshold {
        let (least, most) = (least(&is, new), least(&was, old));
        let text = format!("{name} in text counts from {least:.2} instead of {most:.2}");
        told.add(least > most, text);
    }
    decided(name, (was.decision.as_ref(), is.decision.as_ref()), told);
}
