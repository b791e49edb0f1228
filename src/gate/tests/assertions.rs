//! Assertions that are forged, borrowed, stale or used before.

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm as Jws, EncodingKey, Header, encode};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, PKCS_RSA_SHA256};
use serde_json::{Value, json};

use super::{World, text};
use crate::gate::{Algorithm, Factor, Grant, OAuthError, PublicKey, Shown};
use crate::model::Clock;

const AUDIENCE: &str = "https://crm.example.nl";

/// A client that signs, and its secret.
struct Signer {
    world: World,
    shown: Shown,
    key: KeyPair,
}

impl Signer {
    fn new() -> Self {
        Self::with(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap())
    }

    fn with(key: KeyPair) -> Self {
        let world = World::new();
        let public = PublicKey::from_pem(&key.public_key_pem()).unwrap();
        let shown = world.add_with_key("erp", Factor::Secret, Factor::Assertion, Some(public));
        Self { world, shown, key }
    }

    fn claims(&self) -> Value {
        let now = self.world.clock.now().seconds();
        json!({
            "iss": self.shown.client_id, "sub": self.shown.client_id, "aud": AUDIENCE,
            "exp": now + 180, "iat": now, "jti": "one",
        })
    }

    fn sign(&self, claims: &Value) -> String {
        let key = EncodingKey::from_ec_pem(self.key.serialize_pem().as_bytes()).unwrap();
        encode(&Header::new(Jws::ES256), claims, &key).unwrap()
    }

    fn send(&self, assertion: &str) -> Result<Grant, OAuthError> {
        let secret = text(self.shown.secret.as_ref().unwrap());
        self.world.post(&[
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("client_secret", &secret),
            ("assertion", assertion),
        ])
    }

    /// Sends the usual claims with one of them changed, or taken away when null.
    fn with_claim(&self, name: &str, value: Value) -> Result<Grant, OAuthError> {
        let mut claims = self.claims();
        let fields = claims.as_object_mut().unwrap();
        match value {
            Value::Null => drop(fields.remove(name)),
            value => drop(fields.insert(name.to_owned(), value)),
        }
        self.send(&self.sign(&claims))
    }
}

#[test]
fn an_assertion_with_the_secret_signs_in_and_without_it_does_not() {
    let signer = Signer::new();
    let assertion = signer.sign(&signer.claims());
    let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    let alone = [("grant_type", grant), ("assertion", assertion.as_str())];
    assert!(signer.world.post(&alone).is_err());
    let granted = signer.send(&assertion).unwrap();
    let permit = signer.world.admit(&granted.access_token).unwrap();
    assert_eq!(permit.factors(), [Factor::Secret, Factor::Assertion]);
}

#[test]
fn the_assertion_may_stand_in_the_client_assertion_field() {
    let signer = Signer::new();
    let secret = text(signer.shown.secret.as_ref().unwrap());
    let assertion = signer.sign(&signer.claims());
    let fields = |kind| {
        [
            ("grant_type", "client_credentials"),
            ("client_secret", secret.as_str()),
            ("client_assertion_type", kind),
            ("client_assertion", assertion.as_str()),
        ]
    };
    assert!(signer.world.post(&fields("something-else")).is_err());
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    assert!(signer.world.post(&fields(kind)).is_ok());
}

#[test]
fn rsa_and_ed25519_keys_sign_in_too() {
    for (pair, jws, expected) in [
        (&PKCS_RSA_SHA256, Jws::RS256, Algorithm::Rs256),
        (&PKCS_ED25519, Jws::EdDSA, Algorithm::EdDsa),
    ] {
        let signer = Signer::with(KeyPair::generate_for(pair).unwrap());
        let pem = signer.key.serialize_pem();
        let key = match expected {
            Algorithm::EdDsa => EncodingKey::from_ed_pem(pem.as_bytes()),
            _ => EncodingKey::from_rsa_pem(pem.as_bytes()),
        };
        let signed = encode(&Header::new(jws), &signer.claims(), &key.unwrap()).unwrap();
        assert!(signer.send(&signed).is_ok(), "{}", expected.name());
        let listed = signer.world.gate.list().unwrap();
        assert_eq!(listed[0].key_algorithm, Some(expected));
    }
}

#[test]
fn an_unsigned_assertion_is_refused() {
    let signer = Signer::new();
    for alg in ["none", "None", "NONE"] {
        let header = BASE64URL_NOPAD.encode(format!("{{\"alg\":\"{alg}\"}}").as_bytes());
        let claims = BASE64URL_NOPAD.encode(signer.claims().to_string().as_bytes());
        assert!(signer.send(&format!("{header}.{claims}.")).is_err());
    }
}

