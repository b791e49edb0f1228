//! G01: what a document of GraphQL can hide: in literals, variables, aliases, fragments, directives,
//! block strings and bodies of another form.

use serde_json::json;

use crate::bypass::case::{Case, D, call, send};
use crate::bypass::runner::run;

const ROW: &str = "G01";

/// What is wrong with a document is answered with status 200, in GraphQL's own shape.
const DOCUMENT: &[u16] = &[200];

pub fn cases() -> Vec<Case> {
    let target = format!("{D}/graphql");
    let post = |name: &str, body: &str| send(ROW, name, "POST", &target, body);
    let query = |text: &str| post(text, &json!({ "query": text }).to_string());
    let mut cases = Vec::new();
    for arguments in ARGUMENTS {
        let text = contacts(arguments, "Id");
        cases.push(query(&text).refused(DOCUMENT));
    }
    for fields in FIELDS {
        cases.push(query(&contacts("", fields)).refused(DOCUMENT));
    }
    for text in DOCUMENTS {
        cases.push(query(text).refused(DOCUMENT));
    }
    for mutation in MUTATIONS {
        let text = format!("mutation {{ uiapi {{ {mutation} }} }}");
        cases.push(query(&text).refused(&[200, 400]));
    }
    for body in BODIES {
        cases.push(post(body, body));
    }
    for media in [
        "application/graphql",
        "text/plain",
        "application/x-www-form-urlencoded",
    ] {
        let body = json!({ "query": contacts("", "LastName @{c}") }).to_string();
        let case = call(ROW, media, "POST", &target).with(("Content-Type", media));
        cases.push(case.body(body.as_bytes()));
    }
    for (method, end) in [
        ("GET", "?query={c}"),
        ("GET", ""),
        ("POST", "?query={c}"),
        ("POST", "/{c}"),
        ("PATCH", ""),
    ] {
        let body = json!({ "query": contacts("", "Id") }).to_string();
        let name = format!("{method} {end}");
        cases.push(match method {
            "GET" => call(ROW, &name, method, &format!("{target}{end}")),
            _ => send(ROW, &name, method, &format!("{target}{end}"), &body),
        });
    }
    for text in ANSWERED {
        cases.push(query(text).allowed());
    }
    for body in ASKED {
        cases.push(post(body, body).allowed());
    }
    cases
}

fn contacts(arguments: &str, fields: &str) -> String {
    format!(
        "{{ uiapi {{ query {{ Contact{arguments} {{ edges {{ node {{ {fields} }} }} }} }} }} }}"
    )
}

const ARGUMENTS: &[&str] = &[
    "(where: {LastName: {like: \"{c}%\"}})",
    "(where: {LastName: {gt: \"{c}\"}})",
    "(where: {LastName: {eq: \"x\", ne: \"{c}\"}})",
    "(where: {LastName: {eq: {c}}})",
    "(where: {LastName: {eq: {value: \"{c}\"}}})",
    "(where: {LastName: \"{c}\"})",
    "(where: {LastName: {in: [\"{c}\", null]}})",
    "(where: {LastName: {{c}: \"x\"}})",
    "(where: {{c}: {eq: \"x\"}})",
    "(where: {Account: {{c}: {eq: \"x\"}}})",
    "(where: {Name: {eq: \"{c}\"}})",
    "(where: {Description: {like: \"%{c}%\"}})",
    "(where: {Birthdate: {eq: {value: \"{c}\"}}})",
    "(where: {and: [{or: {not: {LastName: {like: \"\"\"{c}\"\"\"}}}}]})",
    "(where: {AccountId: {eq: \"{c}\"}})",
    "(where: {AccountId: {inq: {Account: {Name: {eq: \"{c}\"}}, ApiName: \"Id\"}}})",
    "(where: {CreatedDate: {eq: {literal: {c}}}})",
    "(where: {CreatedDate: {eq: {value: \"{c}\"}}})",
    "(where: {CreatedDate: {eq: {range: {{c}: 3}}}})",
    "(where: {DoNotCall: {eq: \"{c}\"}})",
    "(where: {LeadSource: {eq: {c}}})",
    "(where: \"{c}\")",
    "(where: $undeclared{c})",
    "(orderBy: {LastName: {order: ASC}})",
    "(orderBy: {Birthdate: {order: ASC}})",
    "(orderBy: {{c}: {order: ASC}})",
    "(orderBy: {CreatedDate: {order: {c}}})",
    "(orderBy: {CreatedDate: {order: \"{c}\"}})",
    "(orderBy: {CreatedDate: {{c}: ASC}})",
    "(scope: {c})",
    "(scope: \"{c}\")",
    "(first: \"{c}\")",
    "(after: \"{c}\")",
    "(after: \"WndxY2FuYXJpZTAwMDA=\")",
    "({c}: 1)",
    "(groupBy: {LastName: {group: true}})",
];

