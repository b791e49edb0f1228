//! A plan without what a program's list does not name: to that program the rest of the policy is not
//! there, so that each door refuses it as it refuses whatever has no rule.
//!
//! What lets less pass by being there stays: the names of protected fields, the categories that are
//! looked for in text, the classes of what is found there. Whatever asks such a plan "is there
//! anything here to protect" asks the whole ([`Plan::whole`]).

use std::sync::Arc;

use super::plan::{ClassPlan, DoorPlan, FieldPlan, ObjectPlan, Plan};
use super::{FieldType, RoleSet, names::Names, plan::Summary, sequence::Sequence, suggest};
use crate::model::{FieldList, NoFieldList};

/// Why names make no list for a program.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Unlisted {
    #[error(transparent)]
    Malformed(#[from] NoFieldList),
    /// `near`: what was meant, where anything is near enough.
    #[error("the policy has no object `{name}`{}", hint(.near))]
    NoObject { name: String, near: Option<String> },
    #[error("the policy has no field `{name}` of {object}{}", hint(.near))]
    NoField {
        object: String,
        name: String,
        near: Option<String>,
    },
    #[error(
        "a list needs a CRM whose answers say which value is which field; the pages of this one do not"
    )]
    Pages,
}

impl Plan {
    /// The plan by which a program with this list is served.
    #[must_use]
    pub fn narrowed(self: &Arc<Self>, list: &FieldList) -> Self {
        let objects = narrowed(&self.objects, self, list);
        let kept = |place: usize| {
            let fields = objects.iter().flat_map(|object| &object.fields);
            fields
                .filter_map(|field| field.class)
                .any(|class| class.place() == place)
        };
        let classes = self.classes.iter().enumerate();
        let classes = classes.map(|(place, class)| ClassPlan {
            roles: match kept(place) {
                true => class.roles,
                false => RoleSet::none(),
            },
            ..class.clone()
        });
        let doors = self.doors.iter().map(|door| {
            let objects = narrowed(&door.objects, self, list);
            DoorPlan {
                by_name: names(&objects),
                objects,
                ..door.clone()
            }
        });
        Self {
            classes: classes.collect(),
            doors: doors.collect(),
            by_name: names(&objects),
            objects,
            // Neither names fields.
            streams: vec![],
            controllers: vec![],
            whole: Some(Arc::clone(self)),
            ..Self::clone(self)
        }
    }

    /// Whether this is the part of a policy that a program's list leaves.
    #[must_use]
    pub fn is_narrowed(&self) -> bool {
        self.whole.is_some()
    }

    /// The policy itself, for questions whose answer must not hang on who asks: whose data a record
    /// is, and what is protected at all.
    #[must_use]
    pub fn whole(&self) -> &Self {
        self.whole.as_deref().unwrap_or(self)
    }

    /// How policy spells an object or a field that it has rules for, and that the program's list
    /// leaves out. None where the list is not what is missing.
    #[must_use]
    pub fn unlisted(&self, object: &str, field: Option<&str>) -> Option<&str> {
        let known = self.whole.as_deref()?.object(object)?;
        let here = self.object(object);
        match field {
            None => here.is_none().then_some(known.name.as_str()),
            Some(name) => {
                let known = known.field(name)?;
                let listed = here.is_some_and(|object| object.field(name).is_some());
                (!listed).then_some(known.label.as_str())
            }
        }
    }

    /// As [`Self::unlisted`], for a relation of an object to others or to its children.
    #[must_use]
    pub fn unlisted_relation(&self, object: &str, relation: &str) -> Option<String> {
        let known = self.whole.as_deref()?.object(object)?;
        let relations = known.relations().map(|(name, _)| name);
        let children = known.children().map(|(name, _)| name);
        let mut all = relations.chain(children);
        let name = all.find(|name| name.eq_ignore_ascii_case(relation))?;
        Some(format!("{}.{name}", known.name))
    }

    /// The list of these names in policy's spelling.
    ///
    /// # Errors
    /// A name that the policy has no rules for, with what was meant where that is plain.
    pub fn field_list(&self, names: &[String]) -> Result<FieldList, Unlisted> {
        if self.site.is_some() {
            return Err(Unlisted::Pages);
        }
        let whole = self.whole();
        let list = FieldList::new(names.iter().map(|name| name.trim()))?;
        let spelled = list.names().map(|name| whole.spelled(name));
        Ok(FieldList::new(spelled.collect::<Result<Vec<_>, _>>()?)?)
    }

