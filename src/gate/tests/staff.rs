//! People from the attacker's side: the second factor skipped, replayed, guessed; sessions fixed,
//! kept, revived; links used twice.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use super::{HOST, World, here, text};
use crate::gate::staff::{
    ConsoleRole, ConsoleRoles, Enrolled, Invitation, Link, NewPerson, SignInError, State, Step,
    Surface, Visitor, Weakness,
};
use crate::gate::{Denied, Error, Factor, Gate, Permit};
use crate::model::Secret;

pub(super) const PASSWORD: &str = "vier paarden op zolder";
const DAY: Duration = Duration::from_hours(24);

pub(super) fn at(cookie: Option<&str>) -> Visitor<'_> {
    Visitor {
        cookie,
        source: here(),
        host: HOST,
        surface: Surface::Border,
    }
}

pub(super) fn invite(world: &World, login: &str) -> Link {
    let new = NewPerson {
        login: login.to_owned(),
        display: "Sanne Vermeer".to_owned(),
        purpose: "sales".to_owned(),
        roles: vec!["sales".to_owned()],
        console: ConsoleRoles::none(),
    };
    world.gate.add_person(&new, DAY).unwrap()
}

fn behind(world: &World, link: &Link) -> Invitation {
    world
        .gate
        .invitation(&text(&link.token), &at(None))
        .unwrap()
}

/// A person with a password and codes.
struct Sanne {
    codes: crate::gate::Enrolment,
    enrolled: Enrolled,
}

impl Sanne {
    fn new(world: &World) -> Self {
        let link = invite(world, "sanne");
        let codes = behind(world, &link).codes;
        let code = text(&codes.code(crate::model::Clock::now(&*world.clock)).unwrap());
        let enrolled = world
            .gate
            .enrol_password(&text(&link.token), PASSWORD, &code, &at(None))
            .unwrap();
        world.clock.forward(60);
        Self { codes, enrolled }
    }

    fn code(&self, world: &World) -> String {
        text(
            &self
                .codes
                .code(crate::model::Clock::now(&*world.clock))
                .unwrap(),
        )
    }

    /// Signs in with both factors; a minute later, so that the next code is another one.
    fn sign_in(&self, world: &World) -> String {
        let half = password(world, None).unwrap();
        let full = world
            .gate
            .show_code(&self.code(world), &at(Some(&text(&half.cookie))))
            .unwrap();
        world.clock.forward(60);
        text(&full.cookie)
    }
}

fn password(world: &World, cookie: Option<&str>) -> Result<Step, SignInError> {
    world.gate.show_password("sanne", PASSWORD, &at(cookie))
}

fn admit(gate: &Gate, cookie: &str) -> Result<Permit, Denied> {
    let session = gate.admit_session(cookie, Instant::now())?;
    Ok(session.permit)
}

#[test]
fn a_person_comes_in_with_both_factors_and_the_permit_says_who() {
    let world = World::new();
    let sanne = Sanne::new(&world);
    let permit = admit(&world.gate, &sanne.sign_in(&world)).unwrap();
    assert_eq!(permit.client(), "sanne");
    assert_eq!(permit.roles(), ["sales"]);
    assert_eq!(permit.purpose(), "sales");
    assert_eq!(permit.factors(), [Factor::Password, Factor::Totp]);
    let people = world.gate.people().unwrap();
    assert_eq!(people[0].state, State::Active);
    assert_eq!(people[0].recovery_codes, 10);
}

#[test]
fn the_password_alone_opens_nothing() {
    let world = World::new();
    let _sanne = Sanne::new(&world);
    let half = password(&world, None).unwrap();
    assert!(!half.full);
    let cookie = text(&half.cookie);
    assert!(matches!(admit(&world.gate, &cookie), Err(Denied::Unknown)));
    assert!(!world.gate.seated(&at(Some(&cookie))).unwrap().unwrap().full);
    for refused in [
        world.gate.new_recovery_codes(&at(Some(&cookie))).err(),
        world.gate.add_passkey_challenge(&at(Some(&cookie))).err(),
        world.gate.passkeys(&at(Some(&cookie))).err(),
        world.gate.remove_passkey(1, &at(Some(&cookie))).err(),
    ] {
        assert!(matches!(refused, Some(SignInError::SessionEnded)));
    }
}

