//! Reports, on the way out.

use super::outcome;
use crate::model::{Code, Refusal};
use crate::protect::trial::{Sent, Trial};

const REPORT: &str = "/analytics/reports/00O000000000001EAA";

/// What leaves of a report with this metadata.
fn asked(metadata: &str) -> Result<String, Code> {
    let body = format!("{{\"reportMetadata\":{metadata}}}");
    outcome("POST", REPORT, &body)
}

fn filtered(trial: &mut Trial, column: &str, operator: &str, value: &str) -> Result<Sent, Refusal> {
    let filter = serde_json::json!({"column": column, "operator": operator, "value": value});
    let body = serde_json::json!({"reportMetadata": {"reportFilters": [filter]}});
    let target = format!("/services/data/v60.0{REPORT}?includeDetails=true");
    trial.send("POST", &target, &body.to_string())
}

/// The value of the one filter that leaves.
fn left(sent: &Sent) -> String {
    let body: serde_json::Value = serde_json::from_str(&sent.body).unwrap();
    let value = &body["reportMetadata"]["reportFilters"][0]["value"];
    value.as_str().unwrap().to_owned()
}

#[test]
fn a_value_of_a_protected_column_leaves_as_the_tokens_that_stand_for_it() {
    let mut trial = Trial::start();
    let body = "{\"LastName\":\"Jansen\",\"Email\":\"mien@example.nl\"}";
    let sent = trial.write("Contact", body).unwrap();
    let tokens: serde_json::Value = serde_json::from_str(&sent.body).unwrap();
    for (column, value, field) in [
        ("CONTACT.EMAIL", "mien@example.nl", "Email"),
        ("EMAIL", "Mien@Example.nl", "Email"),
        ("Contact.LastName", " jansen ", "LastName"),
        ("Account.Contacts$LastName", "Jansen", "LastName"),
        ("LAST_NAME", "\"Jansen\"", "LastName"),
    ] {
        for operator in ["equals", "notEqual"] {
            let sent = filtered(&mut trial, column, operator, value).unwrap();
            assert_eq!(left(&sent), tokens[field].as_str().unwrap(), "{column}");
        }
    }
    let sent = filtered(&mut trial, "CONTACT.LASTNAME", "equals", "Nobody, Jansen").unwrap();
    assert_eq!(left(&sent), tokens["LastName"].as_str().unwrap());
    let sent = filtered(&mut trial, "CONTACT.LASTNAME", "equals", "Nobody").unwrap();
    assert!(left(&sent).starts_with("tq") && left(&sent) != tokens["LastName"]);
    let sent = filtered(&mut trial, "CONTACT.LASTNAME", "equals", "").unwrap();
    assert_eq!(left(&sent), "");
}

#[test]
fn what_would_need_the_value_is_refused_by_column_and_operator() {
    for operator in [
        "contains",
        "notContain",
        "startsWith",
        "lessThan",
        "greaterOrEqual",
        "includes",
        "within",
    ] {
        let sent = filtered(&mut Trial::start(), "CONTACT.EMAIL", operator, "mien");
        let refusal = sent.map(|sent| sent.body).unwrap_err();
        assert_eq!(refusal.code, Code::QueryClause);
        let text = refusal.to_string();
        assert!(
            text.contains("Contact.Email") && text.contains(operator),
            "{text}"
        );
        assert!(!text.contains("mien"), "{text}");
    }
}

#[test]
fn a_value_beside_a_column_that_passes_has_the_form_of_its_type() {
    for (column, operator, value, passes) in [
        ("Contact.LeadSource", "equals", "Web, Phone", true),
        ("Contact.LeadSource", "contains", "We", true),
        ("Contact.CreatedDate", "greaterThan", "2026-01-01", true),
        ("CREATED_DATE", "equals", "LAST_N_DAYS:30", true),
        ("Opportunity.Amount", "greaterThan", "1000.50", true),
        ("Contact.AccountId", "equals", "001000000000001AAA", true),
        ("Contact.CreatedDate", "equals", "Jansen", false),
        ("Opportunity.Amount", "equals", "Jansen", false),
        ("Contact.AccountId", "equals", "Jansen", false),
        ("Contact.Nickname__c", "equals", "Jansen", false),
        ("JANSEN", "equals", "x", false),
        ("OWNER", "equals", "Jansen", false),
        ("Contact.Birthdate", "equals", "1980-05-01", false),
        ("Contact.Name", "equals", "Jansen", false),
        ("Contact.LastName", "equals", "\"Jansen", false),
    ] {
        let sent = filtered(&mut Trial::start(), column, operator, value);
        assert_eq!(sent.is_ok(), passes, "{column} {operator} {value}");
    }
}

