//! Routes in plain words, and what a new version changes in them.

use crate::dialect::pages::{Codec, Cookie, Grammar, Media, Name, Names, Route, Site};
use crate::policy::Plan;

/// All routes, one line each.
#[must_use]
pub fn explain(site: &Site) -> String {
    let mut text = String::new();
    for route in &site.routes {
        let methods: Vec<&str> = route.methods.iter().map(|method| method.name()).collect();
        let answers: Vec<&str> = route.answers.iter().map(|media| answer(*media)).collect();
        text.push_str(&format!(
            "{:24} {} {} -> {}\n",
            route.name,
            methods.join(","),
            place(route),
            if route.fixed {
                "as it is".to_owned()
            } else if route.socket {
                "a WebSocket, unread".to_owned()
            } else {
                answers.join(", ")
            },
        ));
    }
    text
}

/// One route, all that the policy says about it; none where there is none of that name.
#[must_use]
pub fn route(plan: &Plan, name: &str) -> Option<String> {
    let route = plan
        .site()?
        .routes
        .iter()
        .find(|route| *route.name == *name)?;
    let methods: Vec<&str> = route.methods.iter().map(|method| method.name()).collect();
    let mut text = format!("{} {} ({})\n", methods.join(","), place(route), route.name);
    if let Some(object) = &route.object {
        let record = match (&route.record, &route.creates) {
            (Some(variable), _) => format!("the record `{{{variable}}}` of the path"),
            (None, Some(_)) => "a new record, whose id the answer tells".to_owned(),
            (None, None) => "a record whose id is not told".to_owned(),
        };
        text.push_str(&format!("  writes         {object}: {record}\n"));
    }
    for (what, names) in [("parameter", &route.query), ("body", &route.form)] {
        for line in lines(route, names) {
            text.push_str(&format!("  {what:14} {line}\n"));
        }
    }
    if !route.codecs.is_empty() {
        let codecs: Vec<&str> = route.codecs.iter().map(|codec| coded(*codec)).collect();
        text.push_str(&format!("  written as     {}\n", codecs.join(" or ")));
    }
    if let Some(door) = plan.door(name) {
        text.push_str(&format!(
            "  looked for     {}, in all text that is written here, whatever its field says\n",
            door.looks.words()
        ));
    }
    let answers: Vec<&str> = route.answers.iter().map(|media| answer(*media)).collect();
    text.push_str(&format!("  answers        {}\n", answers.join(", ")));
    if route.step_up {
        text.push_str("  step-up        only who showed their second factor just now\n");
    }
    if route.answers.contains(&Media::File) {
        let plain = match route.plain_files || route.fixed {
            true => "pass as they are",
            false => "are refused",
        };
        text.push_str(&format!(
            "  files          sealed ones are opened, others {plain}\n"
        ));
    }
    Some(text)
}

fn lines(route: &Route, names: &Names) -> Vec<String> {
    let object = route.object.as_deref().unwrap_or_default();
    let line = |(name, what): (&String, &Name)| match what {
        Name::Field(field) => format!("{name}: the field {object}.{field}"),
        Name::Search(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(object, field)| format!("{object}.{field}"))
                .collect();
            format!(
                "{name}: searches the whole value of {}",
                fields.join(" or ")
            )
        }
        Name::Pass(grammar) => format!("{name}: passes, {}", form(grammar)),
        Name::Drop => format!("{name}: taken out"),
        Name::File => format!("{name}: a file, which is refused unless it is empty"),
        Name::Upload(upload) => format!(
            "{name}: a file of at most {} bytes, which leaves sealed; its name is the field {object}.{}",
            upload.most, upload.field
        ),
    };
    names.0.iter().map(line).collect()
}

fn form(grammar: &Grammar) -> String {
    match grammar {
        Grammar::Number => "a number".to_owned(),
        Grammar::Id(_) => "an id".to_owned(),
        Grammar::Flag => "a switch".to_owned(),
        Grammar::Date => "a date".to_owned(),
        Grammar::Word => "an identifier".to_owned(),
        Grammar::Token => "a random text of the CRM's".to_owned(),
        Grammar::Path => "a path of this site".to_owned(),
        Grammar::Secret => "whatever it is".to_owned(),
        Grammar::Empty => "if it is empty".to_owned(),
        Grammar::OneOf(values) => format!("one of {} values", values.len()),
    }
}

fn coded(codec: Codec) -> &'static str {
    match codec {
        Codec::Form => "a form",
        Codec::Multipart => "a form with files",
        Codec::Json => "JSON",
    }
}

