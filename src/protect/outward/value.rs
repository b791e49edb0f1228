//! One value: whether its field can take it, and what becomes of it.

use std::borrow::Cow;

use super::record::body;
use super::scan::{self, Scanned};
use super::survey::unknown_reference;
use super::values::{Context, Intent, Values};
use super::weave;
use crate::dialect::pages::Grammar;
use crate::dialect::salesforce::call::Request;
use crate::dialect::salesforce::door;
use crate::dialect::salesforce::id::Id;
use crate::model::{Code, Personal, Refusal};
use crate::policy::{Canonical, FieldPlan, FieldType, Generalization, Rule, Search};
use crate::protect;
use crate::protect::{generalize, sealed_length};
use crate::wire::json::{Event, Kind, NodeId, Reader, encode_into};

/// The request whose sub-requests a value may refer to, and the scope of their names; none where
/// the dialect has no such references.
pub(super) type References<'r> = Option<(&'r Request, usize)>;

/// What becomes of a value that is not null. `None`: it leaves as it is.
pub(super) fn intent<'p>(
    values: &mut Values<'p>,
    context: &Context<'p, '_>,
    references: References<'_>,
    field: &'p FieldPlan,
    node: NodeId,
) -> Result<Option<Intent>, Refusal> {
    let document = body(context)?;
    if field.kind == FieldType::Base64 && !matches!(field.rule, Rule::Block | Rule::Strip) {
        return Err(unfit(field, "a file stands in a record of the API only"));
    }
    let mut changed = false;
    let text = match document.text(node) {
        Some(text) if field.scan.is_some() => match scan::read(values, context, field, text)? {
            Scanned::Same(text) => Some(text),
            Scanned::Changed(text) => {
                changed = true;
                Some(text)
            }
            Scanned::Done(intent) => return Ok(Some(intent)),
        },
        text => text,
    };
    match &field.rule {
        Rule::Derived => Err(not_writable(field)),
        Rule::Block => Err(Refusal::at(
            Code::PolicyBlocked,
            field.label.clone(),
            format!(
                "{} may not be written: rule {} says block",
                field.label, field.rule_id
            ),
        )),
        Rule::Strip => Ok(Some(Intent::Drop)),
        Rule::Pass => pass(values, context, references, (field, node), (text, changed)),
        Rule::Tokenize { stable } => tokenized(values, context, field, text, *stable),
        Rule::Encrypt => sealed(values, context, field, text),
        Rule::Generalize(how) => {
            let numeric = document.kind(node) == Kind::Number;
            let value = text.unwrap_or_else(|| Cow::Borrowed(document.raw(node)));
            generalized(context, field, how, &value, numeric)
        }
        Rule::Hold => {
            if let Some(text) = &text {
                context.no_token(&field.label, text)?;
                check_pass_text(context, field, text)?;
            } else {
                check_pass_literal(field, document.kind(node), document.raw(node))?;
            }
            values.needs.rows += 1;
            let json = match text {
                // A door that has nothing but text says numbers by it; another one shows them.
                Some(text) if is_literal(field, &text) => text.into_owned(),
                Some(text) if changed => quoted(&text)?,
                _ => document.raw(node).to_owned(),
            };
            Ok(Some(Intent::Hold {
                json: Personal::new(json),
            }))
        }
    }
}

/// Whether a text is a literal of its field's type: kept as one, each door shows it in its way.
fn is_literal(field: &FieldPlan, text: &str) -> bool {
    match field.kind {
        FieldType::Boolean => matches!(text, "true" | "false"),
        kind => kind.is_number() && is_json_number(text),
    }
}

