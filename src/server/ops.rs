//! The operations listener: is the process alive, is it ready, what does it count. Nothing else.

use std::sync::Arc;

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Response, StatusCode};
use serde_json::{Map, Value};
use tokio::sync::watch;

use crate::server::exchange::{Accepted, Body, Handler};
use crate::server::respond;
use crate::server::shared::Phase;
use crate::telemetry::Metrics;

/// Something that must work before requests can be served: the store, the keys, the policy.
pub struct Check {
    /// A name of ours, as `/readyz` shows it.
    pub name: &'static str,
    /// Must return at once: it looks at a state that someone else keeps.
    pub passes: Box<dyn Fn() -> bool + Send + Sync>,
}

pub(super) struct Operations {
    pub(super) checks: Arc<Vec<Check>>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) phase: watch::Receiver<Phase>,
}

impl Handler for Operations {
    async fn handle(&self, request: Accepted) -> Response<Body> {
        match request.target.path.as_str() {
            _ if !matches!(request.method, Method::GET | Method::HEAD) => respond::error(
                StatusCode::METHOD_NOT_ALLOWED,
                "METHOD_NOT_ALLOWED",
                "only GET and HEAD",
            ),
            "/livez" => json(StatusCode::OK, &live()),
            "/readyz" | "/healthz" => self.ready(),
            "/metrics" => self.metrics(),
            _ => respond::error(StatusCode::NOT_FOUND, "NOT_FOUND", "no such page"),
        }
    }
}

impl Operations {
    fn ready(&self) -> Response<Body> {
        let serving = *self.phase.borrow() == Phase::Running;
        let mut checks = Map::new();
        checks.insert("serving".to_owned(), word(serving));
        let mut ready = serving;
        for check in self.checks.iter() {
            let passes = (check.passes)();
            ready &= passes;
            checks.insert(check.name.to_owned(), word(passes));
        }
        let status = if ready {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        let page = serde_json::json!({ "status": word(ready), "checks": checks });
        json(status, &page)
    }

    fn metrics(&self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.metrics.encode()));
        let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        response
    }
}

fn live() -> Value {
    serde_json::json!({ "status": word(true) })
}

fn word(passes: bool) -> Value {
    Value::from(if passes { "ok" } else { "failing" })
}

fn json(status: StatusCode, page: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(page.to_string()));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
