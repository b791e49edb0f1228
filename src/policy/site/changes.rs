//! What a new version changes in the description of a CRM.
//!
//! Whatever a name, a header field or a cookie becomes instead of what it was is weaker, unless it is
//! taken out: which of two fields or forms shows more hangs on all the rest of the file.

use std::collections::BTreeMap;

use super::explain::{form, place};
use crate::dialect::pages::{Cookie, Grammar, Media, Method, Name, Names, Route, Site};
use crate::policy::compare::Told;

/// What changes from one site to another.
pub fn changes(before: Option<&Site>, after: Option<&Site>, told: &mut Told) {
    let (Some(old), Some(new)) = (before, after) else {
        if before.is_some() != after.is_some() {
            told.about("crm");
            told.add(true, "the CRM is described in another way");
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
        told.add(true, "ids of records have another form");
    }
    everywhere(("pass", "name"), (&old.pass, pass), told);
    everywhere(("headers", "header field"), (&old.headers, headers), told);
    cookies(&old.cookies, &new.cookies, told);
    sources(&old.csp, &new.csp, told);
    routes(old, new, told);
}

/// What is let through with each body, or in the head of each request.
fn everywhere(
    (key, word): (&str, &str),
    (old, new): (&BTreeMap<String, Grammar>, &BTreeMap<String, Grammar>),
    told: &mut Told,
) {
    for (name, grammar) in new
        .iter()
        .filter(|(name, form)| old.get(*name) != Some(form))
    {
        told.about(format!("site.{key}.{name}"));
        let form = form(grammar);
        let text = format!("the {word} `{name}` passes wherever it stands, {form}");
        told.add(true, text);
    }
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        told.about(format!("site.{key}.{name}"));
        let text = format!("the {word} `{name}` no longer passes wherever it stands");
        told.add(false, text);
    }
}

/// Of another form, readable by scripts, or bound to nobody: only a cookie that is sealed says less.
fn cookies(old: &BTreeMap<String, Cookie>, new: &BTreeMap<String, Cookie>, told: &mut Told) {
    for (name, cookie) in new.iter().filter(|(name, is)| old.get(*name) != Some(is)) {
        told.about(format!("site.cookies.{name}"));
        let sealed = *cookie == Cookie::Sealed && old.contains_key(name);
        let text = format!("the cookie `{name}` crosses in another way");
        told.add(!sealed, text);
    }
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        told.about(format!("site.cookies.{name}"));
        told.add(false, format!("the cookie `{name}` is dropped"));
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
        true => "pages may load from other sources than before",
        false => "pages may load from fewer sources than before",
    };
    told.add(added, text);
}

fn routes(old: &Site, new: &Site, told: &mut Told) {
    for route in &new.routes {
        about(route, told);
        match old.routes.iter().find(|known| is_same(known, route)) {
            Some(known) => change(known, (route, new), told),
            None => {
                let text = format!("the path {} opens (route {})", place(route), route.name);
                told.add(true, text);
            }
        }
    }
    for route in &old.routes {
        if new.routes.iter().any(|known| is_same(known, route)) {
            continue;
        }
        about(route, told);
        let text = format!("the path {} closes (route {})", place(route), route.name);
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
        let (method, path) = (method.name(), place(route));
        let text = format!("{method} of {path} may fall to the route {}", other.name);
        told.add(true, text);
    }
}

fn change(known: &Route, (route, new): (&Route, &Site), told: &mut Told) {
    // Named one by one, so that a part that is added to routes has to be thought of here.
    let Route {
        name,
        host: _,
        methods,
        pattern,
        object,
        record,
        creates,
        query,
        codecs,
        form,
        answers,
        html_in_json,
        plain_files: _,
        csv_guard: _,
        step_up: _,
        login,
        socket,
        fixed: _, // What is the same route is of one kind.
    } = route;
    for method in methods
        .iter()
        .filter(|method| !known.methods.contains(method))
    {
        told.add(true, format!("{name} takes {}", method.name()));
    }
    for method in known
        .methods
        .iter()
        .filter(|method| !methods.contains(method))
    {
        told.add(false, format!("{name} no longer takes {}", method.name()));
        falls_to(known, *method, new, told);
    }
    let mut differs = |other: bool, text: &str| {
        if other {
            told.add(true, format!("{name}: {text}"));
        }
    };
    let fields = "its fields are those of another object";
    differs(known.object != *object, fields);
    let whose = "the record that it writes is told in another way";
    differs(known.record != *record || known.creates != *creates, whose);
    differs(known.answers != *answers, "it answers something else");
    let html = "strings of its answers are HTML, or no longer are";
    differs(known.html_in_json != *html_in_json, html);
    let login_text = "people sign in to the CRM here, or no longer do";
    differs(known.login != *login, login_text);
    differs(known.pattern != *pattern, "its path is read otherwise");
    let more = codecs.iter().any(|codec| !known.codecs.contains(codec));
    differs(more, "its body may be written in another way");
    let socket_text = match socket {
        true => "a WebSocket passes unread",
        false => "it is no WebSocket any more",
    };
    differs(known.socket != *socket, socket_text);
    if !more && known.codecs.len() != codecs.len() {
        told.add(false, format!("{name}: fewer ways to write its body"));
    }
    names("parameter", (name, &known.query), (query, new), told);
    names("body", (name, &known.form), (form, new), told);
    files(known, route, told);
    guards(known, route, told);
}

/// What the names of a route's query or body become.
fn names(
    word: &str,
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
        let text = format!("{route}: the {word} name `{name}` is treated in another way");
        told.add(weaker, text);
    }
    for name in known.0.keys().filter(|name| !names.0.contains_key(*name)) {
        let passes = new.pass.contains_key(name);
        let text = match passes {
            true => format!("{route}: the {word} name `{name}` passes, as in every body"),
            false => format!("{route}: the {word} name `{name}` becomes refused"),
        };
        told.add(passes, text);
    }
}

/// What a route may answer of files that it could not before.
fn files(known: &Route, route: &Route, told: &mut Told) {
    let name = &route.name;
    let files = |route: &Route| route.answers.contains(&Media::File);
    if files(route) && !files(known) {
        told.add(true, format!("{name} may answer files"));
    }
    if route.plain_files != known.plain_files {
        let verb = if route.plain_files {
            "may"
        } else {
            "may no longer"
        };
        let text = format!("{name} {verb} answer files as they are");
        told.add(route.plain_files, text);
    }
}

/// What stands before a route, and what is done to the cells that it answers.
fn guards(known: &Route, route: &Route, told: &mut Told) {
    let name = &route.name;
    if known.step_up != route.step_up {
        let verb = if route.step_up {
            "takes"
        } else {
            "no longer takes"
        };
        let text = format!("{name} {verb} a fresh second factor");
        told.add(known.step_up, text);
    }
    if known.csv_guard != route.csv_guard {
        let verb = if route.csv_guard {
            "are"
        } else {
            "are no longer"
        };
        let text = format!("{name}: cells that a spreadsheet computes {verb} guarded");
        told.add(known.csv_guard, text);
    }
}
