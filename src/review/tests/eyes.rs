//! Four eyes: who may do what to which draft.

use super::*;

#[test]
fn a_change_that_a_second_person_approves_is_the_version_in_force() {
    let house = House::new();
    let made = house.version(&[STRICTER]);
    assert_eq!((made.number, made.approver.as_str()), (2, "bram"));
    assert_eq!(made.authors, ["anna"]);
    assert_eq!((made.weaker, made.emergency), (0, false));
    assert_eq!(house.review.live().unwrap().unwrap(), made);
    assert_eq!(
        made.text.hash(),
        house
            .bench
            .compile(&made.text.policy)
            .unwrap()
            .version_hash()
    );
    assert_eq!(house.review.verify(None).unwrap().first_broken, None);
    let acts: Vec<Act> = house
        .review
        .events(0)
        .unwrap()
        .iter()
        .map(|event| event.act)
        .collect();
    assert_eq!(acts, [Act::Submit]);
}

#[test]
fn nobody_approves_what_they_wrote_whatever_roles_they_have_and_however_they_spell_themselves() {
    let house = House::new();
    let draft = house.submitted(&[STRICTER], &approver("anna"));
    for name in ["anna", "Anna", "ANNA"] {
        let refused = house.approve(&draft, &approver(name));
        assert!(matches!(refused, Err(Error::OwnWork)), "{refused:?}");
    }
    assert_eq!(house.number(), 1);
    house.approve(&draft, &approver("bram")).unwrap();
}

#[test]
fn nobody_approves_what_they_edited_merged_or_submitted() {
    let house = House::new();
    let (anna, bram, carla) = (editor("anna"), approver("bram"), approver("carla"));
    let draft = house
        .review
        .begin("a change", text(&[STRICTER]), &anna)
        .unwrap();
    // Edited, and edited back: they had a hand in it all the same.
    let Edited::Saved(draft) = house
        .review
        .edit(draft.id, 1, text(&[SEARCHED]), &bram)
        .unwrap()
    else {
        panic!("nobody else saved");
    };
    let Edited::Saved(draft) = house
        .review
        .edit(draft.id, 2, text(&[STRICTER]), &anna)
        .unwrap()
    else {
        panic!("nobody else saved");
    };
    // Submitted by another.
    let draft = house
        .review
        .submit(draft.id, &draft.digest(), "", &house.bench, &carla)
        .unwrap();
    for person in [&bram, &carla] {
        assert!(matches!(house.approve(&draft, person), Err(Error::OwnWork)));
    }
    house.approve(&draft, &approver("dirk")).unwrap();

    let behind = house
        .review
        .begin("late", house.live(&[SEARCHED]), &anna)
        .unwrap();
    house.version(&[("P7Y", "P6Y")]);
    let (behind, _) = house.review.catch_up(behind.id, 1, &bram).unwrap();
    let behind = house
        .review
        .submit(behind.id, &behind.digest(), "x", &house.bench, &anna);
    let merged = house.approve(&behind.unwrap(), &bram);
    assert!(matches!(merged, Err(Error::OwnWork)));
}

#[test]
fn roles_are_asked_for_at_every_step() {
    let house = House::new();
    let nobody = Actor {
        name: "niels".to_owned(),
        login: "niels".to_owned(),
        editor: false,
        approver: false,
        fresh: true,
    };
    let draft = house.submitted(&[STRICTER], &editor("anna"));
    let seen = draft.digest();
    let review = &house.review;
    let reader =
        |result: Result<(), Error>| assert!(matches!(result, Err(Error::Role(_))), "{result:?}");
    reader(review.begin("x", text(&[]), &nobody).map(drop));
    reader(review.edit(draft.id, 1, text(&[]), &nobody).map(drop));
    reader(review.catch_up(draft.id, 1, &nobody).map(drop));
    reader(review.drop_draft(draft.id, &nobody).map(drop));
    reader(
        review
            .submit(draft.id, &seen, "", &house.bench, &nobody)
            .map(drop),
    );
    for person in [&nobody, &editor("eva")] {
        reader(house.approve(&draft, person).map(drop));
        reader(review.refuse(draft.id, &seen, "no", person).map(drop));
        reader(
            review
                .emergency(draft.id, &seen, "now", &house.bench, person)
                .map(drop),
        );
        reader(review.roll_back(1, "back", &house.bench, person).map(drop));
        reader(review.look_at(1, person).map(drop));
    }
    let unnamed = approver("eva@example.nl");
    assert!(matches!(house.approve(&draft, &unnamed), Err(Error::Name)));
    assert_eq!(house.number(), 1);
}

