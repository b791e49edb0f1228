//! Patterns of paths: `/persons/contact/{id}`.

use super::grammar::IdForm;

/// A compiled pattern.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pattern {
    segments: Vec<Segment>,
    /// `/**` at the end: any further segments of plain characters.
    rest: bool,
    text: String,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Segment {
    Literal(String),
    Words { name: String, words: Vec<String> },
    Id { name: String, form: IdForm },
}

impl Pattern {
    /// Reads a pattern; variables without a form have that of `ids`.
    ///
    /// # Errors
    /// What is wrong with it, in words for whoever wrote it.
    pub fn parse(text: &str, ids: IdForm) -> Result<Self, &'static str> {
        let path = text.strip_prefix('/').ok_or("a path begins with `/`")?;
        let (path, rest) = match path.strip_suffix("**") {
            Some(before) if before.is_empty() || before.ends_with('/') => {
                (before.trim_end_matches('/'), true)
            }
            Some(_) => return Err("`**` is a segment of its own, at the end"),
            None => (path, false),
        };
        let mut segments = Vec::new();
        let all = path.split('/').filter(|_| !(rest && path.is_empty()));
        for (at, segment) in all.enumerate() {
            let last = at == path.matches('/').count();
            segments.push(Segment::parse(segment, ids, last)?);
        }
        let names: Vec<&str> = segments.iter().filter_map(Segment::name).collect();
        if names
            .iter()
            .enumerate()
            .any(|(at, name)| names[..at].contains(name))
        {
            return Err("a variable stands twice");
        }
        Ok(Self {
            segments,
            rest,
            text: text.to_owned(),
        })
    }

    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether any further segments may follow.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.rest
    }

    #[must_use]
    pub fn has_variable(&self, name: &str) -> bool {
        let mut names = self.segments.iter().filter_map(Segment::name);
        names.any(|known| known == name)
    }

    /// The variables of a path that fits.
    #[must_use]
    pub fn matches<'s, 'p>(&'s self, path: &'p str) -> Option<Vec<(&'s str, &'p str)>> {
        let mut found = Vec::new();
        let mut given = path.strip_prefix('/')?.split('/');
        for segment in &self.segments {
            let given = given.next()?;
            if !segment.takes(given) {
                return None;
            }
            found.extend(segment.name().map(|name| (name, given)));
        }
        let mut left = given.peekable();
        match self.rest {
            false => left.peek().is_none().then_some(found),
            true => (left.peek().is_some() && left.all(is_plain)).then_some(found),
        }
    }

    /// How exactly it says what it matches, for patterns that match the same path: the smaller is
    /// the more exact.
    #[must_use]
    pub fn vagueness(&self) -> Vec<u8> {
        let segments = self.segments.iter().map(|segment| match segment {
            Segment::Literal(_) => 0,
            Segment::Words { .. } => 1,
            Segment::Id { .. } => 2,
        });
        segments.chain(self.rest.then_some(3)).collect()
    }

    /// Whether some path fits both, and neither says it more exactly.
    #[must_use]
    pub fn is_ambiguous_with(&self, other: &Self) -> bool {
        let mut pairs = self.segments.iter().zip(&other.segments);
        self.vagueness() == other.vagueness() && pairs.all(|(one, other)| one.meets(other))
    }

    /// Whether some path may fit both, however exactly either says it.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        let mut pairs = self.segments.iter().zip(&other.segments);
        let (one, two) = (self.segments.len(), other.segments.len());
        let as_long = (self.rest || one >= two) && (other.rest || two >= one);
        as_long && pairs.all(|(one, other)| one.meets(other))
    }
}

impl Segment {
    fn parse(text: &str, ids: IdForm, last: bool) -> Result<Self, &'static str> {
        let Some(inner) = text.strip_prefix('{') else {
            return match text {
                "" if !last => Err("a segment is empty"),
                _ if text
                    .bytes()
                    .all(|byte| byte.is_ascii_graphic() && byte != b'{') =>
                {
                    Ok(Self::Literal(text.to_owned()))
                }
                _ => Err("a segment is plain text or one `{variable}`"),
            };
        };
        let inner = inner.strip_suffix('}').ok_or("a `{` has no `}`")?;
        let (name, form) = inner.split_once(':').unwrap_or((inner, ""));
        let word = |text: &str| {
            let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
            !text.is_empty() && text.bytes().all(sign)
        };
        if !word(name) {
            return Err("a variable has a name of letters, digits, `_`, `-` and `.`");
        }
        let name = name.to_owned();
        if form.is_empty() {
            return Ok(Self::Id { name, form: ids });
        }
        if let Some(form) = IdForm::named(form) {
            return Ok(Self::Id { name, form });
        }
        let words: Vec<String> = form.split('|').map(str::to_owned).collect();
        match words.iter().all(|text| word(text)) {
            true => Ok(Self::Words { name, words }),
            false => Err("a variable's form is `number`, `uuid`, `hex` or words divided by `|`"),
        }
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::Literal(_) => None,
            Self::Words { name, .. } | Self::Id { name, .. } => Some(name),
        }
    }

    fn takes(&self, given: &str) -> bool {
        match self {
            Self::Literal(text) => text == given,
            Self::Words { words, .. } => words.iter().any(|word| word == given),
            Self::Id { form, .. } => form.fits(given),
        }
    }

    fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Literal(one), other) | (other, Self::Literal(one)) => other.takes(one),
            (Self::Words { words, .. }, other) | (other, Self::Words { words, .. }) => {
                words.iter().any(|word| other.takes(word))
            }
            // Digits are hexadecimal digits.
            (Self::Id { form: one, .. }, Self::Id { form: other, .. }) => {
                one == other || *one != IdForm::Uuid && *other != IdForm::Uuid
            }
        }
    }
}

/// A segment below `/**`: a name of a file or folder.
fn is_plain(segment: &str) -> bool {
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"._~+,=-".contains(&byte);
    segment.len() <= 128 && !segment.is_empty() && segment.bytes().all(sign)
}
