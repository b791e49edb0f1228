//! OpenID Connect: an identity provider of the organization's as the first factor of its people.
//!
//! Authorization code with PKCE and nonce (OpenID Connect Core 1.0, section 3.1; RFC 7636; RFC 9700).
//! `openidconnect` checks the ID token: signature by the provider's published keys, issuer, audience,
//! time, nonce; `none` and shared-secret algorithms are refused. It speaks to the provider alone,
//! whose hosts the configuration names, over verified TLS, and follows no redirect. Which person
//! somebody is, the gate knows; nothing here reads a name or an address.
//!
//! Read first: [`Provider`].

mod fetch;
mod kept;

use std::sync::Arc;
use std::time::Duration;

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreJwsSigningAlgorithm, CoreProviderMetadata,
    CoreResponseType,
};
use openidconnect::{
    AuthenticationContextClass, AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl,
    Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, TokenResponse,
};
use rustls::pki_types::CertificateDer;

use crate::model::{Clock, Entropy, NoEntropy, Secret, Timestamp};
use crate::oidc::fetch::Fetch;
use crate::oidc::kept::Kept;

/// By how much the provider's clock may be ahead of ours, in seconds.
const AHEAD: i64 = 60;

/// The provider, as the configuration names it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `https://login.example.eu`, exactly as its tokens say it.
    pub issuer: String,
    pub client_id: String,
    pub client_secret: Option<Secret>,
    /// Hosts with their ports, if any, that may be asked: the issuer's and what it names.
    pub hosts: Vec<String>,
    /// Certificates to trust instead of the system's.
    pub trust: Option<Vec<CertificateDer<'static>>>,
    /// Values of `amr` and `acr`, each of which proves a second factor.
    pub second_amr: Vec<String>,
    pub second_acr: Vec<String>,
}

/// What is settled when the configuration was read for the first time.
impl PartialEq for Settings {
    fn eq(&self, other: &Self) -> bool {
        let secret = |settings: &Self| settings.client_secret.as_ref().map(|s| s.expose().to_vec());
        (&self.issuer, &self.client_id, &self.hosts, &self.trust)
            == (&other.issuer, &other.client_id, &other.hosts, &other.trust)
            && (&self.second_amr, &self.second_acr) == (&other.second_amr, &other.second_acr)
            && secret(self) == secret(other)
    }
}

impl Eq for Settings {}

/// Why there is no answer of the provider's, or none that holds. No text of the provider's is in it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the provider cannot be asked: {0}")]
    Away(&'static str),
    #[error("what the provider says of itself does not hold")]
    Discovery,
    #[error("the provider did not take the code")]
    Code,
    #[error("the provider's ID token does not hold")]
    Token,
    #[error("the answer is of another issuer")]
    Issuer,
    #[error("a setting of [oidc] is malformed: {0}")]
    Unfit(&'static str),
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
}

impl Error {
    /// The reason, as the ledger has it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Away(_) | Self::Discovery | Self::NoEntropy(_) | Self::Unfit(_) => {
                "provider-away"
            }
            Self::Code => "provider-code",
            Self::Token => "provider-token",
            Self::Issuer => "provider-issuer",
        }
    }
}

/// Where a browser goes, and what must come back.
pub struct Departure {
    pub url: String,
    pub state: Secret,
    pub nonce: Secret,
    pub verifier: Secret,
}

/// Whom the provider has signed in.
pub struct Identity {
    pub issuer: String,
    pub subject: String,
    /// Whether the token says that it has asked for a second factor.
    pub second: bool,
    /// When it asked, if it says so: its session may be days old, and the token is new all the same.
    pub asked: Option<Timestamp>,
}

/// The organization's identity provider.
pub struct Provider {
    settings: Settings,
    fetch: Fetch,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    /// Its addresses and keys.
    known: Kept<CoreProviderMetadata>,
}

impl Provider {
    /// # Errors
    /// When no certificates to trust can be had, or a setting is malformed.
    pub fn new(
        settings: Settings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, Error> {
        IssuerUrl::new(settings.issuer.clone()).map_err(|_| Error::Unfit("issuer"))?;
        Ok(Self {
            fetch: Fetch::new(&settings)?,
            settings,
            clock,
            entropy,
            known: Kept::new(),
        })
    }

    /// Whether its word may stand for both factors.
    #[must_use]
    pub fn proves_both(&self) -> bool {
        !self.settings.second_amr.is_empty() || !self.settings.second_acr.is_empty()
    }

    /// The way to the provider. Blocks while it is asked who it is; `redirect` is our address that
    /// it leads back to. With `within` it is to ask for its factors again, unless it has done so since
    /// (`max_age`); whether it did, [`Identity::asked`] tells.
    ///
    /// # Errors
    /// When the provider cannot be asked.
    pub fn depart(&self, redirect: &str, within: Option<Duration>) -> Result<Departure, Error> {
        let metadata = self.metadata()?;
        let client = CoreClient::from_provider_metadata(
            metadata,
            ClientId::new(self.settings.client_id.clone()),
            self.secret()?,
        )
        .set_redirect_uri(address(redirect)?);
        let (state, nonce, verifier) = (self.random()?, self.random()?, self.random()?);
        let challenge = PkceCodeVerifier::new(verifier.clone());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&challenge);
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let (given_state, given_nonce) = (state.clone(), nonce.clone());
        let mut request = client
            .authorize_url(
                flow as openidconnect::AuthenticationFlow<CoreResponseType>,
                move || CsrfToken::new(given_state),
                move || Nonce::new(given_nonce),
            )
            .set_pkce_challenge(challenge);
        for class in &self.settings.second_acr {
            request =
                request.add_auth_context_value(AuthenticationContextClass::new(class.clone()));
        }
        if let Some(within) = within {
            request = request.set_max_age(within);
        }
        let (url, _, _) = request.url();
        Ok(Departure {
            url: url.to_string(),
            state: state.as_str().into(),
            nonce: nonce.as_str().into(),
            verifier: verifier.as_str().into(),
        })
    }

