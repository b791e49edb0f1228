//! Files of records: the content of a field of type base64, sealed whole, within the body or beside it.
//!
//! A file's content is looked at by nobody: it leaves as `protect::file` seals it, whatever it is. Its
//! row in the vault has the file's name, and says whose the file is. The record's own fields, titles
//! and names among them, go by their rules like any other.

use std::sync::Arc;

use data_encoding::BASE64;

use super::needs::Known;
use super::record::body;
use super::rewrite::{self, Failure, Place, Protected, Work};
use super::survey::Survey;
use super::value::unfit;
use super::values::{Context, Intent, Slot, Values, unlisted};
use crate::dialect::salesforce::door::Door;
use crate::dialect::salesforce::file::{self as dialect, Download, Form};
use crate::model::{Code, Entropy, Personal, Refusal, Secret};
use crate::policy::{FieldPlan, FieldType, ObjectPlan, Plan, Rule};
use crate::protect::cleared::{Cleared, Insert};
use crate::protect::file::{Sealed, Sealer};
use crate::protect::{Error, Protection};
use crate::wire::json::{Document, NodeId, Value};
use crate::wire::multipart;

/// What a file is called that nothing names.
const NAMELESS: &str = "file";
/// The most characters of a name and of a media type: what any file system takes.
const LONGEST: usize = 255;

/// A file that came beside its record.
#[derive(Debug)]
pub(super) struct Sent<'p> {
    pub field: &'p FieldPlan,
    name: Personal,
}

/// Whether a field holds files that leave sealed.
pub(super) fn is_sealed(field: &FieldPlan) -> bool {
    field.kind == FieldType::Base64 && field.rule == Rule::Encrypt
}

/// The field of an object that holds files under policy's rule, or the refusal.
///
/// # Errors
/// A field that is none, or whose files policy does not let leave.
pub fn holder<'p>(object: &'p ObjectPlan, field: &str) -> Result<&'p FieldPlan, Refusal> {
    let found = object.field(field);
    let found = found.filter(|field| field.kind == FieldType::Base64);
    let Some(found) = found else {
        return Err(Refusal::new(
            Code::EndpointUnknown,
            "policy knows no field of files of that name",
        ));
    };
    if is_sealed(found) {
        return Ok(found);
    }
    let text = format!(
        "{}: rule {} lets no files through",
        found.label, found.rule_id
    );
    Err(Refusal::at(Code::PolicyBlocked, found.label.clone(), text))
}

/// The field whose files a download gives, or the refusal.
///
/// # Errors
/// As [`holder`]; a servlet that is asked for a record of another object.
pub fn downloaded<'p>(plan: &'p Plan, download: &Download) -> Result<&'p FieldPlan, Refusal> {
    let unknown = || {
        Refusal::new(
            Code::PolicyUnknownObject,
            "policy has no rules for the object that this file belongs to",
        )
    };
    let listed = |object: &str, field: &str| {
        let found = plan.object(object);
        let found = found.ok_or_else(|| unlisted(plan, object, None).unwrap_or_else(unknown))?;
        match unlisted(plan, object, Some(field)) {
            None => holder(found, field),
            Some(refusal) => Err(refusal),
        }
    };
    let object = match download {
        Download::Field { object, field, .. } => return listed(object, field),
        Download::Version(id) | Download::Classic(id) | Download::Newest(id) => {
            plan.whole().object_of_id(id.as_str()).ok_or_else(unknown)?
        }
    };
    let object = match (download, object.name.as_str()) {
        (Download::Version(_), "ContentVersion")
        | (Download::Classic(_), "Attachment" | "Document") => &object.name,
        (Download::Newest(_), "ContentDocument") => "ContentVersion",
        _ => {
            return Err(Refusal::new(
                Code::EndpointUnknown,
                "this servlet does not give files of that object",
            ));
        }
    };
    listed(object, dialect::field(object).unwrap_or_default())
}

/// A file that stands in its record as base64.
pub(super) fn within<'p>(
    survey: &mut Survey<'p>,
    context: &Context<'p, '_>,
    field: &'p FieldPlan,
    (record, node): (NodeId, NodeId),
) -> Result<Intent, Refusal> {
    if matches!(survey.request.top.door, Door::Ui(_) | Door::GraphQl) {
        let text = "files are sent to sobjects and composite";
        return Err(Refusal::at(
            Code::FieldNotWritable,
            field.label.clone(),
            format!("{}: {text}", field.label),
        ));
    }
    let document = body(context)?;
    let text = document.text(node);
    let text = text.ok_or_else(|| unfit(field, "it must be text"))?;
    let content = BASE64.decode(text.as_bytes());
    let content = content.map_err(|_| unfit(field, "it is not base64 in one canonical form"))?;
    let content = Secret::new(content);
    if content.expose().len() as u64 > most(field) {
        return Err(too_large(field));
    }
    let stands = |name: &str| {
        let mut members = document.members(record);
        let (_, value) = members.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        let text = document.text(value)?;
        (!text.trim().is_empty() && !context.protection.token_in(&text)).then_some(text)
    };
    let name = dialect::NAMES.into_iter().find_map(stands);
    let kind = stands(dialect::MEDIA_TYPE).unwrap_or_default();
    survey.values.needs.rows += 1;
    Ok(Intent::File {
        content,
        name: named(context.protection, name.as_deref()),
        kind: short(&kind),
    })
}

/// The most bytes that policy lets a file of this field have.
#[must_use]
pub fn most(field: &FieldPlan) -> u64 {
    field.file.as_ref().map_or(0, |rule| rule.most)
}

