//! Whatever the value: it comes out as text, and no element and no attribute is added. What came
//! out is read by another tokenizer than the one that gave the contexts.

use html5gum::{DefaultEmitter, Token, Tokenizer};
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof};
use proptest::{proptest, sample};

use super::{Context, Quote, document, encode, fragment};

/// What attackers store as a name.
const HOSTILE: [&str; 24] = [
    "\"><script>alert(1)</script>",
    "'-alert(1)-'",
    "\"-alert(1)-\"",
    "</title><script>alert(1)</script>",
    "</textarea><img src=x onerror=alert(1)>",
    "${alert(1)}",
    "javascript:alert(1)",
    "</script><script>alert(1)</script>",
    "<!--",
    "-->",
    "<!--<script>",
    "]]>",
    "&quot;",
    "&lt;script&gt;",
    "&#60;",
    "\u{2028}alert(1)",
    "\\",
    "\\'-alert(1)//",
    "`+alert(1)+`",
    " onmouseover=alert(1) x=",
    "' onmouseover='alert(1)",
    "/>",
    "\r\nX: 1",
    "=1",
];

/// Pages with a place each for every context.
const PAGES: [&str; 15] = [
    "<p>@@</p>",
    "<title>a @@</title>",
    "<textarea>@@</textarea>",
    "<p title=\"@@\" lang=nl>x</p>",
    "<p title='a @@' lang=nl>x</p>",
    "<p title=@@ lang=nl>x</p>",
    "<a href=\"mailto:x?subject=@@\">x</a>",
    "<a href='mailto:@@'>x</a>",
    "<script>x = '@@';</script>",
    "<script>x = \"@@\";</script>",
    "<script>x = `@@`;</script>",
    "<script type=application/json><!-- {\"a\": \"@@\"} --></script>",
    "<p onclick=\"f('@@')\" lang=nl>x</p>",
    "<p data-x='{\"a\": \"<b>@@</b>\"}' lang=nl>x</p>",
    "<table><tr><td>@@<td>x</table>",
];

/// The context of the first place written `@@`.
fn context(page: &str) -> Context {
    let ranges: Vec<_> = page
        .match_indices("@@")
        .map(|(at, two)| at..at + two.len())
        .collect();
    document(page, &ranges).remove(0)
}

fn fill(page: &str, value: &str) -> Option<String> {
    let at = page.find("@@").unwrap();
    let context = context(page);
    let mut out = page[..at].to_owned();
    encode(&context, value, &mut out).ok()?;
    Some(out + &page[at + 2..])
}

/// Tags with the names of their attributes, the values of these, and texts joined.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    tags: Vec<String>,
    values: Vec<String>,
    text: String,
}

fn see(page: &str) -> Seen {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut seen = Seen::default();
    let utf8 = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    for token in Tokenizer::new_with_emitter(page, emitter) {
        match token.unwrap() {
            Token::StartTag(tag) => {
                let names = tag.attributes.keys().map(|name| utf8(name));
                let names: Vec<_> = names.collect();
                seen.tags
                    .push(format!("{} {}", utf8(&tag.name), names.join(" ")));
                let values = tag.attributes.values().map(|value| utf8(value));
                seen.values.extend(values);
            }
            Token::EndTag(tag) => seen.tags.push(format!("/{}", utf8(&tag.name))),
            Token::String(text) => seen.text.push_str(&utf8(&text)),
            Token::Comment(_) => seen.tags.push("comment".to_owned()),
            _ => (),
        }
    }
    seen
}

/// The value as a browser's parser gives it: line ends are one.
fn comes_out(context: &Context, seen: &Seen, value: &str) -> bool {
    match context {
        Context::Text | Context::RcData => seen.text.contains(value),
        Context::Attribute { url: None, .. } => seen.values.iter().any(|one| one.contains(value)),
        _ => true,
    }
}

fn check(page: &str, value: &str) {
    let context = context(page);
    let Some(filled) = fill(page, value) else {
        return;
    };
    let (plain, seen) = (see(&fill(page, "x").unwrap()), see(&filled));
    assert_eq!(seen.tags, plain.tags, "{filled}");
    assert_eq!(seen.values.len(), plain.values.len(), "{filled}");
    assert!(comes_out(&context, &seen, value), "{filled}");
}

