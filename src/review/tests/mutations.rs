//! O02 of the bypass catalogue: whatever makes a policy weaker is found by lint, by the words of the
//! comparison or by a case, and no one person brings it into force.

use super::*;
use crate::policy::{Edit, List, Plan, Rule, Set, Setting, edit};

const STARTER: &str = include_str!("../../../policies/salesforce.toml");
const STARTER_CASES: &str = include_str!("../../../policies/salesforce.cases.toml");
const PAGES: &str = include_str!("../../../policies/creme.toml");
const PAGES_CASES: &str = include_str!("../../../policies/creme.cases.toml");

/// About how many mutants of each policy are tried.
const EACH: usize = 120;

/// What a mutant is called, and its text.
type Mutant = (String, String);

#[test]
fn each_of_200_weakenings_is_found_and_none_goes_live_by_one_person() {
    let mut tried = 0;
    for (policy, cases) in [(STARTER, STARTER_CASES), (PAGES, PAGES_CASES)] {
        let live = Text {
            policy: policy.to_owned(),
            cases: cases.to_owned(),
        };
        let house = House::with(&live);
        let plan = house
            .bench
            .compile(policy)
            .unwrap_or_else(|report| panic!("{report}"));
        let same = Text {
            policy: format!("{policy}\n# nothing else\n"),
            ..live.clone()
        };
        let same = house.bench.try_out(Some(&live), &same);
        assert!(same.fits() && same.weaker() == 0, "a positive control");
        let mut mutants = mutants(policy, &plan);
        // Evenly spread: `policy::tests::mutations` has every field.
        let step = (mutants.len() / EACH).max(1);
        mutants = mutants.into_iter().step_by(step).collect();
        tried += mutants.len();
        let mut unseen = Vec::new();
        for ((name, mutant), turn) in mutants.into_iter().zip(0..) {
            let text = Text {
                policy: mutant,
                cases: cases.to_owned(),
            };
            let trial = house.bench.try_out(Some(&live), &text);
            if trial.fits() && trial.weaker() == 0 {
                unseen.push(name);
                continue;
            }
            alone(&house, &name, text, turn % 2 == 0);
        }
        assert_eq!(
            unseen,
            Vec::<String>::new(),
            "nobody would have looked at these"
        );
        assert_eq!(house.number(), 1);
    }
    assert!(tried >= 200, "{tried}");
}

/// One person with every role and a fresh second factor: in a hurry, or by the way of two people.
fn alone(house: &House, name: &str, text: Text, hurry: bool) {
    let mallory = approver("mallory");
    let draft = house.review.begin("a mutant", text, &mallory).unwrap();
    let (id, seen) = (draft.id, draft.digest());
    if hurry {
        let hurry = house
            .review
            .emergency(draft.id, &seen, "at once", &house.bench, &mallory);
        let hurry = hurry.expect_err(name);
        assert!(
            matches!(hurry, Error::Weaker | Error::Unfit(_)),
            "{name}: {hurry:?}"
        );
        house.review.drop_draft(draft.id, &mallory).unwrap();
        return;
    }
    match house
        .review
        .submit(draft.id, &seen, "why", &house.bench, &mallory)
    {
        Ok(draft) => {
            let own = house.approve(&draft, &mallory);
            assert!(matches!(own, Err(Error::OwnWork)), "{name}: {own:?}");
        }
        Err(error) => assert!(matches!(error, Error::Unfit(_)), "{name}: {error:?}"),
    }
    house.review.drop_draft(id, &mallory).unwrap();
}

fn mutants(policy: &str, plan: &Plan) -> Vec<Mutant> {
    let mut edits = of_classes(plan);
    edits.extend(of_fields(plan));
    edits.extend(of_objects(plan));
    let made = edits.into_iter().filter_map(|(name, change)| {
        let text = edit(policy, &[change]).unwrap_or_else(|error| panic!("{name}: {error}"));
        (text != policy).then_some((name, text))
    });
    made.chain(by_hand(policy)).collect()
}

fn set(key: &str, setting: Setting) -> Set {
    (key.to_owned(), Some(setting))
}

fn says(key: &str, text: &str) -> Set {
    set(key, Setting::Text(text.to_owned()))
}

