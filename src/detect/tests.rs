//! What the detector finds and leaves, whatever the lexicons say today.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::lexicon::Built;
use super::special::LEXICONS;
use super::{Detector, Kind, Language, Source, Special};

static DETECTOR: LazyLock<Detector> = LazyLock::new(|| Detector::new().expect("the lexicons"));

/// A detector of one file, without the model.
fn small(category: &'static str, text: &str) -> Detector {
    let cues = Source {
        language: Language::Nl,
        name: "cues",
        text: r#"groups.person = ["hij", "klant"]
                 groups.trade = ["bestelt"]
                 groups.union = ["^FNV", "(christelijk|algemeen) vakverbond"]
                 groups.partner_male = ["man"]"#,
    };
    let file = Source {
        language: Language::Nl,
        name: category,
        text,
    };
    Detector::from_sources(&[cues, file])
        .expect("a lexicon")
        .without_model()
}

fn found(detector: &Detector, text: &str) -> Vec<String> {
    let findings = detector.special(text, None);
    findings
        .iter()
        .map(|found| text[found.start..found.end].to_owned())
        .collect()
}

#[test]
fn the_program_carries_every_language_and_category() {
    let built = Built::read(LEXICONS).expect("the compiled lexicons");
    let mut counts = BTreeMap::new();
    for entry in (0..).map_while(|at| built.entry(at)) {
        *counts.entry((entry.language, entry.category)).or_insert(0) += 1;
    }
    let by_words = Special::ALL.len() - 1;
    assert_eq!(counts.len(), Language::ALL.len() * by_words);
    assert!(counts.values().all(|count| *count > 40), "{counts:?}");
    LazyLock::force(&DETECTOR);
}

#[test]
fn other_bytes_are_no_lexicons() {
    assert!(Built::read(b"").is_none());
    assert!(Built::read(b"SLX0").is_none());
    assert!(Built::read(&LEXICONS[..LEXICONS.len() - 1]).is_none());
}

#[test]
fn lexicons_of_other_languages_do_not_count() {
    let dutch = Detector::of_languages(&[Language::Nl]).expect("the lexicons");
    assert_eq!(
        found(&dutch.without_model(), "Hij heeft kanker."),
        ["kanker"]
    );
    let polish = Detector::of_languages(&[Language::Pl]).expect("the lexicons");
    assert_eq!(found(&polish.without_model(), "Hij heeft kanker."), [""; 0]);
}

#[test]
fn words_are_found_however_they_are_written() {
    let detector = small(
        "health",
        r#"strong = ["kanker", "dialyse*", "*patiënt", "epilepsie"]"#,
    );
    for text in [
        "Heeft KANKER.",
        "k a n k e r",
        "k.a.n.k.e.r!",
        "k4nk3r",
        "kan\u{200b}ker",
        "k\u{430}nker",
        "ｋａｎｋｅｒ",
        "kan<b>k</b>er",
        "**kan**ker",
        "is &#107;anker",
        "\\u006banker",
        "dialyseafspraak",
        "Nierpatient",
        "epilespie",
        "kän\u{308}ker",
    ] {
        assert_eq!(found(&detector, text).len(), 1, "{text}");
    }
    for text in ["kankeren", "k nk r", "anker", "ka nk er"] {
        assert_eq!(found(&detector, text).len(), 0, "{text}");
    }
}

#[test]
fn gaps_groups_and_brackets_mean_what_the_format_says() {
    let patterns = r#"statement = ["lid van .. @union", "moet om .. bidden", "(hart|long)klachten", "kerk*straat"]"#;
    let detector = small("union_membership", patterns);
    for text in [
        "lid van FNV",
        "lid van de grote FNV",
        "Lid van het Christelijk Vakverbond",
        "longklachten",
        "Kerkelijkestraat",
    ] {
        assert_eq!(found(&detector, text).len(), 1, "{text}");
    }
    for text in [
        "lid van fnv",
        "lid van een twee drie vier FNV",
        "lid van. FNV",
        "moet om een twee drie vier bidden",
    ] {
        assert_eq!(found(&detector, text).len(), 0, "{text}");
    }
}

#[test]
fn innocent_words_excuse_and_people_accuse() {
    let detector = small(
        "health",
        r#"strong = ["dialyse*"]
           weak = ["griep"]
           innocent = ["dialyseafdeling"]"#,
    );
    assert_eq!(
        found(&detector, "De dialyseafdeling bestelt tien monitoren"),
        [""; 0]
    );
    assert_eq!(found(&detector, "ligt aan de dialyse"), ["dialyse"]);
    assert_eq!(found(&detector, "Hij heeft griep"), ["griep"]);
    assert_eq!(found(&detector, "Bestelt griep"), [""; 0]);
    assert_eq!(
        found(&detector, "Mevr. Griep belde, klant tevreden"),
        [""; 0]
    );
    assert_eq!(
        found(&detector, "Klant belde. Griep gehad volgens vrouw"),
        [""; 0]
    );
}

#[test]
fn one_word_of_another_language_is_another_word() {
    let lists = r#"strong = ["high"]
                   statement = ["zo high"]"#;
    let detector = small("health", lists);
    for (text, wanted) in [
        ("Hij is weer high en komt niet.", vec!["high"]),
        ("The chairs for the family are too high.", vec![]),
        ("The client said he was zo high again.", vec!["zo high"]),
    ] {
        assert_eq!(found(&detector, text), wanted, "{text}");
    }
}

#[test]
fn a_partner_of_the_same_sex_tells() {
    let detector = small("health", "strong = []");
    assert_eq!(found(&detector, "komt met zijn man"), ["zijn man"]);
    assert_eq!(found(&detector, "komt met haar man"), [""; 0]);
}

