//! A text in quarantine outlives the border: killed before the CRM answered, it is still there.

use serde_json::json;

use super::crm::Step;
use super::house::{House, POLICY, contacts};
use super::process::{Process, run};

/// What somebody wrote about somebody.
const TEXT: &str = "Mevrouw ligt aan de dialyse, komt donderdag niet";

#[tokio::test(flavor = "multi_thread")]
async fn a_border_that_is_killed_before_the_answer_keeps_the_text() {
    let (house, crm) = House::with_crm().await;
    let quarantined = POLICY.replace(
        "\nDescription = \"free_text\"\n",
        "\nDescription = { class = \"free_text\", on_special = \"quarantine\" }\n",
    );
    house.write("policy.toml", &quarantined);
    let mut border = Process::serve(&house).await;
    house.person(&crm).await;
    crm.take();
    crm.does(|_| vec![Step::Stall]);
    let body = json!({"LastName": "Van Voorbeeld", "Description": TEXT});
    let asked = tokio::spawn(house.post(&contacts(), &body).send());
    let mut sent = crm.calls();
    while sent.is_empty() {
        tokio::task::yield_now().await;
        sent = crm.calls();
    }
    border.kill();
    assert!(asked.await.unwrap().is_err(), "nobody answered");
    let placeholder = sent[0].field("Description");
    let id = placeholder
        .strip_prefix("[sluis quarantine ")
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or_else(|| panic!("no placeholder: {placeholder}"));

    let (code, text) = run(&house, &["quarantine", "list"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains(id) && text.contains("answer not known"),
        "{text}"
    );
    let words = [
        "quarantine",
        "show",
        id,
        "--by",
        "anna",
        "--reason",
        "na de storing",
    ];
    let (code, text) = run(&house, &words);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains(TEXT), "{text}");
}
