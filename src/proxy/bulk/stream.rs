//! The one request of an upload, whose body follows piece by piece.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::{Failure, Kind, Proxy, asking, bulk, credentials, outward};
use crate::protect::Cleared;
use crate::upstream::{self, Opened, Sink};

/// How long the CRM may take nothing of a body.
const STALL: Duration = Duration::from_secs(60);

type Answered<'c> = Pin<Box<dyn Future<Output = Result<Opened, upstream::Error>> + 'c>>;

/// The request that the CRM is reading. It is begun with its first piece.
pub(super) struct Stream<'c> {
    proxy: &'c Proxy,
    to: (&'c bulk::Route, &'static str, Kind),
    open: Option<(Sink, Answered<'c>)>,
    /// The answer, where the CRM gave it before it had all.
    early: Option<Result<Opened, upstream::Error>>,
}

impl<'c> Stream<'c> {
    pub(super) fn new(proxy: &'c Proxy, to: (&'c bulk::Route, &'static str, Kind)) -> Self {
        Self {
            proxy,
            to,
            open: None,
            early: None,
        }
    }

    pub(super) async fn put(&mut self, piece: Cleared<Vec<u8>>) -> Result<(), Failure> {
        let (route, content_type, kind) = self.to;
        if self.open.is_none() {
            let head = outward::mark(route, content_type);
            let headers = asking("application/json");
            let begun = self.proxy.upstream.upload(head, headers, credentials(kind));
            let (sink, answered) = begun.await?;
            self.open = Some((sink, Box::pin(answered)));
        }
        let Some((sink, answered)) = &mut self.open else {
            return Err(upstream::Error::Late.into());
        };
        tokio::select! {
            biased;
            answer = answered.as_mut() => {
                self.early = Some(answer);
                self.open = None;
                Err(upstream::Error::Unexpected("an answer before the end").into())
            }
            put = tokio::time::timeout(STALL, sink.put(piece)) => match put {
                Ok(true) => Ok(()),
                // Whoever reads has gone; the answer says why, if there is one.
                Ok(false) => {
                    if let Some((_, answered)) = self.open.take() {
                        let patience = self.proxy.upstream.patience();
                        let answer = tokio::time::timeout(patience, answered).await;
                        self.early = Some(answer.unwrap_or(Err(upstream::Error::Late)));
                    }
                    Err(upstream::Error::Unexpected("an answer before the end").into())
                }
                Err(_) => Err(upstream::Error::Late.into()),
            },
        }
    }

    /// The CRM's answer to a body that it did not read to its end.
    pub(super) fn early(&mut self) -> Option<Result<Opened, upstream::Error>> {
        self.early.take()
    }

    pub(super) async fn end(self) -> Result<Opened, Failure> {
        let patience = self.proxy.upstream.patience();
        let (sink, answered) = self.open.ok_or(upstream::Error::Late)?;
        let both = async {
            let ended = async {
                sink.end().await;
                std::future::pending::<()>().await;
            };
            tokio::select! {
                answer = answered => answer,
                () = ended => Err(upstream::Error::Late),
            }
        };
        let answer = tokio::time::timeout(STALL + patience, both).await;
        Ok(answer.map_err(|_| upstream::Error::Late)??)
    }
}