#[test]
fn the_public_key_is_no_hmac_secret() {
    let signer = Signer::new();
    let pem = signer.key.public_key_pem();
    for secret in [
        pem.as_bytes(),
        pem.trim().as_bytes(),
        signer.key.public_key_raw(),
    ] {
        for alg in [Jws::HS256, Jws::HS384, Jws::HS512] {
            let key = EncodingKey::from_secret(secret);
            let forged = encode(&Header::new(alg), &signer.claims(), &key).unwrap();
            assert!(signer.send(&forged).is_err());
        }
    }
}

#[test]
fn a_key_that_comes_with_the_assertion_is_not_believed() {
    let signer = Signer::new();
    let thief = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let key = EncodingKey::from_ec_pem(thief.serialize_pem().as_bytes()).unwrap();
    let mut header = Header::new(Jws::ES256);
    header.jku = Some("https://thief.example.nl/keys".to_owned());
    header.jwk = jsonwebtoken::jwk::Jwk::from_encoding_key(&key, Jws::ES256).ok();
    assert!(header.jwk.is_some());
    let forged = encode(&header, &signer.claims(), &key).unwrap();
    assert!(signer.send(&forged).is_err());
}

#[test]
fn a_changed_claim_or_a_cut_signature_is_refused() {
    let signer = Signer::new();
    let good = signer.sign(&signer.claims());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (header, _) = signed.split_once('.').unwrap();
    let mut claims = signer.claims();
    claims["exp"] = json!(signer.world.clock.now().seconds() + 200);
    let claims = BASE64URL_NOPAD.encode(claims.to_string().as_bytes());
    assert!(
        signer
            .send(&format!("{header}.{claims}.{signature}"))
            .is_err()
    );
    assert!(signer.send(&format!("{signed}.")).is_err());
    assert!(
        signer
            .send(&format!("{signed}.{}", &signature[..40]))
            .is_err()
    );
    assert!(signer.send(signed).is_err());
    assert!(signer.send(&good).is_ok());
}

#[test]
fn a_critical_header_that_we_do_not_know_is_refused() {
    let signer = Signer::new();
    let key = EncodingKey::from_ec_pem(signer.key.serialize_pem().as_bytes()).unwrap();
    let mut header = Header::new(Jws::ES256);
    header.crit = Some(vec!["b64".to_owned()]);
    let assertion = encode(&header, &signer.claims(), &key).unwrap();
    assert!(signer.send(&assertion).is_err());
}

#[test]
fn an_assertion_for_somebody_else_is_refused() {
    let signer = Signer::new();
    for foreign in [
        json!("https://login.salesforce.com"),
        json!("https://crm.example.nl.thief.example.nl"),
        json!("https://crm.example.nl:8443"),
        json!("crm.example.nl"),
        json!(""),
        json!([AUDIENCE, "https://thief.example.nl"]),
        Value::Null,
    ] {
        assert!(
            signer.with_claim("aud", foreign.clone()).is_err(),
            "{foreign}"
        );
    }
    for (n, ours) in ["", "/", "/services/oauth2/token"].iter().enumerate() {
        let mut claims = signer.claims();
        claims["aud"] = json!(format!("{AUDIENCE}{ours}"));
        claims["jti"] = json!(n.to_string());
        signer.world.clock.forward(60); // The refusals above made us wait.
        claims["exp"] = json!(signer.world.clock.now().seconds() + 60);
        assert!(signer.send(&signer.sign(&claims)).is_ok(), "{ours}");
    }
}

#[test]
fn issuer_and_subject_must_be_the_client() {
    let signer = Signer::new();
    let other = signer.world.add("other", Factor::Secret, Factor::Totp);
    assert!(signer.with_claim("iss", json!(other.client_id)).is_err());
    assert!(signer.with_claim("sub", json!(other.client_id)).is_err());
    assert!(signer.with_claim("sub", json!("other")).is_err());
    assert!(signer.with_claim("sub", Value::Null).is_err());
    assert!(signer.with_claim("sub", json!("erp")).is_ok());
}

#[test]
fn an_assertion_that_one_client_signed_does_not_sign_another_one_in() {
    let signer = Signer::new();
    let secret = text(signer.shown.secret.as_ref().unwrap());
    let send = |issuer: &str| {
        let mut claims = signer.claims();
        claims["iss"] = json!(issuer);
        let assertion = signer.sign(&claims);
        signer.world.post(&[
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("client_id", &signer.shown.client_id),
            ("client_secret", &secret),
            ("assertion", &assertion),
        ])
    };
    assert!(send("somebody-else").is_err());
    assert!(send(&signer.shown.client_id).is_ok());
}

