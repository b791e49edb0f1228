//! Reports and dashboards, on the way in.

use serde_json::{Value, json};

use super::Shape;
use crate::protect::trial::{Sent, Trial};

const EVERYTHING: &[&str] = &["sales", "support", "marketing", "privacy", "integration"];

struct House {
    trial: Trial,
    sent: Sent,
    tokens: Value,
}

fn house() -> House {
    let mut trial = Trial::start();
    let body = "{\"LastName\":\"Jansen\",\"Email\":\"mien@example.nl\"}";
    let written = trial.write("Contact", body).unwrap();
    let tokens = serde_json::from_str(&written.body).unwrap();
    let target = "/services/data/v60.0/analytics/reports/00O000000000001EAA?includeDetails=true";
    let sent = trial.send("GET", target, "").unwrap();
    House {
        trial,
        sent,
        tokens,
    }
}

impl House {
    fn token(&self, field: &str) -> &str {
        self.tokens[field].as_str().unwrap()
    }

    fn seen(&self, shape: Shape, answer: &Value, roles: &[&str]) -> Value {
        let (body, _) = self
            .trial
            .answer_as(shape, &self.sent, &answer.to_string(), roles);
        serde_json::from_str(&body).unwrap()
    }

    /// A report with these cells in its one row, each of the column of that place.
    fn report(&self, columns: &[&str], cells: &Value) -> Value {
        self.report_of("ContactList", columns, cells)
    }

    fn report_of(&self, kind: &str, columns: &[&str], cells: &Value) -> Value {
        json!({
            "attributes": {"reportName": "Klanten", "type": "Report"},
            "allData": true,
            "factMap": {"T!T": {"rows": [{"dataCells": cells}], "aggregates": []}},
            "hasDetailRows": true,
            "reportExtendedMetadata": {"detailColumnInfo": {"EMAIL": {"label": "E-mail"}}},
            "reportMetadata": {
                "detailColumns": columns,
                "name": "Klanten",
                "description": "van Jansen",
                "reportFilters": [{"column": "EMAIL", "operator": "equals", "value": self.token("Email")}],
                "reportType": {"type": kind, "label": "Contacts"},
            },
        })
    }
}

fn cells(report: &Value) -> &Value {
    &report["factMap"]["T!T"]["rows"][0]["dataCells"]
}

#[test]
fn a_cell_is_revealed_by_the_class_of_its_value() {
    let house = house();
    let (last, email) = (house.token("LastName"), house.token("Email"));
    let answer = house.report(
        &["LAST_NAME", "CONTACT.EMAIL", "Contact.LeadSource"],
        &json!([
            {"label": last, "value": "003000000000001AAA"},
            {"label": email, "value": email, "recordCount": null},
            {"label": "Web", "value": "Web"},
        ]),
    );
    let seen = house.seen(Shape::Report, &answer, EVERYTHING);
    assert_eq!(
        cells(&seen),
        &json!([
            {"label": "Jansen", "value": "003000000000001AAA"},
            {"label": "mien@example.nl", "value": "mien@example.nl", "recordCount": null},
            {"label": "Web", "value": "Web"},
        ])
    );
    assert_eq!(seen["reportMetadata"]["name"], "Klanten");
    assert_eq!(seen["reportMetadata"]["description"], Value::Null);
    assert_eq!(
        seen["reportMetadata"]["reportFilters"][0]["value"],
        "mien@example.nl"
    );
    assert_eq!(seen["attributes"], answer["attributes"]);
    let masked = house.seen(Shape::Report, &answer, &[]);
    assert_eq!(cells(&masked), cells(&answer));
}

