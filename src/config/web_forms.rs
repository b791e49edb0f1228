//! Web-to-Lead and Web-to-Case.

use std::collections::BTreeMap;
use std::path::PathBuf;

use http::Uri;
use serde::Deserialize;

use super::{Checker, Error};
use crate::dialect::salesforce::door;
use crate::dialect::salesforce::id::Id;
use crate::dialect::salesforce::web_form::{Custom, Dates, Kind, Setup};
use crate::upstream;

/// `[web_forms]`: forms of visitors that a web server of the organization's own passes on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebForms {
    /// The CRM's host of forms: `https://webto.salesforce.com`.
    pub url: String,
    /// The address to connect to instead of what the name resolves to.
    pub address: Option<String>,
    /// PEM certificates to trust instead of the system's.
    pub ca: Option<PathBuf>,
    /// The organization whose forms they are: `00D…`, 15 or 18 characters.
    pub organization_id: String,
    /// Where a visitor may be led afterwards (`retURL`): whole addresses, compared as they are.
    #[serde(default)]
    pub return_to: Vec<String>,
    /// The campaigns that a form may name in `Campaign_ID`: `701…`, 15 or 18 characters.
    #[serde(default)]
    pub campaigns: Vec<String>,
    /// What a form may say in `member_status`.
    #[serde(default)]
    pub member_statuses: Vec<String>,
    /// The names of the organization's pairs of keys for reCAPTCHA: `keyname` in `captcha_settings`.
    #[serde(default)]
    pub captcha_keys: Vec<String>,
    /// Custom fields, which forms name by their ids: `"00N…" = "Lead.Birthday__c"`.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// How forms write dates, which hangs on the language of their default creator in the CRM:
    /// `dd-mm-yyyy`.
    #[serde(default = "year_first")]
    pub dates: String,
}

fn year_first() -> String {
    "yyyy-mm-dd".to_owned()
}