    /// What an answer of the provider's is worth. Blocks while the code is turned into a token.
    /// `issuer` is the answer's own (RFC 9207), if it names one.
    ///
    /// # Errors
    /// When the answer is another provider's, the code is refused, or the token does not hold.
    pub fn arrive(
        &self,
        (redirect, code, issuer): (&str, &str, Option<&str>),
        (nonce, verifier): (&Secret, &Secret),
    ) -> Result<Identity, Error> {
        if issuer.is_some_and(|issuer| issuer != self.settings.issuer) {
            return Err(Error::Issuer);
        }
        let client = CoreClient::from_provider_metadata(
            self.metadata()?,
            ClientId::new(self.settings.client_id.clone()),
            self.secret()?,
        )
        .set_redirect_uri(address(redirect)?);
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_| Error::Discovery)?
            .set_pkce_verifier(PkceCodeVerifier::new(text(verifier)?))
            .request(&|request| self.fetch.send(request))
            .map_err(|_| Error::Code)?;
        let token = answer.id_token().ok_or(Error::Token)?;
        let now = self.clock.now();
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs([
                CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
                CoreJwsSigningAlgorithm::RsaSsaPssSha256,
                CoreJwsSigningAlgorithm::EcdsaP256Sha256,
                CoreJwsSigningAlgorithm::EdDsa,
            ])
            .set_time_fn(move || {
                chrono::DateTime::from_timestamp_millis(now.0)
                    .unwrap_or(chrono::DateTime::UNIX_EPOCH)
            });
        let claims = token
            .claims(&verifier, &Nonce::new(text(nonce)?))
            .map_err(|error| {
                // Its words may be the provider's; what kind it is says enough.
                tracing::warn!(kind = kind_of(&error), "an ID token was refused");
                // Keys change: the next try asks for them again.
                self.known.forget();
                Error::Token
            })?;
        let methods = claims.auth_method_refs().into_iter().flatten();
        let mut methods = methods.map(|method| method.as_str());
        let class = claims.auth_context_ref().map(|class| class.as_str());
        let second = methods.any(|method| self.settings.second_amr.iter().any(|one| one == method))
            || class.is_some_and(|class| self.settings.second_acr.iter().any(|one| one == class));
        Ok(Identity {
            issuer: self.settings.issuer.clone(),
            subject: claims.subject().as_str().to_owned(),
            second,
            // OpenID Connect Core 1.0, section 2: `auth_time`. One from the future proves nothing.
            asked: claims
                .auth_time()
                .map(|at| Timestamp(at.timestamp_millis()))
                .filter(|at| *at <= now.plus_seconds(AHEAD))
                .map(|at| at.min(now)),
        })
    }

    /// What the provider says of itself, its keys included.
    fn metadata(&self) -> Result<CoreProviderMetadata, Error> {
        let issuer =
            IssuerUrl::new(self.settings.issuer.clone()).map_err(|_| Error::Unfit("issuer"))?;
        self.known.get(&*self.clock, || {
            // It refuses a document that names another issuer.
            CoreProviderMetadata::discover(&issuer, &|request| self.fetch.send(request)).map_err(
                |error| {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the identity provider cannot be asked"
                    );
                    Error::Discovery
                },
            )
        })
    }

    fn random(&self) -> Result<String, Error> {
        let mut bytes = [0; 32];
        self.entropy.fill(&mut bytes)?;
        Ok(data_encoding::BASE64URL_NOPAD.encode(&bytes))
    }

    fn secret(&self) -> Result<Option<ClientSecret>, Error> {
        let secret = self.settings.client_secret.as_ref();
        secret
            .map(|secret| Ok(ClientSecret::new(text(secret)?)))
            .transpose()
    }
}

fn address(redirect: &str) -> Result<RedirectUrl, Error> {
    RedirectUrl::new(redirect.to_owned()).map_err(|_| Error::Unfit("our own address"))
}

fn text(secret: &Secret) -> Result<String, Error> {
    std::str::from_utf8(secret.expose())
        .map(str::to_owned)
        .map_err(|_| Error::Unfit("client_secret_file"))
}

fn kind_of(error: &openidconnect::ClaimsVerificationError) -> &'static str {
    use openidconnect::ClaimsVerificationError as Why;
    match error {
        Why::Expired(_) => "expired",
        Why::InvalidAudience(_) => "audience",
        Why::InvalidIssuer(_) => "issuer",
        Why::InvalidNonce(_) => "nonce",
        Why::InvalidSubject(_) => "subject",
        Why::SignatureVerification(_) => "signature",
        Why::Unsupported(_) => "unsupported",
        _ => "other",
    }
}
