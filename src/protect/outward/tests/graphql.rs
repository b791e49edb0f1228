//! GraphQL over protected fields, both ways.

use proptest::prelude::{any, prop_assert, proptest};
use proptest::sample::select;
use serde_json::{Value, json};

use crate::model::Code::{
    self, BodyMalformed as Malformed, PolicyUnknownField as NoField,
    PolicyUnknownObject as NoObject, QueryClause as Clause, QueryMalformed as Unread,
};
use crate::protect::inward::Shape;
use crate::protect::trial::{CONTACT, Sent, Trial};

const TARGET: &str = "/services/data/v60.0/graphql";

fn sent(trial: &mut Trial, query: &str, variables: &Value) -> Result<Sent, crate::model::Refusal> {
    let body = json!({ "query": query, "variables": variables }).to_string();
    trial.send("POST", TARGET, &body)
}

/// The document that leaves, each token of it as `~`.
fn asked(trial: &mut Trial, query: &str) -> Result<String, Code> {
    let sent = sent(trial, query, &json!({})).map_err(|refusal| refusal.code)?;
    let body: Value = serde_json::from_str(&sent.body).expect("a body");
    let text = body["query"].as_str().expect("a document").to_owned();
    let nobody = trial.protection.codec.nobody();
    let text = text
        .replace(&nobody.address(trial.plan.token_domain()), "~")
        .replace(&nobody.text(), "~");
    let found = crate::protect::find(
        &trial.protection.codec,
        text.as_bytes(),
        &trial.protection.domain,
    );
    let mut out = String::new();
    let mut at = 0;
    for token in found {
        out.push_str(&text[at..token.range.start]);
        out.push('~');
        at = token.range.end;
    }
    Ok(out + &text[at..])
}

/// The records of contacts that these fields are asked of.
fn contacts(arguments: &str, node: &str) -> String {
    format!("{{ uiapi {{ query {{ Contact{arguments} {{ edges {{ node {{ {node} }} }} }} }} }} }}")
}

fn left(arguments: &str, node: &str) -> String {
    format!("query{{uiapi{{query{{alias0:Contact{arguments}{{edges{{node{{{node}}}}}}}}}}}}}")
}

#[test]
fn a_directive_of_a_clients_own_leaves_from_no_place() {
    let mut trial = Trial::start();
    for node in [
        "Id @note(text: \"Jansen\")",
        "LastName @note(text: \"Jansen\") { value }",
        "LastName { value @note(text: \"Jansen\") }",
        "__typename @note(text: \"Jansen\")",
        "Owner { Id @note(text: \"Jansen\") }",
        "Owner { __typename @note(text: \"Jansen\") }",
        "Owner @note(text: \"Jansen\") { Id }",
        "... on Contact @note(text: \"Jansen\") { Id }",
    ] {
        let refused = asked(&mut trial, &contacts("", node));
        assert!(refused.is_err(), "{node}: {refused:?}");
    }
    assert!(asked(&mut trial, &contacts("", "Id @include(if: true)")).is_ok());
}

#[test]
fn fragments_are_as_deep_together_as_one_alone() {
    let mut trial = Trial::start();
    let chain = |count: usize| {
        let mut text = contacts("", "...f0");
        for at in 0..count {
            let open = "... { ".repeat(40);
            let close = " }".repeat(40);
            let next = at + 1;
            text.push_str(&format!(
                " fragment f{at} on Contact {{ {open}...f{next}{close} }}"
            ));
        }
        text + &format!(" fragment f{count} on Contact {{ Id }}")
    };
    assert!(asked(&mut trial, &chain(1)).is_ok());
    for count in [2, 100] {
        assert_eq!(asked(&mut trial, &chain(count)), Err(Clause), "{count}");
    }
}

#[test]
fn a_large_variable_is_not_copied_without_end() {
    let mut trial = Trial::start();
    let query = |uses: usize| {
        let all = "$a ".repeat(uses);
        let find = format!("(where: {{LastName: {{in: [{all}]}}}})");
        format!("query($a: String) {}", contacts(&find, "Id"))
    };
    let large = json!({ "a": "x".repeat(1_000_000) });
    let refused = sent(&mut trial, &query(9_000), &large).map_err(|refusal| refusal.code);
    assert_eq!(refused.err(), Some(Code::BodyTooLarge));
    assert!(sent(&mut trial, &query(3), &json!({ "a": "jansen" })).is_ok());
}