/// As [`filtered`], of a report that is said to have that type.
fn typed(kind: &str, path: &str, column: &str, value: &str) -> Result<String, Code> {
    let filter = serde_json::json!({"column": column, "operator": "equals", "value": value});
    let metadata = serde_json::json!({"reportType": {"type": kind}, "reportFilters": [filter]});
    let body = serde_json::json!({"reportMetadata": metadata});
    outcome("POST", path, &body.to_string())
}

#[test]
fn a_value_beside_a_column_that_may_be_another_objects_does_not_leave_in_the_clear() {
    // The report's type is not said, or nobody knows it: the CRM's column is what it is there.
    for column in [
        "STATUS",
        "TYPE",
        "RATING",
        "CITY",
        "SUBJECT",
        "CREATED_DATE",
    ] {
        let sent = filtered(&mut Trial::start(), column, "equals", "Jansen");
        assert!(sent.is_err(), "{column}");
        for kind in ["UserList", "Jansen__c"] {
            assert!(
                typed(kind, REPORT, column, "Jansen").is_err(),
                "{column} {kind}"
            );
        }
    }
    for column in ["Task.What.Name", "Task.What.CreatedDate", "Event.What.Name"] {
        let sent = filtered(&mut Trial::start(), column, "equals", "Jansen");
        assert!(sent.is_err(), "{column}");
    }
    // Groups and users, all with a rule by which their names pass, and nothing else.
    let sent = filtered(&mut Trial::start(), "Case.Owner.Name", "equals", "Balie");
    assert!(sent.is_ok());
    // A type that is said of a report that the CRM has may be another's, but not of one that it has
    // not; with a rule in every type the value passes.
    assert!(typed("CaseList", "/analytics/reports/query", "STATUS", "New").is_ok());
    assert!(typed("CaseList", REPORT, "STATUS", "New").is_ok());
    assert!(typed("LeadList", REPORT, "EMAIL", "mien@example.nl").is_ok());
}

#[test]
fn a_filters_values_are_looked_at_together_and_written_anew() {
    let mut trial = Trial::start();
    let sent = filtered(
        &mut trial,
        "Contact.LeadSource",
        "equals",
        " We\"b\" ,\"a,b\"",
    )
    .unwrap();
    assert_eq!(left(&sent), "Web,\"a,b\"");
}

