//! A CRM that cannot prove who it is gets nothing.

use super::certificates::{Authority, EXPIRED, Pair, VALID, self_signed};
use super::crm::{CRM_NAME, FakeCrm, Seen, Voice, json};
use super::house::{House, contact, read};
use super::process::Process;

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_leads_into_our_own_house_is_not_followed() {
    let authority = Authority::new("authority of a test");
    let voice = Voice::Tls(authority.issue(&["localhost"], VALID));
    let crm = FakeCrm::start(voice).await;
    crm.does(|_| json(200, "{}"));
    let house = House::before(authority, crm.address);
    let configuration = house.read("sluis.toml").replace(CRM_NAME, "localhost");
    let address = format!("address = \"{}\"\n", crm.address);
    assert!(configuration.contains(&address));
    for (configuration, expected) in [
        (configuration.replace(&address, ""), 502),
        (configuration, 200),
    ] {
        house.write("sluis.toml", &configuration);
        let border = Process::serve(&house).await;
        let (status, text) = read(house.get(&contact())).await;
        assert_eq!(status, expected, "{text}");
        assert_eq!(crm.take().is_empty(), expected == 502);
        drop(border);
    }
}

async fn answer_of(authority: Authority, voice: Voice) -> (u16, String, Vec<Seen>) {
    let crm = FakeCrm::start(voice).await;
    crm.does(|_| json(200, "{}"));
    let house = House::before(authority, crm.address);
    let _border = house.open();
    let (status, text) = read(house.get(&contact())).await;
    (status, text, crm.take())
}

/// A name, and the certificate that the CRM shows.
type Case = (&'static str, fn(&Authority) -> Pair);

#[tokio::test(flavor = "multi_thread")]
async fn a_crm_without_the_right_certificate_is_sent_nothing() {
    let cases: [Case; 4] = [
        ("expired", |authority| authority.issue(&[CRM_NAME], EXPIRED)),
        ("another name", |authority| {
            authority.issue(&["other.example.nl"], VALID)
        }),
        ("signed by itself", |_| self_signed(&[CRM_NAME])),
        ("another authority", |_| {
            Authority::new("stranger").issue(&[CRM_NAME], VALID)
        }),
    ];
    for (name, pair) in cases {
        let authority = Authority::new("authority of a test");
        let voice = Voice::Tls(pair(&authority));
        let (status, text, sent) = answer_of(authority, voice).await;
        assert_eq!(status, 502, "{name}: {text}");
        assert!(text.contains("errorCode"), "{name}: {text}");
        assert!(sent.is_empty(), "{name}: a request arrived");
    }
    let authority = Authority::new("authority of a test");
    let (status, text, sent) = answer_of(authority, Voice::Plain).await;
    assert!((502..=504).contains(&status), "in plain: {status} {text}");
    assert!(sent.is_empty(), "in plain: a request arrived");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crm_with_the_right_certificate_is_asked() {
    let authority = Authority::new("authority of a test");
    let voice = Voice::Tls(authority.issue(&[CRM_NAME], VALID));
    let (status, text, mut sent) = answer_of(authority, voice).await;
    assert_eq!(status, 200, "{text}");
    // The border also asks by itself what the CRM describes.
    sent.retain(|request| !request.is_describe());
    assert_eq!(sent.len(), 2, "a sign-in and the request");
}
