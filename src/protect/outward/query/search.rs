//! Free searches over protected fields: the words that are looked for become tokens.
//!
//! The CRM has no words of a protected value to find, only its token. So each run of words side by
//! side that is a whole value of a searched field becomes the tokens of that value, and the words
//! themselves stay here: `jan de Vries` becomes what finds both `jan` and `de Vries`. A word leaves
//! as it is only where no text field of any searched object is protected, since nobody can tell
//! beforehand in which field it would be found.

use super::rules::{at, clause, searchable};
use super::{Planner, QueryPlan};
use crate::dialect::salesforce::id::Id;
use crate::dialect::salesforce::soql::ast::{Literal, Piece, Value};
use crate::dialect::salesforce::sosl::ast::{Expression, Group, Part, Search, With, Word};
use crate::dialect::salesforce::sosl::canonical::{canonical, expression};
use crate::dialect::salesforce::sosl::{MAX_EXPRESSION, parse};
use crate::model::{Code, Refusal};
use crate::policy::{Canonical, FieldPlan, FieldType, ObjectPlan, Plan, Rule, Unanswerable};
use crate::protect::TEXT_LENGTH;
use crate::protect::outward::needs::Found;
use crate::protect::outward::survey::Survey;
use crate::protect::outward::values::{Context, not_named, not_whole};
use crate::protect::outward::{scan, value};

/// How many words may stand side by side: all their runs are looked up.
const MOST_WORDS: usize = 8;

/// How many values one search may look up.
const MOST_LOOKUPS: usize = 2_000;

/// A search that may leave once its look-ups are answered.
#[derive(Debug)]
pub(in crate::protect::outward) struct SearchPlan<'p> {
    pub call: usize,
    search: Search,
    /// None: the words leave as they are.
    looked: Option<Looked<'p>>,
    returning: Vec<QueryPlan<'p>>,
    /// What it is carried out without, in words for the client.
    pub left_out: Option<String>,
}

/// What is looked for, with the look-ups in the places of words.
#[derive(Debug)]
pub(in crate::protect::outward) enum Looked<'p> {
    /// The runs that begin at each word, the shortest first, and a field to be nobody's.
    Words(Vec<Vec<Vec<Lookup<'p>>>>, &'p FieldPlan),
    All(Vec<(bool, Self)>),
    Any(Vec<Self>),
}

/// One value of one class.
#[derive(Clone, Debug)]
pub(in crate::protect::outward) struct Lookup<'p> {
    /// Its position in `Needs::search`.
    at: usize,
    /// A field of the class for each form in which its tokens stand.
    forms: Vec<&'p FieldPlan>,
}

/// Writes a row's token for a field, or the token of nobody.
pub(in crate::protect::outward) type Tokens<'t> =
    &'t dyn Fn(Option<u64>, &FieldPlan) -> Option<String>;

/// Reads a search and notes what it looks for. `text` is left empty.
pub(in crate::protect::outward) fn search<'p>(
    survey: &mut Survey<'p>,
    context: &Context<'p, '_>,
    (call, scope): (usize, usize),
    text: &mut String,
) -> Result<SearchPlan<'p>, Refusal> {
    let mut search = parse(&std::mem::take(text))
        .map_err(|error| Refusal::new(Code::QueryMalformed, error.to_string()))?;
    clauses(&search)?;
    let mut returning = Vec::with_capacity(search.returning.len());
    for returned in &mut search.returning {
        if returned.list_view.is_some() {
            return Err(clause("USING ListView", "it cannot be answered yet"));
        }
        let mut planner = Planner {
            survey,
            context,
            names: scope,
            finds: vec![],
            aliases: vec![],
        };
        planner.whole(&mut returned.query)?;
        returning.push(QueryPlan {
            call,
            query: returned.query.clone(),
            finds: planner.finds,
            aliases: planner.aliases,
        });
    }
    let objects = objects(context, &search)?;
    let group = search.group.unwrap_or(Group::All);
    let mut terms = Terms::new(context, &objects, group)?;
    let looked = match terms.classes.is_empty() {
        true => {
            clear(context, &objects, &search.find)?;
            None
        }
        false => Some(terms.look(survey, &search.find)?),
    };
    Ok(SearchPlan {
        call,
        search,
        looked,
        returning,
        left_out: terms.left_out,
    })
}

