//! Two editors, and drafts of an older version: nothing is lost.

use proptest::prelude::*;

use super::*;

#[test]
fn the_second_editor_sees_both_and_saves_over_the_first() {
    let house = House::new();
    let (anna, bram) = (editor("anna"), editor("bram"));
    let draft = house.review.begin("ours", text(&[]), &anna).unwrap();
    house
        .review
        .edit(draft.id, 1, text(&[STRICTER]), &anna)
        .unwrap();
    let second = house
        .review
        .edit(draft.id, 1, text(&[SEARCHED]), &bram)
        .unwrap();
    let Edited::Behind { merged, theirs } = second else {
        panic!("the first was lost");
    };
    assert_eq!((merged.conflicts, theirs.revision), (0, 2));
    assert_eq!(merged.text, text(&[STRICTER, SEARCHED]));
    assert_eq!(
        house.review.draft(draft.id).unwrap().text,
        text(&[STRICTER]),
        "nothing was saved"
    );
    let saved = house.review.edit(draft.id, 2, merged.text, &bram).unwrap();
    let Edited::Saved(saved) = saved else {
        panic!("nobody else saved");
    };
    assert_eq!(
        (saved.revision, saved.authors),
        (3, vec!["anna".to_owned(), "bram".to_owned()])
    );
    let ahead = house.review.edit(draft.id, 9, text(&[]), &bram);
    assert!(matches!(ahead, Err(Error::Changed)));
}

#[test]
fn two_who_change_one_line_get_both_with_marks_and_cannot_submit_before_they_decide() {
    let house = House::new();
    let (anna, bram) = (editor("anna"), editor("bram"));
    let draft = house.review.begin("ours", text(&[]), &anna).unwrap();
    let (one, other) = (
        ("oldest = 50", "oldest = 51"),
        ("oldest = 50", "oldest = 52"),
    );
    house.review.edit(draft.id, 1, text(&[one]), &anna).unwrap();
    let second = house
        .review
        .edit(draft.id, 1, text(&[other]), &bram)
        .unwrap();
    let Edited::Behind { merged, .. } = second else {
        panic!("the first was lost");
    };
    assert_eq!(merged.conflicts, 1);
    for line in ["oldest = 51", "oldest = 52", "<<<<<<< ", ">>>>>>> "] {
        assert!(merged.text.policy.contains(line), "{line}");
    }
    house.review.edit(draft.id, 2, merged.text, &bram).unwrap();
    let marked = house.review.draft(draft.id).unwrap();
    let refused = house
        .review
        .submit(draft.id, &marked.digest(), "x", &house.bench, &anna);
    assert!(matches!(refused, Err(Error::Marks)), "{refused:?}");
}

#[test]
fn a_draft_of_an_older_version_is_merged_before_it_goes_on() {
    let house = House::new();
    let (anna, bram) = (editor("anna"), approver("bram"));
    let late = house
        .review
        .begin("late", text(&[SEARCHED]), &anna)
        .unwrap();
    let waiting = house.submitted(&[("oldest = 50", "oldest = 45")], &anna);
    house.version(&[STRICTER]);

    assert!(!house.review.is_current(&late).unwrap());
    let refused = house
        .review
        .submit(late.id, &late.digest(), "x", &house.bench, &anna);
    assert!(matches!(refused, Err(Error::Behind)));
    assert!(matches!(house.approve(&waiting, &bram), Err(Error::Behind)));

    let (late, conflicts) = house.review.catch_up(late.id, 1, &editor("carla")).unwrap();
    assert_eq!((late.base, conflicts, late.revision), (2, 0, 2));
    assert_eq!(
        late.text,
        text(&[STRICTER, SEARCHED]),
        "the other's change is in it"
    );
    assert_eq!(late.authors, ["anna", "carla"]);
    let late = house
        .review
        .submit(late.id, &late.digest(), "x", &house.bench, &anna)
        .unwrap();
    house.approve(&late, &bram).unwrap();
    let (same, conflicts) = house.review.catch_up(waiting.id, 1, &anna).unwrap();
    assert_eq!(
        (same.base, conflicts),
        (3, 1),
        "both changed the oldest version"
    );
    assert!(
        matches!(same.state, State::Open),
        "a merge takes it back from the approvers"
    );
}

fn policy(text: String) -> Text {
    Text {
        policy: text,
        cases: String::new(),
    }
}

/// Texts of few different lines, so that they have much in common.
fn lines() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec!["a = 1", "b = 2", "# c", "", "[d]"]);
    prop::collection::vec(line, 0..12).prop_map(|lines| {
        lines
            .iter()
            .fold(String::new(), |text, line| text + line + "\n")
    })
}

proptest! {
    #[test]
    fn who_changed_alone_is_taken_as_they_are(base in lines(), ours in lines()) {
        let (base, ours) = (policy(base), policy(ours));
        for merged in [merge(&base, &ours, &base), merge(&base, &base, &ours), merge(&base, &ours, &ours)] {
            let merged = merged.unwrap();
            prop_assert_eq!(merged.conflicts, 0);
            prop_assert_eq!(&merged.text, &ours);
        }
    }

    #[test]
    fn a_line_that_is_new_is_never_lost(base in lines(), ours in lines(), theirs in lines()) {
        let ours = ours + "only = \"ours\"\n";
        let theirs = "only = \"theirs\"\n".to_owned() + &theirs;
        let merged = merge(&policy(base), &policy(ours), &policy(theirs)).unwrap();
        prop_assert!(merged.text.policy.contains("only = \"ours\""));
        prop_assert!(merged.text.policy.contains("only = \"theirs\""));
    }
}
