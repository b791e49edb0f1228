//! What a policy does with one exchange, and how two policies differ in it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Sealed;
use crate::dialect::pages::{Call, Codec, Submitted};
use crate::dialect::salesforce::call::Request;
use crate::dialect::salesforce::door::{self, Door};
use crate::dialect::salesforce::target::Target;
use crate::model::{Code, Refusal};
use crate::policy::{FieldPlan, Plan, Rule};
use crate::protect::find;
use crate::protect::inward::{self, Answer, Viewer};
use crate::protect::outward::{By, Noticed, survey, survey_page};
use crate::proxy::inwards::shape;
use crate::proxy::page::{no_site, not_fresh};
use crate::proxy::{Rules, body};
use crate::replay::{Effect, Exchange, What};
use crate::wire::json::Document;

/// What a policy does with an exchange, as far as it can be told without carrying it out.
#[derive(Default)]
pub(super) struct Handled {
    refused: Option<Refused>,
    /// By field: how many of its values leave as they are, and how many of them or coarser.
    fields: BTreeMap<String, [usize; 2]>,
    /// What is found in texts and dealt with, by field and what it is.
    found: BTreeMap<(String, &'static str), usize>,
    /// How many tokens of the answer become values, by class.
    shown: BTreeMap<String, usize>,
    /// Values that are kept here and put into the answer, by object.
    held: BTreeMap<String, usize>,
    /// The fields that are masked in the answer.
    masked: BTreeSet<String>,
    /// The request that the answer answers, for who reads it.
    request: Option<Request>,
}

struct Refused {
    code: Code,
    field: String,
    /// Whether what is refused is a query or a search.
    asks: bool,
}

impl Handled {
    pub fn of(rules: &Rules, exchange: &Exchange) -> Self {
        let mut handled = Self::default();
        let mut asks = false;
        let read = match &exchange.page {
            Some(host) => handled.page(rules, exchange, Some(host)),
            None => handled.call(rules, exchange, &mut asks),
        };
        if let Err(refusal) = read {
            handled.refused = Some(Refused {
                asks: asks || matches!(refusal.code, Code::QueryClause | Code::QueryMalformed),
                code: refusal.code,
                field: refusal.field.unwrap_or_default(),
            });
        }
        handled
    }

    /// A request to an API, read like `carry` does.
    fn call(&mut self, rules: &Rules, exchange: &Exchange, asks: &mut bool) -> Result<(), Refusal> {
        let route = door::resolve(&exchange.method, &Target::parse(&exchange.target)?)?;
        *asks = is_query(&route.door);
        let text = exchange.body.as_deref();
        let document = text.map(|text| body::parse(text.as_bytes())).transpose()?;
        let request = match &document {
            Some(document) => Request::read(route, document)?,
            None => Request::bare(route),
        };
        let by = by(rules, exchange);
        let survey = survey(
            &rules.plan,
            &rules.protection,
            by,
            request,
            document.as_ref(),
        )?;
        self.writes(survey.written(), survey.noticed());
        self.request = Some(survey.into_request());
        Ok(())
    }

    /// A request of a browser, read like `walk` does.
    fn page(
        &mut self,
        rules: &Rules,
        exchange: &Exchange,
        host: Option<&str>,
    ) -> Result<(), Refusal> {
        let text = exchange.body.as_deref().unwrap_or_default();
        let submitted = Submitted {
            method: &exchange.method,
            target: &exchange.target,
            content_type: exchange.content_type.as_deref(),
            body: text.as_bytes(),
        };
        let site = rules
            .plan
            .site()
            .and_then(|site| site.of(host.filter(|host| !host.is_empty())));
        let call = Call::resolve(site.ok_or_else(no_site)?, &submitted)?;
        if call.route.step_up && !exchange.fresh {
            return Err(not_fresh());
        }
        let codec = call.codec(&submitted)?;
        let json = match codec {
            Some(Codec::Json) => Some(body::parse(submitted.body)?),
            _ => None,
        };
        let call = call.read(codec, &submitted, json.as_ref())?;
        let values = call.values();
        let document: Document<'_> = match json {
            Some(json) => json,
            None => body::parse(&values)?,
        };
        let by = by(rules, exchange);
        let survey = survey_page(&rules.plan, &rules.protection, by, call, Some(&document))?;
        self.writes(survey.written(), survey.noticed());
        Ok(())
    }

    fn writes<'p>(
        &mut self,
        written: impl Iterator<Item = &'p FieldPlan>,
        noticed: &[Noticed<'_>],
    ) {
        for field in written {
            let [clear, readable] = self.fields.entry(field.label.clone()).or_default();
            *clear += usize::from(is_clear(&field.rule));
            *readable += usize::from(is_readable(&field.rule));
        }
        for noticed in noticed {
            let key = (noticed.field.label.clone(), noticed.what);
            *self.found.entry(key).or_default() += noticed.count;
        }
    }

