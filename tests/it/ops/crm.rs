//! A CRM that does what a case says, byte by byte, and keeps what it was sent.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

use super::certificates::Pair;

/// What the CRM's name is towards the border.
pub const CRM_NAME: &str = "crm.example.nl";
/// The session that the CRM gives to the border; it must show up nowhere else.
pub const CRM_SESSION: &str = "00D000000000001!CanaryOfTheCrmSession";

/// What the CRM says of the fields that the cases write.
pub const DESCRIPTION: &str = r#"{"fields":[{"name":"LastName","type":"string","length":80},{"name":"Description","type":"textarea","length":32000},{"name":"Title","type":"string","length":255},{"name":"PathOnClient","type":"string","length":500},{"name":"VersionData","type":"base64"},{"name":"ParentId","type":"reference","length":18},{"name":"FirstPublishLocationId","type":"reference","length":18},{"name":"ContentDocumentId","type":"reference","length":18},{"name":"Name","type":"string","length":255},{"name":"Body","type":"base64"},{"name":"Phone","type":"phone","length":40}]}"#;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Counts connections from 0.
    pub connection: usize,
    pub method: String,
    pub target: String,
    pub head: String,
    pub body: Vec<u8>,
}

/// One thing that the CRM does after it has read a request.
#[derive(Clone)]
pub enum Step {
    Write(Vec<u8>),
    /// Waits until the case says go.
    Await(Arc<Notify>),
    /// Writes them one by one, a pause before each.
    Trickle(Vec<u8>, Duration),
    /// Does nothing until the border goes away.
    Stall,
    /// Ends the connection without any farewell.
    Cut,
}

type Script = Arc<dyn Fn(&Seen) -> Vec<Step> + Send + Sync>;

/// How the CRM speaks.
pub enum Voice {
    Tls(Pair),
    Plain,
}

#[derive(Clone)]
pub struct FakeCrm {
    pub address: SocketAddr,
    state: Arc<State>,
}

struct State {
    script: Mutex<Script>,
    description: Mutex<String>,
    /// An object that a case adds, and what is said of it.
    also: Mutex<Option<(String, String)>>,
    seen: Mutex<Vec<Seen>>,
    connections: AtomicUsize,
    left: AtomicUsize,
}

impl FakeCrm {
    /// Listens on a free port of this machine, within the runtime of the test.
    pub async fn start(voice: Voice) -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap(), voice).await
    }

    pub async fn start_at(address: SocketAddr, voice: Voice) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            script: Mutex::new(Arc::new(|_: &Seen| json(200, "{}"))),
            description: Mutex::new(DESCRIPTION.to_owned()),
            also: Mutex::default(),
            seen: Mutex::default(),
            connections: AtomicUsize::new(0),
            left: AtomicUsize::new(0),
        });
        let acceptor = match voice {
            Voice::Tls(pair) => Some(TlsAcceptor::from(pair.server())),
            Voice::Plain => None,
        };
        let serving = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(accept(stream, acceptor.clone(), Arc::clone(&serving)));
            }
        });
        Self { address, state }
    }

    /// What to do with a request, sign-ins and describes apart.
    pub fn does(&self, script: impl Fn(&Seen) -> Vec<Step> + Send + Sync + 'static) {
        *self.state.script.lock().unwrap() = Arc::new(script);
    }

    /// What it says of contacts from now on.
    pub fn describes(&self, text: &str) {
        text.clone_into(&mut self.state.description.lock().unwrap());
    }

    /// What it says of another object.
    pub fn describes_also(&self, object: &str, text: &str) {
        let also = (object.to_owned(), text.to_owned());
        *self.state.also.lock().unwrap() = Some(also);
    }

    /// All requests since the last call of this.
    pub fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.state.seen.lock().unwrap())
    }

    /// How many connections the border has left while [`Step::Stall`] was done on them.
    pub fn left(&self) -> usize {
        self.state.left.load(Ordering::SeqCst)
    }

    /// Requests that the border did not make by itself.
    pub fn calls(&self) -> Vec<Seen> {
        let mut seen = self.take();
        seen.retain(Seen::is_asked_for);
        seen
    }
}

impl Seen {
    pub fn is_sign_in(&self) -> bool {
        self.target == "/services/oauth2/token"
    }

