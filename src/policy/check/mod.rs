//! Raw file to plan: every name is looked up, every inheritance is resolved.
//!
//! What cannot be resolved is reported and becomes a rule that lets nothing out, so that lint can
//! look at the rest of the file; a plan with an error never comes into force.

mod action;
mod class;
mod door;
mod field;
mod object;
mod scan;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::policy::at::At;
use crate::policy::guarded::Guarded;
use crate::policy::names::Names;
use crate::policy::plan::{self, Api, ClassPlan, Plan};
use crate::policy::raw::File;
use crate::policy::scan::{Detection, Looks};
use crate::policy::{
    Canonical, FieldTable, Report, RoleSet, Search, Sentence, Source, Unanswerable, sentence, site,
    suggest,
};

/// The CRMs whose field table the product brings.
const CRMS: [&str; 1] = ["salesforce"];

/// Whether the file describes its CRM itself.
pub fn is_described(file: &File) -> bool {
    !CRMS.contains(&file.crm.value.as_str())
}

/// Resolves `file` against the table. Look into the report before using the plan.
pub fn resolve(source: &Source, file: &File, table: &FieldTable, report: &mut Report) -> Plan {
    header(file, report);
    twice(file.classes.keys(), "class", report);
    twice(file.objects.keys(), "object", report);
    let detection = scan::detection(file, report);
    let scope = Scope {
        file,
        table,
        detection: &detection,
        door: None,
    };
    let classes = class::resolve(&scope, report);
    let objects = object::resolve(&scope, report);
    let by_name = Names::new(objects.iter().map(|object| object.name.as_str()));
    let described = is_described(file).then(|| site::resolve(file, report));
    let (site, routes) = described.map(|of| (of.site, of.spans)).unzip();
    let doors = door::resolve(source, &scope, report);
    let api = file.api.as_ref().map(|api| &api.value);
    let plan = Plan {
        hash: plan::hash(source),
        written: Arc::default(), // Whoever compiles has read it.
        crm: file.crm.value.clone(),
        token_domain: file.token_domain.value.clone(),
        api: Api {
            oldest: api.map_or(0, |api| api.oldest),
            newest: api.map_or(0, |api| api.newest),
        },
        role_names: file.roles.keys().map(|role| role.value.clone()).collect(),
        classes,
        sealed: ClassPlan {
            name: String::new(),
            category: String::new(),
            roles: RoleSet::none(),
            step_up: true,
            search: Search::None,
            canonical: Canonical::Text,
            special: true,
            exception: None,
            known: None,
            span: 0..0,
        },
        guarded: Guarded::new(&objects),
        objects,
        by_name,
        detection,
        unanswerable: file
            .search
            .as_ref()
            .map_or(Unanswerable::Refuse, |search| search.value.unanswerable),
        streams: file.streams.iter().map(|name| name.value.clone()).collect(),
        doors,
        controllers: action::resolve(file, report),
        site,
        step_up_minutes: step_up_minutes(file, report),
        warnings: Report::new(source),
        whole: None,
    };
    if let Some(spans) = &routes {
        site::lint(&plan, spans, report);
    }
    plan
}

/// The file and the table that its names are looked up in.
struct Scope<'f> {
    file: &'f File,
    table: &'f FieldTable,
    detection: &'f Detection,
    /// Where more is looked for than the fields say.
    door: Option<Looked>,
}

/// What is looked for at a door, and where the file says so.
struct Looked {
    looks: Looks,
    rule_id: String,
    span: Range<usize>,
}

