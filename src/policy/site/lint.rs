//! What a site that compiles may still get wrong.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::dialect::pages::{Codec, Media, Method, Name, Route};
use crate::policy::{Plan, Report, Rule, Search, sentence};

/// Adds what it finds to the report; `spans` are the places of the plan's routes, in order.
pub fn check(plan: &Plan, spans: &[Range<usize>], report: &mut Report) {
    let all = plan.site().map_or(&[][..], |site| &site.routes);
    let routes = || all.iter().zip(spans);
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for (at, (route, span)) in routes().enumerate() {
        if !route.fixed && !seen.insert(&route.name) {
            report.error(
                "policy-twice",
                span,
                format!(
                    "a route named `{}` stands here for the second time",
                    route.name
                ),
                "give each route a name of its own",
            );
        }
        let ambiguous = routes().take(at).find(|(other, _)| {
            let both = |method: &Method| other.methods.contains(method);
            route.host == other.host
                && route.methods.iter().any(both)
                && route.pattern.is_ambiguous_with(&other.pattern)
        });
        if let Some((other, _)) = ambiguous {
            report.error(
                "policy-route-ambiguous",
                span,
                format!(
                    "`{}` and the path of route {} fit the same requests",
                    route.pattern.text(),
                    other.name
                ),
                "take one away, or make one more exact by words: `{kind:csv|xlsx}`",
            );
        }
        one(plan, route, span, report);
    }
    for object in plan.objects() {
        for field in object
            .fields
            .iter()
            .filter(|field| field.rule == Rule::Hold)
        {
            report.error(
                "policy-hold-misfit",
                &field.span,
                format!(
                    "{} would be kept here, and nothing in a page says where it belongs",
                    field.label
                ),
                "use `tokenize`, `generalize`, `strip`, or `pass` with a reason",
            );
        }
    }
}

fn one(plan: &Plan, route: &Route, span: &Range<usize>, report: &mut Report) {
    let writes = route.methods.iter().any(|method| *method != Method::Get);
    let bodies = !route.codecs.is_empty();
    let fields = |name: &Name| matches!(name, Name::Field(_));
    if route.answers.is_empty() && !route.socket {
        report.error(
            "policy-route-answer",
            span,
            format!("nothing says what the CRM answers to {}", route.name),
            "add `answer = \"html\"`, \"json\", \"csv\", \"text\", \"file\" or \"none\"",
        );
    }
    if bodies && !writes || !bodies && !route.form.0.is_empty() {
        report.error(
            "policy-route-body",
            span,
            format!("{} has a form and no body that could hold it", route.name),
            "add a method that has a body, and `body = \"form\"`",
        );
    }
    if route.query.0.values().any(fields) {
        report.error(
            "policy-route-query",
            span,
            format!(
                "{} would write fields by its URL, where they stay in logs",
                route.name
            ),
            "fields are written by a body; a parameter searches, passes or is dropped",
        );
    }
    files(plan, route, span, report);
    let writes_fields = route.form.0.values().any(fields) || route.form.has_uploads();
    if writes_fields && route.record.is_none() && route.creates.is_none() {
        let name = &route.name;
        report.warning(
            "policy-route-record",
            span,
            sentence!(
                "{name} writes fields and nothing says of which record",
                "{name} schrijft velden en niets zegt van welk record"
            ),
            sentence!(
                "add `record = \"id\"` or `creates = {{ location = \"…/{{id}}\" }}`; without, people who may not see a value cannot save the form again",
                "voeg `record = \"id\"` of `creates = {{ location = \"…/{{id}}\" }}` toe; anders kan wie een waarde niet mag zien het formulier niet opnieuw bewaren"
            ),
        );
    }
    let searched = route.query.0.values().chain(route.form.0.values());
    for (object, field) in searched.flat_map(targets) {
        let found = plan.object(object).and_then(|object| object.field(field));
        let fits = found.is_some_and(|field| {
            let class = field.class.map(|class| plan.class(class));
            let exact = class.is_some_and(|class| class.search == Search::Exact);
            exact && matches!(field.rule, Rule::Tokenize { .. })
        });
        if !fits {
            report.error(
                "policy-route-search",
                span,
                format!("{} cannot search by {object}.{field}", route.name),
                "a searched field is tokenized and its class has `search = \"exact\"`; or drop the name",
            );
        }
    }
}

/// A file's name becomes one token of its own, which says whose the file is.
fn files(plan: &Plan, route: &Route, span: &Range<usize>, report: &mut Report) {
    if route.query.has_uploads()
        || route.form.has_uploads() && !route.codecs.contains(&Codec::Multipart)
    {
        report.error(
            "policy-route-body",
            span,
            format!(
                "{} takes files and has no body that could hold them",
                route.name
            ),
            "add `body = \"multipart\"`",
        );
    }
    let object = route.object.as_deref().and_then(|name| plan.object(name));
    for name in route.form.0.values() {
        let Name::Upload(upload) = name else {
            continue;
        };
        let field = object.and_then(|object| object.field(&upload.field));
        if field.is_none_or(|field| field.rule != Rule::Tokenize { stable: false }) {
            report.error(
                "policy-route-file",
                span,
                format!("nothing says how the names of files of {} become tokens", route.name),
                "give the field that is a file's name a class with `action = \"tokenize\"` and without `stable`",
            );
        }
    }
    if route.plain_files && !route.answers.contains(&Media::File) {
        report.error(
            "policy-route-file",
            span,
            format!(
                "{} says what becomes of plain files and answers none",
                route.name
            ),
            "add `answer = \"file\"`, or take `plain_files` away",
        );
    }
}

fn targets(name: &Name) -> &[(String, String)] {
    match name {
        Name::Search(fields) => fields,
        Name::Field(_) | Name::Pass(_) | Name::Drop | Name::File | Name::Upload(_) => &[],
    }
}
