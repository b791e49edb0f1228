//! Certificate, key and client certificates: read, checked, and only then put in force.

use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs::default_provider, verify_tls12_signature,
    verify_tls13_signature,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::version::{TLS12, TLS13};
use rustls::{
    DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig, SignatureScheme,
};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::model::{Clock, Timestamp};
use crate::server::error::Error;
use crate::server::settings::TlsFiles;

/// A TLS server that can be put in force.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) config: ServerConfig,
    pub(super) expires: Timestamp,
}

/// Reads the files and checks that they belong together and are valid now.
///
/// # Errors
/// What is wrong with which file; what was in force before is untouched.
pub(super) fn load(files: &TlsFiles, clock: &dyn Clock) -> Result<Loaded, Error> {
    let chain = certificates(&files.certificate)?;
    let expires = valid_now(&files.certificate, &chain, clock.now())?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|source| Error::File {
        path: files.key.clone(),
        source,
    })?;
    let provider = Arc::new(default_provider());
    // rustls has TLS 1.2 and 1.3 only, with ECDHE and AEAD only; it takes no early data unless told
    // to, and never renegotiates.
    let mut config = ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_client_cert_verifier(verifier(files, provider)?)
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Loaded { config, expires })
}

/// Checks a certificate and its key as a server would at its start.
///
/// # Errors
/// What is wrong with which file.
pub fn check_certificate(files: &TlsFiles, clock: &dyn Clock) -> Result<(), Error> {
    load(files, clock).map(drop)
}

/// SHA-256 over a certificate's DER, as clients are pinned by.
pub(super) fn fingerprint(certificate: &CertificateDer<'_>) -> [u8; 32] {
    let mut out = [0; 32];
    let digest = digest(&SHA256, certificate);
    for (to, from) in out.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    out
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let error = |source| Error::File {
        path: path.to_owned(),
        source,
    };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path)
        .map_err(error)?
        .collect();
    let chain = chain.map_err(error)?;
    if chain.is_empty() {
        return Err(Error::NoCertificate {
            path: path.to_owned(),
        });
    }
    Ok(chain)
}

/// When the first certificate ends, if it has begun and has not ended.
fn valid_now(
    path: &Path,
    chain: &[CertificateDer<'_>],
    now: Timestamp,
) -> Result<Timestamp, Error> {
    let parsed = chain.first().map(|first| X509Certificate::from_der(first));
    let Some(Ok((_, certificate))) = parsed else {
        return Err(Error::CertificateMalformed {
            path: path.to_owned(),
        });
    };
    let not_before = certificate.validity().not_before.timestamp();
    let not_after = certificate.validity().not_after.timestamp();
    if now.seconds() < not_before {
        return Err(Error::NotYetValid {
            path: path.to_owned(),
            not_before,
        });
    }
    if now.seconds() > not_after {
        return Err(Error::Expired {
            path: path.to_owned(),
            not_after,
        });
    }
    Ok(Timestamp(not_after.saturating_mul(1000)))
}

fn verifier(
    files: &TlsFiles,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, Error> {
    let Some(path) = &files.client_ca else {
        return Ok(Arc::new(Possession(
            provider.signature_verification_algorithms,
        )));
    };
    let mut roots = RootCertStore::empty();
    for authority in certificates(path)? {
        roots.add(authority)?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .allow_unauthenticated()
        .build()
        .map_err(Error::ClientAuthorities)
}

/// Takes any client certificate as the proof that the client holds its key, and as nothing else.
///
/// Who the client is, `gate` decides by the certificate's SHA-256, which an operator has pinned; a
/// chain would add nothing to that. The handshake's signature is verified as always.
#[derive(Debug)]
struct Possession(WebPkiSupportedAlgorithms);

impl ClientCertVerifier for Possession {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    struct In2026;

    impl Clock for In2026 {
        fn now(&self) -> Timestamp {
            Timestamp(1_767_225_600_000)
        }
    }

    #[test]
    fn there_is_no_early_data_and_no_suite_without_forward_secrecy() {
        let dir = tempfile::tempdir().unwrap();
        let files = TlsFiles {
            certificate: dir.path().join("certificate.pem"),
            key: dir.path().join("key.pem"),
            client_ca: None,
        };
        let made = rcgen::generate_simple_self_signed(vec!["crm.example.nl".to_owned()]).unwrap();
        fs::write(&files.certificate, made.cert.pem()).unwrap();
        fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
        let config = load(&files, &In2026).unwrap().config;
        assert_eq!(config.max_early_data_size, 0);
        for suite in &config.crypto_provider().cipher_suites {
            let name = format!("{:?}", suite.suite());
            assert!(
                name.starts_with("TLS13_") || name.contains("ECDHE"),
                "{name}"
            );
            assert!(name.contains("GCM") || name.contains("CHACHA20"), "{name}");
        }
    }
}
