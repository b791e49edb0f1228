//! Which fields a report's column is, by the plan: the same on the way out and on the way in.

use crate::dialect::salesforce::analytics::column::{Column, column};
use crate::policy::{FieldPlan, ObjectPlan};
use crate::protect::relation::{DEEPEST, step};

/// What a column is to policy.
#[derive(Debug)]
pub(in crate::protect) enum Named<'p> {
    /// The fields that may stand in it, and no others: more than one where a relation leads to
    /// several objects. Never none.
    Fields(Fields<'p>),
    /// The fields that may stand in it as far as anybody knows; those of another object may as well.
    /// A cell does not say of what object it is. Never none.
    Unsure(Fields<'p>),
    /// A column of the product's that is no field with a rule.
    Word,
    Unknown,
}

pub(in crate::protect) type Fields<'p> = Vec<(&'p ObjectPlan, &'p FieldPlan)>;

/// What a column of a report of that type is. `object` gives the rules of an object by its name.
/// Where one of the fields that it may be has no rule, nobody can say what it is.
pub(in crate::protect) fn named<'p>(
    object: &dyn Fn(&str) -> Option<&'p ObjectPlan>,
    report: Option<&str>,
    name: &str,
) -> Named<'p> {
    let field = |(name, field): (&str, &str)| {
        let plan = object(name)?;
        Some((plan, plan.field(field)?))
    };
    let found = match column(report, name) {
        None => None,
        Some(Column::Word) => return Named::Word,
        Some(Column::Standard(one)) => field(one).map(|field| Named::Fields(vec![field])),
        Some(Column::Unsure(all)) => {
            let fields: Option<Fields<'_>> = all.into_iter().map(field).collect();
            fields.map(Named::Unsure)
        }
        Some(Column::Path {
            object: first,
            children,
            path,
        }) => walk(object, first, &children, &path),
    };
    found.unwrap_or(Named::Unknown)
}

fn walk<'p>(
    object: &dyn Fn(&str) -> Option<&'p ObjectPlan>,
    first: &str,
    children: &[&str],
    path: &[&str],
) -> Option<Named<'p>> {
    let mut base = object(first)?;
    for child in children {
        base = object(base.child(child)?)?;
    }
    let (last, relations) = path.split_last()?;
    if relations.len() > DEEPEST {
        return None;
    }
    let mut objects = vec![base];
    let mut whole = true;
    for relation in relations {
        let step = step(object, &objects, relation)?;
        objects = step.targets;
        whole &= step.whole;
    }
    let fields = objects
        .into_iter()
        .map(|plan| Some((plan, plan.field(last)?)));
    let fields: Fields<'_> = fields.collect::<Option<_>>()?;
    match whole {
        true => Some(Named::Fields(fields)),
        false => Some(Named::Unsure(fields)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protect::trial::plan;

    /// The fields of a column; "or others" behind those that may not be all.
    fn labels(report: Option<&str>, name: &str) -> Vec<&'static str> {
        let labels = |fields: Fields<'static>| -> Vec<&'static str> {
            let labels = fields.iter().map(|(_, field)| field.label.as_str());
            labels.collect()
        };
        match named(&|name| plan().object(name), report, name) {
            Named::Fields(fields) => labels(fields),
            Named::Unsure(fields) => [labels(fields), vec!["or others"]].concat(),
            Named::Word => vec!["a word"],
            Named::Unknown => vec![],
        }
    }

    #[test]
    fn a_path_over_many_relations_is_nobodys() {
        let path = |levels: usize| format!("Task.{}Email", "Who.".repeat(levels));
        assert!(!labels(None, &path(1)).is_empty(), "the control");
        let long = format!("Contact.{}LastName", "ReportsTo.".repeat(5));
        assert_eq!(labels(None, &long), ["Contact.LastName"]);
        let longer = format!("Contact.{}LastName", "ReportsTo.".repeat(6));
        assert_eq!(labels(None, &longer), Vec::<&str>::new());
    }

    #[test]
    fn a_column_is_the_field_that_its_name_says() {
        for (name, expected) in [
            ("CONTACT.EMAIL", vec!["Contact.Email"]),
            ("Account.Name", vec!["Account.Name"]),
            ("Contact.Ext_Id__c", vec!["Contact.Ext_Id__c"]),
            ("Case.Contact.LastName", vec!["Contact.LastName"]),
            ("Account.Contacts$Email", vec!["Contact.Email"]),
            ("Account$Name", vec!["Account.Name"]),
            ("Task.Who.Email", vec!["Contact.Email", "Lead.Email"]),
            ("OWNER", vec!["a word"]),
            ("Contact.Nickname__c", vec![]),
            ("Pet__c.Name", vec![]),
            ("Contact.Pets__r.Name", vec![]),
            ("JANSEN", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(labels(None, name), expected, "{name}");
        }
        assert_eq!(labels(Some("LeadList"), "EMAIL"), ["Lead.Email"]);
    }

    #[test]
    fn a_column_that_may_be_another_objects_is_not_taken_for_one() {
        for unknown in [None, Some("UserList"), Some("Jansen__c")] {
            let email = ["Contact.Email", "Lead.Email", "or others"];
            assert_eq!(labels(unknown, "EMAIL"), email);
            // Of a type that has no rules, a name that one known type has is not that one's.
            assert_eq!(labels(unknown, "SUBJECT"), ["Case.Subject", "or others"]);
        }
        // In the CRM it leads to more than what policy says, and a case has no name.
        assert_eq!(labels(None, "Task.What.Name"), Vec::<&str>::new());
        let what = labels(None, "Task.What.CreatedDate");
        assert_eq!(what.last(), Some(&"or others"), "{what:?}");
    }
}
