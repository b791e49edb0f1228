//! The secrets of one-time codes under the key ring of the product.

use std::sync::Arc;

use super::{Fixed, Hand, World, settings, text};
use crate::gate::{Factor, Gate, Shown};
use crate::keys::{self, Kek, KeyProvider, Ring};
use crate::model::{Clock, Secret};

struct Known(u8);

impl KeyProvider for Known {
    fn open(&self) -> Result<Kek, keys::Error> {
        Kek::new(Secret::new(vec![self.0; keys::KEY_LENGTH]))
    }
}

fn ring(key: u8, former: Option<u8>) -> Ring {
    let ring = Ring::open(&Known(key), Arc::new(Fixed::new(u64::from(key)))).unwrap();
    match former {
        Some(former) => ring.with_former(&Known(former)).unwrap(),
        None => ring,
    }
}

fn world(folder: tempfile::TempDir, clock: Arc<Hand>, ring: Ring) -> World {
    let gate = Gate::open(
        &folder.path().join("gate.db"),
        Arc::new(ring),
        Arc::clone(&clock) as Arc<dyn Clock>,
        Arc::new(Fixed::new(9)),
        settings(),
    );
    World {
        gate: gate.unwrap(),
        clock,
        folder,
    }
}

fn new_world() -> World {
    world(
        tempfile::tempdir().unwrap(),
        Arc::new(Hand::new()),
        ring(1, None),
    )
}

fn signs_in(world: &World, shown: &Shown) -> Result<(), &'static str> {
    let secret = text(shown.secret.as_ref().unwrap());
    let code = world.code(shown);
    world.clock.forward(30);
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", shown.client_id.as_str()),
        ("client_secret", secret.as_str()),
        ("totp", code.as_str()),
    ];
    world
        .post(&fields)
        .map(drop)
        .map_err(|refused| refused.error)
}

#[test]
fn a_sealed_secret_of_another_client_does_not_open() {
    let world = new_world();
    let victim = world.add("victim", Factor::Secret, Factor::Totp);
    let thief = world.add("thief", Factor::Secret, Factor::Totp);
    assert_eq!(signs_in(&world, &victim), Ok(()));
    // Someone who can write to the database puts a secret that he knows into the victim's place.
    let moved = world.gate.database().execute(
        "UPDATE client SET totp_sealed = (SELECT totp_sealed FROM client WHERE name = 'thief') \
         WHERE name = 'victim'",
        [],
    );
    assert_eq!(moved, Ok(1));
    let secret = text(victim.secret.as_ref().unwrap());
    let code = world.code(&thief);
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", victim.client_id.as_str()),
        ("client_secret", secret.as_str()),
        ("totp", code.as_str()),
    ];
    assert_eq!(
        world.post(&fields).unwrap_err().error,
        "temporarily_unavailable"
    );
}

#[test]
fn the_key_encryption_key_is_rotated_without_new_codes() {
    let old = new_world();
    let shown = old.add("erp", Factor::Secret, Factor::Totp);
    let World { folder, clock, .. } = old;
    let between = world(folder, clock, ring(2, Some(1)));
    assert_eq!(between.gate.reseal().unwrap(), 1);
    let World { folder, clock, .. } = between;
    let new = world(folder, clock, ring(2, None));
    assert_eq!(signs_in(&new, &shown), Ok(()));
    // A ring without the key opens nothing, and lets nobody in.
    let World { folder, clock, .. } = new;
    let foreign = world(folder, clock, ring(3, None));
    assert_eq!(signs_in(&foreign, &shown), Err("temporarily_unavailable"));
    assert!(foreign.gate.reseal().is_err());
}

#[test]
fn the_secret_of_codes_is_not_in_the_file() {
    let world = new_world();
    let shown = world.add("erp", Factor::Secret, Factor::Totp);
    let url = text(&shown.codes.unwrap().url().unwrap());
    let (_, rest) = url.split_once("secret=").unwrap();
    let encoded = rest.split('&').next().unwrap();
    let secret = data_encoding::BASE32_NOPAD
        .decode(encoded.as_bytes())
        .unwrap();
    let mut files = Vec::new();
    for entry in std::fs::read_dir(world.folder.path()).unwrap() {
        files.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    let found = |part: &[u8]| files.windows(part.len()).any(|window| window == part);
    assert!(found(b"erp"));
    assert!(!found(&secret) && !found(encoded.as_bytes()));
}