/// What becomes of a null: it carries nothing, and clears the field.
pub(super) fn cleared(
    context: &Context<'_, '_>,
    field: &FieldPlan,
) -> Result<Option<Intent>, Refusal> {
    match field.rule {
        Rule::Derived => Err(not_writable(field)),
        Rule::Hold => {
            let seen = context.shows(field);
            Ok(Some(if seen { Intent::Drop } else { Intent::Leave }))
        }
        Rule::Tokenize { .. } | Rule::Encrypt => Ok(Some(Intent::Empty)),
        Rule::Pass | Rule::Strip | Rule::Generalize(_) | Rule::Block => Ok(None),
    }
}

/// A value that policy lets pass: it must be of its field's type, so that a name cannot travel as
/// a date. A reference is given our name.
fn pass(
    values: &mut Values<'_>,
    context: &Context<'_, '_>,
    references: References<'_>,
    (field, node): (&FieldPlan, NodeId),
    (text, changed): (Option<Cow<'_, str>>, bool),
) -> Result<Option<Intent>, Refusal> {
    let document = body(context)?;
    let Some(text) = text else {
        check_pass_literal(field, document.kind(node), document.raw(node))?;
        return Ok(None);
    };
    // That the CRM will not take it is no reason to send it.
    if !field.writable && field.kind.holds_text() {
        return Err(not_writable(field));
    }
    let woven = field.scan.as_ref().is_some_and(|scan| scan.identifiers);
    if woven && context.protection.token_in(&text) {
        check_pass_text(context, field, &text)?;
        return weave::kept(values, context, field, (&text, changed)).map(Some);
    }
    context.no_token(&field.label, &text)?;
    if field.kind == FieldType::Reference
        && let Some((request, scope)) = references
        && let Some(renamed) = rename(request, scope, &text)?
    {
        return Ok(Some(Intent::Text(renamed)));
    }
    check_pass_text(context, field, &text)?;
    if woven {
        return Ok(Some(Intent::Weave {
            spans: weave::found(context, &text),
            text: Personal::new(text.into_owned()),
            changed,
            clears: false,
            more: 0,
        }));
    }
    Ok(changed.then(|| Intent::Text(text.into_owned())))
}

/// Text as JSON.
fn quoted(text: &str) -> Result<String, Refusal> {
    let mut json = Vec::with_capacity(text.len() + 2);
    encode_into(&mut json, text);
    String::from_utf8(json)
        .map_err(|_| Refusal::new(Code::ValueUnfit, "a text cannot be written as JSON"))
}

/// A text with a reference: ours in its place, or the refusal of one that is not allowed.
pub(super) fn rename(
    request: &Request,
    scope: usize,
    text: &str,
) -> Result<Option<String>, Refusal> {
    if !text.contains("@{") {
        return Ok(None);
    }
    let (name, path) = door::reference(text).ok_or_else(|| {
        Refusal::new(
            Code::ReferenceRefused,
            "a reference may stand for a whole record id only",
        )
    })?;
    let ours = request.ours(scope, name).ok_or_else(unknown_reference)?;
    Ok(Some(format!("@{{{ours}.{path}}}")))
}

fn tokenized<'p>(
    values: &mut Values<'p>,
    context: &Context<'p, '_>,
    field: &'p FieldPlan,
    text: Option<Cow<'_, str>>,
    stable: bool,
) -> Result<Option<Intent>, Refusal> {
    let text = text.ok_or_else(|| unfit(field, "it must be text"))?;
    if text.trim().is_empty() {
        return Ok(Some(Intent::Empty));
    }
    if let Some(kept) = mask(values, context, field, &text)? {
        return Ok(Some(kept));
    }
    check_length(field, text.chars().count())?;
    let class = field.class.map(|class| context.plan.class(class));
    let class = class.ok_or_else(|| unfit(field, "its rule has no class"))?;
    if class.canonical == Canonical::Email && !looks_like_address(&text) {
        let message = format!("{} is not an e-mail address", field.label);
        return Err(Refusal::at(Code::ValueUnfit, field.label.clone(), message));
    }
    let term = context.term(field, &text);
    let value = Personal::new(text.into_owned());
    values.needs.rows += 1;
    if !stable {
        let searched = class.search == Search::Exact;
        return Ok(Some(Intent::Mint {
            value,
            term: term.filter(|_| searched).map(|(_, term)| term),
        }));
    }
    let (name, term) = term.ok_or_else(|| unfit(field, "its rule has no class"))?;
    let at = values.stable(name, term);
    Ok(Some(Intent::Stable { value, term, at }))
}