#[test]
fn values_that_are_compared_become_tokens_and_keys_become_ours() {
    let mut trial = Trial::start();
    let body = "{\"LastName\":\"Jansen\",\"Email\":\"mien@example.nl\"}";
    trial.write("Contact", body).expect("a contact");
    for (arguments, node, leaves) in [
        (
            "(where: {LastName: {eq: \"jansen\"}})",
            "Id LastName { value }",
            left(
                "(where:{LastName:{in:[\"~\"]}})",
                "Id alias1:LastName{value}",
            ),
        ),
        (
            "(where: {lastname: {nin: [\"jansen\", \"bos\"]}})",
            "Id",
            left("(where:{LastName:{nin:[\"~\"]}})", "Id"),
        ),
        (
            "(where: {or: [{Email: {eq: \"mien@example.nl\"}}, {Account: {Name: {eq: \"x\"}}}]})",
            "Id",
            left(
                "(where:{or:[{Email:{in:[\"~\"]}} {Account:{Name:{in:[\"~\"]}}}]})",
                "Id",
            ),
        ),
        (
            "(where: {LastName: {ne: null}, LeadSource: {eq: \"Web\"}}, first: 5, scope: MINE)",
            "Id",
            left(
                "(where:{LastName:{ne:null} LeadSource:{eq:\"Web\"}} first:5 scope:MINE)",
                "Id",
            ),
        ),
        (
            "(where: {CreatedDate: {gte: {literal: LAST_WEEK}}}, orderBy: {CreatedDate: {order: DESC}})",
            "Id",
            left(
                "(where:{CreatedDate:{gte:{literal:LAST_WEEK}}} orderBy:{CreatedDate:{order:DESC}})",
                "Id",
            ),
        ),
        (
            "",
            "n: LastName { value displayValue } boss: Account { Name { value } } Birthdate { value }",
            left(
                "",
                "Id alias1:LastName{value displayValue} alias2:Account{alias3:Name{value}} \
                 alias4:Birthdate{value}",
            ),
        ),
    ] {
        let found = asked(&mut trial, &contacts(arguments, node));
        assert_eq!(found, Ok(leaves), "{arguments} {node}");
    }
}

#[test]
fn fragments_are_read_once_and_unused_ones_stay_here() {
    let mut trial = Trial::start();
    let query = contacts("", "...F ...F ... on Contact { Email { value } }")
        + " fragment F on Contact { LastName { value } } fragment G on Contact { Jansen }";
    let leaves = left(
        "",
        "...fragment0 ...fragment0 ...on Contact{alias2:Email{value}}",
    ) + "fragment fragment0 on Contact{alias1:LastName{value}}";
    assert_eq!(asked(&mut trial, &query), Ok(leaves));
}

#[test]
fn a_variable_is_protected_where_it_stands() {
    let mut trial = Trial::start();
    let query = "query Q($name: String) { uiapi { query { Contact(where: {LastName: {eq: $name}}) \
                 { edges { node { Id } } } } } }";
    let sent = sent(&mut trial, query, &json!({ "name": "Jansen" })).expect("a query");
    assert!(!sent.body.contains("Jansen") && !sent.body.contains("variables"));
    assert!(sent.body.contains("in:["), "{}", sent.body);
}