impl Checker<'_> {
    pub(super) fn web_forms(
        &self,
        raw: &WebForms,
        ours: &[String],
    ) -> Result<(Setup, upstream::Forms), Error> {
        let key = "web_forms.url";
        let host = upstream::Host {
            ours: String::new(),
            origin: raw.url.trim_end_matches('/').to_owned(),
            address: raw
                .address
                .as_deref()
                .map(|text| self.address("web_forms.address", text))
                .transpose()?,
        };
        let authority = host.authority();
        let authority = authority.map_err(|error| self.value(key, &error.to_string()))?;
        if ours.iter().any(|own| own.eq_ignore_ascii_case(&authority)) {
            return Err(self.value(key, "it is this border itself"));
        }
        let organization = Id::parse(&raw.organization_id);
        let organization = organization.filter(|id| id.as_str().starts_with("00D"));
        let organization = organization.ok_or_else(|| {
            let remedy = "write the organization's id: `00D` and 12 or 15 more";
            self.value("web_forms.organization_id", remedy)
        })?;
        for address in &raw.return_to {
            self.return_to(address)?;
        }
        let said = |status: &String| !status.is_empty() && !status.contains(char::is_control);
        if !raw.member_statuses.iter().all(said) {
            let remedy = "write each status as the campaign has it";
            return Err(self.value("web_forms.member_statuses", remedy));
        }
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let named = |key: &String| !key.is_empty() && key.len() <= 80 && key.chars().all(word);
        if !raw.captcha_keys.iter().all(named) {
            let remedy = "write the API name of each pair of keys, as in the form's `keyname`";
            return Err(self.value("web_forms.captcha_keys", remedy));
        }
        let campaign = |text: &String| {
            let id = Id::parse(text).filter(|id| id.as_str().starts_with("701"));
            let remedy = "write each campaign's id: `701` and 12 or 15 more";
            id.ok_or_else(|| self.value("web_forms.campaigns", remedy))
        };
        let setup = Setup {
            organization,
            returns: raw.return_to.clone(),
            campaigns: raw
                .campaigns
                .iter()
                .map(campaign)
                .collect::<Result<_, _>>()?,
            statuses: raw.member_statuses.clone(),
            captcha_keys: raw.captcha_keys.clone(),
            fields: self.custom(&raw.fields)?,
            dates: Dates::named(&raw.dates).ok_or_else(|| {
                let remedy = "write yyyy-mm-dd, dd-mm-yyyy, dd/mm/yyyy, dd.mm.yyyy or mm/dd/yyyy";
                self.value("web_forms.dates", remedy)
            })?,
        };
        let trust = raw
            .ca
            .as_deref()
            .map(|path| self.certificates("web_forms.ca", path))
            .transpose()?;
        Ok((setup, upstream::Forms { host, trust }))
    }

    /// A page on the web by https, without a user, in letters that a header field takes.
    fn return_to(&self, address: &str) -> Result<(), Error> {
        let key = "web_forms.return_to";
        let remedy = "write whole addresses: https://www.example.eu/thanks";
        let plain = address.bytes().all(|b| b.is_ascii_graphic()) && !address.contains(['\\', '#']);
        let parsed: Uri = address
            .parse()
            .ok()
            .filter(|_| plain)
            .ok_or_else(|| self.value(key, remedy))?;
        let authority = parsed.authority().map(http::uri::Authority::as_str);
        let named = authority.is_some_and(|name| !name.is_empty() && !name.contains('@'));
        match named && parsed.scheme_str() == Some("https") {
            true => Ok(()),
            false => Err(self.value(key, remedy)),
        }
    }

    fn custom(&self, raw: &BTreeMap<String, String>) -> Result<Vec<Custom>, Error> {
        let key = "web_forms.fields";
        let mut fields: Vec<Custom> = Vec::new();
        for (id, field) in raw {
            let id = Id::parse(id).filter(|id| id.as_str().starts_with("00N"));
            let id = id.ok_or_else(|| {
                let remedy =
                    "write each custom field's id as the form has it: `00N` and 12 or 15 more";
                self.value(key, remedy)
            })?;
            let named = field.split_once('.').and_then(|(object, field)| {
                let kind = Kind::making(object)?;
                door::is_name(field).then(|| (kind, field.to_owned()))
            });
            let (kind, field) = named.ok_or_else(|| {
                let remedy = "name each field as `Lead.Field__c` or `Case.Field__c`";
                self.value(key, remedy)
            })?;
            let same = |known: &Custom| {
                known.id == id || known.kind == kind && known.field.eq_ignore_ascii_case(&field)
            };
            if fields.iter().any(same) {
                return Err(self.value(key, "each id and each field stands once"));
            }
            fields.push(Custom { id, kind, field });
        }
        Ok(fields)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{Error, Settings, parse};

    const REST: &str = "listen = \"127.0.0.1:8443\"\nhosts = [\"border.example.eu\"]\n\
        policy = \"policy.toml\"\nkey_file = \"sluis.key\"\ndata = \"data\"\n\n[tls]\n\
        certificate = \"a.pem\"\nkey = \"a.key\"\n\n[crm]\nurl = \"https://crm.example.nl\"\n\n";

    const WHOLE: &str = "[web_forms]\nurl = \"https://webto.salesforce.com\"\n\
        organization_id = \"00D000000000001\"\n\
        return_to = [\"https://www.example.eu/thanks?from=form\"]\n\
        campaigns = [\"701000000000001\"]\ncaptcha_keys = [\"site\"]\n\
        member_statuses = [\"Responded\"]\ndates = \"dd-mm-yyyy\"\n\
        fields = { \"00N000000000001\" = \"Lead.Birthday__c\", \"00N000000000002EAA\" = \"Case.Kind__c\" }\n";

    fn read(text: &str) -> Result<Settings, Error> {
        parse(Path::new("sluis.toml"), &format!("{REST}{text}"))
    }

    #[test]
    fn no_forms_are_taken_unless_the_configuration_says_so() {
        let settings = read("").unwrap();
        assert!(settings.forms.is_none() && settings.upstream.forms.is_none());
        let settings = read(WHOLE).unwrap();
        let forms = settings.forms.unwrap();
        assert_eq!(forms.organization.as_str(), "00D000000000001EAA");
        assert_eq!(forms.fields.len(), 2);
        let host = settings.upstream.forms.unwrap().host;
        assert_eq!(host.origin, "https://webto.salesforce.com");
    }

    #[test]
    fn what_leads_elsewhere_or_names_nothing_is_refused_by_its_key() {
        for (from, to, key) in [
            ("https://webto", "http://webto", "web_forms.url"),
            (
                "https://webto.salesforce.com",
                "https://border.example.eu",
                "web_forms.url",
            ),
            ("salesforce.com", "salesforce.com/x", "web_forms.url"),
            ("00D000000000001", "00D", "web_forms.organization_id"),
            (
                "00D000000000001",
                "003000000000001",
                "web_forms.organization_id",
            ),
            ("https://www", "http://www", "web_forms.return_to"),
            ("https://www", "//www", "web_forms.return_to"),
            ("https://www", "https://good@www", "web_forms.return_to"),
            (
                "https://www.example.eu",
                "javascript:alert(1)",
                "web_forms.return_to",
            ),
            ("/thanks", "/tha nks", "web_forms.return_to"),
            ("/thanks", "/\\\\thanks", "web_forms.return_to"),
            ("\"Responded\"", "\"\"", "web_forms.member_statuses"),
            ("701000000000001", "003000000000001", "web_forms.campaigns"),
            ("\"site\"", "\"Jan Jansen\"", "web_forms.captcha_keys"),
            ("dd-mm-yyyy", "d-m-y", "web_forms.dates"),
            ("00N000000000001", "003000000000001", "web_forms.fields"),
            ("00N000000000001", "last_name", "web_forms.fields"),
            (
                "Lead.Birthday__c",
                "Contact.Birthday__c",
                "web_forms.fields",
            ),
            ("Lead.Birthday__c", "Lead.Birth day", "web_forms.fields"),
            ("Lead.Birthday__c", "Birthday__c", "web_forms.fields"),
            ("Lead.Birthday__c", "Case.KIND__c", "web_forms.fields"),
            ("00N000000000001", "00N000000000002", "web_forms.fields"),
        ] {
            let other = WHOLE.replacen(from, to, 1);
            assert_ne!(other, WHOLE);
            let error = read(&other).unwrap_err().to_string();
            assert!(error.contains(&format!("`{key}`")), "{to}: {error}");
        }
        assert!(read(&format!("{WHOLE}secret = \"x\"\n")).is_err());
    }
}
