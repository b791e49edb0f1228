//! Passkeys from the attacker's side: answers replayed, mutated, of others, of other origins.

use std::time::Instant;

use super::authenticator::{Authenticator, PRESENT, VERIFIED};
use super::staff::{at, invite};
use super::{HOST, World, text};
use crate::gate::Factor;
use crate::gate::staff::{Challenge, SignInError, Step};

fn device() -> Authenticator {
    Authenticator::new(&format!("https://{HOST}"), HOST)
}

/// A person who enrolled with a passkey; the device, and the session that enrolment gave.
fn enrolled(world: &World, login: &str) -> (Authenticator, String) {
    let link = text(&invite(world, login).token);
    let mut device = device();
    let challenge = world.gate.enrol_challenge(&link, &at(None)).unwrap();
    let answer = device.create(&challenge.options);
    let id = text(&challenge.id);
    let enrolled = world
        .gate
        .enrol_passkey(&link, &id, &answer, "sleutelbos", &at(None))
        .unwrap();
    (device, text(&enrolled.step.cookie))
}

fn challenge(world: &World) -> Challenge {
    world.gate.passkey_challenge(&at(None)).unwrap()
}

fn show(world: &World, challenge: &Challenge, answer: &str) -> Result<Step, SignInError> {
    world
        .gate
        .show_passkey(&text(&challenge.id), answer, &at(None))
}

#[test]
fn a_passkey_signs_in_without_a_name() {
    let world = World::new();
    let (mut device, _) = enrolled(&world, "sanne");
    let challenge = challenge(&world);
    assert_eq!(
        challenge.options["publicKey"]["userVerification"],
        "required"
    );
    let step = show(&world, &challenge, &device.get(&challenge.options)).unwrap();
    let session = world
        .gate
        .admit_session(&text(&step.cookie), Instant::now())
        .unwrap();
    assert_eq!(session.permit.client(), "sanne");
    assert_eq!(
        session.permit.factors(),
        [Factor::Passkey, Factor::UserVerification]
    );
}

#[test]
fn a_new_passkey_is_asked_to_be_discoverable_and_verified() {
    let world = World::new();
    let link = text(&invite(&world, "sanne").token);
    let options = world
        .gate
        .enrol_challenge(&link, &at(None))
        .unwrap()
        .options;
    let wanted = &options["publicKey"]["authenticatorSelection"];
    assert_eq!(wanted["residentKey"], "required");
    assert_eq!(wanted["userVerification"], "required");
}

#[test]
fn a_challenge_is_answered_once_and_not_after_five_minutes() {
    let world = World::new();
    let (mut device, _) = enrolled(&world, "sanne");
    let first = challenge(&world);
    let answer = device.get(&first.options);
    assert!(show(&world, &first, &answer).is_ok());
    assert!(matches!(
        show(&world, &first, &answer),
        Err(SignInError::Wrong)
    ));
    // An answer to another challenge is none to this one.
    assert!(matches!(
        show(&world, &challenge(&world), &answer),
        Err(SignInError::Wrong)
    ));
    let late = challenge(&world);
    let answer = device.get(&late.options);
    world.clock.forward(5 * 60);
    assert!(matches!(
        show(&world, &late, &answer),
        Err(SignInError::Wrong)
    ));
}

#[test]
fn an_answer_that_is_not_for_us_or_not_verified_is_refused() {
    type Twist = fn(&mut Authenticator);
    let twists: [(&str, Twist); 7] = [
        ("another origin", |d| {
            d.origin = "https://evil.example".to_owned()
        }),
        ("another port", |d| {
            d.origin = format!("https://{HOST}:8443")
        }),
        ("no TLS", |d| d.origin = format!("http://{HOST}")),
        ("another domain", |d| d.domain = "evil.example".to_owned()),
        ("holder not verified", |d| d.flags = PRESENT),
        ("holder not present", |d| d.flags = VERIFIED),
        ("a counter that went back", |d| d.counter = 0),
    ];
    for (name, twist) in twists {
        let world = World::new();
        let (mut device, _) = enrolled(&world, "sanne");
        let right = challenge(&world);
        assert!(show(&world, &right, &device.get(&right.options)).is_ok());
        twist(&mut device);
        let wrong = challenge(&world);
        let answer = device.get(&wrong.options);
        assert!(
            matches!(show(&world, &wrong, &answer), Err(SignInError::Wrong)),
            "{name}"
        );
    }
}

#[test]
fn a_passkey_signs_in_nobody_but_its_owner() {
    let world = World::new();
    let (mut sanne, _) = enrolled(&world, "sanne");
    let (koen, _) = enrolled(&world, "koen");
    sanne.handle.clone_from(&koen.handle);
    let asked = challenge(&world);
    let answer = sanne.get(&asked.options);
    assert!(matches!(
        show(&world, &asked, &answer),
        Err(SignInError::Wrong)
    ));
    let mut stranger = device();
    stranger.handle.clone_from(&koen.handle);
    let asked = challenge(&world);
    let answer = stranger.get(&asked.options);
    assert!(matches!(
        show(&world, &asked, &answer),
        Err(SignInError::Wrong)
    ));
}