pub(super) fn sealed<'p>(
    values: &mut Values<'p>,
    context: &Context<'p, '_>,
    field: &'p FieldPlan,
    text: Option<Cow<'_, str>>,
) -> Result<Option<Intent>, Refusal> {
    let text = text.ok_or_else(|| unfit(field, "it must be text"))?;
    if text.trim().is_empty() {
        return Ok(Some(Intent::Empty));
    }
    if let Some(kept) = mask(values, context, field, &text)? {
        return Ok(Some(kept));
    }
    let length = sealed_length(text.len()).ok_or_else(|| unfit(field, "it is too long"))?;
    check_length(field, length)?;
    values.needs.rows += 1;
    Ok(Some(Intent::Seal {
        value: Personal::new(text.into_owned()),
    }))
}

/// A mask that came back whole, or the refusal of a token that stands inside other text.
fn mask<'p>(
    values: &mut Values<'p>,
    context: &Context<'p, '_>,
    field: &FieldPlan,
    text: &str,
) -> Result<Option<Intent>, Refusal> {
    let Some(row) = context.protection.whole_token(text) else {
        context.no_token(&field.label, text)?;
        return Ok(None);
    };
    Ok(Some(Intent::Keep {
        at: values.standing(row),
    }))
}

fn generalized(
    context: &Context<'_, '_>,
    field: &FieldPlan,
    how: &Generalization,
    value: &str,
    numeric: bool,
) -> Result<Option<Intent>, Refusal> {
    if value.trim().is_empty() {
        return Ok(None);
    }
    context.no_token(&field.label, value)?;
    no_reference(field, value)?;
    let coarse = coarser(how, field.kind, value);
    let coarse =
        coarse.map_err(|_| unfit(field, "it has no form that its rule can make coarser"))?;
    check_length(field, coarse.chars().count())?;
    // What a rule makes of a number may be a word, which is text in JSON.
    Ok(Some(if numeric && is_json_number(&coarse) {
        Intent::Raw(coarse)
    } else {
        Intent::Text(coarse)
    }))
}

pub(super) fn is_json_number(text: &str) -> bool {
    let mut reader = Reader::new(text, 1);
    matches!(reader.next(), Ok(Event::Number(_))) && matches!(reader.next(), Ok(Event::End))
}

/// Applies a generalization. Dates stay dates where the field is one.
fn coarser(how: &Generalization, kind: FieldType, value: &str) -> Result<String, protect::Error> {
    let dated = matches!(kind, FieldType::Date | FieldType::Datetime);
    match how {
        Generalization::Year => generalize::year(value).map(|date| shortened(date, dated, 4)),
        Generalization::Month => generalize::month(value).map(|date| shortened(date, dated, 7)),
        Generalization::Leading(count) => {
            generalize::leading(value, usize::try_from(*count).unwrap_or(usize::MAX))
        }
        Generalization::Round(step) => generalize::round(value, step_of(*step)),
        Generalization::Band(band) => generalize::band(value, step_of(band.width)),
        Generalization::Map { entries, otherwise } => Ok(generalize::map(value, entries)
            .unwrap_or(otherwise)
            .to_owned()),
    }
}

/// A step too large to count is 0, which generalization refuses.
fn step_of(step: u64) -> u32 {
    u32::try_from(step).unwrap_or(0)
}

fn shortened(mut date: String, dated: bool, length: usize) -> String {
    if !dated {
        date.truncate(length);
    }
    date
}

