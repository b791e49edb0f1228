//! Raw tables to a site: every pattern is read, every name is looked up.

use std::collections::BTreeMap;
use std::ops::Range;

use super::raw::{self, CookieEntry, FileEntry, FileRule, Files, Form, Uses, Words};
use crate::dialect::pages::{
    Codec, Cookie, Creates, Grammar, IdForm, Media, Method, Name, Names, Pattern, Route, Site,
    Upload,
};
use crate::policy::at::At;
use crate::policy::check::did_you_mean;
use crate::policy::raw::File;
use crate::policy::{Report, sentence};

/// A site, and where each of its routes stands in the file.
pub struct Resolved {
    pub site: Site,
    pub spans: Vec<Range<usize>>,
}

/// Resolves the tables of a file. Look into the report before using the site.
pub fn resolve(file: &File, report: &mut Report) -> Resolved {
    let none = raw::Site::default();
    let site = file.site.as_ref().map_or(&none, |site| &site.value);
    let ids = ids(site, report);
    let scope = Scope { file, ids };
    let mut resolved = Resolved {
        site: Site {
            ids,
            pass: scope.forms(&site.pass, false, report),
            headers: scope.forms(&site.headers, false, report),
            cookies: scope.cookies(&site.cookies, report),
            csp: csp(site, report),
            routes: vec![],
            host: None,
            hosts: BTreeMap::new(),
        },
        spans: vec![],
    };
    for route in &file.routes {
        if let Some(found) = scope.route(&route.value, report) {
            resolved.site.routes.push(found);
            resolved.spans.push(route.value.path.span.clone());
        }
    }
    for (at, fixed) in file.fixed.iter().enumerate() {
        for path in &fixed.value.paths.value {
            if let Some(found) = scope.fixed((at, &fixed.value), path, report) {
                resolved.site.routes.push(found);
                resolved.spans.push(path.span.clone());
            }
        }
    }
    resolved.site = resolved.site.with_hosts();
    resolved
}

/// Whether a WebSocket is opened here. Its bytes pass unread, so somebody must say why they may.
fn socket(route: &raw::Route, report: &mut Report) -> bool {
    let Some(word) = &route.websocket else {
        if let Some(reason) = &route.reason {
            report.error(
                "policy-route-websocket",
                &reason.span,
                "nothing here needs a reason",
                "`reason` belongs to `websocket = \"opaque\"`",
            );
        }
        return false;
    };
    let alone = route.method.is_none() && route.body.is_none() && route.answer.is_none();
    if word.value != "opaque" || !alone {
        report.error(
            "policy-route-websocket",
            &word.span,
            "a WebSocket's route has nothing but a path, a query and a reason",
            "write `websocket = \"opaque\"` without method, body and answer, on a route of its own",
        );
    }
    if route
        .reason
        .as_ref()
        .is_none_or(|reason| reason.value.trim().is_empty())
    {
        report.error(
            "policy-route-websocket",
            &word.span,
            "nobody says why what this WebSocket carries may pass unread",
            "add `reason = \"…\"`, after looking at what it carries, or take the route away",
        );
    }
    report.warning(
        "policy-route-websocket",
        &word.span,
        sentence!(
            "what this WebSocket carries is neither protected on its way out nor revealed on its way in",
            "wat deze WebSocket meeneemt wordt op de heenweg niet beschermd en op de terugweg niet onthuld"
        ),
        sentence!(
            "leave the route out if the CRM works without",
            "laat de route weg als het CRM zonder kan"
        ),
    );
    true
}

/// A host by the name that the CRM gives it, with `:port` where it has one.
fn host(name: Option<&At<String>>, report: &mut Report) -> Option<String> {
    let name = name?;
    let sign =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-:[]".contains(&byte);
    if name.value.is_empty() || !name.value.bytes().all(sign) {
        report.error(
            "policy-route-path",
            &name.span,
            "this is no name of a host",
            "write the CRM's own name for it, as `[crm.hosts]` of the configuration has it: \"files.example.com\"",
        );
    }
    Some(name.value.clone())
}

fn ids(site: &raw::Site, report: &mut Report) -> IdForm {
    let Some(word) = &site.ids else {
        return IdForm::Number;
    };
    IdForm::named(&word.value).unwrap_or_else(|| {
        report.error(
            "policy-unknown-value",
            &word.span,
            format!("`{}` is no form of an id", word.value),
            "write \"number\", \"uuid\" or \"hex\"",
        );
        IdForm::Number
    })
}

