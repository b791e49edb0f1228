//! One request, held to its route: every name of query and body is known, every passed value has its
//! form. What is a field or a search is left to protection.

use super::grammar::{Grammar, IdForm};
use super::site::{Codec, Method, Name, Names, Route, Site};
use crate::model::{Code, RecordId, Refusal};
use crate::wire::form;
use crate::wire::json::{Document, Kind, NodeId};
use crate::wire::multipart;
use crate::wire::{Error, json};

/// A request as it came: method, canonical target, decoded body.
#[derive(Clone, Copy, Debug)]
pub struct Submitted<'r> {
    pub method: &'r str,
    pub target: &'r str,
    pub content_type: Option<&'r str>,
    pub body: &'r [u8],
}

/// A request that its route allows.
#[derive(Clone, Debug)]
pub struct Call<'s> {
    pub site: &'s Site,
    pub route: &'s Route,
    pub method: Method,
    pub path: String,
    pub record: Option<RecordId>,
    pub query: Vec<Entry<'s>>,
    pub load: Load<'s>,
}

/// One name with its value.
#[derive(Clone, Debug)]
pub struct Entry<'s> {
    pub name: String,
    pub value: String,
    pub what: &'s Name,
    /// What is written behind the value: the end of a file's name.
    pub end: String,
}

/// One part of a form with files, whose files lie elsewhere.
#[derive(Clone, Debug)]
pub enum Part {
    Field {
        name: String,
        value: String,
    },
    /// Where a browser had no file to send.
    Empty {
        name: String,
    },
    File {
        name: String,
        filename: String,
    },
}

impl<'s> Entry<'s> {
    fn new(name: String, value: String, what: &'s Name) -> Self {
        let end = String::new();
        Self {
            name,
            value,
            what,
            end,
        }
    }

    /// Whether its value is one of a field's.
    #[must_use]
    pub fn is_field(&self) -> bool {
        matches!(self.what, Name::Field(_)) || self.is_upload()
    }

    /// Whether a file goes in its place.
    #[must_use]
    pub fn is_upload(&self) -> bool {
        matches!(self.what, Name::Upload(_)) && !self.end.is_empty()
    }
}

