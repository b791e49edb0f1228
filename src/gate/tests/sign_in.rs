//! Signing in with too little, with the wrong thing, with something used before.

use std::collections::BTreeSet;
use std::thread;

use super::{CERTIFICATE, HOST, OTHER_CERTIFICATE, World, here, post, settings, text};
use crate::gate::{Denied, Factor, Form, OAuthError, TokenRequest};
use crate::model::{Clock, Secret};

#[test]
fn secret_and_certificate_get_a_token_that_is_bound_to_the_certificate() {
    let world = World::new();
    let (shown, grant) = world.signed_in("erp");
    let permit = world.admit_with(&grant.access_token, CERTIFICATE).unwrap();
    assert_eq!(permit.client(), "erp");
    assert_eq!(permit.client_id(), shown.client_id);
    assert_eq!(permit.roles(), ["reader"]);
    assert_eq!(permit.purpose(), "invoicing");
    assert_eq!(permit.factors(), [Factor::Secret, Factor::Certificate]);
    for other in [None, Some(OTHER_CERTIFICATE)] {
        let denied = super::admit(&world.gate, &grant.access_token, other).unwrap_err();
        assert_eq!(denied, Denied::WrongCertificate);
    }
}

#[test]
fn the_answer_has_the_shape_of_salesforce() {
    let world = World::new();
    let (_, grant) = world.signed_in("erp");
    let body: serde_json::Value = serde_json::from_slice(grant.body().expose()).unwrap();
    assert_eq!(body["instance_url"], "https://crm.example.nl");
    assert_eq!(
        body["id"],
        "https://crm.example.nl/id/00D000000000001EAA/005000000000001AAA"
    );
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["issued_at"], "1800000000000");
    assert!(
        body["access_token"]
            .as_str()
            .unwrap()
            .starts_with("00D000000000001!")
    );
    assert!(body["refresh_token"].is_string());
}

#[test]
fn one_proof_is_never_enough() {
    let world = World::new();
    let codes = world.add("codes", Factor::Secret, Factor::Totp);
    let mutual = world.add("mutual", Factor::Secret, Factor::Certificate);
    let mixed = world.add("mixed", Factor::Certificate, Factor::Totp);
    let credentials = ("grant_type", "client_credentials");
    for (shown, second) in [(&codes, "code"), (&mutual, "certificate")] {
        let secret = text(shown.secret.as_ref().unwrap());
        let only = [
            credentials,
            ("client_id", &shown.client_id),
            ("client_secret", &secret),
        ];
        assert!(world.post(&only).is_err(), "secret without {second}");
    }
    // The second factor of another pair does not do either.
    let secret = text(codes.secret.as_ref().unwrap());
    let fields = [
        credentials,
        ("client_id", &codes.client_id),
        ("client_secret", &secret),
    ];
    assert!(world.post_with(&fields, CERTIFICATE).is_err());
    let code = world.code(&codes);
    let alone = [
        credentials,
        ("client_id", &codes.client_id),
        ("totp", &code),
    ];
    assert!(world.post(&alone).is_err(), "code alone");
    assert!(
        world
            .post_with(
                &[credentials, ("client_id", &mutual.client_id)],
                CERTIFICATE
            )
            .is_err()
    );
    assert!(
        world
            .post_with(&[credentials, ("client_id", &mixed.client_id)], CERTIFICATE)
            .is_err()
    );
    // Positive controls: the same with both.
    let both = [
        credentials,
        ("client_id", &codes.client_id),
        ("client_secret", &secret),
        ("totp", &code),
    ];
    assert!(world.post(&both).is_ok());
    let code = world.code(&mixed);
    let both = [
        credentials,
        ("client_id", &mixed.client_id),
        ("totp", &code),
    ];
    assert!(world.post_with(&both, CERTIFICATE).is_ok());
}

#[test]
fn the_secret_sent_as_password_too_stays_one_proof() {
    let world = World::new();
    let shown = world.add("erp", Factor::Secret, Factor::Totp);
    let secret = text(shown.secret.as_ref().unwrap());
    let fields = |password| {
        [
            ("grant_type", "password"),
            ("client_id", shown.client_id.as_str()),
            ("client_secret", secret.as_str()),
            ("username", "erp"),
            ("password", password),
        ]
    };
    assert!(world.post(&fields(&secret)).is_err());
    assert!(world.post(&fields(&world.code(&shown))).is_ok());
}