    fn spelled(&self, name: &str) -> Result<&str, Unlisted> {
        let (object, field) = match name.split_once('.') {
            Some((object, field)) => (object, Some(field)),
            None => (name, None),
        };
        let Some(known) = self.object(object) else {
            let known = self.objects.iter().map(|object| object.name.as_str());
            return Err(Unlisted::NoObject {
                name: object.to_owned(),
                near: suggest::nearest(object, known).map(str::to_owned),
            });
        };
        let Some(field) = field else {
            return Ok(&known.name);
        };
        let found = known.field(field).map(|field| field.label.as_str());
        found.ok_or_else(|| {
            let fields = known.fields.iter().map(|field| field.name.as_str());
            Unlisted::NoField {
                object: known.name.clone(),
                name: field.to_owned(),
                near: suggest::nearest(field, fields).map(str::to_owned),
            }
        })
    }
}

fn hint(near: &Option<String>) -> String {
    near.as_ref()
        .map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

fn narrowed(objects: &[ObjectPlan], plan: &Plan, list: &FieldList) -> Vec<ObjectPlan> {
    let listed = objects.iter().filter(|object| object.is_listed(list));
    listed.map(|object| object.narrowed(plan, list)).collect()
}

fn names(objects: &[ObjectPlan]) -> Names {
    Names::new(objects.iter().map(|object| object.name.as_str()))
}

impl ObjectPlan {
    /// The fields that are listed, and the record's own id: without it nothing could be said of a
    /// record. A relation says what its reference field says, so it goes with that; so do the
    /// children of the relation behind them.
    fn narrowed(&self, plan: &Plan, list: &FieldList) -> Self {
        let listed =
            |field: &FieldPlan| field.kind == FieldType::Id || list.has(&self.name, &field.name);
        let fields: Vec<FieldPlan> = self
            .fields
            .iter()
            .filter(|field| listed(field))
            .cloned()
            .collect();
        let children = self.children.iter().filter(|(_, child)| {
            let child = plan.object(child).filter(|child| child.is_listed(list));
            child.is_some_and(|child| child.tells_of(&self.name, list))
        });
        let relations = self.relations.iter();
        let relations = relations.filter(|(relation, _)| self.tells(relation, list));
        Self {
            by_name: Names::new(fields.iter().map(|field| field.name.as_str())),
            sequence: Sequence::of(fields.len()),
            summary: Summary::of(&fields),
            narrowed: fields.len() < self.fields.len(),
            fields,
            children: children.cloned().collect(),
            relations: relations.cloned().collect(),
            ..self.clone()
        }
    }

    /// Whether a list names a field that there is. A name that policy has lost opens no object.
    fn is_listed(&self, list: &FieldList) -> bool {
        let mut fields = self.fields.iter();
        fields.any(|field| list.has(&self.name, &field.name))
    }

    /// Whether a list lets a program see where a relation leads: its reference field is listed
    /// (`AccountId` of `Account`, `Owner__c` of `Owner__r`).
    fn tells(&self, relation: &str, list: &FieldList) -> bool {
        let reference = match relation.strip_suffix("__r") {
            Some(custom) => format!("{custom}__c"),
            None => format!("{relation}Id"),
        };
        list.has_whole(&self.name)
            || self.field(&reference).is_some() && list.has(&self.name, &reference)
    }

    /// Whether a list lets a program see by which relation records of this object lead to another's.
    /// A child relation does not say which one it is the other end of: so all of them.
    fn tells_of(&self, parent: &str, list: &FieldList) -> bool {
        let leads = |targets: &[String]| targets.iter().any(|to| to.eq_ignore_ascii_case(parent));
        let mut back = self
            .relations()
            .filter(|(_, targets)| leads(targets))
            .peekable();
        list.has_whole(&self.name)
            || back.peek().is_some() && back.all(|(relation, _)| self.tells(relation, list))
    }

    /// Whether a program's list leaves out some of its fields.
    #[must_use]
    pub fn is_narrowed(&self) -> bool {
        self.narrowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{FieldTable, Source, compile};

    fn plan() -> Arc<Plan> {
        let source = Source {
            name: "salesforce.toml".to_owned(),
            text: include_str!("../../policies/salesforce.toml").to_owned(),
        };
        let table = FieldTable::salesforce().unwrap();
        Arc::new(compile(&source, &table).unwrap())
    }

    fn narrowed(names: &[&str]) -> Plan {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let plan = plan();
        let list = plan.field_list(&names).unwrap();
        plan.narrowed(&list)
    }

    #[test]
    fn what_the_list_does_not_name_is_not_there() {
        let plan = narrowed(&["Contact.Email", "Lead"]);
        let names: Vec<&str> = plan.objects().map(|object| object.name.as_str()).collect();
        assert_eq!(names, ["Contact", "Lead"]);
        let contact = plan.object("contact").unwrap();
        let fields: Vec<&str> = contact.fields.iter().map(|f| f.name.as_str()).collect();
        assert_eq!(fields, ["Id", "Email"]);
        assert!(contact.field("EMAIL").is_some() && contact.field("Phone").is_none());
        assert!(contact.is_narrowed() && !plan.object("Lead").unwrap().is_narrowed());
        assert!(plan.object_of_id("500000000000001AAA").is_none());
        for door in &plan.doors {
            for object in &door.objects {
                let listed = plan.object(&object.name).unwrap();
                assert_eq!(object.fields.len(), listed.fields.len(), "{}", door.name);
            }
        }
    }

    #[test]
    fn a_name_that_policy_has_lost_opens_nothing() {
        let list = FieldList::new(["Walrus__c", "Contact.Gone__c", "Lead.Id"]).unwrap();
        let plan = plan().narrowed(&list);
        let names: Vec<&str> = plan.objects().map(|object| object.name.as_str()).collect();
        assert_eq!(names, ["Lead"]);
        assert_eq!(plan.object("Lead").unwrap().fields.len(), 1);
    }

    #[test]
    fn a_class_is_shown_only_where_one_of_its_fields_is_listed() {
        let plan = narrowed(&["Contact.Email"]);
        let shown = |name: &str| {
            let class = plan.class(plan.class_named(name).unwrap());
            class.is_shown_to(plan.roles(&["sales".to_owned()]), true)
        };
        assert!(shown("email"));
        for class in ["family_name", "phone", "free_text", "birth_date"] {
            assert!(!shown(class), "{class}");
        }
    }

    #[test]
    fn a_relation_goes_with_its_reference() {
        let relations = |names: &[&str]| {
            let plan = narrowed(names);
            let contact = plan.object("Contact").unwrap();
            let account = contact.relation("Account").is_some();
            (account, contact.child("Cases").is_some())
        };
        assert_eq!(
            relations(&["Contact.Email", "Account", "Case.Subject"]),
            (false, false)
        );
        assert_eq!(relations(&["Contact.AccountId", "Account"]), (true, false));
        assert_eq!(
            relations(&["Contact.Email", "Case.ContactId"]),
            (false, true)
        );
        assert_eq!(relations(&["Contact", "Case"]), (true, true));
        assert_eq!(
            relations(&["Contact"]),
            (true, false),
            "no children of what is not listed"
        );
    }

    #[test]
    fn what_protects_by_being_there_stays() {
        let plan = narrowed(&["Contact.LeadSource"]);
        assert!(plan.is_guarded("LastName"), "a name of a protected field");
        assert!(plan.whole().object("Case").is_some());
        assert_eq!(plan.classes().count(), plan.whole().classes().count());
        assert_eq!(plan.version_hash(), plan.whole().version_hash());
        assert!(plan.streams().is_empty());
    }

    #[test]
    fn the_list_is_told_from_the_policy_as_what_is_missing() {
        let plan = narrowed(&["Contact.Email"]);
        assert_eq!(
            plan.unlisted("contact", Some("PHONE")),
            Some("Contact.Phone")
        );
        assert_eq!(plan.unlisted("lead", None), Some("Lead"));
        assert_eq!(plan.unlisted("lead", Some("Email")), Some("Lead.Email"));
        assert_eq!(plan.unlisted("Contact", Some("Email")), None);
        assert_eq!(plan.unlisted("Contact", Some("Nickname__c")), None);
        assert_eq!(plan.unlisted("Walrus__c", None), None);
        let account = plan.unlisted_relation("Contact", "account");
        assert_eq!(account.as_deref(), Some("Contact.Account"));
        assert_eq!(plan.unlisted_relation("Contact", "Walrus__r"), None);
        assert_eq!(plan.whole().unlisted("Lead", None), None);
    }
}
