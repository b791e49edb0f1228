//! A draft as the text of a policy file, with comments for whoever edits it.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::Proposal;
use super::draft::{Draft, Line};
use super::guess::Class;
use super::object::{Field, Rule};
use crate::dialect::pages::IdForm;

/// Of the documentation; the operator replaces it.
pub const TOKEN_DOMAIN: &str = "token.example.eu";

/// Writes a draft.
pub fn proposal(draft: &Draft, site: &str, name: &str) -> Proposal {
    let mut page = Page::default();
    page.head(draft, site, name);
    page.classes(draft);
    page.objects(draft);
    page.site(draft);
    for (name, names) in &draft.forms {
        page.form(name, names, draft);
    }
    for route in &draft.routes {
        page.route(route);
    }
    page.left(draft);
    let Page { text, questions } = page;
    Proposal {
        text: text.replace("QUESTIONS", &questions.to_string()),
        site: site.to_owned(),
        routes: draft.routes.len(),
        questions,
    }
}

/// A text that grows, and how often it asks.
#[derive(Default)]
pub struct Page {
    text: String,
    questions: usize,
}

impl Page {
    pub fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    pub fn ask(&mut self, text: &str) {
        self.questions += 1;
        self.line(&format!("# DECIDE: {text}"));
    }

    pub fn rule(&mut self, title: &str) {
        self.line(&format!("\n# {}\n# {title}\n", "-".repeat(93)));
    }

    fn head(&mut self, draft: &Draft, site: &str, name: &str) {
        let requests = draft.requests;
        self.line(&format!(
            "# Proposed by `sluis policy learn` from {requests} requests to {site}.\n\
             #\n\
             # It names what was seen and nothing else: what was not done in the recording is refused. It has\n\
             # no value of the recording. QUESTIONS lines begin with `# DECIDE`; answer each, take the comment\n\
             # away, and run `sluis policy check --deny-warnings`. What is commented out is refused until then.\n\
             \n\
             version = 1"
        ));
        self.line(&format!("crm = {}\n", quoted(name)));
        self.ask("a domain of yours that takes no mail (a null MX record, RFC 7505)");
        self.line(&format!("token_domain = {}\n", quoted(TOKEN_DOMAIN)));
        self.line("[roles]");
        self.ask("who sees what; a class may name fewer roles");
        self.line("staff = \"Everybody who works with the CRM.\"\n\n[purposes]");
        self.ask("why the data is processed (GDPR Art. 5(1)(b))");
        self.line(
            "customer-relations = \"Keeping in touch with customers and carrying out what was agreed with them.\"\n\n[defaults]",
        );
        self.ask("for how long");
        self.line("retention = \"P7Y\"\nroles = [\"staff\"]\n\n[detection]\nthreshold = 0.5");
    }

    fn classes(&mut self, draft: &Draft) {
        let fields = draft
            .objects
            .values()
            .flat_map(|object| object.fields.values());
        let used: BTreeSet<Class> = fields.map(|field| field.class).collect();
        if used.is_empty() {
            return;
        }
        self.rule("Classes: what a value is, wherever it stands, and who may see it.");
        if used.iter().any(|class| class.is_searched()) {
            self.ask("`stable = true` where several records have the same value and people search for it");
        }
        for class in used {
            self.line(&format!(
                "[classes.{}]\n{}\n",
                class.name(),
                described(class)
            ));
        }
    }

    fn objects(&mut self, draft: &Draft) {
        if draft.objects.is_empty() {
            return;
        }
        self.rule("Objects: what the forms write. Their names are guessed from paths.");
        for (name, object) in &draft.objects {
            self.line(&format!(
                "[objects.{}]\npurpose = \"customer-relations\"",
                key(name)
            ));
            self.ask("the lawful basis (GDPR Art. 6(1))");
            self.line("lawful_basis = \"contract\"\n");
            self.line(&format!("[objects.{}.fields]", key(name)));
            for (field, of) in &object.fields {
                self.field(field, of);
            }
            self.line(&format!("\n[objects.{}.types]", key(name)));
            for (field, of) in &object.fields {
                self.line(&format!("{} = {}", key(field), kind(of)));
            }
            self.line("");
        }
    }

    fn field(&mut self, name: &str, field: &Field) {
        let class = quoted(field.class.name());
        match field.rule {
            Rule::OfClass => {}
            Rule::NoRoom => {
                self.ask("the field has no room for a token: it is refused unless it is empty");
            }
            Rule::Token => self.ask("a date that is written as text"),
        }
        if field.class == Class::FreeText {
            self.ask(
                "what it is, if it is no free text: another class, or under `pass` of its form",
            );
        }
        let value = match field.rule {
            Rule::OfClass => class,
            Rule::NoRoom => format!("{{ class = {class}, action = \"block\" }}"),
            Rule::Token => format!("{{ class = {class}, action = \"tokenize\" }}"),
        };
        let seen = field.seen;
        self.line(&format!("{} = {value} # {seen} values seen", key(name)));
    }

