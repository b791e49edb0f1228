//! TLS, reload, drain, panics and the operations listener.

use std::fs;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use tokio::io::AsyncWriteExt;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::server::tests::{
    HOST, PATIENCE, Rig, now, read_answer, read_to_end, self_signed, status,
};
use crate::server::{Error, Limits, Protocol, TlsFiles};

const FINE: &str = "GET / HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n";

#[tokio::test]
async fn a_client_certificate_is_known_by_its_hash() {
    let rig = Rig::start();
    let client = self_signed("client.example.nl", 2020, 2030);
    let stream = rig.connect_as(b"http/1.1", Some(&client), HOST).await;
    let mut stream = stream.unwrap();
    stream.write_all(FINE.as_bytes()).await.unwrap();
    read_answer(&mut stream).await;
    let peer = rig.delivered()[0].peer.clone();
    let hash = digest(&SHA256, client.0.der());
    assert_eq!(
        peer.certificate.as_ref().map(<[u8; 32]>::as_slice),
        Some(hash.as_ref())
    );
    assert_eq!(peer.protocol, Protocol::Http1);

    let mut without = rig.connect().await;
    without.write_all(FINE.as_bytes()).await.unwrap();
    read_answer(&mut without).await;
    assert_eq!(rig.delivered()[1].peer.certificate, None);
}

#[tokio::test]
async fn with_authorities_a_stranger_s_certificate_is_refused() {
    let rig = Rig::start();
    let (authority, key) = self_signed("client.example.nl", 2020, 2030);
    let path = rig.dir.path().join("authority.pem");
    fs::write(&path, authority.pem()).unwrap();
    let mut settings = rig.settings.clone();
    settings.tls.client_ca = Some(path);
    rig.running().control.reload(settings).unwrap();

    let stranger = self_signed("client.example.nl", 2020, 2030);
    let mut refused = true;
    if let Ok(mut stream) = rig.connect_as(b"http/1.1", Some(&stranger), HOST).await {
        // In TLS 1.3 the client hears of it only after its own handshake is done.
        let _ = stream.write_all(FINE.as_bytes()).await;
        refused = read_to_end(&mut stream).await.is_empty();
    }
    assert!(refused && rig.delivered().is_empty());
    let known = (authority, key);
    let mut stream = rig
        .connect_as(b"http/1.1", Some(&known), HOST)
        .await
        .unwrap();
    stream.write_all(FINE.as_bytes()).await.unwrap();
    assert_eq!(status(&read_answer(&mut stream).await), "200");
}

#[tokio::test]
async fn another_name_in_tls_than_in_host_is_misdirected() {
    let rig = Rig::start();
    let other = "GET / HTTP/1.1\r\nHost: other.example.nl\r\nConnection: close\r\n\r\n";
    assert_eq!(status(&rig.send(other).await), "421", "a name of nobody");
    let mut settings = rig.settings.clone();
    settings.hosts.push("other.example.nl".to_owned());
    rig.running().control.reload(settings).unwrap();
    assert_eq!(
        status(&rig.send(other).await),
        "421",
        "a name of ours, but not the one asked for"
    );
    assert!(rig.delivered().is_empty());
    let asked = other.replace("other.example.nl", HOST);
    assert_eq!(status(&rig.send(asked).await), "200");
}

#[tokio::test]
async fn a_good_new_certificate_takes_effect_without_dropping_connections() {
    let mut rig = Rig::start();
    let mut before = rig.connect().await;
    rig.issue(2021, 2031);
    rig.running().control.reload_certificates().unwrap();
    let after = rig.connect().await;
    let served = |stream: &tokio_rustls::client::TlsStream<_>| {
        stream.get_ref().1.peer_certificates().unwrap()[0].clone()
    };
    assert_ne!(served(&before), served(&after));
    before.write_all(FINE.as_bytes()).await.unwrap();
    assert_eq!(status(&read_answer(&mut before).await), "200");
    let metrics = rig.metrics.encode();
    assert!(
        metrics.contains("sluis_config_last_reload_successful 1"),
        "{metrics}"
    );
    let expiry = format!(
        "sluis_certificate_expiry_timestamp_seconds {}",
        1_924_992_000
    );
    assert!(metrics.contains(&expiry), "{metrics}");
}

type Expected = fn(&Error) -> bool;

#[tokio::test]
async fn a_bad_certificate_leaves_the_old_one_in_force() {
    let rig = Rig::start();
    let files = &rig.settings.tls;
    let good = fs::read(&files.certificate).unwrap();
    let bad = |from, to| self_signed(HOST, from, to).0.pem().into_bytes();
    let cases: [(Vec<u8>, Expected); 5] = [
        (bad(2020, 2030), |error| matches!(error, Error::Tls(_))),
        (bad(2020, 2025), |error| {
            matches!(error, Error::Expired { .. })
        }),
        (bad(2027, 2030), |error| {
            matches!(error, Error::NotYetValid { .. })
        }),
        (b"no certificate".to_vec(), |error| {
            matches!(error, Error::NoCertificate { .. })
        }),
        (
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec(),
            |error| matches!(error, Error::CertificateMalformed { .. }),
        ),
    ];
    for (certificate, expected) in cases {
        fs::write(&files.certificate, certificate).unwrap();
        let error = rig.running().control.reload_certificates().unwrap_err();
        assert!(expected(&error), "{error:?}");
        let mut stream = rig.connect().await;
        stream.write_all(FINE.as_bytes()).await.unwrap();
        assert_eq!(status(&read_answer(&mut stream).await), "200");
    }
    let metrics = rig.metrics.encode();
    assert!(
        metrics.contains("sluis_config_last_reload_successful 0"),
        "{metrics}"
    );
    fs::write(&files.certificate, good).unwrap();
    rig.running().control.reload_certificates().unwrap();
}