#[test]
fn a_password_without_codes_cannot_be_written_down() {
    let world = World::new();
    invite(&world, "sanne");
    let database = world.gate.database();
    assert!(
        database
            .execute("UPDATE person SET password = 'x'", [])
            .is_err()
    );
    assert!(
        database
            .execute("UPDATE person SET totp_sealed = x'00'", [])
            .is_err()
    );
    let both = "UPDATE person SET password = 'x', totp_sealed = x'00'";
    assert!(database.execute(both, []).is_ok());
}

#[test]
fn a_code_that_was_accepted_is_refused_in_every_other_session() {
    let world = World::new();
    let sanne = Sanne::new(&world);
    let (one, two) = (
        password(&world, None).unwrap(),
        password(&world, None).unwrap(),
    );
    let (one, two) = (text(&one.cookie), text(&two.cookie));
    let code = sanne.code(&world);
    assert!(world.gate.show_code(&code, &at(Some(&one))).is_ok());
    let again = world.gate.show_code(&code, &at(Some(&two)));
    assert!(matches!(again, Err(SignInError::Wrong)));
    world.clock.forward(30);
    let next = sanne.code(&world);
    assert!(world.gate.show_code(&next, &at(Some(&two))).is_ok());
}

#[test]
fn of_many_that_show_one_code_at_once_one_gets_in() {
    let world = World::new();
    let sanne = Sanne::new(&world);
    let halves: Vec<String> = (0..8)
        .map(|_| text(&password(&world, None).unwrap().cookie))
        .collect();
    let other = world.other_process();
    let code = sanne.code(&world);
    let start = Barrier::new(halves.len());
    let won = thread::scope(|scope| {
        let tries: Vec<_> = halves
            .iter()
            .enumerate()
            .map(|(number, half)| {
                let gate = if number % 2 == 0 { &world.gate } else { &other };
                let (start, code) = (&start, &code);
                scope.spawn(move || {
                    start.wait();
                    gate.show_code(code, &at(Some(half))).is_ok()
                })
            })
            .collect();
        tries
            .into_iter()
            .map(|t| t.join().unwrap())
            .filter(|won| *won)
            .count()
    });
    assert_eq!(won, 1);
}

#[test]
fn guessing_codes_locks_them_and_the_right_one_with_them() {
    let world = World::new();
    let sanne = Sanne::new(&world);
    let half = text(&password(&world, None).unwrap().cookie);
    let right = sanne.code(&world);
    for number in 0..5 {
        let wrong = format!(
            "{:06}",
            (right.parse::<u32>().unwrap() + 1 + number) % 1_000_000
        );
        let _ = world.gate.show_code(&wrong, &at(Some(&half)));
    }
    let refused = world.gate.show_code(&right, &at(Some(&half)));
    assert!(matches!(refused, Err(SignInError::Wrong)));
    world.clock.forward(3600);
    let half = text(&password(&world, None).unwrap().cookie);
    assert!(
        world
            .gate
            .show_code(&sanne.code(&world), &at(Some(&half)))
            .is_ok()
    );
}

#[test]
fn passwords_guessed_in_parallel_meet_the_back_off() {
    let world = World::new();
    let _sanne = Sanne::new(&world);
    let start = Barrier::new(24);
    let looked_at = thread::scope(|scope| {
        let tries: Vec<_> = (0..24)
            .map(|number| {
                let (world, start) = (&world, &start);
                scope.spawn(move || {
                    start.wait();
                    let guess = format!("een gok {number}");
                    let tried = world.gate.show_password("sanne", &guess, &at(None));
                    matches!(tried, Err(SignInError::Wrong))
                })
            })
            .collect();
        tries
            .into_iter()
            .map(|t| t.join().unwrap())
            .filter(|looked| *looked)
            .count()
    });
    assert!(
        (1..=5).contains(&looked_at),
        "{looked_at} guesses were looked at"
    );
    assert!(matches!(
        password(&world, None),
        Err(SignInError::TooOften { .. })
    ));
    // Elsewhere she is not locked out, and here not for ever.
    let elsewhere = Visitor {
        source: "198.51.100.7".parse().unwrap(),
        ..at(None)
    };
    assert!(
        world
            .gate
            .show_password("sanne", PASSWORD, &elsewhere)
            .is_ok()
    );
    world.clock.forward(900);
    assert!(password(&world, None).is_ok());
}

