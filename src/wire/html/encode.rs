//! Writing a value for the place where it stands.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Context, Inside, Part, Quote, Unsafe};

/// Appends a value as text of its context.
///
/// # Errors
/// Where nothing is safe, or this value is not. Nothing was appended then.
pub fn encode(context: &Context, value: &str, out: &mut String) -> Result<(), Unsafe> {
    // No place of a page keeps NUL.
    if value.contains('\0') {
        return Err(Unsafe::Value);
    }
    match context {
        Context::Text | Context::RcData => text(value, out),
        Context::Attribute { quote, url } => {
            let address;
            let value = match url {
                Some(part) => {
                    address = encode_address(*part, value)?;
                    &address
                }
                None => value,
            };
            // Without quotes, the next attribute would become the value of this one.
            if value.is_empty() && *quote == Quote::None {
                return Err(Unsafe::Value);
            }
            attribute(*quote, value, out);
        }
        Context::Data { quote } => {
            return encode(
                &Context::Attribute {
                    quote: *quote,
                    url: None,
                },
                value,
                out,
            );
        }
        Context::Literal { inside, .. } => {
            // What stands around an empty string in a script can join to something else.
            if value.is_empty() {
                return Err(Unsafe::Value);
            }
            match inside {
                Inside::Plain => literal(value, out),
                Inside::Url(part) => literal(&encode_address(*part, value)?, out),
                Inside::Nested(context) => {
                    let mut nested = String::new();
                    encode(context, value, &mut nested)?;
                    literal(&nested, out);
                }
            }
        }
        Context::Nowhere(why) => return Err(*why),
    }
    Ok(())
}

/// Whether a value stays text whatever a script makes of the string that it stands in.
///
/// A script that joins strings to markup, or a framework that looks for expressions in text, would
/// make elements, attributes, links or code of what is not inert. The server that wrote the script
/// may have escaped for that; nobody can tell it from the place.
#[must_use]
pub fn is_inert(value: &str) -> bool {
    let scheme = value.trim_start().split(':').next().unwrap_or_default();
    let letters = scheme
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control());
    let scheme = letters.collect::<String>().to_ascii_lowercase();
    let runs = value.contains(':') && ["javascript", "vbscript", "data"].contains(&&*scheme);
    let markup = value.contains(['<', '=', '`', '\0']);
    let expression = value.contains("{{") || value.contains("${");
    !(runs || markup || expression)
}

/// Character references for what has a meaning anywhere in text.
fn text(value: &str, out: &mut String) {
    for one in value.chars() {
        match one {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Alone it would become a line feed.
            '\r' => out.push_str("&#13;"),
            _ => out.push(one),
        }
    }
}

fn attribute(quote: Quote, value: &str, out: &mut String) {
    for one in value.chars() {
        let plain = match quote {
            Quote::Double | Quote::Single => {
                !matches!(one, '&' | '<' | '>' | '"' | '\'' | '`') && !one.is_ascii_control()
            }
            // Anything may end a value without quotes.
            Quote::None => !one.is_ascii() || one.is_ascii_alphanumeric(),
        };
        match one {
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            _ if plain => out.push(one),
            _ => out.push_str(&format!("&#{};", u32::from(one))),
        }
    }
}

/// Escapes that strings of JavaScript and JSON share, for all but letters and digits of ASCII. So
/// nothing of a value ends a string, a script or an attribute.
fn literal(value: &str, out: &mut String) {
    let mut units = [0; 2];
    for one in value.chars() {
        if one.is_ascii_alphanumeric() {
            out.push(one);
            continue;
        }
        for unit in one.encode_utf16(&mut units) {
            out.push_str(&format!("\\u{unit:04x}"));
        }
    }
}

fn encode_address(part: Part, value: &str) -> Result<String, Unsafe> {
    // A browser takes out segments of dots, written as escapes too.
    if value.is_empty() || value.bytes().all(|byte| byte == b'.') {
        return Err(Unsafe::Value);
    }
    let set = match part {
        Part::Whole if is_web(value) => ADDRESS,
        // It would be a path of the CRM's.
        Part::Whole => return Err(Unsafe::Value),
        Part::Component => COMPONENT,
        Part::Opaque => OPAQUE,
    };
    Ok(utf8_percent_encode(value, set).to_string())
}

/// A whole address may lead anywhere in the web; it runs nothing.
fn is_web(value: &str) -> bool {
    let scheme = |scheme: &str| {
        let head = value.get(..scheme.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(scheme)) && value.len() > scheme.len()
    };
    scheme("http://") || scheme("https://")
}

/// All but the unreserved characters of RFC 3986, section 2.3.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// `jan@example.nl` (RFC 6068) and `+31-20-5550100` (RFC 3966) keep their signs.
const OPAQUE: &AsciiSet = &COMPONENT.remove(b'@').remove(b'+');

/// Reserved characters and percent signs stand for themselves in a whole address.
const ADDRESS: &AsciiSet = &COMPONENT
    .remove(b'%')
    .remove(b':')
    .remove(b'/')
    .remove(b'?')
    .remove(b'#')
    .remove(b'[')
    .remove(b']')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=');
