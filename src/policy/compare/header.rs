//! What stands in a policy once: the domain of tokens, versions of the API, free searches, channels
//! of events, actions of Lightning pages.

use crate::policy::Unanswerable;
use crate::policy::compare::Told;
use crate::policy::plan::Plan;

pub(super) fn changes(before: &Plan, after: &Plan, told: &mut Told) {
    // Named one by one, so that a part that is added to the plan has to be thought of here.
    let Plan {
        hash: _,    // Of the text, comments and all.
        written: _, // `written` compares it.
        warnings: _,
        crm,
        token_domain,
        api,
        step_up_minutes,
        streams,
        unanswerable,
        controllers: _, // `actions`
        role_names: _,  // `class`, which has the roles of each.
        classes: _,
        sealed: _,
        objects: _, // `object`
        by_name: _,
        guarded: _,
        detection: _, // `scan`
        doors: _,     // `door`
        site: _,      // `site::changes`
        whole: _,     // Nobody compares what a list leaves.
    } = before;
    if *crm != after.crm {
        told.about("crm");
        let text = format!("the CRM is `{}` instead of `{crm}`", after.crm);
        told.add(true, text); // Another CRM has other doors.
    }
    if *token_domain != after.token_domain {
        told.about("token_domain");
        let text = format!(
            "addresses made of tokens stand before {} instead of {token_domain}",
            after.token_domain
        );
        told.add(true, text); // Mail to tokens goes to whoever owns the domain.
    }
    let (old, new) = (*step_up_minutes, after.step_up_minutes);
    if old != new {
        told.about("step_up_minutes");
        let text = format!("a second factor is fresh for {new} minutes instead of {old}");
        told.add(new > old, text);
    }
    let new = after.api;
    if *api != new {
        told.about("api");
        let text = format!(
            "versions {} to {} of the API are open instead of {} to {}",
            new.oldest, new.newest, api.oldest, api.newest
        );
        told.add(new.oldest < api.oldest || new.newest > api.newest, text);
    }
    listened(streams, &after.streams, told);
    if *unanswerable != after.unanswerable {
        searches(after.unanswerable, told);
    }
    actions(before, after, told);
}

fn listened(old: &[String], new: &[String], told: &mut Told) {
    told.about("streams");
    for name in new.iter().filter(|name| !old.contains(name)) {
        told.add(true, format!("`{name}` may be listened to"));
    }
    for name in old.iter().filter(|name| !new.contains(name)) {
        told.add(false, format!("`{name}` may no longer be listened to"));
    }
}

fn searches(becomes: Unanswerable, told: &mut Told) {
    told.about("search");
    match becomes {
        Unanswerable::Refuse => told.add(
            false,
            "free searches into fields that cannot be looked up become refused",
        ),
        Unanswerable::LeaveOut => told.add(
            true, // Something is carried out that was refused.
            "free searches are carried out without the fields that cannot be looked up",
        ),
    }
}

fn actions(before: &Plan, after: &Plan, told: &mut Told) {
    for (plan, other, opens) in [(after, before, true), (before, after, false)] {
        for controller in plan.controllers() {
            let name = &controller.descriptor;
            told.about(format!("actions.{name}"));
            let old = other.controller(name);
            let verb = if opens {
                "may carry"
            } else {
                "may no longer carry"
            };
            if old.is_none() {
                let text = match opens {
                    true => format!("the action `{name}` is named"),
                    false => format!("the action `{name}` is no longer named"),
                };
                told.add(opens, text);
            }
            let new = controller.carries.iter();
            for parameter in new.filter(|name| old.is_none_or(|old| !old.carries(name))) {
                told.add(opens, format!("`{name}` {verb} `{parameter}` in the clear"));
            }
        }
    }
}
