//! Files: up through the border, in the CRM as bytes that say nothing, and down again.

use std::fs;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::crm::Document;
use super::house::{CANARY, House, NOTE, Who, policy};

const CHUNK: usize = 64 * 1024;
const SEALED: usize = CHUNK + 16;
/// What policy says that text may not carry.
const HEALTH: &str = "Klant is zwanger en belt na de bevalling.";

/// A form with one file, and a field before and behind it.
struct Form<'f> {
    part: &'f str,
    name: &'f str,
    kind: &'f str,
    content: Vec<u8>,
    note: &'f str,
}

impl Form<'_> {
    fn of(content: Vec<u8>) -> Self {
        Self {
            part: "filedata",
            name: "Dossier kanariezuidwest.pdf",
            kind: "application/pdf",
            content,
            note: "Graag nakijken.",
        }
    }

    fn ends(&self) -> (String, String) {
        let before = format!(
            "--bb\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nDossier {CANARY}\r\n\
             --bb\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\n\
             Content-Type: {}\r\n\r\n",
            self.part, self.name, self.kind
        );
        let behind = format!(
            "\r\n--bb\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n{}\r\n--bb--\r\n",
            self.note
        );
        (before, behind)
    }

    fn body(&self) -> Vec<u8> {
        let (before, behind) = self.ends();
        [before.as_bytes(), &self.content, behind.as_bytes()].concat()
    }

    async fn send(&self, house: &House, who: Who) -> Result<Response> {
        post(house, who, self.body().into()).await
    }
}

async fn post(house: &House, who: Who, body: reqwest::Body) -> Result<Response> {
    let request = house.request(who, Method::POST, "/document/add");
    let request = request.header("content-type", "multipart/form-data; boundary=bb");
    Ok(request.body(body).send().await?)
}

async fn kept(house: &House, content: Vec<u8>) -> Result<Document> {
    let answer = Form::of(content).send(house, Who::Sales).await?;
    ensure!(answer.status() == 302, "{}", answer.text().await?);
    let document = house.crm.kept().documents.last().cloned();
    document.context("the CRM has no document")
}

async fn get(house: &House, who: Who, target: &str) -> Result<Response> {
    Ok(house.request(who, Method::GET, target).send().await?)
}

/// Bytes of which no two chunks are the same, with the canary in each.
fn content(length: usize) -> Vec<u8> {
    let unit = format!("{CANARY};rekening;");
    let mut bytes: Vec<u8> = (0..length)
        .map(|at| u8::try_from((at / 7 + at) % 251).unwrap())
        .collect();
    for place in bytes.chunks_mut(CHUNK / 2) {
        let count = unit.len().min(place.len());
        place[..count].copy_from_slice(&unit.as_bytes()[..count]);
    }
    bytes
}

/// Where the chunks begin in what the CRM has.
fn start(sealed: &[u8]) -> usize {
    let head = u16::from_be_bytes(sealed[39..41].try_into().unwrap());
    41 + usize::from(head)
}

fn refused(house: &House) -> Result<Vec<Value>> {
    let entries = house.ledger()?.into_iter();
    Ok(entries.filter(|entry| entry["kind"] == "refused").collect())
}

