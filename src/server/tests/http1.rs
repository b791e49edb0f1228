//! HTTP/1.1 as raw bytes: what smuggles, what pipelines, what real clients send.

use tokio::io::AsyncWriteExt;

use crate::server::tests::{HOST, Rig, read_answer, read_to_end, status};

/// A request that must not be delivered, and the status that it is refused with.
type Case = (&'static str, &'static str);

const REQUEST_LINES: &[Case] = &[
    ("GET / HTTP/1.0\r\nHost: crm.example.nl\r\n\r\n", "505"),
    ("GET / HTTP/1.2\r\nHost: crm.example.nl\r\n\r\n", "505"),
    ("GET / HTTP/2.0\r\nHost: crm.example.nl\r\n\r\n", "505"),
    ("GET / http/1.1\r\nHost: crm.example.nl\r\n\r\n", "400"),
    ("GET / HTTP/1.1 \r\nHost: crm.example.nl\r\n\r\n", "400"),
    ("GET / HTTP/11\r\nHost: crm.example.nl\r\n\r\n", "400"),
    ("GET / HTTP/1.10\r\nHost: crm.example.nl\r\n\r\n", "400"),
    ("GET / HTTP/+1.1\r\nHost: crm.example.nl\r\n\r\n", "400"),
    ("GET /\r\n\r\n", "400"),
    ("GET / \r\nHost: crm.example.nl\r\n\r\n", "400"),
    ("GET  / HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n", "400"),
    ("GET /  HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n", "400"),
    ("GET\t/ HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n", "400"),
    (" GET / HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n", "400"),
    ("\r\nGET / HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n", "400"),
    ("\nGET / HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n", "400"),
    ("GET /a b HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n", "400"),
    ("get / HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n", "400"),
    ("TRACE / HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n", "405"),
    ("OPTIONS * HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n", "405"),
    (
        "CONNECT crm.example.nl:443 HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n",
        "405",
    ),
    ("PROPFIND / HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n", "501"),
    (
        "GET https://crm.example.nl/ HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n",
        "400",
    ),
    (
        "GET //evil.example/ HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n",
        "400",
    ),
    ("GET /a#b HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n", "400"),
    (
        "GET /a/../b HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n",
        "400",
    ),
    (
        "GET /%2e%2e/b HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n",
        "400",
    ),
    (
        "POST /?_HttpMethod=PATCH HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n",
        "400",
    ),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"),
];

const LINES: &[Case] = &[
    ("GET / HTTP/1.1\nHost: crm.example.nl\n\n", "400"),
    ("GET / HTTP/1.1\r\nHost: crm.example.nl\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nHost: crm.example.nl\r\n\n", "400"),
    ("GET / HTTP/1.1\rHost: crm.example.nl\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nHost: crm.example.nl\r\r\n\r\n", "400"),
    (
        "GET / HTTP/1.1\r\nHost: crm.example.nl\r\nX: a\rb\r\n\r\n",
        "400",
    ),
    (
        "GET / HTTP/1.1\r\nHost: crm.example.nl\r\nX: a\0b\r\n\r\n",
        "400",
    ),
    (
        "GET / HTTP/1.1\r\nHost: crm.example.nl\r\nX: a\x0bb\r\n\r\n",
        "400",
    ),
    (
        "GET / HTTP/1.1\r\nHost: crm.example.nl\r\nX: a\x7fb\r\n\r\n",
        "400",
    ),
    (
        "GET / HTTP/1.1\r\nHost: crm.example.nl\r\nX: é\r\n\r\n",
        "400",
    ),
    (
        "GET / HTTP/1.1\r\nHost: crm.example.nl\r\nX:\ta\r\n\r\n",
        "400",
    ),
    (
        "GET / HTTP/1.1\r\nHost: crm.example.nl\r\nX: a\r\n b\r\n\r\n",
        "400",
    ),
    ("GET / HTTP/1.1\r\n Host: crm.example.nl\r\n\r\n", "400"),
    (
        "GET / HTTP/1.1\r\nHost: crm.example.nl\r\nX : a\r\n\r\n",
        "400",
    ),
    ("GET / HTTP/1.1\r\nHost : crm.example.nl\r\n\r\n", "400"),
    (
        "GET / HTTP/1.1\r\nHost: crm.example.nl\r\n: a\r\n\r\n",
        "400",
    ),
    ("GET / HTTP/1.1\r\nHost: crm.example.nl\r\nX\r\n\r\n", "400"),
    (
        "GET / HTTP/1.1\r\nHost: crm.example.nl\r\nX(y): a\r\n\r\n",
        "400",
    ),
    (
        "GET / HTTP/1.1\r\nHost: crm.example.nl\r\nX\\y: a\r\n\r\n",
        "400",
    ),
];

