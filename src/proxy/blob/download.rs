//! A file of a record's: opened while it passes, for whoever may see its class.
//!
//! The CRM is asked by its API alone, also for what pages ask of servlets: those want the session of
//! a browser, lead to other hosts, and answer with a page to sign in on where they have none.

use std::sync::Arc;

use http::{HeaderMap, StatusCode};

use crate::dialect::salesforce::door::{Door, Route};
use crate::dialect::salesforce::file::Download;
use crate::dialect::salesforce::id::Id;
use crate::policy::FieldPlan;
use crate::protect::find;
use crate::protect::inward::{self, Answer, Shape, Viewer};
use crate::protect::outward::{Protected, file};
use crate::proxy::download::{self, Asked};
use crate::proxy::exchange::{Content, Incoming, Reply};
use crate::proxy::giving::{Giving, Reader, Source, withheld};
use crate::proxy::inwards::show;
use crate::proxy::record::{Scribe, Tally};
use crate::proxy::{Failure, Proxy, body, outwards};
use crate::upstream::{self, Opened};
use crate::wire;

impl Proxy {
    /// The phases of a download, in order.
    pub(in crate::proxy) async fn fetch(
        &self,
        scribe: &Scribe<'_>,
        mut incoming: Incoming<'_>,
        (route, asked): (&Route, &Download),
        tally: &mut Tally,
    ) -> Result<Reply, Failure> {
        let rules = scribe.rules;
        body::decode(&incoming, route)?;
        let field = file::downloaded(&rules.plan, asked)?;
        let place = scribe.shared.readers.enter(scribe.client).await?;
        let id = match asked {
            Download::Field { id, .. } | Download::Version(id) | Download::Classic(id) => *id,
            Download::Newest(document) => {
                let newest = self.newest(scribe, (*document).into()).await?;
                newest.ok_or_else(|| withheld("the CRM shows no version of that document"))?
            }
        };
        let route = self.resource(scribe, route, (field, id));
        let way = outwards::Way {
            route: &Arc::new(route),
            document: None,
            message: None,
            file: None,
            form: None,
            released: false,
        };
        let (protected, _) = outwards::protect(self, scribe, &way, tally).await?;
        let (cleared, read_by) = split(protected);

        // Forward.
        let headers = std::mem::take(&mut incoming.headers);
        let mut answer = self.upstream.fetch_file(cleared, headers).await?;
        let stands = incoming.stands.take();
        let reader = Reader { stands, place };
        if download::is_sealed(&mut answer).await? {
            let object = field.label.split('.').next();
            let record = Some(id.into());
            let of = Asked { object, record };
            let how = (incoming.image, reader);
            return download::open(scribe, &of, (answer, HeaderMap::new()), how, tally).await;
        }
        if answer.status() == StatusCode::OK {
            let how = (incoming.image, reader);
            return plain(scribe, field, answer, how, tally).await;
        }
        refused(scribe, (answer, &read_by), incoming.host, tally).await
    }

    /// The resource of the API that gives the file. What a servlet was asked for has no version.
    fn resource(&self, scribe: &Scribe<'_>, asked: &Route, (field, id): (&FieldPlan, Id)) -> Route {
        let object = field.label.split('.').next().unwrap_or_default();
        let version = match asked.version {
            0 => self.spoken(&scribe.rules.plan),
            version => version,
        };
        Route {
            version,
            door: Door::Download(Download::Field {
                object: object.to_owned(),
                id,
                field: field.name.clone(),
            }),
        }
    }
}

/// What is sent, and what its answer is read by.
fn split(protected: Protected) -> (crate::protect::Cleared<crate::protect::Outgoing>, Asking) {
    let Protected {
        cleared,
        request,
        aliases,
        ..
    } = protected;
    (cleared, Asking { request, aliases })
}

struct Asking {
    request: crate::dialect::salesforce::call::Request,
    aliases: Vec<crate::protect::outward::Alias>,
}

/// A file that did not come through the border.
async fn plain(
    scribe: &Scribe<'_>,
    field: &FieldPlan,
    answer: Opened,
    (image, reader): (bool, Reader),
    tally: &mut Tally,
) -> Result<Reply, Failure> {
    let label = &field.label;
    if !field.file.is_some_and(|rule| rule.plain) {
        let text = format!(
            "{label}: this file did not come through the border, and policy does not say plain_files = \"pass\""
        );
        return Err(withheld(&text).into());
    }
    let plan = &scribe.rules.plan;
    let viewer = Viewer::new(plan, scribe.roles, scribe.fresh);
    let class = field.class.filter(|class| viewer.may_see(*class));
    let Some(class) = class else {
        let text = format!("{label}: your role may not see such files");
        return Err(withheld(&text).into());
    };
    if answer.is_coded() {
        return Err(withheld("the CRM compressed a file that was asked for as it is").into());
    }
    let kind = answer.headers().get(http::header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.to_owned();
    let length = answer.length();
    let mut source = Source::Plain(answer);
    let first = source.next().await?;
    let mut headers = HeaderMap::new();
    download::say(&mut headers, "file", (&kind, &first.plain), image);
    let class = plan.class(class).name.as_str();
    scribe.given_plain(label, class).await?;
    tally.revealed = 1;
    let giving = Giving::new(scribe, source, (class, vec![]), reader);
    Ok(Reply {
        status: StatusCode::OK,
        headers,
        body: Content::File(giving.begin(first, length)),
    })
}

/// The CRM gives no file, and says why.
async fn refused(
    scribe: &Scribe<'_>,
    (answer, asking): (Opened, &Asking),
    host: &str,
    tally: &mut Tally,
) -> Result<Reply, Failure> {
    let rules = scribe.rules;
    let answer = answer.whole().await?;
    let is_json = answer.headers.get(http::header::CONTENT_TYPE);
    let is_json = is_json.and_then(|kind| kind.to_str().ok());
    let is_json = is_json.is_some_and(|kind| kind.starts_with("application/json"));
    if answer.status == StatusCode::NO_CONTENT {
        return Err(withheld("the record has no file").into());
    }
    if !is_json || !answer.status.is_client_error() {
        answer.distrust();
        return Err(upstream::Error::Unexpected("an answer that is no file").into());
    }
    let text = std::str::from_utf8(&answer.body).map_err(|error| {
        Failure::Answer(wire::Error::NotUtf8 {
            at: error.valid_up_to(),
        })
    })?;
    let viewer = Viewer::new(&rules.plan, scribe.roles, scribe.fresh);
    let found = find(
        &rules.protection.codec,
        text.as_bytes(),
        &rules.protection.domain,
    );
    let answered = Answer {
        text,
        shape: Shape::Data,
        viewer,
        request: &asking.request,
        aliases: &asking.aliases,
        found: &found,
    };
    let reading = inward::read(&answered).map_err(Failure::Answer)?;
    let body = show(scribe, &viewer, (text, &reading), host, tally).await?;
    Ok(Reply {
        status: answer.status,
        headers: answer.headers,
        body: Content::Whole(body),
    })
}
