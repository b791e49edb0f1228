//! What a new version changes in the description of a CRM.
//!
//! Whatever a name, a header field or a cookie becomes instead of what it was is weaker, unless it is
//! taken out: which of two fields or forms shows more hangs on all the rest of the file.

use std::collections::BTreeMap;

use super::explain::{form, place};
use crate::dialect::pages::{Cookie, Grammar, Media, Method, Name, Names, Route, Site};
use crate::policy::compare::Told;
use crate::policy::{Sentence, sentence};

/// What changes from one site to another.
pub fn changes(before: Option<&Site>, after: Option<&Site>, told: &mut Told) {
    let (Some(old), Some(new)) = (before, after) else {
        if before.is_some() != after.is_some() {
            told.about("crm");
            let text = sentence!(
                "the CRM is described in another way",
                "het CRM wordt anders beschreven"
            );
            told.add(true, text);
        }
        return;
    };
    // Named one by one, so that a part that is added to sites has to be thought of here.
    let Site {
        ids,
        pass,
        headers,
        cookies: _,
        csp: _,
        routes: _,
        host: _,
        hosts: _, // The same routes, by host.
    } = new;
    if old.ids != *ids {
        told.about("site.ids");
        let text = sentence!(
            "ids of records have another form",
            "ids van records hebben een andere vorm"
        );
        told.add(true, text);
    }
    let name = sentence!("name", "naam");
    everywhere(("pass", &name), (&old.pass, pass), told);
    let header = sentence!("header field", "headerveld");
    everywhere(("headers", &header), (&old.headers, headers), told);
    cookies(&old.cookies, &new.cookies, told);
    sources(&old.csp, &new.csp, told);
    routes(old, new, told);
}

/// What is let through with each body, or in the head of each request.
fn everywhere(
    (key, word): (&str, &Sentence),
    (old, new): (&BTreeMap<String, Grammar>, &BTreeMap<String, Grammar>),
    told: &mut Told,
) {
    for (name, grammar) in new
        .iter()
        .filter(|(name, form)| old.get(*name) != Some(form))
    {
        told.about(format!("site.{key}.{name}"));
        let text = sentence!(
            "the {word} `{name}` passes wherever it stands, {form}",
            "{word} `{name}` gaat overal door waar die staat, {form}",
            word: word,
            form: form(grammar),
        );
        told.add(true, text);
    }
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        told.about(format!("site.{key}.{name}"));
        let text = sentence!(
            "the {word} `{name}` no longer passes wherever it stands",
            "{word} `{name}` gaat niet meer overal door waar die staat",
            word: word,
        );
        told.add(false, text);
    }
}

/// Of another form, readable by scripts, or bound to nobody: only a cookie that is sealed says less.
fn cookies(old: &BTreeMap<String, Cookie>, new: &BTreeMap<String, Cookie>, told: &mut Told) {
    for (name, cookie) in new.iter().filter(|(name, is)| old.get(*name) != Some(is)) {
        told.about(format!("site.cookies.{name}"));
        let sealed = *cookie == Cookie::Sealed && old.contains_key(name);
        let text = sentence!(
            "the cookie `{name}` crosses in another way",
            "het cookie `{name}` gaat op een andere manier over de grens"
        );
        told.add(!sealed, text);
    }
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        told.about(format!("site.cookies.{name}"));
        let text = sentence!(
            "the cookie `{name}` is dropped",
            "het cookie `{name}` wordt weggelaten"
        );
        told.add(false, text);
    }
}

/// Where pages may load from beside our own host.
fn sources(
    old: &BTreeMap<String, Vec<String>>,
    new: &BTreeMap<String, Vec<String>>,
    told: &mut Told,
) {
    if old == new {
        return;
    }
    told.about("site.csp");
    let has = |all: &BTreeMap<String, Vec<String>>, directive: &String, source: &String| {
        all.get(directive)
            .is_some_and(|sources| sources.contains(source))
    };
    let added = new.iter().any(|(directive, sources)| {
        let mut sources = sources.iter();
        sources.any(|source| !has(old, directive, source))
    });
    let text = match added {
        true => sentence!(
            "pages may load from other sources than before",
            "pagina's mogen van andere bronnen laden dan voorheen"
        ),
        false => sentence!(
            "pages may load from fewer sources than before",
            "pagina's mogen van minder bronnen laden dan voorheen"
        ),
    };
    told.add(added, text);
}