/// Whether the field takes its token as the local part of an address.
pub(super) fn is_address(field: &FieldPlan) -> bool {
    field.kind == FieldType::Email
}

/// The most characters of a number that passes. The CRM's have 18 digits; a number of any length
/// could spell a text.
pub(super) const LONGEST_NUMBER: usize = 40;

/// Text in a field that passes must have the form of the field's type.
pub(super) fn check_pass_text(
    context: &Context<'_, '_>,
    field: &FieldPlan,
    text: &str,
) -> Result<(), Refusal> {
    let site = context.plan.site();
    if site.is_none() {
        no_reference(field, text)?;
    }
    let fits = match field.kind {
        FieldType::Id | FieldType::Reference => match site {
            Some(site) => text.is_empty() || site.ids.fits(text),
            None => text.is_empty() || Id::parse(text).is_some(),
        },
        // A form says it in many words, and an empty one leaves everything open.
        FieldType::Boolean if site.is_some() => Grammar::Flag.fits(text),
        _ if site.is_some() && text.is_empty() => true,
        FieldType::Boolean => {
            text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
        }
        FieldType::Currency
        | FieldType::Double
        | FieldType::Int
        | FieldType::Long
        | FieldType::Percent => {
            text.len() <= LONGEST_NUMBER && text.parse::<f64>().is_ok_and(f64::is_finite)
        }
        FieldType::Date => text.is_empty() || is_date(text),
        FieldType::Datetime => {
            is_date(text.get(..10).unwrap_or_default())
                && is_time_of_day(text.get(10..).unwrap_or_default())
        }
        FieldType::Time => is_time(text),
        FieldType::Address | FieldType::Location | FieldType::AnyType | FieldType::Base64 => false,
        FieldType::Combobox
        | FieldType::Email
        | FieldType::EncryptedString
        | FieldType::Multipicklist
        | FieldType::Phone
        | FieldType::Picklist
        | FieldType::String
        | FieldType::Textarea
        | FieldType::Url => true,
    };
    if fits {
        check_length(field, text.chars().count())
    } else {
        Err(unfit(field, "it does not have the form of its type"))
    }
}

fn check_pass_literal(field: &FieldPlan, kind: Kind, raw: &str) -> Result<(), Refusal> {
    let fits = match kind {
        Kind::Bool => field.kind == FieldType::Boolean,
        Kind::Number => field.kind.is_number() && raw.len() <= LONGEST_NUMBER,
        Kind::Null => true,
        Kind::String | Kind::Array | Kind::Object => false,
    };
    if fits {
        Ok(())
    } else {
        Err(unfit(field, "it is of another type than the field"))
    }
}

/// A date of ISO 8601, with a month and a day that can be; whether that day exists, the CRM says.
/// The form alone would take telephone numbers (`0612-34-56`).
pub(super) fn is_date(text: &str) -> bool {
    shaped(text, "dddd-dd-dd")
        && between(text, 5, 1..=12)
        && between(text, 8, 1..=31)
        && between(text, 0, 10..=40)
}

/// What stands behind the date of a date and time: `T12:30:00.000+0000`, or nothing.
fn is_time_of_day(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(['T', ' ']).is_some_and(is_time)
}

/// `12:30`, `12:30:00`, `12:30:00.000`, each with `Z`, `+0000` or `+00:00` behind it or not.
fn is_time(text: &str) -> bool {
    let zone = ["Z", "+dddd", "-dddd", "+dd:dd", "-dd:dd"]
        .into_iter()
        .find(|zone| {
            let start = text.len().checked_sub(zone.len());
            start
                .and_then(|start| text.get(start..))
                .is_some_and(|end| shaped(end, zone) && between(end, 1, 0..=14))
        });
    let clock = zone.map_or(text, |zone| {
        text.get(..text.len() - zone.len()).unwrap_or_default()
    });
    let forms = [
        "dd:dd",
        "dd:dd:dd",
        "dd:dd:dd.d",
        "dd:dd:dd.dd",
        "dd:dd:dd.ddd",
    ];
    forms.iter().any(|form| shaped(clock, form))
        && between(clock, 0, 0..=23)
        && between(clock, 3, 0..=59)
        && (clock.len() < 8 || between(clock, 6, 0..=60))
}

