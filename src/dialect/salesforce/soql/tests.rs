//! Tests of the module as a whole: the corpus, the round trip and hostile text.

use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_assert_eq};
use proptest::sample::{Index, select};
use proptest::{prop_oneof, proptest};

use crate::dialect::salesforce::soql::ast::{
    Argument, Call, Compare, Condition, Function, Literal, Name, Operand, Operator, Path, Piece,
    Query, Right, SelectItem, Span, Value,
};
use crate::dialect::salesforce::soql::canonical::canonical;
use crate::dialect::salesforce::soql::visit::walk;
use crate::dialect::salesforce::soql::{MAX_CHARS, MAX_DEPTH, MAX_PARTS, parse, parse_literal};

/// Queries of public repositories, `TAG<TAB>query` a line.
const CORPUS: &str = include_str!("../../../../tests/fixtures/soql/queries.txt");

/// The queries of the corpus: those that the API takes, and the others. The latter are its
/// sections of invalid ones and of SOSL, and what only Apex takes, with bind variables.
fn corpus() -> (Vec<&'static str>, Vec<&'static str>) {
    let (mut taken, mut others) = (Vec::new(), Vec::new());
    let mut section = "";
    for line in CORPUS.lines() {
        if line.starts_with('#') {
            section = line;
        } else if let Some((_, query)) = line.split_once('\t') {
            let of_others = ["invalid on purpose", "SOSL ("];
            let other = of_others.iter().any(|name| section.contains(name));
            let list = match other || query.contains(" :") {
                true => &mut others,
                false => &mut taken,
            };
            list.push(query);
        }
    }
    (taken, others)
}

#[test]
fn every_query_of_the_corpus_that_the_api_takes_is_read() {
    let (taken, _) = corpus();
    assert_eq!(taken.len(), 81);
    for text in taken {
        assert!(parse(text).is_ok(), "{text}: {:?}", parse(text));
    }
}

