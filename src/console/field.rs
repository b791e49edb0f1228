//! The rule of one field as a form. What is chosen goes into a draft, where comments and order stay.

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::console::Console;
use crate::console::ask::Ask;
use crate::console::drafts::{actor, failed, in_force};
use crate::console::drafts_view::FieldForm;
use crate::console::told::said;
use crate::console::view::{self, Choice, Frame, Said};
use crate::gate::Form;
use crate::policy::{self, Edit, FieldPlan, List, Plan, Rule, Setting};
use crate::review::{Edited, Listed, Review, State, Text};
use crate::signin::reply;

/// What stands for a list of the object's in the place of a class.
const PASS: &str = "=pass";
const LEFT_OUT: &str = "=left_out";
/// What stands for the action that the field has.
const KEPT: &str = "=kept";
/// Actions that a field may have in the place of its class's.
const ACTIONS: [&str; 5] = ["tokenize", "encrypt", "hold", "strip", "block"];

impl Console {
    pub(super) fn field(&self, ask: &Ask<'_>) -> Response<Bytes> {
        let (object, field) = (ask.query("object"), ask.query("field"));
        self.show_field(
            ask,
            &object.unwrap_or_default(),
            &field.unwrap_or_default(),
            None,
        )
    }

    fn show_field(
        &self,
        ask: &Ask<'_>,
        object: &str,
        field: &str,
        said: Option<Said>,
    ) -> Response<Bytes> {
        self.reviewed(ask, |review| {
            let plan = self.house.plan();
            let rules = plan.object(object);
            let described = self.house.fields(object);
            let mut described = described.iter();
            let described = described.find(|known| known.name.eq_ignore_ascii_case(field));
            let rule = rules.and_then(|rules| rules.field(field));
            let (Some(rules), true) = (rules, rule.is_some() || described.is_some()) else {
                return view::told(ask, StatusCode::NOT_FOUND, ask.words.no_page);
            };
            let (drafts, _) = match review.drafts(false) {
                Ok(found) => found,
                Err(error) => return failed(ask, &error),
            };
            let choices = into(&drafts, ask);
            let kind = rule.map(|rule| rule.kind.name());
            let kind = kind.or_else(|| described.map(|known| known.kind.name()));
            let page = FieldForm {
                frame: Frame::of(ask, self.flags(ask)),
                help: ask.words.help_field,
                object: rules.name.clone(),
                field: rule.map_or_else(
                    || described.map_or_else(String::new, |known| known.name.clone()),
                    |rule| rule.name.clone(),
                ),
                kind: kind.unwrap_or_default().to_owned(),
                drafts: choices,
                classes: classes(&plan, rule, rules.is_left_out(field), ask),
                actions: actions(rule, ask),
                stable: rule.is_some_and(|rule| rule.rule == Rule::Tokenize { stable: true }),
                reason: rule
                    .and_then(|rule| rule.reason.clone())
                    .unwrap_or_default(),
                said,
            };
            reply::page(Said::status(page.said.as_ref()), &page)
        })
    }

    pub(super) fn field_save(&self, ask: &Ask<'_>) -> Response<Bytes> {
        let form = match ask.form() {
            Ok(form) => form,
            Err(said) => return *said,
        };
        let object = form.field("object").unwrap_or_default();
        let field = form.field("field").unwrap_or_default();
        let Some(change) = change(&form, object, field) else {
            return self.show_field(ask, object, field, Some(Said::bad(ask.words.no_rule)));
        };
        self.reviewed(ask, |review| {
            match into_draft(review, ask, &form, &format!("{object}.{field}"), &change) {
                Ok(id) => reply::see_other(&format!("/drafts/{id}")),
                Err(why) => self.show_field(ask, object, field, Some(Said::bad(why))),
            }
        })
    }
}