    pub fn is_describe(&self) -> bool {
        // What a report is, a case says itself.
        let object = self.target.ends_with("/describe") && !self.target.contains("/analytics/");
        object || self.target == "/services/data"
    }

    /// Whether somebody asked for it, not the border by itself.
    pub fn is_asked_for(&self) -> bool {
        !self.is_sign_in() && !self.is_describe()
    }

    /// A member of the body.
    pub fn field(&self, name: &str) -> String {
        let body: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        body[name].as_str().unwrap_or_default().to_owned()
    }
}

/// A whole answer of JSON.
pub fn json(status: u16, body: &str) -> Vec<Step> {
    answer(
        status,
        "Content-Type: application/json;charset=UTF-8\r\n",
        body.as_bytes(),
    )
}

/// A whole answer with header lines of the case's own.
pub fn answer(status: u16, headers: &str, body: &[u8]) -> Vec<Step> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {length}\r\n\r\n");
    vec![Step::Write([head.as_bytes(), body].concat())]
}

/// Exactly these bytes, and then the end of the connection.
pub fn raw(bytes: impl Into<Vec<u8>>) -> Vec<Step> {
    vec![Step::Write(bytes.into()), Step::Cut]
}

async fn accept(stream: TcpStream, acceptor: Option<TlsAcceptor>, state: Arc<State>) {
    stream.set_nodelay(true).unwrap();
    match acceptor {
        None => converse(stream, &state).await,
        Some(acceptor) => {
            if let Ok(stream) = acceptor.accept(stream).await {
                converse(stream, &state).await;
            }
        }
    }
}

async fn converse(mut stream: impl AsyncRead + AsyncWrite + Unpin, state: &State) {
    let connection = state.connections.fetch_add(1, Ordering::SeqCst);
    let mut buffer = Vec::new();
    while let Some(request) = read(&mut stream, &mut buffer, connection).await {
        state.seen.lock().unwrap().push(request.clone());
        let steps = if request.is_sign_in() {
            let granted = serde_json::json!({"access_token": CRM_SESSION, "token_type": "Bearer"});
            json(200, &granted.to_string())
        } else if request.is_describe() {
            match request.target.rsplit('/').nth(1) {
                Some("services") => json(200, r#"[{"version":"61.0"},{"version":"62.0"}]"#),
                Some("Contact" | "ContentVersion" | "Attachment") => {
                    json(200, &state.description.lock().unwrap())
                }
                name => match &*state.also.lock().unwrap() {
                    Some((object, text)) if name == Some(object.as_str()) => json(200, text),
                    _ => json(404, "[]"),
                },
            }
        } else {
            let script = state.script.lock().unwrap().clone();
            script(&request)
        };
        for step in steps {
            match step {
                Step::Write(bytes) => {
                    if stream.write_all(&bytes).await.is_err() || stream.flush().await.is_err() {
                        return;
                    }
                }
                Step::Trickle(bytes, pause) => {
                    for byte in bytes {
                        tokio::time::sleep(pause).await;
                        if stream.write_all(&[byte]).await.is_err() || stream.flush().await.is_err()
                        {
                            return;
                        }
                    }
                }
                Step::Await(go) => go.notified().await,
                Step::Stall => {
                    let _gone = stream.read_u8().await;
                    state.left.fetch_add(1, Ordering::SeqCst);
                    return;
                }
                Step::Cut => return,
            }
        }
    }
}

/// The next request of a connection; none once it has ended.
async fn read(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut Vec<u8>,
    connection: usize,
) -> Option<Seen> {
    let end = loop {
        if let Some(at) = memchr::memmem::find(buffer, b"\r\n\r\n") {
            break at + 4;
        }
        more(stream, buffer).await?;
    };
    let head = String::from_utf8(buffer[..end].to_vec()).unwrap();
    let length = head
        .lines()
        .find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse().unwrap())
        })
        .unwrap_or(0_usize);
    while buffer.len() < end + length {
        more(stream, buffer).await?;
    }
    let body = buffer[end..end + length].to_vec();
    buffer.drain(..end + length);
    let mut words = head.split(' ');
    Some(Seen {
        connection,
        method: words.next().unwrap().to_owned(),
        target: words.next().unwrap().to_owned(),
        head,
        body,
    })
}

async fn more(stream: &mut (impl AsyncRead + Unpin), buffer: &mut Vec<u8>) -> Option<()> {
    (stream.read_buf(buffer).await.ok()? > 0).then_some(())
}