const FIELDS: &[&str] = &[
    "{c}",
    "{c} { value }",
    "Account { {c} { value } }",
    "LastName",
    "LastName { {c} }",
    "LastName { {c}: value }",
    "LastName(a: \"{c}\") { value }",
    "Id(a: \"{c}\")",
    "Id @{c}",
    "Id @include(if: \"{c}\")",
    "Id @skip(if: true, {c}: true)",
    "Id @include(if: true) @{c}",
    "edges: LastName { value } {c} { value }",
    "x: LastName { value } x: FirstName { value } y: {c} { value }",
    "...{c}",
    "... on {c} { Id }",
    "... on Contact @{c} { Id }",
    "Owner { {c} { value } }",
    "Cases { edges { node { {c} { value } } } }",
    "Cases(where: {Subject: {like: \"{c}\"}}) { totalCount }",
    "Cases { {c} }",
];

const DOCUMENTS: &[&str] = &[
    "{c}",
    "{ {c} }",
    "{ uiapi { {c} } }",
    "{ uiapi { query { {c} { totalCount } } } }",
    "{ uiapi { query { Contact { {c} } } } }",
    "{ uiapi { query { Contact { edges { {c} } } } } }",
    "{ uiapi { query { ...F } } } fragment F on RecordQuery { {c} { totalCount } }",
    "{ uiapi { objectInfos(apiNames: [\"{c}\"]) { label } } }",
    "{ uiapi { aggregate { Contact { edges { node { aggregate { LastName { value } } } } } } } }",
    "{ uiapi(a: \"{c}\") { query { Contact { totalCount } } } }",
    "{ uiapi { relatedListByName(parentApiName: \"{c}\", relatedListName: \"x\") { label } } }",
    "{ setup { {c} } }",
    "{ __schema { types { name } } x: {c} }",
    "{ __type(name: \"{c}\") { name } }",
    "query { uiapi { query { Contact { totalCount } } } } }{c}",
    "query @{c} { uiapi { query { Contact { totalCount } } } }",
    "query ($a: String = \"{c}\" @{c}) { uiapi { query { Contact { totalCount } } } }",
    "subscription { uiapi { {c} } }",
    "type {c} { a: String }",
    "schema { query: {c} }",
    "extend type Contact { {c}: String }",
    "\u{feff}{ uiapi { {c} } }",
    "{ uiapi { query { Contact(where: {LastName: {eq: \"\\ud83d{c}\"}}) { totalCount } } } }",
    "{ uiapi { query { Contact(where: {LastName: {eq: \"\\u{7a}{c}\"}}) { totalCount } } } }",
    "{ uiapi { query { Contact(where: {LastName: {eq: '{c}'}}) { totalCount } } } }",
    "{ uiapi { query { Contact(where: {LastName: {eq: \"{c}}}) { totalCount } } } }",
    "{ uiapi { query { Contact { edges { node { ...A } } } } } } \
     fragment A on Contact { ...B } fragment B on Contact { ...A {c} { value } }",
];

const MUTATIONS: &[&str] = &[
    "ContactCreate(input: {Contact: {{c}: \"x\"}}) { Record { Id } }",
    "ContactCreate(input: {Contact: {LastName: {c}}}) { Record { Id } }",
    "ContactCreate(input: {Contact: {LastName: [\"{c}\"]}}) { Record { Id } }",
    "ContactCreate(input: {Contact: {LastName: {value: \"{c}\"}}}) { Record { Id } }",
    "ContactCreate(input: {Contact: {LastName: \"x\", lastname: \"{c}\"}}) { Record { Id } }",
    "ContactCreate(input: {Contact: {LastName: \"x\", Account: {Name: \"{c}\"}}}) { Record { Id } }",
    "ContactCreate(input: {Contact: {LastName: \"x\", attributes: \"{c}\"}}) { Record { Id } }",
    "ContactCreate(input: {Contact: {LastName: \"x\", Id: \"{c}\"}}) { Record { Id } }",
    "ContactCreate(input: {Contact: {LastName: \"x\", Name: \"{c}\"}}) { Record { Id } }",
    "ContactCreate(input: {Contact: {LastName: \"x\", Nickname__c: \"{c}\"}}) { Record { Id } }",
    "ContactCreate(input: {Contact: \"{c}\"}) { Record { Id } }",
    "ContactCreate(input: {Lead: {LastName: \"{c}\"}}) { Record { Id } }",
    "ContactCreate(input: {Contact: {LastName: \"x\"}, {c}: true}) { Record { Id } }",
    "ContactCreate(input: {Contact: {LastName: \"x\"}}, {c}: true) { Record { Id } }",
    "ContactCreate(input: \"{c}\") { Record { Id } }",
    "ContactCreate(input: {Contact: {LastName: \"x\"}}) { {c} }",
    "ContactCreate(input: {Contact: {LastName: \"x\"}}) { Record { {c} { value } } }",
    "ContactUpdate(input: {Id: \"{c}\", Contact: {LastName: \"x\"}}) { Record { Id } }",
    "ContactUpdate(input: {Id: \"001000000000001AAA\", Contact: {LastName: \"{c}\"}}) { Record { Id } }",
    "ContactUpdate(input: {Contact: {LastName: \"{c}\"}}) { Record { Id } }",
    "ContactDelete(input: {Id: \"{c}\"}) { Id }",
    "ContactDelete(input: {Id: \"003000000000001AAA\", Contact: {LastName: \"{c}\"}}) { Id }",
    "ContactUpsert(input: {Contact: {LastName: \"{c}\"}}) { Record { Id } }",
    "{c}Create(input: {{c}: {Name: \"x\"}}) { Record { Id } }",
    "...F } } fragment F on Mutation { ContactCreate(input: {Contact: {LastName: \"{c}\"}}) { Record { Id }",
];