#[tokio::test]
async fn a_file_goes_up_sealed_and_comes_down_as_it_was() -> Result<()> {
    let house = House::start()?;
    for (id, length) in [(1, 0), (2, 10), (3, CHUNK), (4, 2 * CHUNK + 77)] {
        let plain = content(length);
        let held = kept(&house, plain.clone()).await?;
        assert!(
            held.name.starts_with("tq") && held.name.ends_with(".pdf"),
            "{}",
            held.name
        );
        assert_eq!(held.name.len(), 22);
        assert_eq!(held.kind, "application/octet-stream");
        assert!(held.bytes.starts_with(b"\x89SLUIS\r\n\x01"));
        assert!(held.fields["title"].starts_with("tq") && held.fields["note"].starts_with("tq"));
        assert!(length == 0 || held.bytes.len() > length);

        for client in [&house.client, &house.http1] {
            let target = format!("/download/{id}");
            let request = house.by_client(client, Who::Sales, Method::GET, &target);
            let answer = request.header("range", "bytes=0-3").send().await?;
            assert_eq!(answer.status(), 200);
            let headers = answer.headers().clone();
            for (name, value) in [
                ("content-type", "application/pdf"),
                (
                    "content-disposition",
                    "attachment; filename=\"Dossier kanariezuidwest.pdf\"; \
                     filename*=UTF-8''Dossier%20kanariezuidwest.pdf",
                ),
                ("cache-control", "no-store"),
                ("x-content-type-options", "nosniff"),
                ("content-security-policy", "sandbox; default-src 'none'"),
            ] {
                assert_eq!(headers[name], value, "{name}");
            }
            assert_eq!(headers["content-length"], length.to_string());
            assert!(answer.bytes().await? == plain, "{length}");
        }
        let (_, page) = house.get(Who::Sales, &format!("/document/{id}")).await?;
        assert!(
            page.contains(&format!("<h1>Dossier {CANARY}</h1>")),
            "{page}"
        );
        assert!(
            page.contains(&format!(">Dossier {CANARY}.pdf</a>")),
            "{page}"
        );
    }
    house.crm_never_had(&[CANARY])?;
    let sent = house.crm.kept().bytes.clone();
    for text in ["application/pdf", "Dossier", "rekening"] {
        assert!(
            memchr::memmem::find(&sent, text.as_bytes()).is_none(),
            "{text}"
        );
    }
    let ledger = house.ledger()?;
    let of = |kind: &str, operation: &str| {
        let fits = |entry: &&Value| entry["kind"] == kind && entry["operation"] == operation;
        ledger.iter().filter(fits).collect::<Vec<_>>()
    };
    let sent = of("sent", "document.add");
    assert_eq!(sent.len(), 4);
    let fields = sent[0]["fields"].to_string();
    assert!(fields.contains("Document.filedata"), "{fields}");
    let revealed = of("revealed", "document.download");
    assert_eq!(revealed.len(), 8);
    assert_eq!(revealed[0]["subjects"], sent[0]["subjects"]);
    assert_eq!(revealed[0]["revealed"], json!({ "dossier": 1 }));
    Ok(())
}

#[tokio::test]
async fn a_name_keeps_no_end_that_policy_does_not_list() -> Result<()> {
    let house = House::start()?;
    for (name, end) in [
        ("scan.kanariezuidwest", ".bin"),
        ("kanariezuidwest", ".bin"),
        ("kanariezuidwest.PDF", ".pdf"),
        (".pdf", ".bin"),
        ("kanariezuidwest.pdf.exe", ".bin"),
    ] {
        let form = Form {
            name,
            kind: "text/html",
            ..Form::of(b"<script>alert(1)</script>".to_vec())
        };
        assert_eq!(form.send(&house, Who::Sales).await?.status(), 302, "{name}");
        let held = house.crm.kept().documents.last().cloned().context("none")?;
        assert_eq!(held.name.get(18..), Some(end), "{name}");
        let id = house.crm.kept().documents.len();
        let answer = get(&house, Who::Sales, &format!("/download/{id}")).await?;
        // What a browser could run is bytes, whatever it came as.
        assert_eq!(answer.headers()["content-type"], "application/octet-stream");
        let said = answer.headers()["content-disposition"].to_str()?;
        assert!(
            said.starts_with(&format!("attachment; filename=\"{name}\"")),
            "{said}"
        );
    }
    house.crm_never_had(&[CANARY])
}

#[tokio::test]
async fn who_may_not_see_the_class_gets_a_page_that_says_so() -> Result<()> {
    let house = House::start()?;
    kept(&house, content(100)).await?;
    let answer = get(&house, Who::Marketing, "/download/1").await?;
    assert_eq!(answer.status(), 403);
    assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
    let page = answer.text().await?;
    assert!(
        page.contains("file-withheld") && page.contains("dossier"),
        "{page}"
    );
    assert!(
        page.contains("This file is not shown") && !page.contains(CANARY),
        "{page}"
    );
    let (_, page) = house.get(Who::Marketing, "/document/1").await?;
    assert!(!page.contains(CANARY), "{page}");
    assert_eq!(refused(&house)?.len(), 1);
    assert_eq!(get(&house, Who::Sales, "/download/1").await?.status(), 200);
    Ok(())
}

