//! The description of a CRM: its routes, and what each name of a query or a body is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::grammar::{Grammar, IdForm};
use super::pattern::Pattern;

/// A CRM as its policy describes it.
#[derive(Clone, Debug)]
pub struct Site {
    pub ids: IdForm,
    /// Names that every body may have.
    pub pass: BTreeMap<String, Grammar>,
    /// Further header fields that go to the CRM, in lower case.
    pub headers: BTreeMap<String, Grammar>,
    /// The CRM's own cookies.
    pub cookies: BTreeMap<String, Cookie>,
    /// Sources that the Content-Security-Policy allows beside our own host, by directive.
    pub csp: BTreeMap<String, Vec<String>>,
    /// All of them, whichever host they stand at.
    pub routes: Vec<Route>,
    /// The host of the CRM's that this is about; none for the first.
    pub host: Option<String>,
    /// The CRM's other hosts, each with its own routes only.
    pub hosts: BTreeMap<String, Self>,
}

/// What stands behind the name of a cookie that scripts read, for its sealed copy.
pub const COPY: &str = ".bound";

/// A cookie of the CRM's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Cookie {
    /// Of this form, and bound to the sign-in of whoever got it: sealed where the CRM hides it from
    /// scripts, with a sealed copy beside it where scripts read it.
    Bound(Grammar),
    /// Whatever the CRM makes of it, always sealed and hidden from scripts.
    Sealed,
    /// Of this form, and written by the CRM's scripts, so that it is bound to nobody.
    Scripts(Grammar),
}

impl Cookie {
    /// Whether a value of the CRM's has the form.
    #[must_use]
    pub fn fits(&self, value: &str) -> bool {
        // With what sealing adds, and a name, it stays below the 4096 bytes that browsers keep
        // (RFC 6265bis, section 5.6).
        const LONGEST_SEALED: usize = 2800;
        match self {
            Self::Bound(grammar) | Self::Scripts(grammar) => grammar.fits(value),
            Self::Sealed => {
                let sign = |byte: u8| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte);
                value.len() <= LONGEST_SEALED && value.bytes().all(sign)
            }
        }
    }
}

/// One door of the CRM.
#[derive(Clone, Debug)]
pub struct Route {
    pub name: Arc<str>,
    /// The host of the CRM's where it stands; none for the first.
    pub host: Option<String>,
    pub methods: Vec<Method>,
    pub pattern: Pattern,
    /// Whose fields the form's fields are.
    pub object: Option<String>,
    /// The variable of the path that is the record's id.
    pub record: Option<String>,
    pub creates: Option<Creates>,
    pub query: Names,
    pub codecs: Vec<Codec>,
    pub form: Names,
    pub answers: Vec<Media>,
    /// Strings of a JSON answer with tags in them are HTML.
    pub html_in_json: bool,
    /// Files that did not come through the border pass as they are.
    pub plain_files: bool,
    /// Cells of a CSV answer that a spreadsheet would compute get an apostrophe.
    pub csv_guard: bool,
    /// Whether it takes a second factor that was shown just now.
    pub step_up: bool,
    /// Where people sign in to the CRM: nothing of it is looked at.
    pub login: bool,
    /// A WebSocket is opened here, and what it carries passes unread.
    pub socket: bool,
    /// Style sheets, scripts, images: passed as they are, never HTML.
    pub fixed: bool,
}

impl Site {
    /// All by which a request is let pass for what it says and not for what its parts are: patterns
    /// of paths, and lists of words.
    #[must_use]
    pub fn words(&self) -> BTreeSet<String> {
        let own = self.pass.values().chain(self.headers.values());
        let names = self.routes.iter().flat_map(|route| {
            let names = route.query.0.values().chain(route.form.0.values());
            names.filter_map(|name| match name {
                Name::Pass(grammar) => Some(grammar),
                _ => None,
            })
        });
        let lists = own.chain(names).filter_map(|grammar| match grammar {
            Grammar::OneOf(words) => Some(format!("{words:?}")),
            _ => None,
        });
        let paths = self
            .routes
            .iter()
            .map(|route| format!("{:?}", route.pattern));
        let others = self.hosts.values().flat_map(Self::words);
        lists.chain(paths).chain(others).collect()
    }
}

