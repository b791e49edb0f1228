//! Attributes: which of them hold text, which addresses, which code.
//!
//! Only known ones are written into. Frameworks give others a meaning of their own: `v-html`,
//! `ng-init`, `x-data` and `@click` run what they hold.

use html5ever::{Attribute, QualName, ns};

use super::mark::{Mark, Marks};
use super::{Context, Quote, Unsafe, literal, script, url};

/// An attribute with its element.
pub(super) struct Place<'a> {
    pub element: &'a QualName,
    pub attribute: &'a Attribute,
    pub all: &'a [Attribute],
}

/// What an attribute holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Text,
    /// Text, or JSON if it is whole: what forms send.
    Value,
    /// Text, an address or JSON, by its look: what scripts read.
    Data,
    Json,
    Address,
    Code,
    Nothing(Unsafe),
}

/// The context of each mark in an attribute's value.
pub(super) fn contexts(
    marks: &Marks<'_>,
    place: &Place<'_>,
    level: usize,
) -> Vec<(usize, Context)> {
    let value: &str = &place.attribute.value;
    let found = marks.find(value);
    let quote = quote(marks, value, found.first());
    match holds(place) {
        Holds::Nothing(why) => all(&found, &Context::Nowhere(why)),
        Holds::Code => script::code(marks, value, level),
        Holds::Json => literal::json(marks, value, level),
        Holds::Address => addresses(value, &found, quote),
        Holds::Data if literal::begins_json(value) => literal::json(marks, value, level),
        Holds::Value if literal::is_json(value) => literal::json(marks, value, level),
        Holds::Data if url::looks_like(value) || names_address(place) => {
            addresses(value, &found, quote)
        }
        Holds::Text | Holds::Value => all(&found, &Context::Attribute { quote, url: None }),
        Holds::Data => all(&found, &Context::Data { quote }),
    }
}

fn all(found: &[Mark], context: &Context) -> Vec<(usize, Context)> {
    let each = found.iter().map(|mark| (mark.index, context.clone()));
    each.collect()
}

fn addresses(value: &str, found: &[Mark], quote: Quote) -> Vec<(usize, Context)> {
    let parts = url::parts(value, found);
    let each = found.iter().zip(parts).map(|(mark, part)| {
        let context = match part {
            Ok(part) => Context::Attribute {
                quote,
                url: Some(part),
            },
            Err(why) => Context::Nowhere(why),
        };
        (mark.index, context)
    });
    each.collect()
}

fn holds(place: &Place<'_>) -> Holds {
    let element = &*place.element.local;
    let attribute = &place.attribute.name;
    let name = &*attribute.local;
    let has = |wanted: &str| place.all.iter().any(|other| &*other.name.local == wanted);
    if attribute.ns != ns!() || place.element.ns != ns!(html) {
        return match name {
            "aria-label" => Holds::Text,
            _ => Holds::Nothing(Unsafe::Attribute),
        };
    }
    let loads = matches!(
        element,
        "script" | "link" | "base" | "object" | "embed" | "applet" | "param" | "frame"
    );
    match name {
        _ if loads => Holds::Nothing(Unsafe::Attribute),
        "style" => Holds::Nothing(Unsafe::Style),
        "content" if element == "meta" && !has("http-equiv") => Holds::Text,
        "value" => Holds::Value,
        "title" | "alt" | "placeholder" | "label" | "summary" | "abbr" | "download"
        | "aria-label" | "aria-description" | "aria-placeholder" | "aria-valuetext"
        | "hx-confirm" | "hx-prompt" => Holds::Text,
        "href" | "src" | "action" | "formaction" | "cite" | "poster" | "hx-get" | "hx-post"
        | "hx-put" | "hx-patch" | "hx-delete" | "hx-push-url" | "hx-replace-url" => Holds::Address,
        "hx-vals" | "hx-headers" => Holds::Json,
        _ if name.starts_with("on") => Holds::Code,
        _ => match name.strip_prefix("data-") {
            Some(rest) if !runs(rest) => Holds::Data,
            _ => Holds::Nothing(Unsafe::Attribute),
        },
    }
}

/// Whether a framework runs what stands in a `data-` attribute of this name: Knockout, AngularJS,
/// htmx, Alpine, Vue, Stimulus.
fn runs(name: &str) -> bool {
    let prefixes = ["ng-", "hx-", "x-", "v-", "on", "bind", "html", "template"];
    name.is_empty() || prefixes.iter().any(|prefix| name.starts_with(prefix))
}

fn names_address(place: &Place<'_>) -> bool {
    let words = ["url", "href", "src", "link", "action", "path"];
    let name = &*place.attribute.name.local;
    name.starts_with("data-") && words.iter().any(|word| name.contains(word))
}

/// The quotes around a value whose first mark is given.
///
/// The quote nearest before the mark is the one that opens the value if what stands between them is
/// what the parser found before the mark: a quote inside the value would be in there too.
fn quote(marks: &Marks<'_>, value: &str, first: Option<&Mark>) -> Quote {
    let before = || {
        let first = first?;
        let found = value.get(..first.range.start)?;
        let source = marks.text.get(..marks.ranges.get(first.index)?.start)?;
        source.strip_suffix(found)?.bytes().next_back()
    };
    match before() {
        Some(b'"') => Quote::Double,
        Some(b'\'') => Quote::Single,
        _ => Quote::None,
    }
}
