//! The collected searches, searches in any form, and whatever else a client may send.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::ast::{Expression, Group, Part, Search, With, Word};
use super::canonical::canonical;
use super::{parse, parse_expression};
use crate::dialect::salesforce::soql::ast::Piece;
use crate::dialect::salesforce::soql::{MAX_CHARS, MAX_DEPTH};

/// The searches that were collected, and whether each is one as the API takes it.
fn corpus() -> (Vec<&'static str>, Vec<&'static str>) {
    let lines = include_str!("../../../../tests/fixtures/soql/queries.txt").lines();
    let texts = lines.filter_map(|line| line.split_once('\t'));
    let searches = texts
        .map(|(_, text)| text)
        .filter(|text| text.to_uppercase().starts_with("FIND"));
    // In quotes or in a variable the words stand in Apex only.
    searches.partition(|text| text.contains('{'))
}

#[test]
fn every_search_of_the_api_in_the_corpus_is_read_and_reads_back() {
    let (of_api, of_apex) = corpus();
    assert_eq!((of_api.len(), of_apex.len()), (13, 5));
    for text in of_api {
        let search = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let written = canonical(&search);
        assert_eq!(parse(&written), Ok(search), "{written}");
    }
    for text in of_apex {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn all_clauses_are_read_in_their_order() {
    let text = "find {jan AND NOT (de OR \"de vries\") AND b?n*} in name fields returning \
                Contact(Id, toLabel(LeadSource) using listview = Recent where a = 'x' order by \
                Name desc limit 5 offset 2), Lead with division = 'Global' with data category \
                a__c at b__c with snippet(target_length=120) with network in ('a','b') with \
                pricebookid = 'x' with metadata='labels' with spell_correction = false with \
                highlight limit 20 update tracking, viewstat";
    let search = parse(text).expect("a search");
    assert_eq!(search.group, Some(Group::Name));
    assert_eq!(search.with.len(), 8);
    assert_eq!(
        canonical(&search),
        "FIND {jan AND NOT (de OR \"de vries\") AND b?n*} IN NAME FIELDS RETURNING \
         Contact(Id, toLabel(LeadSource) USING ListView = Recent WHERE a = 'x' ORDER BY \
         Name DESC LIMIT 5 OFFSET 2), Lead WITH DIVISION = 'Global' WITH DATA CATEGORY \
         a__c AT (b__c) WITH SNIPPET (target_length = 120) WITH NETWORK IN ('a', 'b') WITH \
         PricebookId = 'x' WITH METADATA = 'LABELS' WITH SPELL_CORRECTION = false WITH \
         HIGHLIGHT LIMIT 20 UPDATE TRACKING, VIEWSTAT"
    );
}

#[test]
fn operators_bind_as_in_the_reference() {
    for (text, same) in [
        ("a b", "a b"),
        ("a OR b AND c", "a OR (b AND c)"),
        ("a and not b or c", "(a AND NOT b) OR c"),
        ("((a))", "a"),
        ("(a b) OR c", "(a b) OR c"),
        ("and\\-or x", "and\\-or x"),
        ("\"and\" x", "\"and\" x"),
        ("android notes orbit", "android notes orbit"),
    ] {
        let one = parse_expression(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(super::canonical::expression(&one), same, "{text}");
    }
}

#[test]
fn what_clients_do_not_escape_is_text_and_leaves_with_its_escapes() {
    for (text, word, written) in [
        ("+31612345678", "+31612345678", "\\+31612345678"),
        ("jan@example.nl", "jan@example.nl", "jan@example.nl"),
        ("O'Hara", "O'Hara", "O\\'Hara"),
        ("415\\-555\\-0100", "415-555-0100", "415\\-555\\-0100"),
        ("\"a \\\"b\\\" \\\\\"", "a \"b\" \\", "\"a \\\"b\\\" \\\\\""),
    ] {
        let found = parse_expression(text).expect(text);
        let Expression::Words(words) = &found else {
            panic!("{text}");
        };
        assert_eq!(words[0].text(), Some(word));
        assert_eq!(super::canonical::expression(&found), written);
    }
}

#[test]
fn wildcards_are_pieces_and_their_escapes_are_text() {
    let found = parse_expression("j?n* \\*x").expect("words");
    let Expression::Words(words) = found else {
        panic!("words");
    };
    assert_eq!(words[0].pieces.len(), 4);
    assert_eq!(words[0].text(), None);
    assert_eq!(words[1].text(), Some("*x"));
}

#[test]
fn what_is_no_search_is_refused() {
    for text in [
        "",
        "FIND",
        "FIND {}",
        "FIND { }",
        "FIND {a",
        "FIND a",
        "FIND 'a'",
        "FIND :a",
        "FIND {a}}",
        "FIND {a{b}}",
        "FIND {(a}",
        "FIND {a)}",
        "FIND {()}",
        "FIND {a AND}",
        "FIND {AND a}",
        "FIND {NOT a}",
        "FIND {a NOT b}",
        "FIND {a OR OR b}",
        "FIND {a (b)}",
        "FIND {(a) b}",
        "FIND {\"a}",
        "FIND {\"\"}",
        "FIND {a\"b\"}",
        "FIND {a\\}",
        "FIND {a\\n}",
        "FIND {a && b}",
        "FIND {a | b}",
        "FIND {!a}",
        "FIND {a~}",
        "FIND {a^2}",
        "FIND {[a]}",
        "FIND {a\u{0}}",
        "FIND {a} IN FIELDS",
        "FIND {a} IN ALL",
        "FIND {a} IN OTHER FIELDS",
        "FIND {a} RETURNING",
        "FIND {a} RETURNING Contact()",
        "FIND {a} RETURNING Contact(WHERE a = 1)",
        "FIND {a} RETURNING Contact(Id",
        "FIND {a} RETURNING Contact((SELECT Id FROM Cases))",
        "FIND {a} RETURNING Contact(Id x)",
        "FIND {a} RETURNING Contact(Id GROUP BY Id)",
        "FIND {a} RETURNING a.b(Id)",
        "FIND {a} WITH",
        "FIND {a} WITH x",
        "FIND {a} WITH HIGHLIGHT WITH HIGHLIGHT",
        "FIND {a} WITH METADATA = 'x'",
        "FIND {a} WITH NETWORK IN ()",
        "FIND {a} LIMIT x",
        "FIND {a} LIMIT 1 RETURNING Contact",
        "FIND {a};",
        "FIND {a} -- x",
        "SELECT Id FROM Contact",
    ] {
        assert!(parse(text).is_err(), "{text}");
    }
    assert!(parse("FIND {a}").is_ok());
}

#[test]
fn neither_a_tree_nor_an_error_prints_a_word() {
    let tree = format!(
        "{:?}",
        parse("FIND {jansen \"jansen x\" jan*}").expect("one")
    );
    let error = parse("FIND {jansen} jansen").expect_err("a refusal");
    for printed in [tree, error.to_string()] {
        assert!(!printed.contains("jan"), "{printed}");
    }
}

#[test]
fn a_search_nests_and_is_as_long_as_the_limits_and_no_more() {
    let nested = |depth| {
        let (open, close) = (str::repeat("(", depth), str::repeat(")", depth));
        parse(&format!("FIND {{{open}a{close}}}"))
    };
    assert!(nested(MAX_DEPTH).is_ok());
    for depth in [MAX_DEPTH + 1, 20_000] {
        assert!(nested(depth).is_err());
    }
    let long = |length: usize| parse(&format!("FIND {{{}}}", "a".repeat(length - 7)));
    assert!(long(MAX_CHARS).is_ok());
    assert!(long(MAX_CHARS + 1).is_err());
}

#[test]
fn every_piece_of_a_search_is_read_or_refused() {
    for text in corpus().0 {
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            let (head, tail) = text.split_at(end);
            reads_back_if_it_reads(head);
            reads_back_if_it_reads(tail);
        }
    }
}

/// Whatever parses must say the same in its canonical form.
fn reads_back_if_it_reads(text: &str) {
    if let Ok(search) = parse(text) {
        let written = canonical(&search);
        assert_eq!(parse(&written), Ok(search), "{text}\n{written}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC*") {
        reads_back_if_it_reads(&text);
        reads_back_if_it_reads(&format!("FIND {{{text}}}"));
        reads_back_if_it_reads(&format!("FIND {{a}} {text}"));
    }

    #[test]
    fn words_in_any_order_are_read_or_refused(
        words in prop::collection::vec(select(WORDS.to_vec()), 0..20),
        inside in any::<bool>(),
    ) {
        let words = words.join(" ");
        reads_back_if_it_reads(&match inside {
            true => format!("FIND {{{words}}}"),
            false => format!("FIND {{a}} {words}"),
        });
    }

    #[test]
    fn a_mutated_search_is_read_or_refused(
        line in any::<Index>(),
        edits in prop::collection::vec((any::<Index>(), any::<Index>(), select(WORDS.to_vec())), 1..4),
    ) {
        let (taken, _) = corpus();
        let mut text: Vec<char> = taken[line.index(taken.len())].chars().collect();
        for (start, length, piece) in edits {
            let start = start.index(text.len() + 1);
            let end = (start + length.index(4)).min(text.len());
            text.splice(start..end, piece.chars());
        }
        reads_back_if_it_reads(&text.iter().collect::<String>());
    }

    #[test]
    fn any_tree_reads_back_from_its_canonical_form(find in expression()) {
        let search = Search {
            find,
            group: Some(Group::All),
            returning: vec![],
            with: vec![With::SpellCorrection(true)],
            limit: None,
            update: vec![],
        };
        let written = canonical(&search);
        prop_assert_eq!(parse(&written), Ok(search), "{}", written);
    }
}

const WORDS: &[&str] = &[
    "FIND",
    "{a}",
    "a",
    "\"a b\"",
    "AND",
    "OR",
    "NOT",
    "(",
    ")",
    "{",
    "}",
    "*",
    "?",
    "\\",
    "\\+",
    "\"",
    "IN",
    "ALL",
    "FIELDS",
    "RETURNING",
    "Contact",
    "(Id)",
    "Contact(Id WHERE a = 'x')",
    ",",
    "WITH",
    "SNIPPET",
    "LIMIT",
    "5",
    "UPDATE",
    "TRACKING",
    "'x'",
    "+",
    "\u{a0}",
    "é",
];

/// A word whose texts are not empty and do not stand side by side, as parsing makes them.
fn word() -> impl Strategy<Value = Word> {
    let text = "([a'\\\\\"+{}\\-é]|[ -~]){1,4}";
    let wildcard = prop_oneof![Just(Piece::AnyRun), Just(Piece::AnyOne)];
    let pieces = prop::collection::vec((text, wildcard), 0..3);
    ("[a-z ]{1,5}", pieces, any::<bool>()).prop_map(|(first, pairs, quoted)| {
        let clean = |text: String| match quoted {
            true => text,
            // A blank ends a word.
            false => text.replace(' ', "_"),
        };
        let mut all = vec![Piece::Text(clean(format!("x{first}")).as_str().into())];
        for (text, wildcard) in pairs {
            all.push(wildcard);
            all.push(Piece::Text(clean(text).as_str().into()));
        }
        Word {
            span: crate::dialect::salesforce::soql::ast::Span::default(),
            pieces: all,
            quoted,
        }
    })
}

fn expression() -> impl Strategy<Value = Expression> {
    let words = prop::collection::vec(word(), 1..3).prop_map(Expression::Words);
    words.prop_recursive(4, 16, 3, |inner| {
        let any = prop::collection::vec(inner.clone(), 2..4).prop_map(Expression::Any);
        let parts = prop::collection::vec((prop::bool::ANY, inner), 2..4);
        let all = parts.prop_map(|parts| {
            let parts = parts
                .into_iter()
                .enumerate()
                .map(|(at, (negated, of))| Part {
                    negated: negated && at > 0,
                    of,
                });
            Expression::All(parts.collect())
        });
        prop_oneof![any, all]
    })
}