/// Sources that cannot lead to somebody else's script without a name, and that end no directive.
fn csp(site: &raw::Site, report: &mut Report) -> BTreeMap<String, Vec<String>> {
    let mut added = BTreeMap::new();
    for (name, sources) in &site.csp {
        if !crate::dialect::pages::directives().any(|known| known == name.value) {
            let known: Vec<&str> = crate::dialect::pages::directives().collect();
            report.error(
                "policy-csp",
                &name.span,
                format!("`{}` is no directive that policy can add to", name.value),
                did_you_mean(&name.value, &known),
            );
        }
        for source in &sources.value {
            let host = source.value.strip_prefix("https://").is_some_and(|host| {
                let sign = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
                let sign = |byte: u8| sign(byte) || b".-:/".contains(&byte);
                !host.is_empty() && host.bytes().all(sign)
            });
            let word = ["data:", "blob:", "'unsafe-eval'", "'wasm-unsafe-eval'"];
            if !host && !word.contains(&source.value.as_str()) {
                report.error(
                    "policy-csp",
                    &source.span,
                    "this is no source that pages may load from",
                    "write \"data:\", \"blob:\", \"'unsafe-eval'\", or one host: \"https://maps.example.eu\"",
                );
            }
        }
        let sources = sources.value.iter().map(|source| source.value.clone());
        added.insert(name.value.clone(), sources.collect());
    }
    added
}

/// The most bytes of one file, where policy does not say it.
const MAX_FILE: u64 = 100_000_000;

struct Scope<'f> {
    file: &'f File,
    ids: IdForm,
}

