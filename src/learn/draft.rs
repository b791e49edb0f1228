//! What is proposed: routes, forms, objects, and what is left out.

use std::collections::{BTreeMap, BTreeSet};

use super::Error;
use super::body::Written;
use super::guess::Class;
use super::make::Maker;
use super::object::Object;
use super::session::Session;
use crate::dialect::pages::{IdForm, Media};

/// A proposal, before it is written.
pub struct Draft {
    pub ids: IdForm,
    pub proofs: BTreeSet<String>,
    pub headers: Vec<Line>,
    pub cookies: Vec<Line>,
    pub fixed: BTreeSet<String>,
    pub fixed_query: Vec<Line>,
    pub objects: BTreeMap<String, Object>,
    pub forms: BTreeMap<String, Names>,
    pub routes: Vec<Route>,
    /// What was seen and is not covered.
    pub left: Vec<String>,
    pub requests: usize,
}

/// A name that passes in a form, or that a person must decide about.
pub struct Line {
    pub name: String,
    pub form: Option<&'static str>,
    /// What to decide; none where it passes.
    pub ask: Option<&'static str>,
    pub seen: usize,
}

/// The names of a query or a body.
#[derive(Default)]
pub struct Names {
    pub fields: Vec<(String, String, usize)>,
    pub search: Vec<(String, Option<Class>, usize)>,
    pub pass: Vec<Line>,
    pub drop: Vec<String>,
    pub files: Vec<String>,
    /// Names that may themselves be values: counted, and not told.
    pub unnamed: usize,
}

/// A door of the CRM.
pub struct Route {
    pub name: String,
    pub methods: Vec<String>,
    pub pattern: String,
    pub seen: usize,
    pub redirects: usize,
    pub object: Option<String>,
    pub record: bool,
    pub creates: Option<Creates>,
    pub query: Option<String>,
    pub codecs: Vec<Written>,
    pub form: Option<String>,
    pub answers: Vec<Media>,
    pub html_in_json: bool,
    pub login: bool,
}

/// Where a new record's id is told.
pub enum Creates {
    Location(String),
    Json(&'static str),
}

impl Draft {
    /// # Errors
    /// When nothing of the site is there.
    pub fn of(session: &Session, origin: &str) -> Result<Self, Error> {
        let site = session.of(origin).ok_or(Error::Elsewhere)?;
        let maker = Maker::new(session, site);
        let mut draft = Self {
            ids: maker.ids,
            proofs: BTreeSet::new(),
            headers: maker.lines(&site.headers),
            cookies: maker.lines(&site.cookies),
            fixed: BTreeSet::new(),
            fixed_query: vec![],
            objects: BTreeMap::new(),
            forms: BTreeMap::new(),
            routes: vec![],
            left: vec![],
            requests: site.requests,
        };
        maker.routes(&mut draft);
        maker.fixed(&mut draft);
        maker.left(&mut draft, origin);
        Ok(draft)
    }

    /// The fields by which a class can be looked for: "Contact.email".
    pub fn searched(&self, class: Option<Class>) -> Vec<String> {
        let objects = self.objects.iter();
        let labels = objects.flat_map(|(object, of)| {
            let fields = of.fields.iter().filter(move |(_, field)| {
                field.is_searched() && class.is_none_or(|class| field.class == class)
            });
            fields.map(move |(name, _)| format!("{object}.{name}"))
        });
        labels.collect()
    }
}

impl Names {
    /// How many names there are.
    pub fn len(&self) -> usize {
        let named = self.fields.len() + self.search.len() + self.pass.len();
        named + self.drop.len() + self.files.len() + self.unnamed
    }
}

/// Adds names to a form, which several routes may share.
pub fn add(forms: &mut BTreeMap<String, Names>, name: String, names: Names) -> String {
    let form = forms.entry(name.clone()).or_default();
    for (name, _, seen) in &mut form.fields {
        let mut more = names.fields.iter().filter(|(other, ..)| other == name);
        *seen += more.next().map_or(0, |(.., more)| *more);
    }
    let mut known: BTreeSet<String> = BTreeSet::new();
    known.extend(form.fields.iter().map(|(name, ..)| name.clone()));
    known.extend(form.search.iter().map(|(name, ..)| name.clone()));
    known.extend(form.pass.iter().map(|line| line.name.clone()));
    known.extend(form.drop.iter().chain(&form.files).cloned());
    let new = |name: &String| !known.contains(name);
    let Names {
        fields,
        search,
        pass,
        drop,
        files,
        unnamed,
    } = names;
    form.fields
        .extend(fields.into_iter().filter(|(name, ..)| new(name)));
    form.search
        .extend(search.into_iter().filter(|(name, ..)| new(name)));
    form.pass
        .extend(pass.into_iter().filter(|line| new(&line.name)));
    form.drop.extend(drop.into_iter().filter(&new));
    form.files.extend(files.into_iter().filter(&new));
    form.unnamed = form.unnamed.max(unnamed);
    name
}
