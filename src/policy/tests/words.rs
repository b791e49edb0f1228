//! What people read: rendered findings, explanations, reports of cases.

use crate::policy::tests::compile::{SMALL, source};
use crate::policy::tests::starter::starter;
use crate::policy::{FieldTable, Plan, compile, explain, run_cases};

fn plan(text: &str) -> Plan {
    let table = FieldTable::salesforce().expect("the built-in table");
    compile(&source(text), &table).unwrap_or_else(|report| panic!("{report}"))
}

#[test]
fn a_finding_shows_the_line_the_place_and_the_remedy() {
    let table = FieldTable::salesforce().expect("the built-in table");
    let text = SMALL.replace("Email = {", "Emial = {");
    let report = compile(&source(&text), &table).expect_err("a typo");
    let first = report.to_string();
    let first = first
        .split("\n\n")
        .find(|part| part.contains("unknown-field"));
    assert_eq!(
        first,
        Some(
            "error[policy-unknown-field]: Contact has no field `Emial`
  --> policy.toml:39:1
   |
39 | Emial = { class = \"email\", stable = true }
   | ^^^^^
   |
   = help: did you mean `Email`?"
        )
    );
}

#[test]
fn a_syntax_error_is_shown_in_the_same_way() {
    let table = FieldTable::salesforce().expect("the built-in table");
    let text = SMALL.replace("version = 1", "version = ");
    let report = compile(&source(&text), &table).expect_err("no value");
    let printed = report.to_string();
    assert!(printed.starts_with("error[policy-syntax]: "), "{printed}");
    assert!(printed.contains("--> policy.toml:2:"), "{printed}");
}

#[test]
fn a_field_is_explained_with_its_law_and_its_audience() {
    let plan = plan(SMALL);
    assert_eq!(
        explain(&plan, "contact", Some("EMAIL"), Some("sales")),
        "Contact.Email (email)
  rule           objects.Contact.fields.Email
  the CRM holds  a token, equal for equal values
  whose data     records with the same Email are one data subject
  class          email (pd:EmailAddress)
  who sees it    sales, support
  sales sees     the value
  purpose        customer-relations
  lawful basis   contract (eu-gdpr:A6-1-b)
  kept for       P7Y
"
    );
}

#[test]
fn an_object_is_explained_as_a_table() {
    let plan = plan(&SMALL.replace("[\"Id\", \"AccountId\"]", "[\"Id\"]"));
    assert_eq!(
        explain(&plan, "Contact", None, None),
        "Contact: records with the same Email are one data subject

Field      What the CRM holds               Who sees the value
Id         the value                        everyone, the CRM included
Name       what it computes from tokens     by the tokens inside
Email      a token, equal for equal values  sales, support
Birthdate  the year                         everyone, the CRM included
"
    );
}

#[test]
fn what_the_policy_does_not_know_is_explained_as_refused() {
    let plan = plan(SMALL);
    assert!(explain(&plan, "Lead", None, None).contains("every request for it is refused"));
    assert!(explain(&plan, "Contact", Some("Fax"), None).contains("is refused"));
}

#[test]
fn every_object_of_the_starter_policy_can_be_explained() {
    let plan = plan(&starter().text);
    for object in plan.objects() {
        let table = explain(&plan, &object.name, None, Some("sales"));
        assert_eq!(table.lines().count(), object.fields.len() + 3, "{table}");
        for field in &object.fields {
            assert!(explain(&plan, &object.name, Some(&field.name), None).contains(&field.label));
        }
    }
}

#[test]
fn a_case_that_fails_says_what_came_out() {
    let plan = plan(SMALL);
    let cases = source(
        "[[case]]
name = \"no address leaves\"
object = \"Contact\"
role = \"sales\"
[case.write]
Email = \"pass\"
[case.read]
Email = \"revealed\"
Fax = \"refused\"
",
    );
    let report = run_cases(&plan, &cases);
    assert!(!report.passed());
    let failures = report.failures.findings();
    assert_eq!(failures.len(), 1, "{report}");
    assert_eq!(
        failures[0].message,
        "no address leaves: writing Email is tokenize-stable"
    );
    assert_eq!((failures[0].line, failures[0].column), (6, 9));
    assert_eq!(report.uncovered, ["Contact.Birthdate"]);
}

#[test]
fn cases_that_say_nothing_do_not_pass() {
    let plan = plan(SMALL);
    assert!(!run_cases(&plan, &source("")).passed());
    assert!(!run_cases(&plan, &source("[[case]]\nnam = 1")).passed());
    let stranger = "[[case]]\nname = \"x\"\nobject = \"Contact\"\nrole = \"boss\"\n";
    assert!(!run_cases(&plan, &source(stranger)).passed());
    assert!(run_cases(&plan, &source(&stranger.replace("boss", "sales"))).passed());
}