#[test]
fn clear_text_in_a_protected_or_unknown_column_is_masked_and_ids_stay() {
    let house = house();
    let clear = json!([
        {"label": "Pieters", "value": "003000000000001AAA"},
        {"label": "Pieters", "value": "Pieters"},
        {"label": "612345678", "value": 612_345_678},
        {"label": "Pieters", "value": {"amount": 5, "currency": "EUR"}},
        {"label": "-", "value": null},
        {"label": "Pieters", "value": "003061234567890"},
        {"label": "Pieters", "value": "061234567890123"},
    ]);
    let columns = [
        "LAST_NAME",
        "Contact.Pet__c",
        "OWNER",
        "JANSEN",
        "AGE",
        "X",
        "X",
        "X",
    ];
    let seen = house.seen(Shape::Report, &house.report(&columns, &clear), &[]);
    let text = cells(&seen).to_string();
    assert!(
        !text.contains("Pieters") && !text.contains("612345678"),
        "{text}"
    );
    assert!(
        !text.contains("EUR") && !text.contains("1234567890123"),
        "{text}"
    );
    assert_eq!(cells(&seen)[0]["value"], "003000000000001AAA");
    assert_eq!(cells(&seen)[4]["label"], "-");
    // Nobody can say what a column is that the metadata does not name.
    let unnamed = house.report(&[], &clear);
    let seen = house.seen(Shape::Report, &unnamed, EVERYTHING);
    assert!(!cells(&seen).to_string().contains("Pieters"));
}

#[test]
fn groups_are_their_columns_and_sums_over_tokens_are_masked() {
    let house = house();
    let last = house.token("LastName");
    let answer = json!({
        "factMap": {"0!T": {"aggregates": [
            {"label": "5", "value": 5},
            {"label": "7", "value": 7},
            {"label": last, "value": last},
            {"label": "9", "value": 9},
        ]}},
        "groupingsDown": {"groupings": [{
            "key": "0", "label": "Web", "value": "Web",
            "groupings": [{"key": "0_0", "label": last, "value": "003000000000001AAA", "groupings": []}],
        }]},
        "groupingsAcross": {"groupings": [{"key": "0", "label": "Pieters", "value": "Pieters", "groupings": []}]},
        "picklistColors": {"LAST_NAME": {"Pieters": "#000"}},
        "strange": "Pieters",
        "reportMetadata": {
            "reportType": {"type": "ContactList"},
            "aggregates": ["RowCount", "s!Opportunity.Amount", "m!LAST_NAME", "FORMULA1"],
            "groupingsDown": [{"name": "Contact.LeadSource"}, {"name": "Trial__c.Stable__c"}],
            "groupingsAcross": [{"name": "FIRST_NAME"}],
        },
    });
    let seen = house.seen(Shape::Report, &answer, EVERYTHING);
    let group = &seen["groupingsDown"]["groupings"][0];
    assert_eq!(group["label"], "Web");
    assert_eq!(group["groupings"][0]["label"], "Jansen");
    let sums = &seen["factMap"]["0!T"]["aggregates"];
    assert_eq!(sums[0]["value"], 5);
    assert_eq!(sums[1]["value"], 7);
    assert_eq!(sums[2], json!({"label": null, "value": null}));
    assert_eq!(sums[3]["value"], Value::Null);
    let hidden = house.seen(Shape::Report, &answer, &[]);
    assert!(!hidden.to_string().contains("Pieters"), "{hidden}");
    assert_eq!(
        hidden["groupingsDown"]["groupings"][0]["groupings"][0]["key"],
        "0_0"
    );
}

#[test]
fn counts_and_groups_over_tokens_that_differ_for_equal_values_are_masked() {
    let house = house();
    let last = house.token("LastName");
    let sum = |value: u32| json!({"label": value.to_string(), "value": value});
    let answer = json!({
        "factMap": {"T!T": {"aggregates": [sum(3), sum(4), sum(5)]}},
        "groupingsDown": {"groupings": [{"key": "0", "label": last, "value": last, "groupings": []}]},
        "reportMetadata": {
            "reportType": {"type": "ContactList"},
            "aggregates": ["u!CONTACT.LASTNAME", "u!Trial__c.Stable__c", "u!Contact.LeadSource"],
            "groupingsDown": [{"name": "LAST_NAME"}],
        },
    });
    let seen = house.seen(Shape::Report, &answer, EVERYTHING);
    let sums = &seen["factMap"]["T!T"]["aggregates"];
    assert_eq!(sums[0], json!({"label": null, "value": null}));
    assert_eq!(sums[1], sum(4));
    assert_eq!(sums[2], sum(5));
    let group = &seen["groupingsDown"]["groupings"][0];
    assert_eq!(
        (&group["label"], &group["key"]),
        (&Value::Null, &json!("0"))
    );
}

