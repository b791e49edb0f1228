//! Two versions of a policy, compared in words.

use crate::policy::tests::compile::{SMALL, source};
use crate::policy::{Change, FieldTable, Plan, compare, compile};

fn plan(text: &str) -> Plan {
    let table = FieldTable::salesforce().expect("the built-in table");
    compile(&source(text), &table).unwrap_or_else(|report| panic!("{report}"))
}

fn changes(from: &str, to: &str) -> Vec<Change> {
    assert_eq!(SMALL.matches(from).count(), 1, "{from}");
    compare(&plan(SMALL), &plan(&SMALL.replace(from, to)))
}

fn change(weaker: bool, text: &str) -> Vec<Change> {
    vec![Change {
        weaker,
        text: text.to_owned(),
    }]
}

#[test]
fn the_same_policy_changes_nothing() {
    assert_eq!(changes("version = 1", "version = 1 # the same"), []);
}

#[test]
fn what_leaves_or_is_seen_more_is_weaker_and_the_way_back_is_not() {
    let pairs = [
        (
            "action = \"generalize\", to = \"year\"",
            "action = \"pass\", reason = \"published\"",
            "Contact.Birthdate was generalize to the year and becomes pass",
            "Contact.Birthdate was pass and becomes generalize to the year",
        ),
        (
            "roles = [\"support\"]",
            "roles = [\"support\", \"sales\"]",
            "sales gets to see `birth_date`",
            "sales no longer sees `birth_date`",
        ),
        (
            "pass = [\"Id\", \"AccountId\"]",
            "pass = [\"Id\", \"AccountId\", \"OwnerId\"]",
            "Contact.OwnerId was refused and becomes pass",
            "Contact.OwnerId becomes refused",
        ),
        (
            "oldest = 50",
            "oldest = 40",
            "versions 40 to 66 of the API are open instead of 50 to 66",
            "versions 50 to 66 of the API are open instead of 40 to 66",
        ),
    ];
    for (from, to, there, back) in pairs {
        assert_eq!(changes(from, to), change(true, there));
        let weaker = plan(&SMALL.replace(from, to));
        assert_eq!(compare(&weaker, &plan(SMALL)), change(false, back));
    }
}

#[test]
fn longer_retention_is_weaker_and_shorter_is_not() {
    let weaker = |to: &str| changes("P7Y", to).iter().any(|change| change.weaker);
    assert!(weaker("P8Y"));
    assert!(!weaker("P6Y"));
}

#[test]
fn another_purpose_a_new_domain_and_a_new_relation_need_a_second_look() {
    let pairs = [
        ("lawful_basis = \"contract\"", "lawful_basis = \"consent\""),
        ("token.example.eu", "token.example.nl"),
        (
            "Account = \"Account\" }",
            "Account = \"Account\", ReportsTo = \"Contact\" }",
        ),
    ];
    for (from, to) in pairs {
        assert!(changes(from, to).iter().any(|change| change.weaker), "{to}");
    }
}
