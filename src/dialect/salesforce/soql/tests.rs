//! Tests of the module as a whole: the corpus, the round trip and hostile text.

use crate::dialect::salesforce::soql::parse;

/// Queries of public repositories, `TAG<TAB>query` a line.
const CORPUS: &str = include_str!("../../../../tests/fixtures/soql/queries.txt");

/// The corpus in its sections: those that SOQL is, those that are refused.
fn corpus() -> (Vec<&'static str>, Vec<&'static str>) {
    let (mut valid, mut refused) = (Vec::new(), Vec::new());
    let mut section = "";
    for line in CORPUS.lines() {
        if line.starts_with('#') {
            section = line;
        } else if let Some((_, query)) = line.split_once('\t') {
            let bind = query.contains(" :");
            let wrong = section.contains("invalid on purpose") || section.contains("SOSL (");
            if bind || wrong {
                &mut refused
            } else {
                &mut valid
            }
            .push(query);
        }
    }
    (valid, refused)
}

#[test]
fn every_valid_query_of_the_corpus_is_read() {
    let (valid, _) = corpus();
    let wrong: Vec<_> = valid
        .iter()
        .filter_map(|query| Some((query, parse(query).err()?)))
        .collect();
    assert!(valid.len() == 81, "{}", valid.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_other_query_of_the_corpus_is_refused() {
    let (_, refused) = corpus();
    let read: Vec<_> = refused
        .iter()
        .filter(|query| parse(query).is_ok())
        .collect();
    assert!(refused.len() == 24, "{}", refused.len());
    assert!(read.is_empty(), "{read:#?}");
}
