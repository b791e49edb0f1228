//! What of a filter the database can decide by an index.

use crate::demo::crm::schema::Object;
use crate::demo::crm::soql::matching::{Source, Test, Wanted};
use crate::demo::crm::soql::written::Sign;
use crate::demo::crm::store::OneOf;

/// Lets the database find what an equality asks for, where its NOCASE agrees with ours: the
/// literal is ASCII and the field stands on the object itself.
pub fn narrow_by(object: &Object, test: &Test, narrow: &mut Vec<OneOf>) {
    let texts = |wanted: &[Wanted]| -> Option<Vec<String>> {
        let text = |wanted: &Wanted| match wanted {
            Wanted::Text(text) if text.is_ascii() => Some(text.clone()),
            _ => None,
        };
        wanted.iter().map(text).collect()
    };
    let (source, values) = match test {
        Test::All(tests) => {
            for test in tests {
                narrow_by(object, test, narrow);
            }
            return;
        }
        Test::Compare(source, Sign::Equal, wanted) => (source, texts(std::slice::from_ref(wanted))),
        Test::In(source, false, wanted) => (source, texts(wanted)),
        Test::InSet(source, false, set) if set.iter().all(|text| text.is_ascii()) => {
            (source, Some(set.iter().cloned().collect()))
        }
        _ => return,
    };
    let Source::Path(path) = source else {
        return;
    };
    let Some(values) = values.filter(|values| values.len() <= 1000 && path.steps.is_empty()) else {
        return;
    };
    if let Some(field) = object
        .position(&path.name)
        .filter(|_| path.kind.is_text() || path.kind.is_id())
    {
        narrow.push(OneOf { field, values });
    }
}