const FIELDS: &[Case] = &[
    ("GET / HTTP/1.1\r\n\r\n", "400"),
    (
        "GET / HTTP/1.1\r\nHost: crm.example.nl\r\nHost: crm.example.nl\r\n\r\n",
        "400",
    ),
    (
        "GET / HTTP/1.1\r\nHost: crm.example.nl\r\nhost: evil.example\r\n\r\n",
        "400",
    ),
    ("GET / HTTP/1.1\r\nHost:  crm.example.nl\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nHost: crm.example.nl \r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", "421"),
    ("GET / HTTP/1.1\r\nHost: crm.example.nl:443\r\n\r\n", "421"),
    ("GET / HTTP/1.1\r\nHost: crm.example.nl.\r\n\r\n", "421"),
    ("GET / HTTP/1.1\r\nHost: a@crm.example.nl\r\n\r\n", "421"),
    (
        "POST / HTTP/1.1\r\nHost: crm.example.nl\r\nX-HTTP-Method-Override: PATCH\r\n\r\n",
        "400",
    ),
    (
        "GET / HTTP/1.1\r\nHost: crm.example.nl\r\nX-Original-URL: /b\r\n\r\n",
        "400",
    ),
    (
        "GET / HTTP/1.1\r\nHost: crm.example.nl\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n",
        "400",
    ),
    (
        "GET / HTTP/1.1\r\nHost: crm.example.nl\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
        "400",
    ),
    (
        "GET / HTTP/1.1\r\nHost: crm.example.nl\r\nUpgrade: websocket\r\n\r\n",
        "400",
    ),
    (
        "GET / HTTP/1.1\r\nHost: crm.example.nl\r\nConnection: Host\r\n\r\n",
        "400",
    ),
    (
        "GET / HTTP/1.1\r\nHost: crm.example.nl\r\nTE: trailers\r\n\r\n",
        "400",
    ),
    (
        "GET / HTTP/1.1\r\nHost: crm.example.nl\r\nTrailer: X\r\n\r\n",
        "400",
    ),
    (
        "GET / HTTP/1.1\r\nHost: crm.example.nl\r\nExpect: 100-continue\r\n\r\n",
        "417",
    ),
];