#[test]
fn the_unknown_the_disabled_and_the_mistyped_are_told_the_same() {
    let world = World::new();
    let _sanne = Sanne::new(&world);
    invite(&world, "koen");
    let refused = |login: &str, password: &str| {
        let error = world
            .gate
            .show_password(login, password, &at(None))
            .unwrap_err();
        assert!(matches!(error, SignInError::Wrong), "{login}");
        error.to_string()
    };
    let unknown = refused("nobody", PASSWORD);
    assert_eq!(unknown, refused("sanne", "een andere zin"));
    assert_eq!(unknown, refused("koen", PASSWORD));
    assert_eq!(unknown, refused("'; DROP TABLE person; --", PASSWORD));
    world.gate.disable_person("sanne").unwrap();
    assert_eq!(unknown, refused("sanne", PASSWORD));
    world.gate.enable_person("sanne").unwrap();
    assert!(password(&world, None).is_ok());
}

#[test]
fn every_step_gives_the_session_a_new_name_and_ends_the_old_one() {
    let world = World::new();
    let sanne = Sanne::new(&world);
    let planted = text(&password(&world, None).unwrap().cookie);
    let half = text(&password(&world, Some(&planted)).unwrap().cookie);
    assert!(world.gate.seated(&at(Some(&planted))).unwrap().is_none());
    let full = world
        .gate
        .show_code(&sanne.code(&world), &at(Some(&half)))
        .unwrap();
    let full = text(&full.cookie);
    assert!(world.gate.seated(&at(Some(&half))).unwrap().is_none());
    world.clock.forward(60);
    let again = world
        .gate
        .show_code(&sanne.code(&world), &at(Some(&full)))
        .unwrap();
    assert!(admit(&world.gate, &full).is_err());
    assert!(admit(&world.gate, &text(&again.cookie)).is_ok());
    // A name that we never gave is nobody's, whatever happens with it.
    let mine = "A".repeat(43);
    password(&world, Some(&mine)).unwrap();
    assert!(world.gate.seated(&at(Some(&mine))).unwrap().is_none());
}

#[test]
fn a_session_ends_for_idleness_and_for_age() {
    let world = World::new();
    let sanne = Sanne::new(&world);
    let cookie = sanne.sign_in(&world);
    world.clock.forward(29 * 60 - 60);
    let session = world.gate.admit_session(&cookie, Instant::now()).unwrap();
    assert!(session.touch);
    world.gate.touch_session(&cookie);
    world.clock.forward(29 * 60);
    assert!(admit(&world.gate, &cookie).is_ok());
    assert!(admit(&world.other_process(), &cookie).is_ok());
    let idle = sanne.sign_in(&world);
    world.clock.forward(30 * 60);
    assert!(matches!(admit(&world.gate, &idle), Err(Denied::Expired)));
    assert!(world.gate.seated(&at(Some(&idle))).unwrap().is_none());

    let busy = sanne.sign_in(&world);
    for _ in 0..36 {
        assert!(admit(&world.gate, &busy).is_ok());
        world.clock.forward(19 * 60 + 55);
        world.gate.touch_session(&busy);
    }
    world.clock.forward(180);
    assert!(matches!(admit(&world.gate, &busy), Err(Denied::Expired)));
}

#[test]
fn the_use_of_a_session_is_written_down_at_most_once_a_minute() {
    let world = World::new();
    let sanne = Sanne::new(&world);
    let cookie = sanne.sign_in(&world);
    let touch = || {
        world
            .gate
            .admit_session(&cookie, Instant::now())
            .unwrap()
            .touch
    };
    world.clock.forward(60);
    let first: Vec<bool> = (0..3).map(|_| touch()).collect();
    assert_eq!(first, [true, false, false]);
    world.clock.forward(59);
    assert!(!touch());
    world.clock.forward(1);
    assert!(touch());
}

