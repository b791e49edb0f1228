//! Requests with tokens that are none, ended, borrowed or too many.

use std::num::NonZeroU32;
use std::thread;
use std::time::Instant;

use proptest::prelude::{ProptestConfig, any, prop, prop_assert, proptest};

use super::{CERTIFICATE, World, here, text};
use crate::gate::{Credentials, Denied, Factor, Form, Grant, OAuthError, Pace, TokenRequest};
use crate::model::Secret;

fn admit_header(world: &World, header: Option<&str>) -> Result<(), Denied> {
    let credentials = Credentials {
        authorization: header,
        certificate: Some(CERTIFICATE),
        source: here(),
        arrived: Instant::now(),
    };
    world.gate.admit(&credentials).map(drop)
}

#[test]
fn a_token_is_taken_after_one_known_scheme_only() {
    let world = World::new();
    let (_, grant) = world.signed_in("erp");
    let token = text(&grant.access_token);
    for good in ["Bearer", "bearer", "OAuth", "BEARER"] {
        assert!(
            admit_header(&world, Some(&format!("{good} {token}"))).is_ok(),
            "{good}"
        );
    }
    for bad in [
        token.clone(),
        format!("Basic {token}"),
        format!("Bearer  {token}"),
        format!("Bearer {token} "),
        format!("Bearer {token}, Bearer {token}"),
        format!("Bearer\t{token}"),
        format!("Bearer {}", &token[..token.len() - 1]),
        format!("Bearer {token}A"),
        format!("Bearer {}", token.to_lowercase()),
        "Bearer ".to_owned(),
        String::new(),
        format!("Bearer {}", "A".repeat(100_000)),
        "Bearer ' OR 1=1 --".to_owned(),
    ] {
        assert!(admit_header(&world, Some(&bad)).is_err(), "{bad:.40}");
    }
    assert_eq!(admit_header(&world, None), Err(Denied::NoCredential));
}

#[test]
fn every_changed_character_makes_a_token_unknown() {
    let world = World::new();
    let (_, grant) = world.signed_in("erp");
    let token = text(&grant.access_token);
    for at in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = Secret::new(bytes);
        let denied = world.admit_with(&changed, CERTIFICATE).unwrap_err();
        assert_eq!(denied, Denied::Unknown, "{at}");
    }
}

#[test]
fn a_token_ends_with_its_time() {
    let world = World::new();
    let (_, grant) = world.signed_in("erp");
    world.clock.forward(2 * 3600 - 1);
    assert!(world.admit_with(&grant.access_token, CERTIFICATE).is_ok());
    world.clock.forward(1);
    let denied = world
        .admit_with(&grant.access_token, CERTIFICATE)
        .unwrap_err();
    assert_eq!(denied, Denied::Expired);
}

#[test]
fn what_another_process_ends_is_refused_on_the_next_request() {
    let world = World::new();
    let cli = world.other_process();
    let (_, one) = world.signed_in("one");
    let (_, two) = world.signed_in("two");
    let (_, three) = world.signed_in("three");
    let (_, four) = world.signed_in("four");
    let admit = |grant: &Grant| world.admit_with(&grant.access_token, CERTIFICATE);
    for grant in [&one, &two, &three, &four] {
        assert!(admit(grant).is_ok());
        assert!(admit(grant).is_ok(), "from the cache");
    }
    cli.revoke_tokens("one").unwrap();
    assert_eq!(admit(&one).unwrap_err(), Denied::Revoked);
    cli.disable("two").unwrap();
    assert_eq!(admit(&two).unwrap_err(), Denied::Revoked);
    cli.remove("three").unwrap();
    assert_eq!(admit(&three).unwrap_err(), Denied::Unknown);
    cli.set_roles("four", &["auditor".to_owned()]).unwrap();
    assert_eq!(admit(&four).unwrap().roles(), ["auditor"]);
}

#[test]
fn a_revocation_acts_in_every_thread() {
    let world = World::new();
    let (_, grant) = world.signed_in("erp");
    let admitted_by_threads = || {
        thread::scope(|scope| {
            let tries: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| world.admit_with(&grant.access_token, CERTIFICATE).is_ok()))
                .collect();
            let tries = tries.into_iter().map(|thread| thread.join().unwrap());
            tries.filter(|admitted| *admitted).count()
        })
    };
    assert_eq!(admitted_by_threads(), 8);
    world.gate.revoke(&text(&grant.access_token)).unwrap();
    assert_eq!(admitted_by_threads(), 0);
}

