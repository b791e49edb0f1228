//! Sending one cleared form of a visitor's, to a host that knows no session: neither the proxy's own
//! credential goes there nor anything of whoever passed the form on.

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::answer::Opened;
use super::body::Outbound;
use super::client::{Target, written};
use super::settings::Settings;
use super::{Client, Error};
use crate::protect::{Cleared, Outgoing};

/// What the CRM says of a form.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Submitted {
    Taken,
    /// It was not read: there is nothing of it at the CRM.
    Refused(StatusCode),
    /// Nobody can say.
    Unsure(StatusCode),
}

/// The way to the host of forms.
pub(super) fn target(settings: &Settings) -> Result<Option<Target>, Error> {
    let Some(forms) = &settings.forms else {
        return Ok(None);
    };
    let settings = Settings {
        trust: forms.trust.clone(),
        ..settings.clone()
    };
    Target::new(&forms.host, &settings).map(Some)
}

impl Client {
    /// Sends a form, once. Its answer is a page for the visitor, of which the head alone is read.
    ///
    /// # Errors
    /// When the CRM cannot be reached or is late, or there is no host of forms.
    pub async fn submit(&self, request: Cleared<Outgoing>) -> Result<Submitted, Error> {
        let target = self.forms().ok_or(Error::Origin("it has no name"))?;
        let request = request.into_inner();
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("text/html"));
        if let Some(kind) = &request.content_type {
            let kind = HeaderValue::try_from(kind);
            headers.insert(
                CONTENT_TYPE,
                kind.map_err(|error| Error::Request(error.into()))?,
            );
        }
        let body = (Outbound::from(request.body.unwrap_or_default()), "identity");
        let line = (request.method, request.target.as_str());
        let request = written(target, line, headers, body)?;
        let sent = tokio::time::timeout(self.settings().head, target.pool.send(request));
        let (response, lease) = sent.await.map_err(|_| Error::Late)??;
        // The page is left unread, and its connection is not used again.
        let opened = Opened::new(response, self.settings(), (lease, false))?;
        Ok(submitted(opened.status(), opened.headers()))
    }
}

/// The page has status 200 whatever became of the form. `Is-Processed` says `true`; with anything
/// behind that, such as an exception, the CRM has not made the record.
fn submitted(status: StatusCode, headers: &HeaderMap) -> Submitted {
    let mut said = headers.get_all("is-processed").iter();
    let taken = match (said.next(), said.next()) {
        (Some(value), None) => value.as_bytes().eq_ignore_ascii_case(b"true"),
        _ => false,
    };
    match status {
        // An error that says anything of the form may come from behind the servlet.
        status if status.is_client_error() && !headers.contains_key("is-processed") => {
            Submitted::Refused(status)
        }
        status if taken && (status.is_success() || status.is_redirection()) => Submitted::Taken,
        status => Submitted::Unsure(status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_yes_says_that_the_crm_has_a_form() {
        let said = |status: u16, values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("is-processed", HeaderValue::from_static(value));
            }
            submitted(StatusCode::from_u16(status).unwrap(), &headers)
        };
        assert_eq!(said(200, &["true"]), Submitted::Taken);
        assert_eq!(said(302, &["True"]), Submitted::Taken);
        for values in [
            &[][..],
            &["false"],
            &["true Exception:common.exception.SalesforceGenericException"],
            &["true", "true"],
            &[""],
        ] {
            let found = said(200, values);
            assert_eq!(found, Submitted::Unsure(StatusCode::OK), "{values:?}");
        }
        assert!(matches!(said(500, &["true"]), Submitted::Unsure(_)));
        assert!(matches!(said(404, &["true"]), Submitted::Unsure(_)));
        assert!(matches!(said(404, &[]), Submitted::Refused(_)));
    }
}