#[test]
fn a_reports_own_words_stay_here_and_what_nobody_knows_is_refused() {
    let left = asked(
        "{\"id\":\"00O000000000001EAA\",\"name\":\"Jansen\",\"description\":\"Jansen\",\
         \"developerName\":\"Jansen\",\"chart\":{\"title\":\"Jansen\"},\"reportFormat\":\"SUMMARY\",\
         \"reportType\":{\"type\":\"ContactList\",\"label\":\"Jansen\"},\"currency\":\"EUR\",\
         \"detailColumns\":[\"FULL_NAME\",\"CONTACT.EMAIL\",\"OWNER\"],\"hasDetailRows\":true,\
         \"groupingsDown\":[{\"name\":\"Contact.LeadSource\",\"dateGranularity\":\"None\",\
         \"sortAggregate\":null,\"sortOrder\":\"Asc\"}],\"aggregates\":[\"RowCount\",\"FORMULA1\"],\
         \"reportBooleanFilter\":\"1 AND (2 OR 3)\",\"crossFilters\":[],\"buckets\":null,\
         \"sortBy\":[{\"sortColumn\":\"CREATED_DATE\",\"sortOrder\":\"Desc\"}],\
         \"standardFilters\":[{\"name\":\"open\",\"value\":\"all\"}],\
         \"standardDateFilter\":{\"column\":\"CREATED_DATE\",\"durationValue\":\"THIS_MONTH\",\
         \"startDate\":\"2026-01-01\",\"endDate\":null},\"topRows\":{\"rowLimit\":10,\"direction\":\"Asc\"}}",
    );
    let left = left.expect("a report");
    assert!(!left.contains("Jansen"), "{left}");
    assert!(
        left.contains("\"type\":\"ContactList\"") && left.contains("FULL_NAME"),
        "{left}"
    );
    for metadata in [
        "[]",
        "\"Jansen\"",
        "{\"Jansen\":1}",
        "{\"detailColumns\":[\"Jansen\"]}",
        "{\"detailColumns\":\"Jansen\"}",
        "{\"detailColumns\":[\"Contact.Jansen\"]}",
        "{\"groupingsDown\":[{\"name\":\"CONTACT.LASTNAME\"}]}",
        "{\"groupingsDown\":[{\"name\":\"OWNER\"}]}",
        "{\"groupingsAcross\":[{\"name\":\"Contact.LeadSource\",\"x\":\"Jansen\"}]}",
        "{\"groupingsAcross\":[{\"name\":\"Contact.LeadSource\",\"dateGranularity\":\"Jansen\"}]}",
        "{\"aggregates\":[\"m!CONTACT.LASTNAME\"]}",
        "{\"aggregates\":[\"mx!CONTACT.EMAIL\"]}",
        "{\"aggregates\":[\"u!CONTACT.LASTNAME\"]}",
        "{\"aggregates\":[\"Jansen\"]}",
        "{\"aggregates\":[\"FORMULA0612345678\"]}",
        "{\"sortBy\":[{\"sortColumn\":\"CONTACT.LASTNAME\"}]}",
        "{\"reportBooleanFilter\":\"1 AND Jansen\"}",
        "{\"crossFilters\":[{\"relatedEntity\":\"Jansen\"}]}",
        "{\"buckets\":[{\"label\":\"Jansen\"}]}",
        "{\"customSummaryFormula\":{\"FORMULA1\":{\"formula\":\"Jansen\"}}}",
        "{\"reportFormat\":\"MULTI_BLOCK\"}",
        "{\"scope\":\"Jansen\"}",
        "{\"division\":\"Jansen\"}",
        "{\"currency\":\"Jansen\"}",
        "{\"currency\":\"JAN\"}",
        "{\"userOrHierarchyFilterId\":\"0JanJansenBreda\"}",
        "{\"id\":\"0JanJansenBreda\"}",
        "{\"id\":\"Jansen\"}",
        "{\"hasDetailRows\":\"Jansen\"}",
        "{\"standardFilters\":[{\"name\":\"Jansen\",\"value\":\"all\"}]}",
        "{\"standardDateFilter\":{\"column\":\"CREATED_DATE\",\"durationValue\":\"Jansen\"}}",
        "{\"standardDateFilter\":{\"column\":\"CONTACT.BIRTHDATE\"}}",
        "{\"standardDateFilter\":{\"column\":\"CREATED_DATE\",\"startDate\":\"Jansen\"}}",
        "{\"topRows\":{\"rowLimit\":612345678}}",
        "{\"reportFilters\":[{\"column\":\"EMAIL\",\"value\":\"Jansen\"}]}",
        "{\"reportFilters\":[{\"column\":\"EMAIL\",\"operator\":\"Jansen\",\"value\":\"x\"}]}",
        "{\"reportFilters\":[{\"column\":\"EMAIL\",\"operator\":\"equals\",\"value\":[\"Jansen\"]}]}",
        "{\"reportFilters\":[{\"column\":\"Contact.LeadSource\",\"operator\":\"equals\",\"value\":\"Jansen\",\"filterType\":\"fieldToField\"}]}",
    ] {
        assert!(asked(metadata).is_err(), "{metadata}");
    }
}

#[test]
fn a_report_that_is_nowhere_kept_says_its_type() {
    let query = |metadata: &str| {
        let body = format!("{{\"reportMetadata\":{metadata}}}");
        outcome("POST", "/analytics/reports/query", &body)
    };
    assert!(
        query("{\"reportType\":{\"type\":\"LeadList\"},\"detailColumns\":[\"EMAIL\"]}").is_ok()
    );
    assert!(query("{\"reportType\":{\"type\":\"Jansen\"}}").is_err());
    assert!(query("{}").is_err());
    let left = asked("{\"reportType\":{\"type\":\"Jansen__c\"},\"hasDetailRows\":true}").unwrap();
    assert!(!left.contains("Jansen"), "{left}");
    assert!(outcome("POST", REPORT, "{\"reportMetadata\":null,\"x\":\"Jansen\"}").is_err());
    let started = outcome("POST", &format!("{REPORT}/instances"), "{}");
    assert!(started.is_ok(), "{started:?}");
    let dashboard = "/analytics/dashboards/01Z000000000001EAA";
    let ids = outcome(
        "POST",
        dashboard,
        "{\"componentIds\":[\"01a000000000001AAA\"]}",
    );
    assert!(ids.is_ok(), "{ids:?}");
    assert!(outcome("POST", dashboard, "{\"componentIds\":[\"Jansen\"]}").is_err());
    assert!(outcome("POST", dashboard, "{\"componentIds\":[],\"x\":\"Jansen\"}").is_err());
}
