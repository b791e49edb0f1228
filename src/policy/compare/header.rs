//! What stands in a policy once: the domain of tokens, versions of the API, free searches, channels
//! of events, actions of Lightning pages.

use crate::policy::compare::Told;
use crate::policy::plan::Plan;
use crate::policy::{Unanswerable, sentence};

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
        let is = &after.crm;
        let text = sentence!(
            "the CRM is `{is}` instead of `{crm}`",
            "het CRM is `{is}` in plaats van `{crm}`"
        );
        told.add(true, text); // Another CRM has other doors.
    }
    if *token_domain != after.token_domain {
        told.about("token_domain");
        let is = &after.token_domain;
        let text = sentence!(
            "addresses made of tokens stand before {is} instead of {token_domain}",
            "adressen van tokens staan voor {is} in plaats van {token_domain}"
        );
        told.add(true, text); // Mail to tokens goes to whoever owns the domain.
    }
    let (old, new) = (*step_up_minutes, after.step_up_minutes);
    if old != new {
        told.about("step_up_minutes");
        let text = sentence!(
            "a second factor is fresh for {new} minutes instead of {old}",
            "een tweede factor geldt {new} minuten als net getoond in plaats van {old}"
        );
        told.add(new > old, text);
    }
    let new = after.api;
    if *api != new {
        told.about("api");
        let (from, until) = (new.oldest, new.newest);
        let (oldest, newest) = (api.oldest, api.newest);
        let text = sentence!(
            "versions {from} to {until} of the API are open instead of {oldest} to {newest}",
            "versies {from} tot en met {until} van de API zijn open in plaats van {oldest} tot en met {newest}"
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
        let text = sentence!(
            "`{name}` may be listened to",
            "naar `{name}` mag worden geluisterd"
        );
        told.add(true, text);
    }
    for name in old.iter().filter(|name| !new.contains(name)) {
        let text = sentence!(
            "`{name}` may no longer be listened to",
            "naar `{name}` mag niet meer worden geluisterd"
        );
        told.add(false, text);
    }
}

fn searches(becomes: Unanswerable, told: &mut Told) {
    told.about("search");
    match becomes {
        Unanswerable::Refuse => told.add(
            false,
            sentence!(
                "free searches into fields that cannot be looked up become refused",
                "vrij zoeken in velden die niet kunnen worden doorzocht wordt geweigerd"
            ),
        ),
        Unanswerable::LeaveOut => told.add(
            true, // Something is carried out that was refused.
            sentence!(
                "free searches are carried out without the fields that cannot be looked up",
                "vrij zoeken gaat door zonder de velden die niet kunnen worden doorzocht"
            ),
        ),
    }
}

fn actions(before: &Plan, after: &Plan, told: &mut Told) {
    for (plan, other, opens) in [(after, before, true), (before, after, false)] {
        for controller in plan.controllers() {
            let name = &controller.descriptor;
            told.about(format!("actions.{name}"));
            let old = other.controller(name);
            if old.is_none() {
                let text = match opens {
                    true => sentence!(
                        "the action `{name}` is named",
                        "de actie `{name}` wordt genoemd"
                    ),
                    false => sentence!(
                        "the action `{name}` is no longer named",
                        "de actie `{name}` wordt niet meer genoemd"
                    ),
                };
                told.add(opens, text);
            }
            let new = controller.carries.iter();
            for parameter in new.filter(|name| old.is_none_or(|old| !old.carries(name))) {
                let text = match opens {
                    true => sentence!(
                        "`{name}` may carry `{parameter}` in the clear",
                        "`{name}` mag `{parameter}` leesbaar meenemen"
                    ),
                    false => sentence!(
                        "`{name}` may no longer carry `{parameter}` in the clear",
                        "`{name}` mag `{parameter}` niet meer leesbaar meenemen"
                    ),
                };
                told.add(opens, text);
            }
        }
    }
}
