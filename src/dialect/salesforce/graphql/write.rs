//! The tree back to text, in one way of writing.

use super::ast::{Directive, Document, Fragment, Kind, Name, Operation, Selection, Value};

/// Writes the document.
#[must_use]
pub fn write(document: &Document) -> String {
    let mut out = String::new();
    for operation in &document.operations {
        write_operation(&mut out, operation);
    }
    for Fragment {
        name,
        on,
        selections,
    } in &document.fragments
    {
        out.push_str("fragment ");
        out.push_str(name.text());
        out.push_str(" on ");
        out.push_str(on.text());
        write_selections(&mut out, selections);
    }
    out
}

fn write_operation(out: &mut String, operation: &Operation) {
    out.push_str(match operation.kind {
        Kind::Query => "query",
        Kind::Mutation => "mutation",
    });
    if let Some(name) = &operation.name {
        out.push(' ');
        out.push_str(name.text());
    }
    write_directives(out, &operation.directives);
    write_selections(out, &operation.selections);
}

fn write_selections(out: &mut String, selections: &[Selection]) {
    if selections.is_empty() {
        return;
    }
    out.push('{');
    for (at, selection) in selections.iter().enumerate() {
        if at > 0 {
            out.push(' ');
        }
        match selection {
            Selection::Field(field) => {
                if let Some(alias) = &field.alias {
                    out.push_str(alias.text());
                    out.push(':');
                }
                out.push_str(field.name.text());
                write_arguments(out, &field.arguments);
                write_directives(out, &field.directives);
                write_selections(out, &field.selections);
            }
            Selection::Spread { name, directives } => {
                out.push_str("...");
                out.push_str(name.text());
                write_directives(out, directives);
            }
            Selection::Inline {
                on,
                directives,
                selections,
            } => {
                out.push_str("...");
                if let Some(on) = on {
                    out.push_str("on ");
                    out.push_str(on.text());
                }
                write_directives(out, directives);
                write_selections(out, selections);
            }
        }
    }
    out.push('}');
}

fn write_directives(out: &mut String, directives: &[Directive]) {
    for directive in directives {
        out.push('@');
        out.push_str(directive.name.text());
        write_arguments(out, &directive.arguments);
    }
}

fn write_arguments(out: &mut String, arguments: &[(Name, Value)]) {
    if !arguments.is_empty() {
        out.push('(');
        write_members(out, arguments);
        out.push(')');
    }
}

fn write_members(out: &mut String, members: &[(Name, Value)]) {
    for (at, (name, value)) in members.iter().enumerate() {
        if at > 0 {
            out.push(' ');
        }
        out.push_str(name.text());
        out.push(':');
        write_value(out, value);
    }
}

fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Variable(name) => {
            out.push('$');
            out.push_str(name.text());
        }
        Value::Text(text) => write_text(out, text.expose()),
        Value::Number(text) => out.push_str(text.expose()),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Null => out.push_str("null"),
        Value::Enum(name) => out.push_str(name.text()),
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(' ');
                }
                write_value(out, item);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            write_members(out, members);
            out.push('}');
        }
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Control characters are all below U+00A0, so four digits hold them.
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}