/// What a body holds.
#[derive(Clone, Debug)]
pub enum Load<'s> {
    None,
    Form(Vec<Entry<'s>>),
    Multipart(Vec<Entry<'s>>),
    /// The leaves of a JSON document that are more than passed.
    Json(Vec<(NodeId, &'s Name)>),
}

impl<'s> Call<'s> {
    /// The route and the query of a request, without its body.
    ///
    /// # Errors
    /// What the description does not name, or what does not have its form.
    pub fn resolve(site: &'s Site, request: &Submitted<'_>) -> Result<Self, Refusal> {
        let (path, query) = match request.target.split_once('?') {
            Some((path, query)) => (path, query),
            None => (request.target, ""),
        };
        let method = Method::named(request.method);
        let found = method.and_then(|method| Some((method, site.find(method, path)?)));
        let Some((method, (route, record))) = found else {
            return Err(unknown(site, path));
        };
        let pairs = form::parse_repeated(query.as_bytes(), &form::Limits::default());
        let pairs = pairs.map_err(malformed)?;
        let query = entries(site, (&route.query, None), pairs, "parameter")?;
        Ok(Self {
            site,
            route,
            method,
            path: path.to_owned(),
            record,
            query,
            load: Load::None,
        })
    }

    /// The codec of the body; none where the request has no body.
    ///
    /// # Errors
    /// A body where the route has none, or one of another media type.
    pub fn codec(&self, request: &Submitted<'_>) -> Result<Option<Codec>, Refusal> {
        if request.body.is_empty() {
            return Ok(None);
        }
        let takes = |codec: Codec| self.method != Method::Get && self.route.codecs.contains(&codec);
        let given = request.content_type.unwrap_or_default();
        let kind = given.split(';').next().unwrap_or_default().trim();
        let codec = match kind.to_ascii_lowercase().as_str() {
            "application/x-www-form-urlencoded" => Codec::Form,
            "multipart/form-data" => Codec::Multipart,
            "application/json" => Codec::Json,
            _ => return Err(media_type(self.route)),
        };
        let charset = given.to_ascii_lowercase();
        let utf8 = codec == Codec::Multipart
            || charset
                .split(';')
                .skip(1)
                .all(|part| ["charset=utf-8", "charset=\"utf-8\"", ""].contains(&part.trim()));
        match takes(codec) && utf8 {
            true => Ok(Some(codec)),
            false => Err(media_type(self.route)),
        }
    }

    /// Reads the body by the codec that it has. `document` is it as JSON, where it is JSON.
    ///
    /// # Errors
    /// As [`Self::resolve`].
    pub fn read(
        mut self,
        codec: Option<Codec>,
        request: &Submitted<'_>,
        document: Option<&Document<'_>>,
    ) -> Result<Self, Refusal> {
        let (site, route) = (self.site, self.route);
        let names = (&route.form, Some(site));
        self.load = match (codec, document) {
            (None, _) => Load::None,
            (Some(Codec::Form), _) => {
                let pairs = form::parse_repeated(request.body, &form::Limits::default());
                Load::Form(entries(site, names, pairs.map_err(malformed)?, "field")?)
            }
            (Some(Codec::Multipart), _) => {
                let entries = of_parts(site, names, &parts(request)?)?;
                // Files are sealed while they come; of a body that is here whole none was.
                if let Some(file) = entries.iter().find(|entry| entry.is_upload()) {
                    return Err(no_file(&file.name));
                }
                Load::Multipart(entries)
            }
            (Some(Codec::Json), Some(document)) => {
                let mut leaves = Vec::new();
                walk(site, names, document, &mut leaves)?;
                Load::Json(leaves)
            }
            (Some(Codec::Json), None) => return Err(media_type(route)),
        };
        Ok(self)
    }

    /// Reads a body whose files are sealed already and lie elsewhere.
    ///
    /// # Errors
    /// As [`Self::resolve`].
    pub fn read_parts(mut self, parts: &[Part]) -> Result<Self, Refusal> {
        let names = (&self.route.form, Some(self.site));
        self.load = Load::Multipart(of_parts(self.site, names, parts)?);
        Ok(self)
    }

    /// The values of the form's fields, in order, as a JSON list of strings: the form in which
    /// protection reads values. Empty for other bodies.
    #[must_use]
    pub fn values(&self) -> Vec<u8> {
        let mut out = vec![b'['];
        for entry in self.fields() {
            if out.len() > 1 {
                out.push(b',');
            }
            json::encode_into(&mut out, &entry.value);
        }
        out.push(b']');
        out
    }

    /// The entries of a form that are fields, names of files among them.
    pub fn fields(&self) -> impl Iterator<Item = &Entry<'s>> {
        let entries = match &self.load {
            Load::Form(entries) | Load::Multipart(entries) => entries.as_slice(),
            Load::None | Load::Json(_) => &[],
        };
        entries.iter().filter(|entry| entry.is_field())
    }
}

impl Site {
    /// The route of a path, and the record that the path names.
    fn find(&self, method: Method, path: &str) -> Option<(&Route, Option<RecordId>)> {
        let (route, variables) = self.resolve(method, path)?;
        let name = route.record.as_deref();
        let mut variables = variables.into_iter();
        let record = variables.find(|(variable, _)| Some(*variable) == name);
        Some((route, record.and_then(|(_, id)| RecordId::new(id))))
    }

    /// Whether a value is a path of this site with a query that carries nothing but what passes.
    fn leads_here(&self, value: &str) -> bool {
        let (path, query) = value.split_once('?').unwrap_or((value, ""));
        let found = self.resolve(Method::Get, path);
        // A static path's words are not held to any form.
        let Some((route, _)) = found.filter(|(route, _)| !route.fixed) else {
            return false;
        };
        let pairs = form::parse_repeated(query.as_bytes(), &form::Limits::default());
        pairs.is_ok_and(|pairs| {
            pairs
                .iter()
                .all(|(name, value)| match route.query.find(name) {
                    // A path inside a path inside a path: one is enough.
                    Some(Name::Pass(Grammar::Path | Grammar::Secret)) => value == "/",
                    Some(Name::Pass(grammar)) => grammar.fits(value),
                    _ => false,
                })
        })
    }
}

impl Names {
    /// What a name is.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Name> {
        self.0.get(name)
    }

    /// Whether a dotted name begins with this path.
    fn leads_beyond(&self, path: &str) -> bool {
        let longer = |name: &String| {
            name.strip_prefix(path)
                .is_some_and(|rest| rest.starts_with('.'))
        };
        self.0.keys().any(longer)
    }
}

/// The names of a route, and the site whose names every body may have.
type Known<'s> = (&'s Names, Option<&'s Site>);

/// What stands for the names that every body may have.
static EVERYWHERE: Name = Name::Pass(Grammar::Empty);

fn entries<'s>(
    site: &'s Site,
    known: Known<'s>,
    pairs: Vec<(String, String)>,
    word: &'static str,
) -> Result<Vec<Entry<'s>>, Refusal> {
    let mut entries = Vec::with_capacity(pairs.len());
    for (name, value) in pairs {
        let what = entry(site, known, (&name, &value), word)?;
        entries.push(Entry::new(name, value, what));
    }
    Ok(entries)
}