/// What a client gets of a file that the CRM has changed: all bytes, or that it broke off. The reset
/// of a stream of HTTP/2 may overtake the head of its answer, and then there is no status either.
async fn fetched(house: &House, client: &reqwest::Client) -> (Option<StatusCode>, Option<Bytes>) {
    let request = house.by_client(client, Who::Sales, Method::GET, "/download/1");
    let Ok(answer) = request.send().await else {
        return (None, None);
    };
    (Some(answer.status()), answer.bytes().await.ok())
}

#[tokio::test]
async fn a_file_that_was_cut_swapped_or_added_to_is_never_whole() -> Result<()> {
    let house = House::start()?;
    let plain = content(4 * CHUNK + 100);
    let held = kept(&house, plain.clone()).await?.bytes;
    let other = kept(&house, content(4 * CHUNK + 200)).await?.bytes;
    let first = start(&held);
    assert_eq!(first, start(&other));
    let at = |chunk: usize| first + chunk * SEALED;
    let mut swapped = held.clone();
    swapped[at(1)..at(2)].copy_from_slice(&held[at(2)..at(3)]);
    swapped[at(2)..at(3)].copy_from_slice(&held[at(1)..at(2)]);
    let mut changed = held.clone();
    *changed.last_mut().context("empty")? ^= 1;
    let mut foreign = held.clone();
    foreign[at(3)..at(4)].copy_from_slice(&other[at(3)..at(4)]);
    let cases = [
        ("cut at a chunk", held[..at(4)].to_vec()),
        ("cut within a chunk", held[..at(3) + 5].to_vec()),
        (
            "a chunk left out",
            [&held[..at(1)], &held[at(2)..]].concat(),
        ),
        ("chunks swapped", swapped),
        ("a byte changed", changed),
        ("bytes added", [&held[..], b"more"].concat()),
        ("another file's chunk", foreign),
    ];
    for (count, (what, bytes)) in cases.into_iter().enumerate() {
        house.crm.kept().documents[0].bytes = bytes;
        for client in [&house.client, &house.http1] {
            let (status, bytes) = fetched(&house, client).await;
            assert_eq!(status.unwrap_or(StatusCode::OK), 200, "{what}");
            assert_eq!(bytes, None, "{what}");
        }
        // The entry is there before the next request's.
        let entries = refused(&house)?;
        assert_eq!(entries.len(), 2 * (count + 1), "{what}");
        assert!(
            entries
                .iter()
                .all(|entry| entry["outcome"] == "file-withheld")
        );
    }
    // What shows before the first byte is a page.
    let mut head = held.clone();
    head[first - 1] ^= 1;
    let mut early = held.clone();
    early[at(0)] ^= 1;
    let mut forged = held.clone();
    forged[20] ^= 1;
    let spliced = [&held[..first], &other[first..]].concat();
    for bytes in [
        head,
        early,
        forged,
        spliced,
        held[..first].to_vec(),
        held[..30].to_vec(),
    ] {
        house.crm.kept().documents[0].bytes = bytes;
        let (status, page) = fetched(&house, &house.client).await;
        assert_eq!(status, Some(StatusCode::FORBIDDEN));
        let page = page.context("a page")?;
        assert!(memchr::memmem::find(&page, b"file-withheld").is_some());
    }
    house.crm.kept().documents[0].bytes = held;
    let (status, bytes) = fetched(&house, &house.client).await;
    assert_eq!(status, Some(StatusCode::OK));
    assert!(bytes.context("a file")? == plain);
    Ok(())
}

#[tokio::test]
async fn once_the_key_of_the_person_is_gone_the_file_is_gone() -> Result<()> {
    let house = House::start()?;
    kept(&house, content(50)).await?;
    assert_eq!(house.erase_everybody()?, 1);
    let answer = get(&house, Who::Sales, "/download/1").await?;
    assert_eq!(answer.status(), 403);
    assert!(answer.text().await?.contains("key is gone"));
    kept(&house, content(50)).await?;
    assert_eq!(get(&house, Who::Sales, "/download/2").await?.status(), 200);
    Ok(())
}

