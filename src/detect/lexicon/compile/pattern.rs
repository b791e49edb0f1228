//! The pattern language of the lexicons: words, stars, alternatives, gaps. No regular expressions.

use crate::detect::text::Text;

/// One step of a pattern.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Step {
    /// A word.
    Word(Shape, String),
    /// Exactly one word, whichever.
    Any,
    /// A number.
    Number,
    /// At most so many words.
    Gap(u8),
    /// A group of `cues.toml`.
    Group(String),
    /// One of several patterns.
    Either(Vec<Vec<Self>>),
    /// A pattern that may be missing.
    Maybe(Vec<Self>),
}

/// What part of a word is given.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Shape {
    /// All of it.
    Whole,
    /// Its beginning: `dialyse*`.
    Prefix,
    /// Its end: `*kanker`.
    Suffix,
    /// Something in it: `*kanker*`.
    Infix,
    /// Its beginning and its end: `kerk*straat`.
    Around,
    /// All of it, in this case: `^SP`.
    Cased,
}

/// The most patterns that brackets glued to letters may stand for.
const MOST_SPELLINGS: usize = 200;

/// Reads a pattern. The error says what is wrong with it, for a person who edits the file.
pub(super) fn parse(pattern: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    for item in items(pattern)? {
        steps.extend(step(item)?);
    }
    while matches!(steps.first(), Some(Step::Gap(_) | Step::Maybe(_))) {
        steps.remove(0);
    }
    while matches!(steps.last(), Some(Step::Gap(_) | Step::Maybe(_))) {
        steps.pop();
    }
    if steps.is_empty() {
        return Err("there is no word in it".to_owned());
    }
    Ok(steps)
}

/// Cuts a pattern at its outer spaces.
fn items(pattern: &str) -> Result<Vec<&str>, String> {
    let mut items = Vec::new();
    let (mut depth, mut from) = (0_usize, 0);
    for (at, char) in pattern.char_indices() {
        match char {
            '(' | '[' => depth += 1,
            ')' | ']' => {
                depth = depth
                    .checked_sub(1)
                    .ok_or_else(|| format!("`{char}` closes nothing"))?;
            }
            char if char.is_whitespace() && depth == 0 => {
                items.push(pattern.get(from..at).unwrap_or_default());
                from = at + char.len_utf8();
            }
            _ => {}
        }
    }
    if depth > 0 {
        return Err("a bracket is not closed".to_owned());
    }
    items.push(pattern.get(from..).unwrap_or_default());
    items.retain(|item| !item.is_empty());
    Ok(items)
}

fn step(item: &str) -> Result<Vec<Step>, String> {
    if let Some(rest) = item.strip_prefix("..").filter(|rest| rest.starts_with('(')) {
        return Ok([step("..")?, step(rest)?].concat());
    }
    if let Some(spellings) = glued(item)? {
        let parts = spellings.iter().map(|spelling| parse(spelling));
        return Ok(vec![Step::Either(parts.collect::<Result<_, _>>()?)]);
    }
    // Signs between words are nothing in a text either.
    if !item.contains(|char: char| char.is_alphanumeric() || "_*.…#@%".contains(char)) {
        return Ok(Vec::new());
    }
    Ok(match item {
        "_" | "*" => vec![Step::Any],
        ".." => vec![Step::Gap(3)],
        "..." | "…" => vec![Step::Gap(6)],
        "#" => vec![Step::Number],
        _ => {
            if let Some(name) = item.strip_prefix('@') {
                vec![Step::Group(name.to_owned())]
            } else if let Some(inner) = item.strip_prefix('(') {
                let inner = inner
                    .strip_suffix(')')
                    .ok_or_else(|| format!("`{item}`: nothing may stand right behind `)`"))?;
                vec![Step::Either(alternatives(inner)?)]
            } else if let Some(inner) = item.strip_prefix('[') {
                let inner = inner
                    .strip_suffix(']')
                    .ok_or_else(|| format!("`{item}`: nothing may stand right behind `]`"))?;
                optional(inner)?
            } else {
                words(item)?
            }
        }
    })
}

fn optional(inner: &str) -> Result<Vec<Step>, String> {
    let parts = alternatives(inner)?;
    Ok(if parts.is_empty() {
        Vec::new()
    } else {
        vec![Step::Maybe(vec![Step::Either(parts)])]
    })
}