fn entry<'s>(
    site: &'s Site,
    known: Known<'s>,
    (name, value): (&str, &str),
    word: &'static str,
) -> Result<&'s Name, Refusal> {
    let (names, every) = known;
    let everywhere = || Some((&EVERYWHERE, Some(every?.pass.get(name)?)));
    let known = names.find(name).map(|what| (what, what.grammar()));
    let Some((what, grammar)) = known.or_else(everywhere) else {
        let text = format!("policy does not name a {word} that came with this request");
        return Err(Refusal::new(Code::ParameterUnknown, text));
    };
    // Whatever carries it: a file that is sent as a plain field is no file, and not empty either.
    if matches!(what, Name::File | Name::Upload(_)) && !value.is_empty() {
        return Err(no_file(name));
    }
    let Some(grammar) = grammar else {
        return Ok(what);
    };
    let leads = *grammar != Grammar::Path || value.is_empty() || site.leads_here(value);
    if grammar.fits(value) && leads {
        return Ok(what);
    }
    Err(Refusal::at(
        Code::ValueUnfit,
        name, // A name of policy's.
        format!("{name}: the value does not have the form that policy lets pass"),
    ))
}

impl Name {
    fn grammar(&self) -> Option<&Grammar> {
        match self {
            Self::Pass(grammar) => Some(grammar),
            Self::Field(_) | Self::Search(_) | Self::Drop | Self::File | Self::Upload(_) => None,
        }
    }
}

/// The parts of a body that came whole.
fn parts(request: &Submitted<'_>) -> Result<Vec<Part>, Refusal> {
    let boundary = multipart::boundary(request.content_type.unwrap_or_default());
    let boundary = boundary.map_err(malformed)?;
    let found = multipart::parse(&boundary, request.body, &multipart::Limits::default());
    let mut parts = Vec::new();
    for part in found.map_err(malformed)? {
        let name = part.name.clone();
        parts.push(match part.filename.as_deref() {
            None => Part::Field {
                name,
                value: part.text(request.body).map_err(malformed)?.to_owned(),
            },
            Some("") if part.content.is_empty() => Part::Empty { name },
            Some(filename) => Part::File {
                name,
                filename: filename.to_owned(),
            },
        });
    }
    Ok(parts)
}

fn of_parts<'s>(
    site: &'s Site,
    known: Known<'s>,
    parts: &[Part],
) -> Result<Vec<Entry<'s>>, Refusal> {
    let one = |part: &Part| match part {
        Part::Field { name, value } => {
            let what = entry(site, known, (name, value), "field")?;
            Ok(Entry::new(name.clone(), value.clone(), what))
        }
        Part::Empty { name } => match known.0.find(name) {
            Some(what @ (Name::File | Name::Upload(_))) => {
                Ok(Entry::new(name.clone(), String::new(), what))
            }
            Some(_) | None => Err(unnamed_file()),
        },
        Part::File { name, filename } => match known.0.find(name) {
            Some(what @ Name::Upload(upload)) => {
                let (value, end) = upload.split(filename);
                let mut entry = Entry::new(name.clone(), value.to_owned(), what);
                entry.end = end;
                Ok(entry)
            }
            Some(Name::File) => Err(no_file(name)),
            Some(_) | None => Err(unnamed_file()),
        },
    };
    parts.iter().map(one).collect()
}