fn answer(media: Media) -> &'static str {
    match media {
        Media::Html => "html",
        Media::Json => "json",
        Media::Csv => "csv",
        Media::Text => "text",
        Media::File => "a file",
        Media::Empty => "nothing",
    }
}

/// A route's path, with its host where that is not the first.
fn place(route: &Route) -> String {
    let host = route.host.as_deref().unwrap_or_default();
    format!("{host}{}", route.pattern.text())
}

/// What changes from one site to another: weaker or not, and a sentence.
pub fn changes(before: Option<&Site>, after: Option<&Site>) -> Vec<(bool, String)> {
    let routes = |site: Option<&Site>| -> Vec<Route> {
        site.map_or_else(Vec::new, |site| site.routes.clone())
    };
    let key = |route: &Route| (route.name.clone(), place(route));
    let (old, new) = (routes(before), routes(after));
    let mut changes = Vec::new();
    for route in &new {
        let Some(known) = old.iter().find(|known| key(known) == key(route)) else {
            let text = format!("the path {} opens (route {})", place(route), route.name);
            changes.push((true, text));
            continue;
        };
        let opened = route
            .methods
            .iter()
            .filter(|method| !known.methods.contains(method));
        for method in opened {
            changes.push((true, format!("{} takes {}", route.name, method.name())));
        }
        names(known, route, &mut changes);
        changes.extend(more_files(known, route).map(|text| (true, text)));
        if known.step_up != route.step_up {
            let verb = if route.step_up {
                "takes"
            } else {
                "no longer takes"
            };
            changes.push((
                known.step_up,
                format!("{} {verb} a fresh second factor", route.name),
            ));
        }
        if route.socket && !known.socket {
            let text = format!("{} lets a WebSocket pass unread", route.name);
            changes.push((true, text));
        }
        if known.csv_guard && !route.csv_guard {
            changes.push((
                true,
                format!(
                    "{}: cells that a spreadsheet computes are no longer guarded",
                    route.name
                ),
            ));
        }
    }
    for route in &old {
        if !new.iter().any(|known| key(known) == key(route)) {
            let text = format!("the path {} closes (route {})", place(route), route.name);
            changes.push((false, text));
        }
    }
    cookies(before, after, &mut changes);
    let (was, is) = (before.map(|site| &site.csp), after.map(|site| &site.csp));
    if was != is {
        changes.push((
            true,
            "pages may load from other sources than before".to_owned(),
        ));
    }
    changes
}

/// What the names of a route's query and body become.
fn names(known: &Route, route: &Route, changes: &mut Vec<(bool, String)>) {
    for (word, was, is) in [
        ("parameter", &known.query, &route.query),
        ("body", &known.form, &route.form),
    ] {
        for (name, what) in &is.0 {
            let old = was.0.get(name);
            if old == Some(what) {
                continue;
            }
            let weaker = matches!(what, Name::Pass(_) | Name::File | Name::Upload(_));
            changes.push((
                weaker,
                format!(
                    "{}: the {word} name `{name}` is treated in another way",
                    route.name
                ),
            ));
        }
        for name in was.0.keys().filter(|name| !is.0.contains_key(*name)) {
            changes.push((
                false,
                format!("{}: the {word} name `{name}` becomes refused", route.name),
            ));
        }
    }
}

/// A cookie that crosses in another way: one that scripts write is bound to nobody.
fn cookies(before: Option<&Site>, after: Option<&Site>, changes: &mut Vec<(bool, String)>) {
    let of =
        |site: Option<&Site>, name: &String| site.and_then(|site| site.cookies.get(name).cloned());
    for (name, is) in after.iter().flat_map(|site| &site.cookies) {
        let was = of(before, name);
        if was.as_ref() == Some(is) {
            continue;
        }
        let weaker = matches!(is, Cookie::Scripts(_)) || was.is_none();
        changes.push((
            weaker,
            format!("the cookie `{name}` crosses in another way"),
        ));
    }
    for name in before.iter().flat_map(|site| site.cookies.keys()) {
        if of(after, name).is_none() {
            changes.push((false, format!("the cookie `{name}` is dropped")));
        }
    }
}

/// What a route may answer of files that it could not before.
fn more_files(known: &Route, route: &Route) -> impl Iterator<Item = String> {
    let files = |route: &Route| route.answers.contains(&Media::File);
    let more = (files(route) && !files(known)).then(|| format!("{} may answer files", route.name));
    let plain = (route.plain_files && !known.plain_files)
        .then(|| format!("{} may answer files as they are", route.name));
    more.into_iter().chain(plain)
}