#[test]
fn looking_at_a_session_does_not_keep_it_alive() {
    let world = World::new();
    let cookie = Sanne::new(&world).sign_in(&world);
    let look = || world.gate.look_at_session(&cookie, Instant::now());
    for _ in 0..28 {
        assert_eq!(look().unwrap().client(), "sanne");
        world.clock.forward(60);
    }
    assert!(look().is_ok());
    world.clock.forward(60);
    assert_eq!(look().err(), Some(Denied::Expired));
    assert_eq!(admit(&world.gate, &cookie).err(), Some(Denied::Expired));
}

#[test]
fn looking_at_a_session_takes_no_use_from_whoever_works_in_it() {
    let world = World::new();
    let cookie = Sanne::new(&world).sign_in(&world);
    for _ in 0..45 {
        world.clock.forward(60);
        world.gate.look_at_session(&cookie, Instant::now()).unwrap();
        let session = world.gate.admit_session(&cookie, Instant::now()).unwrap();
        if session.touch {
            world.gate.touch_session(&cookie);
        }
    }
    // Whoever knows the file alone: another process, or this one after its memory was dropped.
    assert!(admit(&world.other_process(), &cookie).is_ok());
    assert!(world.gate.seated(&at(Some(&cookie))).unwrap().is_some());
}

#[test]
fn a_change_of_factors_makes_no_session_fresher() {
    const NEW: &str = "zeven zwanen onder de brug";
    let world = World::new();
    let sanne = Sanne::new(&world);
    let change = |cookie: &str, password: &str| {
        let step = world.gate.change_password(password, &at(Some(cookie)));
        step.map(|step| text(&step.cookie))
    };
    let is_fresh = |cookie: &str| {
        let seated = world.gate.seated(&at(Some(cookie))).unwrap().unwrap();
        assert!(seated.full);
        seated.fresh
    };
    // The second factor was shown a minute ago.
    let cookie = sanne.sign_in(&world);
    world.clock.forward(3 * 60);
    let cookie = change(&cookie, NEW).unwrap();
    assert!(is_fresh(&cookie), "not yet five minutes");
    let codes = world.gate.offered_codes(&at(Some(&cookie))).unwrap();
    let now = crate::model::Clock::now(&*world.clock);
    let code = text(&codes.code(now).unwrap());
    let changed = world.gate.change_codes(&code, None, &at(Some(&cookie)));
    let cookie = text(&changed.unwrap().step.cookie);
    assert!(is_fresh(&cookie));
    let permit = admit(&world.gate, &cookie).unwrap();
    let shown = permit.sign_in().unwrap().proven;
    assert_eq!(shown.plus_seconds(4 * 60), now);
    world.clock.forward(60);
    assert!(!is_fresh(&cookie), "five minutes since a factor was shown");
    assert!(matches!(
        change(&cookie, PASSWORD),
        Err(SignInError::StepUp)
    ));
    world.clock.forward(60);
    let now = crate::model::Clock::now(&*world.clock);
    let code = text(&codes.code(now).unwrap());
    let stepped = world.gate.show_code(&code, &at(Some(&cookie))).unwrap();
    assert!(is_fresh(&text(&stepped.cookie)));
}

#[test]
fn after_a_reset_the_identity_provider_opens_nothing() {
    let world = World::new();
    let _sanne = Sanne::new(&world);
    let issuer = "https://login.example.eu";
    world.gate.link_person("sanne", issuer, "u-1001").unwrap();
    let vouched = crate::gate::staff::Vouched {
        issuer: issuer.to_owned(),
        subject: "u-1001".to_owned(),
        second: true,
        asked: None,
    };
    assert!(world.gate.show_vouched(&vouched, &at(None)).unwrap().full);
    world.gate.reset_person("sanne", DAY).unwrap();
    let refused = world.gate.show_vouched(&vouched, &at(None));
    assert!(matches!(refused, Err(SignInError::Wrong)));
    world.gate.link_person("sanne", issuer, "u-1001").unwrap();
    assert!(world.gate.show_vouched(&vouched, &at(None)).unwrap().full);
}