/// What a bracket that touches letters stands for: `(hart|long)klachten`, `ex-(roker)`.
fn glued(item: &str) -> Result<Option<Vec<String>>, String> {
    let Some(open) = item.find('(') else {
        return Ok(None);
    };
    if item.starts_with('[') || (item.starts_with('(') && is_one_bracket(item)) {
        return Ok(None);
    }
    let front = item.get(..open).unwrap_or_default();
    let rest = item.get(open..).unwrap_or_default();
    let end = matching(rest).ok_or_else(|| format!("`{item}`: a bracket is not closed"))?;
    let inner = rest.get(1..end).unwrap_or_default();
    let back = rest.get(end + 1..).unwrap_or_default();
    let (back, maybe) = match back.strip_prefix('?') {
        Some(back) => (back, true),
        None => (back, false),
    };
    let mut spellings: Vec<String> = cut(inner)
        .into_iter()
        .map(|part| format!("{front}{part}{back}"))
        .collect();
    if maybe {
        spellings.push(format!("{front}{back}"));
    }
    if spellings.len() > MOST_SPELLINGS {
        return Err(format!("`{item}` stands for too many words"));
    }
    Ok(Some(spellings))
}

/// The place of the bracket that closes the first one.
fn matching(rest: &str) -> Option<usize> {
    let mut depth = 0_usize;
    rest.char_indices().find_map(|(at, char)| {
        match char {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        (depth == 0).then_some(at)
    })
}

fn is_one_bracket(item: &str) -> bool {
    matching(item) == Some(item.len() - 1)
}

fn alternatives(inner: &str) -> Result<Vec<Vec<Step>>, String> {
    let parts = cut(inner).into_iter().filter(|part| {
        part.contains(|char: char| char.is_alphanumeric() || "_#@%*".contains(char))
    });
    parts.map(parse).collect()
}

/// Cuts what stands in a bracket at its bars.
fn cut(inner: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut from) = (0_usize, 0);
    for (at, char) in inner.char_indices() {
        match char {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => {
                parts.push(inner.get(from..at).unwrap_or_default());
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(inner.get(from..).unwrap_or_default());
    parts
}

/// One item of letters: with a hyphen or an apostrophe it is several words, as in a text.
fn words(item: &str) -> Result<Vec<Step>, String> {
    if item.contains(['(', ')', '[', ']', '|', '@']) {
        return Err(format!(
            "`{item}`: brackets, `|` and `@` stand apart from words"
        ));
    }
    if let Some(cased) = item.strip_prefix('^') {
        let text = Text::read(cased.trim_matches('*'));
        let words = (0..text.words.len()).map(|at| text.cased(at).to_owned());
        return some(
            item,
            words.map(|word| Step::Word(Shape::Cased, word)).collect(),
        );
    }
    if let Some(spelled) = without_umlauts(item) {
        return Ok(vec![Step::Either(vec![starred(item)?, starred(&spelled)?])]);
    }
    starred(item)
}

/// The second spelling of German words where a keyboard has no umlauts.
fn without_umlauts(item: &str) -> Option<String> {
    item.contains(['ä', 'ö', 'ü', 'Ä', 'Ö', 'Ü']).then(|| {
        let lower = item.to_lowercase();
        lower
            .replace('ä', "ae")
            .replace('ö', "oe")
            .replace('ü', "ue")
    })
}

fn starred(item: &str) -> Result<Vec<Step>, String> {
    let (front, back) = (item.starts_with('*'), item.ends_with('*'));
    let inner = item.trim_matches('*');
    if let Some((begin, end)) = inner.split_once('*') {
        return around(item, begin, end);
    }
    let mut steps = read(inner);
    // "afro-*": what follows the hyphen is a word of its own.
    let (apart_front, apart_back) = (inner.starts_with('-'), inner.ends_with('-'));
    let last = steps.len().saturating_sub(1);
    for (at, step) in steps.iter_mut().enumerate() {
        let front = front && at == 0 && !apart_front;
        let back = back && at == last && !apart_back;
        if let Step::Word(shape, word) = step {
            *shape = match (front, back) {
                (true, true) => Shape::Infix,
                (true, false) => Shape::Suffix,
                (false, true) => Shape::Prefix,
                (false, false) => Shape::Whole,
            };
            if (front || back) && word.len() < 2 {
                return Err(format!("`{item}`: too few letters beside the star"));
            }
        }
    }
    some(item, steps)
}

/// A word with a star in its middle.
fn around(item: &str, begin: &str, end: &str) -> Result<Vec<Step>, String> {
    let (begin, end) = (read(begin), read(end));
    match (begin.as_slice(), end.as_slice()) {
        ([Step::Word(_, begin)], [Step::Word(_, end)]) => {
            Ok(vec![Step::Word(Shape::Around, format!("{begin}*{end}"))])
        }
        _ => Err(format!(
            "`{item}`: one star in the middle of one word, and letters around it"
        )),
    }
}

fn read(inner: &str) -> Vec<Step> {
    let text = Text::read(inner);
    (0..text.words.len())
        .map(|at| Step::Word(Shape::Whole, text.low(at).to_owned()))
        .collect()
}

fn some(item: &str, steps: Vec<Step>) -> Result<Vec<Step>, String> {
    if steps.is_empty() {
        Err(format!("`{item}` has no letter"))
    } else {
        Ok(steps)
    }
}
