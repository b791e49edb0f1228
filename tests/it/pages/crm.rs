//! A small server-rendered CRM: it keeps what it gets, and writes it into its pages as it is, as a
//! CRM does that escaped its tokens' letters long ago.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::{Message, WebSocket};

/// A running CRM. Its thread ends with the process.
#[derive(Clone)]
pub struct Crm {
    pub address: SocketAddr,
    /// What it calls itself.
    pub origin: String,
    /// What it calls its other host, if it has one.
    other: Arc<Mutex<String>>,
    kept: Arc<Mutex<Kept>>,
}

/// What it holds.
#[derive(Default)]
pub struct Kept {
    /// It answers each change as if it had been made, and makes none.
    pub idle: bool,
    pub contacts: Vec<BTreeMap<String, String>>,
    pub documents: Vec<Document>,
    /// Every byte that it was ever sent.
    pub bytes: Vec<u8>,
    /// Requests by method and target.
    pub log: Vec<String>,
}

/// An uploaded file, with the fields that came with it.
#[derive(Clone, Default)]
pub struct Document {
    pub fields: BTreeMap<String, String>,
    pub name: String,
    pub kind: String,
    pub bytes: Vec<u8>,
}

pub const SESSION: &str = "sid=abcdefgh12345678";
/// Against forgery: the CRM's scripts read it.
pub const READABLE: &str = "csrf=readable12345678";
/// A form that no grammar has.
pub const OWN: &str = "a%20b&c=(d)--x";

impl Crm {
    pub fn start() -> Self {
        Self::start_on("127.0.0.1:0")
    }

    /// On this address of the machine.
    pub fn start_on(address: &str) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let crm = Self::new(&listener, None);
        crm.accept(listener, |crm, stream| crm.serve(stream));
        crm
    }

    /// By TLS, with a name of its own that is not where it is.
    pub fn start_tls(origin: &str, config: Arc<ServerConfig>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let crm = Self::new(&listener, Some(origin));
        crm.accept(listener, move |crm, stream| {
            let session = ServerConnection::new(Arc::clone(&config)).unwrap();
            crm.serve(StreamOwned::new(session, stream));
        });
        crm
    }

    fn new(listener: &TcpListener, origin: Option<&str>) -> Self {
        let address = listener.local_addr().unwrap();
        Self {
            address,
            origin: origin.map_or_else(|| format!("http://{address}"), str::to_owned),
            other: Arc::default(),
            kept: Arc::default(),
        }
    }

    fn accept(
        &self,
        listener: TcpListener,
        serve: impl Fn(Self, TcpStream) + Send + Sync + 'static,
    ) {
        let (crm, serve) = (self.clone(), Arc::new(serve));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (crm, serve) = (crm.clone(), Arc::clone(&serve));
                thread::spawn(move || serve(crm, stream));
            }
        });
    }

    /// Tells it where its other host is.
    pub fn knows(&self, other: &Self) {
        self.other.lock().unwrap().clone_from(&other.origin);
    }

    pub fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap()
    }

    /// Forgets what it was sent, and keeps what it holds.
    pub fn forget(&self) {
        let mut kept = self.kept();
        kept.bytes.clear();
        kept.log.clear();
    }

    /// One field of a contact, as the CRM holds it.
    pub fn held(&self, id: usize, field: &str) -> String {
        let kept = self.kept();
        let contact = kept.contacts.get(id - 1);
        contact
            .and_then(|contact| contact.get(field))
            .cloned()
            .unwrap_or_default()
    }

    fn serve(&self, mut stream: impl Read + Write) {
        while let Some(request) = Request::read(&mut stream) {
            if request.header("upgrade") == "websocket" {
                return self.echo(&request, stream);
            }
            let answer = self.answer(&request);
            if stream.write_all(&answer).is_err() {
                return;
            }
        }
    }

    /// A WebSocket that says everything twice.
    fn echo(&self, request: &Request, mut stream: impl Read + Write) {
        self.kept().bytes.extend_from_slice(&request.bytes);
        self.kept().log.push(format!("SOCKET {}", request.target));
        let accept = derive_accept_key(request.header("sec-websocket-key").as_bytes());
        let head = format!(
            "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
        );
        if stream.write_all(head.as_bytes()).is_err() {
            return;
        }
        let mut socket = WebSocket::from_raw_socket(stream, Role::Server, None);
        while let Ok(message) = socket.read() {
            let Message::Text(text) = message else {
                continue;
            };
            let twice = Message::text(format!("{text}{text}"));
            if socket.send(twice).is_err() {
                return;
            }
        }
        self.kept().log.push("SOCKET ended".to_owned());
    }

    fn answer(&self, request: &Request) -> Vec<u8> {
        let mut kept = self.kept();
        kept.bytes.extend_from_slice(&request.bytes);
        kept.log
            .push(format!("{} {}", request.method, request.target));
        let (path, query) = request
            .target
            .split_once('?')
            .unwrap_or((&request.target, ""));
        let query = pairs(query);
        let (home, other) = (self.origin.clone(), self.other.lock().unwrap().clone());
        if path == "/static/app.js" {
            return whole(200, "text/javascript", "", &format!("var home = '{home}';"));
        }
        if path == "/jump" {
            return moved(&format!("{other}/file/7?back={home}"), "");
        }
        if path.starts_with("/file/") {
            let asked = request.header("origin");
            let more = format!(
                "Access-Control-Allow-Origin: {asked}\r\nAccess-Control-Allow-Credentials: true\r\n"
            );
            let page = format!("<a href=\"{other}/contact/1\">back</a><img src=\"{home}/x\">");
            return whole(200, "text/html", &more, &page);
        }
        if path.starts_with("/static/") {
            return whole(200, "text/css", "", "body{color:#123}");
        }
        if path == "/login" {
            let cookie = format!(
                "Set-Cookie: {SESSION}; Domain=127.0.0.1; Path=/; HttpOnly\r\n\
                 Set-Cookie: {READABLE}; Path=/\r\n\
                 Set-Cookie: own=a%20b&c=\"d\"; Path=/\r\nSet-Cookie: own={OWN}; Path=/\r\n\
                 Set-Cookie: zone=Europe; Path=/\r\nSet-Cookie: track=abcdefgh; Path=/\r\n"
            );
            return match request.method.as_str() {
                "POST" => moved(&format!("{home}/contacts"), &cookie),
                _ => whole(200, "text/html", "", "<form method=post></form>"),
            };
        }
        if path == "/away" {
            return moved("https://elsewhere.example/", "");
        }
        if !request.header("cookie").contains(SESSION) {
            return moved(&format!("{home}/login?next={path}"), "");
        }
        let file = path.strip_prefix("/download/");
        if let Some(id) = file.or(path.strip_prefix("/attachment/")) {
            let id: usize = id.parse().unwrap_or(0);
            return match kept.documents.get(id.wrapping_sub(1)) {
                Some(document) => download(document, query.contains_key("chunked")),
                None => missing(),
            };
        }
        let changes = request.method == "POST" && path != "/contacts";
        if changes && request.header("origin") != home {
            return whole(403, "text/html", "", "<h1>CSRF</h1>");
        }
        match request.method.as_str() {
            "POST" if path != "/contacts" => save(&mut kept, request, (path, &home)),
            _ => show(&kept, request, (path, &home, &other), query),
        }
    }
}

