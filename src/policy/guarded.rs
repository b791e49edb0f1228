//! Names of fields that do not merely pass: for where a value stands under a name and nobody says of
//! what object.

use std::collections::BTreeMap;

use super::names::Names;
use super::plan::{ObjectPlan, Plan, Rule};

/// The names, each with the places of the objects that have such a field.
#[derive(Clone, Debug, Default)]
pub(in crate::policy) struct Guarded {
    names: Names,
    objects: Vec<Vec<usize>>,
}

impl Guarded {
    pub(in crate::policy) fn new(objects: &[ObjectPlan]) -> Self {
        let mut found: BTreeMap<String, (&str, Vec<usize>)> = BTreeMap::new();
        for (place, object) in objects.iter().enumerate() {
            let fields = object.fields.iter();
            for field in fields.filter(|field| field.rule != Rule::Pass) {
                let known = found.entry(field.name.to_ascii_lowercase());
                known.or_insert((&field.name, vec![])).1.push(place);
            }
        }
        Self {
            names: Names::new(found.values().map(|(name, _)| *name)),
            objects: found.into_values().map(|(_, objects)| objects).collect(),
        }
    }
}

impl Plan {
    /// Whether any object has a field of that name, in any case, that does not merely pass.
    #[must_use]
    pub fn is_guarded(&self, field: &str) -> bool {
        self.whole().guarded.names.find(field).is_some()
    }

    /// The objects that have such a field, where it is spelled so.
    pub fn guarding(&self, field: &str) -> impl Iterator<Item = &ObjectPlan> {
        let whole = self.whole();
        let place = whole.guarded.names.find(field);
        let objects = place.and_then(|place| whole.guarded.objects.get(place));
        let objects = objects.into_iter().flatten();
        let objects = objects.filter_map(|object| whole.objects.get(*object));
        objects.filter(move |object| object.field(field).is_some_and(|known| known.name == field))
    }
}