#[test]
fn what_an_operator_changes_ends_sessions_with_the_next_request() {
    type Change = fn(&Gate);
    let changes: [(&str, Change); 3] = [
        ("disable", |gate| gate.disable_person("sanne").unwrap()),
        ("roles", |gate| {
            gate.set_person_roles("sanne", &["support".to_owned()])
                .unwrap();
        }),
        ("reset", |gate| {
            gate.reset_person("sanne", DAY).unwrap();
        }),
    ];
    for (name, change) in changes {
        let world = World::new();
        let sanne = Sanne::new(&world);
        let cookie = sanne.sign_in(&world);
        assert!(admit(&world.gate, &cookie).is_ok());
        change(&world.other_process());
        assert!(
            matches!(admit(&world.gate, &cookie), Err(Denied::Unknown)),
            "{name}"
        );
        assert!(
            world.gate.seated(&at(Some(&cookie))).unwrap().is_none(),
            "{name}"
        );
    }
}

#[test]
fn a_new_role_is_in_the_next_session() {
    let world = World::new();
    let sanne = Sanne::new(&world);
    world
        .gate
        .set_person_roles("Sanne", &["support".to_owned()])
        .unwrap();
    assert_eq!(
        admit(&world.gate, &sanne.sign_in(&world)).unwrap().roles(),
        ["support"]
    );
}

#[test]
fn a_sign_in_under_way_ends_with_a_change_too() {
    let world = World::new();
    let sanne = Sanne::new(&world);
    let half = text(&password(&world, None).unwrap().cookie);
    world.gate.disable_person("sanne").unwrap();
    let refused = world.gate.show_code(&sanne.code(&world), &at(Some(&half)));
    assert!(matches!(refused, Err(SignInError::SessionEnded)));
}

#[test]
fn who_signs_out_is_out() {
    let world = World::new();
    let sanne = Sanne::new(&world);
    let (one, two) = (sanne.sign_in(&world), sanne.sign_in(&world));
    world.gate.sign_out(&one).unwrap();
    assert!(admit(&world.gate, &one).is_err());
    assert!(admit(&world.gate, &two).is_ok());
}

#[test]
fn a_link_is_used_once_and_not_after_its_time() {
    let world = World::new();
    let link = invite(&world, "sanne");
    let token = text(&link.token);
    let codes = behind(&world, &link).codes;
    let code = || text(&codes.code(crate::model::Clock::now(&*world.clock)).unwrap());
    let enrol =
        |password: &str, code: &str| world.gate.enrol_password(&token, password, code, &at(None));
    assert!(matches!(
        enrol("kort", &code()),
        Err(SignInError::WeakPassword(Weakness::Short))
    ));
    assert!(matches!(enrol(PASSWORD, "000000"), Err(SignInError::Wrong)));
    let enrolled = enrol(PASSWORD, &code()).unwrap();
    assert!(enrolled.step.full);
    world.clock.forward(60);
    assert!(matches!(
        enrol(PASSWORD, &code()),
        Err(SignInError::LinkEnded)
    ));

    let late = invite(&world, "koen");
    world.clock.forward(24 * 60 * 60);
    let refused = world.gate.invitation(&text(&late.token), &at(None));
    assert!(matches!(refused, Err(SignInError::LinkEnded)));
    let next = world.gate.invite("koen", DAY).unwrap();
    let last = world.gate.invite("koen", DAY).unwrap();
    let refused = world.gate.invitation(&text(&next.token), &at(None));
    assert!(matches!(refused, Err(SignInError::LinkEnded)));
    assert!(world.gate.invitation(&text(&last.token), &at(None)).is_ok());
    world.gate.disable_person("koen").unwrap();
    let refused = world.gate.invitation(&text(&last.token), &at(None));
    assert!(matches!(refused, Err(SignInError::LinkEnded)));
}

#[test]
fn of_two_that_use_one_link_at_once_one_is_enrolled() {
    let world = World::new();
    let link = invite(&world, "sanne");
    let codes = behind(&world, &link).codes;
    let code = text(&codes.code(crate::model::Clock::now(&*world.clock)).unwrap());
    let other = world.other_process();
    let start = Barrier::new(2);
    let token = text(&link.token);
    let won = thread::scope(|scope| {
        let tries = [&world.gate, &other].map(|gate| {
            let (start, token, code) = (&start, &token, &code);
            scope.spawn(move || {
                start.wait();
                gate.enrol_password(token, PASSWORD, code, &at(None))
                    .is_ok()
            })
        });
        tries
            .into_iter()
            .map(|t| t.join().unwrap())
            .filter(|won| *won)
            .count()
    });
    assert_eq!(won, 1);
}

