//! `sluis detect` as anyone runs it who scores it: lines in, lines out.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot go on has failed its test"
)]

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

fn detect(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sluis"))
        .arg("detect")
        .args(arguments)
        .env_remove("SLUIS_CONFIG")
        .env_remove("SLUIS_LOG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

/// The answers of a run that ends well.
fn answers(arguments: &[&str], questions: &[Value]) -> Vec<Value> {
    let lines = questions.iter().map(|question| format!("{question}\n"));
    let output = detect(arguments, &lines.collect::<String>());
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    said.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The words of a text that a span marks, counted in code points.
fn marked(text: &str, span: &Value) -> String {
    let point = |name: &str| usize::try_from(span[name].as_u64().unwrap()).unwrap();
    let (start, end) = (point("start"), point("end"));
    text.chars().skip(start).take(end - start).collect()
}

#[test]
fn special_categories_are_marked_in_code_points() {
    let text = "😀 Café: mevrouw ligt aan de dialyse, komt donderdag niet.";
    let innocent = "De dialyseafdeling bestelt tien monitoren.";
    let questions = [
        json!({"id": "a", "text": text}),
        json!({"id": 2, "text": innocent, "other": null}),
    ];
    let answers = answers(&[], &questions);
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[0]["id"], "a");
    assert_eq!(answers[0]["categories"], json!(["health"]));
    let spans = answers[0]["spans"].as_array().unwrap();
    assert!(
        spans
            .iter()
            .any(|span| marked(text, span).contains("dialyse")),
        "{spans:?}"
    );
    assert!(answers[0]["score"].as_f64().unwrap() > 0.5);
    assert_eq!(
        answers[1],
        json!({"id": 2, "categories": [], "spans": [], "score": 0.0})
    );
}

#[test]
fn direct_identifiers_are_marked_in_code_points() {
    let text = "é😀 mail naar joke@example.org";
    let answers = answers(&["--identifiers"], &[json!({"id": 1, "text": text})]);
    assert_eq!(answers[0]["categories"], json!(["email"]));
    let span = &answers[0]["spans"][0];
    assert_eq!(marked(text, span), "joke@example.org");
    assert_eq!(span["category"], "email");
}

#[test]
fn only_the_languages_asked_for_count() {
    let question = [json!({"id": 1, "text": "Ze is lid van een vakbond"})];
    let found = |arguments: &[&str]| answers(arguments, &question)[0]["categories"].clone();
    assert_eq!(found(&["--lang", "nl"]), json!(["union_membership"]));
    assert_eq!(found(&["--lang", "pl,nl"]), json!(["union_membership"]));
    let other = detect(&["--lang", "xx"], "");
    assert_eq!(other.status.code(), Some(2));
}

#[test]
fn a_bad_line_ends_the_run_with_its_number_and_without_its_words() {
    let good = json!({"id": 1, "text": "Alles goed."});
    for bad in [
        "not json Kees",
        "{\"id\":2,\"text\":[\"Kees\"]}",
        "{\"text\":\"Kees\"}",
    ] {
        let output = detect(&[], &format!("{good}\n{bad}\n{good}\n"));
        let (out, err) = (output.stdout, String::from_utf8(output.stderr).unwrap());
        assert_eq!(output.status.code(), Some(1), "{bad}: {err}");
        assert_eq!(String::from_utf8(out).unwrap().lines().count(), 1, "{bad}");
        assert!(err.contains("line 2, column"), "{bad}: {err}");
        assert!(!err.contains("Kees"), "{err}");
    }
}