impl Scope<'_> {
    fn route(&self, route: &raw::Route, report: &mut Report) -> Option<Route> {
        let name = &route.name;
        let sign = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let plain = name
            .value
            .bytes()
            .all(|byte| sign(byte) || b".-_".contains(&byte));
        if name.value.is_empty() || !plain {
            report.error(
                "policy-route-name",
                &name.span,
                "a route's name has lower-case letters, digits, `.`, `-` and `_`",
                "name it by what people do there: \"contact.edit\"",
            );
        }
        let login = route.login.as_ref().is_some_and(|login| login.value);
        let object = route.object.as_ref();
        if let Some(object) = object.filter(|object| self.object(&object.value).is_none()) {
            let known = self.file.objects.keys().map(|known| known.value.as_str());
            report.error(
                "policy-unknown-object",
                &object.span,
                format!("this policy has no object `{}`", object.value),
                did_you_mean(&object.value, &known.collect::<Vec<_>>()),
            );
        }
        let object = object.map(|object| object.value.as_str());
        let pattern = self.pattern(&route.path, report)?;
        if pattern.is_open() {
            report.error(
                "policy-route-path",
                &route.path.span,
                "`**` is for static paths only",
                "name each path, with `{id}` where it has an id",
            );
        }
        let form = self.names(route.form.as_ref(), (object, login), report);
        Some(Route {
            name: name.value.as_str().into(),
            host: host(route.host.as_ref(), report),
            methods: methods(route, report),
            object: object.map(str::to_owned),
            record: self.record(route, &pattern, report),
            creates: self.creates(route, report),
            pattern,
            query: self.names(route.query.as_ref(), (None, login), report),
            codecs: codecs(route, report),
            form,
            answers: answers(route, report),
            html_in_json: route.html_in_json.as_ref().is_some_and(|html| html.value),
            plain_files: plain_files(route, report),
            csv_guard: route.csv_guard.as_ref().is_none_or(|guard| guard.value),
            step_up: route.step_up.as_ref().is_some_and(|step_up| step_up.value),
            login,
            socket: socket(route, report),
            fixed: false,
        })
    }

    fn fixed(
        &self,
        (at, fixed): (usize, &raw::Static),
        path: &At<String>,
        report: &mut Report,
    ) -> Option<Route> {
        Some(Route {
            name: format!("static.{at}").into(),
            host: host(fixed.host.as_ref(), report),
            methods: vec![Method::Get],
            pattern: self.pattern(path, report)?,
            object: None,
            record: None,
            creates: None,
            query: self.names(fixed.query.as_ref(), (None, false), report),
            codecs: vec![],
            form: Names::default(),
            answers: vec![Media::File],
            html_in_json: false,
            plain_files: true,
            csv_guard: true,
            step_up: false,
            login: false,
            socket: false,
            fixed: true,
        })
    }

    fn object(&self, name: &str) -> Option<&crate::policy::raw::Object> {
        let mut objects = self.file.objects.iter();
        let (_, object) = objects.find(|(known, _)| known.value == name)?;
        Some(&object.value)
    }

    fn pattern(&self, path: &At<String>, report: &mut Report) -> Option<Pattern> {
        let pattern = Pattern::parse(&path.value, self.ids);
        if let Err(why) = pattern {
            report.error(
                "policy-route-path",
                &path.span,
                format!("`{}` is no pattern of a path: {why}", path.value),
                "write \"/persons/contact/{id}\", \"/export/{kind:csv|xlsx}\" or, for static paths, \"/static/**\"",
            );
        }
        if path.value.starts_with("/.sluis") {
            report.error(
                "policy-route-path",
                &path.span,
                "paths below `/.sluis` are the border's own",
                "the CRM's pages have other paths",
            );
        }
        pattern.ok()
    }

    fn record(&self, route: &raw::Route, pattern: &Pattern, report: &mut Report) -> Option<String> {
        let record = route.record.as_ref()?;
        if !pattern.has_variable(&record.value) {
            report.error(
                "policy-route-record",
                &record.span,
                format!("the path has no variable `{}`", record.value),
                format!(
                    "write `{{{}}}` in the path where the record's id stands",
                    record.value
                ),
            );
        }
        Some(record.value.clone())
    }

    fn creates(&self, route: &raw::Route, report: &mut Report) -> Option<Creates> {
        let creates = route.creates.as_ref()?;
        let found = match (&creates.value.location, &creates.value.json) {
            (Some(location), None) => {
                let pattern = self.pattern(location, report)?;
                pattern
                    .has_variable("id")
                    .then_some(Creates::Location(pattern))
            }
            (None, Some(json)) => {
                let names = json.value.split('.').map(str::to_owned);
                Some(Creates::Json(names.collect()))
            }
            _ => None,
        };
        if found.is_none() {
            report.error(
                "policy-route-record",
                &creates.span,
                "this does not say in one way where the new record's id is",
                "write `{ location = \"/persons/contact/{id}\" }` or `{ json = \"data.id\" }`",
            );
        }
        found
    }

    /// The names of a form: under `forms`, or in place.
    fn names(
        &self,
        uses: Option<&At<Uses>>,
        (object, login): (Option<&str>, bool),
        report: &mut Report,
    ) -> Names {
        let Some(uses) = uses else {
            return Names::default();
        };
        let names = match &uses.value {
            Uses::Here(names) => names,
            Uses::Named(name) => {
                let mut forms = self.file.forms.iter();
                let Some((_, names)) = forms.find(|(known, _)| known.value == *name) else {
                    let known = self.file.forms.keys().map(|known| known.value.as_str());
                    report.error(
                        "policy-unknown-form",
                        &uses.span,
                        format!("no form `{name}` is defined"),
                        did_you_mean(name, &known.collect::<Vec<_>>()),
                    );
                    return Names::default();
                };
                &names.value
            }
        };
        let mut found = BTreeMap::new();
        let mut add = |name: &At<String>, what: Name, report: &mut Report| {
            if found.insert(name.value.clone(), what).is_some() {
                report.error(
                    "policy-twice",
                    &name.span,
                    format!("the name `{}` stands here for the second time", name.value),
                    "a name is one thing: a field, a search, passed, dropped or a file",
                );
            }
        };
        for (name, field) in &names.fields {
            self.field(object, field, report);
            add(name, Name::Field(field.value.clone()), report);
        }
        for (name, searched) in &names.search {
            let fields = searched.value.labels().iter();
            let fields = fields.filter_map(|label| self.searched(label, &searched.span, report));
            let fields = fields.collect();
            add(name, Name::Search(fields), report);
        }
        for (name, form) in &names.pass {
            let grammar = self.grammar(form, login, report);
            add(name, Name::Pass(grammar), report);
        }
        for name in &names.drop {
            add(name, Name::Drop, report);
        }
        for (name, what) in self.files(&names.files, object, report) {
            add(name, what, report);
        }
        Names(found)
    }

    /// What becomes of each file part.
    fn files<'f>(
        &self,
        files: &'f Files,
        object: Option<&str>,
        report: &mut Report,
    ) -> Vec<(&'f At<String>, Name)> {
        let each = match files {
            Files::Blocked(names) => return names.iter().map(|name| (name, Name::File)).collect(),
            Files::Each(each) => each,
        };
        let known = |(name, entry): (&'f At<String>, &'f At<FileEntry>)| {
            let (word, rule) = match &entry.value {
                FileEntry::Word(word) => (word.as_str(), None),
                FileEntry::Detail(rule) => (rule.action.value.as_str(), Some(&**rule)),
            };
            match word {
                "block" => {}
                "encrypt" => return (name, Name::Upload(self.upload(name, rule, object, report))),
                _ => report.error(
                    "policy-unknown-value",
                    &entry.span,
                    format!("`{word}` is nothing that becomes of a file"),
                    "write \"block\" or \"encrypt\"",
                ),
            }
            (name, Name::File)
        };
        each.iter().map(known).collect()
    }

    fn upload(
        &self,
        name: &At<String>,
        rule: Option<&FileRule>,
        object: Option<&str>,
        report: &mut Report,
    ) -> Upload {
        let field = rule.and_then(|rule| rule.field.as_ref()).unwrap_or(name);
        self.field(object, field, report);
        let extensions = rule.map_or(&[][..], |rule| &rule.extensions);
        for extension in extensions {
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            let fits =
                (1..=8).contains(&extension.value.len()) && extension.value.bytes().all(plain);
            if !fits {
                report.error(
                    "policy-unknown-value",
                    &extension.span,
                    "an end of file names has 1 to 8 lower-case letters and digits",
                    "write it without the dot: \"pdf\"",
                );
            }
        }
        Upload {
            field: field.value.clone(),
            most: rule
                .and_then(|rule| rule.max_file.as_ref())
                .map_or(MAX_FILE, |most| most.value),
            extensions: extensions.iter().map(|one| one.value.clone()).collect(),
        }
    }

    /// A field must be one of the object that the route names.
    fn field(&self, object: Option<&str>, field: &At<String>, report: &mut Report) {
        let Some(object) = object else {
            report.error(
                "policy-route-object",
                &field.span,
                format!("nothing says of which object `{}` is a field", field.value),
                "add `object = \"…\"` to each route that uses this form as its body",
            );
            return;
        };
        let Some(known) = self.object(object) else {
            return; // Reported at the route.
        };
        let mut names: Vec<&str> = known
            .fields
            .keys()
            .map(|name| name.value.as_str())
            .collect();
        names.extend(known.pass.iter().map(|name| name.value.as_str()));
        if !names.contains(&field.value.as_str()) {
            report.error(
                "policy-unknown-field",
                &field.span,
                format!("{object} has no rule for a field `{}`", field.value),
                did_you_mean(&field.value, &names),
            );
        }
    }

    fn searched(
        &self,
        label: &str,
        span: &Range<usize>,
        report: &mut Report,
    ) -> Option<(String, String)> {
        let known = label.split_once('.').filter(|(object, field)| {
            let object = self.object(object);
            object.is_some_and(|object| object.fields.keys().any(|name| name.value == *field))
        });
        if known.is_none() {
            report.error(
                "policy-unknown-field",
                span,
                format!("`{label}` is no field with a class"),
                "write object and field: \"Contact.email\"",
            );
        }
        known.map(|(object, field)| (object.to_owned(), field.to_owned()))
    }

    fn forms(
        &self,
        forms: &BTreeMap<At<String>, At<Form>>,
        login: bool,
        report: &mut Report,
    ) -> BTreeMap<String, Grammar> {
        let forms = forms.iter();
        forms
            .map(|(name, form)| (name.value.clone(), self.grammar(form, login, report)))
            .collect()
    }

    fn cookies(
        &self,
        entries: &BTreeMap<At<String>, At<CookieEntry>>,
        report: &mut Report,
    ) -> BTreeMap<String, Cookie> {
        let mut cookies = BTreeMap::new();
        for (name, entry) in entries {
            cookie_name(name, report);
            cookies.insert(name.value.clone(), self.cookie(entry, report));
        }
        cookies
    }

    fn cookie(&self, entry: &At<CookieEntry>, report: &mut Report) -> Cookie {
        let here = |value| At {
            value,
            span: entry.span.clone(),
        };
        let of = match &entry.value {
            CookieEntry::Word(word) if word == "sealed" => return Cookie::Sealed,
            CookieEntry::Word(word) => {
                let form = here(Form::Word(word.clone()));
                return Cookie::Bound(self.grammar(&form, false, report));
            }
            CookieEntry::OneOf(values) => {
                return Cookie::Bound(Grammar::OneOf(values.clone()));
            }
            CookieEntry::Detail(of) => of,
        };
        let grammar = self.grammar(&of.form, false, report);
        let Some(scripts) = of.scripts.as_ref().filter(|scripts| scripts.value) else {
            return Cookie::Bound(grammar);
        };
        if grammar == Grammar::Token {
            report.warning(
                "policy-cookie",
                &scripts.span,
                sentence!(
                    "a random text that scripts write could be a session, and is bound to nobody",
                    "een toevallige tekst die scripts schrijven kan een sessie zijn, en is aan niemand gebonden"
                ),
                sentence!(
                    "take `scripts` away if the CRM sets it, or give it a narrower form",
                    "haal `scripts` weg als het CRM het zet, of geef het een engere vorm"
                ),
            );
        }
        Cookie::Scripts(grammar)
    }

    fn grammar(&self, form: &At<Form>, login: bool, report: &mut Report) -> Grammar {
        let word = match &form.value {
            Form::OneOf(values) => return Grammar::OneOf(values.clone()),
            Form::Word(word) => word,
        };
        let grammar = Grammar::named(word, self.ids);
        if grammar == Some(Grammar::Secret) && !login {
            report.error(
                "policy-route-secret",
                &form.span,
                "`secret` lets any text pass, and this is no route where people sign in",
                "give the name a narrower form, or a field; `login = true` is for the CRM's own sign-in",
            );
        }
        grammar.unwrap_or_else(|| {
            report.error(
                "policy-unknown-value",
                &form.span,
                format!("`{word}` is no form of a value"),
                did_you_mean(word, &Grammar::WORDS),
            );
            Grammar::Empty
        })
    }
}

