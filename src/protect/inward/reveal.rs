//! The second pass: the answer copied range by range, values in the places of their tokens.

use std::sync::OnceLock;

use zeroize::Zeroizing;

use super::read::{Care, Format, Reading, Site, What};
use super::view::Viewer;
use crate::dialect::salesforce::id::Id;
use crate::model::Personal;
use crate::protect::{Context, FormatVersion, NONCE_LENGTH, SubjectKey, open, open_field};
use crate::wire::json::{Document, Limits, encode_fragment_into, encode_into};
use crate::wire::xml;

/// A row of the vault, opened by its subject's key.
#[derive(Clone, Copy)]
pub struct StoredValue<'v> {
    pub row: u64,
    pub subject: u64,
    pub key_version: u32,
    pub class: &'v str,
    /// What it is sealed as, where its ciphertext is the vault's.
    pub form: FormatVersion,
    pub nonce: [u8; NONCE_LENGTH],
    /// Empty where the ciphertext stands in the CRM's field.
    pub ciphertext: &'v [u8],
    pub key: &'v SubjectKey,
    /// Where the value is kept once it was opened. It is the same for everybody who may see it: what
    /// is opened hangs on the row alone.
    pub opened: &'v OnceLock<Personal>,
}

/// A held value of a record.
#[derive(Clone, Copy)]
pub struct HeldValue<'v> {
    pub object: &'v str,
    pub record: Id,
    pub field: &'v str,
    pub value: StoredValue<'v>,
}

/// An answer for the client, and what was revealed in it. It borrows the policy's names.
pub struct Revealed<'p> {
    pub body: Zeroizing<Vec<u8>>,
    /// How many values of each class were revealed: each once, by name.
    pub classes: Vec<(&'p str, usize)>,
    /// How many tokens stayed: their class is not for this viewer, or they do not open.
    pub masked: usize,
    /// Whose values were revealed, each once, rising.
    pub subjects: Vec<u64>,
}

impl Revealed<'_> {
    /// How many values were revealed.
    #[must_use]
    pub fn values(&self) -> usize {
        self.classes.iter().map(|(_, count)| count).sum()
    }
}

impl Reading<'_> {
    /// Whether the answer leaves as it came.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.sites.is_empty()
    }

    /// Writes the answer. `values` answers [`Reading::rows`] in order.
    #[must_use]
    pub fn reveal<'p>(
        &self,
        text: &str,
        (viewer, tenant): (&Viewer<'p>, &'p str),
        values: &[Option<StoredValue<'_>>],
        held: &[HeldValue<'_>],
    ) -> Revealed<'p> {
        let mut work = Work {
            text,
            format: self.format,
            out: Zeroizing::new(Vec::with_capacity(text.len() + text.len() / 8)),
            opener: Opener::new((viewer, tenant)),
        };
        let mut at = 0;
        for site in &self.sites {
            work.copy(at, site.range.start);
            work.site(self, site, values, held);
            at = site.range.end;
        }
        work.copy(at, text.len());
        work.opener.done(work.out)
    }
}

struct Work<'w, 'p, 'v> {
    text: &'w str,
    format: Format,
    out: Zeroizing<Vec<u8>>,
    opener: Opener<'p, 'v>,
}

impl<'v> Work<'_, '_, 'v> {
    fn copy(&mut self, from: usize, to: usize) {
        self.out
            .extend_from_slice(self.text.as_bytes().get(from..to).unwrap_or_default());
    }