#[test]
fn every_other_query_of_the_corpus_is_refused() {
    let (_, others) = corpus();
    assert_eq!(others.len(), 24);
    for text in others {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn the_four_invalid_queries_of_the_corpus_are_refused_for_what_is_wrong_with_them() {
    let whats = [
        "a literal was expected",
        "a literal was expected",
        "the text in quotes does not end",
        "the end of the query was expected",
    ];
    let (_, others) = corpus();
    let invalid = others.iter().filter(|text| {
        let bind = text.contains(" :");
        !bind && text.starts_with("SELECT")
    });
    let found: Vec<_> = invalid
        .map(|text| parse(text).expect_err(text).what)
        .collect();
    assert_eq!(found, whats);
}

#[test]
fn bind_variables_are_refused_by_name() {
    for right in [
        "= :name",
        "LIKE :name",
        "IN :names",
        "IN (:a, :b)",
        "INCLUDES :names",
    ] {
        let error = parse(&format!("SELECT Id FROM Lead WHERE Name {right}")).expect_err(right);
        let what = "a bind variable is not part of a query over the API";
        assert_eq!(error.what, what, "{right}");
    }
}

#[test]
fn every_query_of_the_corpus_reads_back_from_its_canonical_form() {
    for text in corpus().0 {
        let query = parse(text).expect(text);
        let written = canonical(&query);
        let again = parse(&written).unwrap_or_else(|error| panic!("{written}: {error}"));
        assert_eq!(again, query, "{written}");
        assert_eq!(canonical(&again), written);
    }
}

#[test]
fn trees_that_say_something_else_are_not_equal() {
    let texts: Vec<&str> = corpus().0;
    for (i, one) in texts.iter().enumerate() {
        for other in &texts[i + 1..] {
            assert_ne!(parse(one), parse(other));
        }
    }
}

#[test]
fn spans_are_where_the_names_and_literals_stand() {
    for text in corpus().0 {
        let query = parse(text).expect(text);
        let at = |span: Span| &text[span.start..span.end];
        let walk = walk(&query);
        for field in &walk.fields {
            for name in &field.path.names {
                assert_eq!(at(name.span), name.text(), "{text}");
            }
            let literals = match field.compare.map(|compare| &compare.right) {
                Some(Right::Literal(literal)) => std::slice::from_ref(literal),
                Some(Right::List(literals)) => literals,
                _ => &[],
            };
            for literal in literals
                .iter()
                .filter(|l| !matches!(l.value, Value::Pattern(_)))
            {
                let again = parse_literal(at(literal.span)).expect("a literal");
                assert_eq!(&again, literal, "{text}");
            }
        }
        for applied in &walk.calls {
            assert!(at(applied.call.span).ends_with(')'), "{text}");
        }
        assert_eq!(at(query.span), text);
    }
}

#[test]
fn neither_a_tree_nor_an_error_prints_a_value() {
    let literals = [
        "= 'jan.jansen@example.nl'",
        "LIKE 'jan.jansen%'",
        "IN ('jan.jansen', 'x')",
        "= 19600101",
        "= 1960-01-01",
        "= EUR19600101",
    ];
    for literal in literals {
        let text = format!("SELECT Id FROM Contact WHERE Foo {literal}");
        let tree = format!("{:?}", parse(&text).expect("a query"));
        let error = parse(&format!("{text} jansen 1960 1960-01-01")).expect_err("a refusal");
        for printed in [tree, error.to_string()] {
            assert!(
                !printed.contains("jansen") && !printed.contains("1960"),
                "{printed}"
            );
        }
    }
}

#[test]
fn a_query_nests_as_deep_as_the_limit_and_no_deeper() {
    let forms: [(&str, &str, &str, &str); 4] = [
        ("SELECT Id FROM Lead WHERE ", "(", "a = 1", ")"),
        (
            "SELECT Id FROM Lead WHERE ",
            "Id IN (SELECT Id FROM Lead WHERE ",
            "a = 1",
            ")",
        ),
        ("SELECT Id, ", "(SELECT Id, ", "Id", " FROM x)"),
        ("SELECT ", "FORMAT(", "Id", ")"),
    ];
    for (head, open, inner, close) in forms {
        let tail = if head.contains("FROM") {
            ""
        } else {
            " FROM Lead"
        };
        let nested = |depth| {
            let (open, close) = (str::repeat(open, depth), str::repeat(close, depth));
            parse(&format!("{head}{open}{inner}{close}{tail}"))
        };
        assert!(nested(MAX_DEPTH).is_ok(), "{open}");
        for depth in [MAX_DEPTH + 1, 2000] {
            let error = nested(depth).expect_err(open);
            assert_eq!(error.what, "the query nests deeper than 64 levels");
        }
    }
}

#[test]
fn a_query_is_as_long_as_the_limit_and_no_longer() {
    let text = |length: usize| {
        let start = "SELECT Id FROM Lead WHERE Name = '";
        format!("{start}{}'", "é".repeat(length - start.len() - 1))
    };
    assert!(parse(&text(MAX_CHARS)).is_ok());
    let error = parse(&text(MAX_CHARS + 1)).expect_err("a refusal");
    assert_eq!(error.what, "the query has more than 100,000 characters");
}

#[test]
fn a_query_has_as_many_parts_as_the_limit_and_no_more() {
    // The others of each text are `Id`, `Lead`, `a` and the literal in front.
    let forms = [
        ("SELECT Id", ",a", " FROM Lead WHERE a = 1"),
        ("SELECT Id FROM Lead WHERE a IN (1", ",1", ")"),
    ];
    for (head, part, tail) in forms {
        let text = |parts| format!("{head}{}{tail}", part.repeat(parts));
        assert!(parse(&text(MAX_PARTS - 4)).is_ok());
        let error = parse(&text(MAX_PARTS - 3)).expect_err("a refusal");
        assert_eq!(
            error.what,
            "the query has more than 20,000 names and literals"
        );
    }
}

#[test]
fn every_piece_of_a_query_is_read_or_refused() {
    for text in corpus().0 {
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            let (head, tail) = text.split_at(end);
            reads_back_if_it_reads(head);
            reads_back_if_it_reads(tail);
        }
    }
}

/// Whatever parses must say the same in its canonical form: else the CRM would be asked something
/// else than what was looked at.
fn reads_back_if_it_reads(text: &str) {
    if let Ok(query) = parse(text) {
        let written = canonical(&query);
        assert_eq!(parse(&written), Ok(query), "{text}\n{written}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC*") {
        reads_back_if_it_reads(&text);
    }

    #[test]
    fn any_tail_of_a_query_is_read_or_refused(tail in "[ -~\\t\\n\u{a0}é]{0,60}") {
        reads_back_if_it_reads(&format!("SELECT Id FROM Lead WHERE {tail}"));
        reads_back_if_it_reads(&format!("SELECT Id FROM Lead {tail}"));
        reads_back_if_it_reads(&format!("SELECT {tail} FROM Lead"));
    }

    #[test]
    fn words_in_any_order_are_read_or_refused(words in prop::collection::vec(word(), 0..20)) {
        reads_back_if_it_reads(&format!("SELECT Id FROM Lead {}", words.join(" ")));
        reads_back_if_it_reads(&format!("SELECT {} FROM Lead", words.join(" ")));
    }

    #[test]
    fn a_mutated_query_is_read_or_refused(
        line in any::<Index>(),
        edits in prop::collection::vec((any::<Index>(), any::<Index>(), piece()), 1..4),
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
    fn any_text_survives_a_literal(text in any::<String>()) {
        let query = query_of(Condition::Compare(Compare {
            span: Span::default(),
            left: Operand::Path(path_of("Name")),
            operator: Operator::Equal,
            right: Right::Literal(Literal::text(&text)),
        }));
        prop_assert_eq!(parse(&canonical(&query)), Ok(query));
    }

    #[test]
    fn any_tree_reads_back_from_its_canonical_form(query in query()) {
        let written = canonical(&query);
        match parse(&written) {
            Ok(again) => prop_assert_eq!(again, query, "{}", written),
            Err(error) => prop_assert!(false, "{}: {}", error, written),
        }
    }
}

/// Words and marks of the language, and some that are not of it.
fn word() -> impl Strategy<Value = &'static str> {
    select(vec![
        "SELECT",
        "FROM",
        "WHERE",
        "AND",
        "OR",
        "NOT",
        "IN",
        "LIKE",
        "=",
        "!=",
        "<",
        "(",
        ")",
        ",",
        "'x'",
        "'it\\'s'",
        "5",
        "2020-01-01",
        "TODAY",
        "null",
        "USD5",
        "Id",
        "Name",
        "a.b",
        "Lead",
        "GROUP",
        "BY",
        "ROLLUP",
        "HAVING",
        "COUNT(",
        "FIELDS(ALL)",
        "ORDER",
        "ASC",
        "NULLS",
        "FIRST",
        "LIMIT",
        "OFFSET",
        "FOR",
        "VIEW",
        "UPDATE",
        "TRACKING",
        "ALL",
        "ROWS",
        "WITH",
        "USER_MODE",
        "DATA",
        "CATEGORY",
        "AT",
        "USING",
        "SCOPE",
        "TYPEOF",
        "WHEN",
        "THEN",
        "ELSE",
        "END",
        "AS",
        ":x",
        "'",
        "\\",
        ";",
    ])
}

/// What a mutation puts into a query.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        any::<char>().prop_map(String::from),
        select(vec![
            "'", "\\", "(", ")", ",", ".", ":", "%", " ", "\n", "--", "\u{2019}"
        ])
        .prop_map(str::to_owned),
        word().prop_map(|word| format!(" {word} ")),
    ]
}