/// What a form changes.
fn save(kept: &mut Kept, request: &Request, (path, home): (&str, &str)) -> Vec<u8> {
    if kept.idle {
        return moved(&format!("{home}/contact/1"), "");
    }
    if path == "/document/add" {
        kept.documents.push(request.document());
        return moved(&format!("{home}/document/{}", kept.documents.len()), "");
    }
    if let Some(id) = path.strip_prefix("/document/edit/") {
        // Another version: the one before is kept.
        kept.documents.push(request.document());
        return moved(&format!("{home}/document/{id}"), "");
    }
    let fields = request.fields();
    if fields.get("first_name").is_some_and(String::is_empty) {
        return whole(200, "text/html", "", &form(&fields)); // The form again.
    }
    if path == "/contact/add" {
        kept.contacts.push(fields);
        return moved(&format!("{home}/contact/{}", kept.contacts.len()), "");
    }
    let id = id(path);
    match kept.contacts.get_mut(id.wrapping_sub(1)) {
        Some(contact) if path.starts_with("/contact/edit/") => {
            contact.extend(fields);
            moved(&format!("/contact/{id}"), "")
        }
        _ => missing(),
    }
}

fn id(path: &str) -> usize {
    path.rsplit('/')
        .next()
        .and_then(|id| id.parse().ok())
        .unwrap_or(0)
}

fn missing() -> Vec<u8> {
    whole(404, "text/html", "", "<h1>Not found</h1>")
}

