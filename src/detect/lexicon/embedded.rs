//! The lexicons that the program carries: which files there are.

use super::Source;
use crate::detect::category::Language;

/// The files of one language: `cues.toml` and one for each category that words can tell.
macro_rules! language {
    ($language:ident, $code:literal) => {
        language!($language, $code,
            "cues", "health", "religion_belief", "ethnic_origin", "political_opinion",
            "union_membership", "sex_life_orientation", "genetic", "biometric", "criminal")
    };
    ($language:ident, $code:literal, $($name:literal),+) => {
        [$(Source {
            language: Language::$language,
            name: $name,
            text: include_str!(concat!($code, "/", $name, ".toml")),
        }),+]
    };
}

/// All files, by language. National ids have checksums instead of words (`detect::national`).
pub static SOURCES: [[Source<'static>; 10]; 7] = [
    language!(Nl, "nl"),
    language!(En, "en"),
    language!(De, "de"),
    language!(Fr, "fr"),
    language!(Es, "es"),
    language!(It, "it"),
    language!(Pl, "pl"),
];