fn path_of(text: &str) -> Path {
    let names = text.split('.').map(|name| Name::new(name).expect("a name"));
    Path {
        names: names.collect(),
    }
}

fn query_of(condition: Condition) -> Query {
    let mut query = parse("SELECT Id FROM Lead").expect("a query");
    query.condition = Some(condition);
    query
}

fn path() -> impl Strategy<Value = Path> {
    let texts = vec![
        "Id",
        "Name",
        "Group.Name",
        "Owner.From",
        "Format",
        "x__c",
        "a.b.c__r.d",
        "Typeof",
        "Count",
    ];
    select(texts).prop_map(path_of)
}

fn call() -> impl Strategy<Value = Call> {
    let functions = select(vec!["COUNT", "max", "toLabel", "CALENDAR_YEAR"]);
    (functions, path()).prop_map(|(name, path)| Call {
        span: Span::default(),
        name: Name::new(name).expect("a name"),
        function: Function::named(name).expect("a function"),
        arguments: vec![Argument::Path(path)],
    })
}

fn literal() -> impl Strategy<Value = Literal> {
    let plain = select(vec![
        "12",
        "-1.5e3",
        "USD-500",
        "2010-09-21",
        "2020-04-15T02:40:03.000+0000",
        "14:00:00Z",
        "TODAY",
        "LAST_N_DAYS:4",
        "true",
        "null",
    ]);
    prop_oneof![
        any::<String>().prop_map(|text| Literal::text(&text)),
        "['\\\\%_a]{0,5}".prop_map(|text| Literal::text(&text)),
        plain.prop_map(|text| parse_literal(text).expect("a literal")),
    ]
}