#[test]
fn a_login_by_name_takes_secret_and_code_in_one_password() {
    let world = World::new();
    let shown = world.add("admin@example.nl", Factor::Secret, Factor::Totp);
    let secret = text(shown.secret.as_ref().unwrap());
    let password = format!("{secret}{}", world.code(&shown));
    let fields = |name, password| {
        [
            ("grant_type", "password"),
            ("username", name),
            ("password", password),
        ]
    };
    assert!(
        world
            .post(&fields("admin@example.nl", secret.as_str()))
            .is_err()
    );
    assert!(
        world
            .post(&fields("admin@example.nl", password.as_str()))
            .is_ok()
    );
    // The code is used up now.
    assert!(
        world
            .post(&fields("admin@example.nl", password.as_str()))
            .is_err()
    );
}

#[test]
fn a_wrong_proof_beside_two_right_ones_is_refused() {
    let world = World::new();
    let shown = world.add("erp", Factor::Secret, Factor::Certificate);
    let secret = text(shown.secret.as_ref().unwrap());
    let fields = |password| {
        [
            ("grant_type", "password"),
            ("client_id", shown.client_id.as_str()),
            ("client_secret", secret.as_str()),
            ("username", "erp"),
            ("password", password),
        ]
    };
    assert!(world.post_with(&fields("123456"), CERTIFICATE).is_err());
    assert!(world.post_with(&fields("wrong"), CERTIFICATE).is_err());
    assert!(world.post_with(&fields(&secret), CERTIFICATE).is_ok());
}

#[test]
fn the_user_name_must_be_the_clients_own() {
    let world = World::new();
    let shown = world.add("erp", Factor::Secret, Factor::Certificate);
    world.add("other", Factor::Secret, Factor::Certificate);
    let secret = text(shown.secret.as_ref().unwrap());
    let fields = |name| {
        [
            ("grant_type", "password"),
            ("client_id", shown.client_id.as_str()),
            ("client_secret", secret.as_str()),
            ("username", name),
        ]
    };
    assert!(world.post_with(&fields("other"), CERTIFICATE).is_err());
    assert!(world.post_with(&fields("erp"), CERTIFICATE).is_ok());
}

#[test]
fn an_unknown_client_a_wrong_secret_and_a_missing_proof_get_the_same_answer() {
    let world = World::new();
    let shown = world.add("erp", Factor::Secret, Factor::Totp);
    world
        .gate
        .disable(&{
            world.add("gone", Factor::Secret, Factor::Totp);
            "gone".to_owned()
        })
        .unwrap();
    let secret = text(shown.secret.as_ref().unwrap());
    let wrong = "x".repeat(secret.len());
    let nobody = "n".repeat(shown.client_id.len());
    let by_id = |id: &str, secret: &str| {
        world
            .post(&[
                ("grant_type", "client_credentials"),
                ("client_id", id),
                ("client_secret", secret),
                ("totp", "000000"),
            ])
            .unwrap_err()
    };
    let answers = [
        by_id(&nobody, &wrong),
        by_id(&shown.client_id, &wrong),
        by_id(&shown.client_id, &secret),
    ];
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[1], answers[2]);
    let by_name = |name: &str| {
        let fields = [
            ("grant_type", "password"),
            ("username", name),
            ("password", wrong.as_str()),
        ];
        world.post(&fields).unwrap_err()
    };
    assert_eq!(by_name("erp"), by_name("nobody"));
    assert_eq!(by_name("erp"), by_name("gone"));
    assert_eq!(by_name("erp"), by_name("' OR 1=1 --"));
}

