use super::{Role, Value, find};

fn found<'a>(text: &'a str, values: &[(Role, &str)]) -> Vec<&'a str> {
    let values: Vec<Value<'_>> = values
        .iter()
        .map(|(role, text)| Value { role: *role, text })
        .collect();
    find(text, &values)
        .iter()
        .map(|hit| &text[hit.start..hit.end])
        .collect()
}

#[test]
fn names_are_found_in_the_ways_that_people_write_them() {
    let jan = [
        (Role::GivenName, "Jan Willem"),
        (Role::FamilyName, "van der Meulen"),
    ];
    let full = [(Role::FullName, "Jan Willem van der Meulen")];
    let turned = [(Role::FullName, "Meulen, Jan Willem van der")];
    let table: &[(&str, &[&str])] = &[
        (
            "Jan Willem belde, en van der Meulen ook",
            &["Jan Willem", "van der Meulen"],
        ),
        (
            "JAN-WILLEM VAN DER MEULEN",
            &["JAN-WILLEM", "VAN DER MEULEN"],
        ),
        ("dhr. j.w. van der meulen", &["van der meulen"]),
        ("J.W. van der Meulen tekent", &["J.W. van der Meulen"]),
        ("aan J van der Meulen", &["J van der Meulen"]),
        ("het dossier Meulen, van der", &["Meulen, van der"]),
        (
            "Meulens dossier en Van der Meulen's auto",
            &["Meulens", "Van der Meulen"],
        ),
        ("P. van der Meulen is zijn broer", &["van der Meulen"]),
        ("de vermeulens en meulenhof", &[]),
    ];
    for (text, expected) in table {
        assert_eq!(found(text, &jan), *expected, "{text}");
    }
    assert_eq!(
        found("Met Jan van der Meulen gebeld", &full),
        ["Jan van der Meulen"]
    );
    assert_eq!(
        found("Met Jan Willem van der Meulen gebeld", &turned),
        ["Jan Willem van der Meulen"]
    );
    assert_eq!(
        found("Meulen, Jan Willem van der", &full),
        ["Meulen", "Jan Willem"]
    );
}

#[test]
fn accents_and_umlauts_do_not_hide_a_name() {
    assert_eq!(
        found(
            "herr mueller und Frau MÜLLER, Muller",
            &[(Role::FamilyName, "Müller")]
        ),
        ["mueller", "MÜLLER", "Muller"]
    );
    assert_eq!(
        found("Herr Müller", &[(Role::FamilyName, "Mueller")]),
        ["Müller"]
    );
    assert_eq!(
        found("anais kwam, Anaïs ook", &[(Role::GivenName, "Anaïs")]),
        ["anais", "Anaïs"]
    );
    assert_eq!(
        found("Łukasz i lukasz", &[(Role::GivenName, "Łukasz")]),
        ["Łukasz", "lukasz"]
    );
}

#[test]
fn names_that_are_words_need_their_capital_and_a_sentence_around_them() {
    let wil = [(Role::GivenName, "Wil"), (Role::FamilyName, "Berg")];
    assert_eq!(
        found("Wil je een berg zand? An wil dat.", &wil),
        Vec::<&str>::new()
    );
    assert_eq!(
        found("Ik sprak Wil over de berg van mevrouw Berg", &wil),
        ["Wil", "Berg"]
    );
    assert_eq!(found("an appel met An", &[(Role::GivenName, "An")]), ["An"]);
}

#[test]
fn addresses_and_numbers_are_found_in_any_formatting() {
    let phone = [(Role::Phone, "+31 6 1234 5678")];
    for text in [
        "0612345678",
        "06-12345678",
        "06 12 34 56 78",
        "0031612345678",
        "+31 (0)6-1234.5678",
    ] {
        assert_eq!(found(&format!("bel {text} even"), &phone), [text]);
    }
    assert_eq!(found("order 612345679", &phone), Vec::<&str>::new());
    assert_eq!(found("order 99061234567812", &phone), Vec::<&str>::new());
    let mail = [(Role::Email, "Jan.deVries@voorbeeld.example")];
    assert_eq!(
        found("jan.devries@VOORBEELD.example of login jan.devries", &mail),
        ["jan.devries@VOORBEELD.example", "jan.devries"]
    );
    assert_eq!(
        found("info gevraagd", &[(Role::Email, "info@voorbeeld.example")]),
        Vec::<&str>::new()
    );
    let street = [
        (Role::Street, "Hauptstraße 5a"),
        (Role::Postcode, "1016 GV"),
    ];
    assert_eq!(
        found("hauptstr. 5a, 1016gv", &street),
        ["hauptstr. 5a", "1016gv"]
    );
    assert_eq!(
        found("in der Hauptstrasse, 1016 stuks", &street),
        ["Hauptstrasse"]
    );
}
