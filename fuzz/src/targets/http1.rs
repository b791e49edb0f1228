//! HTTP/1.1 as it comes over a connection.
//!
//! The first byte says in how large pieces it comes. What is accepted has one reading however it
//! comes, and a second reader finds the same head.

use std::cell::RefCell;
use std::pin::Pin;
use std::task::{Context, Poll};

use sluis::server::framing::{Canonical, Length, Rules};
use sluis::server::{Limits, read_one};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::runtime::Runtime;

use super::choice;

/// A connection that gives its bytes in pieces and then ends; what is written to it is lost.
struct Pieces {
    bytes: Vec<u8>,
    at: usize,
    step: usize,
}

impl AsyncRead for Pieces {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let left = self.bytes.len() - self.at;
        let length = left.min(self.step).min(into.remaining());
        let end = self.at + length;
        into.put_slice(&self.bytes[self.at..end]);
        self.at = end;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pieces {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

thread_local! {
    static RUNTIME: RefCell<Runtime> = RefCell::new(
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime"),
    );
}

pub fn run(input: &[u8]) {
    let Some((step, bytes)) = choice(input) else {
        return;
    };
    let whole = read(bytes, usize::MAX);
    let pieces = read(bytes, usize::from(step) + 1);
    match (&whole, &pieces) {
        (Ok(whole), Ok(pieces)) => assert_eq!(told(whole), told(pieces)),
        (Err(whole), Err(pieces)) => assert_eq!(whole, pieces),
        _ => panic!("what is accepted depends on how it comes: {whole:?} {pieces:?}"),
    }
    if let Ok((head, body)) = whole {
        compare(bytes, &head, &body);
    }
}

type Read = (Canonical, Vec<u8>);

fn read(bytes: &[u8], step: usize) -> Result<Read, String> {
    let hosts = vec!["crm.example.eu".to_owned()];
    let limits = Limits::default();
    let rules = Rules {
        hosts: Some(&hosts),
        server_name: None,
        limits: &limits,
    };
    let stream = Pieces {
        bytes: bytes.to_vec(),
        at: 0,
        step,
    };
    RUNTIME
        .with_borrow(|runtime| runtime.block_on(read_one(stream, &rules)))
        .map(|(head, body)| (head, body.to_vec()))
        .map_err(|error| error.to_string())
}

fn told((head, body): &Read) -> String {
    format!("{head:?} {body:?}")
}

/// A reader that is known to tolerate more finds the same head, and the body where ours found it.
fn compare(bytes: &[u8], head: &Canonical, body: &[u8]) {
    let mut fields = [httparse::EMPTY_HEADER; 128];
    let mut theirs = httparse::Request::new(&mut fields);
    let read = theirs.parse(bytes).expect("another reader reads it");
    let httparse::Status::Complete(end) = read else {
        panic!("another reader finds no end of the head");
    };
    assert_eq!(theirs.method, Some(head.method.as_str()));
    assert_eq!(theirs.version, Some(1));
    for (name, value) in &head.headers {
        let same = |field: &&httparse::Header<'_>| {
            field.name.eq_ignore_ascii_case(name.as_str()) && field.value == value.as_bytes()
        };
        assert!(theirs.headers.iter().any(|field| same(&field)), "{name}");
    }
    match head.length {
        Length::None => assert!(body.is_empty() && bytes.len() == end),
        Length::Known(_) => assert_eq!(&bytes[end..], body),
        Length::Open => assert!(bytes.len() > end + body.len()),
    }
}