#[test]
fn an_old_name_in_a_report_of_another_type_is_nobodys_field() {
    let house = house();
    let columns = ["SUBJECT", "EMAIL", "STATUS", "DESCRIPTION", "ACCOUNT_NAME"];
    let clear = json!([
        {"label": "Pieters", "value": "Pieters"},
        {"label": house.token("Email"), "value": "Pieters"},
        {"label": "Pieters", "value": "Pieters"},
        {"label": "Pieters", "value": "Pieters"},
        {"label": "Bakkerij", "value": "001000000000001AAA"},
    ]);
    for kind in ["UserList", "ActivityList", "Jansen__c", ""] {
        let report = house.report_of(kind, &columns, &clear);
        let seen = house.seen(Shape::Report, &report, EVERYTHING);
        assert!(
            !seen["factMap"].to_string().contains("Pieters"),
            "{kind}: {seen}"
        );
        assert_eq!(cells(&seen)[1]["label"], "mien@example.nl");
    }
    let report = house.report_of("CaseList", &columns, &clear);
    let seen = house.seen(Shape::Report, &report, EVERYTHING);
    assert_eq!(cells(&seen)[0]["label"], "Pieters", "a case's own subject");
}

#[test]
fn a_column_behind_a_relation_to_several_objects_shows_no_clear_text() {
    let house = house();
    let cell = json!({"label": "Pieters", "value": "Pieters"});
    let clear = json!([cell, cell, cell]);
    let columns = ["Task.What.Name", "Task.What.CreatedDate", "Task.Who.Email"];
    let seen = house.seen(Shape::Report, &house.report(&columns, &clear), EVERYTHING);
    assert_eq!(cells(&seen)[0]["label"], Value::Null);
    assert_eq!(cells(&seen)[1]["label"], Value::Null);
    assert_eq!(
        cells(&seen)[2]["label"],
        "Pieters",
        "contacts and leads, no others"
    );
}

#[test]
fn what_people_typed_into_a_description_is_masked_and_so_is_what_nobody_knows() {
    let house = house();
    let typed = "Jansen, call back";
    let mut report = house.report(&["LAST_NAME"], &json!([]));
    report["reportMetadata"]["chart"] = json!({"chartType": "Donut", "title": typed});
    report["reportMetadata"]["reportBlocks"] = json!([{"name": typed}]);
    report["reportMetadata"]["buckets"] = json!([{"label": typed}]);
    report["reportExtendedMetadata"]["detailColumnInfo"]["X"] =
        json!({"label": "X", "dataType": "string", "filterValues": [{"label": typed}], "y": typed});
    report["reportTypeMetadata"] = json!({"categories": [{"label": "C", "columns": {"X": {"filterValues": [{"name": typed}]}}}]});
    let seen = house.seen(Shape::Report, &report, EVERYTHING);
    assert!(!seen.to_string().contains("call back"), "{seen}");
    let metadata = &seen["reportMetadata"];
    assert_eq!(metadata["chart"]["chartType"], "Donut");
    assert_eq!(metadata["name"], "Klanten");
    let info = &seen["reportExtendedMetadata"]["detailColumnInfo"];
    assert_eq!(info["X"]["dataType"], "string");
    assert_eq!(info["EMAIL"]["label"], "E-mail");
    assert_eq!(seen["reportTypeMetadata"]["categories"][0]["label"], "C");
    let component = json!({"id": "01a000000000001AAA", "type": "Report", "header": typed, "footer": typed,
        "title": typed, "properties": {"visualizationType": "Bar", "text": typed}, "x": typed});
    let described = json!({"name": "Klanten", "components": [component], "dashboardSetting": typed,
        "description": typed, "widgets": [{"text": typed}]});
    for answer in [
        described.clone(),
        json!({"dashboardMetadata": described, "x": typed}),
    ] {
        let seen = house.seen(Shape::Dashboard, &answer, EVERYTHING);
        assert!(!seen.to_string().contains("call back"), "{seen}");
        let text = seen.to_string();
        assert!(text.contains("\"visualizationType\":\"Bar\"") && text.contains("Klanten"));
    }
}

