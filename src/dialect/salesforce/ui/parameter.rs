//! The parameters of the UI API, each with the form of its value.

use crate::dialect::salesforce::door::is_name;
use crate::dialect::salesforce::id::Id;

/// The value of a parameter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Parameter {
    /// `Contact.Email,Contact.Account.Name`
    Fields(Vec<String>),
    /// `Account.Contacts`, or `Account.Contacts.Email`
    Children(Vec<String>),
    /// `-Contact.CreatedDate`
    Sort(Vec<String>),
    /// Some of the words that the parameter has.
    Words(Vec<&'static str>),
    Number(u32),
    Flag(bool),
    Id(Id),
    /// What is looked for.
    Term(String),
}

type Form = fn(&str) -> Option<Parameter>;

/// All parameters that are known, by name.
const FORMS: &[(&str, Form)] = &[
    ("fields", fields),
    ("optionalFields", fields),
    ("childRelationships", |text| {
        paths(text).map(Parameter::Children)
    }),
    ("sortBy", sort),
    ("layoutTypes", |text| words(text, &["Full", "Compact"])),
    ("modes", |text| words(text, &["Create", "Edit", "View"])),
    ("formFactor", |text| {
        words(text, &["Large", "Medium", "Small"])
    }),
    ("searchType", |text| {
        words(text, &["Recent", "Search", "TypeAhead"])
    }),
    ("actionTypes", |text| {
        words(
            text,
            &[
                "StandardButton",
                "CustomButton",
                "QuickAction",
                "GlobalAction",
            ],
        )
    }),
    ("pageSize", number),
    ("page", number),
    ("pageToken", number),
    ("updateMru", flag),
    ("recentListsOnly", flag),
    ("recordTypeId", id),
    ("recordTypeIds", id),
    ("defaultRecordTypeId", id),
    ("sourceRecordId", id),
    ("q", |text| Some(Parameter::Term(text.to_owned()))),
];

impl Parameter {
    /// The parameter of that name, spelled as the API does, if the value has its form.
    #[must_use]
    pub fn read(name: &str, value: &str) -> Option<(&'static str, Self)> {
        let (name, form) = FORMS.iter().find(|(known, _)| *known == name)?;
        Some((name, form(value)?))
    }

    /// As the API takes it.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Fields(paths) | Self::Children(paths) | Self::Sort(paths) => paths.join(","),
            Self::Words(words) => words.join(","),
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Id(id) => id.to_string(),
            Self::Term(text) => text.clone(),
        }
    }
}

fn fields(text: &str) -> Option<Parameter> {
    paths(text).map(Parameter::Fields)
}

/// Dotted names with commas between.
fn paths(text: &str) -> Option<Vec<String>> {
    text.split(',').map(path).collect()
}

fn path(text: &str) -> Option<String> {
    let text = text.trim();
    text.split('.').all(is_name).then(|| text.to_owned())
}

fn sort(text: &str) -> Option<Parameter> {
    let parts = text.split(',').map(|part| {
        let part = part.trim();
        let (sign, rest) = match part.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", part),
        };
        path(rest).map(|path| format!("{sign}{path}"))
    });
    parts.collect::<Option<_>>().map(Parameter::Sort)
}

fn words(text: &str, known: &[&'static str]) -> Option<Parameter> {
    let parts = text.split(',').map(|part| {
        let mut known = known.iter();
        known.find(|word| **word == part.trim()).copied()
    });
    parts.collect::<Option<_>>().map(Parameter::Words)
}

fn number(text: &str) -> Option<Parameter> {
    let digits = (1..=6).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok().map(Parameter::Number))?
}

fn flag(text: &str) -> Option<Parameter> {
    text.parse().ok().map(Parameter::Flag)
}

fn id(text: &str) -> Option<Parameter> {
    Id::parse(text).map(Parameter::Id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_its_form_or_is_refused() {
        for (name, value) in [
            ("fields", "Contact.Email, Contact.Account.Name"),
            ("sortBy", "-Contact.CreatedDate,Name"),
            ("layoutTypes", "Full,Compact"),
            ("pageSize", "50"),
            ("updateMru", "true"),
            ("recordTypeId", "012000000000000AAA"),
            ("q", "jan de Vries"),
        ] {
            let (found, parameter) = Parameter::read(name, value).expect(value);
            assert_eq!(found, name);
            assert_eq!(parameter.text(), value.replace(", ", ","), "{name}");
        }
        for (name, value) in [
            ("fields", "Contact.jan de Vries"),
            ("fields", ""),
            ("sortBy", "--Name"),
            ("layoutTypes", "Jan"),
            ("pageSize", "06123456781"),
            ("pageSize", "-1"),
            ("pageToken", "jan"),
            ("updateMru", "jan"),
            ("recordTypeId", "jan"),
            ("where", "x"),
            ("Fields", "Contact.Id"),
        ] {
            assert_eq!(Parameter::read(name, value), None, "{name}={value}");
        }
    }
}
