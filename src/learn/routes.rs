//! Forms and routes of a draft, and what is left out, as text.

use std::collections::BTreeSet;

use super::draft::{Creates, Draft, Names, Route};
use super::write::{Page, key, quoted};
use crate::dialect::pages::Media;

impl Page {
    pub fn form(&mut self, name: &str, names: &Names, draft: &Draft) {
        let list = |names: &[String]| {
            names
                .iter()
                .map(|name| quoted(name))
                .collect::<Vec<_>>()
                .join(", ")
        };
        self.line(&format!("[forms.{}]", key(name)));
        if !names.drop.is_empty() {
            self.line(&format!("drop = [{}]", list(&names.drop)));
        }
        if !names.files.is_empty() {
            self.ask("files are refused unless the field is empty");
            self.line(&format!("files = [{}]", list(&names.files)));
        }
        if names.unnamed > 0 {
            self.ask(&format!(
                "{} names are left out that may be somebody's own text or number",
                names.unnamed
            ));
        }
        self.line("");
        if !names.fields.is_empty() {
            self.line(&format!("[forms.{}.fields]", key(name)));
            for (own, field, seen) in &names.fields {
                self.line(&format!("{} = {} # {seen} times", key(own), quoted(field)));
            }
            self.line("");
        }
        if !names.search.is_empty() {
            self.line(&format!("[forms.{}.search]", key(name)));
            for (own, class, seen) in &names.search {
                let fields = draft.searched(*class);
                let fields: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
                if fields.is_empty() {
                    self.ask(
                        "which field people look for here; none that can be searched was seen",
                    );
                    self.line(&format!("# {} = \"…\" # {seen} times", key(own)));
                } else {
                    self.line(&format!(
                        "{} = [{}] # {seen} times",
                        key(own),
                        fields.join(", ")
                    ));
                }
            }
            self.line("");
        }
        if !names.pass.is_empty() {
            self.line(&format!("[forms.{}.pass]", key(name)));
            for line in &names.pass {
                self.passes(line);
            }
            self.line("");
        }
    }

    pub fn route(&mut self, route: &Route) {
        let (seen, redirects) = (route.seen, route.redirects);
        self.line(&format!(
            "# {seen} requests, {redirects} answered by a redirect"
        ));
        let methods: Vec<String> = route.methods.iter().map(|method| quoted(method)).collect();
        self.line(&format!("[[routes]]\nname = {}", quoted(&route.name)));
        self.line(&format!("method = [{}]", methods.join(", ")));
        self.line(&format!("path = {}", quoted(&route.pattern)));
        if route.login {
            self.line("login = true");
        }
        if let Some(object) = &route.object {
            self.line(&format!("object = {}", quoted(object)));
        }
        if route.record {
            self.line("record = \"id\"");
        }
        match &route.creates {
            Some(Creates::Location(path)) => {
                self.line(&format!("creates = {{ location = {} }}", quoted(path)));
            }
            Some(Creates::Json(names)) => {
                self.line(&format!("creates = {{ json = {} }}", quoted(names)));
            }
            None if route.object.is_some() && !route.record => {
                self.ask("where the new record's id is: `creates = { location = \"…/{id}\" }`");
            }
            None => {}
        }
        if let Some(query) = &route.query {
            self.line(&format!("query = {}", quoted(query)));
        }
        if !route.codecs.is_empty() {
            let codecs: Vec<String> = route
                .codecs
                .iter()
                .map(|codec| quoted(codec.word()))
                .collect();
            self.line(&format!("body = [{}]", codecs.join(", ")));
        }
        if let Some(form) = &route.form {
            self.line(&format!("form = {}", quoted(form)));
        }
        self.answers(route);
        self.line("");
    }

    fn answers(&mut self, route: &Route) {
        let mut answers: Vec<&str> = route.answers.iter().map(|media| word(*media)).collect();
        if answers.is_empty() {
            // Redirects pass without being named, and a route must name some kind.
            answers.push("html");
        }
        if answers.contains(&"file") {
            self.ask("a file passes as it is, with the tokens that are in it, and is saved");
        }
        let answers: Vec<String> = answers.into_iter().map(quoted).collect();
        self.line(&format!("answer = [{}]", answers.join(", ")));
        if route.html_in_json {
            self.line("html_in_json = true");
        }
    }

    pub fn left(&mut self, draft: &Draft) {
        self.rule("Seen, and not covered: all of it is refused.");
        if draft.left.is_empty() {
            self.line("# Nothing.");
        }
        let mut told = BTreeSet::new();
        for left in &draft.left {
            if told.insert(left) {
                self.line(&format!("#   - {left}"));
            }
        }
        if !draft.routes.iter().any(|route| route.login) {
            self.line("#");
            self.ask("the CRM's sign-in was not recorded; with it people could sign in:");
            self.line(
                "# [[routes]]\n# name = \"sign-in\"\n# method = [\"GET\", \"POST\"]\n# path = \"/login\"\n# login = true\n\
                 # body = \"form\"\n# form = { pass = { username = \"secret\", password = \"secret\" } }\n# answer = \"html\"",
            );
        }
    }
}

fn word(media: Media) -> &'static str {
    match media {
        Media::Html => "html",
        Media::Json => "json",
        Media::Csv => "csv",
        Media::Text => "text",
        Media::File => "file",
        Media::Empty => "none",
    }
}
