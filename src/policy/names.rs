//! Look-up by name without regard to ASCII case, as the CRM does, and without allocation.

/// Names in lower case and in order, each with the place of what it names.
#[derive(Clone, Debug, Default)]
pub struct Names(Vec<(Box<[u8]>, usize)>);

/// The longest name that is looked up without allocation; Salesforce's have 40 characters and a
/// namespace of 15 at most.
const SHORT: usize = 64;

impl Names {
    /// The index over `names`, whose places count from 0. Of two names that differ only in case
    /// one is found; the compiler refuses such a file.
    pub fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut entries: Vec<(Box<[u8]>, usize)> = names
            .into_iter()
            .enumerate()
            .map(|(place, name)| (name.to_ascii_lowercase().into_bytes().into(), place))
            .collect();
        entries.sort();
        Self(entries)
    }

    pub fn find(&self, name: &str) -> Option<usize> {
        let mut short = [0; SHORT];
        let long;
        let lower: &[u8] = if let Some(short) = short.get_mut(..name.len()) {
            short.copy_from_slice(name.as_bytes());
            short.make_ascii_lowercase();
            short
        } else {
            long = name.to_ascii_lowercase();
            long.as_bytes()
        };
        let at = self.0.binary_search_by(|(entry, _)| (**entry).cmp(lower));
        self.0.get(at.ok()?).map(|(_, place)| *place)
    }
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
        assert_eq!(names.find(""), None);
    }

    #[test]
    fn a_long_name_is_found_too() {
        let long = "Long".repeat(40);
        let names = Names::new(["Id", long.as_str()]);
        assert_eq!(names.find(&long.to_uppercase()), Some(1));
        assert_eq!(names.find(&long[1..]), None);
    }
}