#[test]
fn what_cannot_be_answered_is_refused_by_name() {
    let of = |arguments: &str| contacts(arguments, "Id");
    let select = |node: &str| contacts("", node);
    let mut trial = Trial::start();
    for (query, code) in [
        (of("(where: {LastName: {like: \"Jan%\"}})"), Clause),
        (of("(where: {LastName: {gt: \"Jan\"}})"), Clause),
        (of("(where: {LastName: {eq: \"x\", ne: \"y\"}})"), Clause),
        (of("(where: {LastName: {in: [\"x\", null]}})"), Clause),
        (of("(where: {LastName: \"Jan\"})"), Clause),
        (
            of("(where: {Birthdate: {eq: {value: \"1980-01-01\"}}})"),
            Clause,
        ),
        (of("(where: {Description: {eq: \"x\"}})"), Clause),
        (of("(where: {Name: {eq: \"Jan Jansen\"}})"), Clause),
        (of("(where: {Id: {inq: {Case: {}}}})"), Clause),
        (of("(where: {LeadSource: {eq: JANSEN}})"), Clause),
        (
            of("(where: {CreatedDate: {eq: {literal: JANSEN}}})"),
            Clause,
        ),
        (
            of("(where: {AccountId: {eq: \"Jansen\"}})"),
            Code::ValueUnfit,
        ),
        (of("(where: {Jansen: {eq: 1}})"), NoField),
        (of("(where: {Account: {Jansen: {eq: 1}}})"), NoField),
        (of("(orderBy: {LastName: {order: ASC}})"), Clause),
        (of("(orderBy: {CreatedDate: {order: JANSEN}})"), Clause),
        (of("(scope: JANSEN)"), Clause),
        (of("(after: \"SmFuc2Vu\")"), Clause),
        (of("(first: \"Jansen\")"), Clause),
        (of("(jansen: 1)"), Clause),
        (select("Jansen { value }"), NoField),
        (select("Jansen"), NoField),
        (select("LastName"), Clause),
        (select("LastName { jansen }"), Clause),
        (select("LastName { v: value }"), Clause),
        (select("LastName(a: \"Jansen\") { value }"), Clause),
        (select("Id @jansen"), Clause),
        (select("Id @include(if: \"Jansen\")"), Clause),
        (
            select("x: LastName { value } x: FirstName { value }"),
            Clause,
        ),
        (select("... on Lead { Id }"), Clause),
        (select("...Jansen"), Clause),
        (
            "{ uiapi { query { Jansen { edges { node { Id } } } } } }".into(),
            NoObject,
        ),
        (
            "{ uiapi { objectInfos(apiNames: [\"Jansen\"]) { label } } }".into(),
            Clause,
        ),
        ("{ setup { jansen } }".into(), Clause),
        (
            "{ uiapi { aggregate { Contact { edges { node { a } } } } } }".into(),
            Clause,
        ),
        ("{ uiapi { query { Contact { jansen } } } }".into(), Clause),
        ("{ uiapi {".into(), Unread),
        (
            "{ uiapi { query { Contact(where: $x) { totalCount } } } }".into(),
            Unread,
        ),
    ] {
        assert_eq!(asked(&mut trial, &query), Err(code), "{query}");
    }
}

#[test]
fn a_mutation_writes_tokens() {
    let mut trial = Trial::start();
    let create = "mutation { uiapi { ContactCreate(input: {Contact: {LastName: \"Jansen\", LeadSource: \
                  \"Web\", Birthdate: \"1980-05-01\"}}) { Record { LastName { value } } } } }";
    let leaves = asked(&mut trial, create).expect("a mutation");
    assert_eq!(
        leaves,
        "mutation{uiapi{alias0:ContactCreate(input:{Contact:{LastName:\"~\" LeadSource:\"Web\"}})\
         {Record{Id alias1:LastName{value}}}}}"
    );
    let update = format!(
        "mutation {{ uiapi {{ a: ContactUpdate(input: {{Id: \"{CONTACT}\", Contact: {{Email: \
         \"mien@example.nl\"}}}}) {{ Record {{ Id }} }} b: ContactDelete(input: {{Id: \"{CONTACT}\"}}) \
         {{ Id }} }} }}"
    );
    let leaves = asked(&mut trial, &update).expect("a mutation");
    assert!(leaves.contains("Contact:{Email:\"~\"}"), "{leaves}");
    for (mutation, code) in [
        (
            "ContactCreate(input: {Contact: {Jansen: \"x\"}}) { Record { Id } }",
            NoField,
        ),
        (
            "ContactCreate(input: {Contact: {Account: {Name: \"x\"}}}) { Record { Id } }",
            Malformed,
        ),
        (
            "ContactCreate(input: {Contact: {LastName: JANSEN}}) { Record { Id } }",
            Unread,
        ),
        (
            "ContactCreate(input: {Lead: {LastName: \"x\"}}) { Record { Id } }",
            Clause,
        ),
        (
            "ContactCreate(input: {Contact: \"Jansen\"}) { Record { Id } }",
            Clause,
        ),
        (
            "ContactCreate(input: {Contact: {LastName: \"x\"}, Id: \"Jansen\"}) { Record { Id } }",
            Clause,
        ),
        ("ContactDelete(input: {Id: \"Jansen\"}) { Id }", Clause),
        (
            "JansenCreate(input: {Jansen: {a: \"x\"}}) { Record { Id } }",
            NoObject,
        ),
        (
            "ContactUpsert(input: {Contact: {LastName: \"x\"}}) { Record { Id } }",
            Clause,
        ),
    ] {
        let query = format!("mutation {{ uiapi {{ {mutation} }} }}");
        assert_eq!(asked(&mut trial, &query), Err(code), "{mutation}");
    }
}

