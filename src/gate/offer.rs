//! What a client offers at the token endpoint, read from its request and not believed yet.

use crate::gate::client::Reference;
use crate::gate::credential::{self, Hash};
use crate::gate::token::TokenRequest;
use crate::gate::{Form, OAuthError, assertion};

const LONGEST_NAME: usize = 128;
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const JWT_CLIENT: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::gate) enum GrantType {
    /// RFC 6749, section 4.4.
    ClientCredentials,
    /// RFC 6749, section 4.3: the user name is the client's, the password its secret, its code or
    /// both. Proofs count as often as they differ, not as often as they are sent.
    Password,
    /// RFC 7523, section 2.1.
    JwtBearer,
    /// RFC 6749, section 6.
    Refresh,
}

pub(in crate::gate) struct Offer<'a> {
    pub grant: GrantType,
    pub client: Reference,
    /// The user name, where the client is found by its client id.
    pub named: Option<&'a str>,
    /// SHA-256 of each secret that was sent; all must be right.
    pub secrets: Vec<Hash>,
    pub code: Option<&'a str>,
    pub assertion: Option<&'a str>,
    pub refresh: Option<Hash>,
    basic: bool,
}

impl<'a> Offer<'a> {
    /// # Errors
    /// `invalid_request` or `unsupported_grant_type`, by the form of the request alone.
    pub fn read(request: &'a TokenRequest<'_>) -> Result<Self, OAuthError> {
        let form = request.form;
        let grant = grant_type(form)?;
        let assertion = signed(form, grant)?;
        let named = match grant {
            GrantType::Password => form.field("username"),
            GrantType::ClientCredentials | GrantType::JwtBearer | GrantType::Refresh => None,
        };
        let (secrets, code) = secrets_and_code(request, grant)?;
        let refresh = match (grant, form.field("refresh_token")) {
            (GrantType::Refresh, None) => {
                return Err(OAuthError::request("refresh_token is missing"));
            }
            (GrantType::Refresh, Some(token)) => Some(credential::hash(token.as_bytes())),
            _ => None,
        };
        Ok(Self {
            grant,
            client: client(request, assertion, named)?,
            named,
            secrets,
            code,
            assertion,
            refresh,
            basic: request.basic.is_some(),
        })
    }

    /// Under what failures are counted: whoever the client says it is.
    pub fn claimed(&self) -> Hash {
        match &self.client {
            Reference::ClientId(id) => credential::hash(format!("id:{id}").as_bytes()),
            Reference::Name(name) => credential::hash(format!("name:{name}").as_bytes()),
        }
    }

    /// The one answer to every failed sign-in of this form, so that it does not tell what failed.
    pub fn refusal(&self) -> OAuthError {
        let (status, error, description) = match self.grant {
            // RFC 6749, section 5.2: 401 where the client used the header to authenticate.
            _ if self.basic => (401, "invalid_client", "invalid client credentials"),
            GrantType::ClientCredentials => (400, "invalid_client", "invalid client credentials"),
            GrantType::Password | GrantType::JwtBearer => {
                (400, "invalid_grant", "authentication failure")
            }
            GrantType::Refresh => (400, "invalid_grant", "expired access/refresh token"),
        };
        OAuthError {
            status,
            error,
            description,
            retry_after: None,
        }
    }
}

fn grant_type(form: &Form) -> Result<GrantType, OAuthError> {
    match form.field("grant_type") {
        Some("client_credentials") => Ok(GrantType::ClientCredentials),
        Some("password") => Ok(GrantType::Password),
        Some(JWT_BEARER) => Ok(GrantType::JwtBearer),
        Some("refresh_token") => Ok(GrantType::Refresh),
        Some(_) => Err(OAuthError {
            error: "unsupported_grant_type",
            ..OAuthError::request("grant type not supported")
        }),
        None => Err(OAuthError::request("grant_type is missing")),
    }
}

/// The assertion, be it the grant or the client's authentication. It is one proof either way.
fn signed(form: &Form, grant: GrantType) -> Result<Option<&str>, OAuthError> {
    let client = form.field("client_assertion");
    match (client, form.field("client_assertion_type")) {
        (None, None) | (Some(_), Some(JWT_CLIENT)) => {}
        _ => return Err(OAuthError::request("client_assertion_type not supported")),
    }
    let found = match (grant, form.field("assertion")) {
        (GrantType::JwtBearer, None) => {
            return Err(OAuthError::request("assertion is missing"));
        }
        (GrantType::JwtBearer, Some(_)) if client.is_some() => {
            return Err(OAuthError::request("one assertion at a time"));
        }
        (GrantType::JwtBearer, grant) => grant,
        _ => client,
    };
    if found.is_some_and(|assertion| assertion.len() > assertion::LONGEST) {
        return Err(OAuthError::request("the assertion is too long"));
    }
    Ok(found)
}

fn secrets_and_code<'a>(
    request: &'a TokenRequest<'_>,
    grant: GrantType,
) -> Result<(Vec<Hash>, Option<&'a str>), OAuthError> {
    let form = request.form;
    let basic = match &request.basic {
        None => None,
        Some((_, secret)) => {
            let text = std::str::from_utf8(secret.expose())
                .map_err(|_| OAuthError::request("the client secret is no text"))?;
            (!text.is_empty()).then_some(text)
        }
    };
    if basic.is_some() && form.field("client_secret").is_some() {
        // RFC 6749, section 2.3.
        return Err(OAuthError::request("one client secret at a time"));
    }
    let password = match grant {
        GrantType::Password => form.field("password"),
        GrantType::ClientCredentials | GrantType::JwtBearer | GrantType::Refresh => None,
    };
    let mut secrets = Vec::new();
    let mut codes: Vec<&str> = form.field("totp").into_iter().collect();
    for text in [basic, form.field("client_secret"), password] {
        let Some(text) = text else { continue };
        // What is neither is taken for a secret, and is wrong as one.
        let (secret, code) = credential::split_secret(text).unwrap_or((Some(text), None));
        secrets.extend(secret.map(|secret| credential::hash(secret.as_bytes())));
        codes.extend(code);
    }
    match codes.as_slice() {
        [] => Ok((secrets, None)),
        [code] if credential::is_code(code) => Ok((secrets, Some(code))),
        [_] => Err(OAuthError::request("a code has six digits")),
        _ => Err(OAuthError::request("one code at a time")),
    }
}

fn client(
    request: &TokenRequest<'_>,
    assertion: Option<&str>,
    named: Option<&str>,
) -> Result<Reference, OAuthError> {
    let basic = request.basic.as_ref().map(|(id, _)| id.as_str());
    let basic = basic.filter(|id| !id.is_empty());
    let form = request.form.field("client_id");
    if let (Some(basic), Some(form)) = (basic, form)
        && basic != form
    {
        return Err(OAuthError::request("two different client ids"));
    }
    let reference = if let Some(id) = basic.or(form) {
        Reference::ClientId(id.to_owned())
    } else if let Some(issuer) = assertion.and_then(assertion::claimed_issuer) {
        Reference::ClientId(issuer)
    } else if let Some(name) = named {
        Reference::Name(name.to_owned())
    } else {
        return Err(OAuthError::request("client_id is missing"));
    };
    let (Reference::ClientId(text) | Reference::Name(text)) = &reference;
    if text.len() > LONGEST_NAME || named.is_some_and(|name| name.len() > LONGEST_NAME) {
        return Err(OAuthError::request("client_id or username is too long"));
    }
    Ok(reference)
}
