//! What a request of the UI API names: objects, fields, orders and what is looked for.

use super::needs::Found;
use super::query::{Looked, Terms, Tokens, at, clause, clear_text, sortable};
use super::resolve;
use super::survey::Survey;
use super::values::{self, Context};
use crate::dialect::salesforce::sosl::ast::Group;
use crate::dialect::salesforce::ui::{Parameter, Ui, View, What};
use crate::model::{Code, Refusal};
use crate::policy::{FieldType, ObjectPlan};
use crate::wire::json::{Kind, NodeId};

/// A look-up's term that may leave once it is answered.
#[derive(Debug)]
pub(super) struct LookupPlan<'p> {
    pub call: usize,
    term: Term<'p>,
}

#[derive(Debug)]
enum Term<'p> {
    /// Nothing of what is searched is protected.
    Clear(String),
    Looked(Looked<'p>),
}

impl LookupPlan<'_> {
    /// The term as it leaves: one token for each value.
    pub fn finish(&self, found: &[Found], token: Tokens<'_>) -> Result<String, Refusal> {
        match &self.term {
            Term::Clear(text) => Ok(text.clone()),
            Term::Looked(looked) => looked.only(found, token),
        }
    }
}

/// Gives a request's names their spelling in policy, and its term its look-up.
pub(super) fn read<'p>(
    survey: &mut Survey<'p>,
    context: &Context<'p, '_>,
    call: usize,
    ui: &mut Ui,
) -> Result<(), Refusal> {
    let objects = objects(survey, context, ui)?;
    let target = match &mut ui.what {
        What::Lookup {
            object,
            field,
            target,
        } => Some(lookup(context, (object, field), target)?),
        _ => None,
    };
    for (name, parameter) in &mut ui.parameters {
        match parameter {
            Parameter::Fields(paths) => {
                for path in paths {
                    *path = readable(context, &objects, path)?;
                }
            }
            Parameter::Children(paths) => {
                for path in paths {
                    *path = child(context, &objects, path)?;
                }
            }
            Parameter::Sort(paths) => {
                for path in paths {
                    *path = sorted(context, &objects, path)?;
                }
            }
            Parameter::Term(text) => {
                let objects = target.as_deref().ok_or_else(|| {
                    Refusal::new(Code::ParameterUnknown, "this resource has no search")
                })?;
                term(survey, context, call, (objects, text))?;
            }
            Parameter::Words(words) if *name == "searchType" => {
                let asked = words.as_slice() == ["TypeAhead"];
                if asked {
                    let why =
                        "beginnings of values cannot be looked up; ask with searchType=Search";
                    return Err(clause("searchType", why));
                }
            }
            Parameter::Words(_) | Parameter::Number(_) | Parameter::Flag(_) | Parameter::Id(_) => {}
        }
    }
    Ok(())
}

/// The objects whose fields may be named, in the order of the request.
fn objects<'p>(
    survey: &mut Survey<'p>,
    context: &Context<'p, '_>,
    ui: &mut Ui,
) -> Result<Vec<&'p ObjectPlan>, Refusal> {
    let spelled = |name: &mut String| -> Result<&'p ObjectPlan, Refusal> {
        let object = context.object(name)?;
        object.name.clone_into(name);
        Ok(object)
    };
    Ok(match &mut ui.what {
        What::Objects => vec![],
        What::Create => {
            let document = super::record::body(context)?;
            let body = context.body.unwrap_or(document.root());
            let name = document.get(body, "apiName");
            if let Some(node) = name
                && let Some(text) = document.text(node)
            {
                let object = context.object(&text)?;
                survey.rename(node, object.name.clone());
            }
            vec![]
        }
        What::Record(id) | What::Update(id) | What::CloneDefaults(id) => {
            vec![context.object_of(*id)?]
        }
        What::Delete(id) => {
            let object = context.object_of(*id)?;
            context.deletes(object)?;
            vec![object]
        }
        What::Records(ids) | What::RecordUi(ids) | What::RecordActions(ids) => {
            let objects = ids.iter().map(|id| context.object_of(*id));
            objects.collect::<Result<_, _>>()?
        }
        What::CreateDefaults(object)
        | What::Layout(object)
        | What::Views(object)
        | What::ObjectActions(object) => vec![spelled(object)?],
        What::ObjectInfo { objects, .. } => {
            let objects = objects.iter_mut().map(spelled);
            objects.collect::<Result<_, _>>()?
        }
        What::Picklists { object, field, .. } => {
            let plan = spelled(object)?;
            if let Some(field) = field {
                context.field(plan, field)?.name.clone_into(field);
            }
            vec![plan]
        }
        What::List { view, .. } => match view {
            View::Named { object, .. } => vec![spelled(object)?],
            // The CRM alone knows what the view lists; a field says it of itself.
            View::Id(_) => context.plan.objects().collect(),
        },
        What::Related {
            parent,
            relation,
            in_body,
        } => {
            let parent = context.object_of(*parent)?;
            let mut children = parent.children();
            let found = children.find(|(name, _)| name.eq_ignore_ascii_case(relation));
            let (spelling, child) = found.ok_or_else(|| no_child(context, parent, relation))?;
            spelling.clone_into(relation);
            let child = context.object(child)?;
            if *in_body {
                related_body(survey, context, child)?;
            }
            vec![child]
        }
        What::Lookup { object, .. } => vec![spelled(object)?],
    })
}

