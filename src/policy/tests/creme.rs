//! The example of a CRM that its policy describes.

use crate::policy::{FieldTable, Plan, Source, compile, run_cases};

fn plan() -> Plan {
    let source = Source {
        name: "policies/creme.toml".to_owned(),
        text: include_str!("../../../policies/creme.toml").to_owned(),
    };
    let fields = FieldTable::salesforce().expect("the built-in table");
    compile(&source, &fields).unwrap_or_else(|report| panic!("{report}"))
}

/// A memo's own record has no id in its path, and nobody saves a memo again.
#[test]
fn it_compiles_with_the_one_warning_that_it_explains() {
    let plan = plan();
    let warnings = plan.warnings().findings();
    assert_eq!(warnings.len(), 1, "{}", plan.warnings());
    assert!(plan.warnings().to_string().contains("memo.create"));
}

#[test]
fn it_passes_its_cases_and_they_mention_every_protected_field() {
    let cases = Source {
        name: "policies/creme.cases.toml".to_owned(),
        text: include_str!("../../../policies/creme.cases.toml").to_owned(),
    };
    let report = run_cases(&plan(), &cases);
    assert!(report.passed(), "{report}");
    assert_eq!(report.uncovered, Vec::<String>::new());
}