fn routes(old: &Site, new: &Site, told: &mut Told) {
    for route in &new.routes {
        about(route, told);
        match old.routes.iter().find(|known| is_same(known, route)) {
            Some(known) => change(known, (route, new), told),
            None => {
                let (path, name) = (place(route), &route.name);
                let text = sentence!(
                    "the path {path} opens (route {name})",
                    "het pad {path} gaat open (route {name})"
                );
                told.add(true, text);
            }
        }
    }
    for route in &old.routes {
        if new.routes.iter().any(|known| is_same(known, route)) {
            continue;
        }
        about(route, told);
        let (path, name) = (place(route), &route.name);
        let text = sentence!(
            "the path {path} closes (route {name})",
            "het pad {path} gaat dicht (route {name})"
        );
        told.add(false, text);
        for method in &route.methods {
            falls_to(route, *method, new, told);
        }
    }
}

/// Static paths have no name of their own, and their number is only their place in the file.
fn is_same(one: &Route, other: &Route) -> bool {
    let named = one.fixed && other.fixed || one.name == other.name;
    named && one.fixed == other.fixed && place(one) == place(other)
}

fn about(route: &Route, told: &mut Told) {
    match route.fixed {
        true => told.about("static"),
        false => told.about(format!("routes.{}", route.name)),
    }
}

/// A path that a route no longer takes may be one that a vaguer route does.
fn falls_to(route: &Route, method: Method, new: &Site, told: &mut Told) {
    let mut others = new.routes.iter().filter(|other| {
        !is_same(other, route)
            && other.host == route.host
            && other.methods.contains(&method)
            && other.pattern.meets(&route.pattern)
    });
    if let Some(other) = others.next() {
        let (method, path, name) = (method.name(), place(route), &other.name);
        let text = sentence!(
            "{method} of {path} may fall to the route {name}",
            "{method} van {path} valt misschien onder de route {name}"
        );
        told.add(true, text);
    }
}

fn change(known: &Route, (route, new): (&Route, &Site), told: &mut Told) {
    // Named one by one, so that a part that is added to routes has to be thought of here.
    let Route {
        name,
        query,
        codecs,
        form,
        methods: _, // `takes`
        pattern: _, // `otherwise`, as are the next seven.
        object: _,
        record: _,
        creates: _,
        answers: _,
        html_in_json: _,
        login: _,
        socket: _,
        plain_files: _, // `files`
        csv_guard: _,   // `guards`, as is the next.
        step_up: _,
        host: _,  // What is the same route is at one host,
        fixed: _, // and of one kind.
    } = route;
    takes(known, route, new, told);
    let more = codecs.iter().any(|codec| !known.codecs.contains(codec));
    let otherwise = otherwise(known, route, more).into_iter();
    for (_, text) in otherwise.filter(|(differs, _)| *differs) {
        let text = sentence!("{name}: {text}", "{name}: {text}", text: text);
        told.add(true, text);
    }
    if !more && known.codecs.len() != codecs.len() {
        let text = sentence!(
            "{name}: fewer ways to write its body",
            "{name}: minder manieren om te versturen"
        );
        told.add(false, text);
    }
    let parameter = sentence!("parameter", "parameternaam");
    names(&parameter, (name, &known.query), (query, new), told);
    let body = sentence!("body", "naam");
    names(&body, (name, &known.form), (form, new), told);
    files(known, route, told);
    guards(known, route, told);
}

/// The methods that a route takes.
fn takes(known: &Route, route: &Route, new: &Site, told: &mut Told) {
    let name = &route.name;
    for method in route
        .methods
        .iter()
        .filter(|method| !known.methods.contains(method))
    {
        let taken = method.name();
        let text = sentence!("{name} takes {taken}", "{name} neemt {taken} aan");
        told.add(true, text);
    }
    for method in known
        .methods
        .iter()
        .filter(|method| !route.methods.contains(method))
    {
        let taken = method.name();
        let text = sentence!(
            "{name} no longer takes {taken}",
            "{name} neemt {taken} niet meer aan"
        );
        told.add(false, text);
        falls_to(known, *method, new, told);
    }
}

