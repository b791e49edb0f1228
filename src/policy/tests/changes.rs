//! Two versions of a policy, compared in words.

use crate::policy::tests::compile::{SMALL, source};
use crate::policy::tests::site;
use crate::policy::{FieldTable, Plan, compile};

fn plan(text: &str) -> Plan {
    let table = FieldTable::salesforce().expect("the built-in table");
    compile(&source(text), &table).unwrap_or_else(|report| panic!("{report}"))
}

/// A change as these tests see it: `sentences` holds the Dutch to the English.
#[derive(Debug, Eq, PartialEq)]
struct Change {
    weaker: bool,
    text: String,
}

fn compare(before: &Plan, after: &Plan) -> Vec<Change> {
    let changes = crate::policy::compare(before, after).into_iter();
    let changes = changes.map(|change| Change {
        weaker: change.weaker,
        text: change.text,
    });
    changes.collect()
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

#[test]
fn what_searches_texts_and_upserts_go_by_needs_a_second_look() {
    let pairs = [
        ("canonical = \"email\"", "canonical = \"text\""),
        (
            "external_ids = [\"Email\"]",
            "external_ids = [\"Email\", \"Id\"]",
        ),
        ("pd:BirthDate", "pd:Age"),
        ("to = \"year\"", "to = \"month\""),
    ];
    for (from, to) in pairs {
        let after = SMALL.replacen(from, to, 1);
        let table = FieldTable::salesforce().expect("the built-in table");
        let Ok(after) = compile(&source(&after), &table) else {
            continue; // Lint has found it.
        };
        let changes = compare(&plan(SMALL), &after);
        assert!(changes.iter().any(|change| change.weaker), "{to}");
    }
    let guarded = SMALL.replace(
        "canonical = \"email\"",
        "canonical = \"email\"\nknown = \"email\"",
    );
    let changes = compare(&plan(&guarded), &plan(SMALL));
    let text = "values of `email` are no longer looked for in text about the same person";
    assert_eq!(changes, change(true, text));
}

#[test]
fn the_class_of_identifiers_in_text_and_their_threshold_are_told() {
    let base = SMALL.replace(
        "[classes.email]",
        "[detection.identifiers]\nemail = \"email\"\n\n[classes.email]",
    );
    let other = base.replace("\nemail = \"email\"\n", "\nemail = \"birth_date\"\n");
    let table = FieldTable::salesforce().expect("the built-in table");
    if let Ok(other) = compile(&source(&other), &table) {
        let changes = compare(&plan(&base), &other);
        assert!(
            changes
                .iter()
                .any(|change| change.weaker && change.text.contains("found in text"))
        );
    }
    let changes = compare(&plan(&base), &plan(SMALL));
    assert!(changes.iter().any(|change| change.weaker), "{changes:?}");
}

/// What stands in [`SMALL`], what somebody writes instead, and words that must be among the weaker
/// sentences.
const ALONE: &[(&str, &str, &str)] = &[
    // A class that comes back shows what it sealed once.
    (
        "[classes.birth_date]",
        "[classes.old]\ncategory = \"pd:Name\"\naction = \"block\"\nroles = [\"sales\"]\n\n[classes.birth_date]",
        "sales gets to see `old`",
    ),
    (
        "[objects.Account]",
        "[objects.Account]\nsubject = { identify = [\"Id\"] }",
        "whose data a Account is changes",
    ),
    (
        "roles = [\"support\"]",
        "roles = [\"support\"]\nreason = \"asked for\"",
        "`classes.birth_date.reason` is new",
    ),
    ("\"Sells.\"", "\"Everybody.\"", "`roles.sales` changes"),
    (
        "\"Keeping in touch with customers.\"",
        "\"Selling addresses.\"",
        "`purposes.customer-relations` changes",
    ),
];

/// The same for the routes of [`site::BASE`].
const ALONE_AT_ROUTES: &[(&str, &str, &str)] = &[
    (
        "{ last_name = \"last_name\", sector",
        "{ last_name = \"sector\", sector2",
        "`last_name` is treated in another way",
    ),
    (
        "object = \"Contact\"\nrecord = \"id\"",
        "object = \"Contact\"",
        "the record that it writes is told in another way",
    ),
    (
        "pass = { csrf = \"token\" }",
        "pass = { csrf = \"token\", bsn = \"number\" }",
        "the name `bsn` passes wherever it stands, a number",
    ),
    (
        "pass = { csrf = \"token\" }",
        "pass = { csrf = \"token\" }\nheaders = { x-note = \"token\" }",
        "the header field `x-note` passes",
    ),
    (
        "[site]",
        "[site]\nids = \"hex\"",
        "ids of records have another form",
    ),
    (
        "types = { sector = \"id\" }",
        "types = { sector = \"string\" }",
        "Contact.sector is of the type",
    ),
    (
        "answer = \"html\"",
        "answer = \"text\"",
        "answers something else",
    ),
    (
        "answer = \"html\"",
        "answer = \"html\"\nlogin = true",
        "people sign in to the CRM here",
    ),
    (
        "answer = \"html\"",
        "answer = \"html\"\nhtml_in_json = true",
        "strings of its answers are HTML",
    ),
];

#[test]
fn what_one_person_must_not_do_alone_has_words_for_it() {
    let table = FieldTable::salesforce().expect("the built-in table");
    for (base, cases) in [(SMALL, ALONE), (site::BASE, ALONE_AT_ROUTES)] {
        for (from, to, words) in cases {
            assert!(base.contains(from), "{from}");
            let Ok(after) = compile(&source(&base.replacen(from, to, 1)), &table) else {
                continue; // Lint has found it.
            };
            let changes = compare(&plan(base), &after);
            let mut weaker = changes.iter().filter(|change| change.weaker);
            assert!(
                weaker.any(|change| change.text.contains(words)),
                "{words}: {changes:?}"
            );
        }
    }
}

#[test]
fn a_name_that_is_taken_out_may_not_fall_to_something_vaguer() {
    let named = site::BASE.replacen("csrf = \"token\"", "sector = \"word\"", 1);
    let without = named.replacen(", sector = \"sector\" }", " }", 1);
    let weaker = |before: &str, after: &str, words: &str| {
        let changes = compare(&plan(before), &plan(after));
        let mut weaker = changes.iter().filter(|change| change.weaker);
        assert!(
            weaker.any(|change| change.text.contains(words)),
            "{changes:?}"
        );
    };
    weaker(&named, &without, "`sector` passes, as in every body");
    let two = format!(
        "{}\n[[routes]]\nname = \"new\"\npath = \"/contact/new\"\nstep_up = true\nanswer = \"html\"\n\n[[routes]]\nname = \"any\"\npath = \"/contact/{{kind:new|old}}\"\nanswer = \"html\"\n",
        site::BASE
    );
    let one = two.replacen("path = \"/contact/new\"", "path = \"/contact/other\"", 1);
    weaker(&two, &one, "GET of /contact/new may fall to the route any");
    // Where nobody says of what object a name is, each object's rule guards it.
    let gone = SMALL.replacen(
        "Birthdate = { class = \"birth_date\", action = \"generalize\", to = \"year\" }\n",
        "",
        1,
    );
    weaker(SMALL, &gone, "no object guards the name Birthdate any more");
}

#[test]
fn the_order_of_lists_and_the_spelling_of_a_field_are_nothing() {
    for (from, to) in [
        ("[\"sales\", \"support\"]", "[\"support\", \"sales\"]"),
        ("[\"Id\", \"AccountId\"]", "[\"AccountId\", \"Id\"]"),
        (
            "Email = { class = \"email\", stable = true }",
            "Email = { stable = true, class = \"email\" }",
        ),
    ] {
        assert_eq!(changes(from, to), [], "{to}");
    }
}

#[test]
fn a_key_is_told_in_a_line_that_nothing_can_break() {
    let odd = SMALL.replacen(
        "sales = \"Sells.\"",
        "sales = \"Sells.\"\n\"x\\u001b[2K\\n\" = \"Nobody.\"",
        1,
    );
    let changes = compare(&plan(SMALL), &plan(&odd));
    assert_eq!(changes, change(true, "`roles.\"x\\u{1b}[2K\\n\"` is new"));
}
