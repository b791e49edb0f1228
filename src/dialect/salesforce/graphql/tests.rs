//! Documents in any form, and whatever else a client may send.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::ast::{Selection, Value};
use super::{MAX_BYTES, MAX_DEPTH, normal, outgoing, parse, write};
use crate::model::Code;

const DOCUMENTS: &[&str] = &[
    "{ uiapi { query { Contact { edges { node { Id Name { value displayValue } } } totalCount } } } }",
    "query List($name: String = \"x\", $ids: [ID!]!) @optional { uiapi { query { a: Contact(first: 10, \
     where: { and: [{ LastName: { eq: $name } }, { Id: { in: $ids } }] }, orderBy: { CreatedDate: \
     { order: DESC, nulls: FIRST } }) { edges { cursor node { ...F ... on Contact @include(if: true) \
     { Email { value } } } } } } } } fragment F on Contact { FirstName { value } }",
    "mutation { uiapi(input: {allOrNone: true}) { ContactCreate(input: {Contact: {LastName: \"O\\\"Hara\", \
     Amount__c: -1.5e3, Flag__c: true, Empty__c: null}}) { Record { Id } } } }",
    "{ a(b: \"\"\"\n  two\n    lines\n\"\"\", c: [1 2, 3], d: {}, e: ENUM) }",
];

#[test]
fn documents_are_read_and_read_back() {
    for text in DOCUMENTS {
        let document = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let mut written = document.clone();
        for operation in &mut written.operations {
            operation.variables.clear();
        }
        assert_eq!(parse(&write(&written)), Ok(written), "{text}");
    }
}

#[test]
fn texts_are_unescaped_and_blocks_lose_their_indentation() {
    for (text, value) in [
        ("\"a\\\"\\\\\\/\\n\\u00e9\"", "a\"\\/\né"),
        ("\"\"\"\n    one\n      two\n\n    \"\"\"", "one\n  two"),
        ("\"\"\"a \\\"\"\" b\"\"\"", "a \"\"\" b"),
        ("\"\"", ""),
    ] {
        let document = parse(&format!("{{ f(a: {text}) }}")).expect(text);
        let Selection::Field(field) = &document.operations[0].selections[0] else {
            panic!("a field");
        };
        assert_eq!(field.arguments[0].1, Value::Text(value.into()), "{text}");
    }
}

#[test]
fn what_is_no_document_is_refused_with_its_place() {
    for text in [
        "",
        "{",
        "{}",
        "{ a",
        "{ a { } }",
        "{ a() }",
        "{ a(b) }",
        "{ a(b: ) }",
        "{ a(b: 1, b: 2) }",
        "{ a(b: {c: 1, c: 2}) }",
        "{ a(b: 01) }",
        "{ a(b: 1x) }",
        "{ a(b: .5) }",
        "{ a(b: \"x) }",
        "{ a(b: \"x\ny\") }",
        "{ a(b: \"\\x\") }",
        "{ a(b: \"\\ud800\") }",
        "{ a(b: \"\\u{61}\") }",
        "{ a(b: 'x') }",
        "{ a b: }",
        "{ ... on { a } }",
        "{ ...on }",
        "{ a } }",
        "{ a @ }",
        "{ a\u{a0}b }",
        "\u{feff}{ a }",
        "query ($a) { a }",
        "query ($a: T, $a: T) { a }",
        "query () { a }",
        "subscription { a }",
        "type A { b: C }",
        "fragment F on A { b }",
        "fragment on on A { b } { a }",
        "{ a } fragment F on A { b } fragment F on A { b }",
    ] {
        let error = parse(text).expect_err(text);
        assert!(error.line >= 1 && error.column >= 1);
    }
    let error = parse("{\n  a(b: 'x')\n}").expect_err("a refusal");
    assert_eq!((error.line, error.column), (2, 8));
}

#[test]
fn a_document_nests_and_is_as_long_as_the_limits_and_no_more() {
    let nested = |depth: usize| {
        parse(&format!("{}a{}", "{a".repeat(depth), "}".repeat(depth)).replace("aa", "a b"))
    };
    assert!(nested(MAX_DEPTH / 2).is_ok());
    for depth in [MAX_DEPTH + 1, 50_000] {
        assert!(nested(depth).is_err());
    }
    let lists = format!("{{ a(b: {}{}) }}", "[".repeat(50_000), "]".repeat(50_000));
    assert!(parse(&lists).is_err());
    assert!(parse(&format!("{{ a }}{}", " ".repeat(MAX_BYTES))).is_err());
    assert!(parse(&format!("{{ {} }}", "a ".repeat(30_000))).is_err());
}