/// How the id of a record is told that a request makes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Creates {
    /// The answer leads to the record: a pattern with a variable `id`.
    Location(Pattern),
    /// The answer is JSON with the id at this path of names.
    Json(Vec<String>),
}

/// What the names of a query or a body are.
#[derive(Clone, Debug, Default)]
pub struct Names(pub BTreeMap<String, Name>);

impl Names {
    /// Whether files leave under one of the names.
    #[must_use]
    pub fn has_uploads(&self) -> bool {
        self.0.values().any(|name| matches!(name, Name::Upload(_)))
    }
}

/// What one name is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Name {
    /// A field of the route's object.
    Field(String),
    /// The whole value of one of these fields, each an object and a field of it.
    Search(Vec<(String, String)>),
    Pass(Grammar),
    /// It is taken out.
    Drop,
    /// A file, of which only an empty one may leave.
    File,
    /// A file that leaves sealed.
    Upload(Upload),
}

/// A file that leaves sealed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Upload {
    /// The field of the route's object that its name is.
    pub field: String,
    /// The most bytes of one file.
    pub most: u64,
    /// Ends of file names that the CRM may see, in lower case.
    pub extensions: Vec<String>,
}

impl Upload {
    /// A file's name in two: what must not be seen, and what stands behind it.
    #[must_use]
    pub fn split<'n>(&self, name: &'n str) -> (&'n str, String) {
        let known = name.rsplit_once('.').and_then(|(stem, end)| {
            let end = end.to_ascii_lowercase();
            let known = !stem.trim().is_empty() && self.extensions.contains(&end);
            known.then(|| (stem, format!(".{end}")))
        });
        known.unwrap_or((name, ".bin".to_owned()))
    }
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    pub const ALL: [Self; 5] = [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}

/// How a body is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Codec {
    Form,
    Multipart,
    Json,
}

/// What an answer is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Media {
    Html,
    Json,
    Csv,
    Text,
    File,
    Empty,
}

impl Media {
    /// What a media type is to us; anything unknown is a file.
    #[must_use]
    pub fn of(content_type: &str) -> Self {
        let kind = content_type.split(';').next().unwrap_or_default();
        match kind.trim().to_ascii_lowercase().as_str() {
            "text/html" | "application/xhtml+xml" => Self::Html,
            "text/csv" | "application/csv" => Self::Csv,
            "text/plain" | "text/vcard" | "text/x-vcard" | "text/directory" | "text/calendar" => {
                Self::Text
            }
            kind if kind == "application/json" || kind.ends_with("+json") => Self::Json,
            "text/json" => Self::Json,
            _ => Self::File,
        }
    }
}

impl Site {
    /// Gives each host that a route names a site of its own.
    #[must_use]
    pub fn with_hosts(mut self) -> Self {
        let named: BTreeSet<String> = self
            .routes
            .iter()
            .filter_map(|route| route.host.clone())
            .collect();
        for host in named {
            let here = |route: &&Route| route.host.as_deref() == Some(host.as_str());
            let site = Self {
                routes: self.routes.iter().filter(here).cloned().collect(),
                host: Some(host.clone()),
                hosts: BTreeMap::new(),
                ..self.clone()
            };
            self.hosts.insert(host, site);
        }
        self
    }

    /// The site of one of the CRM's hosts by its name; none: the first.
    #[must_use]
    pub fn of(&self, host: Option<&str>) -> Option<&Self> {
        match host {
            Some(host) => self.hosts.get(host),
            None => Some(self),
        }
    }

    /// The route of a method and a path, and the variables of the path.
    #[must_use]
    pub fn resolve<'s, 'p>(&'s self, method: Method, path: &'p str) -> Option<Found<'s, 'p>> {
        let fits = |route: &'s Route| Some((route, route.pattern.matches(path)?));
        let found = self
            .routes
            .iter()
            .filter(|route| route.methods.contains(&method) && route.host == self.host);
        found
            .filter_map(fits)
            .min_by_key(|(route, _)| route.pattern.vagueness())
    }

    /// Whether some route has the path, with whatever method.
    #[must_use]
    pub fn knows(&self, path: &str) -> bool {
        let mut routes = self.routes.iter();
        routes.any(|route| route.host == self.host && route.pattern.matches(path).is_some())
    }
}

/// A route, and the variables of the path by which it was found.
pub type Found<'s, 'p> = (&'s Route, Vec<(&'s str, &'p str)>);
