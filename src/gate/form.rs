//! The form that a client posts to the token endpoint.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::gate::OAuthError;

/// Longest body, in bytes: an assertion and some.
const LONGEST: usize = 16 * 1024;
const MOST_FIELDS: usize = 32;

/// Fields of a form, each at most once. Holds secrets: wiped on drop, never printed.
#[derive(Clone, Default)]
pub struct Form(BTreeMap<String, Zeroizing<String>>);

impl Form {
    /// Reads `application/x-www-form-urlencoded`.
    ///
    /// # Errors
    /// When it is too long, has too many fields or one twice (RFC 6749, section 3.2).
    pub fn parse(body: &[u8]) -> Result<Self, OAuthError> {
        Self::up_to(LONGEST, body)
    }

    /// As [`Self::parse`], for a page whose form holds up to this many bytes.
    ///
    /// # Errors
    /// As there.
    pub fn up_to(longest: usize, body: &[u8]) -> Result<Self, OAuthError> {
        if body.len() > longest {
            return Err(OAuthError::request("the form is too long"));
        }
        let mut fields = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(body) {
            let value = Zeroizing::new(value.into_owned());
            if fields.insert(name.into_owned(), value).is_some() {
                return Err(OAuthError::request("a field is there twice"));
            }
            if fields.len() > MOST_FIELDS {
                return Err(OAuthError::request("the form has too many fields"));
            }
        }
        Ok(Self(fields))
    }

    /// A field; an empty one counts as absent (RFC 6749, section 3.2).
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name)?.as_str();
        (!value.is_empty()).then_some(value)
    }
}

impl From<BTreeMap<String, String>> for Form {
    fn from(fields: BTreeMap<String, String>) -> Self {
        let fields = fields.into_iter();
        Self(fields.map(|(k, v)| (k, Zeroizing::new(v))).collect())
    }
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Form(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_is_there_twice_is_refused() {
        let once = Form::parse(b"client_id=a&client_secret=b%2B").unwrap();
        assert_eq!(once.field("client_secret"), Some("b+"));
        assert!(Form::parse(b"client_id=a&client_id=a").is_err());
        assert!(Form::parse(b"client_id=a&%63lient_id=b").is_err());
    }

    #[test]
    fn a_form_is_bounded_in_length_and_fields() {
        assert!(Form::parse(&[b'a'; LONGEST]).is_ok());
        assert!(Form::parse(&[b'a'; LONGEST + 1]).is_err());
        let fields: Vec<String> = (0..=MOST_FIELDS).map(|n| format!("f{n}=")).collect();
        assert!(Form::parse(fields[1..].join("&").as_bytes()).is_ok());
        assert!(Form::parse(fields.join("&").as_bytes()).is_err());
    }

    #[test]
    fn a_form_prints_nothing_of_what_it_holds() {
        let form = Form::parse(b"client_secret=hunter2").unwrap();
        assert!(!format!("{form:?}").contains("hunter2"));
    }
}
