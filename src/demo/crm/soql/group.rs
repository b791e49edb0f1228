//! GROUP BY, HAVING and the functions over groups.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Number, Value, json};

use crate::demo::crm::soql::matching::{Source, folded, holds, order};
use crate::demo::crm::soql::plan::{Column, Function, Path, Plan};
use crate::demo::crm::soql::run::{Runner, by_keys};
use crate::demo::crm::store::Row;

/// One record for each group; without GROUP BY everything is one group.
pub fn records(runner: &Runner<'_, '_>, plan: &Plan<'_>, rows: &[Row]) -> Vec<Value> {
    let mut groups = groups(runner, plan, rows);
    let lookup = |group: &[&Row], source: &Source| match source {
        Source::Path(path) => shared(runner, plan, group, path),
        Source::Aggregate(function, path) => aggregate(runner, plan, group, *function, path),
    };
    if let Some(having) = &plan.having {
        groups.retain(|group| holds(having, &|source| lookup(group, source)));
    }
    if !plan.order.is_empty() {
        let keyed = groups.into_iter().map(|group| {
            let keys = plan.order.iter().map(|sort| lookup(&group, &sort.source));
            (keys.collect(), group)
        });
        let mut keyed: Vec<(Vec<Value>, Vec<&Row>)> = keyed.collect();
        keyed.sort_by(|left, right| by_keys(&plan.order, &left.0, &right.0));
        groups = keyed.into_iter().map(|(_, group)| group).collect();
    }
    let limit = plan.limit.unwrap_or(usize::MAX);
    let kept = groups.iter().skip(plan.offset).take(limit);
    kept.map(|group| record(runner, plan, group)).collect()
}

fn groups<'g>(runner: &Runner<'_, '_>, plan: &Plan<'_>, rows: &'g [Row]) -> Vec<Vec<&'g Row>> {
    if plan.group.is_empty() {
        return vec![rows.iter().collect()];
    }
    let mut places: HashMap<Vec<Option<String>>, usize> = HashMap::new();
    let mut groups: Vec<Vec<&Row>> = Vec::new();
    for row in rows {
        let values = plan
            .group
            .iter()
            .map(|path| runner.value(plan.object, row, path));
        let key = values.map(|value| folded(&value)).collect();
        let place = *places.entry(key).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    groups
}

fn record(runner: &Runner<'_, '_>, plan: &Plan<'_>, group: &[&Row]) -> Value {
    let mut out = Map::new();
    out.insert("attributes".to_owned(), json!({"type": "AggregateResult"}));
    for column in &plan.columns {
        let (key, value) = match column {
            Column::Field(path, key) => (key, shared(runner, plan, group, path)),
            Column::Aggregate(function, path, key) => {
                (key, aggregate(runner, plan, group, *function, path))
            }
            Column::Child { .. } | Column::TypeOf { .. } => continue,
        };
        out.insert(key.clone(), value);
    }
    Value::Object(out)
}

/// The value that all rows of a group have in common.
fn shared(runner: &Runner<'_, '_>, plan: &Plan<'_>, group: &[&Row], path: &Path) -> Value {
    let first = group.first();
    first.map_or(Value::Null, |row| runner.value(plan.object, row, path))
}

fn aggregate(
    runner: &Runner<'_, '_>,
    plan: &Plan<'_>,
    group: &[&Row],
    function: Function,
    path: &Path,
) -> Value {
    let values = group.iter().map(|row| runner.value(plan.object, row, path));
    let values: Vec<Value> = values.filter(|value| !value.is_null()).collect();
    let numbers = || values.iter().filter_map(Value::as_f64);
    let number = |number: f64| Number::from_f64(number).map_or(Value::Null, Value::Number);
    match function {
        Function::Count => Value::from(values.len()),
        Function::CountDistinct => {
            let distinct: HashSet<String> = values.iter().filter_map(folded).collect();
            Value::from(distinct.len())
        }
        Function::Minimum => values
            .iter()
            .min_by(|l, r| order(l, r))
            .cloned()
            .unwrap_or_default(),
        Function::Maximum => values
            .iter()
            .max_by(|l, r| order(l, r))
            .cloned()
            .unwrap_or_default(),
        Function::Sum if values.is_empty() => Value::Null,
        Function::Average if values.is_empty() => Value::Null,
        Function::Sum => number(numbers().sum()),
        Function::Average => {
            let count = u32::try_from(values.len()).unwrap_or(u32::MAX);
            number(numbers().sum::<f64>() / f64::from(count))
        }
    }
}