impl SearchPlan<'_> {
    /// The search as it leaves. `found` answers `Needs::search`.
    pub fn finish(&self, found: &[Found], token: Tokens<'_>) -> Result<String, Refusal> {
        let mut search = self.search.clone();
        if let Some(looked) = &self.looked {
            search.find = looked.found(found, token)?;
        }
        if expression(&search.find).chars().count() > MAX_EXPRESSION {
            return Err(too_many());
        }
        for (returned, plan) in search.returning.iter_mut().zip(&self.returning) {
            returned.query = plan.answered(found, token)?;
        }
        Ok(canonical(&search))
    }
}

/// Clauses that hold words of the client's, or whose answers cannot be read.
fn clauses(search: &Search) -> Result<(), Refusal> {
    for with in &search.with {
        match with {
            With::SpellCorrection(_) => {}
            With::Network(ids) if ids.iter().all(is_id) => {}
            With::PricebookId(id) if is_id(id) => {}
            With::Network(_) | With::PricebookId(_) => {
                return Err(clause("WITH", "a record id is expected"));
            }
            With::Division(_) => return Err(clause("WITH DIVISION", "it cannot be answered yet")),
            With::DataCategory(_) => {
                return Err(clause("WITH DATA CATEGORY", "it cannot be answered yet"));
            }
            With::Snippet(_) => {
                let why = "excerpts show the words around a value, which the CRM does not have";
                return Err(clause("WITH SNIPPET", why));
            }
            With::Highlight => {
                return Err(clause("WITH HIGHLIGHT", "it cannot be answered yet"));
            }
            With::Metadata => return Err(clause("WITH METADATA", "it cannot be answered yet")),
        }
    }
    Ok(())
}

fn is_id(literal: &Literal) -> bool {
    matches!(&literal.value, Value::Text(text) if Id::parse(text.expose()).is_some())
}

/// The objects that are searched: those that come back, or all.
fn objects<'p>(context: &Context<'p, '_>, search: &Search) -> Result<Vec<&'p ObjectPlan>, Refusal> {
    if search.returning.is_empty() {
        if context.plan.is_narrowed() {
            return Err(not_named());
        }
        let all = context.plan.objects();
        return all.map(|object| context.object(&object.name)).collect();
    }
    let names = search.returning.iter();
    let names = names.filter_map(|returned| returned.query.from.first()?.path.last());
    names.map(|name| context.object(name.text())).collect()
}

/// Which classes are looked up, in which forms their tokens stand, and what is left out.
pub(in crate::protect::outward) struct Terms<'p, 'c> {
    context: &'c Context<'p, 'c>,
    pub classes: Vec<Vec<&'p FieldPlan>>,
    pub left_out: Option<String>,
}