/// A page, or an export.
fn show(
    kept: &Kept,
    request: &Request,
    (path, home, other): (&str, &str, &str),
    query: BTreeMap<String, String>,
) -> Vec<u8> {
    if let Some(id) = path.strip_prefix("/document/") {
        let id: usize = id.parse().unwrap_or(0);
        return match kept.documents.get(id.wrapping_sub(1)) {
            Some(document) => whole(200, "text/html; charset=utf-8", "", &listed(id, document)),
            None => whole(200, "text/html", "", "<form method=post></form>"),
        };
    }
    let contact = kept.contacts.get(id(path).wrapping_sub(1));
    match (path, contact) {
        ("/contacts", _) => {
            let asked = match request.method.as_str() {
                "POST" => request.fields(),
                _ => query,
            };
            let matches = |contact: &&BTreeMap<String, String>| {
                let asked = asked.get("q").or(asked.get("number"));
                let asked = asked.filter(|q| !q.is_empty());
                asked.is_none_or(|q| contact.values().any(|value| value.contains(q.as_str())))
            };
            let rows: String = kept.contacts.iter().filter(matches).map(row).collect();
            whole(
                200,
                "text/html; charset=utf-8",
                "",
                &format!("<ul>{rows}</ul>"),
            )
        }
        ("/export/json", _) => {
            let all = serde_json::to_string(&kept.contacts).unwrap();
            whole(200, "application/json", "", &all)
        }
        ("/export/csv", _) => {
            let rows = kept.contacts.iter().map(|contact| {
                let cell = |name: &str| contact.get(name).cloned().unwrap_or_default();
                format!(
                    "\"{}\",{},{}\r\n",
                    cell("last_name"),
                    cell("phone"),
                    cell("email")
                )
            });
            let text = format!("last,phone,email\r\n{}", rows.collect::<String>());
            let more = "Content-Disposition: attachment\r\n";
            whole(200, "text/csv; charset=utf-8", more, &text)
        }
        ("/export/txt", _) => whole(200, "application/zip", "", "PK"),
        (_, Some(contact)) if path.starts_with("/contact/edit/") => {
            whole(200, "text/html; charset=utf-8", "", &form(contact))
        }
        (_, Some(contact)) if path.starts_with("/contact/") => {
            let page = shown(contact, home) + &linked(other);
            whole(200, "text/html; charset=utf-8", "", &page)
        }
        (_, Some(contact)) if path.starts_with("/brick/") => {
            let body = serde_json::json!([["block", shown(contact, home)]]).to_string();
            whole(200, "application/json", "", &body)
        }
        _ => missing(),
    }
}

fn cell<'c>(contact: &'c BTreeMap<String, String>, name: &str) -> &'c str {
    contact.get(name).map_or("", String::as_str)
}

fn row(contact: &BTreeMap<String, String>) -> String {
    let name = cell(contact, "last_name");
    format!(
        "<li title=\"{name}\">{name} <a href=\"mailto:{}\">mail</a></li>",
        cell(contact, "email")
    )
}

/// A page with the last name in every kind of place.
fn shown(contact: &BTreeMap<String, String>, home: &str) -> String {
    let name = cell(contact, "last_name");
    format!(
        "<html><head><title>{name}</title><script>var name = \"{name}\";</script></head><body>\
         <h1 title='{name}'>Contact {name}, upper {}</h1><p id=phone>{}</p><textarea>{name}</textarea>\
         <a href=\"{home}/contacts?q={name}\">others</a><!-- {name} --><p id=note>{}</p></body></html>",
        name.to_uppercase(),
        cell(contact, "phone"),
        cell(contact, "note"),
    )
}

/// The page of a document.
fn listed(id: usize, document: &Document) -> String {
    format!(
        "<h1>{}</h1><a href=\"/download/{id}\">{}</a><img src=\"/download/{id}\"><p>{}</p>",
        cell(&document.fields, "title"),
        document.name,
        cell(&document.fields, "note"),
    )
}

/// As CRMs do it: the type by the name's end.
fn download(document: &Document, chunked: bool) -> Vec<u8> {
    let kind = match document.name.rsplit_once('.') {
        Some((_, "pdf")) => "application/pdf",
        Some((_, "xlsx")) => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Some((_, "txt")) => "text/plain",
        _ => "application/octet-stream",
    };
    let length = match chunked {
        true => "Transfer-Encoding: chunked".to_owned(),
        false => format!("Content-Length: {}", document.bytes.len()),
    };
    let mut answer = format!(
        "HTTP/1.1 200 X\r\nContent-Type: {kind}\r\nContent-Disposition: attachment; filename=\"{}\"\r\n{length}\r\n\r\n",
        document.name,
    )
    .into_bytes();
    if !chunked {
        answer.extend_from_slice(&document.bytes);
        return answer;
    }
    for chunk in document.bytes.chunks(50_000) {
        answer.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        answer.extend_from_slice(chunk);
        answer.extend_from_slice(b"\r\n");
    }
    answer.extend_from_slice(b"0\r\n\r\n");
    answer
}