#[test]
fn a_disabled_or_reset_person_has_no_use_of_their_passkey() {
    let world = World::new();
    let (mut device, cookie) = enrolled(&world, "sanne");
    world.gate.disable_person("sanne").unwrap();
    assert!(world.gate.admit_session(&cookie, Instant::now()).is_err());
    let asked = challenge(&world);
    assert!(show(&world, &asked, &device.get(&asked.options)).is_err());
    world.gate.enable_person("sanne").unwrap();
    let asked = challenge(&world);
    assert!(show(&world, &asked, &device.get(&asked.options)).is_ok());
    world
        .gate
        .reset_person("sanne", std::time::Duration::from_hours(1))
        .unwrap();
    let asked = challenge(&world);
    assert!(show(&world, &asked, &device.get(&asked.options)).is_err());
}

#[test]
fn an_unverified_passkey_does_not_enrol_and_the_link_still_holds() {
    let world = World::new();
    let link = text(&invite(&world, "sanne").token);
    let enrol = |device: &mut Authenticator| {
        let challenge = world.gate.enrol_challenge(&link, &at(None)).unwrap();
        let answer = device.create(&challenge.options);
        let id = text(&challenge.id);
        world
            .gate
            .enrol_passkey(&link, &id, &answer, "x", &at(None))
    };
    let mut unverified = device();
    unverified.flags = PRESENT;
    assert!(matches!(enrol(&mut unverified), Err(SignInError::Wrong)));
    assert!(enrol(&mut device()).is_ok());
    assert!(matches!(
        world.gate.enrol_challenge(&link, &at(None)),
        Err(SignInError::LinkEnded)
    ));
}

#[test]
fn the_challenge_of_one_person_makes_no_passkey_of_another() {
    let world = World::new();
    let (sanne, koen) = (invite(&world, "sanne"), invite(&world, "koen"));
    let challenge = world
        .gate
        .enrol_challenge(&text(&sanne.token), &at(None))
        .unwrap();
    let answer = device().create(&challenge.options);
    let id = text(&challenge.id);
    let crossed = world
        .gate
        .enrol_passkey(&text(&koen.token), &id, &answer, "x", &at(None));
    assert!(matches!(crossed, Err(SignInError::Wrong)));
}

#[test]
fn the_last_passkey_stays_and_a_lost_one_takes_other_sessions_along() {
    let world = World::new();
    let (mut first, cookie) = enrolled(&world, "sanne");
    let me = at(Some(&cookie));
    let known = world.gate.passkeys(&me).unwrap();
    let refused = world.gate.remove_passkey(known[0].id, &me);
    assert!(matches!(refused, Err(SignInError::LastFactor)));

    let asked = challenge(&world);
    let thief = show(&world, &asked, &first.get(&asked.options)).unwrap();
    let wanted = world.gate.add_passkey_challenge(&me).unwrap();
    let answer = device().create(&wanted.options);
    world
        .gate
        .add_passkey(&text(&wanted.id), &answer, "telefoon", &me)
        .unwrap();
    assert_eq!(world.gate.passkeys(&me).unwrap().len(), 2);
    world.gate.remove_passkey(known[0].id, &me).unwrap();
    assert!(
        world
            .gate
            .admit_session(&text(&thief.cookie), Instant::now())
            .is_err()
    );
    assert!(world.gate.admit_session(&cookie, Instant::now()).is_ok());
    let asked = challenge(&world);
    assert!(show(&world, &asked, &first.get(&asked.options)).is_err());
}

#[test]
fn nobody_removes_the_passkey_of_another() {
    let world = World::new();
    let (_, sanne) = enrolled(&world, "sanne");
    let (mut device_of_koen, _) = enrolled(&world, "koen");
    let me = at(Some(&sanne));
    let wanted = world.gate.add_passkey_challenge(&me).unwrap();
    let answer = device().create(&wanted.options);
    world
        .gate
        .add_passkey(&text(&wanted.id), &answer, "x", &me)
        .unwrap();
    for id in 0..10 {
        let mine = world
            .gate
            .passkeys(&me)
            .unwrap()
            .iter()
            .any(|key| key.id == id);
        if !mine {
            world.gate.remove_passkey(id, &me).unwrap();
        }
    }
    let asked = challenge(&world);
    assert!(show(&world, &asked, &device_of_koen.get(&asked.options)).is_ok());
}

#[test]
fn an_address_has_no_passkeys() {
    let world = World::new();
    let visitor = crate::gate::staff::Visitor {
        host: "127.0.0.1:8443",
        ..at(None)
    };
    assert!(!world.gate.has_passkeys(&visitor));
    assert!(world.gate.has_passkeys(&at(None)));
}
