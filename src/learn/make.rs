//! From the paths that were seen to routes, forms and objects.

use std::collections::BTreeMap;

use super::decide::{Decision, Place, decide};
use super::door::Door;
use super::draft::{Creates, Draft, Line, Names, Route, add};
use super::group::Group;
use super::guess::Class;
use super::object::{self, Field};
use super::path::{Segment, Shaped};
use super::print::Prints;
use super::session::{Session, Site};
use super::shape::Shape;
use crate::dialect::pages::{IdForm, Pattern};

/// What makes a draft of a session.
pub struct Maker<'s> {
    pub(super) session: &'s Session,
    pub(super) site: &'s Site,
    pub(super) groups: Vec<Group<'s>>,
    pub(super) ids: IdForm,
    /// Fingerprints of all that was typed.
    pub(super) typed: Prints,
}

impl<'s> Maker<'s> {
    pub fn new(session: &'s Session, site: &'s Site) -> Self {
        let mut groups: BTreeMap<&Shaped, Vec<(&str, &Door)>> = BTreeMap::new();
        for ((method, path), door) in &site.doors {
            groups.entry(path).or_default().push((method, door));
        }
        let groups = groups.into_iter();
        let groups = groups.map(|(path, doors)| Group { path, doors }).collect();
        let mut maker = Self {
            session,
            site,
            groups,
            ids: ids(site),
            typed: Prints::new(),
        };
        maker.typed = maker.typed();
        maker
    }

    /// What people typed, wherever it stands: in fields, in searches, where they sign in.
    fn typed(&self) -> Prints {
        let mut typed = Prints::new();
        for group in &self.groups {
            let place = group.place(self.site);
            for (name, shape) in group.query() {
                typed.extend(self.prints(&name, &shape, Place::Question));
            }
            for (name, shape) in group.body() {
                typed.extend(self.prints(&name, &shape, place));
            }
        }
        typed
    }

    fn prints(&self, name: &str, shape: &Shape, place: Place) -> Prints {
        match self.decide(name, shape, place) {
            Decision::Field(_) | Decision::Search(_) | Decision::Secret | Decision::File => {
                shape.prints.clone()
            }
            Decision::Ask(_, form) if form != Some("word") => shape.prints.clone(),
            Decision::Ask(..) | Decision::Pass(_) | Decision::Drop | Decision::Proof => {
                Prints::new()
            }
        }
    }

    fn decide(&self, name: &str, shape: &Shape, place: Place) -> Decision {
        // The control of a list's name has brackets where the list has none.
        let last = name.rsplit('.').next().unwrap_or(name);
        let control = self.site.controls.get(name);
        decide(last, shape, control, place)
    }

    /// Adds the routes.
    pub fn routes(&self, draft: &mut Draft) {
        let mut patterns: Vec<(Pattern, Vec<&str>)> = Vec::new();
        for group in &self.groups {
            let typed = |word| self.session.tells(&self.typed, word);
            if !group.path.is_named() || group.path.words().any(typed) {
                draft.left.push(format!(
                    "{} requests to paths with a text that may be somebody's ({})",
                    group.seen(),
                    group.methods().join(", ")
                ));
                continue;
            }
            let text = group.path.pattern(self.ids);
            let methods = group.taken();
            let well = group.doors.iter().any(|(_, door)| door.failed < door.seen);
            if methods.is_empty() || !well {
                let why = if well {
                    "of another method"
                } else {
                    "which all failed"
                };
                draft.left.push(format!(
                    "{} requests to {text} {why} ({})",
                    group.seen(),
                    group.methods().join(", ")
                ));
                continue;
            }
            let Ok(pattern) = Pattern::parse(&text, self.ids) else {
                draft
                    .left
                    .push(format!("{} requests to {text}", group.seen()));
                continue;
            };
            let same = patterns.iter().find(|(known, others)| {
                others.iter().any(|method| methods.contains(method))
                    && pattern.is_ambiguous_with(known)
            });
            if let Some((known, _)) = same {
                draft.left.push(format!(
                    "{} requests to {text}, which the path {} covers in part",
                    group.seen(),
                    known.text()
                ));
                continue;
            }
            patterns.push((pattern, methods.clone()));
            self.route(group, (text, methods), draft);
        }
    }