/// Puts a change into the draft that was chosen, or into a new one; gives its number.
fn into_draft(
    review: &Review,
    ask: &Ask<'_>,
    form: &Form,
    title: &str,
    change: &Edit,
) -> Result<i64, String> {
    let told = |error: &crate::review::Error| said(error, ask.words);
    let edited = |text: Text| {
        let policy = policy::edit(&text.policy, std::slice::from_ref(change));
        let policy = policy.map_err(|error| format!("{} {error}", ask.words.not_done))?;
        Ok::<_, String>(Text { policy, ..text })
    };
    let chosen = form.field("draft").and_then(|text| text.parse().ok());
    let Some(id) = chosen else {
        let text = edited(in_force(review).map_err(|error| told(&error))?)?;
        let draft = review.begin(title, text, &actor(ask));
        return Ok(draft.map_err(|error| told(&error))?.id);
    };
    let draft = review.draft(id).map_err(|error| told(&error))?;
    let text = edited(draft.text)?;
    let saved = review.edit(id, draft.revision, text, &actor(ask));
    match saved.map_err(|error| told(&error))? {
        Edited::Saved(draft) => Ok(draft.id),
        Edited::Behind { .. } => Err(ask.words.changed_since.to_owned()),
    }
}

/// What was chosen; none where it is no choice.
fn change(form: &Form, object: &str, field: &str) -> Option<Edit> {
    let (object, field) = (object.to_owned(), field.to_owned());
    let list = |list| Edit::List {
        object: object.clone(),
        field: field.clone(),
        list,
    };
    match form.field("class")? {
        PASS => Some(list(List::Pass)),
        LEFT_OUT => Some(list(List::LeftOut)),
        class => {
            let text = |name: &str| form.field(name).map(|text| Setting::Text(text.to_owned()));
            let stable = form.field("stable").map(|_| Setting::Flag(true));
            let mut set = vec![
                ("class".to_owned(), Some(Setting::Text(class.to_owned()))),
                ("stable".to_owned(), stable),
                ("reason".to_owned(), text("reason")),
            ];
            if form.field("action") != Some(KEPT) {
                set.push(("action".to_owned(), text("action")));
            }
            Some(Edit::Field { object, field, set })
        }
    }
}

/// Drafts that a rule could be put into: the newest that somebody wrote themselves, unless they
/// choose another.
fn into(drafts: &[Listed], ask: &Ask<'_>) -> Vec<Choice> {
    let own = |draft: &&Listed| draft.authors.contains(&ask.seated.recorded_as);
    let mut open = drafts.iter().filter(|draft| draft.state == State::Open);
    let chosen = open.clone().find(own).map(|draft| draft.id);
    let mut choices = vec![Choice::new("new", ask.words.into_new, chosen.is_none())];
    choices.extend(open.by_ref().map(|draft| {
        let label = format!("{} ({})", draft.title, draft.authors.join(", "));
        Choice::new(&draft.id.to_string(), &label, chosen == Some(draft.id))
    }));
    choices
}

fn classes(plan: &Plan, rule: Option<&FieldPlan>, left_out: bool, ask: &Ask<'_>) -> Vec<Choice> {
    let held = rule.and_then(|rule| rule.class);
    let passes = rule.is_some_and(|rule| rule.rule == Rule::Pass && rule.class.is_none());
    let mut choices = vec![
        Choice::new("", "–", held.is_none() && !passes && !left_out),
        Choice::new(PASS, ask.words.list_pass, passes),
        Choice::new(LEFT_OUT, ask.words.list_left_out, left_out),
    ];
    choices.extend(plan.classes().map(|(id, class)| {
        let label = match class.category.is_empty() {
            true => class.name.clone(),
            false => format!("{} ({})", class.name, class.category),
        };
        Choice::new(&class.name, &label, held == Some(id))
    }));
    choices
}

/// The plan does not say whether an action is the field's own or its class's, so it stays as it is
/// unless another is chosen.
fn actions(rule: Option<&FieldPlan>, ask: &Ask<'_>) -> Vec<Choice> {
    let ruled = rule.filter(|rule| rule.class.is_some());
    let mut choices = vec![Choice::new("", ask.words.as_class, ruled.is_none())];
    if let Some(rule) = ruled {
        let label = format!("{} ({})", ask.words.as_it_is, rule.rule.name());
        choices.push(Choice::new(KEPT, &label, true));
    }
    let actions = ACTIONS.into_iter();
    choices.extend(actions.map(|action| Choice::new(action, action, false)));
    choices
}