    fn site(
        &mut self,
        reading: &Reading<'_>,
        site: &Site<'_>,
        values: &[Option<StoredValue<'v>>],
        held: &[HeldValue<'v>],
    ) {
        match &site.what {
            What::Mask => self.out.extend_from_slice(b"null"),
            What::Name(name) => encode_into(&mut self.out, name),
            What::Token { at, body, care } => {
                let value = values.get(*at).and_then(Option::as_ref);
                let body = body.clone().and_then(|body| self.text.as_bytes().get(body));
                if !value.is_some_and(|value| self.token(value, body, *care)) {
                    self.opener.masked += 1;
                    self.copy(site.range.start, site.range.end);
                }
            }
            What::Put(text) => self.out.extend_from_slice(text.as_bytes()),
            What::Held { at, field, .. } | What::HeldElement { at, field, .. } => {
                let record = reading.held.get(*at);
                let stands = |held: &&HeldValue<'_>| {
                    record == Some(&(held.object, held.record)) && held.field == field.name
                };
                let held = held.iter().find(stands);
                let written = held.is_some_and(|held| match &site.what {
                    What::HeldElement { tag, .. } => self.element(held, tag),
                    What::Held { shown, .. } => self.held(held, *shown),
                    What::Mask | What::Name(_) | What::Put(_) | What::Token { .. } => false,
                });
                if !written {
                    self.copy(site.range.start, site.range.end);
                }
            }
        }
    }

    /// Writes the value of a token. `false`: it is not for this viewer, does not open, or could be
    /// markup where that matters.
    fn token(&mut self, value: &StoredValue<'v>, body: Option<&[u8]>, care: Care) -> bool {
        let Some(opened) = self.opener.open(value, body) else {
            return false;
        };
        if is_markup(opened.text(), care) {
            return false;
        }
        match self.format {
            Format::Json => encode_fragment_into(&mut self.out, opened.text()),
            // What XML cannot hold stays a token.
            Format::Xml => match xml::encode_into(&mut self.out, opened.text()) {
                Ok(()) => {}
                Err(xml::Unfit) => return false,
            },
        }
        self.opener.count(&opened);
        true
    }

    /// Writes a held value, which is JSON, as an element's text.
    fn element(&mut self, held: &HeldValue<'v>, tag: &str) -> bool {
        let Some(opened) = self.opener.open(&held.value, None) else {
            return false;
        };
        let json = opened.text();
        let Ok(document) = Document::parse(json.as_bytes(), &Limits::default()) else {
            return false;
        };
        let text = document.text(document.root());
        let text = Zeroizing::new(text.map_or_else(|| json.to_owned(), |text| text.into_owned()));
        let start = self.out.len();
        self.out.extend_from_slice(format!("<{tag}>").as_bytes());
        if xml::encode_into(&mut self.out, &text).is_err() {
            self.out.truncate(start);
            return false;
        }
        self.out.extend_from_slice(format!("</{tag}>").as_bytes());
        self.opener.count(&opened);
        true
    }

    /// Writes a held value, which is JSON already. The walk noted it for viewers of its class only.
    fn held(&mut self, held: &HeldValue<'v>, shown: bool) -> bool {
        let Some(opened) = self.opener.open(&held.value, None) else {
            return false;
        };
        match shown && !opened.text().starts_with('"') {
            true => encode_into(&mut self.out, opened.text()),
            false => self.out.extend_from_slice(opened.text().as_bytes()),
        }
        self.opener.count(&opened);
        true
    }
}

/// Whether a value could be more than text to whoever takes it for HTML: an element, the end of an
/// attribute, a reference to a character.
fn is_markup(value: &str, care: Care) -> bool {
    let bytes = value.as_bytes();
    let reference = |pair: &[u8]| matches!(pair, [b'&', after] if *after == b'#' || after.is_ascii_alphanumeric());
    let tags = || value.contains(['<', '>']) || bytes.windows(2).any(reference);
    match care {
        Care::None => false,
        Care::Tags => tags(),
        Care::Anywhere => tags() || value.contains(|c: char| c == '"' || c.is_control()),
    }
}

/// Opens values for one viewer, and counts what was revealed.
pub(super) struct Opener<'p, 'v> {
    viewer: Viewer<'p>,
    tenant: &'p str,
    /// The classes met so far; an answer has few.
    classes: Vec<Class<'p, 'v>>,
    /// The place of the class met last.
    last: usize,
    /// How many tokens stayed.
    pub masked: usize,
    subjects: Vec<u64>,
}

struct Class<'p, 'v> {
    /// As the vault has it.
    name: &'v str,
    /// As the policy has it, where this viewer may see it.
    seen: Option<&'p str>,
    count: usize,
}

/// A value that this viewer may see.
pub(super) struct Opened<'v> {
    value: Opening<'v>,
    class: usize,
    subject: u64,
}