#[test]
fn what_gets_weaker_needs_a_reason_and_a_fresh_factor_of_the_approver() {
    let house = House::new();
    let anna = editor("anna");
    let draft = house
        .review
        .begin("older versions", text(&[SEARCHED]), &anna)
        .unwrap();
    let silent = house
        .review
        .submit(draft.id, &draft.digest(), "  ", &house.bench, &anna);
    assert!(matches!(silent, Err(Error::Reason)));
    let draft = house.submitted(&[SEARCHED], &anna);
    let stale = Actor {
        fresh: false,
        ..approver("bram")
    };
    assert!(matches!(house.approve(&draft, &stale), Err(Error::StepUp)));
    let made = house.approve(&draft, &approver("bram")).unwrap();
    assert_eq!(made.reason, "asked for");
    assert!(made.weaker > 0);

    // What does not get weaker needs neither.
    let draft = house.submitted(&[("oldest = 40", "oldest = 60")], &anna);
    house.approve(&draft, &stale).unwrap();
}

#[test]
fn what_was_edited_after_it_was_submitted_is_not_approved() {
    let house = House::new();
    let anna = editor("anna");
    let draft = house.submitted(&[STRICTER], &anna);
    house
        .review
        .edit(draft.id, 1, text(&[SEARCHED]), &anna)
        .unwrap();
    let late = house.approve(&draft, &approver("bram"));
    assert!(matches!(late, Err(Error::State(State::Open))), "{late:?}");
    // Submitted again, it is not what the approver saw.
    let now = house.review.draft(draft.id).unwrap();
    house
        .review
        .submit(now.id, &now.digest(), "x", &house.bench, &anna)
        .unwrap();
    let late = house.approve(&draft, &approver("bram"));
    assert!(matches!(late, Err(Error::Changed)), "{late:?}");
    assert_eq!(house.number(), 1);
}

#[test]
fn what_does_not_compile_or_fails_its_cases_is_not_even_submitted() {
    let house = House::new();
    let anna = editor("anna");
    for wrong in [("\"hold\"", "\"hodl\""), SHOWN] {
        let draft = house.review.begin("wrong", text(&[wrong]), &anna).unwrap();
        let refused = house
            .review
            .submit(draft.id, &draft.digest(), "x", &house.bench, &anna);
        let Err(Error::Unfit(trial)) = refused else {
            panic!("{refused:?}");
        };
        assert!(trial.lint.has_errors() || !trial.cases.unwrap().passed());
    }
    // With the case changed too it goes to the approver, as something weaker.
    let mut both = text(&[SHOWN]);
    both.cases = CASES.replace("masked", "revealed");
    let trial = house.review.try_out(&both, &house.bench).unwrap();
    assert!(trial.fits() && trial.weaker() >= 2, "{:?}", trial.changes);
    // Cases that are gone guard nothing.
    let bare = Text {
        cases: String::new(),
        ..text(&[])
    };
    assert_eq!(
        house.review.try_out(&bare, &house.bench).unwrap().weaker(),
        1
    );
}

