//! Look-up by name without regard to ASCII case, as the CRM does, and without allocation.

use std::cmp::Ordering;

/// Names in order of their lower-case form, each with the place of what it names.
#[derive(Clone, Debug, Default)]
pub struct Names(Vec<(Box<str>, usize)>);

impl Names {
    /// The index over `names`, whose places count from 0. Of two names that differ only in case
    /// one is found; the compiler refuses such a file.
    pub fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut entries: Vec<(Box<str>, usize)> = names
            .into_iter()
            .enumerate()
            .map(|(place, name)| (name.into(), place))
            .collect();
        entries.sort_by(|a, b| compare(&a.0, &b.0));
        Self(entries)
    }

    pub fn find(&self, name: &str) -> Option<usize> {
        let at = self
            .0
            .binary_search_by(|(entry, _)| compare(entry, name))
            .ok()?;
        self.0.get(at).map(|(_, place)| *place)
    }
}

fn compare(a: &str, b: &str) -> Ordering {
    a.bytes()
        .map(|byte| byte.to_ascii_lowercase())
        .cmp(b.bytes().map(|byte| byte.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn a_name_is_found_in_any_case_and_no_other_is() {
        let names = Names::new(["LastName", "Email", "Ext_Id__c"]);
        assert_eq!(names.find("EMAIL"), Some(1));
        assert_eq!(names.find("ext_id__C"), Some(2));
        assert_eq!(names.find("Emai"), None);
        assert_eq!(names.find("Emails"), None);
    }
}