    /// Reads the answer, and gives the rows of the tokens in it that could become values. Of what
    /// this policy refuses there is no answer.
    pub fn answer(
        &mut self,
        rules: &Rules,
        live: &Rules,
        exchange: &Exchange,
        text: &str,
    ) -> Vec<u64> {
        if self.refused.is_some() || text.is_empty() {
            return vec![];
        }
        let (codec, domain) = (&live.protection.codec, &live.protection.domain);
        let found = find(codec, text.as_bytes(), domain);
        let Some(request) = &self.request else {
            return found.iter().map(|found| found.row).collect();
        };
        let answered = Answer {
            text,
            shape: shape(&request.top.door),
            viewer: Viewer::new(&rules.plan, &exchange.roles, exchange.fresh),
            request,
            aliases: &[],
            found: &found,
        };
        // What cannot be read is no answer under either policy.
        let Ok(reading) = inward::read(&answered) else {
            return vec![];
        };
        self.masked = reading.masked;
        for (object, _) in &reading.held {
            *self.held.entry((*object).to_owned()).or_default() += 1;
        }
        reading.rows
    }

    /// Counts the tokens that become values for whoever asked.
    pub fn shows(&mut self, rules: &Rules, exchange: &Exchange, rows: &[Option<Arc<Sealed>>]) {
        let viewer = Viewer::new(&rules.plan, &exchange.roles, exchange.fresh);
        for row in rows.iter().flatten() {
            let class = rules.plan.class_named(&row.class);
            if class.is_some_and(|class| viewer.may_see(class)) {
                *self.shown.entry(row.class.to_string()).or_default() += 1;
            }
        }
    }
}

fn by(rules: &Rules, exchange: &Exchange) -> By {
    By {
        viewer: rules.plan.roles(&exchange.roles),
        fresh: exchange.fresh,
        released: false,
    }
}

fn is_clear(rule: &Rule) -> bool {
    match rule {
        Rule::Pass | Rule::Derived => true,
        Rule::Tokenize { .. }
        | Rule::Encrypt
        | Rule::Strip
        | Rule::Generalize(_)
        | Rule::Hold
        | Rule::Block => false,
    }
}

/// Whether people can read what leaves, if only a part of it.
fn is_readable(rule: &Rule) -> bool {
    is_clear(rule) || matches!(rule, Rule::Generalize(_))
}

fn is_query(door: &Door) -> bool {
    matches!(
        door,
        Door::Query { .. }
            | Door::Search { .. }
            | Door::ParameterizedSearch
            | Door::GraphQl
            | Door::Analytics(_)
    )
}

/// Whether a value of this field leaves as it is by the policy in force.
fn passes(plan: &Plan, label: &str) -> bool {
    let named = label.split_once('.');
    let field = named.and_then(|(object, field)| plan.object(object)?.field(field));
    field.is_some_and(|field| is_clear(&field.rule))
}

/// Two policies, and what has a rule in one of them only.
pub(super) struct Pair<'r> {
    live: &'r Plan,
    /// By object.
    gone: BTreeMap<&'r str, Vec<&'r FieldPlan>>,
    come: BTreeMap<&'r str, Vec<&'r FieldPlan>>,
}

impl<'r> Pair<'r> {
    pub fn new(live: &'r Plan, draft: &'r Plan) -> Self {
        Self {
            live,
            gone: only_in(live, draft),
            come: only_in(draft, live),
        }
    }
}

/// The fields with a rule in the first policy and none in the second.
fn only_in<'r>(first: &'r Plan, second: &Plan) -> BTreeMap<&'r str, Vec<&'r FieldPlan>> {
    let objects = first.objects().map(|object| {
        let other = second.object(&object.name);
        let known = |name: &str| other.is_some_and(|other| other.field(name).is_some());
        let fields = object.fields.iter().filter(|field| !known(&field.name));
        (object.name.as_str(), fields.collect())
    });
    objects.collect()
}

