use proptest::prelude::*;

use super::*;
use crate::policy::tests::unseen::STARTER;

/// A text with `|` where the cursor stands.
fn at(marked: &str) -> Option<Completion> {
    let cursor = marked.find('|').expect("a cursor");
    let table = FieldTable::salesforce().expect("the built-in table");
    complete(&marked.replacen('|', "", 1), cursor, &table)
}

fn labels(marked: &str) -> Vec<String> {
    let offers = at(marked).map(|found| found.offers).unwrap_or_default();
    offers.into_iter().map(|offer| offer.label).collect()
}

/// The text after the first offer was taken.
fn taken(marked: &str) -> String {
    let found = at(marked).expect("a place");
    let mut text = marked.replacen('|', "", 1);
    let first = found.offers.first().expect("an offer");
    text.replace_range(found.from..found.until, &first.insert);
    text
}

#[test]
fn a_header_is_completed_part_by_part() {
    assert_eq!(labels("[obj|"), ["objects"]);
    assert_eq!(taken("[obj|]"), "[objects]");
    assert_eq!(
        labels("[objects.Contac|"),
        ["Contact", "OpportunityContactRole"]
    );
    assert_eq!(
        taken("[objects.Contact.rel|]"),
        "[objects.Contact.relations]"
    );
    assert_eq!(labels("[[rou|]]"), ["routes"]);
    assert_eq!(
        labels("[rou|]"),
        [""; 0],
        "a table of routes is an entry of a list"
    );
    assert_eq!(
        labels("[objects.Contact]\n[objects.Contac|]"),
        ["OpportunityContactRole"]
    );
}

#[test]
fn a_key_is_one_of_its_table_that_is_not_there_yet() {
    assert_eq!(
        taken("[classes.email]\nact|\n"),
        "[classes.email]\naction = \n"
    );
    assert_eq!(
        taken("[classes.email]\nact| = \"pass\""),
        "[classes.email]\naction = \"pass\""
    );
    assert_eq!(labels("[classes.email]\naction = \"pass\"\nact|"), [""; 0]);
    assert_eq!(labels("[classes.email]\nact|\naction = \"pass\""), [""; 0]);
    assert_eq!(
        labels("[classes.email]\naction = \"pass\"\n[classes.phone]\nact|"),
        ["action"]
    );
    assert_eq!(labels("token_d|"), ["token_domain"]);
    let within = "[objects.Contact.fields]\nTitle = { class = \"note\", reas|";
    assert_eq!(labels(within), ["reason"]);
    assert_eq!(
        labels("[[routes]]\nname = \"a\"\n[[routes]]\nna|"),
        ["name"]
    );
    assert_eq!(labels("[objects.Contact]\nsubject.ident|"), ["identify"]);
}

#[test]
fn a_value_is_one_of_the_words_that_its_key_may_have() {
    assert_eq!(
        taken("[classes.a]\naction = tok|"),
        "[classes.a]\naction = \"tokenize\""
    );
    assert_eq!(
        taken("[classes.a]\naction = \"tok|"),
        "[classes.a]\naction = \"tokenize\""
    );
    assert_eq!(
        taken("[classes.a]\naction = \"tok|\" # why"),
        "[classes.a]\naction = \"tokenize\" # why"
    );
    assert_eq!(
        taken("[classes.a]\naction = \"to|ken\""),
        "[classes.a]\naction = \"tokenize\""
    );
    assert_eq!(
        taken("[classes.a]\nstable = t|"),
        "[classes.a]\nstable = true"
    );
    assert_eq!(
        labels("[classes.a]\nscan = [\"special\", \"id|"),
        ["identifiers"]
    );
    assert_eq!(
        labels("[classes.a]\nlawful_basis = \"legal|"),
        ["legal-obligation"]
    );
    assert_eq!(labels("[classes.a]\nsearch = \"|\""), ["none", "exact"]);
    assert!(
        labels("[classes.a]\ncategory = \"pd:Email|\"").contains(&"pd:EmailAddress".to_owned())
    );
    assert_eq!(
        labels("[classes.a]\naction = \"tokenize|\""),
        [""; 0],
        "it is finished"
    );
}

#[test]
fn names_are_those_of_this_very_text() {
    let text = |end: &str| {
        format!(
            "[roles]\nsales = \"Sells.\"\nsupport = \"Helps.\"\n[purposes]\ncare = \"Caring.\"\n[classes.email]\ncategory = \"pd:EmailAddress\"\n{end}"
        )
    };
    assert_eq!(
        labels(&text("roles = [\"sales\", \"s|")),
        ["sales", "support"]
    );
    assert_eq!(labels(&text("purpose = \"|\"")), ["care"]);
    assert_eq!(
        labels(&text("[objects.Contact.fields]\nEmail = \"|\"")),
        ["email"]
    );
    let found = at(&text(
        "[objects.Contact.fields]\nEmail = { class = \"em|\" }",
    ))
    .expect("a place");
    let category = About::Class("pd:EmailAddress".to_owned());
    assert_eq!(
        found.offers.first().map(|offer| &offer.about),
        Some(&category)
    );
    let later = "[objects.Contact.fields]\nEmail = \"|\"\n[classes.late]\naction = \"pass\"\n";
    assert_eq!(labels(later), ["late"]);
}

