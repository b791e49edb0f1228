//! The CRM's own name reaches no client; and who may come through is asked at each request.

use std::time::Duration;

use serde_json::json;
use sluis::app::{self, World};
use sluis::gate::{Binding, Factor, NewClient, NewToken, Pair};

use super::certificates::self_signed;
use super::crm::{CRM_NAME, FakeCrm, answer, json as whole};
use super::house::{CLIENT, House, PERSON, contact, contacts, read, record};
use super::process::{Process, run};

#[tokio::test(flavor = "multi_thread")]
async fn addresses_of_the_crm_become_ours_wherever_they_stand() {
    let (house, crm) = House::with_crm().await;
    let _border = house.open();
    let token = house.person(&crm).await;
    let theirs = format!("{CRM_NAME}:{}", crm.address.port());
    let upper = theirs.to_uppercase();
    let body = format!(
        "{{\"attributes\":{{\"type\":\"Contact\",\"url\":\"https://{theirs}{path}\"}},\
         \"Id\":\"003000000000001AAA\",\"LastName\":\"{token}\",\
         \"PhotoUrl\":\"https:\\/\\/{theirs}\\/p?x=1\",\"Title\":\"https://{upper}/q\"}}",
        path = contact()
    );
    let headers = format!(
        "Content-Type: application/json\r\nSet-Cookie: sid=00D!x; Domain={CRM_NAME}\r\n\
         Location: https://{theirs}/x\r\nContent-Location: https://{theirs}/x\r\n\
         Link: <https://{theirs}/x>\r\n\
         Access-Control-Allow-Origin: https://{theirs}\r\nX-Crm: {theirs}\r\n"
    );
    crm.does(move |_| answer(200, &headers, body.as_bytes()));
    let got = house.get(&contact()).send().await.unwrap();
    assert_eq!(got.status(), 200);
    let fields = format!("{:?}", got.headers()).to_lowercase();
    assert!(!fields.contains(CRM_NAME), "{fields}");
    assert!(!fields.contains("set-cookie"), "{fields}");
    let text = got.text().await.unwrap();
    assert!(!text.to_lowercase().contains(CRM_NAME), "{text}");
    let ours = house.url(&contact());
    assert!(text.contains(&ours) && text.contains(PERSON), "{text}");
}

/// A border that reveals the person's name at `contact()`.
async fn open() -> (House, FakeCrm, Process) {
    let (house, crm) = House::with_crm().await;
    let border = Process::serve(&house).await;
    let token = house.person(&crm).await;
    crm.does(move |_| whole(200, &record(&token)));
    let (status, text) = read(house.get(&contact())).await;
    assert_eq!((status, text.contains(PERSON)), (200, true), "{text}");
    (house, crm, border)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_shut_out_by_another_process_is_out_at_the_next_request() {
    for command in ["disable", "revoke", "remove"] {
        let (house, crm, _border) = open().await;
        crm.take();
        let (code, text) = run(&house, &["client", command, CLIENT]);
        assert_eq!(code, Some(0), "{text}");
        let (status, text) = read(house.get(&contact())).await;
        assert_eq!(status, 401, "{command}: {text}");
        assert!(text.contains("INVALID_SESSION_ID"), "{text}");
        assert!(crm.calls().is_empty(), "{command}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_that_another_process_changes_hold_at_the_next_request() {
    let (house, _crm, _border) = open().await;
    for (role, sees) in [("nobody", false), ("sales", true)] {
        let (code, text) = run(&house, &["client", "roles", CLIENT, role]);
        assert_eq!(code, Some(0), "{text}");
        let (status, text) = read(house.get(&contact())).await;
        assert_eq!(
            (status, text.contains(PERSON)),
            (200, sees),
            "{role}: {text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_a_certificate_is_nothing_without_it() {
    let (house, _crm, _border) = open().await;
    let pair = self_signed(&["client.example.nl"]);
    let token = bound(&house, &pair.der());
    let root = reqwest::Certificate::from_pem(house.authority.pem.as_bytes()).unwrap();
    let with = |shown: Option<&super::certificates::Pair>| {
        let builder = reqwest::Client::builder().tls_certs_only([root.clone()]);
        let builder = match shown {
            Some(pair) => {
                let pem = format!("{}{}", pair.key, pair.certificate);
                builder.identity(reqwest::Identity::from_pem(pem.as_bytes()).unwrap())
            }
            None => builder,
        };
        builder
            .build()
            .unwrap()
            .get(house.url(&contact()))
            .bearer_auth(&token)
    };
    let other = self_signed(&["client.example.nl"]);
    for (name, shown, expected) in [
        ("none", None, 403),
        ("another", Some(&other), 403),
        ("its own", Some(&pair), 200),
    ] {
        let (status, text) = read(with(shown)).await;
        assert_eq!(status, expected, "{name}: {text}");
        assert_eq!(text.contains(PERSON), expected == 200, "{name}: {text}");
    }
}

/// A static token that is bound to a certificate.
pub(super) fn bound(house: &House, certificate: &[u8]) -> String {
    let (settings, world) = (house.settings(), World::default());
    let ring = app::open_ring(&settings, &world).unwrap();
    let gate = app::open_gate(&settings, &ring, &world).unwrap();
    let pair = Pair::new(Factor::Secret, Factor::Certificate).unwrap();
    let mut new = NewClient::new("bound", "test", &["integration"], pair);
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, certificate);
    let digest: [u8; 32] = digest.as_ref().try_into().unwrap();
    new.certificate = Some(digest);
    gate.add(&new).unwrap();
    let token = gate.static_token(&NewToken {
        client: "bound",
        binding: Binding {
            certificate: Some(digest),
            networks: vec![],
        },
        lifetime: Duration::from_hours(1),
        code: None,
    });
    String::from_utf8(token.unwrap().expose().to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_not_ours_is_not_served_whatever_the_request_says_of_the_crm() {
    let (house, crm, _border) = open().await;
    crm.take();
    let hosts = [
        CRM_NAME.to_owned(),
        format!("{CRM_NAME}:{}", crm.address.port()),
    ];
    for host in hosts {
        let (status, text) = read(house.get(&contact()).header("host", host.as_str())).await;
        assert!((400..500).contains(&status), "{host}: {status} {text}");
        assert!(!text.contains(&host), "{text}");
    }
    let calls = crm.calls();
    assert!(calls.is_empty(), "{calls:?}");
    let (status, _) = read(house.post(&contacts(), &json!({"LastName": "Bestaat"}))).await;
    assert_eq!(status, 200, "the positive control reaches the CRM");
}