#[test]
fn what_attackers_store_comes_out_as_text() {
    for page in PAGES {
        for value in HOSTILE {
            assert!(fill(page, value).is_some(), "{page} {value}");
            check(page, value);
        }
    }
}

#[test]
fn a_whole_address_is_one_of_the_web_or_none() {
    for value in HOSTILE {
        assert!(fill("<a href=@@>x</a>", value).is_none(), "{value}");
        let filled = fill("<a href=@@>x</a>", &format!("https://{value}")).unwrap();
        let seen = see(&filled);
        assert_eq!(seen.tags, ["a href", "/a"], "{filled}");
    }
}

#[test]
fn strings_mean_the_value() {
    for value in HOSTILE {
        let filled = fill("<script type=application/json>\"@@\"</script>", value).unwrap();
        let json = filled.split(['>', '<']).nth(2).unwrap();
        assert_eq!(serde_json::from_str::<String>(json).unwrap(), value);
        let filled = fill("<p data-x='{\"a\": \"<b>@@</b>\"}' lang=nl>x</p>", value).unwrap();
        let json = see(&filled).values.remove(0);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let markup = see(json["a"].as_str().unwrap());
        assert_eq!(markup.tags, ["b ", "/b"]);
        assert_eq!(markup.text, value);
    }
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[<>/!&#;\"'`=\\\\{}$a-z -]{1,20}",
        sample::select(&HOSTILE[..]).prop_map(str::to_owned),
    ]
}

/// Pieces of pages, well formed or not.
fn page() -> impl Strategy<Value = String> {
    "(<p>|</p>|<b |title=|\"|'|>|<|</|<!--|-->|<title>|</title>|<script>|</script>|<style>|</style>|<svg>|</svg>|<textarea>|<table>|<td>|<select>|<template>|<noscript>|&|&#|;|x|=|/| |`|\\$|\\\\|\\{|\\}|href=|onclick=|data-a=|@@){0,14}"
}

proptest! {
    #[test]
    fn no_value_adds_anything_anywhere(value in value(), page in sample::select(&PAGES[..])) {
        check(page, &value);
    }

    #[test]
    fn no_value_adds_anything_to_any_page(page in page(), value in value()) {
        let ranges: Vec<_> = page.match_indices("@@").map(|(at, two)| at..at + two.len()).collect();
        let contexts = document(&page, &ranges);
        let (mut plain, mut filled, mut at) = (String::new(), String::new(), 0);
        for (range, context) in ranges.iter().zip(&contexts) {
            plain.push_str(&page[at..range.start]);
            filled.push_str(&page[at..range.start]);
            at = range.end;
            if encode(context, &value, &mut filled).is_err() {
                filled.push_str("tq");
            }
            plain.push_str("tq");
        }
        plain.push_str(&page[at..]);
        filled.push_str(&page[at..]);
        let (plain, seen) = (see(&plain).tags, see(&filled).tags);
        prop_assert_eq!(seen, plain, "{}", filled);
    }

    #[test]
    fn every_range_has_one_context(page in page()) {
        let ranges: Vec<_> = page.match_indices("@@").map(|(at, two)| at..at + two.len()).collect();
        let contexts = document(&page, &ranges);
        prop_assert_eq!(contexts.len(), ranges.len());
        prop_assert_eq!(fragment(&page, &ranges).len(), ranges.len());
    }

    #[test]
    fn quotes_are_those_of_the_attribute(before in "[a-z\"'&;=]{0,6}", quote in "[\"']?") {
        let page = format!("<p title={quote}{before}@@{quote}>");
        let at = page.find("@@").unwrap();
        let context = context(&page);
        if let Context::Attribute { quote: found @ (Quote::Double | Quote::Single), .. } = context {
            // What comes before the value must not end it.
            let sign = if found == Quote::Double { '"' } else { '\'' };
            prop_assert!(page[..at].contains(&format!("={sign}")), "{}", page);
            let spaced = page.replace("@@", "a b");
            let dom = see(&spaced);
            prop_assert!(dom.values.iter().any(|value| value.contains("a b")), "{}", page);
        }
    }
}
