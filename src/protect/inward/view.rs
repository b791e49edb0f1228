//! Who looks at an answer, and what each field of an object is to them.

use super::frame::UiField;
use crate::policy::{ClassId, FieldPlan, FieldType, ObjectPlan, Plan, RoleSet, Rule};

/// Who asks, by their roles in one policy.
#[derive(Clone, Copy)]
pub struct Viewer<'p> {
    pub plan: &'p Plan,
    pub roles: RoleSet,
    /// Whether a second factor was shown just now.
    pub fresh: bool,
}

impl<'p> Viewer<'p> {
    #[must_use]
    pub fn new(plan: &'p Plan, roles: &[String], fresh: bool) -> Self {
        Self {
            plan,
            roles: plan.roles(roles),
            fresh,
        }
    }

    /// Whether the viewer may see values of a class.
    #[must_use]
    pub fn may_see(&self, class: ClassId) -> bool {
        self.plan.class(class).is_shown_to(self.roles, self.fresh)
    }

    fn may_see_field(&self, field: &FieldPlan) -> bool {
        field.class.is_some_and(|class| self.may_see(class))
    }
}

/// What becomes of a field's value on the way in.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sight<'p> {
    /// Tokens in it are revealed by their class; text without a token passes.
    Open,
    /// Tokens in it are revealed by their class; text without a token is masked: it is personal
    /// data that never came through the border, and this viewer may not see its class.
    TokensOnly,
    /// The value is kept here. `true`: the viewer may see it.
    Held(&'p FieldPlan, bool),
    /// No rule: masked.
    Unknown,
}

impl Sight<'_> {
    /// Whether a number or a flag is masked, which no token can stand in.
    pub fn hides(self) -> bool {
        match self {
            Self::Open => false,
            Self::Unknown | Self::TokensOnly => true,
            Self::Held(_, seen) => !seen,
        }
    }
}

/// One object through a viewer's eyes.
#[derive(Clone, Copy)]
pub(super) struct View<'p> {
    pub object: &'p ObjectPlan,
    derived: Sight<'p>,
}

impl<'p> View<'p> {
    pub fn new(object: &'p ObjectPlan, viewer: &Viewer<'p>) -> Self {
        let hidden = |class: &ClassId| !viewer.may_see(*class);
        // What a program's list leaves out, nobody has said that it may see.
        let derived = if object.is_narrowed() || object.classes().iter().any(hidden) {
            Sight::TokensOnly
        } else {
            Sight::Open
        };
        Self { object, derived }
    }

    /// What a key of a record is, behind the field at the place `last`; that is its own then.
    pub fn behind(&self, last: &mut Option<usize>, key: &str, viewer: &Viewer<'p>) -> Sight<'p> {
        let Some((place, field)) = self.object.field_behind(*last, key) else {
            return Sight::Unknown;
        };
        *last = Some(place);
        self.of(field, viewer)
    }

    /// What a field or a relation of a record of the UI API is. How a relation is shown is the name
    /// of the record behind it.
    pub fn shown(&self, key: &str, viewer: &Viewer<'p>) -> UiField<'p> {
        let Some(targets) = self.object.relation(key) else {
            return UiField {
                sight: self.find(key, viewer),
                related: false,
            };
        };
        let open = |name: &String| {
            let object = viewer.plan.object(name);
            object.is_some_and(|object| View::new(object, viewer).is_open())
        };
        UiField {
            sight: match targets.iter().all(open) {
                true => Sight::Open,
                // The name is a field of its own, which a program's list would have to name.
                false if viewer.plan.is_narrowed() => Sight::Unknown,
                false => Sight::TokensOnly,
            },
            related: true,
        }
    }

    /// Whether the viewer may see values of every field.
    fn is_open(&self) -> bool {
        matches!(self.derived, Sight::Open)
    }

    /// Whether a field holds files.
    pub fn is_file(&self, key: &str) -> bool {
        let field = self.object.field(key);
        field.is_some_and(|field| field.kind == FieldType::Base64)
    }

    /// What a field is.
    pub fn find(&self, key: &str, viewer: &Viewer<'p>) -> Sight<'p> {
        let field = self.object.field(key);
        field.map_or(Sight::Unknown, |field| self.of(field, viewer))
    }

    #[inline]
    pub fn of(&self, field: &'p FieldPlan, viewer: &Viewer<'p>) -> Sight<'p> {
        match field.rule {
            Rule::Pass | Rule::Generalize(_) => Sight::Open,
            Rule::Derived => self.derived,
            Rule::Hold => Sight::Held(field, viewer.may_see_field(field)),
            Rule::Tokenize { .. } | Rule::Encrypt | Rule::Strip | Rule::Block => {
                if viewer.may_see_field(field) {
                    Sight::Open
                } else {
                    Sight::TokensOnly
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::FieldList;
    use crate::policy::{FieldTable, Source, compile};

    #[test]
    fn a_field_is_guessed_by_the_one_before_it_and_seen_as_if_it_stood_alone() {
        let source = Source {
            name: "salesforce.toml".to_owned(),
            text: include_str!("../../../policies/salesforce.toml").to_owned(),
        };
        let plan = compile(&source, &FieldTable::salesforce().unwrap()).unwrap();
        let viewer = Viewer::new(&plan, &["marketing".to_owned()], false);
        let view = View::new(plan.object("Contact").unwrap(), &viewer);
        let first = ["Id", "LastName", "Email", "Birthdate", "Nickname__c"];
        let second = [
            "Id",
            "Email",
            "LastName",
            "Nickname__c",
            "Birthdate",
            "Name",
        ];
        for keys in [&first[..], &second, &first] {
            let mut last = None;
            for key in keys {
                let before = last;
                let alone = format!("{:?}", view.find(key, &viewer));
                let found = view.behind(&mut last, key, &viewer);
                assert_eq!(format!("{found:?}"), alone, "{key}");
                if *key == "Nickname__c" {
                    assert_eq!(last, before, "no rule, no place");
                    continue;
                }
                let (place, guessed) = view.object.next(before).unwrap();
                assert_eq!((Some(place), guessed.name.as_str()), (last, *key));
                assert_eq!(format!("{:?}", view.of(guessed, &viewer)), alone, "{key}");
            }
        }
    }

    #[test]
    fn a_computed_text_is_open_only_to_whoever_may_see_all_of_its_record() {
        let source = Source {
            name: "salesforce.toml".to_owned(),
            text: include_str!("../../../policies/salesforce.toml").to_owned(),
        };
        let table = FieldTable::salesforce().unwrap();
        let whole = Arc::new(compile(&source, &table).unwrap());
        let name = |plan: &Plan| {
            let viewer = Viewer::new(plan, &["sales".to_owned()], true);
            let view = View::new(plan.object("Contact").unwrap(), &viewer);
            format!("{:?}", view.find("Name", &viewer))
        };
        assert_eq!(name(&whole), "Open");
        for (names, expected) in [
            (&["Contact"][..], "Open"),
            // A name that never came through the border stands there in the clear.
            (&["Contact.Name", "Contact.LastName"], "TokensOnly"),
            (&["Contact.Email"], "Unknown"),
        ] {
            let list = FieldList::new(names.iter().copied()).unwrap();
            assert_eq!(name(&whole.narrowed(&list)), expected, "{names:?}");
        }
    }
}