    fn route(&self, group: &Group<'_>, (pattern, methods): (String, Vec<&str>), draft: &mut Draft) {
        let place = group.place(self.site);
        let name = route_name(group.path, &draft.routes);
        let query = group.query();
        let query = self.names(&query, Place::Question, None, draft);
        let body = group.body();
        let leads = group.leads(false).or(group.leads(true));
        let writes = place == Place::Body
            && body
                .iter()
                .any(|(name, shape)| matches!(self.decide(name, shape, place), Decision::Field(_)));
        let object = writes.then(|| object::named(group.path, leads));
        let form_name = object.as_ref().map_or_else(
            || format!("{name}.body"),
            |object| object.to_ascii_lowercase(),
        );
        let form = self.names(&body, place, object.as_deref(), draft);
        let codecs = group.codecs();
        let form = (!codecs.is_empty()).then(|| add(&mut draft.forms, form_name, form));
        let query =
            (query.len() > 0).then(|| add(&mut draft.forms, format!("{name}.query"), query));
        let record = group.path.variables() > 0 && object.is_some() && group.leads(false).is_none();
        let creates = || {
            let location = group.leads(false).filter(|path| path.is_named());
            let location = location.map(|path| Creates::Location(path.pattern(self.ids)));
            location.or(group.told().map(Creates::Json))
        };
        draft.routes.push(Route {
            name,
            methods: methods.into_iter().map(str::to_owned).collect(),
            pattern,
            seen: group.seen(),
            redirects: group.doors.iter().map(|(_, door)| door.redirects).sum(),
            creates: object.as_ref().filter(|_| !record).and_then(|_| creates()),
            object,
            record,
            query,
            codecs,
            form,
            answers: group.answers(),
            html_in_json: group.doors.iter().any(|(_, door)| door.html_in_json),
            login: place == Place::SignIn,
        });
    }

    /// What the names of a query or a body are; fields go to their object.
    fn names(
        &self,
        shapes: &BTreeMap<String, Shape>,
        place: Place,
        object: Option<&str>,
        draft: &mut Draft,
    ) -> Names {
        let mut names = Names::default();
        for (name, shape) in shapes {
            if !is_plain(name) || self.session.tells(&self.typed, name) {
                names.unnamed += 1;
                continue;
            }
            let (own, seen) = (name.clone(), shape.seen);
            let line = |form, ask| Line {
                name: name.clone(),
                form,
                ask,
                seen,
            };
            match self.decide(name, shape, place) {
                Decision::Pass(form) => names.pass.push(line(Some(form), None)),
                Decision::Secret => names.pass.push(line(Some("secret"), None)),
                Decision::Proof if place == Place::Question => {
                    names.pass.push(line(Some("token"), None));
                }
                Decision::Proof => drop(draft.proofs.insert(own)),
                Decision::Drop => names.drop.push(own),
                Decision::File => names.files.push(own),
                Decision::Search(class) => names.search.push((own, class, seen)),
                Decision::Ask(why, form) => names.pass.push(line(form, Some(why))),
                Decision::Field(class) => {
                    let Some(object) = object else {
                        names.pass.push(line(None, Some("people type it")));
                        continue;
                    };
                    let field = self.field(name, (class, shape), object, draft);
                    names.fields.push((own, field, seen));
                }
            }
        }
        names
    }

    fn field(
        &self,
        name: &str,
        (class, shape): (Class, &Shape),
        object: &str,
        draft: &mut Draft,
    ) -> String {
        let field = Field::of(class, shape, self.site.controls.get(name));
        let own = object::field_name(name);
        let object = draft.objects.entry(object.to_owned()).or_default();
        match object.fields.get_mut(&own) {
            Some(known) => known.seen += field.seen,
            None => drop(object.fields.insert(own.clone(), field)),
        }
        own
    }
}

/// The form that most variables of paths have.
fn ids(site: &Site) -> IdForm {
    let mut counts = [0_usize; 3];
    for ((_, path), door) in &site.doors {
        for segment in &path.0 {
            let at = match segment {
                Segment::Number => 0,
                Segment::Uuid => 1,
                Segment::Hex => 2,
                Segment::Word(_) | Segment::Text => continue,
            };
            if let Some(count) = counts.get_mut(at) {
                *count += door.seen;
            }
        }
    }
    match counts {
        [number, uuid, hex] if uuid > number && uuid >= hex => IdForm::Uuid,
        [number, _, hex] if hex > number => IdForm::Hex,
        _ => IdForm::Number,
    }
}

/// A route's name, from its path's words.
fn route_name(path: &Shaped, routes: &[Route]) -> String {
    const LONGEST: usize = 48;
    let words: Vec<String> = path.words().map(str::to_ascii_lowercase).collect();
    let mut name: String = words.join(".").chars().take(LONGEST).collect();
    if name.is_empty() {
        name = "home".to_owned();
    }
    let taken = |name: &str| routes.iter().any(|route| route.name == name);
    if !taken(&name) {
        return name;
    }
    let open = format!("{name}.open");
    if path.variables() > 0 && !taken(&open) {
        return open;
    }
    let mut numbered = (2..).map(|number| format!("{name}.{number}"));
    numbered.find(|name| !taken(name)).unwrap_or(open)
}

/// Whether a name can be one of the site's own: no mail address, no id, no sentence.
pub(super) fn is_plain(name: &str) -> bool {
    const LONGEST: usize = 80;
    const DIGITS: usize = 4;
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-[]:$*".contains(&byte);
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    (1..=LONGEST).contains(&name.len()) && digits <= DIGITS && name.bytes().all(sign)
}
