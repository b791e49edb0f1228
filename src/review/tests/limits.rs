//! What one editor may cost everybody else.

use super::*;

fn long(lines: usize) -> String {
    (0..lines).map(|line| format!("# {line}\n")).collect()
}

#[test]
fn a_text_that_is_too_large_is_no_draft() {
    let house = House::new();
    let anna = editor("anna");
    let with = |comment: String| {
        let mut text = text(&[]);
        text.policy.push_str(&comment);
        text
    };
    for large in [long(5_000), format!("# {}\n", "x".repeat(256 << 10))] {
        let begun = house.review.begin("large", with(large), &anna);
        assert!(matches!(begun, Err(Error::TooLarge("policy"))), "{begun:?}");
    }
    let draft = house
        .review
        .begin("fits", with(long(4_900)), &anna)
        .unwrap();
    let saved = house.review.edit(draft.id, 1, with(long(6_000)), &anna);
    assert!(matches!(saved, Err(Error::TooLarge("policy"))), "{saved:?}");
}

#[test]
fn somebody_has_twenty_drafts_that_wait_and_then_none_more() {
    let house = House::new();
    let (anna, bram) = (editor("anna"), approver("bram"));
    let begin = |by: &Actor| house.review.begin("one", text(&[STRICTER]), by);
    let first = begin(&anna).unwrap();
    for _ in 1..20 {
        begin(&anna).unwrap();
    }
    assert!(matches!(begin(&anna), Err(Error::TooMany("drafts"))));
    begin(&bram).unwrap();
    house.review.drop_draft(first.id, &anna).unwrap();
    begin(&anna).unwrap();
    let (drafts, broken) = house.review.drafts(false).unwrap();
    assert_eq!((drafts.len(), broken.len()), (21, 0));
}

#[test]
fn a_draft_is_saved_two_hundred_times_and_then_no_more() {
    let house = House::new();
    let anna = editor("anna");
    let draft = house.review.begin("often", text(&[]), &anna).unwrap();
    for seen in 1..200 {
        house
            .review
            .edit(draft.id, seen, text(&[STRICTER]), &anna)
            .unwrap();
    }
    let more = house.review.edit(draft.id, 200, text(&[]), &anna);
    assert!(matches!(more, Err(Error::TooMany(_))), "{more:?}");
    assert_eq!(
        house.review.draft(draft.id).unwrap().text,
        text(&[STRICTER])
    );
}

#[test]
fn what_is_too_different_is_not_merged_and_nothing_is_lost() {
    let house = House::new();
    let (anna, bram) = (editor("anna"), approver("bram"));
    let with = |word: &str| {
        let mut text = text(&[]);
        let lines: String = (0..2_100)
            .map(|line| format!("# {word} {line}\n"))
            .collect();
        text.policy.push_str(&lines);
        text
    };
    let draft = house.review.begin("ours", with("a"), &anna).unwrap();
    house.review.edit(draft.id, 1, with("b"), &anna).unwrap();
    let second = house.review.edit(draft.id, 1, with("c"), &bram);
    assert!(matches!(second, Err(Error::TooDifferent)), "{second:?}");
    assert_eq!(house.review.draft(draft.id).unwrap().text, with("b"));
    house.version(&[STRICTER]);
    let late = house.review.catch_up(draft.id, 2, &anna);
    assert!(matches!(late, Err(Error::TooDifferent)), "{late:?}");
    let kept = house.review.draft(draft.id).unwrap();
    assert_eq!((kept.revision, kept.text), (2, with("b")));
}

#[test]
fn marks_of_a_merge_within_a_string_are_not_handed_in() {
    let house = House::new();
    let anna = editor("anna");
    let marked = "support = \"\"\"\n<<<<<<< ours\nA.\n=======\nB.\n>>>>>>> theirs\n\"\"\"";
    let text = text(&[("support = \"Answers questions.\"", marked)]);
    house
        .bench
        .compile(&text.policy)
        .expect("it is TOML, and a policy");
    let draft = house.review.begin("marked", text, &anna).unwrap();
    let handed = house
        .review
        .submit(draft.id, &draft.digest(), "x", &house.bench, &anna);
    assert!(matches!(handed, Err(Error::Marks)), "{handed:?}");
}

#[test]
fn a_case_more_is_no_weakening_and_a_case_less_is() {
    let house = House::new();
    let case = "\n[[case]]\nname = \"more\"\nobject = \"Contact\"\nrole = \"sales\"\n[case.read]\nBirthdate = \"masked\"\n";
    let mut more = text(&[]);
    more.cases.push_str(case);
    let trial = house.review.try_out(&more, &house.bench).unwrap();
    assert!(trial.fits() && trial.weaker() == 0, "{:?}", trial.changes);
    assert_eq!(trial.changes.len(), 1);
    let fewer = Text {
        cases: case.to_owned(),
        ..text(&[])
    };
    let trial = house.review.try_out(&fewer, &house.bench).unwrap();
    assert_eq!((trial.weaker(), trial.changes.len()), (1, 2));
}

#[test]
fn versions_that_wait_for_a_look_are_found_without_their_texts() {
    let house = House::new();
    let bram = approver("bram");
    let title = "not an \"emergency\":true";
    let draft = house
        .review
        .begin(title, house.live(&[STRICTER]), &bram)
        .unwrap();
    house
        .review
        .emergency(draft.id, &draft.digest(), "at once", &house.bench, &bram)
        .unwrap();
    house.version(&[("oldest = 50", "oldest = 51")]);
    let flagged = house.review.flagged().unwrap();
    let numbers: Vec<u64> = flagged.iter().map(|version| version.number).collect();
    assert_eq!(numbers, [2]);
    assert_eq!(flagged[0].text, Text::default());
    let text = house.review.version(2).unwrap().text;
    assert_eq!(house.review.number_of(&text).unwrap(), Some(2));
    assert_eq!(house.review.number_of(&Text::default()).unwrap(), None);
}