#[test]
fn the_code_of_the_enrolment_does_not_sign_in() {
    let world = World::new();
    let link = invite(&world, "sanne");
    let codes = behind(&world, &link).codes;
    let code = text(&codes.code(crate::model::Clock::now(&*world.clock)).unwrap());
    let token = text(&link.token);
    world
        .gate
        .enrol_password(&token, PASSWORD, &code, &at(None))
        .unwrap();
    let half = text(&password(&world, None).unwrap().cookie);
    let refused = world.gate.show_code(&code, &at(Some(&half)));
    assert!(matches!(refused, Err(SignInError::Wrong)));
}

#[test]
fn who_has_factors_gets_no_further_link_and_a_reset_takes_all_of_them() {
    let world = World::new();
    let sanne = Sanne::new(&world);
    assert!(matches!(
        world.gate.invite("sanne", DAY),
        Err(Error::Unfit(_))
    ));
    world.gate.reset_person("sanne", DAY).unwrap();
    assert!(matches!(password(&world, None), Err(SignInError::Wrong)));
    let person = world.gate.people().unwrap().remove(0);
    assert_eq!(person.state, State::Invited);
    assert_eq!((person.password, person.recovery_codes), (false, 0));
    drop(sanne);
}

#[test]
fn a_recovery_code_stands_in_for_a_code_once_and_never_alone() {
    let world = World::new();
    let sanne = Sanne::new(&world);
    let codes: Vec<String> = sanne.enrolled.recovery_codes.iter().map(text).collect();
    let alone = world.gate.show_recovery_code(&codes[0], &at(None));
    assert!(matches!(alone, Err(SignInError::SessionEnded)));
    let half = || text(&password(&world, None).unwrap().cookie);
    let one = half();
    let full = world
        .gate
        .show_recovery_code(&codes[0].to_uppercase(), &at(Some(&one)));
    let permit = admit(&world.gate, &text(&full.unwrap().cookie)).unwrap();
    assert_eq!(permit.factors(), [Factor::Password, Factor::RecoveryCode]);
    let again = world.gate.show_recovery_code(&codes[0], &at(Some(&half())));
    assert!(matches!(again, Err(SignInError::Wrong)));
    assert!(
        world
            .gate
            .show_recovery_code(&codes[1], &at(Some(&half())))
            .is_ok()
    );
}

#[test]
fn a_change_of_factors_needs_a_factor_shown_lately() {
    let world = World::new();
    let sanne = Sanne::new(&world);
    let cookie = sanne.sign_in(&world);
    assert!(world.gate.new_recovery_codes(&at(Some(&cookie))).is_ok());
    world.clock.forward(5 * 60);
    let late = world.gate.new_recovery_codes(&at(Some(&cookie)));
    assert!(matches!(late, Err(SignInError::StepUp)));
    let late = world.gate.add_passkey_challenge(&at(Some(&cookie)));
    assert!(matches!(late, Err(SignInError::StepUp)));
    let before = world.gate.sessions().unwrap().pop().unwrap();
    let step = world
        .gate
        .show_code(&sanne.code(&world), &at(Some(&cookie)))
        .unwrap();
    let stepped = text(&step.cookie);
    assert!(world.gate.new_recovery_codes(&at(Some(&stepped))).is_ok());
    // Stepping up makes no session longer.
    let after = world.gate.sessions().unwrap().pop().unwrap();
    assert_eq!(before.expires, after.expires);
}

#[test]
fn a_person_and_a_client_never_have_one_name() {
    let world = World::new();
    invite(&world, "sanne");
    let pair = crate::gate::Pair::new(Factor::Secret, Factor::Totp).unwrap();
    let client = |name: &str| {
        world
            .gate
            .add(&crate::gate::NewClient::new(name, "x", &[], pair))
    };
    assert!(matches!(client("Sanne"), Err(Error::NameTaken)));
    assert!(client("erp").is_ok());
    let person = NewPerson {
        login: "ERP".to_owned(),
        display: "x".to_owned(),
        purpose: "x".to_owned(),
        roles: Vec::new(),
        console: ConsoleRoles::none(),
    };
    assert!(matches!(
        world.gate.add_person(&person, DAY),
        Err(Error::NameTaken)
    ));
}