/// The refusal of a file that is larger.
#[must_use]
pub fn too_large(field: &FieldPlan) -> Refusal {
    let text = format!(
        "{}: a file may have at most {} bytes, as policy says",
        field.label,
        most(field)
    );
    Refusal::at(Code::BodyTooLarge, field.label.clone(), text)
}

fn named(protection: &Protection, name: Option<&str>) -> Personal {
    let name = name.filter(|name| !name.trim().is_empty() && !protection.token_in(name));
    Personal::new(short(name.unwrap_or(NAMELESS)))
}

fn short(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// A file that is sealed, with its chunks.
type Inline = (Arc<Sealed>, Vec<u8>);

/// Seals the files that stand within the body, in the order of their slots.
pub(super) fn seal(values: &Values<'_>, entropy: &dyn Entropy) -> Result<Vec<Inline>, Failure> {
    let contents = values.slots.iter().filter_map(|slot| match &slot.intent {
        Intent::File {
            content,
            name,
            kind,
        } => Some((content, name, kind)),
        _ => None,
    });
    let sealed = contents.map(|(content, name, kind)| {
        let mut key = vec![0; 32];
        entropy.fill(&mut key).map_err(|_| Error::Library)?;
        let mut sealer = Sealer::new(Secret::new(key))?;
        let mut chunks = Vec::new();
        sealer.push(content.expose(), &mut chunks)?;
        let sealed = sealer.finish(name.clone(), kind, &mut chunks)?;
        Ok((Arc::new(sealed), chunks))
    });
    sealed.collect()
}

impl Work<'_, '_> {
    /// Puts a sealed file in the place of the one that stands in the body.
    pub(super) fn inline(
        &mut self,
        (values, slot): (&Values<'_>, &Slot<'_>),
        name: &Personal,
        (file, chunks): Inline,
    ) -> Result<(), Failure> {
        let place = place(values, slot.field, slot.unit);
        let (_, mut bytes) = self.file(&place, name.expose(), None, &file)?;
        bytes.extend_from_slice(&chunks);
        let text = BASE64.encode(&bytes);
        self.edits.replace(slot.node, Value::Text(text));
        Ok(())
    }

    /// What stands before the chunks of a file that came beside its record, and what its name becomes.
    pub(super) fn beside(
        &mut self,
        (values, sent): (&Values<'_>, &Sent<'_>),
        file: &Sealed,
    ) -> Result<(String, Vec<u8>), Failure> {
        let place = place(values, sent.field, 0);
        let (row, head) = self.file(&place, sent.name.expose(), None, file)?;
        Ok((format!("{}.bin", self.row_text(Some(row), false)?), head))
    }
}

fn place<'v>(values: &Values<'v>, field: &'v FieldPlan, unit: usize) -> Place<'v> {
    let class = field.class.map(|class| values.plan.class(class));
    Place {
        unit,
        class: class.map_or("", |class| class.name.as_str()),
        field: &field.name,
    }
}

impl<'p> Survey<'p> {
    /// Adds the file that came in a form beside the one record that the request writes.
    ///
    /// # Errors
    /// As [`holder`]; where the record has the same field, or the request writes more than one.
    pub fn attach(
        &mut self,
        protection: &Protection,
        field: &str,
        name: &str,
    ) -> Result<(), Refusal> {
        let [unit] = self.values.units.as_slice() else {
            return Err(Refusal::new(
                Code::BodyMalformed,
                "a form with a file has one record",
            ));
        };
        let field = holder(unit.object, field)?;
        if self.values.written().any(|other| other.name == field.name) {
            return Err(Refusal::at(
                Code::BodyMalformed,
                field.label.clone(),
                "a field stands twice in one record",
            ));
        }
        self.values.needs.rows += 1;
        self.sent = Some(Sent {
            field,
            name: named(protection, Some(name)),
        });
        Ok(())
    }

    /// As [`Survey::protect`], written as a form with the file that was attached.
    ///
    /// # Errors
    /// As there.
    pub fn protect_form(
        self,
        known: &Known,
        protection: &Protection,
        (document, file): (&Document<'_>, &Arc<Sealed>),
        entropy: &dyn Entropy,
    ) -> Result<Protected, Failure> {
        let unit = self.values.units.first().ok_or(Failure::Incomplete)?;
        let entity = Form::entity(&unit.object.name);
        let field = self.sent.as_ref().ok_or(Failure::Incomplete)?.field;
        let mut rewritten = self.rewrite(known, protection, (Some(file), entropy))?;
        let (name, head) = rewritten.beside.take().ok_or(Failure::Incomplete)?;
        let mut outgoing = rewrite::write(&rewritten.request, Some(document), rewritten.edits)?;
        let record = outgoing.body.take().ok_or(Failure::Incomplete)?;
        let items = [
            multipart::Item {
                name: &entity,
                filename: None,
                content_type: Some("application/json"),
                content: &record,
            },
            multipart::Item {
                name: &field.name,
                filename: Some(&name),
                content_type: Some("application/octet-stream"),
                content: &head,
            },
        ];
        let body = multipart::write(&items).map_err(|_| Failure::Incomplete)?;
        outgoing.files = vec![Insert {
            at: *body.ends.get(1).ok_or(Failure::Incomplete)?,
            file: Arc::clone(file),
        }];
        outgoing.body = Some(body.bytes);
        outgoing.content_type = Some(body.content_type);
        Ok(Protected {
            cleared: Cleared::new(outgoing),
            rows: rewritten.rows,
            request: rewritten.request,
            aliases: rewritten.aliases,
            left_out: rewritten.left_out,
        })
    }
}