#[tokio::test]
async fn another_version_of_a_file_leaves_the_one_before_as_it_is() -> Result<()> {
    let house = House::start()?;
    kept(&house, content(50)).await?;
    let request = house.request(Who::Sales, Method::POST, "/document/edit/1");
    let request = request.header("content-type", "multipart/form-data; boundary=bb");
    let answer = request.body(Form::of(content(70)).body()).send().await?;
    assert_eq!(answer.status(), 302, "{}", answer.text().await?);
    for (id, length) in [(1, 50), (2, 70)] {
        let answer = get(&house, Who::Sales, &format!("/attachment/{id}")).await?;
        assert_eq!(answer.bytes().await?, content(length));
    }
    let ledger = house.ledger()?;
    let sent = ledger.iter().filter(|entry| {
        let operation = entry["operation"].as_str().unwrap_or_default();
        entry["kind"] == "sent" && operation.starts_with("document.")
    });
    let subjects: Vec<_> = sent.map(|entry| &entry["subjects"]).collect();
    assert!(
        subjects.len() == 2 && subjects[0] == subjects[1],
        "{subjects:?}"
    );
    Ok(())
}

#[tokio::test]
async fn without_a_length_a_file_still_has_an_end_of_its_own() -> Result<()> {
    let house = House::start()?;
    let plain = content(3 * CHUNK);
    let held = kept(&house, plain.clone()).await?.bytes;
    let cut = held[..held.len() - SEALED].to_vec();
    for client in [&house.client, &house.http1] {
        for (bytes, whole) in [(&held, true), (&cut, false)] {
            house.crm.kept().documents[0].bytes.clone_from(bytes);
            let target = "/attachment/1?chunked=1";
            let request = house.by_client(client, Who::Sales, Method::GET, target);
            let answer = request.send().await?;
            assert_eq!(answer.status(), 200);
            assert!(!answer.headers().contains_key("content-length"));
            let back = answer.bytes().await.ok();
            assert_eq!(back.is_some_and(|back| back == plain), whole);
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_file_of_another_record_is_not_taken_for_its_own() -> Result<()> {
    let house = House::start()?;
    kept(&house, content(50)).await?;
    let other = kept(&house, content(60)).await?.bytes;
    assert_eq!(get(&house, Who::Sales, "/download/2").await?.status(), 200);
    house.crm.kept().documents[0].bytes = other;
    let answer = get(&house, Who::Sales, "/download/1").await?;
    assert_eq!(answer.status(), 403);
    assert!(answer.text().await?.contains("another record"));
    Ok(())
}

#[tokio::test]
async fn a_file_that_did_not_come_through_the_border_needs_a_word_of_policy() -> Result<()> {
    let house = House::start()?;
    let plain = |name: &str, bytes: &[u8]| Document {
        name: name.to_owned(),
        bytes: bytes.to_vec(),
        ..Document::default()
    };
    house.crm.kept().documents = vec![
        plain("a.pdf", b"%PDF-1.7"),
        plain("list.xlsx", b"PK\x03\x04"),
    ];
    let answer = get(&house, Who::Sales, "/download/1").await?;
    assert_eq!(answer.status(), 403);
    assert!(answer.text().await?.contains("file-withheld"));
    let answer = get(&house, Who::Sales, "/download/2").await?;
    assert!(answer.text().await?.contains("export it as CSV"));
    let answer = get(&house, Who::Sales, "/attachment/1").await?;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-disposition"], "attachment");
    assert_eq!(answer.bytes().await?, b"%PDF-1.7"[..]);
    let ledger = house.ledger()?;
    let entry = ledger.last().context("none")?;
    assert_eq!(entry["operation"], "attachment.download", "{entry}");
    assert_eq!(entry["fields"][0]["a"], "pass-plain", "{entry}");
    Ok(())
}

#[tokio::test]
async fn a_picture_shows_in_a_page_and_a_page_as_a_picture_does_not() -> Result<()> {
    let house = House::start()?;
    let png = [b"\x89PNG\r\n\x1a\n", &content(500)[..]].concat();
    kept(&house, png.clone()).await?;
    kept(
        &house,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(),
    )
    .await?;
    let image = |target: &str| {
        let request = house.client.get(format!("{}{target}", house.origin()));
        let like = house
            .request(Who::Sales, Method::GET, target)
            .build()
            .unwrap();
        let mut headers = like.headers().clone();
        headers.insert("sec-fetch-dest", "image".parse().unwrap());
        headers.insert("sec-fetch-mode", "no-cors".parse().unwrap());
        request.headers(headers)
    };
    let answer = image("/download/1").send().await?;
    assert_eq!(answer.headers()["content-type"], "image/png");
    let said = answer.headers()["content-disposition"].to_str()?;
    assert!(said.starts_with("inline;"), "{said}");
    assert_eq!(answer.bytes().await?, png);
    let answer = image("/download/2").send().await?;
    assert_eq!(answer.headers()["content-type"], "application/pdf");
    let said = answer.headers()["content-disposition"].to_str()?;
    assert!(said.starts_with("attachment;"), "{said}");
    // Without a page around it, it is saved.
    let answer = get(&house, Who::Sales, "/download/1").await?;
    let said = answer.headers()["content-disposition"].to_str()?;
    assert!(said.starts_with("attachment;"), "{said}");
    Ok(())
}

#[tokio::test]
async fn whatever_refuses_a_form_the_crm_has_nothing_of_its_file() -> Result<()> {
    let house = House::start()?;
    let form = |part: &'static str, note: &'static str| Form {
        part,
        note,
        ..Form::of(content(3 * CHUNK))
    };
    let named = |name: &'static str| Form {
        name,
        ..Form::of(content(10))
    };
    let token = house.crm.kept().bytes.len();
    for (what, form, code) in [
        (
            "a field behind the file",
            form("filedata", HEALTH),
            "special-category",
        ),
        ("a blocked part", form("picture", ""), "policy-blocked"),
        ("an unknown part", form("other", ""), "body-malformed"),
        ("a field's name", form("title", ""), "body-malformed"),
        ("too large", form("small", ""), "body-too-large"),
        (
            "a name that tells",
            named("zwangerschap van kanariezuidwest.pdf"),
            "special-category",
        ),
        ("a path in a name", named("a/b.pdf"), "body-malformed"),
        ("an escape in a name", named("a%2Fb.pdf"), "body-malformed"),
        (
            "two names",
            named("a.pdf\"; filename*=\"UTF-8''b.pdf"),
            "body-malformed",
        ),
        ("a blank name", named(" "), "value-unfit"),
    ] {
        let answer = form.send(&house, Who::Sales).await?;
        assert!(
            answer.status().is_client_error(),
            "{what}: {}",
            answer.status()
        );
        let page = answer.text().await?;
        assert!(page.contains(code), "{what}: {page}");
    }
    let whole = String::from_utf8_lossy(&Form::of(b"x".to_vec()).body()).into_owned();
    for body in [
        whole.replace("--bb--\r\n", ""),
        whole.replace("--bb--\r\n", "--bb--\r\nmore"),
        whole.replace(
            "Content-Type: application/pdf",
            "Content-Type: multipart/mixed; boundary=x",
        ),
        whole.replace("filename=\"Dossier kanariezuidwest.pdf\"", "filename=\"\""),
        whole.replace("name=\"note\"", "name=\"unknown\""),
    ] {
        let answer = post(&house, Who::Sales, body.into()).await?;
        assert!(
            answer.status().is_client_error(),
            "{}",
            answer.text().await?
        );
    }
    assert_eq!(house.crm.kept().bytes.len(), token, "the CRM has bytes");
    assert_eq!(refused(&house)?.len(), 15);
    kept(&house, content(3 * CHUNK)).await?;
    let empty = whole.replace("filename=\"Dossier kanariezuidwest.pdf\"", "filename=\"\"");
    let empty = empty.replace("\r\n\r\nx\r\n", "\r\n\r\n\r\n");
    assert_eq!(post(&house, Who::Sales, empty.into()).await?.status(), 302);
    Ok(())
}

/// A body that comes in pieces, and may end before its end.
struct Pieces {
    before: Option<Bytes>,
    piece: Bytes,
    left: usize,
    behind: Option<Bytes>,
    /// Looks at memory while it is sent.
    watch: Option<Watch>,
}

/// The most memory of its own that a process was seen to have, in kilobytes. Pages of its program and
/// of databases do not count: the kernel takes them away and brings them back as others need memory.
#[derive(Clone)]
struct Watch {
    process: u32,
    most: Arc<AtomicUsize>,
}

impl Watch {
    fn look(&self) {
        let path = format!("/proc/{}/status", self.process);
        let status = fs::read_to_string(path).unwrap();
        let of = |name: &str| -> usize {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let word = line.and_then(|line| line.split_whitespace().next());
            word.and_then(|word| word.parse().ok()).unwrap()
        };
        let own = of("RssAnon:") + of("VmSwap:");
        self.most.fetch_max(own, Ordering::Relaxed);
    }

    fn most(&self) -> usize {
        self.most.swap(0, Ordering::Relaxed)
    }
}

impl Pieces {
    /// A form with a file of so many pieces; without its end where it is to break off.
    fn of(piece: &[u8], count: usize, whole: bool) -> Self {
        let (before, behind) = Form::of(vec![]).ends();
        Self {
            before: Some(before.into()),
            piece: Bytes::copy_from_slice(piece),
            left: count,
            behind: whole.then(|| behind.into()),
            watch: None,
        }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<std::io::Result<Frame<Bytes>>>> {
        let next = match self.before.take() {
            Some(before) => Some(before),
            None if self.left > 0 => {
                self.left -= 1;
                if let Some(watch) = self.watch.as_ref().filter(|_| self.left.is_multiple_of(16)) {
                    watch.look();
                }
                Some(self.piece.clone())
            }
            None => match self.behind.take() {
                Some(behind) => {
                    self.piece = Bytes::new();
                    Some(behind)
                }
                None if self.piece.is_empty() => None,
                None => return Poll::Ready(Some(Err(std::io::ErrorKind::BrokenPipe.into()))),
            },
        };
        Poll::Ready(next.map(|bytes| Ok(Frame::data(bytes))))
    }

    /// Told, as browsers do.
    fn size_hint(&self) -> SizeHint {
        let ends = [&self.before, &self.behind].into_iter().flatten();
        let ends: usize = ends.map(Bytes::len).sum();
        SizeHint::with_exact((ends + self.left * self.piece.len()) as u64)
    }
}

#[tokio::test]
async fn a_form_that_breaks_off_leaves_nothing_in_the_crm() -> Result<()> {
    let house = House::start()?;
    let pieces = Pieces::of(&content(CHUNK), 20, false);
    let sent = post(&house, Who::Sales, reqwest::Body::wrap(pieces)).await;
    assert!(sent.is_err());
    assert!(house.crm.kept().bytes.is_empty());
    let pieces = Pieces::of(&content(CHUNK), 20, true);
    let sent = post(&house, Who::Sales, reqwest::Body::wrap(pieces)).await?;
    assert_eq!(sent.status(), 302, "{}", sent.text().await?);
    let answer = get(&house, Who::Sales, "/download/1").await?;
    assert!(answer.bytes().await? == content(CHUNK).repeat(20));
    Ok(())
}

/// A body that comes when its other end sends it.
struct Slow(mpsc::Receiver<Bytes>);

impl Body for Slow {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<std::io::Result<Frame<Bytes>>>> {
        let next = self.0.poll_recv(context);
        next.map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

#[tokio::test]
async fn whoever_is_revoked_while_a_form_comes_gets_no_further() -> Result<()> {
    for (target, kind, body) in [
        (
            "/document/add",
            "multipart/form-data; boundary=bb",
            Form::of(content(64 * CHUNK)).body(),
        ),
        (
            "/contact/add",
            "application/x-www-form-urlencoded",
            format!(
                "first_name=Jan&_={}&last_name={CANARY}",
                "a".repeat(64 * CHUNK)
            )
            .into_bytes(),
        ),
    ] {
        for revoked in [false, true] {
            let house = House::start()?;
            let (send, received) = mpsc::channel(1);
            let request = house.request(Who::Sales, Method::POST, target);
            let request = request.header("content-type", kind);
            let request = request.body(reqwest::Body::wrap(Slow(received)));
            let (first, rest) = body.split_at(body.len() / 2);
            let sent = async {
                // More than stands between us and the border: it has asked who this is.
                send.send(Bytes::copy_from_slice(first)).await?;
                send.send(Bytes::copy_from_slice(&rest[..1])).await?;
                if revoked {
                    house.command(&["client", "revoke", "sales"])?;
                }
                send.send(Bytes::copy_from_slice(&rest[1..])).await?;
                drop(send);
                anyhow::Ok(())
            };
            let (answer, sent) = tokio::join!(request.send(), sent);
            sent?;
            let (answer, had) = (answer?.status(), house.crm.kept().bytes.len());
            match revoked {
                false => assert!(answer == 302 && had > 0, "{target}: {answer}"),
                true => assert!(answer.is_client_error() && had == 0, "{target}: {answer}"),
            }
        }
    }
    Ok(())
}

/// Sends a file of so many pieces and takes it back; the most memory that was seen meanwhile.
async fn most_memory(house: &House, id: usize, count: usize) -> Result<usize> {
    let watch = Watch {
        process: house.process(),
        most: Arc::default(),
    };
    let mut pieces = Pieces::of(&content(CHUNK), count, true);
    pieces.watch = Some(watch.clone());
    let sent = post(house, Who::Sales, reqwest::Body::wrap(pieces)).await?;
    ensure!(sent.status() == 302, "{}", sent.text().await?);
    watch.look();
    let mut answer = get(house, Who::Sales, &format!("/download/{id}")).await?;
    let (mut length, mut looks) = (0, 0);
    while let Some(part) = answer.chunk().await? {
        length += part.len();
        if length > looks * (1 << 20) {
            looks += 1;
            watch.look();
        }
    }
    ensure!(length == count * CHUNK && looks >= count / 16);
    Ok(watch.most())
}

/// Held against a file that is smaller: what buffers, threads and caches take, both have.
#[tokio::test]
async fn a_large_file_passes_through_constant_memory() -> Result<()> {
    const SMALL: usize = 128; // 8 MB
    const LARGE: usize = 640; // 40 MB
    let house = House::start()?;
    let before = most_memory(&house, 1, SMALL).await?;
    let after = most_memory(&house, 2, LARGE).await?;
    let more = after.saturating_sub(before);
    assert!(more < 12 * 1024, "{more} KB more than {before} KB");
    Ok(())
}

/// The entry with which the ledger says why an answer broke off, once it is there.
async fn broke_off(house: &House) -> Result<Value> {
    let waits = async {
        loop {
            let found = refused(house)?.pop();
            match found.filter(|entry| entry["operation"] == "document.download") {
                Some(entry) => return anyhow::Ok(entry),
                None => tokio::task::yield_now().await,
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), waits).await?
}

#[tokio::test]
async fn whoever_may_no_more_gets_no_more_of_a_file() -> Result<()> {
    /// More than lies between the border and us when we take nothing.
    const COUNT: usize = 512;
    type Ends<'e> = &'e dyn Fn(&House) -> Result<()>;
    let revoked: Ends<'_> = &|house| house.command(&["client", "revoke", "sales"]);
    let taken: Ends<'_> = &|house| {
        let roles = "action = \"tokenize\"\nroles = [\"sales\"]\nscan";
        let policy = policy(NOTE);
        let other = policy.replace(roles, &roles.replace("sales", "privacy"));
        ensure!(other != policy);
        house.reload(&other)
    };
    for (name, ends) in [
        ("nothing", None),
        ("revoked", Some(revoked)),
        ("taken", Some(taken)),
    ] {
        let house = House::start()?;
        let pieces = Pieces::of(&content(CHUNK), COUNT, true);
        let sent = post(&house, Who::Sales, reqwest::Body::wrap(pieces)).await?;
        ensure!(sent.status() == 302, "{}", sent.text().await?);
        let mut answer = get(&house, Who::Sales, "/download/1").await?;
        let mut length = answer.chunk().await?.map_or(0, |part| part.len());
        if let Some(ends) = ends {
            ends(&house)?;
            let entry = broke_off(&house).await?;
            assert_eq!(entry["outcome"], "role-refused", "{name}: {entry}");
            assert_eq!(
                entry["subjects"].as_array().map(Vec::len),
                Some(1),
                "{name}"
            );
        }
        let whole = loop {
            match answer.chunk().await {
                Ok(Some(part)) => length += part.len(),
                Ok(None) => break true,
                Err(_) => break false,
            }
        };
        assert_eq!(whole, ends.is_none(), "{name}: {length}");
        assert_eq!(length == COUNT * CHUNK, whole, "{name}: {length}");
    }
    Ok(())
}
