//! What a parameter of an action that nobody knows may have for a value, beside ids and numbers.
//! Names are code's own; a value of the same words may be somebody's name, or what somebody typed.

use super::words::words;

/// Words of code that are names of people as well, sorted: no value is made of them.
const PEOPLE: &[&str] = &[
    "bar",
    "base",
    "batch",
    "border",
    "bridge",
    "button",
    "call",
    "card",
    "case",
    "cases",
    "check",
    "child",
    "class",
    "comm",
    "contract",
    "control",
    "count",
    "counts",
    "date",
    "dev",
    "drop",
    "edit",
    "empty",
    "end",
    "entry",
    "field",
    "fields",
    "file",
    "find",
    "first",
    "flag",
    "flow",
    "flows",
    "force",
    "form",
    "from",
    "full",
    "grid",
    "group",
    "home",
    "host",
    "icon",
    "image",
    "in",
    "item",
    "key",
    "keys",
    "label",
    "large",
    "last",
    "lead",
    "leads",
    "left",
    "level",
    "lex",
    "lightning",
    "link",
    "list",
    "lists",
    "load",
    "log",
    "long",
    "main",
    "manager",
    "map",
    "mass",
    "max",
    "medium",
    "menu",
    "merge",
    "method",
    "mini",
    "mode",
    "my",
    "name",
    "names",
    "nav",
    "new",
    "next",
    "no",
    "none",
    "note",
    "notes",
    "number",
    "on",
    "one",
    "open",
    "or",
    "order",
    "org",
    "owner",
    "page",
    "pages",
    "panel",
    "param",
    "path",
    "perm",
    "phone",
    "portal",
    "prod",
    "quick",
    "read",
    "record",
    "records",
    "region",
    "right",
    "role",
    "row",
    "rule",
    "run",
    "save",
    "scope",
    "screen",
    "section",
    "session",
    "set",
    "show",
    "simple",
    "single",
    "site",
    "size",
    "small",
    "sort",
    "source",
    "standard",
    "start",
    "state",
    "step",
    "string",
    "sub",
    "tab",
    "tag",
    "task",
    "text",
    "theme",
    "three",
    "time",
    "title",
    "to",
    "today",
    "top",
    "tree",
    "true",
    "use",
    "user",
    "users",
    "value",
    "values",
    "visit",
    "web",
    "with",
    "work",
    "write",
];

/// What a parameter may choose of, each as the framework writes it.
const CHOICES: &[&str] = &[
    "ALL", "ASC", "COMPACT", "CREATE", "DESC", "DEV", "EDIT", "FULL", "Id", "LARGE", "LIST",
    "Large", "MEDIUM", "Medium", "NONE", "Name", "PROD", "PTEST", "RECENT", "SMALL", "STANDARD",
    "Small", "VIEW", "all", "asc", "desc", "false", "full", "list", "none", "null", "standard",
    "true",
];

/// Names of parameters that hold what somebody typed, by their last word.
const TYPED: &[&str] = &["query", "string", "text", "value", "values"];

/// Names of parameters that count or place something, by any word.
const COUNTS: &[&str] = &[
    "count", "height", "index", "level", "limit", "max", "offset", "page", "rows", "size", "start",
    "step", "time", "total", "version", "width",
];

/// Whether a text is one of several that a parameter chooses of (`LIST`), or a name of code of two
/// words or more, none of which is anybody's name.
#[must_use]
pub fn is_choice(text: &str) -> bool {
    let nobody = |words: &[String]| {
        let mut words = words.iter().map(String::as_str);
        words.len() > 1 && words.all(|word| PEOPLE.binary_search(&word).is_err())
    };
    CHOICES.binary_search(&text).is_ok() || words(text).is_some_and(|words| nobody(&words))
}

/// Whether a parameter of that name holds what somebody typed: there even a word says something.
#[must_use]
pub fn is_free(name: &str) -> bool {
    let words = words(name).unwrap_or_default();
    let last = words.last().map_or("", String::as_str);
    TYPED.contains(&last) || words.iter().any(|word| word == "search") || words == ["name"]
}

/// Whether a parameter of that name counts or places something.
#[must_use]
pub fn is_count(name: &str) -> bool {
    let words = words(name).unwrap_or_default();
    words.iter().any(|word| COUNTS.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::salesforce::aura::is_words;

    #[test]
    fn the_lists_are_sorted_and_of_words() {
        assert!(PEOPLE.is_sorted() && CHOICES.is_sorted());
        for list in [PEOPLE, TYPED, COUNTS] {
            assert!(list.iter().all(|word| is_words(word)), "{list:?}");
        }
    }

    #[test]
    fn no_value_is_a_name_of_somebody() {
        for text in ["LIST", "asc", "VIEW_TWO", "getDefaults", "Name"] {
            assert!(is_choice(text), "{text}");
        }
        for text in [
            "Max",
            "max",
            "Long",
            "MaxLong",
            "Max_Page",
            "Lex",
            "Edit",
            "Quick",
            "Lightning",
        ] {
            assert!(!is_choice(text), "{text}");
        }
    }

    #[test]
    fn what_somebody_types_is_told_by_its_name() {
        for name in [
            "searchText",
            "query",
            "name",
            "value",
            "fieldValue",
            "searchType",
            "text",
        ] {
            assert!(is_free(name), "{name}");
        }
        for name in [
            "entityNameOrId",
            "listViewName",
            "pageSize",
            "recordId",
            "queryLocator",
        ] {
            assert!(!is_free(name), "{name}");
        }
        assert!(is_count("pageSize") && is_count("maxRows") && !is_count("recordId"));
    }
}