#[test]
fn an_answer_is_revealed_under_the_clients_keys() {
    let mut trial = Trial::start();
    let body = "{\"LastName\":\"Jansen\",\"Birthdate\":\"1980-05-01\"}";
    let written = trial.write("Contact", body).expect("a contact");
    let token: Value = serde_json::from_str(&written.body).expect("a body");
    let token = token["LastName"].as_str().expect("a token").to_owned();
    let query = contacts(
        "",
        "n: LastName { value displayValue } Birthdate { value } boss: Account { Name { value } }",
    );
    let sent = sent(&mut trial, &query, &json!({})).expect("a query");
    let ours = |theirs: &str| {
        let mut aliases = sent.aliases.iter();
        let found = aliases.find(|alias| alias.theirs == theirs);
        found.map(|alias| alias.ours.clone()).expect("a key")
    };
    let node = json!({
        "Id": CONTACT,
        (ours("n")): { "value": token, "displayValue": token },
        (ours("Birthdate")): { "value": null },
        (ours("boss")): null,
        "strange": "clear",
        "strange2": { "value": "clear" },
    });
    let list = json!({ "edges": [{ "node": node }], "totalCount": 1 });
    let query = json!({ (ours("Contact")): list });
    let text = json!({ "data": { "uiapi": { "query": query } }, "errors": [] }).to_string();
    let everybody = ["sales", "support", "marketing", "privacy", "integration"];
    let (body, _) = trial.answer_as(Shape::Graph, &sent, &text, &everybody);
    let seen: Value = serde_json::from_str(&body).expect("an answer");
    let list = &seen["data"]["uiapi"]["query"]["Contact"];
    let node = &list["edges"][0]["node"];
    assert_eq!(
        node["n"],
        json!({ "value": "Jansen", "displayValue": "Jansen" })
    );
    assert_eq!(node["Birthdate"]["value"], "1980-05-01");
    assert_eq!(node["boss"], Value::Null);
    assert_eq!(list["totalCount"], 1);
    assert!(!body.contains("clear") && !body.contains("alias"), "{body}");
    let (body, _) = trial.answer_as(Shape::Graph, &sent, &text, &[]);
    assert!(!body.contains("Jansen") && !body.contains("1980"), "{body}");
}

#[test]
fn a_refusal_has_its_place_in_the_clients_text() {
    let mut trial = Trial::start();
    let place = |trial: &mut Trial, query: &str, variables: Value| {
        let refusal = sent(trial, query, &variables).err();
        refusal.and_then(|refusal| refusal.place)
    };
    let query = "fragment F on Contact {\n  Id\n  Jansen { value }\n}\n\
                 query A { uiapi { query { Contact { edges { node { ...F } } } } } }";
    assert_eq!(place(&mut trial, query, json!({})), Some((3, 3)));
    let query = "query A($w: X) { # é\n uiapi { query { e: Contact { totalCount } Contact(where: $w) { totalCount } } } }";
    let variables = json!({ "w": { "LastName": { "like": "a\nb" } } });
    assert_eq!(place(&mut trial, query, variables), Some((2, 44)));
    let query = "mutation { uiapi {\n ContactCreate(input: {Contact: {Jansen: \"x\"}}) { Record { Id } } } }";
    assert_eq!(place(&mut trial, query, json!({})), Some((2, 2)));
    assert_eq!(place(&mut trial, "{\n uiapi {", json!({})), Some((2, 9)));
}

const SHAPES: &[&str] = &[
    "{ uiapi { query { Contact(where: {LastName: {eq: \"%\"}}) { edges { node { Id } } } } } }",
    "{ uiapi { query { a: Contact(where: {or: [{Email: {in: [\"%\"]}}]}) { edges { node { % { value } } } } } } }",
    "mutation { uiapi { ContactCreate(input: {Contact: {LastName: \"%\", Title: \"\"\"%\"\"\"}}) { Record { Id } } } }",
    "query Q { uiapi { query { % : Contact(first: 5) { edges { node { Id x%: LastName { value } } } } } } }",
    "{ uiapi { query { Contact(where: %) { totalCount } } } } # %",
    "{ uiapi { query { Contact { edges { node { Id ...% } } } } } } fragment % on Contact { Id }",
];

proptest! {
    #[test]
    fn no_accepted_document_carries_a_value_or_a_name_of_the_clients(
        shape in select(SHAPES.to_vec()),
        around in "[ -~é]{0,6}",
        plain in any::<bool>(),
    ) {
        let canary = match plain {
            true => "Qcanary".to_owned(),
            false => format!("Qcanary{around}"),
        };
        let query = shape.replace('%', &canary);
        let mut trial = Trial::start();
        let outcome = sent(&mut trial, &query, &json!({ "x": canary }));
        let said = match &outcome {
            Ok(sent) => sent.body.to_lowercase(),
            Err(refusal) => refusal.to_string().to_lowercase(),
        };
        prop_assert!(!said.contains("canary"), "{} became {}", query, said);
    }
}
