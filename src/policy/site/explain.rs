//! Routes in plain words.

use crate::dialect::pages::{Codec, Grammar, Media, Name, Names, Route, Site};
use crate::policy::{Plan, Sentence, sentence};

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
            door.looks.words().english
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
        Name::Pass(grammar) => format!("{name}: passes, {}", form(grammar).english),
        Name::Drop => format!("{name}: taken out"),
        Name::File => format!("{name}: a file, which is refused unless it is empty"),
        Name::Upload(upload) => format!(
            "{name}: a file of at most {} bytes, which leaves sealed; its name is the field {object}.{}",
            upload.most, upload.field
        ),
    };
    names.0.iter().map(line).collect()
}

pub(super) fn form(grammar: &Grammar) -> Sentence {
    match grammar {
        Grammar::Number => sentence!("a number", "een getal"),
        Grammar::Id(_) => sentence!("an id", "een id"),
        Grammar::Flag => sentence!("a switch", "een schakelaar"),
        Grammar::Date => sentence!("a date", "een datum"),
        Grammar::Word => sentence!("an identifier", "een naam zonder spaties"),
        Grammar::Token => sentence!(
            "a random text of the CRM's",
            "een toevallige tekst van het CRM"
        ),
        Grammar::Path => sentence!("a path of this site", "een pad van deze site"),
        Grammar::Secret => sentence!("whatever it is", "wat het ook is"),
        Grammar::Empty => sentence!("if it is empty", "als het leeg is"),
        Grammar::OneOf(values) => {
            let count = values.len();
            sentence!("one of {count} values", "een van {count} waarden")
        }
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
pub(super) fn place(route: &Route) -> String {
    let host = route.host.as_deref().unwrap_or_default();
    format!("{host}{}", route.pattern.text())
}
