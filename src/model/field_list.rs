//! The objects and fields that a program keeps to, by name.

use std::fmt::{self, Display, Formatter};

/// The most names of a list.
const MOST: usize = 500;
/// The most characters of an object's or a field's name.
const LONGEST: usize = 80;

/// What a program may read and write: objects (`Lead`), and fields of objects (`Contact.Email`).
/// Whatever else policy has rules for is nothing to it. Never empty: a program that may do nothing
/// is shut out instead.
///
/// In order, without case and each once, so that equal lists are equal whoever wrote them.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct FieldList(Vec<String>);

/// Names that make no list.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "a list has 1 to 500 names, each of an object (`Lead`) or of a field with its object \
     (`Contact.Email`)"
)]
pub struct NoFieldList;

impl FieldList {
    /// # Errors
    /// No name, too many, or one that is no name.
    pub fn new<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Result<Self, NoFieldList> {
        let mut names: Vec<String> = names.into_iter().map(Into::into).collect();
        if names.is_empty() || names.len() > MOST || !names.iter().all(|name| is_entry(name)) {
            return Err(NoFieldList);
        }
        names.sort_by_cached_key(|name| name.to_ascii_lowercase());
        names.dedup_by(|one, two| one.eq_ignore_ascii_case(two));
        let whole: Vec<String> = names
            .iter()
            .filter(|name| !name.contains('.'))
            .map(|name| name.to_ascii_lowercase())
            .collect();
        // A field of an object that is named whole says nothing more.
        names.retain(|name| {
            name.split_once('.')
                .is_none_or(|(object, _)| !whole.contains(&object.to_ascii_lowercase()))
        });
        Ok(Self(names))
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether an object is named whole.
    #[must_use]
    pub fn has_whole(&self, object: &str) -> bool {
        self.names().any(|name| name.eq_ignore_ascii_case(object))
    }

    /// Whether a field is named, or its object whole.
    #[must_use]
    pub fn has(&self, object: &str, field: &str) -> bool {
        self.names().any(|name| match name.split_once('.') {
            None => name.eq_ignore_ascii_case(object),
            Some((of, named)) => {
                of.eq_ignore_ascii_case(object) && named.eq_ignore_ascii_case(field)
            }
        })
    }

    /// Whether all that the other list names is named here too.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other.names().all(|name| match name.split_once('.') {
            None => self.has_whole(name),
            Some((object, field)) => self.has(object, field),
        })
    }
}

impl Display for FieldList {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// `Contact` or `Contact.Email`.
fn is_entry(text: &str) -> bool {
    match text.split_once('.') {
        None => is_name(text),
        Some((object, field)) => is_name(object) && is_name(field),
    }
}

fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::{FieldList, NoFieldList};

    fn list(names: &[&str]) -> FieldList {
        FieldList::new(names.iter().copied()).unwrap()
    }

    #[test]
    fn what_is_named_is_there_in_any_case_and_nothing_else() {
        let list = list(&["Lead", "Contact.Email"]);
        for (object, field, expected) in [
            ("Contact", "Email", true),
            ("CONTACT", "email", true),
            ("Contact", "Phone", false),
            ("Lead", "Phone", true),
            ("Account", "Name", false),
            ("Lea", "d", false),
        ] {
            assert_eq!(list.has(object, field), expected, "{object}.{field}");
        }
        assert!(list.has_whole("lead") && !list.has_whole("contact"));
    }

    #[test]
    fn equal_lists_are_equal_whoever_wrote_them() {
        let one = list(&["Lead", "Contact.Email", "Contact.Email", "lead.Phone"]);
        assert_eq!(one, list(&["Contact.Email", "Lead"]));
        assert_eq!(one.to_string(), "Contact.Email Lead");
    }

    #[test]
    fn a_list_covers_what_is_no_more_than_itself() {
        let wide = list(&["Contact", "Lead.Email"]);
        assert!(wide.covers(&list(&["Contact.Email"])));
        assert!(wide.covers(&wide));
        assert!(!wide.covers(&list(&["Lead"])), "the whole is more");
        assert!(!wide.covers(&list(&["Contact", "Case.Subject"])));
    }

    #[test]
    fn what_is_no_name_makes_no_list() {
        for names in [
            vec![],
            vec![""],
            vec!["Contact."],
            vec![".Email"],
            vec!["Contact.Account.Name"],
            vec!["Contact Email"],
            vec!["*"],
        ] {
            assert_eq!(FieldList::new(names), Err(NoFieldList));
        }
        assert!(FieldList::new((0..501).map(|n| format!("A{n}"))).is_err());
    }
}
