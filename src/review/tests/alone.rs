//! One person alone, with every role and a fresh second factor: what gets weaker goes live by
//! nobody's emergency, whichever key it hangs on, and what gets stricter does.

use super::*;
use crate::policy::tests::mutants::mutants;
use crate::policy::tests::unseen::{PAGES, STARTER, rich, rich_pages};

#[test]
fn no_change_that_is_weaker_goes_live_by_one_person() {
    let rich = [(rich(), 2), (rich_pages(), 2)];
    let starters = [(STARTER.to_owned(), 1), (PAGES.to_owned(), 1)];
    for (policy, most) in rich.into_iter().chain(starters) {
        let (base, mutants) = mutants(&policy, most);
        let house = at_home(&base);
        let mallory = approver("mallory");
        let (mut tried, mut live) = (0, 1);
        // Every other one: `policy::tests::unseen` compares them all.
        for mutant in mutants.into_iter().step_by(2) {
            let text = just(mutant.text);
            let trial = house.review.try_out(&text, &house.bench).unwrap();
            if !trial.fits() || trial.weaker() == 0 {
                continue;
            }
            tried += 1;
            let draft = house.review.begin("a mutant", text, &mallory).unwrap();
            let seen = draft.digest();
            let hurry = house
                .review
                .emergency(draft.id, &seen, "at once", &house.bench, &mallory);
            let weaker = matches!(hurry, Err(Error::Weaker));
            assert!(
                weaker,
                "{}: {:?} -> {:?}",
                mutant.path, mutant.old, mutant.new
            );
            house.review.drop_draft(draft.id, &mallory).unwrap();
            live = house.number();
        }
        assert_eq!(live, 1);
        assert!(tried >= 25, "{tried}");
    }
}

/// What somebody does in a hurry when something leaks.
#[test]
fn an_emergency_that_only_makes_it_stricter_is_taken() {
    let pairs = [
        (
            rich(),
            [
                ("roles = [\"sales\", \"support\"]", "roles = [\"support\"]"),
                (
                    "Department]\nclass = \"note\"",
                    "Department]\nclass = \"note\"\naction = \"block\"",
                ),
                ("oldest = 50", "oldest = 60"),
                ("carries = [\"place\"]", "carries = []"),
                ("\"/u/Orders\", ", ""),
                ("step_up_minutes = 5", "step_up_minutes = 2 # sooner"),
                ("threshold = 0.5", "threshold = 0.4"),
                (
                    "on_special = \"strip\"\nthreshold = 0.4",
                    "on_special = \"block\"\nthreshold = 0.4",
                ),
                ("plain_files = \"pass\", ", ""),
                ("relations = { Account = \"Account\" }", ""),
            ],
        ),
        (
            rich_pages(),
            [
                ("name = \"export\"", "name = \"export\"\nstep_up = true"),
                ("csv_guard = false", "csv_guard = true"),
                ("plain_files = \"pass\"", "plain_files = \"refuse\""),
                ("\"next\" = \"path\"", ""),
                ("headers = { x-csrf = \"token\" }", ""),
                ("lang = [\"nl\", \"en\"], ", ""),
                ("\"/favicon.ico\"", ""),
                ("body = [\"form\", \"multipart\"]", "body = [\"multipart\"]"),
                ("\"https://maps.example.eu\"", ""),
                ("drop = [\"_\"], ", ""),
            ],
        ),
    ];
    for (policy, changes) in pairs {
        let house = at_home(&policy);
        for (change, number) in changes.into_iter().zip(2..) {
            let text = house.live(&[change]);
            let mallory = approver("mallory");
            let trial = house.review.try_out(&text, &house.bench).unwrap();
            assert!(trial.fits(), "{change:?}: {}", trial.lint);
            let draft = house.review.begin("stricter", text, &mallory).unwrap();
            let seen = draft.digest();
            let taken = house
                .review
                .emergency(draft.id, &seen, "it leaks", &house.bench, &mallory);
            let version = taken.unwrap_or_else(|_| panic!("{change:?}: {:?}", trial.changes));
            assert!(version.number == number && version.emergency, "{change:?}");
        }
    }
}

/// The configuration has a name for the CRM's other host.
fn at_home(policy: &str) -> House {
    let mut house = House::with(&just(policy.to_owned()));
    house.bench.hosts = vec!["files.example.com".to_owned()];
    house
}

fn just(policy: String) -> Text {
    Text {
        policy,
        cases: String::new(),
    }
}