/// Every class: let out, made equal, shown to one role more, searchable, unguarded, kept longer.
fn of_classes(plan: &Plan) -> Vec<(String, Edit)> {
    let mut edits = Vec::new();
    for (id, class) in plan.classes() {
        let fields = plan.objects().flat_map(|object| &object.fields);
        let rules: Vec<&Rule> = fields
            .filter(|field| field.class == Some(id))
            .map(|field| &field.rule)
            .collect();
        if !rules.iter().any(|rule| !rule.leaves_clear()) {
            continue; // It leaves in the clear already, or stands in text only.
        }
        let mut add = |what: &str, set: Vec<Set>| {
            let change = Edit::Class {
                class: class.name.clone(),
                set,
            };
            edits.push((format!("class {}: {what}", class.name), change));
        };
        add(
            "passes",
            vec![
                says("action", "pass"),
                says("reason", "needed"),
                ("to".to_owned(), None),
            ],
        );
        add("kept longer", vec![says("retention", "P40Y")]);
        if rules.contains(&&Rule::Tokenize { stable: false }) {
            add(
                "stable",
                vec![set("stable", Setting::Flag(true)), says("reason", "joins")],
            );
        }
        if class.search == crate::policy::Search::None {
            add("searchable", vec![says("search", "exact")]);
        }
        let roles = plan.role_names();
        let has = |role: &&String| plan.roles(std::slice::from_ref(*role)).may_see(class.roles);
        if let Some(more) = roles.iter().find(|role| !has(role)) {
            let mut all: Vec<String> = roles.iter().filter(has).cloned().collect();
            all.push(more.clone());
            add("one role more", vec![set("roles", Setting::Texts(all))]);
        }
        if class.special {
            add("not special", vec![set("special", Setting::Flag(false))]);
        }
        if class.known.is_some() {
            add("not looked for", vec![("known".to_owned(), None)]);
        }
        if class.step_up {
            add("without step-up", vec![("step_up".to_owned(), None)]);
        }
        if rules_scan(plan, id) {
            add("not scanned", vec![("scan".to_owned(), None)]);
        }
    }
    edits
}

fn rules_scan(plan: &Plan, id: crate::policy::ClassId) -> bool {
    let mut fields = plan.objects().flat_map(|object| &object.fields);
    fields.any(|field| field.class == Some(id) && field.scan.is_some())
}

/// Every protected field, in turns: let out by its action, put on the list, another class.
fn of_fields(plan: &Plan) -> Vec<(String, Edit)> {
    let fields = plan
        .objects()
        .flat_map(|object| object.fields.iter().map(move |field| (object, field)));
    let guarded = fields.filter(|(_, field)| field.class.is_some() && !field.rule.leaves_clear());
    let turns = guarded.zip((0..3).cycle());
    turns
        .map(|((object, field), turn)| {
            let (object, name) = (object.name.clone(), field.name.clone());
            let (what, change) = match turn {
                0 => {
                    let set = vec![says("action", "pass"), says("reason", "needed")];
                    (
                        "passes",
                        Edit::Field {
                            object,
                            field: name,
                            set,
                        },
                    )
                }
                1 => {
                    let list = List::Pass;
                    (
                        "is on the list",
                        Edit::List {
                            object,
                            field: name,
                            list,
                        },
                    )
                }
                _ => {
                    let set = vec![says("retention", "P30Y")];
                    (
                        "is kept longer",
                        Edit::Field {
                            object,
                            field: name,
                            set,
                        },
                    )
                }
            };
            (format!("{}: {what}", field.label), change)
        })
        .collect()
}

/// Every object with personal data: kept longer, and for another reason.
fn of_objects(plan: &Plan) -> Vec<(String, Edit)> {
    let personal = plan.objects().filter(|object| {
        object
            .fields
            .iter()
            .any(|field| field.class.is_some() && field.retention.is_some())
    });
    let changes = personal.flat_map(|object| {
        [("retention", "P50Y"), ("lawful_basis", "vital-interests")].map(|(key, value)| {
            let change = Edit::Object {
                object: object.name.clone(),
                set: vec![says(key, value)],
            };
            (format!("{}: {key}", object.name), change)
        })
    });
    changes.collect()
}

/// What stands in the file once: versions, domain, freshness, doors, routes.
fn by_hand(policy: &str) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for (from, to) in [
        ("oldest = 50", "oldest = 30"),
        ("newest = 66", "newest = 99"),
        ("\"token.example.eu\"", "\"token.example.com\""),
        ("streams = []", "streams = [\"/topic/All\"]"),
        ("\nversion = 1\n", "\nversion = 1\nstep_up_minutes = 60\n"),
        ("threshold = 0.5\n", "threshold = 0.9\n"),
        ("email = \"email\"\n", "email = \"website\"\n"),
    ] {
        if policy.contains(from) {
            mutants.push((format!("{from} -> {to}"), policy.replacen(from, to, 1)));
        }
    }
    let action =
        "\n[[actions]]\ndescriptor = \"apex://A/ACTION$b\"\ncarries = [\"c\"]\nreason = \"d\"\n";
    mutants.push((
        "an action of its own".to_owned(),
        format!("{policy}{action}"),
    ));
    if policy.contains("[[routes]]") {
        let route = "\n[[routes]]\nname = \"mutant\"\npath = \"/mutant\"\nanswer = \"html\"\n";
        mutants.push(("a route more".to_owned(), format!("{policy}{route}")));
    }
    mutants
}
