//! S01, S02: requests within requests, and what they say of each other.

use crate::bypass::case::{Case, D, send};
use crate::bypass::runner::run;

pub fn cases() -> Vec<Case> {
    [requests(), references()].concat()
}

const CONTACTS: &str = "/services/data/v60.0/sobjects/Contact";

/// A composite of one good part and this one.
fn composite(part: &str) -> String {
    let good = format!(
        r#"{{"method":"POST","url":"{CONTACTS}","referenceId":"good","body":{{"LastName":"{{c}}"}}}}"#
    );
    format!(r#"{{"allOrNone":true,"compositeRequest":[{good},{part}]}}"#)
}

fn graph(part: &str) -> String {
    format!(r#"{{"graphs":[{{"graphId":"{{c}}","compositeRequest":[{part}]}}]}}"#)
}

fn batch(part: &str) -> String {
    let good = r#"{"method":"GET","url":"v60.0/query?q=SELECT+Id+FROM+Contact+LIMIT+1"}"#;
    format!(r#"{{"batchRequests":[{good},{part}]}}"#)
}

/// Method, url and body that no door takes, or no rule.
const PARTS: &[(&str, &str, &str)] = &[
    (
        "POST",
        "/services/data/v60.0/sobjects/Pet__c",
        r#"{"Name":"{c}"}"#,
    ),
    (
        "POST",
        "/services/data/v60.0/sobjects/Contact",
        r#"{"LastName":"x","Q__c":"{c}"}"#,
    ),
    (
        "POST",
        "/services/data/v60.0/sobjects/Contact",
        r#"{"LastName":"x","LastName":"{c}"}"#,
    ),
    (
        "POST",
        "/services/data/v60.0/sobjects/Contact",
        r#"{"LastName":["{c}"]}"#,
    ),
    (
        "POST",
        "/services/data/v60.0/sobjects/Contact",
        r#"[{"LastName":"{c}"}]"#,
    ),
    ("POST", "/services/data/v60.0/sobjects/Contact", r#""{c}""#),
    ("POST", "/services/data/v60.0/sobjects/Contact", "null"),
    (
        "POST",
        "/services/data/v60.0/sobjects/Contact?_HttpMethod=PATCH",
        r#"{"LastName":"{c}"}"#,
    ),
    (
        "POST",
        "/services/data/v60.0/sobjects/Contact?x={c}",
        r#"{"LastName":"x"}"#,
    ),
    (
        "post",
        "/services/data/v60.0/sobjects/Contact",
        r#"{"LastName":"{c}"}"#,
    ),
    (
        "PUT",
        "/services/data/v60.0/sobjects/Contact",
        r#"{"LastName":"{c}"}"#,
    ),
    (
        "{c}",
        "/services/data/v60.0/sobjects/Contact",
        r#"{"LastName":"{c}"}"#,
    ),
    (
        "POST",
        "/services/data/v49.0/sobjects/Contact",
        r#"{"LastName":"{c}"}"#,
    ),
    (
        "POST",
        "/services/data/v67.0/sobjects/Contact",
        r#"{"LastName":"{c}"}"#,
    ),
    (
        "POST",
        "/services/data/v60/sobjects/Contact",
        r#"{"LastName":"{c}"}"#,
    ),
    (
        "POST",
        "https://evil.example.nl/services/data/v60.0/sobjects/Contact",
        r#"{"LastName":"{c}"}"#,
    ),
    (
        "POST",
        "//evil.example.nl/services/data/v60.0/sobjects/Contact",
        r#"{"LastName":"{c}"}"#,
    ),
    (
        "POST",
        "/services/data/v60.0//sobjects/Contact",
        r#"{"LastName":"{c}"}"#,
    ),
    (
        "POST",
        "/services/data/v60.0/x/../sobjects/Contact",
        r#"{"LastName":"{c}"}"#,
    ),
    (
        "POST",
        "/services/data/v60.0/x/%2e%2e/sobjects/Contact",
        r#"{"LastName":"{c}"}"#,
    ),
    (
        "POST",
        "/services/data/v60.0/sobjects%2FContact",
        r#"{"LastName":"{c}"}"#,
    ),
    (
        "POST",
        "/services/data/v60.0/sobjects/Contact;x",
        r#"{"LastName":"{c}"}"#,
    ),
    (
        "POST",
        "/services/data/v60.0/sobjects/Contact#{c}",
        r#"{"LastName":"{c}"}"#,
    ),
    (
        "POST",
        "\\\\services\\\\data\\\\v60.0\\\\sobjects\\\\Contact",
        r#"{"LastName":"{c}"}"#,
    ),
    (
        "POST",
        "/services/data/v60.0/sobjects/Contact\\u0000",
        r#"{"LastName":"{c}"}"#,
    ),
    (
        "POST",
        "/services/data/v60.0/sobjects/Contact\\r\\nX: {c}",
        r#"{"LastName":"{c}"}"#,
    ),
    (
        "POST",
        "/services/apexrest/Contacts",
        r#"{"LastName":"{c}"}"#,
    ),
    (
        "POST",
        "/services/data/v60.0/composite",
        r#"{"compositeRequest":[]}"#,
    ),
    (
        "POST",
        "/services/data/v60.0/composite/batch",
        r#"{"batchRequests":[]}"#,
    ),
    (
        "POST",
        "/services/data/v60.0/composite/graph",
        r#"{"graphs":[]}"#,
    ),
    (
        "POST",
        "/services/data/v60.0/chatter/feed-elements",
        r#"{"body":"{c}"}"#,
    ),
    (
        "POST",
        "/services/data/v60.0/jobs/ingest",
        r#"{"object":"Contact"}"#,
    ),
    (
        "PATCH",
        "/services/data/v60.0/sobjects/Contact/{c}",
        r#"{"LastName":"x"}"#,
    ),
    (
        "PATCH",
        "/services/data/v60.0/sobjects/Contact/Phone/{c}",
        r#"{"LastName":"x"}"#,
    ),
    (
        "PATCH",
        "/services/data/v60.0/sobjects/Contact/003000000000001AAA",
        r#"{"Q__c":"{c}"}"#,
    ),
    (
        "POST",
        "/services/data/v60.0/composite/sobjects",
        r#"{"records":[{"attributes":{"type":"Pet__c"},"Name":"{c}"}]}"#,
    ),
    (
        "POST",
        "/services/data/v60.0/composite/sobjects",
        r#"{"records":[{"LastName":"{c}"}]}"#,
    ),
    (
        "POST",
        "/services/data/v60.0/composite/tree/Contact",
        r#"{"records":[{"attributes":{"type":"Lead","referenceId":"a"},"LastName":"{c}"}]}"#,
    ),
];

/// Sub-requests without a body that must not leave.
const READS: &[&str] = &[
    "/services/data/v60.0/query?q=SELECT+Id+FROM+Contact+WHERE+LastName+LIKE+'{c}%25'",
    "/services/data/v60.0/query?q=SELECT+Q__c+FROM+Contact",
    "/services/data/v60.0/query?q={c}",
    "/services/data/v60.0/query?q=SELECT+Id+FROM+Contact&q={c}",
    "/services/data/v60.0/search?q=FIND+%7B{c}*%7D",
    "/services/data/v60.0/parameterizedSearch?q={c}*",
    "/services/data/v60.0/sobjects/Contact/Name/{c}",
    "/services/data/v60.0/sobjects/Pet__c/003000000000001AAA",
    "/services/data/v60.0/sobjects/Contact/003000000000001AAA?fields={c}",
    "/services/data/v60.0/limits",
    "/services/data/v60.0/sobjects/Contact/describe",
    "/services/data/v60.0/tooling/query?q=SELECT+Id+FROM+ApexClass",
    "/services/oauth2/userinfo",
    "/_dump",
];

fn requests() -> Vec<Case> {
    const ROW: &str = "S01";
    let mut cases = Vec::new();
    let mut each = |name: &str, method: &str, url: &str, body: Option<&str>| {
        let rest = body.map_or_else(String::new, |body| format!(r#","body":{body}"#));
        let part = format!(r#"{{"method":"{method}","url":"{url}","referenceId":"bad"{rest}}}"#);
        cases.push(send(
            ROW,
            &format!("composite: {name}"),
            "POST",
            &format!("{D}/composite"),
            &composite(&part),
        ));
        cases.push(send(
            ROW,
            &format!("graph: {name}"),
            "POST",
            &format!("{D}/composite/graph"),
            &graph(&part),
        ));
        let rest = body.map_or_else(String::new, |body| format!(r#","richInput":{body}"#));
        for url in [url, url.trim_start_matches("/services/data/")] {
            let part = format!(r#"{{"method":"{method}","url":"{url}"{rest}}}"#);
            cases.push(send(
                ROW,
                &format!("batch: {name} at {url}"),
                "POST",
                &format!("{D}/composite/batch"),
                &batch(&part),
            ));
        }
    };
    for (method, url, body) in PARTS {
        each(&format!("{method} {url} {body}"), method, url, Some(body));
    }
    for url in READS {
        each(&format!("GET {url}"), "GET", url, None);
        each(
            &format!("GET {url} with a body"),
            "GET",
            url,
            Some(r#"{"x":"{c}"}"#),
        );
    }
    cases.extend(members(ROW));
    cases.extend(trees(ROW));
    cases.extend(controls(ROW));
    cases
}

/// Members that the envelopes do not have, or of another type.
fn members(row: &'static str) -> Vec<Case> {
    let part = |more: &str| {
        format!(
            r#"{{"method":"POST","url":"{CONTACTS}","referenceId":"a","body":{{"LastName":"{{c}}"}}{more}}}"#
        )
    };
    let mut cases = Vec::new();
    for (target, body) in [
        ("composite", composite(&part(r#","x":"{c}""#))),
        ("composite", composite(&part(r#","httpHeaders":{"X":"{c}"}"#))),
        ("composite", composite(&part(r#","httpHeaders":"{c}""#))),
        ("composite", composite(&part(r#","httpHeaders":612345678"#))),
        ("composite", composite(&part(r#","httpHeaders":["{c}"]"#))),
        ("composite", composite(&part(r#","method":"DELETE""#))),
        ("composite", composite(&part(r#","Body":{"LastName":"{c}"}"#))),
        ("composite", composite(&part(r#","referenceId":"b""#))),
        ("composite", composite(r#""{c}""#)),
        ("composite", composite(r#"{"method":"GET"}"#)),
        ("composite", composite(r#"{"method":"GET","url":["{c}"],"referenceId":"a"}"#)),
        ("composite", composite(r#"{"method":["{c}"],"url":"/x","referenceId":"a"}"#)),
        ("composite", composite(&part("").replace(r#""referenceId":"a","#, ""))),
        ("composite", composite(&part("").replace(r#""referenceId":"a""#, r#""referenceId":"{c} de Vries""#))),
        ("composite", composite(&part("").replace(r#""referenceId":"a""#, r#""referenceId":"good""#))),
        ("composite", composite(&part("").replace(r#""referenceId":"a""#, r#""referenceId":["{c}"]"#))),
        ("composite", r#"{"compositeRequest":[],"x":"{c}"}"#.to_owned()),
        ("composite", r#"{"compositeRequest":[],"allOrNone":"{c}"}"#.to_owned()),
        ("composite", r#"{"compositeRequest":"{c}"}"#.to_owned()),
        ("composite", r#"{"CompositeRequest":[]}"#.to_owned()),
        ("composite", r#"["{c}"]"#.to_owned()),
        ("composite", "{}".to_owned()),
        ("composite/graph", r#"{"graphs":[{"graphId":"g","compositeRequest":[],"x":"{c}"}]}"#.to_owned()),
        ("composite/graph", r#"{"graphs":[{"compositeRequest":[]}]}"#.to_owned()),
        ("composite/graph", r#"{"graphs":["{c}"]}"#.to_owned()),
        ("composite/graph", graph(&part(r#","httpHeaders":"{c}""#))),
        ("composite/batch", batch(&format!(r#"{{"method":"POST","url":"{CONTACTS}","richInput":{{"LastName":"{{c}}"}},"binaryPartName":"{{c}}"}}"#))),
        ("composite/batch", batch(&format!(r#"{{"method":"POST","url":"{CONTACTS}","body":{{"LastName":"{{c}}"}}}}"#))),
        ("composite/batch", r#"{"batchRequests":[],"haltOnError":"{c}"}"#.to_owned()),
        ("composite/sobjects", r#"{"records":[{"attributes":{"type":"Contact","referenceId":"{c}"},"LastName":"x"}]}"#.to_owned()),
        ("composite/sobjects", r#"{"records":[{"attributes":{"type":"Contact"},"LastName":"x"}],"collateSubrequests":"{c}"}"#.to_owned()),
    ] {
        cases.push(send(row, &format!("{target} {body}"), "POST", &format!("{D}/{target}"), &body));
    }
    // A name that another part has is not this record's.
    let named = format!(
        r#"{{"compositeRequest":[{{"method":"POST","url":"{CONTACTS}","referenceId":"{{c}}","body":{{"attributes":{{"type":"Contact","referenceId":"{{c}}"}},"LastName":"x"}}}}]}}"#
    );
    cases.push(send(
        row,
        "a part's name within its record",
        "POST",
        &format!("{D}/composite"),
        &named,
    ));
    cases
}

fn trees(row: &'static str) -> Vec<Case> {
    let tree = |record: &str| format!(r#"{{"records":[{record}]}}"#);
    let mut cases = Vec::new();
    for record in [
        r#"{"attributes":{"type":"Contact"},"LastName":"{c}"}"#,
        r#"{"attributes":{"type":"Contact","referenceId":"{c} x"},"LastName":"y"}"#,
        r#"{"attributes":{"type":"Contact","referenceId":"a"},"LastName":"x","Cases":{"records":[{"attributes":{"type":"Case","referenceId":"b"},"Q__c":"{c}"}]}}"#,
        r#"{"attributes":{"type":"Contact","referenceId":"a"},"LastName":"x","Pets__r":{"records":[{"attributes":{"type":"Pet__c","referenceId":"b"},"Name":"{c}"}]}}"#,
        r#"{"attributes":{"type":"Contact","referenceId":"a"},"LastName":"x","Cases":{"records":[{"attributes":{"type":"Case","referenceId":"a"},"Subject":"{c}"}]}}"#,
        r#"{"attributes":{"type":"Contact","referenceId":"a"},"LastName":"x","Cases":{"records":[{"Subject":"{c}"}]}}"#,
        r#"{"attributes":{"type":"Contact","referenceId":"a"},"LastName":"x","Cases":{"records":[],"x":"{c}"}}"#,
        r#"{"attributes":{"type":"Contact","referenceId":"a"},"LastName":"x","Cases":[{"Subject":"{c}"}]}"#,
        r#"{"attributes":{"type":"Contact","referenceId":"a","x":"{c}"},"LastName":"x"}"#,
    ] {
        cases.push(send(
            row,
            &format!("tree {record}"),
            "POST",
            &format!("{D}/composite/tree/Contact"),
            &tree(record),
        ));
    }
    cases
}

fn controls(row: &'static str) -> Vec<Case> {
    let part = format!(
        r#"{{"method":"POST","url":"{CONTACTS}","referenceId":"b","body":{{"LastName":"{{c}}"}}}}"#
    );
    let empty = part.replace(r#""body""#, r#""httpHeaders":{},"body""#);
    let input =
        r#"{"method":"POST","url":"v60.0/sobjects/Contact","richInput":{"LastName":"{c}"}}"#;
    let query = r#"{"method":"GET","url":"/services/data/v60.0/query?q=SELECT+Id+FROM+Contact+WHERE+FirstName='{c}'","referenceId":"{c}"}"#;
    let tree = r#"{"records":[{"attributes":{"type":"Contact","referenceId":"{c}"},"LastName":"{c}","Cases":{"records":[{"attributes":{"type":"Case","referenceId":"{c}x"},"Subject":"{c}"}]}}]}"#;
    let records = r#"{"allOrNone":false,"records":[{"attributes":{"type":"Contact","url":"/{c}"},"LastName":"{c}"},{"attributes":{"type":"Lead"},"LastName":"{c}","Company":"{c}"}]}"#;
    vec![
        send(
            row,
            "a composite",
            "POST",
            &format!("{D}/composite"),
            &composite(&part),
        )
        .allowed(),
        send(
            row,
            "a composite with no headers",
            "POST",
            &format!("{D}/composite"),
            &composite(&empty),
        )
        .allowed(),
        send(
            row,
            "a composite with a query",
            "POST",
            &format!("{D}/composite"),
            &composite(query),
        )
        .allowed(),
        send(
            row,
            "a graph",
            "POST",
            &format!("{D}/composite/graph"),
            &graph(&part),
        )
        .allowed(),
        send(
            row,
            "a batch",
            "POST",
            &format!("{D}/composite/batch"),
            &batch(input),
        )
        .allowed(),
        send(
            row,
            "a tree",
            "POST",
            &format!("{D}/composite/tree/Contact"),
            tree,
        )
        .allowed(),
        send(
            row,
            "a collection",
            "POST",
            &format!("{D}/composite/sobjects"),
            records,
        )
        .allowed(),
    ]
}

fn references() -> Vec<Case> {
    const ROW: &str = "S02";
    let first = format!(
        r#"{{"method":"POST","url":"{CONTACTS}","referenceId":"first","body":{{"LastName":"{{c}}"}}}}"#
    );
    let target = &format!("{D}/composite");
    let of = |part: &str| format!(r#"{{"compositeRequest":[{first},{part}]}}"#);
    let mut cases = Vec::new();
    for value in [
        "@{first.LastName}",
        "@{first.Email}",
        "@{first.Name}",
        "@{first}",
        "@{first.id}x",
        "x@{first.id}",
        "@{first.id}@{first.id}",
        "@{{c}.id}",
        "@{first.id.x}",
        "@{first[0].id}",
        "@{first.records[0].LastName}",
        "@{first.records[0]}",
        "@{first.body.id}",
        "@{ first.id }",
        "@{first.ID }",
        "@{first.id",
        "@{first.errors}",
        "@{first.success}",
        "@{first.records[99999].Id}",
        "@{first.records[x].Id}",
        "@{first.attributes.url}",
        "${first.id}{c}",
        "@{first.id}{c}",
        "\\u0040{first.LastName}",
        "@{First.id}",
    ] {
        let part = format!(
            r#"{{"method":"POST","url":"{D}/sobjects/Case","referenceId":"second","body":{{"Subject":"x","ContactId":"{value}"}}}}"#
        );
        cases.push(send(
            ROW,
            &format!("a reference field: {value}"),
            "POST",
            target,
            &of(&part),
        ));
        if !value.contains('\\') {
            let url = format!("{CONTACTS}/{value}");
            let part = format!(r#"{{"method":"GET","url":"{url}","referenceId":"second"}}"#);
            cases.push(send(
                ROW,
                &format!("a URL: {value}"),
                "POST",
                target,
                &of(&part),
            ));
        }
    }
    for value in [
        "@{first.LastName}",
        "@{first.id}",
        "@{first.LastName} {c}",
        "x@{first.Email}",
    ] {
        let part = format!(
            r#"{{"method":"GET","url":"{D}/query?q=SELECT+Id+FROM+Contact+WHERE+Id='{value}{{c}}'","referenceId":"second"}}"#
        );
        cases.push(send(
            ROW,
            &format!("a query: {value}"),
            "POST",
            target,
            &of(&part),
        ));
    }
    // Earlier only, of this request only.
    let part =
        format!(r#"{{"method":"GET","url":"{CONTACTS}/@{{nobody.id}}","referenceId":"second"}}"#);
    cases.push(send(
        ROW,
        "a name that nobody has",
        "POST",
        target,
        &of(&part),
    ));
    let graphs = format!(
        r#"{{"graphs":[{{"graphId":"1","compositeRequest":[{first}]}},{{"graphId":"2","compositeRequest":[{{"method":"GET","url":"{CONTACTS}/@{{first.id}}","referenceId":"a"}}]}}]}}"#
    );
    cases.push(send(
        ROW,
        "a name of another graph",
        "POST",
        &format!("{D}/composite/graph"),
        &graphs,
    ));
    let part = format!(
        r#"{{"method":"POST","url":"{D}/sobjects/Case","referenceId":"{{c}}","body":{{"Subject":"{{c}}","ContactId":"@{{first.id}}"}}}}"#
    );
    cases.push(send(ROW, "a whole id", "POST", target, &of(&part)).allowed());
    let part =
        format!(r#"{{"method":"GET","url":"{CONTACTS}/@{{first.id}}","referenceId":"second"}}"#);
    cases.push(send(ROW, "a whole id in a URL", "POST", target, &of(&part)).allowed());
    // In a field that is protected, it is a text like any other.
    let part = format!(
        r#"{{"method":"POST","url":"{CONTACTS}","referenceId":"second","body":{{"LastName":"@{{first.LastName}} {{c}}"}}}}"#
    );
    cases.push(
        send(
            ROW,
            "a text that looks like a reference",
            "POST",
            target,
            &of(&part),
        )
        .allowed(),
    );
    cases
}

#[test]
fn sub_requests_go_through_the_same_rules() {
    run(&requests());
}

#[test]
fn references_are_to_ids_alone() {
    run(&references());
}