#[test]
fn an_emergency_takes_one_person_makes_nothing_weaker_and_is_flagged_until_another_has_looked() {
    let house = House::new();
    let bram = approver("bram");
    let begin = |changes: &[(&str, &str)]| {
        let draft = house.review.begin("now", text(changes), &bram).unwrap();
        (draft.id, draft.digest())
    };
    let hurry = |(id, seen): &(i64, String), why: &str, by: &Actor| {
        house.review.emergency(*id, seen, why, &house.bench, by)
    };
    let weaker = begin(&[SEARCHED]);
    assert!(matches!(
        hurry(&weaker, "at once", &bram),
        Err(Error::Weaker)
    ));
    let stricter = begin(&[STRICTER]);
    assert!(matches!(hurry(&stricter, " ", &bram), Err(Error::Reason)));
    let stale = Actor {
        fresh: false,
        ..bram.clone()
    };
    assert!(matches!(
        hurry(&stricter, "a leak", &stale),
        Err(Error::StepUp)
    ));
    assert_eq!(house.number(), 1);

    let made = hurry(&stricter, "a leak", &bram).unwrap();
    assert!(made.is_flagged());
    let bare = Version {
        text: Text::default(),
        ..made
    };
    assert_eq!(house.review.flagged().unwrap(), [bare]);
    assert!(matches!(
        house.review.look_at(2, &bram),
        Err(Error::OwnWork)
    ));
    assert!(matches!(
        house.review.look_at(1, &bram),
        Err(Error::NotFlagged(1))
    ));
    let looked = house.review.look_at(2, &approver("carla")).unwrap();
    assert_eq!(looked.reviewed.unwrap().by, "carla");
    assert_eq!(house.review.flagged().unwrap(), []);
    assert!(matches!(
        house.review.look_at(2, &approver("dirk")),
        Err(Error::NotFlagged(2))
    ));
}

#[test]
fn a_refused_draft_says_why_and_only_an_edit_opens_it_again() {
    let house = House::new();
    let anna = editor("anna");
    let draft = house.submitted(&[STRICTER], &anna);
    let seen = draft.digest();
    let refused = house
        .review
        .refuse(draft.id, &seen, "not now", &approver("bram"))
        .unwrap();
    assert_eq!(
        refused.refusal,
        Some(("bram".to_owned(), "not now".to_owned()))
    );
    assert!(matches!(
        house.approve(&draft, &approver("carla")),
        Err(Error::State(State::Refused))
    ));
    let hurry = house
        .review
        .emergency(draft.id, &seen, "now", &house.bench, &approver("carla"));
    assert!(matches!(hurry, Err(Error::State(State::Refused))));
    house
        .review
        .edit(draft.id, 1, text(&[SEARCHED]), &anna)
        .unwrap();
    let now = house.review.draft(draft.id).unwrap();
    assert_eq!((now.state, now.refusal), (State::Open, None));
}

#[test]
fn an_older_version_comes_back_only_as_a_new_one_by_two_people() {
    let house = House::new();
    let old = house.review.version(1).unwrap().text;
    house.version(&[STRICTER]);
    let back = house
        .review
        .roll_back(1, "support needs it", &house.bench, &approver("anna"))
        .unwrap();
    assert_eq!((back.state, &back.text), (State::Submitted, &old));
    assert!(matches!(
        house.approve(&back, &approver("anna")),
        Err(Error::OwnWork)
    ));
    let made = house.approve(&back, &approver("bram")).unwrap();
    assert_eq!((made.number, made.text), (3, old));
    assert!(made.weaker > 0, "support sees addresses again");
    let nothing = house
        .review
        .roll_back(3, "x", &house.bench, &approver("anna"));
    assert!(matches!(nothing, Err(Error::Nothing)));
}

#[test]
fn a_draft_is_approved_once_and_the_file_is_adopted_once() {
    let house = House::new();
    let draft = house.submitted(&[STRICTER], &editor("anna"));
    house.approve(&draft, &approver("bram")).unwrap();
    let again = house.approve(&draft, &approver("bram"));
    assert!(matches!(again, Err(Error::State(State::Live))));
    assert!(matches!(house.review.adopt(&text(&[])), Err(Error::Begun)));
}