impl<'p, 'c> Terms<'p, 'c> {
    /// No classes: nothing of the objects' text is protected.
    pub fn new(
        context: &'c Context<'p, 'c>,
        objects: &[&'p ObjectPlan],
        group: Group,
    ) -> Result<Self, Refusal> {
        let mut terms = Self {
            context,
            classes: vec![],
            left_out: None,
        };
        if let Some(object) = objects.iter().find(|object| object.is_narrowed()) {
            return Err(not_whole(object));
        }
        if objects.iter().all(|object| is_clear(object)) {
            return Ok(terms);
        }
        let mut without = Vec::new();
        let mut first = None;
        for object in objects {
            let (found, left): (Vec<_>, Vec<_>) =
                searched(object, group).partition(|field| searchable(context.plan, field));
            for field in found {
                terms.add(field);
            }
            first = first.or(left.first().copied());
            if !left.is_empty() {
                without.push((left.len(), object.name.as_str()));
            }
        }
        if terms.classes.is_empty() {
            return Err(match first {
                Some(field) => at(field, "FIND", "policy does not let this field be searched"),
                None => clause("FIND", "no field of these objects can be looked up"),
            });
        }
        if let Some(field) = first {
            if context.plan.unanswerable() == Unanswerable::Refuse {
                let why = "policy refuses a search that would have to leave this field out";
                return Err(at(field, "FIND", why));
            }
            terms.left_out = Some(words(&without));
        }
        Ok(terms)
    }

    fn add(&mut self, field: &'p FieldPlan) {
        let known = self.classes.iter_mut();
        let mut known = known.filter(|fields| fields.iter().any(|f| f.class == field.class));
        match known.next() {
            None => self.classes.push(vec![field]),
            Some(fields) => {
                let form = value::is_address(field);
                if fields.iter().all(|f| value::is_address(f) != form) {
                    fields.push(field);
                }
            }
        }
    }

    /// Notes what the words of an expression are looked up as.
    pub fn look(
        &mut self,
        survey: &mut Survey<'p>,
        expression: &Expression,
    ) -> Result<Looked<'p>, Refusal> {
        match expression {
            Expression::Words(words) => {
                let mut units: Vec<&str> = Vec::new();
                for word in words {
                    let text = word.text().ok_or_else(|| {
                        let why = "wildcards cannot be answered over protected fields";
                        clause("FIND", why)
                    })?;
                    self.context.no_token("a search", text)?;
                    units.extend(text.split_whitespace());
                }
                self.runs(survey, &units)
            }
            Expression::All(parts) => {
                let parts = parts.iter();
                let parts = parts.map(|part| Ok((part.negated, self.look(survey, &part.of)?)));
                parts.collect::<Result<_, _>>().map(Looked::All)
            }
            Expression::Any(parts) => {
                let parts = parts.iter().map(|part| self.look(survey, part));
                parts.collect::<Result<_, _>>().map(Looked::Any)
            }
        }
    }

