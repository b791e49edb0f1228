//! A report's result: its rows found by the stand-in's own queries, grouped and summed up.

use serde_json::{Map, Value, json};

use super::standard::{self, Report};
use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::Org;
use crate::demo::crm::soql;

/// What was found: facts by key, and the groups.
pub struct Facts {
    pub map: Value,
    pub groupings: Vec<Value>,
}

/// # Errors
/// When a column or an operator is not one that the report has.
pub fn run(
    org: &Org<'_>,
    report: &Report,
    metadata: &Map<String, Value>,
    details: bool,
) -> Outcome<Facts> {
    let texts = |name: &str| -> Vec<String> {
        let items = metadata.get(name).and_then(Value::as_array);
        let items = items.into_iter().flatten();
        items
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect()
    };
    let columns = texts("detailColumns");
    let grouped = metadata
        .get("groupingsDown")
        .and_then(|down| down[0]["name"].as_str());
    let paths = columns.iter().map(|column| standard::path(report, column));
    let paths = paths.collect::<Outcome<Vec<String>>>()?;
    let group = grouped
        .map(|name| standard::path(report, name))
        .transpose()?;
    let mut select = vec!["Id".to_owned()];
    let wanted = paths.iter().chain(&group).map(String::as_str);
    for path in wanted.chain(beside(report).iter().copied()) {
        if !select.iter().any(|known| known == path) {
            select.push(path.to_owned());
        }
    }
    let query = format!(
        "SELECT {} FROM {}{} ORDER BY CreatedDate",
        select.join(","),
        report.object,
        filters(report, metadata)?
    );
    let records = soql::answer(org, &query, false)?.records;
    let aggregates = texts("aggregates");
    let mut map = Map::new();
    let mut groupings = Vec::new();
    if let Some(path) = &group {
        let mut values: Vec<Value> = Vec::new();
        for record in &records {
            let value = at(record, path);
            if !values.contains(&value) {
                values.push(value);
            }
        }
        for (key, value) in values.iter().enumerate() {
            let within: Vec<&Value> = records
                .iter()
                .filter(|record| at(record, path) == *value)
                .collect();
            let id = within.first().map(|record| at(record, "AccountId"));
            groupings.push(json!({
                "groupings": [],
                "key": key.to_string(),
                "label": shown(value),
                "value": id.filter(|id| !id.is_null()).unwrap_or_else(|| value.clone()),
            }));
            let fact = fact(report, &within, (&columns, &paths), &aggregates, details);
            map.insert(format!("{key}!T"), fact);
        }
    }
    let all: Vec<&Value> = records.iter().collect();
    let rows = details && group.is_none();
    let total = fact(report, &all, (&columns, &paths), &aggregates, rows);
    map.insert("T!T".to_owned(), total);
    Ok(Facts {
        map: Value::Object(map),
        groupings,
    })
}

/// What is read whatever is shown: groups have an id, sums a number.
fn beside(report: &Report) -> &'static [&'static str] {
    match report.object {
        "Opportunity" => &["AccountId", "Amount"],
        _ => &[],
    }
}

fn fact(
    report: &Report,
    records: &[&Value],
    (columns, paths): (&[String], &[String]),
    aggregates: &[String],
    details: bool,
) -> Value {
    let sums = aggregates.iter().map(|name| {
        let total = match name.split_once('!') {
            Some((_, column)) => {
                let path = standard::path(report, column).unwrap_or_default();
                let values = records
                    .iter()
                    .filter_map(|record| at(record, &path).as_f64());
                json!(values.sum::<f64>())
            }
            None => json!(records.len()),
        };
        json!({"label": shown(&total), "value": total})
    });
    let mut fact = json!({"aggregates": sums.collect::<Vec<_>>()});
    if details {
        let rows = records.iter().map(|record| {
            let cells = columns.iter().zip(paths).map(|(column, path)| {
                let value = at(record, path);
                // A name stands beside the id of its record.
                let named = matches!(
                    column.as_str(),
                    "FULL_NAME" | "LAST_NAME" | "OPPORTUNITY_NAME"
                );
                let id = named.then(|| at(record, "Id"));
                json!({"label": shown(&value), "value": id.unwrap_or(value)})
            });
            json!({"dataCells": cells.collect::<Vec<_>>()})
        });
        fact["rows"] = rows.collect();
    }
    fact
}

fn at(record: &Value, path: &str) -> Value {
    let mut value = record;
    for name in path.split('.') {
        value = &value[name];
    }
    value.clone()
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn filters(report: &Report, metadata: &Map<String, Value>) -> Outcome<String> {
    let mut conditions = Vec::new();
    let filters = metadata.get("reportFilters").and_then(Value::as_array);
    for filter in filters.into_iter().flatten() {
        let text = |name: &str| filter[name].as_str().unwrap_or_default();
        let path = standard::path(report, text("column"))?;
        let quoted = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
        let values: Vec<String> = text("value")
            .split(',')
            .map(|value| quoted(value.trim()))
            .collect();
        let pattern = text("value");
        conditions.push(match text("operator") {
            "equals" => format!("{path} IN ({})", values.join(",")),
            "notEqual" => format!("{path} NOT IN ({})", values.join(",")),
            "contains" => format!("{path} LIKE {}", quoted(&format!("%{pattern}%"))),
            "startsWith" => format!("{path} LIKE {}", quoted(&format!("{pattern}%"))),
            _ => return Err(Fault::bad("BAD_REQUEST", "The filter operator is invalid.")),
        });
    }
    Ok(match conditions.is_empty() {
        true => String::new(),
        false => format!(" WHERE {}", conditions.join(" AND ")),
    })
}

/// How a report's columns are described.
pub fn described(report: &Report) -> Value {
    let columns = report.columns.iter().map(|name| {
        let info = json!({"dataType": "string", "label": standard::label(name)});
        ((*name).to_owned(), info)
    });
    let groups = report.grouped.iter().map(|name| {
        let info =
            json!({"dataType": "string", "groupingLevel": 0, "label": standard::label(name)});
        ((*name).to_owned(), info)
    });
    let sums = report.aggregates.iter().map(|name| {
        let info = json!({"acrossGroupingContext": null, "dataType": "double", "label": name});
        ((*name).to_owned(), info)
    });
    json!({
        "aggregateColumnInfo": sums.collect::<Map<_, _>>(),
        "detailColumnInfo": columns.collect::<Map<_, _>>(),
        "groupingColumnInfo": groups.collect::<Map<_, _>>(),
    })
}
