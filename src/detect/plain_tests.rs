//! Ordinary texts of many trades are left alone, and the words that tempt still tell of people.
//!
//! The model was trained on these texts too; what to expect of others is in `docs/detection.md`.

use std::sync::LazyLock;

use super::Detector;

static DETECTOR: LazyLock<Detector> = LazyLock::new(|| Detector::new().expect("the lexicons"));

/// None of them says anything special about anybody.
const TRADES: [&str; 7] = [
    include_str!("../../tests/fixtures/detection/special/nl-trades.txt"),
    include_str!("../../tests/fixtures/detection/special/en-trades.txt"),
    include_str!("../../tests/fixtures/detection/special/de-trades.txt"),
    include_str!("../../tests/fixtures/detection/special/fr-trades.txt"),
    include_str!("../../tests/fixtures/detection/special/es-trades.txt"),
    include_str!("../../tests/fixtures/detection/special/it-trades.txt"),
    include_str!("../../tests/fixtures/detection/special/pl-trades.txt"),
];

/// Every third text is enough to see that something broke.
const STEP: usize = 3;

fn found(text: &str) -> bool {
    !DETECTOR.special(text, None).is_empty()
}

#[test]
fn of_a_hundred_ordinary_texts_at_most_one_is_flagged() {
    let lines = TRADES.iter().flat_map(|file| file.lines()).step_by(STEP);
    let texts: Vec<String> = lines
        .map(|line| line.rsplit('\t').next().unwrap_or_default())
        .map(|text| text.replace("\\n", "\n"))
        .collect();
    let flagged: Vec<&String> = texts.iter().filter(|text| found(text)).collect();
    assert!(texts.len() > 700, "{}", texts.len());
    assert!(flagged.len() * 100 <= texts.len(), "{flagged:#?}");
}

/// What ails or breaks is a thing, an animal or a plant; the same words tell of a person.
#[test]
fn things_are_no_people() {
    for (thing, person) in [
        (
            "De stekken zijn ziek aangekomen.",
            "De leerlinge is ziek thuisgekomen.",
        ),
        (
            "Broken arm on the office chair, part ordered.",
            "Broken arm, back in six weeks.",
        ),
        (
            "Operation Inventur beginnt am Montag um sieben.",
            "Erholt sich von der Operation.",
        ),
        (
            "Le syndic est prévenu de la fuite au troisième.",
            "Il est prévenu de vol et passe en mars.",
        ),
        (
            "El parto de la yegua se espera en abril.",
            "El parto fue difícil y sigue ingresada.",
        ),
        (
            "Depressione nel condotto, filtro intasato.",
            "La cliente soffre di depressione.",
        ),
        (
            "Złamane ramię lampy, część w drodze.",
            "Pracownik ma złamane ramię.",
        ),
    ] {
        assert!(!found(thing), "{thing}");
        assert!(found(person), "{person}");
    }
}
