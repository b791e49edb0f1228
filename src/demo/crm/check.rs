//! What a field takes: type, length and syntax, with Salesforce's refusals.

use serde_json::{Number, Value};

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::schema::{Field, Kind, Schema};
use crate::demo::crm::{files, id, moment};

/// The value as it is stored: trimmed, an address of e-mail in lower case, empty as null.
///
/// # Errors
/// When the type, the syntax or the length is wrong.
pub fn accept(schema: &Schema, field: &Field, value: &Value) -> Outcome<Value> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    match field.kind {
        Kind::Boolean => boolean(field, value),
        Kind::Int | Kind::Double | Kind::Currency | Kind::Percent => number(field, value),
        Kind::Id | Kind::Reference => reference(schema, field, text(field, value)?),
        Kind::Date => date(field, text(field, value)?),
        Kind::Datetime => datetime(field, text(field, value)?),
        Kind::Email => email(field, text(field, value)?),
        Kind::Address => Err(wrong_type(field, value)),
        Kind::Base64 => files::accept(field, text(field, value)?),
        _ => string(field, text(field, value)?.to_owned()),
    }
}

/// Whether a text has the shape of an address: one `@`, a dotted domain, no blanks.
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    !local.is_empty()
        && local.len() <= 64
        && !dots
        && local.chars().all(plain)
        && domain.contains('.')
        && domain.split('.').all(label)
}

fn text<'a>(field: &Field, value: &'a Value) -> Outcome<&'a str> {
    let text = value.as_str().ok_or_else(|| wrong_type(field, value))?;
    Ok(text.trim())
}

fn string(field: &Field, text: String) -> Outcome<Value> {
    if text.is_empty() {
        return Ok(Value::Null);
    }
    if field.length > 0 && text.chars().count() > field.length {
        let message = format!(
            "{}: data value too large: {text} (max length={})",
            field.label, field.length
        );
        return Err(Fault::bad("STRING_TOO_LONG", message).on(&field.name));
    }
    Ok(Value::String(text))
}

fn email(field: &Field, text: &str) -> Outcome<Value> {
    if !text.is_empty() && !is_email(text) {
        let message = format!("{}: invalid email address: {text}", field.label);
        return Err(Fault::bad("INVALID_EMAIL_ADDRESS", message).on(&field.name));
    }
    string(field, text.to_lowercase())
}

fn boolean(field: &Field, value: &Value) -> Outcome<Value> {
    match value {
        Value::Bool(flag) => Ok(Value::Bool(*flag)),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(Value::Bool(true)),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(Value::Bool(false)),
        _ => Err(wrong_type(field, value)),
    }
}

fn number(field: &Field, value: &Value) -> Outcome<Value> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) if text.trim().is_empty() => return Ok(Value::Null),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let Some(number) = number.filter(|number: &f64| number.is_finite()) else {
        return Err(wrong_type(field, value));
    };
    if field.kind == Kind::Int {
        let whole = format!("{number:.0}").parse::<i32>().ok();
        let whole = whole.filter(|whole| f64::from(*whole) == number);
        return whole
            .map(Value::from)
            .ok_or_else(|| wrong_type(field, value));
    }
    let whole_digits = field.precision.saturating_sub(field.scale);
    if whole_digits > 0 && number.abs() >= 10f64.powf(f64::from(whole_digits)) {
        let message = format!("{}: value outside of valid range", field.label);
        return Err(Fault::bad("NUMBER_OUTSIDE_VALID_RANGE", message).on(&field.name));
    }
    Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
}

fn reference(schema: &Schema, field: &Field, text: &str) -> Outcome<Value> {
    if text.is_empty() {
        return Ok(Value::Null);
    }
    let wrong = |code| {
        let message = format!("{}: id value of incorrect type: {text}", field.label);
        Fault::bad(code, message).on(&field.name)
    };
    let id = id::canonical(text).ok_or_else(|| wrong("MALFORMED_ID"))?;
    let object = schema.of_id(&id).ok_or_else(|| wrong("MALFORMED_ID"))?;
    let fits = field.kind == Kind::Id || field.reference_to.contains(&object.name);
    if fits {
        Ok(Value::String(id))
    } else {
        Err(wrong("FIELD_INTEGRITY_EXCEPTION"))
    }
}

fn date(field: &Field, text: &str) -> Outcome<Value> {
    if text.is_empty() {
        return Ok(Value::Null);
    }
    let date = match moment::parse_datetime(text) {
        Some(at) => Some(moment::date(at)),
        None => moment::parse_date(text),
    };
    let known = |date: &jiff::civil::Date| (1700..=4000).contains(&date.year());
    match date {
        Some(date) if known(&date) => Ok(Value::String(date.to_string())),
        Some(_) => {
            let message = format!("{}: invalid date: {text}", field.label);
            Err(Fault::bad("INVALID_TYPE_ON_FIELD_IN_RECORD", message).on(&field.name))
        }
        None => Err(wrong_type(field, &Value::String(text.to_owned()))),
    }
}

fn datetime(field: &Field, text: &str) -> Outcome<Value> {
    if text.is_empty() {
        return Ok(Value::Null);
    }
    let midnight = || {
        let date = moment::parse_date(text)?;
        moment::parse_datetime(&format!("{date}T00:00:00Z"))
    };
    match moment::parse_datetime(text).or_else(midnight) {
        Some(at) => Ok(Value::String(moment::datetime(at))),
        None => Err(wrong_type(field, &Value::String(text.to_owned()))),
    }
}

/// The refusal of a JSON value that the field's type cannot be read from.
fn wrong_type(field: &Field, value: &Value) -> Fault {
    let token = match value {
        Value::Null => "VALUE_NULL",
        Value::Bool(true) => "VALUE_TRUE",
        Value::Bool(false) => "VALUE_FALSE",
        Value::Number(number) if number.is_f64() => "VALUE_NUMBER_FLOAT",
        Value::Number(_) => "VALUE_NUMBER_INT",
        Value::String(_) => "VALUE_STRING",
        Value::Array(_) => "START_ARRAY",
        Value::Object(_) => "START_OBJECT",
    };
    let shown = match value {
        Value::String(text) => format!(" value {text}"),
        Value::Bool(_) | Value::Number(_) => format!(" value {value}"),
        _ => String::new(),
    };
    let kind = match field.kind {
        kind if kind.is_text() || kind.is_id() => "string",
        Kind::Currency | Kind::Percent => "double",
        kind => kind.name(),
    };
    let message = format!(
        "Cannot deserialize instance of {kind} from {token}{shown} or request may be missing a \
         required field at [line:1, column:1]"
    );
    Fault::bad("JSON_PARSER_ERROR", message)
}
