//! The fields that Salesforce computes itself: names, copies of the contact, open or closed.

use serde_json::Value;

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::moment;
use crate::demo::crm::records::{Org, put, text, value};
use crate::demo::crm::schema::Object;
use crate::demo::crm::store::{OneOf, Row, Scan};

/// A case shows these of its contact: the case's field, the contact's field.
const CASE_COPIES: [(&str, &str); 4] = [
    ("ContactPhone", "Phone"),
    ("ContactMobile", "MobilePhone"),
    ("ContactEmail", "Email"),
    ("ContactFax", "Fax"),
];

/// Computes the computed fields of a record that is about to be stored.
///
/// # Errors
/// When the fields that a person account and a business account have do not go together.
pub fn fill(org: &Org<'_>, object: &Object, row: &mut Row) -> Outcome<()> {
    match object.name.as_str() {
        "Contact" | "Lead" => {
            full_name(object, row);
            photo(object, row);
        }
        "User" => full_name(object, row),
        "Account" => account(object, row)?,
        "Case" => case(org, object, row)?,
        "Task" => task(org, object, row)?,
        "Event" => event(org, object, row)?,
        "Opportunity" => opportunity(object, row),
        "EmailMessage" => or_now(org, object, row, "MessageDate"),
        "Custom__c" if value(object, row, "Name").is_null() => {
            let id = value(object, row, "Id").clone();
            put(object, row, "Name", id);
        }
        _ => {}
    }
    Ok(())
}

/// Writes what other records copy from one that was changed.
///
/// # Errors
/// When the database fails.
pub fn spread(org: &Org<'_>, object: &Object, row: &Row) -> Outcome<()> {
    if object.name != "Contact" {
        return Ok(());
    }
    let Some(cases) = org.schema.object("Case") else {
        return Ok(());
    };
    let (Some(contact), Some(id)) = (cases.position("ContactId"), cases.position("Id")) else {
        return Ok(());
    };
    let scan = Scan {
        fields: vec![id],
        narrow: vec![OneOf {
            field: contact,
            values: vec![text(object, row, "Id").to_owned()],
        }],
        ..Scan::default()
    };
    let copies = CASE_COPIES
        .iter()
        .filter_map(|(to, from)| Some((cases.position(to)?, value(object, row, from).clone())));
    let copies: Vec<(usize, Value)> = copies.collect();
    for found in org.store.scan(cases, &scan)? {
        org.store
            .update(cases, text(cases, &found, "Id"), &copies)?;
    }
    Ok(())
}

fn full_name(object: &Object, row: &mut Row) {
    let parts = [
        text(object, row, "FirstName"),
        text(object, row, "LastName"),
    ];
    let name = parts.join(" ").trim().to_owned();
    put(object, row, "Name", Value::String(name));
}

fn photo(object: &Object, row: &mut Row) {
    let url = format!("/services/images/photo/{}", text(object, row, "Id"));
    put(object, row, "PhotoUrl", Value::String(url));
}

/// An account with a last name is a person; its name is then made of the person's.
fn account(object: &Object, row: &mut Row) -> Outcome<()> {
    photo(object, row);
    let person = !value(object, row, "LastName").is_null();
    put(object, row, "IsPersonAccount", Value::Bool(person));
    if person {
        full_name(object, row);
        return Ok(());
    }
    let personal = object.fields.iter().zip(row.iter());
    let stray = personal.into_iter().find(|(field, value)| {
        let person = field.name == "FirstName" || field.name.starts_with("Person");
        person && !value.is_null() && **value != Value::Bool(false)
    });
    stray.map_or(Ok(()), |(field, _)| {
        let message = format!(
            "Account: bad field names on insert/update call: {}",
            field.name
        );
        Err(Fault::bad("INVALID_FIELD_FOR_INSERT_UPDATE", message).on(&field.name))
    })
}

fn case(org: &Org<'_>, object: &Object, row: &mut Row) -> Outcome<()> {
    if value(object, row, "CaseNumber").is_null() {
        let number = org.store.cases.get() + 1;
        org.store.cases.set(number);
        put(
            object,
            row,
            "CaseNumber",
            Value::String(format!("{number:08}")),
        );
    }
    closed(org, object, row, "Closed", "ClosedDate");
    let contact = related(org, text(object, row, "ContactId"))?;
    for (to, from) in CASE_COPIES {
        let copy = contact.as_ref().map(|(of, found)| value(of, found, from));
        put(object, row, to, copy.cloned().unwrap_or_default());
    }
    if let Some((of, found)) = contact.filter(|_| value(object, row, "AccountId").is_null()) {
        let account = value(of, &found, "AccountId").clone();
        put(object, row, "AccountId", account);
    }
    Ok(())
}