#[tokio::test]
async fn settings_that_need_a_restart_are_refused_whole() {
    let rig = Rig::start();
    let mut settings = rig.settings.clone();
    settings.hosts = vec!["other.example.nl".to_owned()];
    settings.workers = 7;
    let refused = rig.running().control.reload(settings.clone());
    assert!(matches!(refused, Err(Error::NeedsRestart("workers"))));
    assert_eq!(status(&rig.send(format!("{FINE}X")).await), "400");
    settings.workers = rig.settings.workers;
    settings.tls = TlsFiles::clone(&rig.settings.tls);
    rig.running().control.reload(settings).unwrap();
    assert_eq!(status(&rig.send(FINE).await), "421");
}

#[tokio::test]
async fn a_panic_answers_500_and_harms_nobody_else() {
    let rig = Rig::start();
    let mut other = rig.connect().await;
    let answer = rig
        .send("GET /panic HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n")
        .await;
    assert_eq!(status(&answer), "500");
    assert!(
        answer.contains("connection: close") && !answer.contains("logged"),
        "{answer}"
    );
    other.write_all(FINE.as_bytes()).await.unwrap();
    assert_eq!(status(&read_answer(&mut other).await), "200");
    let metrics = rig.metrics.encode();
    assert!(
        metrics.contains("outcome=\"panicked\",route=\"none\"} 1"),
        "{metrics}"
    );
}

#[tokio::test]
async fn a_drain_lets_what_runs_end_and_takes_nothing_new() {
    let mut rig = Rig::start();
    let mut idle = rig.connect().await;
    let mut busy = rig.connect().await;
    busy.write_all(b"GET /slow HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n")
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(rig.ops("/readyz").await.starts_with("HTTP/1.1 200"));
    rig.running().control.stop();
    assert!(rig.ops("/readyz").await.starts_with("HTTP/1.1 503"));
    assert!(rig.ops("/livez").await.starts_with("HTTP/1.1 200"));
    let answer = read_to_end(&mut busy).await;
    assert_eq!(status(&answer), "200");
    assert!(answer.contains("connection: close"), "{answer}");
    assert_eq!(read_to_end(&mut idle).await, "");
    let address = rig.running().address;
    let running = rig.running.take().unwrap();
    let joined = timeout(PATIENCE, spawn_blocking(move || running.join())).await;
    joined.unwrap().unwrap().unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    assert_eq!(rig.delivered().len(), 1);
}

#[tokio::test]
async fn a_drain_ends_even_when_an_exchange_does_not() {
    let mut rig = Rig::with(Limits {
        drain: Duration::from_millis(200),
        ..Limits::default()
    });
    let mut stuck = rig.connect().await;
    stuck
        .write_all(b"GET /stuck HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n")
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let running = rig.running.take().unwrap();
    running.control.stop();
    let joined = timeout(PATIENCE, spawn_blocking(move || running.join())).await;
    joined.unwrap().unwrap().unwrap();
    assert_eq!(read_to_end(&mut stuck).await, "");
}

#[tokio::test]
async fn operations_tell_health_and_metrics_and_nothing_else() {
    let rig = Rig::start();
    assert!(rig.ops("/livez").await.ends_with("{\"status\":\"ok\"}"));
    let ready = rig.ops("/readyz").await;
    assert!(
        ready.contains("\"checks\":{\"serving\":\"ok\",\"store\":\"ok\"}"),
        "{ready}"
    );
    *rig.ready.lock().unwrap() = false;
    let failing = rig.ops("/healthz").await;
    assert!(failing.starts_with("HTTP/1.1 503") && failing.contains("\"store\":\"failing\""));
    assert!(rig.ops("/livez").await.starts_with("HTTP/1.1 200"));
    let metrics = rig.ops("/metrics").await;
    assert!(
        metrics.contains("# EOF") && metrics.contains("openmetrics-text"),
        "{metrics}"
    );
    for path in ["/", "/metrics/", "/debug", "/Metrics"] {
        assert!(rig.ops(path).await.starts_with("HTTP/1.1 404"), "{path}");
    }
}

#[tokio::test]
async fn a_server_does_not_start_with_what_it_cannot_serve() {
    let rig = Rig::start();
    let start = |settings: &crate::server::Settings| {
        let environment = crate::server::Environment {
            clock: rig.clock.clone(),
            entropy: std::sync::Arc::new(super::Counter(0.into())),
            metrics: rig.metrics.clone(),
            checks: Vec::new(),
        };
        let delivered = rig.delivered.clone();
        crate::server::run(settings.clone(), environment, move |_| {
            super::Recorder(delivered.clone())
        })
        .map(|running| running.control.stop())
    };
    let good = &rig.settings;
    let mut bad = good.clone();
    bad.hosts.clear();
    assert!(matches!(start(&bad), Err(Error::NoHost)));
    let mut bad = good.clone();
    bad.workers = 0;
    assert!(matches!(start(&bad), Err(Error::NoWorker)));
    let mut bad = good.clone();
    bad.tls.key = rig.dir.path().join("missing.pem");
    assert!(matches!(start(&bad), Err(Error::File { .. })));
    *rig.clock.0.lock().unwrap() = now().plus_seconds(10 * 366 * 86_400);
    assert!(matches!(start(good), Err(Error::Expired { .. })));
    *rig.clock.0.lock().unwrap() = now();
    assert!(start(good).is_ok());
}