fn normalized(body: &str) -> Result<String, Code> {
    let normal = normal(body.as_bytes()).map_err(|refusal| refusal.code)?;
    Ok(String::from_utf8(normal).unwrap_or_default())
}

#[test]
fn variables_stand_in_their_places() {
    let body = "{\"query\":\"query A($a: String, $b: Int = 5, $c: X) { f(a: $a, b: $b, c: $c, d: [$a], e: {g: $a}) } query B { g }\",\
                \"variables\":{\"a\":\"x\"},\"operationName\":\"A\"}";
    assert_eq!(
        normalized(body).as_deref(),
        Ok(
            "{\"query\":\"query{f(a:\\\"x\\\" b:5 d:[\\\"x\\\"] e:{g:\\\"x\\\"})}\",\"places\":\"1:43 \",\"inputs\":[]}"
        )
    );
}

#[test]
fn records_of_mutations_stand_apart_and_come_back() {
    let body = "{\"query\":\"mutation($i: I!) { uiapi { a: ContactCreate(input: $i) { Record { Id } } } }\",\
                \"variables\":{\"i\":{\"Contact\":{\"LastName\":\"x\",\"Amount__c\":1.50}}}}";
    let normal = normalized(body).expect("a mutation");
    assert_eq!(
        normal,
        "{\"query\":\"mutation{uiapi{a:ContactCreate(input:{Contact:$input0}){Record{Id}}}}\",\
         \"places\":\"1:20 1:28 1:58 1:67 \",\"inputs\":[{\"LastName\":\"x\",\"Amount__c\":1.50}]}"
    );
    let left = outgoing(normal.as_bytes()).expect("a body");
    assert_eq!(
        String::from_utf8(left).unwrap_or_default(),
        "{\"query\":\"mutation{uiapi{a:ContactCreate(input:{Contact:{LastName:\\\"x\\\" Amount__c:1.50}}){Record{Id}}}}\"}"
    );
}

#[test]
fn a_body_of_another_form_is_refused() {
    for body in [
        "[]",
        "[{\"query\":\"{a}\"}]",
        "{}",
        "{\"query\":5}",
        "{\"query\":\"{a}\",\"extensions\":{\"persistedQuery\":{}}}",
        "{\"query\":\"{a}\",\"variables\":[]}",
        "{\"query\":\"{a}\",\"operationName\":\"B\"}",
        "{\"query\":\"query A {a} query B {b}\"}",
        "{\"query\":\"{a(b: $c)}\"}",
        "{\"query\":\"query($c: X) {a(b: $c)}\",\"variables\":{\"c\":{\"not a name\":1}}}",
        "{\"query\":\"mutation { uiapi { ...F } } fragment F on X { a }\"}",
        "{\"query\":\"mutation { uiapi { A(input: {B: {c: ENUM}}) { d } } }\"}",
    ] {
        assert!(normalized(body).is_err(), "{body}");
    }
}

#[test]
fn a_large_variable_in_many_places_is_refused() {
    let items = vec!["1"; 5_000].join(",");
    let uses = (0..5_000).map(|at| format!("a{at}: f(b: $v)"));
    let uses: Vec<String> = uses.collect();
    let body = format!(
        "{{\"query\":\"query($v: X) {{ {} }}\",\"variables\":{{\"v\":[{items}]}}}}",
        uses.join(" ")
    );
    assert!(normalized(&body).is_err());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC*") {
        reads_back_if_it_reads(&text);
        reads_back_if_it_reads(&format!("{{ a(b: \"{text}\") }}"));
    }

    #[test]
    fn a_mutated_document_is_read_or_refused(
        line in any::<Index>(),
        edits in prop::collection::vec((any::<Index>(), any::<Index>(), select(PIECES.to_vec())), 1..4),
    ) {
        let mut text: Vec<char> = DOCUMENTS[line.index(DOCUMENTS.len())].chars().collect();
        for (start, length, piece) in edits {
            let start = start.index(text.len() + 1);
            let end = (start + length.index(4)).min(text.len());
            text.splice(start..end, piece.chars());
        }
        reads_back_if_it_reads(&text.iter().collect::<String>());
    }
}

const PIECES: &[&str] = &[
    "{", "}", "(", ")", "[", "]", "\"", "\"\"\"", "\\", "...", "on", "$a", ":", "@", "!", "=", "#",
    "\n", ",", "1", "-", "é", "fragment", "mutation",
];

fn reads_back_if_it_reads(text: &str) {
    if let Ok(mut document) = parse(text) {
        for operation in &mut document.operations {
            operation.variables.clear();
        }
        let written = write(&document);
        assert_eq!(parse(&written), Ok(document), "{text}\n{written}");
    }
}