/// A pattern whose texts are not empty and do not stand side by side, as parsing makes them.
fn pattern() -> impl Strategy<Value = Literal> {
    let wildcard = prop_oneof![Just(Piece::AnyRun), Just(Piece::AnyOne)];
    let text = "([a'\\\\%_é]|\\PC){1,4}";
    let pairs = prop::collection::vec((text, wildcard), 0..4);
    (pairs, any::<bool>()).prop_map(|(pairs, starts)| {
        let pieces = pairs
            .into_iter()
            .flat_map(|(text, wildcard)| [Piece::Text(text.as_str().into()), wildcard]);
        Literal {
            span: Span::default(),
            value: Value::Pattern(pieces.skip(usize::from(starts)).collect()),
        }
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    let operand = prop_oneof![
        path().prop_map(Operand::Path),
        call().prop_map(Operand::Call)
    ];
    let list = || prop::collection::vec(literal(), 1..4).prop_map(Right::List);
    let right = prop_oneof![
        (Just(Operator::Equal), literal().prop_map(Right::Literal)),
        (
            Just(Operator::GreaterOrEqual),
            literal().prop_map(Right::Literal)
        ),
        (Just(Operator::Like), pattern().prop_map(Right::Literal)),
        (Just(Operator::NotIn), list()),
        (Just(Operator::Includes), list()),
    ];
    let compare = (operand, right).prop_map(|(left, (operator, right))| {
        Condition::Compare(Compare {
            span: Span::default(),
            left,
            operator,
            right,
        })
    });
    compare.prop_recursive(4, 16, 3, |inner| {
        let semi_join = inner.clone().prop_map(|condition| {
            Condition::Compare(Compare {
                span: Span::default(),
                left: Operand::Path(path_of("Id")),
                operator: Operator::In,
                right: Right::SemiJoin(Box::new(query_of(condition))),
            })
        });
        let parts = || prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            parts().prop_map(Condition::And),
            parts().prop_map(Condition::Or),
            inner
                .clone()
                .prop_map(|part| Condition::Not(Box::new(part))),
            semi_join,
        ]
    })
}

/// A query with a condition of any form, selecting fields, functions and a query.
fn query() -> impl Strategy<Value = Query> {
    let tails = select(vec![
        "SELECT Id FROM Lead",
        "SELECT Id FROM Lead l USING SCOPE Mine WITH USER_MODE ORDER BY l.Name NULLS LAST LIMIT 1",
        "SELECT Id, COUNT(Id) n FROM Lead GROUP BY CUBE(Id) HAVING COUNT(Id) > 1 OFFSET 5",
        "SELECT Id FROM Lead FOR VIEW UPDATE VIEWSTAT FOR UPDATE ALL ROWS",
    ]);
    let child = prop::option::of(condition());
    (tails, condition(), child, path(), call()).prop_map(|(tail, condition, child, path, call)| {
        let mut query = parse(tail).expect("a query");
        query.condition = Some(condition);
        query.select.push(SelectItem::Field { path, alias: None });
        let alias = Name::new("alias");
        query.select.push(SelectItem::Function { call, alias });
        if let Some(condition) = child {
            query.select.push(SelectItem::Subquery {
                query: Box::new(query_of(condition)),
                alias: None,
            });
        }
        query
    })
}
