//! What changes in classes: who sees their values, and what is looked for by them.

use crate::policy::compare::Told;
use crate::policy::compare::told::class as about;
use crate::policy::plan::{ClassPlan, Plan};
use crate::policy::{Exception, Search, Sentence, sentence};

/// Classes that go, come and stay. A value is revealed by its class's name wherever its token
/// stands, so that a class that comes shows what an earlier one of its name has sealed.
pub(super) fn changes(before: &Plan, after: &Plan, told: &mut Told) {
    let of = |plan: &'_ Plan, name: &str| plan.class_named(name).map(|id| plan.class(id).clone());
    for (_, old) in before.classes() {
        if after.class_named(&old.name).is_none() {
            gone(old, told);
        }
    }
    for (_, new) in after.classes() {
        told.about(about(&new.name));
        match of(before, &new.name) {
            Some(old) => change((before, &old), (after, new), told),
            None => comes(after, new, told),
        }
    }
}

fn gone(class: &ClassPlan, told: &mut Told) {
    told.about(about(&class.name));
    let name = &class.name;
    let text = sentence!(
        "nobody sees values of `{name}`: it is gone",
        "niemand ziet waarden van `{name}`: de klasse is weg"
    );
    told.add(false, text);
    if class.known.is_some() {
        told.add(true, no_longer_known(name));
    }
}

fn comes(plan: &Plan, class: &ClassPlan, told: &mut Told) {
    let name = &class.name;
    for role in plan.role_names() {
        if plan.roles(std::slice::from_ref(role)).may_see(class.roles) {
            told.add(true, gets_to_see(role, name));
        }
    }
    if class.search == Search::Exact {
        let text = sentence!(
            "values of `{name}` can be searched",
            "naar waarden van `{name}` kan worden gezocht"
        );
        told.add(true, text);
    }
    if class.special {
        let text = sentence!(
            "`{name}` is a special category",
            "`{name}` is een bijzondere categorie"
        );
        told.add(true, text);
    }
}

fn gets_to_see(role: &str, class: &str) -> Sentence {
    sentence!(
        "{role} gets to see `{class}`",
        "{role} krijgt `{class}` te zien"
    )
}

fn no_longer_known(class: &str) -> Sentence {
    sentence!(
        "values of `{class}` are no longer looked for in text about the same person",
        "naar waarden van `{class}` wordt niet meer gezocht in tekst over dezelfde persoon"
    )
}

fn change((before, old): (&Plan, &ClassPlan), (after, new): (&Plan, &ClassPlan), told: &mut Told) {
    // Named one by one, so that a part that is added to classes has to be thought of here.
    let ClassPlan {
        name,
        category: _,
        roles: _,
        step_up: _,
        search: _,
        canonical: _,
        special: _,
        exception: _,
        known: _,
        span: _,
    } = new;
    roles((before, old), (after, new), told);
    if old.step_up != new.step_up {
        let text = match new.step_up {
            true => sentence!(
                "values of `{name}` need a fresh second factor",
                "waarden van `{name}` vragen een tweede factor die net is getoond"
            ),
            false => sentence!(
                "values of `{name}` no longer need a fresh second factor",
                "waarden van `{name}` vragen geen tweede factor meer die net is getoond"
            ),
        };
        told.add(old.step_up, text);
    }
    if old.search != new.search {
        let text = match new.search {
            Search::Exact => sentence!(
                "values of `{name}` can be searched",
                "naar waarden van `{name}` kan worden gezocht"
            ),
            Search::None => sentence!(
                "values of `{name}` cannot be searched",
                "naar waarden van `{name}` kan niet worden gezocht"
            ),
        };
        told.add(new.search == Search::Exact, text);
    }
    special(old, new, told);
    if old.known != new.known {
        let text = match new.known {
            Some(_) => sentence!(
                "values of `{name}` are looked for otherwise in text about the same person",
                "naar waarden van `{name}` wordt anders gezocht in tekst over dezelfde persoon"
            ),
            None => no_longer_known(name),
        };
        told.add(old.known.is_some(), text);
    }
    if old.canonical != new.canonical {
        let text = sentence!(
            "other spellings of values of `{name}` count as equal",
            "andere schrijfwijzen van waarden van `{name}` gelden als gelijk"
        );
        told.add(true, text); // What is found by a search changes, and whose data it is.
    }
    if old.category != new.category {
        let (is, was) = (&new.category, &old.category);
        let text = sentence!(
            "`{name}` is {is} instead of {was}",
            "`{name}` is {is} in plaats van {was}"
        );
        told.add(true, text); // What lint asks of it hangs on the category.
    }
}

fn special(old: &ClassPlan, new: &ClassPlan, told: &mut Told) {
    let name = &new.name;
    if old.special != new.special {
        let text = match new.special {
            true => sentence!(
                "`{name}` becomes a special category",
                "`{name}` wordt een bijzondere categorie"
            ),
            false => sentence!(
                "`{name}` is no longer a special category",
                "`{name}` is geen bijzondere categorie meer"
            ),
        };
        told.add(old.special, text);
    }
    if old.exception != new.exception {
        let text = match new.exception.map(Exception::name) {
            Some(exception) => sentence!(
                "the exception for `{name}` becomes {exception}",
                "de uitzondering voor `{name}` wordt {exception}"
            ),
            None => sentence!(
                "the exception for `{name}` becomes none",
                "de uitzondering voor `{name}` vervalt"
            ),
        };
        told.add(true, text);
    }
}

fn roles((before, old): (&Plan, &ClassPlan), (after, new): (&Plan, &ClassPlan), told: &mut Told) {
    let has = |plan: &Plan, class: &ClassPlan, role: &String| {
        plan.roles(std::slice::from_ref(role)).may_see(class.roles)
    };
    for role in after.role_names() {
        if has(after, new, role) && !has(before, old, role) {
            told.add(true, gets_to_see(role, &new.name));
        }
    }
    for role in before.role_names() {
        if has(before, old, role) && !has(after, new, role) {
            let class = &new.name;
            let text = sentence!(
                "{role} no longer sees `{class}`",
                "{role} ziet `{class}` niet meer"
            );
            told.add(false, text);
        }
    }
}