/// RFC 6265, section 4.1.1, less what no CRM uses and what is ours.
fn cookie_name(name: &At<String>, report: &mut Report) {
    let text = &name.value;
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!$~".contains(&byte);
    let plain = !text.is_empty() && text.len() <= 100 && text.bytes().all(sign);
    if !plain || text.starts_with("__Host-sluis") || text.ends_with(crate::dialect::pages::COPY) {
        report.error(
            "policy-cookie",
            &name.span,
            "this is no name of a cookie that a CRM can have here",
            "a name has up to 100 letters, digits and `-_.!$~`; `__Host-sluis…` and `….bound` are the border's own",
        );
    }
}

fn words<T>(
    words: Option<&At<Words>>,
    known: &[(&str, Option<T>)],
    what: &str,
    report: &mut Report,
) -> Vec<T>
where
    T: Copy,
{
    let mut found = Vec::new();
    for word in words.into_iter().flat_map(|words| words.value.all()) {
        match known.iter().find(|(name, _)| name == word) {
            Some((_, one)) => found.extend(*one),
            None => {
                let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
                let span = words.map_or(0..0, |words| words.span.clone());
                report.error(
                    "policy-unknown-value",
                    &span,
                    format!("`{word}` is no {what}"),
                    did_you_mean(word, &names),
                );
            }
        }
    }
    found
}

