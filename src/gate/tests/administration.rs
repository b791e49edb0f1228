//! What administrators may write down, and what their changes end.

use std::fs;

use super::{CERTIFICATE, OTHER_CERTIFICATE, World, settings, text};
use crate::gate::{Denied, Error, Factor, NewClient, Pair, Settings};
use crate::model::FieldList;

fn pair() -> Pair {
    Pair::new(Factor::Secret, Factor::Totp).unwrap()
}

#[test]
fn names_purposes_and_roles_are_bounded_in_form_and_length() {
    let world = World::new();
    let add = |name: &str, purpose: &str, role: &str| {
        world
            .gate
            .add(&NewClient::new(name, purpose, &[role], pair()))
    };
    for name in [
        "",
        "'; DROP TABLE client; --",
        "a b",
        "a\nb",
        "j\u{e4}n",
        &"n".repeat(81),
    ] {
        assert!(
            matches!(add(name, "x", "reader"), Err(Error::Unfit(_))),
            "{name}"
        );
    }
    for purpose in ["", " ", "a\nb", &"p".repeat(201)] {
        assert!(
            matches!(add("a", purpose, "reader"), Err(Error::Unfit(_))),
            "{purpose}"
        );
    }
    for role in ["", "Reader", "a'b", "a,b", &"r".repeat(65)] {
        assert!(
            matches!(add("a", "x", role), Err(Error::Unfit(_))),
            "{role}"
        );
    }
    assert!(add("erp-1@example.nl", "it's invoicing", "reader").is_ok());
    assert!(matches!(
        add("erp-1@example.nl", "x", "reader"),
        Err(Error::NameTaken)
    ));
    assert_eq!(world.gate.list().unwrap().len(), 1);
}

#[test]
fn a_client_has_what_its_pair_needs_and_nothing_else() {
    let world = World::new();
    let with = |first, second, certificate| {
        let pair = Pair::new(first, second).unwrap();
        let mut new = NewClient::new("erp", "x", &[], pair);
        new.certificate = certificate;
        world.gate.add(&new)
    };
    assert!(with(Factor::Secret, Factor::Certificate, None).is_err());
    assert!(with(Factor::Secret, Factor::Totp, Some(CERTIFICATE)).is_err());
    assert!(with(Factor::Secret, Factor::Assertion, None).is_err());
    let shown = with(Factor::Certificate, Factor::Totp, Some(CERTIFICATE)).unwrap();
    assert!(shown.secret.is_none() && shown.codes.is_some());
}

#[test]
fn neither_secrets_nor_tokens_are_in_the_files() {
    let world = World::new();
    let (shown, grant) = world.signed_in("erp");
    let mut files = Vec::new();
    for entry in fs::read_dir(world.path().parent().unwrap()).unwrap() {
        files.extend(fs::read(entry.unwrap().path()).unwrap());
    }
    let found = |text: &[u8]| files.windows(text.len()).any(|window| window == text);
    assert!(found(b"erp"));
    assert!(!found(shown.secret.unwrap().expose()));
    assert!(!found(grant.access_token.expose()));
    assert!(!found(grant.refresh_token.unwrap().expose()));
}

#[test]
fn a_rotated_secret_ends_the_old_one_and_its_tokens() {
    let world = World::new();
    let (shown, grant) = world.signed_in("erp");
    let old = text(&shown.secret.unwrap());
    let new = text(&world.gate.rotate_secret("erp").unwrap());
    let sign_in = |secret: &str| {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", shown.client_id.as_str()),
            ("client_secret", secret),
        ];
        world.post_with(&fields, CERTIFICATE)
    };
    let denied = world
        .admit_with(&grant.access_token, CERTIFICATE)
        .unwrap_err();
    assert_eq!(denied, Denied::Revoked);
    assert!(sign_in(&old).is_err());
    assert!(sign_in(&new).is_ok());
}

#[test]
fn another_certificate_ends_the_tokens_of_the_old_one() {
    let world = World::new();
    let (_, grant) = world.signed_in("erp");
    world
        .gate
        .set_certificate("erp", OTHER_CERTIFICATE)
        .unwrap();
    for certificate in [CERTIFICATE, OTHER_CERTIFICATE] {
        let denied = world
            .admit_with(&grant.access_token, certificate)
            .unwrap_err();
        assert_eq!(denied, Denied::Revoked);
    }
}

#[test]
fn rotated_codes_end_the_old_ones() {
    let world = World::new();
    let shown = world.add("erp", Factor::Secret, Factor::Totp);
    let secret = text(shown.secret.as_ref().unwrap());
    let sign_in = |code: &str| {
        world.post(&[
            ("grant_type", "client_credentials"),
            ("client_id", &shown.client_id),
            ("client_secret", &secret),
            ("totp", code),
        ])
    };
    let old = world.code(&shown);
    let codes = world.gate.rotate_codes("erp").unwrap();
    assert!(sign_in(&old).is_err());
    let code = text(&codes.code(crate::model::Clock::now(&*world.clock)).unwrap());
    assert!(sign_in(&code).is_ok());
}

