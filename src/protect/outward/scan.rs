//! Free text on its way out: what is found in it, and what becomes of it before its rule is applied.
//!
//! Special categories are looked for in every field that policy scans, whatever its rule: what may
//! not be kept may not be kept sealed either. See `weave` for direct identifiers.

use std::borrow::Cow;
use std::ops::Range;

use super::values::{Context, Intent, Noticed, Values};
use super::{coach, value};
use crate::detect::{Kind, Special};
use crate::model::{Code, Personal, Refusal};
use crate::policy::{FieldPlan, OnSpecial, Rule, SpecialScan};

/// What is left to do with a text.
pub(super) enum Scanned<'t> {
    /// Its rule, as if nothing had been looked for.
    Same(Cow<'t, str>),
    /// Its rule, for the text without some words.
    Changed(Cow<'t, str>),
    /// Nothing more.
    Done(Intent),
}

/// A finding that counts.
pub(super) struct Hit {
    /// Bytes of the text.
    pub range: Range<usize>,
    pub category: Special,
    pub act: OnSpecial,
}

/// How often words are taken out before the text is refused: what is left may read otherwise.
const ROUNDS: usize = 3;

/// Looks for special categories in a text that a record carries.
pub(super) fn read<'p, 't>(
    values: &mut Values<'p>,
    context: &Context<'p, '_>,
    field: &'p FieldPlan,
    text: Cow<'t, str>,
) -> Result<Scanned<'t>, Refusal> {
    let special = field.scan.as_ref().and_then(|scan| scan.special.as_ref());
    let Some(special) = special else {
        return Ok(Scanned::Same(text));
    };
    if context.protection.whole_token(&text).is_some() {
        return Ok(Scanned::Same(text));
    }
    if is_placeholder(&text) {
        // What was read comes back unchanged: the text goes on waiting.
        return Ok(Scanned::Done(Intent::Leave));
    }
    if context.by.released {
        return Ok(Scanned::Same(text));
    }
    let hits = hits(context, special, &text);
    let Some(mut worst) = hits.iter().map(|hit| hit.act).max() else {
        return Ok(Scanned::Same(text));
    };
    if worst == OnSpecial::Quarantine && context.protection.token_in(&text) {
        // Its tokens would be gone by the time it is released.
        worst = OnSpecial::Block;
    }
    match worst {
        OnSpecial::Block => return Err(coach::refusal(context, field, &text, &hits)),
        OnSpecial::Quarantine => {
            notice(values, field, &hits, worst);
            values.needs.rows += 1;
            return Ok(Scanned::Done(Intent::Quarantine {
                value: Personal::new(text.into_owned()),
                categories: categories(&hits),
            }));
        }
        OnSpecial::Strip | OnSpecial::Encrypt => {}
    }
    let (text, changed) = match worst {
        OnSpecial::Strip => {
            let Some(left) = stripped(context, special, &text) else {
                return Err(coach::refusal(context, field, &text, &hits));
            };
            (Cow::Owned(left), true)
        }
        _ => (text, false),
    };
    notice(values, field, &hits, worst);
    let seals = hits.iter().any(|hit| hit.act == OnSpecial::Encrypt);
    if seals && field.rule == Rule::Pass {
        return Ok(match value::sealed(values, context, field, Some(text))? {
            Some(intent) => Scanned::Done(intent),
            None => Scanned::Done(Intent::Leave),
        });
    }
    Ok(if changed {
        Scanned::Changed(text)
    } else {
        Scanned::Same(text)
    })
}

/// Text that is not a record's: a literal of a query, a key in a URL. It has nowhere to wait and
/// nothing may be taken out of it, so whatever is found refuses it.
pub(super) fn literal(
    context: &Context<'_, '_>,
    field: &FieldPlan,
    text: &str,
) -> Result<(), Refusal> {
    let Some(scan) = field.scan.as_deref() else {
        return Ok(());
    };
    if let Some(special) = &scan.special {
        let hits = hits(context, special, text);
        if !hits.is_empty() {
            return Err(coach::refusal(context, field, text, &hits));
        }
    }
    let least = context.plan.detection().identifier_threshold;
    let found = || {
        let found = context.protection.detector.identifiers(text);
        found.iter().any(|finding| finding.score >= least)
    };
    if scan.identifiers && field.rule == Rule::Pass && found() {
        return Err(Refusal::at(
            Code::IdentifierInText,
            field.label.clone(),
            "a name, an address or a number may not leave in a key or a query",
        ));
    }
    Ok(())
}

