//! A certificate authority of the demo's own, and the certificates that it signs.

use std::fs;
use std::path::Path;

use anyhow::Context;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

/// The name under which the border knows the laptop CRM.
pub(super) const CRM_NAME: &str = "crm.demo.internal";

/// Writes `ca.pem`, and for the border and the CRM a certificate with its key, for thirty days.
///
/// # Errors
/// When a file cannot be written.
pub(super) fn write(folder: &Path) -> anyhow::Result<()> {
    let key = KeyPair::generate()?;
    let mut params = params(&[])?;
    params
        .distinguished_name
        .push(DnType::CommonName, "sluis demo authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority = params.self_signed(&key)?;
    put(folder, "ca.pem", &authority.pem())?;
    let issuer = Issuer::new(params, key);
    for (file, names) in [
        ("border", ["localhost", "127.0.0.1"].as_slice()),
        ("console", &["console.localhost"]),
        ("crm", &[CRM_NAME]),
    ] {
        let key = KeyPair::generate()?;
        let certificate = self::params(names)?.signed_by(&key, &issuer)?;
        put(folder, &format!("{file}.pem"), &certificate.pem())?;
        put(folder, &format!("{file}.key"), &key.serialize_pem())?;
    }
    Ok(())
}

fn params(names: &[&str]) -> anyhow::Result<CertificateParams> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names)?;
    let now = jiff::Timestamp::now();
    let day = |days: i64| -> anyhow::Result<_> {
        let at = now
            .checked_add(jiff::SignedDuration::from_hours(24 * days))?
            .to_zoned(jiff::tz::TimeZone::UTC);
        Ok(rcgen::date_time_ymd(
            i32::from(at.year()),
            u8::try_from(at.month())?,
            u8::try_from(at.day())?,
        ))
    };
    params.not_before = day(-1)?;
    params.not_after = day(30)?;
    Ok(params)
}

fn put(folder: &Path, name: &str, text: &str) -> anyhow::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let path = folder.join(name);
    let mut options = fs::OpenOptions::new();
    let file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&path);
    let mut file = file.with_context(|| format!("{}", path.display()))?;
    file.write_all(text.as_bytes())?;
    Ok(())
}