/// What of a route is otherwise than before, each with what is said then.
fn otherwise(known: &Route, route: &Route, more: bool) -> [(bool, Sentence); 9] {
    [
        (
            known.object != route.object,
            sentence!(
                "its fields are those of another object",
                "de velden zijn die van een ander object"
            ),
        ),
        (
            known.record != route.record || known.creates != route.creates,
            sentence!(
                "the record that it writes is told in another way",
                "welk record wordt geschreven blijkt op een andere manier"
            ),
        ),
        (
            known.answers != route.answers,
            sentence!("it answers something else", "het antwoord is iets anders"),
        ),
        (
            known.html_in_json != route.html_in_json,
            sentence!(
                "strings of its answers are HTML, or no longer are",
                "teksten in antwoorden zijn HTML, of zijn dat niet meer"
            ),
        ),
        (
            known.login != route.login,
            sentence!(
                "people sign in to the CRM here, or no longer do",
                "mensen melden zich hier bij het CRM aan, of doen dat niet meer"
            ),
        ),
        (
            known.pattern != route.pattern,
            sentence!("its path is read otherwise", "het pad wordt anders gelezen"),
        ),
        (
            more,
            sentence!(
                "its body may be written in another way",
                "wat wordt verstuurd mag op een andere manier geschreven zijn"
            ),
        ),
        (
            known.socket && !route.socket,
            sentence!("it is no WebSocket any more", "het is geen WebSocket meer"),
        ),
        (
            !known.socket && route.socket,
            sentence!(
                "a WebSocket passes unread",
                "een WebSocket gaat ongelezen door"
            ),
        ),
    ]
}

/// What the names of a route's query or body become.
fn names(
    word: &Sentence,
    (route, known): (&str, &Names),
    (names, new): (&Names, &Site),
    told: &mut Told,
) {
    for (name, what) in &names.0 {
        let old = known.0.get(name);
        if old == Some(what) {
            continue;
        }
        let weaker = match what {
            Name::Drop => false,
            Name::File => !matches!(old, Some(Name::Upload(_))),
            Name::Field(_) | Name::Search(_) | Name::Pass(_) | Name::Upload(_) => true,
        };
        let text = sentence!(
            "{route}: the {word} name `{name}` is treated in another way",
            "{route}: {word} `{name}` wordt anders behandeld",
            word: word,
        );
        told.add(weaker, text);
    }
    for name in known.0.keys().filter(|name| !names.0.contains_key(*name)) {
        let passes = new.pass.contains_key(name);
        let text = match passes {
            true => sentence!(
                "{route}: the {word} name `{name}` passes, as in every body",
                "{route}: {word} `{name}` gaat door, zoals overal",
                word: word,
            ),
            false => sentence!(
                "{route}: the {word} name `{name}` becomes refused",
                "{route}: {word} `{name}` wordt geweigerd",
                word: word,
            ),
        };
        told.add(passes, text);
    }
}

/// What a route may answer of files that it could not before.
fn files(known: &Route, route: &Route, told: &mut Told) {
    let name = &route.name;
    let files = |route: &Route| route.answers.contains(&Media::File);
    if files(route) && !files(known) {
        let text = sentence!(
            "{name} may answer files",
            "{name} mag met bestanden antwoorden"
        );
        told.add(true, text);
    }
    if route.plain_files != known.plain_files {
        let text = match route.plain_files {
            true => sentence!(
                "{name} may answer files as they are",
                "{name} mag met onbeschermde bestanden antwoorden"
            ),
            false => sentence!(
                "{name} may no longer answer files as they are",
                "{name} mag niet meer met onbeschermde bestanden antwoorden"
            ),
        };
        told.add(route.plain_files, text);
    }
}

/// What stands before a route, and what is done to the cells that it answers.
fn guards(known: &Route, route: &Route, told: &mut Told) {
    let name = &route.name;
    if known.step_up != route.step_up {
        let text = match route.step_up {
            true => sentence!(
                "{name} takes a fresh second factor",
                "{name} vraagt een tweede factor die net is getoond"
            ),
            false => sentence!(
                "{name} no longer takes a fresh second factor",
                "{name} vraagt geen tweede factor meer die net is getoond"
            ),
        };
        told.add(known.step_up, text);
    }
    if known.csv_guard != route.csv_guard {
        let text = match route.csv_guard {
            true => sentence!(
                "{name}: cells that a spreadsheet computes are guarded",
                "{name}: cellen waarmee een rekenblad zou rekenen worden afgeschermd"
            ),
            false => sentence!(
                "{name}: cells that a spreadsheet computes are no longer guarded",
                "{name}: cellen waarmee een rekenblad zou rekenen worden niet meer afgeschermd"
            ),
        };
        told.add(known.csv_guard, text);
    }
}
