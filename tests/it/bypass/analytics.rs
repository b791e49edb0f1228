//! S06: reports and dashboards: names of columns, values of filters, words of metadata.

use serde_json::json;

use crate::bypass::case::{Case, D, call, get, send};
use crate::bypass::runner::run;

const ROW: &str = "S06";
const REPORT: &str = "reports/00O000000000001EAA";
const EXPORT: &str = "/00O000000000001EAA?isdtp=p1&export=1&enc=UTF-8&xf=csv";

pub fn cases() -> Vec<Case> {
    let target = |rest: &str| format!("{D}/analytics/{rest}");
    let post = |rest: &str, metadata: &str| {
        let body = format!("{{\"reportMetadata\":{metadata}}}");
        send(
            ROW,
            &format!("{rest} {metadata}"),
            "POST",
            &target(rest),
            &body,
        )
    };
    let filter = |column: &str, operator: &str, value: &str| {
        let filter = json!({"column": column, "operator": operator, "value": value});
        let metadata = json!({"reportFilters": [filter]});
        post(
            &format!("{REPORT}?includeDetails=true"),
            &metadata.to_string(),
        )
    };
    let mut cases = Vec::new();
    for (method, rest) in TARGETS {
        cases.push(call(ROW, rest, method, &target(rest)));
    }
    for metadata in METADATA {
        cases.push(post(REPORT, metadata));
    }
    for (column, operator, value) in FILTERS {
        cases.push(filter(column, operator, value));
    }
    for body in BODIES {
        cases.push(send(ROW, body, "POST", &target(REPORT), body));
        let instances = format!("{REPORT}/instances");
        cases.push(send(ROW, body, "POST", &target(&instances), body));
    }
    for metadata in ["{}", "{\"reportType\":{\"type\":\"{c}\"}}"] {
        cases.push(post("reports/query", metadata));
    }
    for body in [
        r#"{"componentIds":["{c}"]}"#,
        r#"{"componentIds":[],"{c}":1}"#,
        r#"["{c}"]"#,
    ] {
        let dashboard = target("dashboards/01Z000000000001EAA");
        cases.push(send(ROW, body, "POST", &dashboard, body));
    }
    for (method, rest, body) in WRITES {
        cases.push(send(ROW, rest, method, &target(rest), body));
    }
    for accept in [
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/json, application/vnd.ms-excel;q=0.5",
    ] {
        cases.push(get(ROW, accept, &target(REPORT)).with(("Accept", accept)));
    }
    for export in [
        "/00O000000000001EAA?export=1&enc=UTF-8&xf=xls",
        "/00O000000000001EAA?export=1&enc=UTF-8&xf=csv&pv0={c}",
        "/00O000000000001EAA?export=1&enc={c}&xf=csv",
        "/00O000000000001EAA?export=1&enc=UTF-8&xf=csv&{c}=1",
        "/00O000000000001EAA/{c}?export=1&enc=UTF-8&xf=csv",
        "/00O{c}?export=1&enc=UTF-8&xf=csv",
        "/00O000000000001EAA",
        "/servlet/PrintableViewDownloadServlet?id=00O000000000001EAA",
    ] {
        cases.push(get(ROW, export, export));
    }
    for cookie in ["sid={c}", "sid={token}; sid={c}", "sid={c}; sid={token}"] {
        let case = get(ROW, cookie, EXPORT).with(("Cookie", cookie));
        cases.push(case.refused(&[401]));
    }
    cases.push(send(
        ROW,
        "an export by POST",
        "POST",
        EXPORT,
        "{\"a\":\"{c}\"}",
    ));
    let others = ("Cookie", "theme={c}; sid={token}; sid_Client={c}");
    cases.push(get(ROW, "an export", EXPORT).with(others).allowed());
    for rest in ANSWERED {
        cases.push(get(ROW, rest, &target(rest)).allowed());
    }
    for (column, operator, value) in ASKED {
        cases.push(filter(column, operator, value).allowed());
    }
    for metadata in RUN {
        cases.push(post(REPORT, metadata).allowed());
    }
    cases
}

