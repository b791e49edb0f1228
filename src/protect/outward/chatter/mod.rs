//! Posts and comments: their text is a field of a record of its own, `FeedItem.Body` and
//! `FeedComment.CommentBody`, in as many pieces as it has segments.

mod across;
mod segments;

use super::needs::SubjectOf;
use super::record;
use super::survey::Survey;
use super::values::{Context, Unit};
use crate::dialect::salesforce::chatter::{Act, Chatter, Listed, What};
use crate::dialect::salesforce::door::Door;
use crate::dialect::salesforce::id::Id;
use crate::model::{Code, Refusal};
use crate::policy::{ObjectPlan, Subject};
use crate::wire::json::{Document, Kind, NodeId};

/// The objects whose records posts, comments and users are.
const ELEMENT: &str = "FeedItem";
const COMMENT: &str = "FeedComment";
const USER: &str = "User";

/// A post or a comment that is written.
struct Text {
    object: &'static str,
    field: &'static str,
    /// The record, where it is changed.
    own: Option<Id>,
    /// The post that is commented on.
    on: Option<Id>,
    /// Whether it is a new post, which says what it is about.
    is_post: bool,
}

/// Reads what a request writes, if it writes anything.
pub(super) fn read<'p>(
    survey: &mut Survey<'p>,
    context: &Context<'p, '_>,
    call: usize,
    chatter: &Chatter,
) -> Result<(), Refusal> {
    let element = |own, is_post| Text {
        object: ELEMENT,
        field: "Body",
        own,
        on: None,
        is_post,
    };
    let comment = |own, on| Text {
        object: COMMENT,
        field: "CommentBody",
        own,
        on,
        is_post: false,
    };
    match &chatter.what {
        What::Post => written(survey, context, call, &element(None, true)),
        What::Element(Act::Edit, id) => written(survey, context, call, &element(Some(*id), false)),
        What::Reply(on) => written(survey, context, call, &comment(None, Some(*on))),
        What::Comment(Act::Edit, id) => written(survey, context, call, &comment(Some(*id), None)),
        What::Like(_) => {
            let document = record::body(context)?;
            let alone = || survey.request.top.door == Door::Chatter(chatter.clone());
            let root = context.body.or(alone().then(|| document.root()));
            let empty = |root| document.kind(root) == Kind::Object && document.is_empty(root);
            match root.is_none_or(empty) {
                true => known(context, ELEMENT),
                false => Err(malformed("a like says nothing but that it is one")),
            }
        }
        What::Element(Act::Delete, _) => context.deletes(context.object(ELEMENT)?),
        What::Comment(Act::Delete, _) => context.deletes(context.object(COMMENT)?),
        // Whoever has no rules for them is shown nothing of them either.
        What::Feed(_)
        | What::Element(..)
        | What::Elements(_)
        | What::Likes(_)
        | What::Unlike(_) => known(context, ELEMENT),
        What::Comments(_) | What::Comment(..) => known(context, COMMENT),
        What::Listed(Listed { kind, .. }) => match *kind {
            "users" | "user-profiles" => known(context, USER),
            _ => known(context, ELEMENT),
        },
        // Each of its parts is a call of its own.
        What::Batch => Ok(()),
    }
}

fn known(context: &Context<'_, '_>, object: &str) -> Result<(), Refusal> {
    context.object(object).map(|_| ())
}

fn written<'p>(
    survey: &mut Survey<'p>,
    context: &Context<'p, '_>,
    call: usize,
    text: &Text,
) -> Result<(), Refusal> {
    let object = context.object(text.object)?;
    let field = context.field(object, text.field)?;
    let document = record::body(context)?;
    let root = context.body.unwrap_or(document.root());
    let mut about = text.on.map(|id| (ELEMENT.to_owned(), id));
    let mut body = None;
    for (key, node) in members(document, root)? {
        match key.as_str() {
            "body" => body = Some(node),
            "feedElementType" if text.is_post => word(document, node, &["FeedItem"])?,
            "visibility" if text.is_post => {
                word(document, node, &["AllUsers", "InternalUsers"])?;
            }
            "subjectId" if text.is_post => {
                let subject = document.text(node).unwrap_or_default();
                if subject != "me" {
                    about = subject_of(context, object, &subject)?;
                }
            }
            "threadedCommentParentId" if text.on.is_some() => {
                id(document, node)?;
            }
            "capabilities" => {
                return Err(malformed(
                    "links with titles, polls, questions, files and whatever else is added to a \
                     post have words that no rule names; write them in its text",
                ));
            }
            _ => {
                return Err(malformed(
                    "a post has a member that is not known: text, subject and visibility are",
                ));
            }
        }
    }
    let body = body.ok_or_else(|| malformed("a post needs its body"))?;
    let unit = survey.values.units.len();
    survey.values.units.push(Unit {
        object,
        record: text.own.map(Into::into),
        call,
        position: 0,
        name: None,
    });
    let of = SubjectOf {
        record: text.own.map(|id| (object.name.clone(), id.into())),
        follow: about.map(|(name, id)| (name, id.into())),
        ..SubjectOf::default()
    };
    survey.values.subject(of.clone());
    segments::read(survey, context, (unit, field), (body, &of))
}

/// The record that a post is about, where its people are those of the post.
fn subject_of(
    context: &Context<'_, '_>,
    object: &ObjectPlan,
    text: &str,
) -> Result<Option<(String, Id)>, Refusal> {
    let id = Id::parse(text).ok_or_else(|| malformed("the subject's id is malformed"))?;
    let named = context.plan.whole().object_of_id(id.as_str());
    let follows = |name: &String| match &object.subject {
        Subject::Follow { objects, .. } => objects.contains(name),
        Subject::Own | Subject::Identify(_) => false,
    };
    let named = named.map(|plan| plan.name.clone()).filter(follows);
    Ok(named.map(|name| (name, id)))
}

fn members(document: &Document<'_>, node: NodeId) -> Result<Vec<(String, NodeId)>, Refusal> {
    if document.kind(node) != Kind::Object {
        return Err(malformed("an object is expected here"));
    }
    let members = document.members(node);
    Ok(members
        .map(|(key, value)| (key.into_owned(), value))
        .collect())
}

fn word(document: &Document<'_>, node: NodeId, words: &[&str]) -> Result<(), Refusal> {
    let known = document.text(node);
    match known.is_some_and(|text| words.contains(&text.as_ref())) {
        true => Ok(()),
        false => Err(malformed("a post has a word that is not known")),
    }
}

fn id(document: &Document<'_>, node: NodeId) -> Result<Id, Refusal> {
    let id = document.text(node).and_then(|text| Id::parse(&text));
    id.ok_or_else(|| malformed("an id in a post is malformed"))
}

fn malformed(text: &'static str) -> Refusal {
    Refusal::new(Code::BodyMalformed, text)
}
