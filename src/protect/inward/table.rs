//! Tables of the Bulk API and of reports on the way in, row by row: what each column is to who asks,
//! and values in the places of tokens.

use std::ops::Range;

use zeroize::Zeroizing;

use super::analytics::Labels;
use super::reveal::{HeldValue, Opened, Opener, Revealed, StoredValue};
use super::tree::is_reference;
use super::view::{Sight, View, Viewer};
use crate::dialect::salesforce::id::Id;
use crate::policy::{ObjectPlan, Plan};
use crate::protect::{Codec, Found, Kind, find};
use crate::wire::csv::{Cell, Delimiter, Guard, Record, encode};
use crate::wire::json::{Document, Limits};

/// A table's columns through a viewer's eyes.
pub struct Table<'p> {
    /// The object that its rows are records of; a report's are of several.
    object: Option<&'p ObjectPlan>,
    columns: Vec<Sight<'p>>,
    /// Where the record's id stands.
    id: Option<usize>,
    /// The plan by which ids of records are known, where they stay whatever column they stand in.
    ids: Option<&'p Plan>,
}

impl<'p> Table<'p> {
    /// `header` has the names of the columns; `own` are those of the interface. None: policy has no rules for the object, and nothing
    /// of the table may be shown.
    #[must_use]
    pub fn new(
        viewer: &Viewer<'p>,
        (object, header): (&str, &[String]),
        own: &[&str],
    ) -> Option<Self> {
        let object = viewer.plan.object(object)?;
        let columns = header
            .iter()
            .map(|name| match own.contains(&name.as_str()) {
                true => Sight::Open,
                false => sight(viewer, object, name),
            });
        let is_id =
            |name: &String| name.eq_ignore_ascii_case("Id") || name.eq_ignore_ascii_case("sf__Id");
        Some(Self {
            object: Some(object),
            columns: columns.collect(),
            id: header.iter().position(is_id),
            ids: None,
        })
    }

    /// The rows of a report's export, whose header has these labels.
    #[must_use]
    pub fn exported(viewer: &Viewer<'p>, labels: &Labels, header: &[String]) -> Self {
        Self::of_report(labels.sights(viewer, header), Some(viewer.plan))
    }

    /// The header of a report's export.
    #[must_use]
    pub fn labelled(viewer: &Viewer<'p>, labels: &Labels, header: &[String]) -> Self {
        Self::of_report(labels.header(viewer, header), None)
    }

    fn of_report(columns: Vec<Sight<'p>>, ids: Option<&'p Plan>) -> Self {
        Self {
            object: None,
            columns,
            id: None,
            ids,
        }
    }

    /// Notes the tokens of a portion.
    #[must_use]
    pub fn read<'t>(
        &'t self,
        (codec, domain): (&Codec, &str),
        records: &'t [Record],
    ) -> Rows<'t, 'p> {
        let mut rows = Vec::new();
        let mut held = Vec::new();
        let holds = self.columns.iter();
        let holds = holds
            .into_iter()
            .any(|sight| matches!(sight, Sight::Held(_, true)));
        let lines = records.iter().map(|record| {
            let found = find(codec, record.text.as_bytes(), domain);
            let first = rows.len();
            rows.extend(found.iter().map(|token| token.row));
            let id = self.id.and_then(|at| Id::parse(&record.value(at)?));
            if let (Some(object), Some(id)) = (self.object, id.filter(|_| holds)) {
                held.push((object.name.as_str(), id));
            }
            Line { found, first, id }
        });
        let lines = lines.collect();
        Rows {
            table: self,
            records,
            lines,
            rows,
            held,
        }
    }
}