#[test]
fn stale_eternal_and_future_assertions_are_refused() {
    let now = Signer::new().world.clock.now().seconds();
    for (name, value) in [
        ("exp", json!(now - 31)),
        ("exp", json!(now + 331)),
        ("exp", json!(i64::MAX)),
        ("exp", json!(-1)),
        ("exp", json!("soon")),
        ("exp", Value::Null),
        ("nbf", json!(now + 31)),
        ("iat", json!(now + 31)),
        ("iat", json!(now - 331)),
        ("jti", json!("")),
        ("jti", json!("j".repeat(257))),
    ] {
        let signer = Signer::new();
        assert!(
            signer.with_claim(name, value.clone()).is_err(),
            "{name} {value}"
        );
    }
    for (name, value) in [
        ("exp", json!(now - 30)),
        ("exp", json!(now + 300)),
        ("iat", Value::Null),
    ] {
        let signer = Signer::new();
        assert!(
            signer.with_claim(name, value.clone()).is_ok(),
            "{name} {value}"
        );
    }
}

#[test]
fn expiry_as_the_clients_of_salesforce_send_it_is_understood() {
    let signer = Signer::new();
    let now = signer.world.clock.now();
    let with = |exp: Value, iat: bool| {
        let mut claims = json!({
            "iss": signer.shown.client_id, "sub": "erp", "aud": AUDIENCE, "exp": exp,
        });
        if iat {
            claims["iat"] = json!(now.seconds());
        }
        signer.send(&signer.sign(&claims))
    };
    // simple-salesforce: seconds as text; sf: milliseconds; neither sends `jti`.
    assert!(with(json!((now.seconds() + 180).to_string()), false).is_ok());
    assert!(with(json!(now.0 + 300), true).is_ok());
    assert!(with(json!(now.0 + 400_000), true).is_err());
}

#[test]
fn an_assertion_is_good_once_with_or_without_jti() {
    for jti in [json!("one"), Value::Null] {
        let signer = Signer::new();
        let mut claims = signer.claims();
        claims["jti"] = jti.clone();
        if jti.is_null() {
            claims.as_object_mut().unwrap().remove("jti");
        }
        let assertion = signer.sign(&claims);
        assert!(signer.send(&assertion).is_ok());
        assert!(signer.send(&assertion).is_err(), "{jti}");
        // ECDSA signs the same claims differently each time; they stay the same claims.
        assert!(signer.send(&signer.sign(&claims)).is_err(), "{jti}");
        // Another process refuses it too.
        let secret = text(signer.shown.secret.as_ref().unwrap());
        let other = signer.world.other_process();
        let fields = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("client_secret", secret.as_str()),
            ("assertion", assertion.as_str()),
        ];
        assert!(super::post(&other, &fields, None).is_err());
    }
}

#[test]
fn a_jti_stays_used_as_long_as_its_assertion_could_be_accepted() {
    let signer = Signer::new();
    let assertion = signer.sign(&signer.claims());
    assert!(signer.send(&assertion).is_ok());
    signer.world.clock.forward(180 + 30);
    assert!(signer.send(&assertion).is_err());
    let kept: i64 = signer
        .world
        .gate
        .database()
        .query_row("SELECT count(*) FROM assertion", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 1);
}

#[test]
fn only_strong_public_keys_are_registered() {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    assert!(PublicKey::from_pem(&key.public_key_pem()).is_ok());
    assert!(
        PublicKey::from_pem(&key.serialize_pem()).is_err(),
        "a private key"
    );
    let large = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    assert!(
        PublicKey::from_pem(&large.public_key_pem()).is_err(),
        "P-384"
    );
    assert!(PublicKey::from_pem(WEAK_RSA).is_err(), "1024 bits");
    assert!(PublicKey::from_pem("").is_err());
}

/// 1024 bits, made for this test.
const WEAK_RSA: &str = "\
-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCZrTnCwBN88lxfuagSx+Z+p/ix
o20PLFOuW30MJZNOZ2UA+/p8OkrwgZgoaL+ZhcHWx7gHkDq+7lHHY0KQmZ3KDC7A
WaSGxRcoCDobhnxjTmCzn/yFS+lEB7RnmUjkBRz2wP840ijNLsJamZPTPTs1ftUY
9Zmxpd6M9F83ih/g7wIDAQAB
-----END PUBLIC KEY-----";
