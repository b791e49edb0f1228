//! Static tokens without their second proof.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::{CERTIFICATE, OTHER_CERTIFICATE, World, text};
use crate::gate::{
    Binding, CertificateHash, Credentials, Denied, Error, Factor, NewToken, Permit, Shown,
};
use crate::model::Secret;

const DAY: Duration = Duration::from_hours(24);

fn loopback() -> Binding {
    Binding {
        certificate: None,
        networks: vec!["127.0.0.1/32".parse().unwrap(), "::1/128".parse().unwrap()],
    }
}

fn with_codes(world: &World) -> Shown {
    world.add("tool", Factor::Secret, Factor::Totp)
}

fn make(world: &World, binding: Binding, code: Option<&str>) -> Result<Secret, Error> {
    world.gate.static_token(&NewToken {
        client: "tool",
        binding,
        lifetime: 30 * DAY,
        code,
    })
}

fn admit(
    world: &World,
    token: &Secret,
    source: &str,
    certificate: Option<CertificateHash>,
) -> Result<Permit, Denied> {
    world.gate.admit(&Credentials {
        authorization: Some(&format!("Bearer {}", text(token))),
        certificate,
        source: source.parse::<IpAddr>().unwrap(),
        arrived: Instant::now(),
    })
}

#[test]
fn a_token_of_a_network_holds_there_and_for_twelve_hours_after_a_code() {
    let world = World::new();
    let shown = with_codes(&world);
    let code = world.code(&shown);
    let token = make(&world, loopback(), Some(&code)).unwrap();
    let permit = admit(&world, &token, "127.0.0.1", None).unwrap();
    assert_eq!(permit.factors(), [Factor::Token, Factor::Totp]);
    assert!(admit(&world, &token, "::1", None).is_ok());
    assert!(admit(&world, &token, "::ffff:127.0.0.1", None).is_ok());
    let denied = admit(&world, &token, "192.0.2.1", None).unwrap_err();
    assert_eq!(denied, Denied::WrongNetwork);
    world.clock.forward(12 * 3600);
    let denied = admit(&world, &token, "127.0.0.1", None).unwrap_err();
    assert_eq!(denied, Denied::SecondFactorMissing);
    let renewed = world.gate.renew(
        &text(&token),
        &world.code(&shown),
        "127.0.0.1".parse().unwrap(),
    );
    assert!(renewed.is_ok());
    assert!(admit(&world, &token, "127.0.0.1", None).is_ok());
}

#[test]
fn a_token_of_a_network_without_a_code_is_not_admitted() {
    let world = World::new();
    let shown = with_codes(&world);
    let token = make(&world, loopback(), None).unwrap();
    let denied = admit(&world, &token, "127.0.0.1", None).unwrap_err();
    assert_eq!(denied, Denied::SecondFactorMissing);
    world
        .gate
        .renew_client("tool", &world.code(&shown))
        .unwrap();
    assert!(admit(&world, &token, "127.0.0.1", None).is_ok());
}

#[test]
fn a_token_is_renewed_by_a_fresh_code_from_its_network_only() {
    let world = World::new();
    let shown = with_codes(&world);
    let code = world.code(&shown);
    let token = text(&make(&world, loopback(), Some(&code)).unwrap());
    let near = "127.0.0.1".parse().unwrap();
    let far = "192.0.2.1".parse().unwrap();
    assert!(matches!(
        world.gate.renew(&token, &code, near),
        Err(Error::CodeRefused)
    ));
    world.clock.forward(30);
    let fresh = world.code(&shown);
    assert!(matches!(
        world.gate.renew(&token, &fresh, far),
        Err(Error::TokenUnknown)
    ));
    assert!(matches!(
        world.gate.renew("00D", &fresh, near),
        Err(Error::TokenUnknown)
    ));
    assert!(matches!(
        world.gate.renew(&token, "", near),
        Err(Error::CodeRefused)
    ));
    assert!(world.gate.renew(&token, &fresh, near).is_ok());
    world.clock.forward(30);
    world.gate.revoke(&token).unwrap();
    let fresh = world.code(&shown);
    assert!(matches!(
        world.gate.renew(&token, &fresh, near),
        Err(Error::TokenUnknown)
    ));
}

#[test]
fn a_token_of_a_certificate_needs_it_with_every_request() {
    let world = World::new();
    world.add("tool", Factor::Secret, Factor::Certificate);
    let binding = Binding {
        certificate: Some(CERTIFICATE),
        networks: Vec::new(),
    };
    let token = make(&world, binding, None).unwrap();
    let permit = admit(&world, &token, "192.0.2.1", Some(CERTIFICATE)).unwrap();
    assert_eq!(permit.factors(), [Factor::Token, Factor::Certificate]);
    for other in [None, Some(OTHER_CERTIFICATE)] {
        let denied = admit(&world, &token, "192.0.2.1", other).unwrap_err();
        assert_eq!(denied, Denied::WrongCertificate);
    }
    world.clock.forward(30 * 86_400);
    let denied = admit(&world, &token, "192.0.2.1", Some(CERTIFICATE)).unwrap_err();
    assert_eq!(denied, Denied::Expired);
}

#[test]
fn a_token_that_would_stand_alone_is_not_made() {
    let world = World::new();
    world.add("tool", Factor::Secret, Factor::Certificate);
    assert!(
        make(&world, Binding::default(), None).is_err(),
        "bound to nothing"
    );
    assert!(
        make(&world, loopback(), None).is_err(),
        "no codes to renew with"
    );
    let codes = World::new();
    with_codes(&codes);
    let everywhere = Binding {
        certificate: None,
        networks: vec!["0.0.0.0/0".parse().unwrap()],
    };
    assert!(make(&codes, everywhere, None).is_err());
    assert!(make(&codes, loopback(), None).is_ok());
}

#[test]
fn the_database_itself_refuses_a_static_token_that_stands_alone() {
    let world = World::new();
    with_codes(&world);
    let insert = |networks: &str, renewed: Option<i64>| {
        world.gate.database().execute(
            "INSERT INTO token (hash, client, kind, family, factors, networks, issued, expires, \
             renewed_until) VALUES (randomblob(32), 1, 'static', randomblob(16), 'token+totp', \
             ?1, 0, 1, ?2)",
            rusqlite::params![networks, renewed],
        )
    };
    assert!(insert("", Some(1)).is_err());
    assert!(insert("127.0.0.1/32", None).is_err());
    assert!(insert("127.0.0.1/32", Some(1)).is_ok());
}