const TARGETS: &[(&str, &str)] = &[
    ("GET", "reports/{c}"),
    ("GET", "reports/00O000000000001EAA/{c}"),
    ("GET", "reports/00O000000000001EAA?{c}=1"),
    ("GET", "reports/00O000000000001EAA?includeDetails={c}"),
    ("GET", "reports/00O000000000001EAA/instances/{c}"),
    ("GET", "reports/00O000000000001EAA/fields?x={c}"),
    ("GET", "reports?q={c}"),
    ("GET", "reportTypes/{c}"),
    ("GET", "dashboards/{c}"),
    ("GET", "dashboards/01Z000000000001EAA?filter1={c}"),
    (
        "GET",
        "dashboards/01Z000000000001EAA/filteroptionsanalysis?x={c}",
    ),
    ("GET", "notifications?source={c}"),
    ("DELETE", "reports/00O000000000001EAA"),
    ("PUT", "reports/00O000000000001EAA"),
    ("POST", "dashboards?cloneId=01Z000000000001EAA"),
];

const METADATA: &[&str] = &[
    "\"{c}\"",
    "[\"{c}\"]",
    "{\"{c}\":1}",
    "{\"detailColumns\":[\"{c}\"]}",
    "{\"detailColumns\":[\"Contact.{c}\"]}",
    "{\"detailColumns\":[\"{c}$Name\"]}",
    "{\"groupingsDown\":[{\"name\":\"{c}\"}]}",
    "{\"groupingsDown\":[{\"name\":\"Contact.LeadSource\",\"sortOrder\":\"{c}\"}]}",
    "{\"groupingsDown\":[{\"name\":\"Contact.LeadSource\",\"sortAggregate\":\"s!{c}\"}]}",
    "{\"groupingsAcross\":[{\"name\":\"CONTACT.LASTNAME\"}]}",
    "{\"aggregates\":[\"{c}\"]}",
    "{\"aggregates\":[\"m!CONTACT.LASTNAME\"]}",
    "{\"aggregates\":[\"mx!CONTACT.EMAIL\"]}",
    "{\"sortBy\":[{\"sortColumn\":\"CONTACT.LASTNAME\",\"sortOrder\":\"Asc\"}]}",
    "{\"sortBy\":[{\"sortColumn\":\"{c}\",\"sortOrder\":\"Asc\"}]}",
    "{\"reportBooleanFilter\":\"1 AND {c}\"}",
    "{\"reportFormat\":\"{c}\"}",
    "{\"reportFormat\":\"MULTI_BLOCK\"}",
    "{\"scope\":\"{c}\"}",
    "{\"currency\":\"{c}\"}",
    "{\"division\":\"{c}\"}",
    "{\"id\":\"{c}\"}",
    "{\"userOrHierarchyFilterId\":\"{c}\"}",
    "{\"crossFilters\":[{\"criteria\":[{\"column\":\"EMAIL\",\"operator\":\"equals\",\"value\":\"{c}\"}]}]}",
    "{\"buckets\":[{\"label\":\"{c}\"}]}",
    "{\"customSummaryFormula\":{\"FORMULA1\":{\"formula\":\"{c}\"}}}",
    "{\"customDetailFormula\":{\"FORMULA1\":{\"formula\":\"{c}\"}}}",
    "{\"historicalSnapshotDates\":[\"{c}\"]}",
    "{\"standardFilters\":[{\"name\":\"open\",\"value\":\"{c}\"}]}",
    "{\"standardDateFilter\":{\"column\":\"{c}\",\"durationValue\":\"CUSTOM\"}}",
    "{\"standardDateFilter\":{\"column\":\"CREATED_DATE\",\"durationValue\":\"{c}\"}}",
    "{\"standardDateFilter\":{\"column\":\"CREATED_DATE\",\"endDate\":\"{c}\"}}",
    "{\"topRows\":{\"rowLimit\":\"{c}\"}}",
    "{\"reportFilters\":\"{c}\"}",
    "{\"reportFilters\":[\"{c}\"]}",
    "{\"reportFilters\":[{\"value\":\"{c}\"}]}",
    "{\"reportFilters\":[{\"column\":\"EMAIL\",\"operator\":\"equals\",\"value\":[\"{c}\"]}]}",
    "{\"reportFilters\":[{\"column\":\"EMAIL\",\"operator\":\"equals\",\"value\":\"x\",\"value\":\"{c}\"}]}",
    "{\"reportFilters\":[{\"column\":\"EMAIL\",\"operator\":\"equals\",\"{c}\":\"x\"}]}",
    "{\"reportFilters\":[{\"column\":\"Contact.LeadSource\",\"operator\":\"equals\",\"filterType\":\"fieldToField\",\"value\":\"{c}\"}]}",
];

