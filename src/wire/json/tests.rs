use crate::wire::json::{Document, Edits, Limits, Value};

#[test]
fn what_is_parsed_is_generated_again() {
    let body = br#" {"A\u0062" : [1E6, -0, {"x":null}], "s":"\u00e9\/\n"} "#;
    let document = Document::parse(body, &Limits::default()).unwrap();
    let mut edits = Edits::new();
    assert_eq!(
        String::from_utf8(document.write(&edits)).unwrap(),
        "{\"Ab\":[1E6,-0,{\"x\":null}],\"s\":\"é/\\n\"}"
    );
    let list = document.get(document.root(), "Ab").unwrap();
    let first = document.elements(list).next().unwrap();
    edits.remove(first);
    edits.append(document.root(), "s".into(), Value::Text("t\"".into()));
    assert_eq!(
        String::from_utf8(document.write(&edits)).unwrap(),
        "{\"Ab\":[-0,{\"x\":null}],\"s\":\"t\\\"\"}"
    );
}
