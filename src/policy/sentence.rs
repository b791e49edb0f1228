//! What is said to people who read different languages: the same sentence in each of them.

/// One sentence, or a part of one, in each language that the console speaks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sentence {
    /// For the command line, the log and whoever reads no other language.
    pub english: String,
    pub dutch: String,
}

/// A [`Sentence`] of two formats. Both must be there, so that what is missing in one language does
/// not compile. Values are captured by name, or stand behind the formats, `name = value`; a part that
/// is a sentence itself, `part: value`, takes the language of each.
macro_rules! sentence {
    ($english:literal, $dutch:literal $(, $name:ident = $value:expr)+ $(,)?) => {{
        $(let $name = &$value;)+
        $crate::policy::sentence!($english, $dutch)
    }};
    ($english:literal, $dutch:literal $(, $part:ident: $value:expr)* $(,)?) => {{
        $(let $part = &$value;)*
        $crate::policy::Sentence {
            english: {
                $(let $part = &$part.english;)*
                format!($english)
            },
            dutch: {
                $(let $part = &$part.dutch;)*
                format!($dutch)
            },
        }
    }};
}

pub(crate) use sentence;
