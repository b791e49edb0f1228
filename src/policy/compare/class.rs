//! What changes in classes: who sees their values, and what is looked for by them.

use crate::policy::compare::Told;
use crate::policy::compare::told::class as about;
use crate::policy::plan::{ClassPlan, Plan};
use crate::policy::{Exception, Search};

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
    told.add(false, format!("nobody sees values of `{name}`: it is gone"));
    if class.known.is_some() {
        let text =
            format!("values of `{name}` are no longer looked for in text about the same person");
        told.add(true, text);
    }
}

fn comes(plan: &Plan, class: &ClassPlan, told: &mut Told) {
    let name = &class.name;
    for role in plan.role_names() {
        if plan.roles(std::slice::from_ref(role)).may_see(class.roles) {
            told.add(true, format!("{role} gets to see `{name}`"));
        }
    }
    if class.search == Search::Exact {
        told.add(true, format!("values of `{name}` can be searched"));
    }
    if class.special {
        told.add(true, format!("`{name}` is a special category"));
    }
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
        let verb = if new.step_up {
            "need"
        } else {
            "no longer need"
        };
        let text = format!("values of `{name}` {verb} a fresh second factor");
        told.add(old.step_up, text);
    }
    if old.search != new.search {
        let open = new.search == Search::Exact;
        let verb = if open { "can" } else { "cannot" };
        told.add(open, format!("values of `{name}` {verb} be searched"));
    }
    if old.special != new.special {
        let verb = if new.special {
            "becomes"
        } else {
            "is no longer"
        };
        told.add(old.special, format!("`{name}` {verb} a special category"));
    }
    if old.exception != new.exception {
        let exception = new.exception.map_or("none", Exception::name);
        let text = format!("the exception for `{name}` becomes {exception}");
        told.add(true, text);
    }
    if old.known != new.known {
        let verb = match new.known {
            Some(_) => "are looked for otherwise",
            None => "are no longer looked for",
        };
        let text = format!("values of `{name}` {verb} in text about the same person");
        told.add(old.known.is_some(), text);
    }
    if old.canonical != new.canonical {
        let text = format!("other spellings of values of `{name}` count as equal");
        told.add(true, text); // What is found by a search changes, and whose data it is.
    }
    if old.category != new.category {
        let text = format!("`{name}` is {} instead of {}", new.category, old.category);
        told.add(true, text); // What lint asks of it hangs on the category.
    }
}

fn roles((before, old): (&Plan, &ClassPlan), (after, new): (&Plan, &ClassPlan), told: &mut Told) {
    let has = |plan: &Plan, class: &ClassPlan, role: &String| {
        plan.roles(std::slice::from_ref(role)).may_see(class.roles)
    };
    for role in after.role_names() {
        if has(after, new, role) && !has(before, old, role) {
            told.add(true, format!("{role} gets to see `{}`", new.name));
        }
    }
    for role in before.role_names() {
        if has(before, old, role) && !has(after, new, role) {
            told.add(false, format!("{role} no longer sees `{}`", new.name));
        }
    }
}