const BODIES: &[&str] = &[
    "{c}",
    "\"{c}\"",
    r#"["{c}"]"#,
    r#"[{"query":"{uiapi{query{Contact{totalCount}}}}","operationName":null},{"query":"{{c}}"}]"#,
    r#"{"query":["{c}"]}"#,
    r#"{"query":"{uiapi{query{Contact{totalCount}}}}","query":"{{c}}"}"#,
    r#"{"query":"{uiapi{query{Contact{totalCount}}}}","Query":"{c}"}"#,
    r#"{"query":"{uiapi{query{Contact{totalCount}}}}","extensions":{"persistedQuery":{"sha256Hash":"{c}"}}}"#,
    r#"{"id":"{c}"}"#,
    r#"{"queryId":"{c}","variables":{}}"#,
    r#"{"query":"{uiapi{query{Contact{totalCount}}}}","operationName":"{c}"}"#,
    r#"{"query":"{uiapi{query{Contact{totalCount}}}}","variables":["{c}"]}"#,
    r#"{"query":"{uiapi{query{Contact{totalCount}}}}","variables":"{c}"}"#,
    r#"{"query":"query($a:X){uiapi{query{Contact(where:$a){totalCount}}}}","variables":{"a":{"not a {c}":1}}}"#,
    r#"{"query":"query A{uiapi{query{Contact{totalCount}}}} query B{uiapi{query{{c}{totalCount}}}}"}"#,
    r#"{"inputs":[{"LastName":"{c}"}],"query":"mutation{uiapi{ContactCreate(input:{Contact:$input0}){Record{Id}}}}"}"#,
];

const ANSWERED: &[&str] = &[
    "{ uiapi { query { Contact(where: {LastName: {eq: \"{c}\"}}) { edges { node { Id LastName { value displayValue } } } totalCount } } } }",
    "{ uiapi { query { {c}: Contact(where: {or: [{Email: {in: [\"{c}@example.nl\"]}}, {Account: {Name: {ne: \"\"\"{c}\"\"\"}}}]}) { edges { node { x{c}: LastName { value } } } } } } }",
    "query {c} { uiapi { query { Contact(first: 1) { edges { node { ...{c} } } } } } } fragment {c} on Contact { Email { value } } # {c}",
    "mutation {c} { uiapi { {c}: ContactCreate(input: {Contact: {LastName: \"{c}\", Description: \"\"\"{c}\"\"\"}}) { Record { Id LastName { value } } } } }",
    "mutation { uiapi { a: ContactCreate(input: {Contact: {LastName: \"{c}\"}}) { Record { Id } } b: AccountCreate(input: {Account: {Name: \"{c}\"}}) { Record { Name { value } } } } }",
];

const ASKED: &[&str] = &[
    r#"{"query":"query Q(${c}: String) {uiapi{query{Contact(where:{LastName:{eq:${c}}}){totalCount}}}}","variables":{"{c}":"{c}","unused":"{c}"},"operationName":"Q"}"#,
    r#"{"query":"query Q {uiapi{query{Contact{totalCount}}}} query B{{c}} fragment F on X {{c}}","operationName":"Q"}"#,
    r#"{"query":"mutation($i:X){uiapi{ContactCreate(input:$i){Record{Id}}}}","variables":{"i":{"Contact":{"LastName":"{c}"}}}}"#,
];

#[test]
fn documents_of_graphql_are_protected_or_refused() {
    run(&cases());
}
