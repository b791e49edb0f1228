//! Routes in plain words, and what a new version changes in them.

use crate::dialect::pages::{Codec, Grammar, Media, Name, Names, Route, Site};

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
pub fn route(site: &Site, name: &str) -> Option<String> {
    let route = site.routes.iter().find(|route| *route.name == *name)?;
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
    let answers: Vec<&str> = route.answers.iter().map(|media| answer(*media)).collect();
    text.push_str(&format!("  answers        {}\n", answers.join(", ")));
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
        Media::File => "a file as it is",
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
        for (word, was, is) in [
            ("parameter", &known.query, &route.query),
            ("body", &known.form, &route.form),
        ] {
            for (name, what) in &is.0 {
                let old = was.0.get(name);
                if old == Some(what) {
                    continue;
                }
                let weaker = matches!(what, Name::Pass(_) | Name::File);
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
        let passed = route.answers.contains(&Media::File) && !known.answers.contains(&Media::File);
        if passed {
            changes.push((true, format!("{} may answer files as they are", route.name)));
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
    let (was, is) = (before.map(|site| &site.csp), after.map(|site| &site.csp));
    if was != is {
        changes.push((
            true,
            "pages may load from other sources than before".to_owned(),
        ));
    }
    changes
}
