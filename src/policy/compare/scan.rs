//! What changes in what is looked for in text: in one field, and in all of them.

use crate::detect::{Identifier, Special};
use crate::policy::compare::Told;
use crate::policy::scan::{Decided, Departure};
use crate::policy::{Detection, OnSpecial, Plan, Scan, Sought, SpecialScan, sentence};

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
            Some(sought) => {
                let (act, least) = (sought.act.name(), sought.threshold);
                sentence!("{act} from {least:.2}", "{act} vanaf {least:.2}")
            }
            None => sentence!("let through", "doorgelaten"),
        };
        let weaker = match (&was, &is) {
            (Some(was), Some(is)) => was.act > is.act || was.threshold < is.threshold,
            (_, None) => true,
            (None, _) => false,
        };
        let name = category.name();
        let text = sentence!(
            "{name} in {label} was {was} and is {is}",
            "{name} in {label} was {was} en is {is}",
            was: words(&was),
            is: words(&is),
        );
        told.add(weaker, text);
    }
    grounds(label, (was.as_ref(), is.as_ref()), told);
    let identifiers = |scan: Option<&Scan>| scan.is_some_and(|scan| scan.identifiers);
    if identifiers(old) != identifiers(new) {
        let text = match identifiers(new) {
            true => sentence!(
                "names and numbers in {label} become tokens",
                "namen en nummers in {label} worden tokens"
            ),
            false => sentence!(
                "names and numbers in {label} no longer become tokens",
                "namen en nummers in {label} worden geen tokens meer"
            ),
        };
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
        let text = match prior.map(Special::name) {
            Some(about) => sentence!(
                "the text of {label} is taken to be about {about} by its nature",
                "de tekst van {label} geldt naar zijn aard als tekst over {about}"
            ),
            None => sentence!(
                "the text of {label} is taken to be about nothing by its nature",
                "de tekst van {label} geldt naar zijn aard niet meer als bijzonder"
            ),
        };
        told.add(was.prior.is_some(), text); // Less was enough for what it was about.
    }
    decided(label, (was.decision.as_ref(), decision.as_ref()), told);
}

/// A decision that somebody changes is another decision: of which two people, nobody can see here.
fn decided(of: &str, (was, is): (Option<&Decided>, Option<&Decided>), told: &mut Told) {
    if was != is {
        let words = |decided: Option<&Decided>| match decided {
            Some(decided) => {
                let decided = short(&decided.to_string());
                sentence!("{decided}", "{decided}")
            }
            None => sentence!("none", "er niet"),
        };
        let text = sentence!(
            "the decision about {of} was {was} and is {is}",
            "het besluit over {of} was {was} en is {is}",
            was: words(was),
            is: words(is),
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
        let text = sentence!(
            "an identifier in text counts from {is:.2} instead of {was:.2}",
            "een kenmerk in tekst telt vanaf {is:.2} in plaats van {was:.2}"
        );
        told.add(is > was, text);
    }
    let (was, is) = (old.threshold, new.threshold);
    if (was - is).abs() > f64::EPSILON {
        told.about("detection.threshold");
        let text = sentence!(
            "a special category counts from {is:.2} instead of {was:.2}",
            "een bijzondere categorie telt vanaf {is:.2} in plaats van {was:.2}"
        );
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
            let kind = kind.name();
            let text = match &is {
                Some(is) => sentence!(
                    "a {kind} that is found in text becomes `{is}`",
                    "een {kind} die in tekst wordt gevonden wordt `{is}`"
                ),
                None => sentence!(
                    "a {kind} that is found in text has no class",
                    "een {kind} die in tekst wordt gevonden heeft geen klasse"
                ),
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
        let text = match is.off {
            true => sentence!(
                "{name} is no longer looked for in text",
                "naar {name} wordt in tekst niet meer gezocht"
            ),
            false => sentence!(
                "{name} is again looked for in text",
                "naar {name} wordt in tekst weer gezocht"
            ),
        };
        told.add(is.off, text);
    }
    if was.on_special != is.on_special {
        let word = match is.on_special.map(OnSpecial::name) {
            Some(word) => sentence!("{word}", "{word}"),
            None => sentence!("what its field says", "wat het veld zegt"),
        };
        // Without a word of its own it may be anything, depending on the field.
        let stricter = is.on_special.is_some_and(|is| {
            is == OnSpecial::Block || was.on_special.is_some_and(|was| was <= is)
        });
        let text = sentence!(
            "{name} in text becomes: {word}",
            "{name} in tekst wordt: {word}",
            word: word,
        );
        told.add(!stricter, text);
    }
    let least = |departs: &Departure, detection: &Detection| {
        departs.threshold.unwrap_or(detection.threshold)
    };
    if was.threshold != is.threshold {
        let (least, most) = (least(&is, new), least(&was, old));
        let text = sentence!(
            "{name} in text counts from {least:.2} instead of {most:.2}",
            "{name} in tekst telt vanaf {least:.2} in plaats van {most:.2}"
        );
        told.add(least > most, text);
    }
    decided(name, (was.decision.as_ref(), is.decision.as_ref()), told);
}