/// A text of several parts that are written one by one: refused where something is found in the
/// whole that no part has alone.
pub(super) fn across(
    context: &Context<'_, '_>,
    field: &FieldPlan,
    whole: &str,
    parts: &[Range<usize>],
) -> Result<(), Refusal> {
    let Some(scan) = field.scan.as_deref() else {
        return Ok(());
    };
    let alone = |find: &dyn Fn(&str) -> Vec<Range<usize>>| -> Vec<Range<usize>> {
        let texts = parts
            .iter()
            .filter_map(|part| Some((part.start, whole.get(part.clone())?)));
        let found = texts.map(|(start, text)| (start, find(text)));
        let moved = |(start, found): (usize, Vec<Range<usize>>)| {
            let found = found.into_iter();
            found.map(move |range| range.start + start..range.end + start)
        };
        found.flat_map(moved).collect()
    };
    let covered = |known: &[Range<usize>], range: &Range<usize>| {
        let holds = |known: &Range<usize>| known.start <= range.start && range.end <= known.end;
        known.iter().any(holds)
    };
    if let Some(special) = &scan.special {
        let ranges = |text: &str| -> Vec<Range<usize>> {
            let hits = hits(context, special, text);
            hits.into_iter().map(|hit| hit.range).collect()
        };
        let known = alone(&ranges);
        let mut more = hits(context, special, whole);
        more.retain(|hit| !covered(&known, &hit.range));
        if !more.is_empty() {
            return Err(coach::refusal(context, field, whole, &more));
        }
    }
    if scan.identifiers && field.rule == Rule::Pass {
        let least = context.plan.detection().identifier_threshold;
        let ranges = |text: &str| -> Vec<Range<usize>> {
            let found = context.protection.detector.identifiers(text);
            let counts = found.into_iter().filter(|found| found.score >= least);
            counts.map(|found| found.start..found.end).collect()
        };
        let known = alone(&ranges);
        if ranges(whole).iter().any(|range| !covered(&known, range)) {
            return Err(Refusal::at(
                Code::IdentifierInText,
                field.label.clone(),
                "a name, an address or a number stands in several segments of the text; write it in one",
            ));
        }
    }
    Ok(())
}

fn hits(context: &Context<'_, '_>, special: &SpecialScan, text: &str) -> Vec<Hit> {
    let read = coach::without_marks(text);
    let found = context.protection.detector.special(&read, special.prior);
    let counts = |finding: &crate::detect::Finding| {
        let Kind::Special(category) = finding.kind else {
            return None;
        };
        let act = special.act(category, finding.score)?;
        Some(Hit {
            range: finding.start..finding.end,
            category,
            act,
        })
    };
    found.iter().filter_map(counts).collect()
}

/// The text with a mark in the place of what is to be stripped; none where something remains.
fn stripped(context: &Context<'_, '_>, special: &SpecialScan, text: &str) -> Option<String> {
    let language = context.protection.detector.language(text);
    let mut text = text.to_owned();
    for _ in 0..ROUNDS {
        let hits = hits(context, special, &text);
        let mut out: Vec<&Hit> = hits
            .iter()
            .filter(|hit| hit.act == OnSpecial::Strip)
            .collect();
        if out.is_empty() {
            return Some(text);
        }
        out.sort_by_key(|hit| hit.range.start);
        let mut left = String::with_capacity(text.len());
        let mut at = 0;
        for hit in out {
            if hit.range.start >= at {
                left.push_str(text.get(at..hit.range.start)?);
                left.push_str(&coach::mark(hit.category, language));
            }
            at = at.max(hit.range.end);
        }
        left.push_str(text.get(at..)?);
        text = left;
    }
    None
}

/// Each category once, in the order of the text.
pub(super) fn categories(hits: &[Hit]) -> Vec<Special> {
    let mut found = Vec::new();
    for hit in hits {
        if !found.contains(&hit.category) {
            found.push(hit.category);
        }
    }
    found
}

fn notice<'p>(values: &mut Values<'p>, field: &'p FieldPlan, hits: &[Hit], act: OnSpecial) {
    for category in categories(hits) {
        let of = |hit: &&Hit| hit.category == category;
        values.noticed.push(Noticed {
            field,
            what: category.name(),
            action: act.name(),
            count: hits.iter().filter(of).count(),
        });
    }
}

/// Characters of a placeholder's id.
pub(super) const ID_LENGTH: usize = 8;

const BEFORE: &str = "[sluis quarantine ";
const AFTER: &str = "]";

/// What stands in the CRM for a text in quarantine.
#[must_use]
pub fn placeholder(id: &str) -> String {
    format!("{BEFORE}{id}{AFTER}")
}

/// Whether a text is a placeholder and nothing else.
fn is_placeholder(text: &str) -> bool {
    let inner = text.trim().strip_prefix(BEFORE);
    inner
        .and_then(|inner| inner.strip_suffix(AFTER))
        .is_some_and(|id| {
            let base32 = |b: u8| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b);
            id.len() == ID_LENGTH && id.bytes().all(base32)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_placeholder_is_one() {
        assert!(is_placeholder(&placeholder("abcd2345")));
        assert!(is_placeholder(" [sluis quarantine abcd2345]\n"));
        for other in [
            "",
            "abcd2345",
            "[sluis quarantine abcd234]",
            "[sluis quarantine abcd2345] en meer",
            "[sluis quarantine Jan Bakk]",
            "[sluis quarantine abcd2341]",
        ] {
            assert!(!is_placeholder(other), "{other}");
        }
    }
}