    fn site(&mut self, draft: &Draft) {
        self.rule(
            "The site: its session, its proofs against forgery, its style sheets and scripts.",
        );
        let ids = match draft.ids {
            IdForm::Number => "number",
            IdForm::Uuid => "uuid",
            IdForm::Hex => "hex",
        };
        self.line(&format!("[site]\nids = \"{ids}\"\n"));
        if !draft.proofs.is_empty() {
            self.line("[site.pass]");
            for name in &draft.proofs {
                self.line(&format!("{} = \"token\"", key(name)));
            }
            self.line("");
        }
        if !draft.headers.is_empty() {
            self.line("[site.headers]");
            for line in &draft.headers {
                // A constant that scripts' libraries send.
                match line.name.as_str() {
                    "x-requested-with" => self.line("x-requested-with = [\"XMLHttpRequest\"]"),
                    _ => self.passes(line),
                }
            }
            self.line("");
        }
        self.line("[site.cookies]");
        if draft.cookies.is_empty() {
            self.ask("the cookie of the CRM's session: the recording has none; export it \"with sensitive data\", or write the name here");
        } else {
            self.ask("keep those of the session and against forgery; without a comment they pass");
        }
        for line in &draft.cookies {
            self.passes(line);
        }
        self.line("");
        if draft.fixed.is_empty() {
            return;
        }
        self.line("[[static]]");
        let paths: Vec<String> = draft.fixed.iter().map(|path| quoted(path)).collect();
        self.line(&format!("paths = [{}]", paths.join(", ")));
        let query = draft.fixed_query.iter();
        let query =
            query.filter_map(|line| Some((line, line.form.filter(|_| line.ask.is_none())?)));
        let query: Vec<String> = query
            .map(|(line, form)| format!("{} = {}", key(&line.name), quoted(form)))
            .collect();
        if !query.is_empty() {
            self.line(&format!("query = {{ pass = {{ {} }} }}", query.join(", ")));
        }
        self.line("");
    }

    /// A name that passes, or that waits for a decision.
    pub fn passes(&mut self, line: &Line) {
        let (name, seen) = (key(&line.name), line.seen);
        match (line.form, line.ask) {
            (Some(form), None) => self.line(&format!("{name} = {} # {seen} times", quoted(form))),
            (form, ask) => {
                self.ask(ask.unwrap_or("its values have no form that may pass"));
                let form = form.map_or_else(|| "…".to_owned(), quoted);
                self.line(&format!("# {name} = {form} # {seen} times"));
            }
        }
    }
}

fn kind(field: &Field) -> String {
    match field.length {
        Some(length) => format!("{{ type = \"{}\", length = {length} }}", field.kind),
        None => quoted(field.kind),
    }
}

/// The lines of a class. What fits in no field of the CRM's is refused, and a date is cut to a year.
fn described(class: Class) -> &'static str {
    match class {
        Class::Special => "category = \"pd:Health\"\naction = \"block\"",
        Class::NationalId => "category = \"pd:Identifier\"\naction = \"tokenize\"",
        Class::BankAccount => "category = \"pd:BankAccount\"\naction = \"tokenize\"",
        Class::Email => {
            "category = \"pd:EmailAddress\"\naction = \"tokenize\"\nsearch = \"exact\"\ncanonical = \"email\"\nknown = \"email\""
        }
        Class::Phone => {
            "category = \"pd:TelephoneNumber\"\naction = \"tokenize\"\nsearch = \"exact\"\ncanonical = \"phone\"\nknown = \"phone\""
        }
        Class::BirthDate => {
            "category = \"pd:BirthDate\"\naction = \"generalize\"\nto = \"year\" # A date field holds no token; the exact day is then nowhere."
        }
        Class::PostalCode => {
            "category = \"pd:PostalCode\"\naction = \"tokenize\"\nknown = \"postcode\""
        }
        Class::City => "category = \"pd:City\"\naction = \"tokenize\"",
        Class::Region => "category = \"pd:Region\"\naction = \"tokenize\"",
        Class::CustomerNumber => {
            "category = \"sluis:CustomerNumber\"\naction = \"tokenize\"\nsearch = \"exact\""
        }
        Class::GivenName => {
            "category = \"pd:Name\"\naction = \"tokenize\"\nsearch = \"exact\"\nknown = \"given_name\""
        }
        Class::FamilyName => {
            "category = \"pd:Name\"\naction = \"tokenize\"\nsearch = \"exact\"\nknown = \"family_name\""
        }
        Class::Organization => "category = \"pd:Name\"\naction = \"tokenize\"\nsearch = \"exact\"",
        Class::Website => {
            "category = \"pd:Contact\"\naction = \"block\" # Most CRMs check that it is an address, and a token is none."
        }
        Class::Street => "category = \"pd:Street\"\naction = \"tokenize\"\nknown = \"street\"",
        Class::FreeText => {
            "category = \"pd:Communication\"\naction = \"tokenize\"\nscan = [\"special\"]"
        }
        Class::FullName => {
            "category = \"pd:Name\"\naction = \"tokenize\"\nsearch = \"exact\"\nknown = \"full_name\""
        }
    }
}

/// A key of TOML, in quotes where it must have them.
pub fn key(name: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    match !name.is_empty() && name.bytes().all(bare) {
        true => name.to_owned(),
        false => quoted(name),
    }
}

/// A basic string of TOML.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => drop(write!(out, "\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
