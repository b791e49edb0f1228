//! Look-up by name without regard to ASCII case, as the CRM does, and without allocation.

/// Names, each with the place of what it names, in a table that is at most half full.
#[derive(Clone, Debug, Default)]
pub struct Names(Vec<Option<(Box<str>, usize)>>);

impl Names {
    /// The index over `names`, whose places count from 0. Of two names that differ only in case
    /// one is found; the compiler refuses such a file.
    pub fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let names: Vec<&str> = names.into_iter().collect();
        let mut table = Self(vec![None; (names.len() * 2).next_power_of_two()]);
        for (place, name) in names.into_iter().enumerate() {
            let free = table.probe(name).find(|at| table.slot(*at).is_none());
            if let Some(slot) = free.and_then(|at| table.0.get_mut(at)) {
                *slot = Some((name.into(), place));
            }
        }
        table
    }

    pub fn find(&self, name: &str) -> Option<usize> {
        self.probe(name)
            .map_while(|at| self.slot(at))
            // The CRM mostly writes as policy does.
            .find(|(known, _)| **known == *name || known.eq_ignore_ascii_case(name))
            .map(|(_, place)| *place)
    }

    fn slot(&self, at: usize) -> Option<&(Box<str>, usize)> {
        self.0.get(at)?.as_ref()
    }

    /// Where a name may stand, in the order to look. The table is made by policy alone: nobody who
    /// asks can crowd a slot, so a hash without a key will do.
    fn probe(&self, name: &str) -> impl Iterator<Item = usize> + use<> {
        let hash = hash(name.as_bytes());
        let last = self.0.len().wrapping_sub(1);
        (0..self.0.len()).map(move |step| hash.wrapping_add(step) & last)
    }
}

/// Eight bytes at a time, the last ones possibly twice. The bit that tells the case of a letter is
/// set in all of them.
fn hash(name: &[u8]) -> usize {
    const CASE: u64 = 0x2020_2020_2020_2020;
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15; // 2^64 by the golden ratio
    let mix = |hash: u64, word: [u8; 8]| {
        ((hash ^ (u64::from_le_bytes(word) | CASE)).wrapping_mul(ODD)).rotate_left(29)
    };
    let (words, _) = name.as_chunks();
    let all = words
        .iter()
        .fold(name.len() as u64, |all, word| mix(all, *word));
    let end = name.last_chunk().copied().unwrap_or_else(|| {
        let mut short = [0; 8];
        for (to, byte) in short.iter_mut().zip(name) {
            *to = *byte;
        }
        short
    });
    usize::try_from(mix(all, end) & u64::from(u32::MAX)).unwrap_or_default()
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
    fn every_one_of_many_names_is_found_and_none_where_there_are_none() {
        let many: Vec<String> = (0..999).map(|n| format!("Field_{n}__c")).collect();
        let names = Names::new(many.iter().map(String::as_str));
        for (place, name) in many.iter().enumerate() {
            assert_eq!(names.find(&name.to_lowercase()), Some(place));
        }
        assert_eq!(names.find("Field_999__c"), None);
        assert_eq!(Names::default().find("Id"), None);
        assert_eq!(Names::new([]).find("Id"), None);
    }

    #[test]
    fn a_long_name_is_found_too() {
        let long = "Long".repeat(40);
        let names = Names::new(["Id", long.as_str()]);
        assert_eq!(names.find(&long.to_uppercase()), Some(1));
        assert_eq!(names.find(&long[1..]), None);
    }
}