/// After the request line and Host of a POST.
const BODIES: &[Case] = &[
    (
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "400",
    ),
    (
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "400",
    ),
    (
        "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
        "400",
    ),
    ("Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "400"),
    ("Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello", "400"),
    ("Content-Length: 5, 5\r\n\r\nhello", "400"),
    ("Content-Length: +5\r\n\r\nhello", "400"),
    ("Content-Length: -5\r\n\r\nhello", "400"),
    ("Content-Length: 0x5\r\n\r\nhello", "400"),
    ("Content-Length: 05\r\n\r\nhello", "400"),
    ("Content-Length: 5 \r\n\r\nhello", "400"),
    ("Content-Length:  5\r\n\r\nhello", "400"),
    ("Content-Length:\r\n\r\n", "400"),
    ("Content-Length : 5\r\n\r\nhello", "400"),
    ("Content_Length: 5\r\n\r\nhello", "400"),
    ("Content-Length: 18446744073709551621\r\n\r\nhello", "400"),
    ("Content-Length: 999999999\r\n\r\nhello", "413"),
    ("Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", "400"),
    ("Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", "400"),
    (
        "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        "400",
    ),
    ("Transfer-Encoding: identity\r\n\r\n0\r\n\r\n", "400"),
    ("Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "400"),
    (
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n",
        "400",
    ),
    (
        "Transfer-Encoding: chunked\r\nTransfer-encoding: cow\r\n\r\n0\r\n\r\n",
        "400",
    ),
    ("Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n", "400"),
    ("Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n", "400"),
    ("Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", "400"),
    ("Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "400"),
    (" Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
    ("X: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
    ("Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", "400"),
    ("Transfer_Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
    (
        "Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n",
        "400",
    ),
    (
        "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
        "400",
    ),
    (
        "Transfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n",
        "400",
    ),
    (
        "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
        "400",
    ),
    (
        "Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
        "400",
    ),
    (
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n",
        "400",
    ),
    (
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n",
        "400",
    ),
    (
        "Transfer-Encoding: chunked\r\n\r\n100000000000000005\r\nhello\r\n0\r\n\r\n",
        "400",
    ),
    ("Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n", "400"),
    (
        "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n",
        "400",
    ),
    // A second request behind a first that is fine.
    (
        "Content-Length: 5\r\n\r\nhelloGET /admin HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n",
        "400",
    ),
    (
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n",
        "400",
    ),
    (
        "\r\nGET /admin HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n",
        "400",
    ),
    (
        "Content-Length: 0\r\n\r\nGET /admin HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n",
        "400",
    ),
];

#[tokio::test]
async fn nothing_ambiguous_is_delivered_and_each_refusal_closes() {
    let rig = Rig::start();
    for (request, expected) in [REQUEST_LINES, LINES, FIELDS].concat() {
        let answer = rig.send(request).await;
        assert_eq!(status(&answer), expected, "{request:?}\n{answer}");
        assert!(
            answer.contains("connection: close"),
            "{request:?}\n{answer}"
        );
        assert!(rig.delivered().is_empty(), "{request:?}");
    }
    let fine = rig.send("GET / HTTP/1.1\r\nHost: crm.example.nl\r\nConnection: close\r\n\r\n");
    assert_eq!(status(&fine.await), "200");
    assert_eq!(rig.delivered().len(), 1);
}

#[tokio::test]
async fn no_body_has_two_ends() {
    let rig = Rig::start();
    for (rest, expected) in BODIES {
        let request = format!("POST /a HTTP/1.1\r\nHost: {HOST}\r\n{rest}");
        let answer = rig.send(&request).await;
        assert_eq!(status(&answer), *expected, "{request:?}\n{answer}");
        assert!(rig.delivered().is_empty(), "{request:?}");
        assert_eq!(
            answer.matches("HTTP/1.1").count(),
            1,
            "{request:?}\n{answer}"
        );
    }
}

#[tokio::test]
async fn a_refusal_repeats_nothing_of_the_request() {
    let rig = Rig::start();
    for request in [
        "GET /jansen/../x?jansen HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: jansen.example\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: crm.example.nl\r\njansen : jansen\r\n\r\n",
        "JANSEN / HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n",
    ] {
        let answer = rig.send(request).await.to_lowercase();
        assert!(answer.contains("\"errorcode\":"), "{answer}");
        assert!(!answer.contains("jansen"), "{answer}");
    }
}

#[tokio::test]
async fn bodies_come_whole_however_they_are_sent() {
    let rig = Rig::start();
    let mut stream = rig.connect().await;
    let pieces: [&[&str]; 3] = [
        &["POST /a HTTP/1.1\r\nHost: crm.example.nl\r\nContent-Length: 5\r\n\r\nhello"],
        &[
            "POST /b HTTP/1.1\r\nHost: crm.exa",
            "mple.nl\r\nContent-Length: 5\r\n\r\nhe",
            "llo",
        ],
        &[
            "POST /c HTTP/1.1\r\nHost: crm.example.nl\r\nTransfer-Encoding: chunked\r\n\r\n2\r",
            "\nhe\r\n3\r\nl",
            "lo\r\n0\r\n\r",
            "\n",
        ],
    ];
    for request in pieces {
        for piece in request {
            stream.write_all(piece.as_bytes()).await.unwrap();
            stream.flush().await.unwrap();
            tokio::task::yield_now().await;
        }
        assert_eq!(status(&read_answer(&mut stream).await), "200");
    }
    let delivered = rig.delivered();
    let targets: Vec<&str> = delivered.iter().map(|one| one.target.as_str()).collect();
    assert_eq!(targets, ["/a", "/b", "/c"]);
    assert!(
        delivered
            .iter()
            .all(|one| one.body == "hello" && one.method == "POST")
    );
}

#[tokio::test]
async fn requests_of_real_clients_are_delivered() {
    let rig = Rig::start();
    let mut stream = rig.connect().await;
    for (head, target) in [
        (
            "GET /services/data/v60.0/query/?q=SELECT+Id%2C+Name HTTP/1.1\r\nHost: crm.example.nl\r\nUser-Agent: python-requests/2.34.2\r\nAccept-Encoding: gzip, deflate\r\nAccept: */*\r\nConnection: keep-alive\r\nContent-Type: application/json\r\nAuthorization: Bearer 00D!A.B\r\nX-PrettyPrint: 1\r\n\r\n",
            "/services/data/v60.0/query/?q=SELECT+Id%2C+Name",
        ),
        (
            "PATCH /services/data/v60.0/sobjects/Contact/Ext_Id__c/jan@example.nl HTTP/1.1\r\nHost: crm.example.nl\r\ncontent-type: application/json\r\nconnection: keep-alive\r\ncontent-length: 0\r\nSforce-Call-Options: client=sfdx toolbelt:\r\n\r\n",
            "/services/data/v60.0/sobjects/Contact/Ext_Id__c/jan@example.nl",
        ),
        (
            "DELETE /services/data/v60.0/sobjects/Contact/Ext_Id__c/jan%2Fde%20vries%40x.nl HTTP/1.1\r\nHost: crm.example.nl\r\nContent-Length: 0\r\n\r\n",
            "/services/data/v60.0/sobjects/Contact/Ext_Id__c/jan%2Fde%20vries%40x.nl",
        ),
    ] {
        stream.write_all(head.as_bytes()).await.unwrap();
        let answer = read_answer(&mut stream).await;
        assert_eq!(status(&answer), "200", "{answer}");
        assert_eq!(rig.delivered().pop().unwrap().target, target);
    }
}

#[tokio::test]
async fn a_client_may_wait_for_100_continue() {
    let rig = Rig::start();
    let mut stream = rig.connect().await;
    let head = "POST /a HTTP/1.1\r\nHost: crm.example.nl\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let interim = read_answer(&mut stream).await;
    assert_eq!(interim, "HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"hello").await.unwrap();
    assert_eq!(status(&read_to_end(&mut stream).await), "200");
    assert_eq!(rig.delivered()[0].body, "hello");
}

#[tokio::test]
async fn bytes_before_the_answer_end_the_connection_without_a_second_request() {
    let rig = Rig::start();
    let mut stream = rig.connect().await;
    stream
        .write_all(b"GET /slow HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n")
        .await
        .unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    stream
        .write_all(b"GET /admin HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n")
        .await
        .unwrap();
    let answer = read_to_end(&mut stream).await;
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    let delivered = rig.delivered();
    assert_eq!(delivered.len(), 1);
    assert_eq!(delivered[0].target, "/slow");
}

#[tokio::test]
async fn an_unread_body_is_never_read_as_the_next_request() {
    let rig = Rig::start();
    let smuggled = "GET /admin HTTP/1.1\r\nHost: crm.example.nl\r\n\r\n";
    let request = format!(
        "POST /ignore HTTP/1.1\r\nHost: crm.example.nl\r\nContent-Length: {}\r\n\r\n{smuggled}",
        smuggled.len()
    );
    let answer = rig.send(&request).await;
    assert_eq!(status(&answer), "200");
    assert!(answer.contains("connection: close"), "{answer}");
    assert!(rig.delivered().is_empty());
}

#[tokio::test]
async fn a_body_cut_short_is_not_delivered() {
    let rig = Rig::start();
    for rest in [
        "Content-Length: 50\r\n\r\nhello",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
    ] {
        let mut stream = rig.connect().await;
        let request = format!("POST /a HTTP/1.1\r\nHost: {HOST}\r\n{rest}");
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let answer = read_to_end(&mut stream).await;
        assert_ne!(status(&answer), "200", "{answer}");
        assert!(rig.delivered().is_empty(), "{request}");
    }
}

#[tokio::test]
async fn a_head_answer_has_a_length_and_no_body() {
    let rig = Rig::start();
    let request = "HEAD / HTTP/1.1\r\nHost: crm.example.nl\r\nConnection: close\r\n\r\n";
    let answer = rig.send(request).await;
    assert!(answer.contains("content-length: 9\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn an_answer_carries_the_security_fields_and_no_banner() {
    let rig = Rig::start();
    let request = "GET / HTTP/1.1\r\nHost: crm.example.nl\r\nConnection: close\r\n\r\n";
    let answer = rig.send(request).await;
    for line in [
        "cache-control: no-store",
        "x-content-type-options: nosniff",
        "strict-transport-security: max-age=31536000",
        "date: Thu, 01 Jan 2026 00:00:00 GMT",
        "x-request-id: ",
    ] {
        assert!(answer.contains(line), "{line}: {answer}");
    }
    assert!(!answer.contains("server:"), "{answer}");
}

#[tokio::test]
async fn who_waits_is_told_that_the_client_has_closed() {
    let rig = Rig::start();
    let mut stream = rig.connect().await;
    let request = format!("GET /listen HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    assert!(rig.sees("GET", "/listen").await);
    drop(stream);
    assert!(rig.sees("OVER", "Gone").await, "the client has gone");
}

#[tokio::test]
async fn who_waits_is_told_that_the_server_stops_and_the_client_is_answered() {
    let rig = Rig::start();
    let mut stream = rig.connect().await;
    let request = format!("GET /listen HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    assert!(rig.sees("GET", "/listen").await);
    rig.running().control.stop();
    let answer = read_answer(&mut stream).await;
    assert!(answer.ends_with("Stopping"), "{answer}");
}