/// The body of `POST related-list-records`: what is a parameter elsewhere.
fn related_body<'p>(
    survey: &mut Survey<'p>,
    context: &Context<'p, '_>,
    child: &'p ObjectPlan,
) -> Result<(), Refusal> {
    let malformed = |text| Refusal::new(Code::BodyMalformed, text);
    let document = super::record::body(context)?;
    if document.kind(document.root()) != Kind::Object {
        return Err(malformed("an object is expected here"));
    }
    for (key, node) in document.members(document.root()) {
        let texts = |node: NodeId| -> Result<Vec<(NodeId, String)>, Refusal> {
            let items: Vec<NodeId> = match document.kind(node) {
                Kind::Array => document.elements(node).collect(),
                _ => return Err(malformed("a list is expected here")),
            };
            let texts = items.into_iter().map(|item| {
                let text = document.text(item);
                let text = text.ok_or_else(|| malformed("a list must hold texts"))?;
                Ok((item, text.into_owned()))
            });
            texts.collect()
        };
        match key.as_ref() {
            "fields" | "optionalFields" => {
                for (item, text) in texts(node)? {
                    survey.rename(item, readable(context, &[child], &text)?);
                }
            }
            "sortBy" => {
                for (item, text) in texts(node)? {
                    survey.rename(item, sorted(context, &[child], &text)?);
                }
            }
            "pageSize" if document.kind(node) == Kind::Number && document.raw(node).len() <= 6 => {}
            "pageToken" => {
                let text = document.text(node).unwrap_or_default();
                if Parameter::read("pageToken", &text).is_none() {
                    return Err(malformed("the page token is malformed"));
                }
            }
            "where" => return Err(clause("where", "it cannot be answered yet")),
            _ => return Err(malformed("the body has an unknown member")),
        }
    }
    Ok(())
}

/// `Contact.Account.Name`, spelled as policy does.
fn readable<'p>(
    context: &Context<'p, '_>,
    objects: &[&'p ObjectPlan],
    path: &str,
) -> Result<String, Refusal> {
    let (object, rest) = qualified(objects, path)?;
    let spelled = resolve::spell(context, object, rest)?;
    Ok(format!("{}.{spelled}", object.name))
}

/// `Account.Contacts`, or a field of the children behind it.
fn child<'p>(
    context: &Context<'p, '_>,
    objects: &[&'p ObjectPlan],
    path: &str,
) -> Result<String, Refusal> {
    let (object, rest) = qualified(objects, path)?;
    let (relation, field) = match rest.split_once('.') {
        Some((relation, field)) => (relation, Some(field)),
        None => (rest, None),
    };
    let mut children = object.children();
    let found = children.find(|(name, _)| name.eq_ignore_ascii_case(relation));
    let (spelling, child) = found.ok_or_else(|| no_child(context, object, relation))?;
    let child = context.object(child)?;
    let mut spelled = format!("{}.{spelling}", object.name);
    if let Some(field) = field {
        spelled.push('.');
        spelled.push_str(&resolve::spell(context, child, field)?);
    }
    Ok(spelled)
}