enum Opening<'v> {
    /// Of the vault.
    Kept(&'v str),
    /// Of the CRM's own field.
    InField(Personal),
}

impl Opened<'_> {
    pub fn text(&self) -> &str {
        match &self.value {
            Opening::Kept(text) => text,
            Opening::InField(text) => text.expose(),
        }
    }
}

impl<'p, 'v> Opener<'p, 'v> {
    pub fn new((viewer, tenant): (&Viewer<'p>, &'p str)) -> Self {
        Self {
            viewer: *viewer,
            tenant,
            classes: vec![],
            last: 0,
            masked: 0,
            subjects: vec![],
        }
    }

    /// The value of a token; `body` is its ciphertext, where that stands in the CRM's field. None:
    /// it is not for this viewer, or does not open.
    pub fn open(&mut self, value: &StoredValue<'v>, body: Option<&[u8]>) -> Option<Opened<'v>> {
        let class = self.class(value.class)?;
        let opened = match body {
            Some(body) => {
                let context = Context {
                    form: FormatVersion::Field1,
                    ..context(value, self.tenant)
                };
                Opening::InField(open_field(value.key, &context, body).ok()?)
            }
            None => Opening::Kept(self.kept(value)?),
        };
        Some(Opened {
            value: opened,
            class,
            subject: value.subject,
        })
    }

    /// A value of the vault, opened by the first exchange that shows it.
    fn kept(&self, value: &StoredValue<'v>) -> Option<&'v str> {
        if let Some(opened) = value.opened.get() {
            return Some(opened.expose());
        }
        let context = context(value, self.tenant);
        let opened = open(value.key, &context, value.nonce, value.ciphertext).ok()?;
        Some(value.opened.get_or_init(|| opened).expose())
    }

    /// The position of a class that this viewer may see.
    fn class(&mut self, name: &'v str) -> Option<usize> {
        // Classes come in the same order in each record: the next one is near the last one.
        let near = (self.last..self.classes.len()).chain(0..self.last);
        let mut near = near.filter(|at| {
            self.classes
                .get(*at)
                .is_some_and(|class| class.name == name)
        });
        let at = near.next().unwrap_or_else(|| {
            let plan = self.viewer.plan;
            let class = plan.class_named(name);
            let class = class.filter(|class| self.viewer.may_see(*class));
            let seen = class.map(|class| plan.class(class).name.as_str());
            self.classes.push(Class {
                name,
                seen,
                count: 0,
            });
            self.classes.len() - 1
        });
        self.last = at;
        self.classes
            .get(at)
            .and_then(|class| class.seen)
            .map(|_| at)
    }

    /// Counts a value that was written into the answer.
    pub fn count(&mut self, opened: &Opened<'_>) {
        if let Some(class) = self.classes.get_mut(opened.class) {
            class.count += 1;
        }
        if self.subjects.last() != Some(&opened.subject) {
            self.subjects.push(opened.subject);
        }
    }

    /// The answer with what was counted.
    pub fn done(mut self, body: Zeroizing<Vec<u8>>) -> Revealed<'p> {
        self.subjects.sort_unstable();
        self.subjects.dedup();
        let classes = self.classes.into_iter().filter(|class| class.count > 0);
        let classes = classes.filter_map(|class| Some((class.seen?, class.count)));
        let mut classes: Vec<(&str, usize)> = classes.collect();
        classes.sort_unstable();
        Revealed {
            body,
            classes,
            masked: self.masked,
            subjects: self.subjects,
        }
    }
}

/// Where a value of the vault belongs.
fn context<'a>(value: &StoredValue<'a>, tenant: &'a str) -> Context<'a> {
    Context {
        form: value.form,
        tenant,
        class: value.class,
        subject: value.subject,
        key: u64::from(value.key_version),
        row: value.row,
    }
}