impl Scope<'_> {
    /// The set of roles that a list names; names that `[roles]` does not have are reported.
    fn roles(&self, names: &[At<String>], report: &mut Report) -> RoleSet {
        let mut set = RoleSet::none();
        for name in names {
            let mut roles = self.file.roles.keys();
            match roles.position(|role| role.value == name.value) {
                Some(place) => set = set.with(place),
                None => unknown("role", name, self.file.roles.keys(), report),
            }
        }
        set
    }

    /// The purpose, if `[purposes]` has it.
    fn purpose(&self, name: Option<&At<String>>, report: &mut Report) -> Option<String> {
        let name = name?;
        let mut purposes = self.file.purposes.keys();
        if purposes.any(|purpose| purpose.value == name.value) {
            return Some(name.value.clone());
        }
        unknown("purpose", name, self.file.purposes.keys(), report);
        None
    }
}

/// Reports a name that the file does not define.
fn unknown<'k>(
    what: &'static str,
    name: &At<String>,
    known: impl Iterator<Item = &'k At<String>>,
    report: &mut Report,
) {
    let known: Vec<&str> = known.map(|name| name.value.as_str()).collect();
    let (code, dutch) = match what {
        "role" => ("policy-unknown-role", "rol"),
        "purpose" => ("policy-unknown-purpose", "doel"),
        _ => ("policy-unknown-class", "klasse"),
    };
    report.error(
        code,
        &name.span,
        sentence!(
            "no {what} `{name}` is defined",
            "er is geen {dutch} `{name}`",
            name = name.value,
        ),
        match suggest::nearest(&name.value, known.iter().copied()) {
            None if known.len() > 12 => sentence!(
                "define the {what} first, or name one that is",
                "maak eerst een {dutch} met die naam, of noem een andere"
            ),
            Some(_) | None => did_you_mean(&name.value, &known),
        },
    );
}

pub(in crate::policy) fn did_you_mean(name: &str, known: &[&str]) -> Sentence {
    match suggest::nearest(name, known.iter().copied()) {
        Some(near) => sentence!("did you mean `{near}`?", "bedoelde u `{near}`?"),
        None if known.is_empty() => sentence!("define it first", "maak het eerst"),
        None if known.len() > 12 => see_describe(),
        None => sentence!(
            "defined are: {known}",
            "er zijn: {known}",
            known = known.join(", "),
        ),
    }
}

pub(in crate::policy) fn see_describe() -> Sentence {
    sentence!(
        "see the CRM's describe for the names it has",
        "zie de beschrijving van het CRM voor de namen die het heeft"
    )
}

/// Reports names that differ in nothing but case: the CRM takes them for one.
fn twice<'k>(names: impl Iterator<Item = &'k At<String>>, what: &str, report: &mut Report) {
    let mut seen: BTreeMap<String, &Range<usize>> = BTreeMap::new();
    for name in names {
        if seen
            .insert(name.value.to_ascii_lowercase(), &name.span)
            .is_some()
        {
            report.error(
                "policy-twice",
                &name.span,
                sentence!(
                    "the {what} `{name}` stands here for the second time",
                    "`{name}` staat hier voor de tweede keer",
                    name = name.value,
                ),
                sentence!(
                    "keep one; the CRM does not tell upper from lower case",
                    "houd er een; het CRM maakt geen verschil tussen hoofdletters en kleine letters"
                ),
            );
        }
    }
}

fn header(file: &File, report: &mut Report) {
    if file.version.value != 1 {
        report.error(
            "policy-version",
            &file.version.span,
            sentence!(
                "this product reads version 1 of the format",
                "dit programma leest versie 1 van de vorm"
            ),
            sentence!("write `version = 1`", "schrijf `version = 1`"),
        );
    }
    crm(file, report);
    if !is_domain(&file.token_domain.value) {
        report.error(
            "policy-token-domain",
            &file.token_domain.span,
            sentence!(
                "this is no domain in lower case with at least two labels",
                "dit is geen domein in kleine letters met minstens twee delen"
            ),
            sentence!(
                "name a domain that the organisation owns, such as `token.example.eu`",
                "noem een domein van de organisatie, zoals `token.example.eu`"
            ),
        );
    }
    if file.roles.len() > RoleSet::CAPACITY {
        report.error(
            "policy-roles",
            &file.version.span,
            sentence!(
                "more than {most} roles",
                "meer dan {most} rollen",
                most = RoleSet::CAPACITY,
            ),
            sentence!(
                "merge roles that see the same",
                "voeg rollen samen die hetzelfde zien"
            ),
        );
    }
}