    /// Looks up every run of words as a whole value.
    pub fn runs(&self, survey: &mut Survey<'p>, units: &[&str]) -> Result<Looked<'p>, Refusal> {
        let field = self.classes.iter().find_map(|fields| fields.first());
        let Some(field) = field.filter(|_| !units.is_empty()) else {
            return Err(clause("FIND", "a word is expected"));
        };
        if units.len() > MOST_WORDS {
            let why = "more than eight words stand side by side; join values by AND or OR";
            return Err(clause("FIND", why));
        }
        let mut runs = Vec::with_capacity(units.len());
        for start in 0..units.len() {
            let mut from = Vec::new();
            for end in start + 1..=units.len() {
                let run = units.get(start..end).unwrap_or_default().join(" ");
                from.push(self.lookups(survey, &run)?);
            }
            runs.push(from);
        }
        Ok(Looked::Words(runs, field))
    }

    fn lookups(&self, survey: &mut Survey<'p>, text: &str) -> Result<Vec<Lookup<'p>>, Refusal> {
        let search = &mut survey.values.needs.search;
        let mut lookups = Vec::new();
        for forms in &self.classes {
            let Some(field) = forms.first() else {
                continue;
            };
            if !may_be(self.context.plan, field, text) {
                continue;
            }
            let Some(term) = self.context.term(field, text) else {
                continue;
            };
            if search.len() >= MOST_LOOKUPS {
                return Err(clause("FIND", "it has too many words"));
            }
            search.push(term);
            lookups.push(Lookup {
                at: search.len() - 1,
                forms: forms.clone(),
            });
        }
        Ok(lookups)
    }
}

/// Whether a text can be a value of the field's class at all, which spares look-ups.
fn may_be(plan: &Plan, field: &FieldPlan, text: &str) -> bool {
    match field.class.map(|class| plan.class(class).canonical) {
        None => false,
        Some(Canonical::Email) => text.contains('@'),
        Some(Canonical::Phone) => text.contains(|c: char| c.is_numeric()),
        Some(Canonical::Text) => true,
    }
}

/// Whether nothing of an object's text is protected.
fn is_clear(object: &ObjectPlan) -> bool {
    let clear = |field: &FieldPlan| !field.kind.holds_text() || field.rule.leaves_clear();
    object.fields.iter().all(clear)
}

/// The fields that a group of a search looks into. Which fields have names the CRM alone knows; the
/// tokens of a field too many do no harm.
fn searched(object: &ObjectPlan, group: Group) -> impl Iterator<Item = &FieldPlan> {
    let fields = object.fields.iter();
    fields.filter(move |field| {
        let of_group = match group {
            Group::All | Group::Sidebar => true,
            Group::Name => {
                let others = ["Subject", "Site", "Website", "Company", "Title"];
                field.name.ends_with("Name") || others.contains(&field.name.as_str())
            }
            Group::Email => field.kind == FieldType::Email,
            Group::Phone => field.kind == FieldType::Phone,
        };
        of_group && field.kind.holds_text() && field.rule != Rule::Derived
    })
}

/// Words that leave as they are: where policy scans the fields, nothing may be found in them.
fn clear(
    context: &Context<'_, '_>,
    objects: &[&ObjectPlan],
    expression: &Expression,
) -> Result<(), Refusal> {
    match expression {
        Expression::Words(words) => words
            .iter()
            .try_for_each(|word| clear_word(context, objects, word)),
        Expression::All(parts) => {
            let mut parts = parts.iter();
            parts.try_for_each(|part| clear(context, objects, &part.of))
        }
        Expression::Any(parts) => {
            let mut parts = parts.iter();
            parts.try_for_each(|part| clear(context, objects, part))
        }
    }
}

fn clear_word(
    context: &Context<'_, '_>,
    objects: &[&ObjectPlan],
    word: &Word,
) -> Result<(), Refusal> {
    for piece in &word.pieces {
        let Piece::Text(text) = piece else {
            continue;
        };
        clear_text(context, objects, text.expose())?;
    }
    Ok(())
}

/// A text that leaves as it is in a search of these objects.
pub(in crate::protect::outward) fn clear_text(
    context: &Context<'_, '_>,
    objects: &[&ObjectPlan],
    text: &str,
) -> Result<(), Refusal> {
    context.no_token("a search", text)?;
    for field in objects.iter().flat_map(|object| &object.fields) {
        if field.kind.holds_text() {
            scan::literal(context, field, text)?;
            value::no_reference(field, text)?;
        }
    }
    Ok(())
}

/// `without 14 fields of Contact, 2 of Lead`, as long as a header field may be.
fn words(without: &[(usize, &str)]) -> String {
    const MOST: usize = 4;
    let mut text =
        String::from("only whole values of protected fields were looked for; left out: ");
    let named = without.iter().take(MOST);
    let named: Vec<String> = named
        .map(|(count, object)| format!("{count} fields of {object}"))
        .collect();
    text.push_str(&named.join(", "));
    if without.len() > MOST {
        text.push_str(" and fields of other objects");
    }
    text
}

impl Looked<'_> {
    fn found(&self, found: &[Found], token: Tokens<'_>) -> Result<Expression, Refusal> {
        Ok(match self {
            Self::Words(runs, field) => {
                let tokens = tokens_of(runs, found, token)?;
                let mut ways = Vec::new();
                segment(&tokens, 0, &mut vec![], &mut ways);
                match any(ways) {
                    Some(expression) => expression,
                    None => word(None, field, token)?,
                }
            }
            Self::All(parts) => {
                let parts = parts.iter().map(|(negated, of)| {
                    Ok(Part {
                        negated: *negated,
                        of: of.found(found, token)?,
                    })
                });
                Expression::All(parts.collect::<Result<_, Refusal>>()?)
            }
            Self::Any(parts) => {
                let parts = parts.iter().map(|of| of.found(found, token));
                Expression::Any(parts.collect::<Result<_, Refusal>>()?)
            }
        })
    }

    /// The one token of a look-up that has room for one only, or the refusal of several.
    pub fn only(&self, found: &[Found], token: Tokens<'_>) -> Result<String, Refusal> {
        let Self::Words(runs, field) = self else {
            return Err(clause("q", "words side by side are expected"));
        };
        let tokens = tokens_of(runs, found, token)?;
        let mut ways = Vec::new();
        segment(&tokens, 0, &mut vec![], &mut ways);
        let words = match ways.as_slice() {
            [] => vec![word(None, field, token)?],
            [Expression::All(parts)] => parts.iter().map(|part| part.of.clone()).collect(),
            [only] => vec![only.clone()],
            _ => return Err(several()),
        };
        let mut text = Vec::new();
        for word in &words {
            match word {
                Expression::Words(words) => match words.as_slice() {
                    [only] => text.extend(only.text().map(str::to_owned)),
                    _ => return Err(several()),
                },
                Expression::All(_) | Expression::Any(_) => return Err(several()),
            }
        }
        Ok(text.join(" "))
    }
}

/// The words that stand for each run: as many as tokens, and no more than an expression can hold.
fn tokens_of(
    runs: &[Vec<Vec<Lookup<'_>>>],
    found: &[Found],
    token: Tokens<'_>,
) -> Result<Vec<Vec<Vec<Expression>>>, Refusal> {
    let mut count = 0;
    let mut run = |lookups: &Vec<Lookup<'_>>| {
        let mut words = Vec::new();
        for lookup in lookups {
            let rows = found.get(lookup.at).ok_or_else(too_many)?;
            if rows.more {
                return Err(too_many());
            }
            for row in &rows.rows {
                for field in &lookup.forms {
                    count += 1;
                    if count > MAX_EXPRESSION / TEXT_LENGTH {
                        return Err(too_many());
                    }
                    words.push(word(Some(*row), field, token)?);
                }
            }
        }
        Ok(words)
    };
    let mut all = Vec::with_capacity(runs.len());
    for from in runs {
        all.push(from.iter().map(&mut run).collect::<Result<_, _>>()?);
    }
    Ok(all)
}

/// A token as a word; one before a domain stands in quotes, since the CRM takes it for several.
fn word(row: Option<u64>, field: &FieldPlan, token: Tokens<'_>) -> Result<Expression, Refusal> {
    let text =
        token(row, field).ok_or_else(|| at(field, "FIND", "a token could not be written"))?;
    let word = Word::of(&text, value::is_address(field));
    Ok(Expression::Words(vec![word]))
}

/// All ways to read the words from `at` on as values side by side.
fn segment(
    runs: &[Vec<Vec<Expression>>],
    at: usize,
    before: &mut Vec<Expression>,
    ways: &mut Vec<Expression>,
) {
    let Some(from) = runs.get(at) else {
        ways.extend(all(before.clone()));
        return;
    };
    for (length, words) in from.iter().enumerate() {
        if let Some(either) = any(words.clone()) {
            before.push(either);
            segment(runs, at + length + 1, before, ways);
            before.pop();
        }
    }
}

fn any(mut parts: Vec<Expression>) -> Option<Expression> {
    match parts.len() {
        0 | 1 => parts.pop(),
        _ => Some(Expression::Any(parts)),
    }
}

fn all(mut parts: Vec<Expression>) -> Option<Expression> {
    match parts.len() {
        0 | 1 => parts.pop(),
        _ => {
            let parts = parts.into_iter().map(|of| Part { negated: false, of });
            Some(Expression::All(parts.collect()))
        }
    }
}

fn too_many() -> Refusal {
    clause(
        "FIND",
        "more records than one search can name have these values; narrow the search",
    )
}

fn several() -> Refusal {
    clause(
        "q",
        "several tokens stand for this value and the look-up has room for one; ask the search or the query resource",
    )
}