fn task(org: &Org<'_>, object: &Object, row: &mut Row) -> Outcome<()> {
    closed(org, object, row, "Completed", "CompletedDateTime");
    let high = text(object, row, "Priority").eq_ignore_ascii_case("high");
    put(object, row, "IsHighPriority", Value::Bool(high));
    activity_account(org, object, row)
}

fn event(org: &Org<'_>, object: &Object, row: &mut Row) -> Outcome<()> {
    let start = match text(object, row, "StartDateTime") {
        "" => text(object, row, "ActivityDateTime"),
        start => start,
    };
    let day = text(object, row, "ActivityDate");
    let start = moment::parse_datetime(start)
        .or_else(|| moment::parse_datetime(&format!("{day}T00:00:00Z")));
    let minutes = value(object, row, "DurationInMinutes").as_i64();
    let end = moment::parse_datetime(text(object, row, "EndDateTime"));
    let Some(start) = start else {
        let message = "Required fields are missing: [StartDateTime, ActivityDateTime]";
        let fault = Fault::bad("REQUIRED_FIELD_MISSING", message);
        return Err(fault.on("StartDateTime").on("ActivityDateTime"));
    };
    let end = match (end, minutes) {
        (_, Some(minutes)) => start + minutes * 60_000,
        (Some(end), None) => end,
        (None, None) => {
            let message = "Required fields are missing: [DurationInMinutes]";
            return Err(Fault::bad("REQUIRED_FIELD_MISSING", message).on("DurationInMinutes"));
        }
    };
    let duration = Value::from((end - start) / 60_000);
    put(object, row, "DurationInMinutes", duration);
    let at = Value::String(moment::datetime(start));
    put(object, row, "StartDateTime", at.clone());
    put(object, row, "ActivityDateTime", at);
    let end_at = Value::String(moment::datetime(end));
    put(object, row, "EndDateTime", end_at);
    let day = Value::String(moment::date(start).to_string());
    put(object, row, "ActivityDate", day);
    let last = Value::String(moment::date(end).to_string());
    put(object, row, "EndDate", last);
    activity_account(org, object, row)
}

fn opportunity(object: &Object, row: &mut Row) {
    let stage = text(object, row, "StageName").to_lowercase();
    let won = stage == "closed won";
    let over = stage.starts_with("closed");
    put(object, row, "IsWon", Value::Bool(won));
    put(object, row, "IsClosed", Value::Bool(over));
    if over || value(object, row, "Probability").is_null() {
        let chance = match (won, over) {
            (true, _) => 100.0,
            (false, true) => 0.0,
            (false, false) => 10.0,
        };
        put(object, row, "Probability", Value::from(chance));
    }
    let forecast = match (won, over) {
        (true, _) => "Closed",
        (false, true) => "Omitted",
        (false, false) => "Pipeline",
    };
    put(object, row, "ForecastCategory", Value::from(forecast));
    put(object, row, "ForecastCategoryName", Value::from(forecast));
    let amount = value(object, row, "Amount").as_f64();
    let chance = value(object, row, "Probability").as_f64();
    let expected = amount
        .zip(chance)
        .map(|(amount, chance)| amount * chance / 100.0);
    put(
        object,
        row,
        "ExpectedRevenue",
        expected.map_or(Value::Null, Value::from),
    );
}

/// Sets `IsClosed` by the status, and when that came to be.
fn closed(org: &Org<'_>, object: &Object, row: &mut Row, status: &str, when: &str) {
    let over = text(object, row, "Status").eq_ignore_ascii_case(status);
    put(object, row, "IsClosed", Value::Bool(over));
    if over {
        or_now(org, object, row, when);
    } else {
        put(object, row, when, Value::Null);
    }
}

/// The account of the person or thing that an activity is about.
fn activity_account(org: &Org<'_>, object: &Object, row: &mut Row) -> Outcome<()> {
    for about in ["WhatId", "WhoId"] {
        let Some((of, found)) = related(org, text(object, row, about))? else {
            continue;
        };
        let account = match of.name.as_str() {
            "Account" => value(of, &found, "Id"),
            _ => value(of, &found, "AccountId"),
        };
        if !account.is_null() {
            put(object, row, "AccountId", account.clone());
            break;
        }
    }
    Ok(())
}

fn or_now(org: &Org<'_>, object: &Object, row: &mut Row, name: &str) {
    if value(object, row, name).is_null() {
        put(object, row, name, Value::String(moment::datetime(org.now)));
    }
}

fn related<'a>(org: &Org<'a>, id: &str) -> Outcome<Option<(&'a Object, Row)>> {
    let Some(object) = org.schema.of_id(id) else {
        return Ok(None);
    };
    Ok(org.store.find(object, id)?.map(|row| (object, row)))
}
