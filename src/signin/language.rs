//! Which language a browser asks for.

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;

use crate::gate::staff::Surface;
use crate::signin::words::{CONSOLE_DUTCH, CONSOLE_ENGLISH, DUTCH, ENGLISH, Words};

/// The words of the language that is asked for most; English where it is none of ours.
pub(super) fn words(headers: &HeaderMap, surface: Surface) -> &'static Words {
    match (of(headers), surface) {
        (Language::English, Surface::Border) => &ENGLISH,
        (Language::Dutch, Surface::Border) => &DUTCH,
        (Language::English, Surface::Console) => &CONSOLE_ENGLISH,
        (Language::Dutch, Surface::Console) => &CONSOLE_DUTCH,
    }
}

/// A language that our pages have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Language {
    English,
    Dutch,
}

/// The language that is asked for most; English where it is none of ours.
#[must_use]
pub fn of(headers: &HeaderMap) -> Language {
    let mut best: (f32, Language) = (0.0, Language::English);
    let values = headers.get_all(ACCEPT_LANGUAGE).iter();
    for range in values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
    {
        let mut parts = range.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default();
        let language = match tag
            .split('-')
            .next()
            .map(str::to_ascii_lowercase)
            .as_deref()
        {
            Some("nl") => Language::Dutch,
            Some("en") => Language::English,
            _ => continue,
        };
        let weight = parts
            .find_map(|part| part.strip_prefix("q="))
            .map_or(Some(1.0), |text| text.parse().ok())
            .unwrap_or(0.0);
        if weight > best.0 {
            best = (weight, language);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_one_that_is_asked_for_most() {
        for (asked, lang) in [
            ("nl", "nl"),
            ("nl-BE,nl;q=0.9,en;q=0.8", "nl"),
            ("en-GB,en;q=0.9,nl;q=0.8", "en"),
            ("fr,nl;q=0.4,en;q=0.3", "nl"),
            ("en;q=0.1, nl;q=0.2", "nl"),
            ("fr", "en"),
            ("nl;q=0", "en"),
            ("nl;q=x", "en"),
            ("", "en"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, asked.parse().unwrap());
            assert_eq!(words(&headers, Surface::Border).lang, lang, "{asked}");
        }
        assert_eq!(of(&HeaderMap::new()), Language::English);
    }
}
