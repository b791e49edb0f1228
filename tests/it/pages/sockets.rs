//! WebSockets: refused, unless a route lets one pass unread.

use std::sync::Arc;

use anyhow::{Context, Result};
use futures_util::{SinkExt, StreamExt};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::crm::Crm;
use super::house::{House, Who, policy};

const ROUTE: &str = "[[routes]]\nname = \"live\"\npath = \"/live/{id}\"\nwebsocket = \"opaque\"\n\
                     reason = \"It says that a record changed, by its number.\"\n";

fn house() -> Result<House> {
    let policy = format!("{}\n{ROUTE}", policy("note = \"free_text\""));
    House::set(Crm::start(), &policy, "")?.signed_in()
}

type Socket = WebSocketStream<TlsStream<TcpStream>>;

/// Asks for a WebSocket as a page of this origin, with these further fields.
async fn asked(
    house: &House,
    target: &str,
    fields: &[(&'static str, &str)],
) -> Result<Result<Socket, Error>> {
    let mut roots = RootCertStore::empty();
    roots.add(house.certificate.clone())?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(("127.0.0.1", house.port)).await?;
    let name = ServerName::try_from("localhost")?;
    let stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await?;
    let url = format!("wss://localhost:{}{target}", house.port);
    let mut request = url.into_client_request()?;
    for (name, value) in fields {
        request.headers_mut().insert(*name, value.parse()?);
    }
    Ok(client_async(request, stream)
        .await
        .map(|(socket, _)| socket))
}

/// The status that a WebSocket was refused with, and the page.
fn refused(asked: Result<Socket, Error>) -> Result<(u16, String)> {
    match asked.err().context("it was opened")? {
        Error::Http(answer) => {
            let page = answer.body().clone().unwrap_or_default();
            Ok((answer.status().as_u16(), String::from_utf8(page)?))
        }
        error => Err(error.into()),
    }
}

#[tokio::test]
async fn a_web_socket_is_refused_where_policy_has_none() -> Result<()> {
    let house = house()?;
    let bearer = format!("Bearer {}", house.token(Who::Sales));
    let origin = house.origin();
    let fields = [("authorization", bearer.as_str()), ("origin", &origin)];
    let (status, page) = refused(asked(&house, "/contacts", &fields).await?)?;
    assert!(
        status == 403 && page.contains("websocket-refused"),
        "{status} {page}"
    );
    let (_, page) = refused(asked(&house, "/unknown", &fields).await?)?;
    assert!(page.contains("endpoint-unknown"), "{page}");
    let (status, _) = refused(asked(&house, "/.sluis/account", &fields).await?)?;
    assert_eq!(status, 400);
    // The route of a WebSocket has no page.
    let (_, page) = house.get(Who::Sales, "/live/1").await?;
    assert!(page.contains("method-unknown"), "{page}");
    assert!(house.crm.kept().log.is_empty());
    let refusals = house.ledger()?.into_iter();
    let refusals = refusals.filter(|entry| entry["outcome"] == "websocket-refused");
    assert_eq!(refusals.count(), 1);
    Ok(())
}

#[tokio::test]
async fn nobody_opens_one_without_their_proofs_or_from_another_site() -> Result<()> {
    let house = house()?;
    let bearer = format!("Bearer {}", house.token(Who::Sales));
    let origin = house.origin();
    for (fields, expected) in [
        (vec![("origin", origin.as_str())], 401),
        (
            vec![("authorization", "Bearer x"), ("origin", &origin)],
            401,
        ),
        (vec![("authorization", bearer.as_str())], 403),
        (
            vec![
                ("authorization", bearer.as_str()),
                ("origin", "https://evil.example"),
            ],
            403,
        ),
        (
            vec![("authorization", bearer.as_str()), ("origin", "null")],
            403,
        ),
    ] {
        let (status, _) = refused(asked(&house, "/live/1", &fields).await?)?;
        // Outside of the REST API a program without a token is told that the door is closed.
        assert!(
            status == expected || expected == 401 && status == 403,
            "{fields:?}: {status}"
        );
    }
    assert!(house.crm.kept().log.is_empty());
    Ok(())
}

#[tokio::test]
async fn one_that_policy_allows_carries_both_ways_until_its_client_is_revoked() -> Result<()> {
    let house = house()?;
    let bearer = format!("Bearer {}", house.token(Who::Sales));
    let origin = house.origin();
    let cookie = format!("{}; __Host-sluis=ours-and-secret", house.cookies[0]);
    let fields = [
        ("authorization", bearer.as_str()),
        ("origin", &origin),
        ("cookie", cookie.as_str()),
    ];
    let mut socket = asked(&house, "/live/7", &fields).await??;
    let long = "é".repeat(40_000);
    for text in ["contact 7", &long] {
        socket.send(Message::text(text)).await?;
        let said = socket.next().await.context("it ended")??;
        assert_eq!(said, Message::text(format!("{text}{text}")));
    }
    assert_eq!(house.crm.kept().log, ["SOCKET /live/7"]);
    let sent = String::from_utf8_lossy(&house.crm.kept().bytes).into_owned();
    assert!(
        sent.contains(&format!("origin: {}", house.crm.origin)),
        "{sent}"
    );
    assert!(
        sent.contains("sid=abcdefgh") && !sent.contains("ours-and-secret"),
        "{sent}"
    );
    assert!(
        !sent.to_ascii_lowercase().contains("authorization"),
        "{sent}"
    );
    let entries = house.ledger()?;
    assert!(
        entries.iter().any(|entry| entry["operation"] == "live"),
        "{entries:?}"
    );

    house.command(&["client", "revoke", "sales"])?;
    let ended = tokio::time::timeout(std::time::Duration::from_secs(60), socket.next()).await?;
    assert!(ended.is_none_or(|last| last.is_err()));
    // And no other is opened.
    refused(asked(&house, "/live/7", &fields).await?)?;
    Ok(())
}

#[tokio::test]
async fn one_that_another_policy_no_longer_allows_ends() -> Result<()> {
    let house = house()?;
    let bearer = format!("Bearer {}", house.token(Who::Sales));
    let origin = house.origin();
    let fields = [
        ("authorization", bearer.as_str()),
        ("origin", &origin),
        ("cookie", &house.cookies[0]),
    ];
    let mut socket = asked(&house, "/live/7", &fields).await??;
    house.reload(&policy("note = \"free_text\""))?;
    let ended = tokio::time::timeout(std::time::Duration::from_secs(60), socket.next()).await?;
    assert!(ended.is_none_or(|last| last.is_err()));
    refused(asked(&house, "/live/7", &fields).await?)?;
    Ok(())
}

#[test]
fn policy_says_why_it_lets_one_pass_and_lint_warns_of_it() -> Result<()> {
    let table = sluis::policy::FieldTable::salesforce()?;
    let compiled = |route: &str| {
        let text = format!("{}\n{route}", policy("note = \"free_text\""));
        let name = "small.toml".to_owned();
        sluis::policy::compile(&sluis::policy::Source { name, text }, &table)
    };
    let plan = compiled(ROUTE).map_err(|report| anyhow::anyhow!("{report}"))?;
    let warned = plan.warnings().findings().iter();
    assert!(
        warned
            .map(|finding| finding.code)
            .any(|code| code == "policy-route-websocket")
    );
    let without = ROUTE.split("reason").next().unwrap_or_default();
    for route in [
        without.to_owned(),
        ROUTE.replace("opaque", "scanned"),
        format!("{ROUTE}answer = \"html\"\n"),
        ROUTE.replace("websocket = \"opaque\"", "answer = \"html\""),
    ] {
        let report = compiled(&route).err().context("it compiles")?.to_string();
        assert!(report.contains("error[policy-route-websocket]"), "{report}");
    }
    Ok(())
}