/// A step-up that holds for hours is a sign-in.
fn step_up_minutes(file: &File, report: &mut Report) -> u16 {
    const USUAL: u16 = 10;
    let Some(minutes) = &file.step_up_minutes else {
        return USUAL;
    };
    if !(1..=60).contains(&minutes.value) {
        report.error(
            "policy-step-up",
            &minutes.span,
            sentence!(
                "a second factor counts as just shown for 1 to 60 minutes",
                "een tweede factor geldt 1 tot 60 minuten als net getoond"
            ),
            sentence!(
                "write a number of minutes, such as 10",
                "schrijf een aantal minuten, zoals 10"
            ),
        );
    }
    minutes.value
}

/// A CRM that we know has versions of its API and no routes; any other has routes of the file's.
fn crm(file: &File, report: &mut Report) {
    if is_described(file) {
        if file.routes.is_empty() {
            report.error(
                "policy-crm",
                &file.crm.span,
                sentence!(
                    "no field table for the CRM `{crm}`, and no routes in this file",
                    "geen veldentabel voor het CRM `{crm}`, en geen routes in dit bestand",
                    crm = file.crm.value,
                ),
                sentence!(
                    "write \"salesforce\", or describe the CRM with `[site]` and `[[routes]]`",
                    "schrijf \"salesforce\", of beschrijf het CRM met `[site]` en `[[routes]]`"
                ),
            );
        }
        if let Some(api) = &file.api {
            report.error(
                "policy-api",
                &api.span,
                "versions of an API mean nothing to a CRM that this file describes",
                "take `api` away; the paths of `[[routes]]` say what is open",
            );
        }
        if let Some(search) = &file.search {
            report.error(
                "policy-stray-key",
                &search.span,
                "free searches are Salesforce's; a route says itself what it searches",
                "take `search` away",
            );
        }
        return;
    }
    let api = file.api.as_ref();
    if api.is_none_or(|api| api.value.oldest > api.value.newest || api.value.oldest == 0) {
        report.error(
            "policy-api",
            api.map_or(&file.crm.span, |api| &api.span),
            sentence!(
                "no version of the API lies between `oldest` and `newest`",
                "tussen `oldest` en `newest` ligt geen versie van de API"
            ),
            sentence!(
                "write `api = {{ oldest = 50, newest = 66 }}`; `oldest` is above 0 and at most `newest`",
                "schrijf `api = {{ oldest = 50, newest = 66 }}`; `oldest` is hoger dan 0 en hoogstens `newest`"
            ),
        );
    }
    let routes = file.routes.iter().map(|route| &route.span);
    let fixed = file.fixed.iter().map(|fixed| &fixed.span);
    let forms = file.forms.keys().map(|form| &form.span);
    let site = file.site.iter().map(|site| &site.span);
    let types = file
        .objects
        .values()
        .flat_map(|object| object.value.types.keys());
    let stray = routes.chain(fixed).chain(forms).chain(site).next();
    if let Some(span) = stray.or(types.map(|name| &name.span).next()) {
        report.error(
            "policy-stray-key",
            span,
            sentence!(
                "routes, forms and types are for a CRM that this file describes alone",
                "routes, formulieren en typen zijn alleen voor een CRM dat dit bestand zelf beschrijft"
            ),
            sentence!(
                "take it away, or give `crm` another name than \"salesforce\"",
                "haal het weg, of geef `crm` een andere naam dan \"salesforce\""
            ),
        );
    }
}

/// RFC 1123, section 2.1, in lower case: the CRM lower-cases addresses, and tokens are compared
/// after it did.
fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(label)
}
