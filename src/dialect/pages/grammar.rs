//! The forms of what passes as it is: ids, switches, dates, tokens of the CRM's own.
//!
//! Each is narrow enough that an address or a sentence does not have it. A single name has the form of
//! a word, and a national id that of a number: policy gives these forms to what the CRM's own pages
//! fill in, never to what people type. Only `secret`, on sign-in routes, is free.

/// The form of the CRM's record ids.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum IdForm {
    /// 1 to 18 digits.
    Number,
    /// 8-4-4-4-12 hexadecimal digits.
    Uuid,
    /// 8 to 36 hexadecimal digits.
    Hex,
}

impl IdForm {
    /// The form that a policy file calls by this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        match word {
            "number" => Some(Self::Number),
            "uuid" => Some(Self::Uuid),
            "hex" => Some(Self::Hex),
            _ => None,
        }
    }

    #[must_use]
    pub fn fits(self, text: &str) -> bool {
        let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match self {
            Self::Number => digits(text),
            Self::Uuid => {
                let groups: Vec<&str> = text.split('-').collect();
                let lengths = groups.iter().map(|group| group.len());
                lengths.eq([8, 4, 4, 4, 12]) && groups.into_iter().all(hex)
            }
            Self::Hex => (8..=36).contains(&text.len()) && hex(text),
        }
    }
}

/// What the value of a name may be that passes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Grammar {
    Number,
    Id(IdForm),
    Flag,
    Date,
    /// An identifier that the CRM's own pages choose: a column, a filter.
    Word,
    /// A random text of the CRM's own: against forgery, or a session.
    Token,
    /// A path of this site.
    Path,
    /// A password or login name, on sign-in routes only.
    Secret,
    Empty,
    OneOf(Vec<String>),
}

impl Grammar {
    /// The grammar that a policy file calls by this word.
    #[must_use]
    pub fn named(word: &str, ids: IdForm) -> Option<Self> {
        Some(match word {
            "number" => Self::Number,
            "id" => Self::Id(ids),
            "flag" => Self::Flag,
            "date" => Self::Date,
            "word" => Self::Word,
            "token" => Self::Token,
            "path" => Self::Path,
            "secret" => Self::Secret,
            "empty" => Self::Empty,
            _ => Self::Id(IdForm::named(word)?),
        })
    }

    /// The words that [`Self::named`] knows.
    pub const WORDS: [&'static str; 11] = [
        "number", "id", "uuid", "hex", "flag", "date", "word", "token", "path", "secret", "empty",
    ];

    /// Whether a value has the form. A path is looked at by its site as well.
    #[must_use]
    pub fn fits(&self, value: &str) -> bool {
        const LONGEST_WORD: usize = 64;
        const LONGEST_SECRET: usize = 512;
        match self {
            Self::OneOf(values) => values.iter().any(|one| one == value),
            Self::Secret => value.len() <= LONGEST_SECRET,
            Self::Token => {
                let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~+/=:|".contains(&byte);
                (8..=512).contains(&value.len()) && value.bytes().all(sign)
            }
            _ if value.is_empty() => true,
            Self::Number => digits(value.strip_prefix(['-', '+']).unwrap_or(value)),
            Self::Id(form) => form.fits(value),
            Self::Flag => ["true", "false", "on", "off", "yes", "no", "0", "1"]
                .iter()
                .any(|flag| flag.eq_ignore_ascii_case(value)),
            Self::Date => is_date(value),
            Self::Word => {
                let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
                value.len() <= LONGEST_WORD && value.bytes().all(sign)
            }
            Self::Path => value.starts_with('/') && !value.starts_with("//"),
            Self::Empty => false,
        }
    }
}

fn digits(text: &str) -> bool {
    const MOST: usize = 18;
    (1..=MOST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// ISO 8601: `2026-01-31`.
fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut part = |length: usize, range: std::ops::RangeInclusive<u16>| {
        let part = parts.next().filter(|part| part.len() == length);
        let number = part.filter(|part| digits(part));
        number.is_some_and(|text| text.parse().is_ok_and(|number| range.contains(&number)))
    };
    part(4, 0..=9999) && part(2, 1..=12) && part(2, 1..=31) && parts.next().is_none()
}