#[test]
fn revoking_a_refresh_token_ends_the_whole_sign_in_and_a_foreign_one_nothing() {
    let world = World::new();
    let (_, grant) = world.signed_in("erp");
    let (_, other) = world.signed_in("other");
    world.gate.revoke("no token of ours").unwrap();
    assert!(world.admit_with(&grant.access_token, CERTIFICATE).is_ok());
    let refresh = text(grant.refresh_token.as_ref().unwrap());
    world.gate.revoke(&refresh).unwrap();
    let denied = world
        .admit_with(&grant.access_token, CERTIFICATE)
        .unwrap_err();
    assert_eq!(denied, Denied::Revoked);
    assert!(world.admit_with(&other.access_token, CERTIFICATE).is_ok());
}

/// Requests that came together share one look at the database; one that came after a revocation
/// never does.
#[test]
fn a_revocation_holds_for_every_request_that_came_after_it() {
    let world = World::new();
    let (_, grant) = world.signed_in("erp");
    let header = format!("Bearer {}", text(&grant.access_token));
    let admit = |arrived| {
        world.gate.admit(&Credentials {
            authorization: Some(&header),
            certificate: Some(CERTIFICATE),
            source: here(),
            arrived,
        })
    };
    let before = Instant::now();
    admit(Instant::now()).unwrap();
    world.gate.revoke(&text(&grant.access_token)).unwrap();
    assert!(admit(before).is_ok(), "it came before the revocation");
    assert!(matches!(
        admit(Instant::now()),
        Err(Denied::Revoked | Denied::Unknown)
    ));
    assert!(matches!(
        admit(before),
        Err(Denied::Revoked | Denied::Unknown)
    ));
}

#[test]
fn unknown_expired_and_revoked_read_the_same_outside() {
    let texts = [
        Denied::NoCredential,
        Denied::Unknown,
        Denied::Expired,
        Denied::Revoked,
    ]
    .map(|denied| denied.to_string());
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
}

#[test]
fn a_client_that_asks_too_often_waits_with_all_its_tokens_and_others_do_not() {
    let world = World::new();
    let (shown, grant) = world.signed_in("erp");
    let (_, other) = world.signed_in("other");
    let secret = text(shown.secret.as_ref().unwrap());
    let second = world
        .post_with(
            &[
                ("grant_type", "client_credentials"),
                ("client_id", &shown.client_id),
                ("client_secret", &secret),
            ],
            CERTIFICATE,
        )
        .unwrap();
    let two = NonZeroU32::new(2).unwrap();
    let pace = Pace {
        per_second: NonZeroU32::MIN,
        burst: two,
    };
    world.gate.set_pace("erp", pace).unwrap();
    assert!(world.admit_with(&grant.access_token, CERTIFICATE).is_ok());
    assert!(world.admit_with(&second.access_token, CERTIFICATE).is_ok());
    for token in [&grant.access_token, &second.access_token] {
        let denied = world.admit_with(token, CERTIFICATE).unwrap_err();
        assert!(matches!(denied, Denied::RateLimited { .. }), "{denied:?}");
    }
    assert!(world.admit_with(&other.access_token, CERTIFICATE).is_ok());
    world.clock.forward(1);
    assert!(world.admit_with(&grant.access_token, CERTIFICATE).is_ok());
}

#[test]
fn the_user_of_a_permit_is_the_user_of_its_grant() {
    let world = World::new();
    let (_, grant) = world.signed_in("erp");
    let permit = world.admit_with(&grant.access_token, CERTIFICATE).unwrap();
    let user = world.gate.userinfo(&permit);
    assert_eq!(user.id_path, grant.id_path);
    assert_eq!(user.username, "erp");
    assert_eq!(user.organization_id, "00D000000000001EAA");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_invented_header_is_admitted(header in "(Bearer|OAuth|Basic)? ?(00D[0-9A-Za-z]{12}!)?\\PC{0,120}") {
        let world = World::new();
        let _ = world.signed_in("erp");
        prop_assert!(admit_header(&world, Some(&header)).is_err());
    }

    #[test]
    fn no_invented_form_signs_in(body in prop::collection::vec(any::<u8>(), 0..300), password in "\\PC{0,60}") {
        let world = World::new();
        world.add("erp", Factor::Secret, Factor::Totp);
        if let Ok(form) = Form::parse(&body) {
            prop_assert!(send(&world, &form).is_err());
        }
        let fields = [("grant_type", "password"), ("username", "erp"), ("password", &password)];
        prop_assert!(world.post(&fields).is_err());
    }
}

fn send(world: &World, form: &Form) -> Result<Grant, OAuthError> {
    world.gate.token(&TokenRequest {
        form,
        basic: None,
        certificate: Some(CERTIFICATE),
        source: here(),
        host: "crm.example.nl",
    })
}