/// Links to the other host, as pages and scripts write them.
fn linked(other: &str) -> String {
    if other.is_empty() {
        return String::new();
    }
    let escaped = other.replace('/', "\\/");
    format!("<a id=file href=\"{other}/file/7\">file</a><script>var u = \"{escaped}\";</script>")
}

fn form(contact: &BTreeMap<String, String>) -> String {
    let fields = contact
        .iter()
        .map(|(name, value)| format!("<input name=\"{name}\" value=\"{value}\">"));
    format!("<form method=post>{}</form>", fields.collect::<String>())
}

fn whole(status: u16, kind: &str, more: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\n{more}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn moved(to: &str, more: &str) -> Vec<u8> {
    format!("HTTP/1.1 302 X\r\nLocation: {to}\r\n{more}Content-Length: 0\r\n\r\n").into_bytes()
}

fn pairs(text: &str) -> BTreeMap<String, String> {
    form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect()
}

struct Request {
    method: String,
    target: String,
    head: String,
    body: Vec<u8>,
    bytes: Vec<u8>,
}

impl Request {
    fn read(stream: &mut impl Read) -> Option<Self> {
        let mut bytes = Vec::new();
        let mut byte = [0];
        while !bytes.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte).ok()?;
            bytes.push(byte[0]);
        }
        let head = String::from_utf8(bytes.clone()).ok()?;
        let mut words = head.split(' ');
        let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
        let mut request = Self {
            method,
            target,
            head,
            body: vec![],
            bytes,
        };
        let length = request.header("content-length").parse().unwrap_or(0);
        request.body = vec![0; length];
        stream.read_exact(&mut request.body).ok()?;
        request.bytes.extend_from_slice(&request.body);
        Some(request)
    }

    fn header(&self, name: &str) -> String {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut found = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name));
        found
            .next()
            .map(|(_, value)| value.to_owned())
            .unwrap_or_default()
    }

    /// The parts of a form with a file.
    fn document(&self) -> Document {
        let kind = self.header("content-type");
        let boundary = kind.split("boundary=").nth(1).unwrap_or("none");
        let dashes = format!("\r\n--{}", boundary.trim_matches('"'));
        let body = [b"\r\n", &self.body[..]].concat();
        let finder = memchr::memmem::Finder::new(dashes.as_bytes());
        let places: Vec<usize> = finder.find_iter(&body).collect();
        let mut document = Document::default();
        for pair in places.windows(2) {
            let part = &body[pair[0] + dashes.len() + 2..pair[1]];
            let Some(end) = memchr::memmem::find(part, b"\r\n\r\n") else {
                continue;
            };
            let head = String::from_utf8_lossy(&part[..end]).into_owned();
            let content = part[end + 4..].to_vec();
            let said = |what: &str| {
                let value = head.split(what).nth(1)?.split('"').next()?;
                Some(value.to_owned())
            };
            match said("filename=\"") {
                Some(name) if name.is_empty() => {}
                Some(name) => {
                    document.name = name;
                    let kind = head.split("Content-Type: ").nth(1);
                    document.kind = kind.unwrap_or_default().to_owned();
                    document.bytes = content;
                }
                None => {
                    let value = String::from_utf8_lossy(&content).into_owned();
                    let name = said("name=\"").unwrap_or_default();
                    document.fields.insert(name, value);
                }
            }
        }
        document
    }

    /// The fields of a form of either kind, or of JSON.
    fn fields(&self) -> BTreeMap<String, String> {
        let kind = self.header("content-type");
        let text = String::from_utf8_lossy(&self.body).into_owned();
        if kind.starts_with("application/json") {
            return serde_json::from_str(&text).unwrap_or_default();
        }
        let Some(boundary) = kind.split("boundary=").nth(1) else {
            return pairs(&text);
        };
        let boundary = format!("--{}", boundary.trim_matches('"'));
        let parts = text.split(&boundary).map(str::to_owned);
        let part = |part: String| {
            let (head, value) = part.split_once("\r\n\r\n")?;
            let name = head.split("name=\"").nth(1)?.split('"').next()?;
            Some((name.to_owned(), value.strip_suffix("\r\n")?.to_owned()))
        };
        parts.filter_map(part).collect()
    }
}