fn unnamed_file() -> Refusal {
    Refusal::new(Code::BodyMalformed, "a file came where policy names none")
}

fn no_file(name: &str) -> Refusal {
    let text = format!("{name}: policy says that files may not be sent to the CRM");
    Refusal::at(Code::PolicyBlocked, name, text)
}

/// How deep a JSON body may be.
const DEEPEST: usize = 16;

/// Every leaf of a JSON body, by the names that lead to it.
fn walk<'s>(
    site: &'s Site,
    known: Known<'s>,
    document: &Document<'_>,
    leaves: &mut Vec<(NodeId, &'s Name)>,
) -> Result<(), Refusal> {
    let mut open = vec![(document.root(), String::new(), 0)];
    while let Some((node, path, depth)) = open.pop() {
        let dotted = |name: &str| match path.as_str() {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        match document.kind(node) {
            Kind::Object | Kind::Array if depth == DEEPEST => {
                return Err(Refusal::new(
                    Code::BodyTooLarge,
                    "the body is nested too deep",
                ));
            }
            Kind::Object | Kind::Array if path_is_unknown(known.0, document, node, &path) => {
                return Err(unnamed_member());
            }
            Kind::Object => {
                for (name, value) in document.members(node) {
                    if name.contains(['.', '*']) {
                        return Err(unnamed_member());
                    }
                    open.push((value, dotted(&name), depth + 1));
                }
            }
            Kind::Array => {
                for value in document.elements(node) {
                    open.push((value, dotted("*"), depth + 1));
                }
            }
            Kind::String | Kind::Number | Kind::Bool | Kind::Null => {
                let text = document.text(node);
                let text = text
                    .as_deref()
                    .unwrap_or_else(|| match document.kind(node) {
                        Kind::Null => "",
                        _ => document.raw(node),
                    });
                let what = entry(site, known, (&path, text), "member")?;
                if !matches!(what, Name::Pass(_)) {
                    leaves.push((node, what));
                }
            }
        }
    }
    leaves.sort_by_key(|(node, _)| *node);
    Ok(())
}

/// Whether an object or a list has nothing in it, and stands where no name of policy leads: then its
/// own name would be all that it says.
fn path_is_unknown(names: &Names, document: &Document<'_>, node: NodeId, path: &str) -> bool {
    let empty = document.members(node).next().is_none() && document.elements(node).next().is_none();
    empty && !path.is_empty() && !names.leads_beyond(path)
}

fn unnamed_member() -> Refusal {
    Refusal::new(
        Code::ParameterUnknown,
        "policy does not name a member that came with this request",
    )
}

fn unknown(site: &Site, path: &str) -> Refusal {
    match site.knows(path) {
        true => Refusal::new(
            Code::MethodUnknown,
            "policy does not name this method for this path",
        ),
        false => Refusal::new(
            Code::EndpointUnknown,
            "policy does not name this path of the CRM",
        ),
    }
}

fn media_type(route: &Route) -> Refusal {
    let text = format!(
        "the route {} does not take a body of this content type",
        route.name
    );
    Refusal::new(Code::BodyMediaType, text)
}

fn malformed(error: Error) -> Refusal {
    let code = match error {
        Error::TooLarge { .. } => Code::BodyTooLarge,
        Error::Malformed { .. } | Error::Duplicate { .. } | Error::NotUtf8 { .. } => {
            Code::BodyMalformed
        }
    };
    Refusal::new(code, error.to_string())
}

impl IdForm {
    /// The id of a record, if the text has its form.
    #[must_use]
    pub fn record(self, text: &str) -> Option<RecordId> {
        RecordId::new(text).filter(|_| self.fits(text))
    }
}