#[test]
fn fields_that_nobody_has_decided_about_stand_first() {
    let text = "[objects.Contact]\nleft_out = [\"MobilePhone\"]\n[objects.Contact.fields]\nHomePhone = \"phone\"\nphon|\n";
    let found = at(text).expect("a place").offers;
    let decided: Vec<(&str, bool)> = found
        .iter()
        .map(|offer| {
            let About::Field { decided, .. } = offer.about else {
                panic!("{offer:?}");
            };
            (offer.label.as_str(), decided)
        })
        .collect();
    assert_eq!(
        decided,
        [
            ("Phone", false),
            ("AssistantPhone", false),
            ("OtherPhone", false),
            ("MobilePhone", true),
        ],
        "HomePhone has its key"
    );
    let list =
        "[objects.Contact]\npass = [\n  \"Id\",\n  \"mobileph|\n]\n[objects.Contact.fields]\n";
    assert_eq!(labels(list), ["MobilePhone"]);
    assert_eq!(taken(list), list.replace("mobileph|", "MobilePhone\""));
}

#[test]
fn a_crm_that_the_file_describes_has_the_fields_that_it_says() {
    let text = "[objects.Person]\ntypes = { surname = \"string\" }\npass = [\"sur|\"]";
    assert_eq!(labels(text), ["surname"]);
}

#[test]
fn nothing_is_offered_in_comments_and_behind_values() {
    for nowhere in [
        "# act|",
        "[classes.a] # act|",
        "[classes.a]\naction = \"pass\" # tok|",
        "[classes.a]\naction = \"pass\" |",
        "[classes.a]\naction |",
        "[classes.a]\nreason = \"\"\"\nact|",
    ] {
        assert_eq!(at(nowhere), None, "{nowhere}");
    }
    assert_eq!(labels("[classes.a] # a comment\nact|"), ["action"]);
    assert_eq!(labels("[classes.a]\nreason = \"a # b\"\nact|"), ["action"]);
}

#[test]
fn what_is_not_finished_above_or_below_is_no_hindrance() {
    for begun in [
        "roles = [\"sales\"\n[classes.a]\nact|",
        "roles = [\"sales\n[classes.a]\nact|",
        "[objects.Contact.fields]\nEmail = { class = \"x\n[classes.a]\nact|",
        "[objects.Contact.fields]\nEmail = { class = \n[classes.a]\nact|",
        "[classes.b\n[classes.a]\nact|",
        "= = ]]\n}\n[classes.a]\nact|",
        "[classes.a]\nroles = [\"x\"\nact|",
        "[classes.a]\nact|\n[[[\n\"",
    ] {
        assert!(labels(begun).contains(&"action".to_owned()), "{begun}");
    }
}

#[test]
fn each_word_of_the_starter_policy_is_offered_when_its_first_letter_is_there() {
    let table = FieldTable::salesforce().expect("the built-in table");
    let mut tried = 0;
    for key in [
        "action = \"",
        "class = \"",
        "purpose = \"",
        "category = \"pd:",
    ] {
        // A few of each: reading the whole file takes a while.
        for (place, _) in STARTER.match_indices(key).step_by(9) {
            let from = STARTER[..place + key.len()].rfind('"').unwrap_or(place) + 1;
            let word = STARTER[from..].split('"').next().unwrap_or_default();
            let cursor = place + key.len() + 1;
            let text = [&STARTER[..cursor], &STARTER[from + word.len()..]].concat();
            let offers = complete(&text, cursor, &table).expect("a place").offers;
            assert!(
                offers.iter().any(|offer| offer.label == word),
                "{key}{word}"
            );
            tried += 1;
        }
    }
    assert!(tried > 10, "{tried}");
}

#[test]
fn a_text_of_brackets_costs_no_more_than_its_length() {
    for part in ["[", "{", "a.", "a = [", "[a.", "[[a]]\n", "\"", "a = {b = "] {
        let text = part.repeat(200_000 / part.len());
        let table = FieldTable::default();
        let _ = complete(&text, text.len(), &table);
        assert_eq!(complete(&text, text.len() + 1, &table), None);
    }
}

proptest! {
    #[test]
    fn a_word_that_is_offered_takes_the_place_of_what_is_around_the_cursor(
        text in "([a-z]{1,4}|classes|objects|Contact|[\\[\\]{}=.,\"'#\n é])*",
        share in 0.0..=1.0f64,
    ) {
        let table = FieldTable::default();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place")]
        let cursor = (text.len() as f64 * share) as usize;
        let found = complete(&text, cursor, &table);
        prop_assert!(found.is_none() || text.is_char_boundary(cursor));
        if let Some(found) = found {
            prop_assert!(found.from <= cursor && cursor <= found.until);
            prop_assert!(text.get(found.from..found.until).is_some());
        }
    }
}
