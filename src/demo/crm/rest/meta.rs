//! Versions, resources, limits and counts.

use serde_json::{Map, Value, json};

use crate::demo::crm::fault::Outcome;
use crate::demo::crm::records::Org;
use crate::demo::crm::rest::{Call, DAILY_CALLS, Reply, VERSIONS};
use crate::demo::crm::soql;

/// `GET /services/data`
pub fn versions() -> Reply {
    let shown = VERSIONS.map(|number| {
        // Version 20 was Winter '11; there are three a year.
        let (season, year) = match number % 3 {
            2 => ("Winter", 11 + (number - 20) / 3),
            0 => ("Spring", 11 + (number - 21) / 3),
            _ => ("Summer", 11 + (number - 22) / 3),
        };
        json!({
            "label": format!("{season} '{year}"),
            "url": format!("/services/data/v{number}.0"),
            "version": format!("{number}.0"),
        })
    });
    Reply::json(200, shown.collect())
}

/// `GET /services/data/vX`
pub fn resources(org: &Org<'_>) -> Reply {
    let names = [
        "query",
        "queryAll",
        "sobjects",
        "composite",
        "recent",
        "limits",
    ];
    let shown = names.map(|name| {
        let url = format!("/services/data/v{}/{name}", org.version);
        (name.to_owned(), Value::from(url))
    });
    let mut shown: Map<String, Value> = shown.into_iter().collect();
    // Salesforce's own login host, wherever the organisation's is.
    let identity = format!("https://login.salesforce.com/id/{}/{}", org.id, org.user);
    shown.insert("identity".to_owned(), identity.into());
    Reply::json(200, Value::Object(shown))
}

/// `GET /recent?limit=5`: the records that were changed last.
///
/// # Errors
/// When the database fails.
pub fn recent(org: &Org<'_>, call: &Call) -> Outcome<Reply> {
    let limit = call.parameter("limit").and_then(|limit| limit.parse().ok());
    let limit: usize = limit.unwrap_or(200).min(200);
    let mut found: Vec<(String, Value)> = Vec::new();
    for name in ["Account", "Contact", "Lead", "Opportunity"] {
        let query = format!(
            "SELECT Id, Name, SystemModstamp FROM {name} ORDER BY SystemModstamp DESC LIMIT {limit}"
        );
        for mut record in soql::answer(org, &query, false)?.records {
            let Some(map) = record.as_object_mut() else {
                continue;
            };
            let at = map.shift_remove("SystemModstamp").unwrap_or_default();
            found.push((at.as_str().unwrap_or_default().to_owned(), record));
        }
    }
    found.sort_by(|left, right| right.0.cmp(&left.0));
    let records = found.into_iter().take(limit).map(|(_, record)| record);
    Ok(Reply::json(200, records.collect()))
}

/// `GET /limits`
pub fn limits(org: &Org<'_>) -> Reply {
    let limit = |max: u32, remaining: u32| json!({"Max": max, "Remaining": remaining});
    let limits = [
        (
            "DailyApiRequests",
            limit(DAILY_CALLS, DAILY_CALLS.saturating_sub(org.calls)),
        ),
        ("DailyBulkApiBatches", limit(15_000, 15_000)),
        ("DataStorageMB", limit(5, 5)),
        ("FileStorageMB", limit(20, 20)),
        ("SingleEmail", limit(15, 15)),
    ];
    let limits = limits.into_iter().map(|(name, v)| (name.to_owned(), v));
    Reply::json(200, Value::Object(limits.collect::<Map<_, _>>()))
}

/// `GET /limits/recordCount?sObjects=A,B`; objects that never had a record are left out, as recorded.
///
/// # Errors
/// When the database fails.
pub fn record_count(org: &Org<'_>, call: &Call) -> Outcome<Reply> {
    let asked = call.parameter("sObjects");
    let wanted = |name: &str| {
        asked.is_none_or(|asked| {
            asked
                .split(',')
                .any(|a| a.trim().eq_ignore_ascii_case(name))
        })
    };
    let mut counts = Vec::new();
    for object in org
        .schema
        .objects()
        .iter()
        .filter(|object| wanted(&object.name))
    {
        if org.store.count(object, true)? > 0 {
            let count = org.store.count(object, false)?;
            counts.push(json!({"count": count, "name": object.name}));
        }
    }
    Ok(Reply::json(200, json!({"sObjects": counts})))
}