/// A portion and its tokens.
pub struct Rows<'t, 'p> {
    table: &'t Table<'p>,
    records: &'t [Record],
    lines: Vec<Line>,
    /// The rows of the tokens, in order; a row may come twice.
    pub rows: Vec<u64>,
    /// Records with held fields.
    pub held: Vec<(&'p str, Id)>,
}

struct Line {
    found: Vec<Found>,
    /// The first of its tokens in [`Rows::rows`].
    first: usize,
    id: Option<Id>,
}

impl Rows<'_, '_> {
    /// Which tokens stand in which record, for what the CRM has saved or refused. A new record that
    /// it refused has no id.
    pub fn tokens(&self) -> impl Iterator<Item = (Option<Id>, Vec<u64>)> + '_ {
        let tokens = |line: &Line| line.found.iter().map(|token| token.row).collect();
        self.lines.iter().map(move |line| (line.id, tokens(line)))
    }

    #[must_use]
    pub fn records(&self) -> usize {
        self.records.len()
    }

    /// Writes the portion. `values` answers [`Rows::rows`] in order.
    #[must_use]
    pub fn reveal<'p>(
        &self,
        (viewer, tenant): (&Viewer<'p>, &'p str),
        delimiter: Delimiter,
        values: &[Option<StoredValue<'_>>],
        held: &[HeldValue<'_>],
    ) -> Revealed<'p> {
        let mut opener = Opener::new((viewer, tenant));
        let mut out = Zeroizing::new(String::new());
        for (record, line) in self.records.iter().zip(&self.lines) {
            let mut done = 0;
            for (column, cell) in record.cells.iter().enumerate() {
                let sight = self.table.columns.get(column);
                let sight = sight.copied().unwrap_or(Sight::Unknown);
                let changed = match sight {
                    Sight::Held(field, true) if is_empty(cell) => {
                        let id = line.id;
                        let mut held = held.iter();
                        let held = held.find(|held| {
                            Some(held.record) == id
                                && self
                                    .table
                                    .object
                                    .is_some_and(|object| object.name == held.object)
                                && held.field == field.name
                        });
                        held.and_then(|held| kept(&mut opener, held))
                    }
                    _ => self.cell(&mut opener, (record, line, cell), sight, values),
                };
                let Some(value) = changed else { continue };
                out.push_str(record.text.get(done..cell.range.start).unwrap_or_default());
                let start = out.len();
                // NUL alone cannot be written; no value has one.
                if encode(&value, cell.quoted, delimiter, Guard::Off, &mut out).is_err() {
                    out.truncate(start);
                }
                done = cell.range.end;
            }
            out.push_str(record.text.get(done..).unwrap_or_default());
        }
        let body = std::mem::take(&mut *out).into_bytes();
        opener.done(Zeroizing::new(body))
    }

    /// What becomes of a cell; none where it stays as it is.
    fn cell<'v>(
        &self,
        opener: &mut Opener<'_, 'v>,
        (record, line, cell): (&Record, &Line, &Cell),
        sight: Sight<'_>,
        values: &[Option<StoredValue<'v>>],
    ) -> Option<Zeroizing<String>> {
        let inside = content(cell);
        let within =
            |token: &Found| inside.start <= token.range.start && token.range.end <= inside.end;
        let first = line
            .found
            .partition_point(|token| token.range.start < inside.start);
        let tokens: Vec<(usize, &Found)> = line
            .found
            .iter()
            .enumerate()
            .skip(first)
            .take_while(|(_, token)| within(token))
            .collect();
        let text = record.text.as_str();
        let plain = text.get(inside.clone()).unwrap_or_default();
        let stays = |plan| tokens.is_empty() && is_reference(plan, plain);
        let hidden = match sight {
            // As in the report itself, a name is shown with an id.
            Sight::Unknown | Sight::TokensOnly if self.table.ids.is_some_and(stays) => false,
            Sight::Open | Sight::Held(_, true) => false,
            Sight::Unknown => true,
            Sight::TokensOnly | Sight::Held(_, false) => clear(text, &inside, &tokens),
        };
        if hidden {
            return (!is_empty(cell)).then(Zeroizing::default);
        }
        let mut value = Zeroizing::new(String::new());
        let (mut done, mut changed) = (inside.start, false);
        for (at, token) in tokens {
            let stored = values.get(line.first + at).and_then(Option::as_ref);
            let body = match &token.kind {
                Kind::Sealed { body } => record.text.as_bytes().get(body.clone()),
                Kind::Plain | Kind::Address => None,
            };
            let opened: Option<Opened<'v>> = stored.and_then(|stored| opener.open(stored, body));
            let Some(opened) = opened else {
                opener.masked += 1;
                continue;
            };
            push(&mut value, text, done..token.range.start, cell.quoted);
            value.push_str(opened.text());
            opener.count(&opened);
            done = token.range.end;
            changed = true;
        }
        push(&mut value, text, done..inside.end, cell.quoted);
        changed.then_some(value)
    }
}

