//! Files that nobody meant to be policies.

use proptest::prelude::{ProptestConfig, any, proptest};

use crate::policy::tests::compile::{SMALL, source};
use crate::policy::{FieldTable, Report, compile, run_cases};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_a_plan_or_a_report(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn a_policy_cut_and_patched_is_a_plan_or_a_report(
        from in 0..SMALL.len(),
        length in 0_usize..60,
        patch in "[\"\\[\\]{}=,.# \\n\u{e9}a-z0-9]{0,8}",
    ) {
        let to = (from + length).min(SMALL.len());
        if SMALL.is_char_boundary(from) && SMALL.is_char_boundary(to) {
            check(&format!("{}{patch}{}", &SMALL[..from], &SMALL[to..]));
        }
    }
}

/// Neither panics, and what is reported can be printed.
fn check(text: &str) {
    let table = FieldTable::salesforce().expect("the built-in table");
    let printed = |report: &Report| report.to_string().len();
    match compile(&source(text), &table) {
        Ok(plan) => drop(run_cases(&plan, &source(text))),
        Err(report) => assert!(printed(&report) > 0),
    }
}