#[test]
fn a_dashboard_has_reports_and_a_list_has_names() {
    let house = house();
    let report = house.report(
        &["LAST_NAME"],
        &json!([{"label": house.token("LastName"), "value": null}]),
    );
    let other = house.report(
        &["Contact.LeadSource"],
        &json!([{"label": "Web", "value": "Web"}]),
    );
    let answer = json!({
        "componentData": [
            {"componentId": "01a000000000001AAA", "reportResult": report, "status": {"dataStatus": "DATA"}},
            {"componentId": "01a000000000002AAA", "reportResult": other, "x": "Pieters"},
        ],
        "dashboardMetadata": {"name": "Klanten", "runningUser": {"displayName": "Pieters", "id": "005000000000001AAA"},
            "filters": [{"name": "x", "options": [{"value": "Pieters"}]}], "components": [{"header": "Deals"}]},
    });
    let seen = house.seen(Shape::Dashboard, &answer, &["sales"]);
    assert_eq!(
        cells(&seen["componentData"][0]["reportResult"])[0]["label"],
        "Jansen"
    );
    assert_eq!(
        cells(&seen["componentData"][1]["reportResult"])[0]["label"],
        "Web"
    );
    assert_eq!(seen["dashboardMetadata"]["name"], "Klanten");
    assert!(!seen.to_string().contains("Pieters"), "{seen}");
    let list =
        json!([{"id": "00O000000000001EAA", "name": "Klanten", "url": "/x", "strange": "Pieters"}]);
    let seen = house.seen(Shape::Listed, &list, &[]);
    assert_eq!(seen[0]["name"], "Klanten");
    assert_eq!(seen[0]["strange"], Value::Null);
    let error =
        json!([{"errorCode": "BAD_REQUEST", "message": format!("no {}", house.token("LastName"))}]);
    for shape in [Shape::Report, Shape::Dashboard, Shape::Listed] {
        let seen = house.seen(shape, &error, &["sales"]);
        assert_eq!(seen[0]["message"], "no Jansen");
    }
}

#[test]
fn metadata_that_is_told_twice_or_nowhere_names_no_column() {
    let house = house();
    let cell =
        "{\"T!T\":{\"rows\":[{\"dataCells\":[{\"label\":\"Pieters\",\"value\":\"Pieters\"}]}]}}";
    let open = "{\"detailColumns\":[\"Contact.LeadSource\"]}";
    for text in [
        format!("{{\"factMap\":{cell},\"reportMetadata\":{open},\"reportMetadata\":{open}}}"),
        format!("{{\"factMap\":{cell}}}"),
        format!("{{\"factMap\":{cell},\"x\":{{\"reportMetadata\":{open}}}}}"),
        format!("{{\"factMap\":{cell},\"report\\u004detadata\":{open}}}"),
    ] {
        let (body, _) = house
            .trial
            .answer_as(Shape::Report, &house.sent, &text, EVERYTHING);
        assert!(!body.contains("Pieters"), "{body}");
    }
    let text = format!("{{\"factMap\":{cell},\"reportMetadata\":{open}}}");
    let (body, _) = house
        .trial
        .answer_as(Shape::Report, &house.sent, &text, &[]);
    assert!(body.contains("Pieters"), "the column passes: {body}");
}