fn push(out: &mut String, text: &str, range: Range<usize>, quoted: bool) {
    let raw = text.get(range).unwrap_or_default();
    match quoted && raw.contains('"') {
        true => out.push_str(&raw.replace("\"\"", "\"")),
        false => out.push_str(raw),
    }
}

/// Where a cell's content stands, without its quotes.
fn content(cell: &Cell) -> Range<usize> {
    match cell.quoted {
        true => cell.range.start + 1..cell.range.end.saturating_sub(1),
        false => cell.range.clone(),
    }
}

fn is_empty(cell: &Cell) -> bool {
    content(cell).is_empty()
}

/// Whether more than blanks and punctuation stands beside the tokens of a cell.
fn clear(text: &str, inside: &Range<usize>, tokens: &[(usize, &Found)]) -> bool {
    let ends = tokens.iter().map(|(_, token)| token.range.clone());
    let mut at = inside.start;
    for Range { start, end } in ends.chain(std::iter::once(inside.end..inside.end)) {
        let between = text.get(at..start).unwrap_or_default();
        if between
            .chars()
            .any(|c| !c.is_whitespace() && !c.is_ascii_punctuation())
        {
            return true;
        }
        at = end;
    }
    false
}

/// A held value, which is JSON, as a cell's text.
fn kept<'v>(opener: &mut Opener<'_, 'v>, held: &HeldValue<'v>) -> Option<Zeroizing<String>> {
    let opened = opener.open(&held.value, None)?;
    let json = opened.text();
    let document = Document::parse(json.as_bytes(), &Limits::default()).ok()?;
    let text = document.text(document.root());
    let text = text.map_or_else(|| json.to_owned(), std::borrow::Cow::into_owned);
    opener.count(&opened);
    Some(Zeroizing::new(text))
}

/// What a column is: a field, or a path over relations. Behind one that
/// leads to several objects it is the strictest that it may be.
fn sight<'p>(viewer: &Viewer<'p>, object: &'p ObjectPlan, name: &str) -> Sight<'p> {
    let names: Vec<&str> = name.split('.').collect();
    let Some((last, relations)) = names.split_last() else {
        return Sight::Unknown;
    };
    let mut objects = vec![object];
    for relation in relations {
        // A header of ours may have said which object a relation means: `User:Owner`.
        let relation = relation
            .split(':')
            .find(|part| objects.iter().any(|object| object.relation(part).is_some()));
        let relation = relation.unwrap_or_default();
        let targets = objects
            .iter()
            .filter_map(|object| object.relation(relation))
            .flatten();
        // A table does not say which object a record behind a relation is of: where it may be one
        // without rules, nothing is known.
        let ruled: Option<Vec<_>> = targets.map(|name| viewer.plan.object(name)).collect();
        objects = ruled.unwrap_or_default();
    }
    let sights = objects
        .iter()
        .map(|object| match last.eq_ignore_ascii_case("id") {
            true => Sight::Open,
            false => View::new(object, viewer).find(last, viewer),
        });
    let direct = relations.is_empty();
    let strictest = sights.reduce(|one, two| if rank(one) >= rank(two) { one } else { two });
    match strictest {
        // Of another record than the row's: its held values are not looked up.
        Some(Sight::Held(_, true)) if !direct => Sight::Open,
        Some(sight) => sight,
        None => Sight::Unknown,
    }
}

fn rank(sight: Sight<'_>) -> u8 {
    match sight {
        Sight::Open => 0,
        Sight::Held(_, true) => 1,
        Sight::TokensOnly | Sight::Held(_, false) => 2,
        Sight::Unknown => 3,
    }
}