#[test]
fn a_client_that_is_enabled_again_signs_in_anew() {
    let world = World::new();
    let (shown, grant) = world.signed_in("erp");
    let secret = text(&shown.secret.unwrap());
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", shown.client_id.as_str()),
        ("client_secret", secret.as_str()),
    ];
    world.gate.disable("erp").unwrap();
    assert!(world.post_with(&fields, CERTIFICATE).is_err());
    world.gate.enable("erp").unwrap();
    let denied = world
        .admit_with(&grant.access_token, CERTIFICATE)
        .unwrap_err();
    assert_eq!(denied, Denied::Revoked);
    assert!(world.post_with(&fields, CERTIFICATE).is_ok());
}

#[test]
fn changes_are_stamped_and_unknown_names_are_errors() {
    let world = World::new();
    world.add("erp", Factor::Secret, Factor::Totp);
    world.clock.forward(60);
    world
        .gate
        .set_roles("erp", &["auditor".to_owned()])
        .unwrap();
    let listed = world.gate.list().unwrap();
    assert_eq!(listed[0].changed.0 - listed[0].created.0, 60_000);
    assert!(matches!(
        world.gate.disable("nobody"),
        Err(Error::ClientUnknown)
    ));
    assert!(matches!(
        world.gate.remove("nobody"),
        Err(Error::ClientUnknown)
    ));
}

#[test]
fn a_removed_clients_user_id_is_never_given_again() {
    let world = World::new();
    let (_, one) = world.signed_in("erp");
    world.gate.remove("erp").unwrap();
    let (_, two) = world.signed_in("erp");
    assert_ne!(one.id_path, two.id_path);
}

#[test]
fn settings_out_of_bounds_do_not_open_the_gate() {
    let good = settings();
    assert!(good.check().is_ok());
    let minute = std::time::Duration::from_mins(1);
    let wrong = [
        Settings {
            organization_id: "00D1".to_owned(),
            ..good.clone()
        },
        Settings {
            organization_id: "001000000000001EAA".to_owned(),
            ..good.clone()
        },
        Settings {
            token_ttl: minute / 2,
            ..good.clone()
        },
        Settings {
            token_ttl: minute * 60 * 25,
            ..good.clone()
        },
        Settings {
            renewal_ttl: minute * 60 * 25,
            ..good.clone()
        },
        Settings {
            assertion_audiences: vec!["http://a".to_owned()],
            ..good.clone()
        },
        Settings {
            assertion_audiences: vec!["https://a/".to_owned()],
            ..good
        },
    ];
    for settings in wrong {
        assert!(settings.check().is_err(), "{settings:?}");
    }
}

#[test]
fn a_list_of_fields_holds_from_the_next_request_on_and_is_lifted_so() {
    let world = World::new();
    let (_, grant) = world.signed_in("erp");
    let permit = || world.admit_with(&grant.access_token, CERTIFICATE).unwrap();
    let free = permit();
    assert_eq!(free.fields(), None);
    let other = world.other_process();
    let list = FieldList::new(["Lead", "Contact.Email"]).unwrap();
    other.set_fields("erp", Some(&list)).unwrap();
    let narrow = permit();
    assert_eq!(narrow.fields().map(|fields| &**fields), Some(&list));
    assert!(!narrow.allows_as(&free) && narrow.allows_as(&permit()));
    assert_eq!(world.gate.list().unwrap()[0].fields, Some(list));
    other.set_fields("erp", None).unwrap();
    assert!(permit().allows_as(&free));
    let events = world.gate.events().unwrap();
    let acts: Vec<&str> = events.iter().map(|event| event.act.as_str()).collect();
    let end = acts.len() - 2;
    assert_eq!(acts[end..], ["client.fields", "client.all-fields"]);
}

#[test]
fn a_list_that_cannot_be_read_opens_nothing() {
    let world = World::new();
    let (_, grant) = world.signed_in("erp");
    let file = rusqlite::Connection::open(world.path()).unwrap();
    for unreadable in ["[]", "[1]", "[\"\"]", "[\"Contact.*\"]"] {
        file.execute("UPDATE client SET fields = ?1", [unreadable])
            .unwrap();
        let denied = world.admit_with(&grant.access_token, CERTIFICATE);
        assert_eq!(denied.unwrap_err(), Denied::Unavailable, "{unreadable}");
    }
    file.execute("UPDATE client SET fields = '[\"Contact\"]'", [])
        .unwrap();
    assert!(world.admit_with(&grant.access_token, CERTIFICATE).is_ok());
}