/// What a refusal is about. One for want of a rule names the object alone, because a name that
/// nobody knows may be anything; a field that has a rule in the other policy, and is asked for by
/// its name, can be named here.
fn about(
    refused: &Refused,
    ruled: &BTreeMap<&str, Vec<&FieldPlan>>,
    exchange: &Exchange,
) -> Vec<String> {
    let ruled = ruled.get(refused.field.as_str());
    let fields = match (refused.code, ruled) {
        (Code::PolicyUnknownField, Some(fields)) if !fields.is_empty() => fields,
        _ => return vec![refused.field.clone()],
    };
    let target = percent_encoding::percent_decode_str(&exchange.target).decode_utf8_lossy();
    let texts = [&*target, exchange.body.as_deref().unwrap_or_default()];
    let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words: BTreeSet<String> = texts
        .iter()
        .flat_map(|text| text.split(|c| !name(c)))
        .map(str::to_ascii_lowercase)
        .collect();
    let asked = fields
        .iter()
        .filter(|field| words.contains(&field.name.to_ascii_lowercase()));
    let named: Vec<String> = asked.map(|field| field.label.clone()).collect();
    match named.is_empty() {
        true => vec![refused.field.clone()],
        false => named,
    }
}

/// What the second policy would have done otherwise than the first, which is in force: each effect
/// with the number of its values.
pub(super) fn differences(
    pair: &Pair<'_>,
    (before, after): (&Handled, &Handled),
    exchange: &Exchange,
) -> Vec<(Effect, usize)> {
    let mut found = Found {
        client: &exchange.client,
        effects: vec![],
    };
    match (&before.refused, &after.refused) {
        (Some(_), Some(_)) => {}
        (None, Some(refused)) => {
            let what = match refused.asks {
                true => What::SearchBreaks,
                false => What::Refused,
            };
            for about in about(refused, &pair.gone, exchange) {
                found.add(what, &about, refused.code.name(), 0);
            }
        }
        (Some(refused), None) => {
            for about in about(refused, &pair.come, exchange) {
                found.add(What::Passes, &about, refused.code.name(), 0);
            }
            for (label, [_, readable]) in &after.fields {
                if *readable > 0 && !passes(pair.live, label) {
                    found.add(What::Exposed, label, "", *readable);
                }
            }
        }
        (None, None) => found.carried_out(before, after),
    }
    found.effects
}

struct Found<'e> {
    client: &'e str,
    effects: Vec<(Effect, usize)>,
}

impl Found<'_> {
    fn add(&mut self, what: What, about: &str, rule: &'static str, values: usize) {
        let effect = Effect {
            what,
            about: about.to_owned(),
            rule: rule.into(),
            client: self.client.to_owned(),
        };
        self.effects.push((effect, values));
    }

    /// Of a request that both policies let pass.
    fn carried_out(&mut self, before: &Handled, after: &Handled) {
        let (leave, stay) = (What::Exposed, What::Protected);
        for label in keys(&before.fields, &after.fields) {
            let [clear, readable] = [0, 1].map(|at| {
                let count = |of: &Handled| of.fields.get(label).map_or(0, |counts| counts[at]);
                (count(before), count(after))
            });
            // A part of a value that becomes the whole is as much as nothing that becomes a part.
            let change = match clear.0 == clear.1 {
                true => readable,
                false => clear,
            };
            self.compare(change, (leave, stay), (label, ""));
        }
        for key in keys(&before.found, &after.found) {
            let count = |of: &Handled| of.found.get(key).copied().unwrap_or_default();
            let (label, kind) = key;
            // Nothing is looked for in a text that leaves as a token.
            let clear = |of: &Handled| of.fields.get(label).is_some_and(|[clear, _]| *clear > 0);
            if !clear(before) || !clear(after) {
                continue;
            }
            self.compare((count(before), count(after)), (stay, leave), (label, kind));
        }
        for class in keys(&before.shown, &after.shown) {
            let count = |of: &Handled| of.shown.get(class).copied().unwrap_or_default();
            let ways = (What::Shown, What::Hidden);
            self.compare((count(before), count(after)), ways, (class, ""));
        }
        for object in keys(&before.held, &after.held) {
            let count = |of: &Handled| of.held.get(object).copied().unwrap_or_default();
            let ways = (What::Shown, What::Hidden);
            self.compare((count(before), count(after)), ways, (object, ""));
        }
        for label in after.masked.difference(&before.masked) {
            self.add(What::Hidden, label, "", 0);
        }
        for label in before.masked.difference(&after.masked) {
            self.add(What::Shown, label, "", 0);
        }
    }

    /// One effect where a count changes: the first where it grows, the second where it falls.
    fn compare(
        &mut self,
        (before, after): (usize, usize),
        (more, less): (What, What),
        (about, rule): (&str, &'static str),
    ) {
        if after > before {
            self.add(more, about, rule, after - before);
        } else if before > after {
            self.add(less, about, rule, before - after);
        }
    }
}

fn keys<'m, K: Ord, V>(before: &'m BTreeMap<K, V>, after: &'m BTreeMap<K, V>) -> BTreeSet<&'m K> {
    before.keys().chain(after.keys()).collect()
}