#[test]
fn sealing_anew_keeps_codes_and_links() {
    let world = World::new();
    let sanne = Sanne::new(&world);
    let link = invite(&world, "koen");
    assert_eq!(world.gate.reseal().unwrap(), 2);
    sanne.sign_in(&world);
    behind(&world, &link);
}

#[test]
fn the_database_has_no_name_of_a_session_and_no_link() {
    let world = World::new();
    let sanne = Sanne::new(&world);
    let link = text(&invite(&world, "koen").token);
    let cookie = sanne.sign_in(&world);
    let mut kept = std::fs::read(world.path()).unwrap();
    kept.extend(std::fs::read(world.path().with_extension("db-wal")).unwrap_or_default());
    let holds = |text: &str| kept.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds("sanne"));
    let secrets: Vec<&Secret> = sanne.enrolled.recovery_codes.iter().collect();
    for secret in [
        cookie,
        link,
        PASSWORD.to_owned(),
        text(secrets[0]).replace('-', ""),
    ] {
        assert!(!holds(&secret));
    }
}

#[test]
fn a_session_of_one_surface_opens_nothing_at_the_other() {
    let world = World::new();
    let sanne = Sanne::new(&world);
    let border = text(&sanne.enrolled.step.cookie);
    let at_console = |cookie| Visitor {
        surface: Surface::Console,
        ..at(cookie)
    };
    assert!(world.gate.seated(&at(Some(&border))).unwrap().is_some());
    assert!(world.gate.admit_session(&border, Instant::now()).is_ok());
    assert!(
        world
            .gate
            .seated(&at_console(Some(&border)))
            .unwrap()
            .is_none()
    );
    // Nor is it stepped up there.
    let code = text(
        &sanne
            .codes
            .code(crate::model::Clock::now(&*world.clock))
            .unwrap(),
    );
    let shown = world.gate.show_code(&code, &at_console(Some(&border)));
    assert!(matches!(shown, Err(SignInError::SessionEnded)));

    let half = world
        .gate
        .show_password("sanne", PASSWORD, &at_console(None))
        .unwrap();
    let half = text(&half.cookie);
    let shown = world.gate.show_code(&code, &at(Some(&half)));
    assert!(matches!(shown, Err(SignInError::SessionEnded)));
    let full = world
        .gate
        .show_code(&code, &at_console(Some(&half)))
        .unwrap();
    let console = text(&full.cookie);
    assert!(
        world
            .gate
            .seated(&at_console(Some(&console)))
            .unwrap()
            .is_some()
    );
    assert!(world.gate.seated(&at(Some(&console))).unwrap().is_none());
    assert!(matches!(
        world.gate.admit_session(&console, Instant::now()),
        Err(Denied::Unknown)
    ));
}

#[test]
fn roles_at_the_console_are_none_until_somebody_gives_them_and_end_sessions() {
    let world = World::new();
    let sanne = Sanne::new(&world);
    let cookie = text(&sanne.enrolled.step.cookie);
    let person = world.gate.people().unwrap().remove(0);
    assert!(person.console.is_empty());
    let roles = ConsoleRoles::none().with(ConsoleRole::Editor);
    world.gate.set_console_roles("sanne", roles).unwrap();
    assert_eq!(world.gate.people().unwrap()[0].console, roles);
    assert!(world.gate.seated(&at(Some(&cookie))).unwrap().is_none());
}

#[test]
fn an_operator_ends_a_sign_in_by_its_name_and_it_is_recorded() {
    let world = World::new();
    let sanne = Sanne::new(&world);
    let cookie = text(&sanne.enrolled.step.cookie);
    let listed = world.gate.sessions().unwrap().remove(0);
    for wrong in ["", "zz", &"0".repeat(32), &listed.sign_in[1..]] {
        assert!(world.gate.end_sign_in(wrong).is_err(), "{wrong}");
    }
    let gate = world.gate.clone().operated_by("ilse");
    gate.end_sign_in(&listed.sign_in).unwrap();
    assert!(world.gate.seated(&at(Some(&cookie))).unwrap().is_none());
    let event = world.gate.events().unwrap().pop().unwrap();
    assert_eq!(event.act, "user.end-session");
    assert_eq!(event.by.as_deref(), Some("ilse"));
    assert_eq!(event.who, "sanne");
}
