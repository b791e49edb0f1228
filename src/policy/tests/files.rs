//! Fields that hold files: they leave sealed or not at all.

use crate::policy::tests::starter::starter;
use crate::policy::{FieldTable, Plan, Source, compare, compile, explain};

const RULE: &str = "VersionData = \"file_content\"";

fn plan(rule: &str) -> Result<Plan, Vec<&'static str>> {
    let table = FieldTable::salesforce().expect("the built-in table");
    let text = starter().text;
    assert!(text.contains(RULE));
    let source = Source {
        name: "salesforce.toml".to_owned(),
        text: text.replacen(RULE, rule, 1),
    };
    compile(&source, &table).map_err(|report| {
        let codes = report.findings().iter().map(|found| found.code);
        codes.collect()
    })
}

#[test]
fn a_rule_for_text_is_none_for_files() {
    for (rule, codes) in [
        (
            "VersionData = { class = \"file_content\", action = \"tokenize\" }",
            &["policy-file-misfit"][..],
        ),
        (
            "VersionData = { class = \"file_content\", action = \"hold\" }",
            &["policy-file-misfit"],
        ),
        (
            "VersionData = { class = \"file_content\", action = \"pass\", reason = \"why not\" }",
            &["policy-file-misfit"],
        ),
        (
            "VersionData = { class = \"file_content\", action = \"block\", max_file = 7 }",
            &["policy-stray-key"],
        ),
        (
            "VersionData = { class = \"file_content\", plain_files = \"maybe\" }",
            &["policy-unknown-value"],
        ),
    ] {
        assert_eq!(plan(rule).err().as_deref(), Some(codes), "{rule}");
    }
    let titled = RULE.to_owned() + "\nTagCsv = { class = \"file_name\", plain_files = \"pass\" }";
    let found = plan(&titled).expect_err("a key that means nothing");
    assert!(found.contains(&"policy-stray-key"), "{found:?}");
    for rule in [
        "VersionData = { class = \"file_content\", action = \"block\" }",
        "VersionData = { class = \"file_content\", action = \"strip\" }",
    ] {
        assert!(plan(rule).is_ok(), "{rule}");
    }
}

#[test]
fn what_is_given_out_as_it_is_is_said_in_words_and_in_a_comparison() {
    let before = plan(RULE).expect("the starter policy");
    let open = "VersionData = { class = \"file_content\", plain_files = \"pass\", max_file = 7 }";
    let after = plan(open).expect("a plan");
    let told = explain(&after, "ContentVersion", Some("VersionData"), None);
    assert!(
        told.contains("at most 7 bytes") && told.contains("given out too"),
        "{told}"
    );
    let told = explain(&before, "ContentVersion", Some("VersionData"), None);
    assert!(told.contains("not given out"), "{told}");
    let changes = compare(&before, &after);
    let weaker = changes
        .iter()
        .find(|change| change.weaker)
        .expect("a weaker change");
    assert!(
        weaker.text.contains("ContentVersion.VersionData"),
        "{}",
        weaker.text
    );
    assert_eq!(changes.len(), 2);
}