#[test]
fn waiting_after_failures_does_not_tell_who_exists_and_ends() {
    let world = World::new();
    let shown = world.add("erp", Factor::Secret, Factor::Certificate);
    let secret = text(shown.secret.as_ref().unwrap());
    let fields = |id: &str, secret: &str| {
        [
            ("grant_type".to_owned(), "client_credentials".to_owned()),
            ("client_id".to_owned(), id.to_owned()),
            ("client_secret".to_owned(), secret.to_owned()),
        ]
    };
    let send = |fields: &[(String, String)], certificate| {
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect();
        post(&world.gate, &fields, certificate)
    };
    let tries = |id: &str| -> Vec<OAuthError> {
        (0..10)
            .map(|_| send(&fields(id, "wrong"), None).unwrap_err())
            .collect()
    };
    let known = tries(&shown.client_id);
    assert_eq!(known, tries("nobody"));
    assert!(known[9].retry_after.is_some());
    let right = fields(&shown.client_id, &secret);
    assert!(send(&right, Some(CERTIFICATE)).is_err(), "still waiting");
    world.clock.forward(900);
    assert!(send(&right, Some(CERTIFICATE)).is_ok());
}

#[test]
fn a_code_posted_a_hundred_times_at_once_to_two_processes_counts_once() {
    let world = World::new();
    let other = world.other_process();
    let shown = world.add("erp", Factor::Secret, Factor::Totp);
    let secret = text(shown.secret.as_ref().unwrap());
    let code = world.code(&shown);
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", shown.client_id.as_str()),
        ("client_secret", secret.as_str()),
        ("totp", code.as_str()),
    ];
    let granted = thread::scope(|scope| {
        let posts: Vec<_> = (0..100)
            .map(|n| {
                let gate = if n % 2 == 0 { &world.gate } else { &other };
                scope.spawn(move || post(gate, &fields, None).is_ok())
            })
            .collect();
        posts
            .into_iter()
            .map(|post| post.join().unwrap())
            .filter(|ok| *ok)
            .count()
    });
    assert_eq!(granted, 1);
}

#[test]
fn an_older_code_is_refused_after_a_newer_one() {
    let world = World::new();
    let shown = world.add("erp", Factor::Secret, Factor::Totp);
    let secret = text(shown.secret.as_ref().unwrap());
    let older = world.code(&shown);
    world.clock.forward(30);
    let newer = world.code(&shown);
    let fields = |code| {
        [
            ("grant_type", "client_credentials"),
            ("client_id", shown.client_id.as_str()),
            ("client_secret", secret.as_str()),
            ("totp", code),
        ]
    };
    assert!(world.post(&fields(&newer)).is_ok());
    assert!(world.post(&fields(&older)).is_err());
}

#[test]
fn guessing_codes_locks_them_even_from_ever_other_sources() {
    let world = World::new();
    let shown = world.add("erp", Factor::Secret, Factor::Totp);
    let secret = text(shown.secret.as_ref().unwrap());
    let guess = |code: &str, source: u8| {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", shown.client_id.as_str()),
            ("client_secret", secret.as_str()),
            ("totp", code),
        ];
        let fields = fields.map(|(k, v)| (k.to_owned(), v.to_owned()));
        world.gate.token(&TokenRequest {
            form: &Form::from(std::collections::BTreeMap::from(fields)),
            basic: None,
            certificate: None,
            source: [198, 51, 100, source].into(),
            host: HOST,
        })
    };
    let right = world.code(&shown);
    let wrong = if right == "123456" {
        "654321"
    } else {
        "123456"
    };
    for source in 0..5 {
        assert!(guess(wrong, source).is_err());
    }
    assert!(
        guess(&right, 100).is_err(),
        "locked, also for the right code"
    );
    world.clock.forward(31);
    assert!(guess(&world.code(&shown), 101).is_ok(), "the lock ends");
}

#[test]
fn codes_without_the_other_proof_cannot_lock_a_client_out() {
    let world = World::new();
    let shown = world.add("erp", Factor::Secret, Factor::Totp);
    let secret = text(shown.secret.as_ref().unwrap());
    let fields = |secret, code| {
        [
            ("grant_type", "client_credentials"),
            ("client_id", shown.client_id.as_str()),
            ("client_secret", secret),
            ("totp", code),
        ]
    };
    for _ in 0..20 {
        assert!(world.post(&fields("wrong", "000000")).is_err());
    }
    world.clock.forward(900);
    let code = world.code(&shown);
    assert!(world.post(&fields(&secret, &code)).is_ok());
}

