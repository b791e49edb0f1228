//! What takes two administrators of the console: one alone makes nobody who sees or decides.

use std::time::Duration;

use super::{CERTIFICATE, World};
use crate::gate::staff::{ConsoleRoles, Given, NewPerson, Proposed, State, Wanted};
use crate::gate::{Error, Event, Factor, Gate};
use crate::model::FieldList;

const DAY: Duration = Duration::from_hours(24);

fn new(login: &str, roles: &[&str], console: &[&str]) -> NewPerson {
    NewPerson {
        login: login.to_owned(),
        display: "Joris van Dam".to_owned(),
        purpose: "administration".to_owned(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        console: ConsoleRoles::named(console.iter().copied()).unwrap(),
    }
}

fn by(world: &World, admin: &str) -> Gate {
    Gate::clone(&world.gate).operated_by(admin)
}

fn add(gate: &Gate, login: &str, roles: &[&str], console: &[&str]) -> Result<Proposed, Error> {
    gate.propose(login, &Wanted::Add(new(login, roles, console)), DAY)
}

fn waits(proposed: &Result<Proposed, Error>) -> bool {
    matches!(proposed, Ok(Proposed::Waits))
}

#[test]
fn who_sees_or_decides_comes_by_two_administrators() {
    let world = World::new();
    let (ilse, sven) = (by(&world, "ilse"), by(&world, "sven"));
    for (login, roles, console) in [
        ("p1", &[][..], &["editor"][..]),
        ("p2", &[], &["approver"]),
        ("p3", &[], &["admin"]),
        ("p4", &["sales"], &[]),
        ("p5", &["sales"], &["viewer"]),
    ] {
        assert!(waits(&add(&ilse, login, roles, console)), "{login}");
    }
    assert_eq!(world.gate.people().unwrap().len(), 0);
    // Who reads what has no value in it comes by one.
    let reader = add(&ilse, "p6", &[], &["viewer", "auditor"]);
    assert!(matches!(reader, Ok(Proposed::Done(Given::Link(_)))));

    let waiting = world.gate.proposals().unwrap();
    assert_eq!(waiting.len(), 5);
    for own in [&ilse, &by(&world, "ILSE")] {
        let refused = own.confirm(waiting[0].id, "ilse", DAY);
        assert!(matches!(refused, Err(Error::Unfit(_))));
    }
    assert!(
        sven.confirm(waiting[0].id, "P1", DAY).is_err(),
        "about oneself"
    );
    let (_, given) = sven.confirm(waiting[0].id, "sven", DAY).unwrap();
    assert!(matches!(given, Given::Link(link) if link.login == "p1"));
    assert!(
        sven.confirm(waiting[0].id, "sven", DAY).is_err(),
        "it is done once"
    );
    sven.drop_proposal(waiting[1].id).unwrap();
    assert!(sven.confirm(waiting[1].id, "sven", DAY).is_err());
    world.clock.forward(25 * 60 * 60);
    assert!(
        sven.confirm(waiting[2].id, "sven", DAY).is_err(),
        "a day later"
    );
    assert_eq!(world.gate.proposals().unwrap().len(), 0);
    assert_eq!(world.gate.people().unwrap().len(), 2);
}

#[test]
fn a_way_in_under_somebodys_name_takes_two_whatever_roles_were_taken_first() {
    let world = World::new();
    world
        .gate
        .add_person(&new("carla", &["sales"], &["approver"]), DAY)
        .unwrap();
    let (ilse, sven) = (by(&world, "ilse"), by(&world, "sven"));
    let want = |wanted| ilse.propose("carla", &wanted, DAY);
    let roles = |roles: &[&str], console: &[&str]| {
        let new = new("carla", roles, console);
        Wanted::Roles(new.roles, new.console)
    };
    assert!(waits(&want(Wanted::Link)) && waits(&want(Wanted::Reset)));
    ilse.disable_person("carla").unwrap();
    assert!(waits(&want(Wanted::Enable)));
    assert!(waits(&want(roles(&["sales", "support"], &["approver"]))));
    assert!(waits(&want(roles(&["sales"], &["approver", "editor"]))));
    // Taking away is done at once, and is no way around.
    assert!(matches!(
        want(roles(&[], &["viewer"])),
        Ok(Proposed::Done(Given::Nothing))
    ));
    assert!(waits(&want(Wanted::Reset)));
    assert!(waits(&want(roles(&[], &["approver"]))));
    let last = world.gate.proposals().unwrap().pop().unwrap();
    sven.confirm(last.id, "sven", DAY).unwrap();
    let people = world.gate.people().unwrap();
    assert_eq!(people[0].console.to_string(), "approver");
    assert_eq!(people[0].state, State::Disabled);
}

#[test]
fn what_could_not_be_done_is_not_proposed() {
    let world = World::new();
    world
        .gate
        .add_person(&new("carla", &[], &["viewer"]), DAY)
        .unwrap();
    let ilse = by(&world, "ilse");
    assert!(matches!(
        add(&ilse, "Carla", &["sales"], &[]),
        Err(Error::NameTaken)
    ));
    for login in ["", "a b", "<script>"] {
        assert!(add(&ilse, login, &["sales"], &[]).is_err(), "{login}");
    }
    assert!(ilse.propose("nobody", &Wanted::Reset, DAY).is_err());
    let acts = || -> Vec<String> {
        let events = world.gate.events().unwrap();
        events.into_iter().map(|event| event.act).collect()
    };
    assert!(waits(&add(&ilse, "joris@example.nl", &["sales"], &[])));
    assert!(acts().contains(&"propose.add".to_owned()));
    let id = world.gate.proposals().unwrap()[0].id;
    by(&world, "sven").confirm(id, "sven", DAY).unwrap();
    let told = acts();
    assert!(
        told.contains(&"propose.confirm-add".to_owned()) && told.contains(&"user.add".to_owned())
    );
}

fn list(names: &[&str]) -> Option<FieldList> {
    Some(FieldList::new(names.iter().copied()).unwrap())
}

#[test]
fn what_a_program_may_use_is_narrowed_by_one_administrator_and_widened_by_two() {
    let world = World::new();
    world.add("erp", Factor::Secret, Factor::Totp);
    let (ilse, sven) = (by(&world, "ilse"), by(&world, "sven"));
    let want = |names| ilse.propose("erp", &Wanted::Fields(names), DAY);
    let now = || world.gate.list().unwrap()[0].fields.clone();
    for narrower in [&["Contact", "Lead.Email"][..], &["Contact.Email"]] {
        let done = want(list(narrower));
        assert!(matches!(done, Ok(Proposed::Done(Given::Nothing))));
        assert_eq!(now(), list(narrower));
    }
    for wider in [
        list(&["Contact.Email", "Lead"]),
        list(&["Contact"]),
        list(&["Contact.Phone"]),
        None,
    ] {
        assert!(waits(&want(wider)));
    }
    assert_eq!(now(), list(&["Contact.Email"]), "nothing is done yet");
    let waiting = world.gate.proposals().unwrap();
    assert!(
        ilse.confirm(waiting[0].id, "ilse", DAY).is_err(),
        "one's own"
    );
    let (proposal, _) = sven.confirm(waiting[0].id, "sven", DAY).unwrap();
    assert_eq!(proposal.login, "erp");
    assert_eq!(now(), list(&["Contact.Email", "Lead"]));
    sven.confirm(waiting[3].id, "sven", DAY).unwrap();
    assert_eq!(now(), None);
    assert!(ilse.propose("nobody", &Wanted::Fields(None), DAY).is_err());
    let events = world.gate.events().unwrap();
    for (act, who) in [
        ("client.fields", "ilse"),
        ("propose.fields", "ilse"),
        ("propose.confirm-fields", "sven"),
        ("client.all-fields", "sven"),
    ] {
        let told = |event: &&Event| event.act == act && event.by.as_deref() == Some(who);
        let event = events.iter().find(told).unwrap_or_else(|| panic!("{act}"));
        assert_eq!(event.who, "erp");
    }
}

#[test]
fn what_one_administrator_narrows_is_held_to_what_stands_by_then() {
    let world = World::new();
    world.add("erp", Factor::Secret, Factor::Totp);
    let wide = list(&["Contact"]).unwrap();
    world
        .gate
        .set_fields("erp", list(&["Lead"]).as_ref())
        .unwrap();
    // As where another administrator was faster.
    assert!(matches!(
        world.gate.narrow_fields("erp", &wide),
        Err(Error::Unfit(_))
    ));
    assert_eq!(world.gate.list().unwrap()[0].fields, list(&["Lead"]));
}

#[test]
fn a_new_secret_of_a_program_takes_two_and_ends_the_old_one() {
    let world = World::new();
    let (shown, grant) = world.signed_in("erp");
    let (ilse, sven) = (by(&world, "ilse"), by(&world, "sven"));
    assert!(waits(&ilse.propose("erp", &Wanted::Secret, DAY)));
    let holds = || world.admit_with(&grant.access_token, CERTIFICATE).is_ok();
    assert!(holds(), "nothing is done yet");
    let waiting = world.gate.proposals().unwrap();
    assert!(
        ilse.confirm(waiting[0].id, "ilse", DAY).is_err(),
        "one's own"
    );
    assert!(holds());
    let (_, given) = sven.confirm(waiting[0].id, "sven", DAY).unwrap();
    let Given::Secret(secret) = given else {
        panic!("{given:?}");
    };
    assert!(!secret.matches(shown.secret.as_ref().unwrap().expose()));
    assert!(!holds(), "its tokens end");
    let (_, held) = world.gate.client("erp").unwrap().unwrap();
    assert_eq!(held, []);
    world.add("coded", Factor::Totp, Factor::Certificate);
    let refused = ilse.propose("coded", &Wanted::Secret, DAY);
    assert!(matches!(refused, Err(Error::Unfit(_))), "it has none");
}
