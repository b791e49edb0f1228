//! Slow, large and many: what one client may use up.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::server::Limits;
use crate::server::tests::{PATIENCE, Rig, read_answer, read_to_end, status};

const SHORT: Duration = Duration::from_millis(200);

const FINE: &str = "GET / HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n";

#[tokio::test]
async fn a_head_that_drips_is_cut_off_at_its_deadline() {
    let rig = Rig::with(Limits {
        header: SHORT,
        ..Limits::default()
    });
    let start = Instant::now();
    let mut stream = rig.connect().await;
    let (mut reader, mut writer) = tokio::io::split(&mut stream);
    let drip = async {
        for byte in FINE.bytes().cycle() {
            let sent = writer.write_all(&[byte]).await;
            if sent.is_err() || writer.flush().await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        answer = read_to_end(&mut reader) => assert_eq!(status(&answer), "408"),
        () = drip => {}
    }
    assert!(start.elapsed() < Duration::from_secs(5));
    assert!(rig.delivered().is_empty());
}

#[tokio::test]
async fn a_silent_connection_is_closed() {
    let rig = Rig::with(Limits {
        header: SHORT,
        idle: SHORT,
        ..Limits::default()
    });
    let mut fresh = rig.connect().await;
    assert_eq!(read_to_end(&mut fresh).await, "");
    let mut used = rig.connect().await;
    used.write_all(FINE.as_bytes()).await.unwrap();
    assert_eq!(status(&read_answer(&mut used).await), "200");
    assert_eq!(read_to_end(&mut used).await, "");
}

#[tokio::test]
async fn a_handshake_that_never_comes_is_cut_off() {
    let rig = Rig::with(Limits {
        handshake: SHORT,
        ..Limits::default()
    });
    let mut socket = TcpStream::connect(rig.running().address).await.unwrap();
    let closed = timeout(PATIENCE, socket.read(&mut [0; 1])).await.unwrap();
    assert!(matches!(closed, Ok(0) | Err(_)));
    let counted = async {
        while !rig.metrics.encode().contains("reason=\"Handshake\"} 1") {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, counted)
        .await
        .expect("the metric counts it");
}

#[tokio::test]
async fn a_body_that_stalls_or_drips_is_refused() {
    let rig = Rig::with(Limits {
        body_stall: SHORT,
        body_floor: 1_000_000,
        ..Limits::default()
    });
    let head = "POST /a HTTP/1.1\r\nHost: crm.example.nl\r\nContent-Length: 1000\r\n\r\n";
    let mut stalls = rig.connect().await;
    stalls.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(status(&read_to_end(&mut stalls).await), "408");

    let mut stream = rig.connect().await;
    let (mut reader, mut writer) = tokio::io::split(&mut stream);
    writer.write_all(head.as_bytes()).await.unwrap();
    let drip = async {
        // Faster than the stall, slower than the floor.
        for _ in 0..1000 {
            if writer.write_all(b"x").await.is_err() || writer.flush().await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        answer = read_to_end(&mut reader) => assert_eq!(status(&answer), "408"),
        () = drip => panic!("the drip went on to its end"),
    }
    assert!(rig.delivered().is_empty());
}

#[tokio::test]
async fn large_heads_and_targets_and_bodies_have_their_own_status() {
    let rig = Rig::start();
    let host = "Host: crm.example.nl\r\n";
    let long = "x".repeat(20 * 1024);
    let fields: String = (0..101).map(|index| format!("X-{index}: a\r\n")).collect();
    let chunk = "y".repeat(64 * 1024 + 1);
    for (request, expected) in [
        (format!("GET /{long} HTTP/1.1\r\n{host}\r\n"), "414"),
        (format!("GET /{long}"), "414"),
        (format!("GET / HTTP/1.1\r\n{host}X: {long}\r\n\r\n"), "431"),
        (format!("GET / HTTP/1.1\r\n{host}{fields}\r\n"), "431"),
        (
            format!("POST / HTTP/1.1\r\n{host}Content-Length: 65537\r\n\r\n{chunk}"),
            "413",
        ),
        (
            format!(
                "POST / HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\n10001\r\n{chunk}\r\n0\r\n\r\n"
            ),
            "413",
        ),
    ] {
        let answer = rig.send(&request).await;
        assert_eq!(
            status(&answer),
            expected,
            "{} bytes: {answer}",
            request.len()
        );
        assert!(rig.delivered().is_empty());
    }
}

#[tokio::test]
async fn a_source_over_its_limit_waits_for_its_own_connections() {
    let rig = Rig::with(Limits {
        connections_per_source: 2,
        ..Limits::default()
    });
    let first = rig.connect().await;
    let mut second = rig.connect().await;
    assert!(
        rig.connect_as(b"http/1.1", None, "crm.example.nl")
            .await
            .is_err()
    );
    second.write_all(FINE.as_bytes()).await.unwrap();
    assert_eq!(status(&read_answer(&mut second).await), "200");
    drop(first);
    let again = async {
        while rig
            .connect_as(b"http/1.1", None, "crm.example.nl")
            .await
            .is_err()
        {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, again)
        .await
        .expect("room after a connection has ended");
}

#[tokio::test]
async fn a_large_answer_arrives_whole() {
    let rig = Rig::start();
    let request = "GET /large HTTP/1.1\r\nHost: crm.example.nl\r\nConnection: close\r\n\r\n";
    let answer = rig.send(request).await;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    assert_eq!(body.len(), 1_000_000);
}

#[tokio::test]
async fn bodies_beyond_the_memory_for_all_are_503_until_others_end() {
    let rig = Rig::with(Limits {
        bodies_bytes: 1000,
        ..Limits::default()
    });
    let post = |path: &str, body: &str| {
        let length = body.len();
        format!(
            "POST {path} HTTP/1.1\r\nHost: crm.example.nl\r\nContent-Length: {length}\r\n\r\n{body}"
        )
    };
    let body = "x".repeat(600);
    let mut holds = rig.connect().await;
    holds
        .write_all(post("/hold", &body).as_bytes())
        .await
        .unwrap();
    while rig.delivered().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let chunked = format!(
        "POST /b HTTP/1.1\r\nHost: crm.example.nl\r\nTransfer-Encoding: chunked\r\n\r\n258\r\n{body}\r\n0\r\n\r\n"
    );
    let mut others = Vec::new();
    for request in [post("/b", &body), chunked] {
        let mut other = rig.connect().await;
        other.write_all(request.as_bytes()).await.unwrap();
        others.push(read_answer(&mut other).await);
    }
    assert!(
        others.iter().all(|answer| status(answer) == "503"),
        "{others:?}"
    );
    assert_eq!(status(&read_answer(&mut holds).await), "200");
    let mut after = rig.connect().await;
    after.write_all(post("/b", &body).as_bytes()).await.unwrap();
    assert_eq!(status(&read_answer(&mut after).await), "200");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_not_waited_for() {
    let rig = Rig::with(Limits {
        write_stall: SHORT,
        ..Limits::default()
    });
    let mut stream = rig.connect().await;
    let request = "GET /huge HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let closed = async {
        while rig.delivered().is_empty() || !rig.metrics.encode().contains("sluis_connections 0") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, closed)
        .await
        .expect("the connection is given up");
}
