//! The console's handler: a request becomes a visit, its answer is recorded, and nothing else.

use std::sync::Arc;

use http::{Method, Response};

use crate::console::{self, Console};
use crate::gate::Gate;
use crate::gate::staff::Surface;
use crate::proxy::Recorder;
use crate::server::exchange::{Accepted, Body, Handler};
use crate::server::framing::Violation;
use crate::server::respond;
use crate::signin;

/// The console on its own listener.
pub struct Desk {
    console: Arc<Console>,
    gate: Arc<Gate>,
    recorder: Arc<Recorder>,
}

impl Desk {
    #[must_use]
    pub fn new(console: Arc<Console>, gate: Arc<Gate>, recorder: Recorder) -> Self {
        Self {
            console,
            gate,
            recorder: Arc::new(recorder),
        }
    }
}

impl Handler for Desk {
    async fn handle(&self, request: Accepted) -> Response<Body> {
        if request.socket || signin::is_service_worker(&request.headers) {
            return respond::violation(Violation::bad("trailers and upgrades are not taken"));
        }
        // Nobody is known yet: only where a text is saved there may be one.
        let longest = match request.target.path.starts_with("/drafts/") {
            true => console::LONGEST_BODY,
            false => signin::LONGEST_BODY,
        };
        let body = match request.body.read(longest).await {
            Ok(body) => body,
            Err(error) => return respond::body_error(error),
        };
        let visit = signin::Visit {
            method: request.method,
            path: request.target.path,
            query: request.target.query,
            headers: request.headers,
            body,
            source: request.peer.source,
            host: request.host,
            surface: Surface::Console,
        };
        // What the identity provider answers comes by GET, and signs in.
        let looks = visit.method == Method::GET && !visit.path.ends_with("/callback");
        let console = Arc::clone(&self.console);
        // It hashes passwords, reads the ledger and waits for the disk.
        let answered = tokio::task::spawn_blocking(move || console.answer(&visit)).await;
        let response = match answered {
            Ok(answer) => answer.map(Body::from),
            Err(_) => respond::failure(),
        };
        let refuses = response.status().is_client_error();
        if looks && !refuses {
            return response;
        }
        let (gate, recorder) = (Arc::clone(&self.gate), Arc::clone(&self.recorder));
        if refuses {
            // After the answer: writing it down takes longer for people that exist.
            tokio::spawn(async move {
                if let Err(error) = recorder.record(&gate).await {
                    tracing::error!(%error, "a refusal could not be recorded");
                }
            });
            return response;
        }
        // What was done is in the ledger before anybody is told that it is done.
        match recorder.record(&gate).await {
            Ok(()) => response,
            Err(error) => {
                tracing::error!(%error, "what was done at the console could not be recorded");
                respond::unavailable()
            }
        }
    }
}