const FILTERS: &[(&str, &str, &str)] = &[
    ("CONTACT.EMAIL", "contains", "{c}"),
    ("CONTACT.LASTNAME", "startsWith", "{c}"),
    ("LAST_NAME", "lessThan", "{c}"),
    ("CONTACT.LASTNAME", "{c}", "x"),
    ("{c}", "equals", "x"),
    ("Contact.Nickname__c", "equals", "{c}"),
    ("Pet__c.Name", "equals", "{c}"),
    ("Contact.Pets__r.Name", "equals", "{c}"),
    ("CONTACT.NAME", "equals", "{c}"),
    ("CONTACT.BIRTHDATE", "equals", "{c}"),
    ("CONTACT.LASTNAME", "equals", "\"{c}"),
    ("CONTACT.LASTNAME", "equals", "{c},"),
    ("Contact.CreatedDate", "greaterThan", "{c}"),
    ("Opportunity.Amount", "equals", "{c}"),
    ("Contact.AccountId", "equals", "{c}"),
    ("OWNER", "equals", "{c}"),
];

const BODIES: &[&str] = &[
    "{c}",
    "\"{c}\"",
    "[{\"reportMetadata\":\"{c}\"}]",
    "{\"{c}\":{}}",
    "{\"reportMetadata\":{},\"reportExtendedMetadata\":{\"x\":\"{c}\"}}",
    "{\"reportMetadata\":{},\"reportMetadata\":{\"{c}\":1}}",
];

const WRITES: &[(&str, &str, &str)] = &[
    ("POST", "reports", r#"{"reportMetadata":{"name":"{c}"}}"#),
    (
        "POST",
        "reports?cloneId=00O000000000001EAA",
        r#"{"reportMetadata":{"name":"{c}"}}"#,
    ),
    ("PATCH", REPORT, r#"{"reportMetadata":{"name":"{c}"}}"#),
    (
        "PATCH",
        "dashboards/01Z000000000001EAA",
        r#"{"name":"{c}"}"#,
    ),
    ("POST", "notifications", r#"{"name":"{c}"}"#),
];

const ANSWERED: &[&str] = &[
    "reports",
    "reports/00O000000000001EAA?includeDetails=true",
    "reports/00O000000000001EAA/describe",
    "reports/00O000000000001EAA/instances",
    "dashboards",
    "dashboards/01Z000000000001EAA",
    "dashboards/01Z000000000001EAA/describe",
];

const ASKED: &[(&str, &str, &str)] = &[
    ("CONTACT.EMAIL", "equals", "{c}@example.nl"),
    ("EMAIL", "notEqual", "{c}@example.nl"),
    ("LAST_NAME", "equals", "{c}, \"{c}, x\""),
    ("Contact.LeadSource", "startsWith", "We"),
];

const RUN: &[&str] = &[
    "{\"name\":\"{c}\",\"description\":\"{c}\",\"chart\":{\"title\":\"{c}\"},\"reportType\":{\"type\":\"{c}\"}}",
    "{\"reportType\":{\"type\":\"ContactList\",\"label\":\"{c}\"},\"detailColumns\":[\"EMAIL\",\"Contact.LeadSource\"]}",
];

#[test]
fn reports_are_protected_or_refused() {
    run(&cases());
}