#[test]
fn the_name_under_a_letter_tells_whose_partner_it_is() {
    let detector = small("sex_life_orientation", "strong = [\"zzz\"]");
    let same = [
        "Graag een tafel voor mijn man en mij. Groet, Jeroen",
        "Mijn man belt nog.\nGroeten Willem-Jan de Wit",
        "Zijn verloofde Mark tekent ook",
    ];
    for text in same {
        assert_eq!(found(&detector, text).len(), 1, "{text}");
    }
    let other = [
        "Graag een tafel voor mijn man en mij. Groet, Marieke",
        "Mijn man was gisteren bij Jeroen",
        "Mijn man belt nog",
        "Zijn verloofde Anna tekent ook",
        "Zijn partner levert mark",
    ];
    for text in other {
        assert!(found(&detector, text).is_empty(), "{text}");
    }
}

#[test]
fn a_firm_may_have_the_name_of_an_illness() {
    let detector = small("health", "strong = [\"griep\"]");
    for text in [
        "Klant is Griep en Zonen",
        "Klant is firma Griep",
        "Klant is Griep BV",
    ] {
        assert!(found(&detector, text).is_empty(), "{text}");
    }
    for text in ["Klant heeft griep", "Griep, en zijn zonen ook"] {
        assert_eq!(found(&detector, text).len(), 1, "{text}");
    }
}

#[test]
fn a_field_prior_lowers_the_bar() {
    let detector = small("health", r#"weak = ["griep"]"#);
    assert!(detector.special("griep", None).is_empty());
    let findings = detector.special("griep", Some(Special::Health));
    assert_eq!(findings[0].kind, Kind::Special(Special::Health));
}

#[test]
fn a_bad_pattern_is_named() {
    let bad = Source {
        language: Language::Nl,
        name: "health",
        text: "strong = [\"ziek\"]\nweak = [\n    \"moe\",\n    \"op @nergens\",\n]\n",
    };
    let message = Detector::from_sources(&[bad])
        .expect_err("no such group")
        .to_string();
    for part in ["nl/health.toml:4", "weak", "op @nergens", "no group"] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn examples_of_the_product_are_found() {
    let categories = |text: &str| {
        let mut names: Vec<&str> = DETECTOR
            .special(text, None)
            .iter()
            .map(|f| f.kind.name())
            .collect();
        names.dedup();
        names.join(" ")
    };
    assert_eq!(
        categories("ligt aan de dialyse, komt donderdag niet"),
        "health"
    );
    assert_eq!(categories("De dialyseafdeling bestelt tien monitoren"), "");
    assert_eq!(categories("Mijn BSN is 216 405 877."), "national_id");
    assert_eq!(categories("Wil drie varianten zien."), "");
}

/// What a tag hides from a reader of the page leaves for the CRM all the same.
#[test]
fn what_stands_inside_a_tag_is_read_too() {
    for text in [
        "<hij heeft kanker>",
        "<span title=\"heeft kanker\">x</span>",
        "<!-- ligt aan de dialyse -->",
        "<img alt='hij is hiv-positief'>",
        "h<b></b>iv positief",
    ] {
        assert!(!DETECTOR.special(text, None).is_empty(), "{text}");
    }
    for text in ["<p>Graag <b>terugbellen</b><br/></p>", "3 < 4 > 2"] {
        assert!(DETECTOR.special(text, None).is_empty(), "{text}");
    }
}

/// What a sentence says it does not say by its length.
#[test]
fn long_texts_of_nothing_are_left_alone() {
    let innocent = "hallo hierbij stuur ik de bestelling van vorige week nog een keer want ik heb \
                    geen bevestiging gekregen en ik weet niet of het is aangekomen ";
    for text in [
        innocent.repeat(6),
        "x".repeat(3000),
        "lorem ipsum ".repeat(100),
    ] {
        let found = DETECTOR.special(&text, None);
        assert!(found.is_empty(), "{} characters", text.len());
    }
    let telling = innocent.repeat(6) + "omdat ik aan de dialyse lig";
    assert!(!DETECTOR.special(&telling, None).is_empty());
}

#[test]
fn the_language_of_a_text_is_told() {
    for (text, language) in [
        (
            "De klant belt na de vakantie terug over het contract",
            Language::Nl,
        ),
        (
            "The customer will call back after the holiday about this",
            Language::En,
        ),
        (
            "Der Kunde ruft nach dem Urlaub wegen des Vertrags zurück",
            Language::De,
        ),
        (
            "La cliente rappelle après les vacances pour son contrat",
            Language::Fr,
        ),
        (
            "El cliente llamará después de las vacaciones por su contrato",
            Language::Es,
        ),
        (
            "Il cliente richiama dopo le ferie per il contratto della ditta",
            Language::It,
        ),
        (
            "Klient oddzwoni po urlopie w sprawie umowy, prosi o fakturę",
            Language::Pl,
        ),
    ] {
        assert_eq!(DETECTOR.language(text), language, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_has_its_findings_on_borders_of_characters(text in "\\PC{0,200}") {
        for found in DETECTOR.special(&text, None) {
            prop_assert!(found.start < found.end);
            prop_assert!(text.get(found.start..found.end).is_some());
        }
    }

    #[test]
    fn marked_up_words_do_no_harm(text in "([a-zéß<>&;\\\\*\\. 0-9\u{200b}]|ziek|kanker|BSN|</b>|&eacute;|\\\\u00e9|216405877){0,60}") {
        for found in DETECTOR.special(&text, Some(Special::Health)) {
            prop_assert!(text.get(found.start..found.end).is_some());
        }
    }
}