#[test]
fn after_fifty_wrong_codes_only_an_administrator_opens_the_client() {
    let world = World::new();
    let shown = world.add("erp", Factor::Secret, Factor::Totp);
    let secret = text(shown.secret.as_ref().unwrap());
    let fields = |code| {
        [
            ("grant_type", "client_credentials"),
            ("client_id", shown.client_id.as_str()),
            ("client_secret", secret.as_str()),
            ("totp", code),
        ]
    };
    for _ in 0..50 {
        let right = world.code(&shown);
        let wrong = if right == "123456" {
            "654321"
        } else {
            "123456"
        };
        assert!(world.post(&fields(wrong)).is_err());
        world.clock.forward(3601);
    }
    world.clock.forward(365 * 86_400);
    let right = world.code(&shown);
    assert!(world.post(&fields(&right)).is_err());
    world.gate.enable("erp").unwrap();
    world.clock.forward(901);
    let right = world.code(&shown);
    assert!(world.post(&fields(&right)).is_ok());
}

#[test]
fn a_source_that_signs_in_too_often_waits() {
    let world = World::new();
    let few = crate::gate::Settings {
        sign_ins: crate::gate::SignIns {
            account: std::num::NonZeroU32::new(2).unwrap(),
            ..settings().sign_ins
        },
        ..settings()
    };
    let gate = crate::gate::Gate::open(
        &world.path(),
        std::sync::Arc::new(super::Box),
        std::sync::Arc::clone(&world.clock) as std::sync::Arc<dyn Clock>,
        std::sync::Arc::new(super::Fixed::new(500)),
        few,
    )
    .unwrap();
    let fields = [("grant_type", "client_credentials"), ("client_id", "x")];
    assert_eq!(post(&gate, &fields, None).unwrap_err().retry_after, None);
    assert_eq!(post(&gate, &fields, None).unwrap_err().retry_after, None);
    assert!(
        post(&gate, &fields, None)
            .unwrap_err()
            .retry_after
            .is_some()
    );
}

#[test]
fn basic_credentials_do_and_two_secrets_at_a_time_do_not() {
    let world = World::new();
    let shown = world.add("erp", Factor::Secret, Factor::Certificate);
    let secret = shown.secret.clone().unwrap();
    let send = |body: &str, secret: &Secret| {
        world.gate.token(&TokenRequest {
            form: &Form::parse(body.as_bytes()).unwrap(),
            basic: Some((shown.client_id.clone(), secret.clone())),
            certificate: Some(CERTIFICATE),
            source: here(),
            host: HOST,
        })
    };
    assert!(send("grant_type=client_credentials", &secret).is_ok());
    let refused = send("grant_type=client_credentials", &Secret::from("wrong")).unwrap_err();
    assert_eq!((refused.status, refused.error), (401, "invalid_client"));
    let twice = send("grant_type=client_credentials&client_secret=x", &secret).unwrap_err();
    assert_eq!(twice.error, "invalid_request");
    let other = send("grant_type=client_credentials&client_id=x", &secret).unwrap_err();
    assert_eq!(other.error, "invalid_request");
}

#[test]
fn what_is_malformed_or_too_long_is_refused_by_its_form() {
    let world = World::new();
    let long = "a".repeat(200);
    let code = |fields: &[(&str, &str)]| world.post(fields).unwrap_err().error;
    assert_eq!(code(&[]), "invalid_request");
    assert_eq!(
        code(&[("grant_type", "implicit")]),
        "unsupported_grant_type"
    );
    assert_eq!(
        code(&[("grant_type", "client_credentials")]),
        "invalid_request"
    );
    let credentials = ("grant_type", "client_credentials");
    assert_eq!(
        code(&[credentials, ("client_id", &long)]),
        "invalid_request"
    );
    let longer = "a".repeat(9000);
    let bearer = ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
    assert_eq!(code(&[bearer, ("assertion", &longer)]), "invalid_request");
    assert_eq!(
        code(&[credentials, ("client_id", "a"), ("client_secret", &longer)]),
        "invalid_client"
    );
    assert_eq!(
        code(&[credentials, ("client_id", "a"), ("totp", "12345")]),
        "invalid_request"
    );
}

