//! A walk that edits the comparisons of a query.

use crate::dialect::salesforce::soql::ast::{Compare, Condition, Query, Right, SelectItem, Source};

/// Where a comparison stands, for [`edit_comparisons`].
#[derive(Clone, Copy, Debug)]
pub struct Place<'q> {
    /// Which query of the text, counted as `Walk::scopes` counts them.
    pub scope: usize,
    /// That query's sources, to `resolve` paths against.
    pub sources: &'q [Source],
    /// Whether it stands in `HAVING` and not in `WHERE`.
    pub having: bool,
}

/// Puts for every comparison what `edit` makes of it, in the queries within the query too. The
/// query on the right of a comparison is gone through first, so that nothing that `edit` makes of
/// the comparison can hide it.
///
/// # Errors
/// The first error of `edit`. The query is then half edited and of no more use.
pub fn edit_comparisons<E>(
    query: &mut Query,
    edit: &mut dyn FnMut(Place<'_>, Compare) -> Result<Condition, E>,
) -> Result<(), E> {
    let mut scopes = 0;
    edit_query(query, &mut scopes, edit)
}

type Edit<'e, E> = dyn FnMut(Place<'_>, Compare) -> Result<Condition, E> + 'e;

fn edit_query<E>(query: &mut Query, scopes: &mut usize, edit: &mut Edit<'_, E>) -> Result<(), E> {
    let scope = *scopes;
    *scopes += 1;
    for item in &mut query.select {
        if let SelectItem::Subquery { query, .. } = item {
            edit_query(query, scopes, edit)?;
        }
    }
    let clauses = [(&mut query.condition, false), (&mut query.having, true)];
    for (clause, having) in clauses {
        let place = Place {
            scope,
            sources: &query.from,
            having,
        };
        if let Some(condition) = clause.take() {
            *clause = Some(edit_condition(condition, place, scopes, edit)?);
        }
    }
    Ok(())
}

fn edit_condition<E>(
    condition: Condition,
    place: Place<'_>,
    scopes: &mut usize,
    edit: &mut Edit<'_, E>,
) -> Result<Condition, E> {
    let mut edit_all = |parts: Vec<Condition>| -> Result<Vec<Condition>, E> {
        let edited = parts
            .into_iter()
            .map(|part| edit_condition(part, place, scopes, edit));
        edited.collect()
    };
    match condition {
        Condition::And(parts) => edit_all(parts).map(Condition::And),
        Condition::Or(parts) => edit_all(parts).map(Condition::Or),
        Condition::Not(part) => {
            let part = edit_condition(*part, place, scopes, edit)?;
            Ok(Condition::Not(Box::new(part)))
        }
        Condition::Compare(mut compare) => {
            if let Right::SemiJoin(query) = &mut compare.right {
                edit_query(query, scopes, edit)?;
            }
            edit(place, compare)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::salesforce::soql::ast::{Literal, Operand, Operator};
    use crate::dialect::salesforce::soql::canonical::canonical;
    use crate::dialect::salesforce::soql::visit::{resolve, walk};
    use crate::dialect::salesforce::soql::{Error, parse};

    const QUERY: &str = "SELECT Id, (SELECT Id FROM Contacts WHERE Name = 'a') FROM Account \
                         WHERE Name = 'b' AND (NOT Id IN (SELECT AccountId FROM Case WHERE \
                         Subject = 'c')) AND x = 'd' GROUP BY Id HAVING Name = 'e'";

    #[test]
    fn every_comparison_is_edited_once() {
        let mut query = parse(QUERY).expect("a query");
        let mut seen = Vec::new();
        let done = edit_comparisons(&mut query, &mut |place, mut compare| {
            let object = place.sources[0].path.names[0].text().to_owned();
            seen.push((place.scope, place.having, object));
            if let Right::Literal(literal) = &mut compare.right {
                *literal = Literal::text("it's");
            }
            Ok::<_, Error>(Condition::Compare(compare))
        });
        assert_eq!(done, Ok(()));
        assert_eq!(
            canonical(&query),
            "SELECT Id, (SELECT Id FROM Contacts WHERE Name = 'it\\'s') FROM Account \
             WHERE Name = 'it\\'s' AND (NOT Id IN (SELECT AccountId FROM Case WHERE \
             Subject = 'it\\'s')) AND x = 'it\\'s' GROUP BY Id HAVING Name = 'it\\'s'"
        );
        let place = |scope, having, object: &str| (scope, having, object.to_owned());
        assert_eq!(
            seen,
            [
                place(1, false, "Contacts"),
                place(0, false, "Account"),
                place(2, false, "Case"),
                place(0, false, "Account"),
                place(0, false, "Account"),
                place(0, true, "Account"),
            ]
        );
    }

    #[test]
    fn scopes_are_counted_as_the_walk_counts_them() {
        let mut query = parse(QUERY).expect("a query");
        let mut walked: Vec<_> = walk(&query)
            .fields
            .iter()
            .filter_map(|field| Some((field.scope, field.compare?.operator)))
            .collect();
        let mut edited = Vec::new();
        let done = edit_comparisons(&mut query, &mut |place, compare| {
            edited.push((place.scope, compare.operator));
            Ok::<_, Error>(Condition::Compare(compare))
        });
        assert_eq!(done, Ok(()));
        walked.sort_by_key(|(scope, operator)| (*scope, operator.text()));
        edited.sort_by_key(|(scope, operator)| (*scope, operator.text()));
        assert_eq!(edited, walked);
    }

    #[test]
    fn a_comparison_can_become_a_condition() {
        let mut query = parse("SELECT Id FROM Lead l WHERE l.Name != 'x' AND a = 1").expect("one");
        let done = edit_comparisons(&mut query, &mut |place, compare| {
            let Operand::Path(path) = &compare.left else {
                return Ok(Condition::Compare(compare));
            };
            let resolved = resolve(place.sources, path);
            if resolved.is_none_or(|resolved| !resolved.names[0].is("name")) {
                return Ok(Condition::Compare(compare));
            }
            let like = Compare {
                operator: Operator::Equal,
                ..compare.clone()
            };
            Ok::<_, Error>(Condition::Not(Box::new(Condition::Or(vec![
                Condition::Compare(like),
                Condition::Compare(compare),
            ]))))
        });
        assert_eq!(done, Ok(()));
        assert_eq!(
            canonical(&query),
            "SELECT Id FROM Lead l WHERE (NOT (l.Name = 'x' OR l.Name != 'x')) AND a = 1"
        );
    }

    #[test]
    fn an_error_of_the_edit_is_handed_on() {
        let mut query = parse(QUERY).expect("a query");
        let done = edit_comparisons(&mut query, &mut |place, compare| match place.scope {
            2 => Err("no"),
            _ => Ok(Condition::Compare(compare)),
        });
        assert_eq!(done, Err("no"));
    }
}