/// `-Contact.CreatedDate`, or without the object: tokens have no order.
fn sorted<'p>(
    context: &Context<'p, '_>,
    objects: &[&'p ObjectPlan],
    path: &str,
) -> Result<String, Refusal> {
    let (sign, path) = match path.strip_prefix('-') {
        Some(path) => ("-", path),
        None => ("", path),
    };
    let (object, rest) = match (qualified(objects, path), objects) {
        (Ok(found), _) => found,
        (Err(_), [only]) => (*only, path),
        (Err(refusal), _) => return Err(refusal),
    };
    let names: Vec<&str> = rest.split('.').collect();
    let (fields, spelled) = resolve::path(context, object, &names)?;
    sortable(&fields, "sortBy")?;
    Ok(format!("{sign}{}.{spelled}", object.name))
}

/// The object that a path begins with, and the rest of it.
fn qualified<'p, 't>(
    objects: &[&'p ObjectPlan],
    path: &'t str,
) -> Result<(&'p ObjectPlan, &'t str), Refusal> {
    let unknown = || {
        Refusal::new(
            Code::PolicyUnknownField,
            "a field must begin with an object that the request is about",
        )
    };
    let (first, rest) = path.split_once('.').ok_or_else(unknown)?;
    let mut named = objects
        .iter()
        .filter(|object| object.name.eq_ignore_ascii_case(first));
    Ok((named.next().ok_or_else(unknown)?, rest))
}

/// The objects that a look-up searches, with its names spelled.
fn lookup<'p>(
    context: &Context<'p, '_>,
    (object, field): (&str, &mut String),
    target: &mut Option<String>,
) -> Result<Vec<&'p ObjectPlan>, Refusal> {
    let object = context.object(object)?;
    let plan = context.field(object, field)?;
    plan.name.clone_into(field);
    let relation = match (plan.name.strip_suffix("__c"), plan.name.strip_suffix("Id")) {
        (Some(custom), _) => Some(format!("{custom}__r")),
        (None, Some(standard)) => Some(standard.to_owned()),
        (None, None) => None,
    };
    let targets = relation.as_deref().and_then(|name| object.relation(name));
    let targets = targets.filter(|_| plan.kind == FieldType::Reference);
    let targets = targets.ok_or_else(|| at(plan, "lookups", "policy knows no relation by it"))?;
    match target {
        None => targets.iter().map(|name| context.object(name)).collect(),
        Some(wanted) => {
            let mut named = targets.iter();
            let found = named.find(|name| name.eq_ignore_ascii_case(wanted));
            let found = found.ok_or_else(|| no_relation(object))?;
            found.clone_into(wanted);
            Ok(vec![context.object(found)?])
        }
    }
}

/// What a look-up searches for: whole values of names, as in a free search.
fn term<'p>(
    survey: &mut Survey<'p>,
    context: &Context<'p, '_>,
    call: usize,
    (objects, text): (&[&'p ObjectPlan], &mut String),
) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Ok(());
    }
    let text = std::mem::take(text);
    context.no_token("a search", &text)?;
    if text.contains(['*', '?']) {
        let why = "wildcards cannot be answered over protected fields";
        return Err(clause("q", why));
    }
    let terms = Terms::new(context, objects, Group::Name)?;
    if terms.classes.is_empty() {
        clear_text(context, objects, &text)?;
        let term = Term::Clear(text);
        survey.lookups.push(LookupPlan { call, term });
        return Ok(());
    }
    let units: Vec<&str> = text.split_whitespace().collect();
    let term = Term::Looked(terms.runs(survey, &units)?);
    survey.lookups.push(LookupPlan { call, term });
    Ok(())
}

fn no_child(context: &Context<'_, '_>, object: &ObjectPlan, name: &str) -> Refusal {
    let unlisted = values::no_relation(context.plan, object, name);
    unlisted.unwrap_or_else(|| no_relation(object))
}

fn no_relation(object: &ObjectPlan) -> Refusal {
    let text = format!("policy knows no such relation of {}", object.name);
    Refusal::at(Code::PolicyUnknownField, object.name.clone(), text)
}
