//! The starter policy that the product brings.

use crate::policy::{FieldTable, Source, compile, run_cases, schema};

pub fn starter() -> Source {
    Source {
        name: "policies/salesforce.toml".to_owned(),
        text: include_str!("../../../policies/salesforce.toml").to_owned(),
    }
}

#[test]
fn the_starter_policy_compiles_without_a_finding() {
    let fields = FieldTable::salesforce().expect("the built-in table");
    let plan = compile(&starter(), &fields).unwrap_or_else(|report| panic!("{report}"));
    assert!(plan.warnings().is_empty(), "{}", plan.warnings());
}

pub fn cases() -> Source {
    Source {
        name: "policies/salesforce.cases.toml".to_owned(),
        text: include_str!("../../../policies/salesforce.cases.toml").to_owned(),
    }
}

#[test]
fn the_starter_policy_passes_its_cases_and_they_mention_every_protected_field() {
    let fields = FieldTable::salesforce().expect("the built-in table");
    let plan = compile(&starter(), &fields).unwrap_or_else(|report| panic!("{report}"));
    let report = run_cases(&plan, &cases());
    assert!(report.passed(), "{report}");
    assert_eq!(report.uncovered, Vec::<String>::new());
    assert!(report.cases > 30);
}

/// When the types change: `sluis policy schema > policies/policy.schema.json`.
#[test]
fn the_published_schema_is_that_of_the_types() {
    assert_eq!(
        schema(),
        include_str!("../../../policies/policy.schema.json")
    );
}
