//! From objects over a relation to others.

use crate::policy::ObjectPlan;

/// The most relations of a path, as in SOQL ("Relationship Query Limitations": five levels).
pub(in crate::protect) const DEEPEST: usize = 5;

/// Where a relation leads.
pub(in crate::protect) struct Step<'p> {
    /// The relation in policy's spelling.
    pub spelling: String,
    /// The objects behind it that have rules.
    pub targets: Vec<&'p ObjectPlan>,
    /// Whether it leads nowhere else.
    pub whole: bool,
}

/// The objects behind a relation of some objects; none where no relation of that name is known, or
/// an object that policy says it leads to is not there: then it is one that a program's list leaves
/// out, and what is asked of the others would tell of it. `object` gives the rules of an object by its name.
pub(in crate::protect) fn step<'p>(
    object: &dyn Fn(&str) -> Option<&'p ObjectPlan>,
    objects: &[&'p ObjectPlan],
    name: &str,
) -> Option<Step<'p>> {
    let mut spelling = None;
    let mut targets: Vec<&ObjectPlan> = Vec::new();
    let mut whole = true;
    for from in objects {
        let mut relations = from.relations();
        let found = relations.find(|(relation, _)| relation.eq_ignore_ascii_case(name));
        let Some((relation, names)) = found else {
            whole = false;
            continue;
        };
        spelling = Some(relation.to_owned());
        whole &= from.is_closed(relation);
        for name in names {
            let target = object(name)?;
            // Once each: a path would double them with every second step.
            if !targets.iter().any(|known| std::ptr::eq(*known, target)) {
                targets.push(target);
            }
        }
    }
    let spelling = spelling.filter(|_| !targets.is_empty())?;
    Some(Step {
        spelling,
        targets,
        whole,
    })
}