#[test]
fn a_refresh_takes_both_proofs_again_and_works_once() {
    let world = World::new();
    let (shown, grant) = world.signed_in("erp");
    let secret = text(shown.secret.as_ref().unwrap());
    let refresh = text(grant.refresh_token.as_ref().unwrap());
    let id = shown.client_id.as_str();
    let fields = |secret, refresh| {
        [
            ("grant_type", "refresh_token"),
            ("client_id", id),
            ("client_secret", secret),
            ("refresh_token", refresh),
        ]
    };
    assert!(
        world.post(&fields(&secret, &refresh)).is_err(),
        "no certificate"
    );
    assert!(
        world
            .post_with(&fields("wrong", &refresh), CERTIFICATE)
            .is_err()
    );
    assert!(
        world
            .post_with(&fields(&secret, "5Aep861.x"), CERTIFICATE)
            .is_err()
    );
    let second = world
        .post_with(&fields(&secret, &refresh), CERTIFICATE)
        .unwrap();
    assert!(world.admit_with(&second.access_token, CERTIFICATE).is_ok());
    // Used again: all that came of the sign-in ends.
    assert!(
        world
            .post_with(&fields(&secret, &refresh), CERTIFICATE)
            .is_err()
    );
    let denied = world
        .admit_with(&second.access_token, CERTIFICATE)
        .unwrap_err();
    assert_eq!(denied, Denied::Revoked);
    let next = text(second.refresh_token.as_ref().unwrap());
    assert!(
        world
            .post_with(&fields(&secret, &next), CERTIFICATE)
            .is_err()
    );
}

#[test]
fn refreshing_does_not_make_a_sign_in_last_longer() {
    let world = World::new();
    let (shown, grant) = world.signed_in("erp");
    let secret = text(shown.secret.as_ref().unwrap());
    let refresh = |token: &Secret| {
        let token = text(token);
        world.post_with(
            &[
                ("grant_type", "refresh_token"),
                ("client_id", &shown.client_id),
                ("client_secret", &secret),
                ("refresh_token", &token),
            ],
            CERTIFICATE,
        )
    };
    world.clock.forward(23 * 3600);
    let second = refresh(grant.refresh_token.as_ref().unwrap()).unwrap();
    world.clock.forward(3600);
    assert!(refresh(second.refresh_token.as_ref().unwrap()).is_err());
}

#[test]
fn a_refresh_token_is_of_its_client_only_and_no_access_token() {
    let world = World::new();
    let (_, grant) = world.signed_in("erp");
    let thief = world.add("thief", Factor::Secret, Factor::Certificate);
    let secret = text(thief.secret.as_ref().unwrap());
    let refresh = grant.refresh_token.unwrap();
    let stolen = text(&refresh);
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", thief.client_id.as_str()),
        ("client_secret", secret.as_str()),
        ("refresh_token", stolen.as_str()),
    ];
    assert!(world.post_with(&fields, CERTIFICATE).is_err());
    assert_eq!(
        world.admit_with(&refresh, CERTIFICATE).unwrap_err(),
        Denied::Unknown
    );
    // The rightful sign-in is not hurt by the try.
    assert!(world.admit_with(&grant.access_token, CERTIFICATE).is_ok());
}

#[test]
fn a_sign_in_by_code_gets_no_refresh_token() {
    let world = World::new();
    let shown = world.add("erp", Factor::Secret, Factor::Totp);
    let secret = text(shown.secret.as_ref().unwrap());
    let code = world.code(&shown);
    let fields = [
        ("grant_type", "password"),
        ("client_id", shown.client_id.as_str()),
        ("client_secret", secret.as_str()),
        ("username", "erp"),
        ("password", code.as_str()),
    ];
    let grant = world.post(&fields).unwrap();
    assert!(grant.refresh_token.is_none());
    assert_eq!(grant.scope, "api");
}

#[test]
fn two_tokens_are_never_the_same() {
    let world = World::new();
    let shown = world.add("erp", Factor::Secret, Factor::Certificate);
    let secret = text(shown.secret.as_ref().unwrap());
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", shown.client_id.as_str()),
        ("client_secret", secret.as_str()),
    ];
    let tokens: BTreeSet<String> = (0..20)
        .map(|_| text(&world.post_with(&fields, CERTIFICATE).unwrap().access_token))
        .collect();
    assert_eq!(tokens.len(), 20);
}