/// Whether a text has a form, in which `d` is a digit and all else itself.
fn shaped(text: &str, form: &str) -> bool {
    let fits = |(byte, form): (u8, u8)| byte == form || form == b'd' && byte.is_ascii_digit();
    text.len() == form.len() && text.bytes().zip(form.bytes()).all(fits)
}

/// Whether the two digits at `at` are a number in the range; what is no number there passes.
fn between(text: &str, at: usize, range: std::ops::RangeInclusive<u8>) -> bool {
    let number = text.get(at..at + 2).and_then(|two| two.parse().ok());
    number.is_none_or(|number: u8| range.contains(&number))
}

/// The form that the CRM itself asks of an address: one `@`, a dot in the domain, no blanks.
fn looks_like_address(text: &str) -> bool {
    let Some((local, domain)) = text.trim().rsplit_once('@') else {
        return false;
    };
    !local.is_empty()
        && !local.contains('@')
        && domain.split('.').count() >= 2
        && domain.split('.').all(|label| !label.is_empty())
        && !text.trim().contains(char::is_whitespace)
}

pub(super) fn check_length(field: &FieldPlan, characters: usize) -> Result<(), Refusal> {
    let Some(length) = field.length.and_then(|length| usize::try_from(length).ok()) else {
        return Ok(());
    };
    if length == 0 || characters <= length {
        return Ok(());
    }
    let text = format!(
        "{}: the protected value is too large (max length={length})",
        field.label
    );
    Err(Refusal::at(Code::ValueTooLong, field.label.clone(), text))
}

pub(super) fn unfit(field: &FieldPlan, why: &'static str) -> Refusal {
    let text = format!(
        "the value of {} cannot be protected: {why} (rule {})",
        field.label, field.rule_id
    );
    Refusal::at(Code::ValueUnfit, field.label.clone(), text)
}

/// Refuses a reference in text: the CRM would put another field's value in its place.
pub(super) fn no_reference(field: &FieldPlan, text: &str) -> Result<(), Refusal> {
    if !text.contains("@{") {
        return Ok(());
    }
    Err(Refusal::at(
        Code::ReferenceRefused,
        field.label.clone(),
        "a reference may stand for a whole record id only",
    ))
}

fn not_writable(field: &FieldPlan) -> Refusal {
    let text = format!(
        "{} is computed by the CRM and cannot be written",
        field.label
    );
    Refusal::at(Code::FieldNotWritable, field.label.clone(), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_are_taken_in_the_forms_that_clients_send() {
        for date in ["2026-01-31", "1980-12-01"] {
            assert!(is_date(date), "{date}");
        }
        for time in [
            "T12:30:00.000+0000",
            "T12:30:00Z",
            "T23:59:60+01:00",
            "T12:30",
            "",
        ] {
            assert!(is_time_of_day(time), "{time}");
        }
        assert!(is_time("12:30:00.000Z"));
    }

    #[test]
    fn telephone_numbers_pass_neither_as_a_date_nor_as_a_time() {
        for date in [
            "0612-34-56",
            "2026-13-01",
            "2026-01-32",
            "20260101",
            "12345678.9",
        ] {
            assert!(!is_date(date), "{date}");
        }
        for time in [
            "0612345678",
            "T0612345678",
            "T12:30:00.123456782",
            "-0612345678",
            "T12:30:0006123456",
            "T24:00",
            "T12:30:00+6123",
        ] {
            assert!(!is_time_of_day(time), "{time}");
        }
    }
}