fn plain_files(route: &raw::Route, report: &mut Report) -> bool {
    let Some(word) = &route.plain_files else {
        return false;
    };
    if !["pass", "refuse"].contains(&word.value.as_str()) {
        report.error(
            "policy-unknown-value",
            &word.span,
            format!("`{}` is nothing that becomes of a plain file", word.value),
            "write \"pass\" or \"refuse\"",
        );
    }
    word.value == "pass"
}

fn methods(route: &raw::Route, report: &mut Report) -> Vec<Method> {
    let known = Method::ALL.map(|method| (method.name(), Some(method)));
    let found = words(route.method.as_ref(), &known, "method", report);
    match route.method {
        None => vec![Method::Get],
        Some(_) => found,
    }
}

fn codecs(route: &raw::Route, report: &mut Report) -> Vec<Codec> {
    let known = [
        ("none", None),
        ("form", Some(Codec::Form)),
        ("multipart", Some(Codec::Multipart)),
        ("json", Some(Codec::Json)),
    ];
    words(route.body.as_ref(), &known, "way to write a body", report)
}

fn answers(route: &raw::Route, report: &mut Report) -> Vec<Media> {
    let known = [
        ("html", Some(Media::Html)),
        ("json", Some(Media::Json)),
        ("csv", Some(Media::Csv)),
        ("text", Some(Media::Text)),
        ("file", Some(Media::File)),
        ("none", Some(Media::Empty)),
    ];
    words(route.answer.as_ref(), &known, "kind of answer", report)
}
