//! The vectors of docs/spec/token.md, which a second implementation has computed.

use data_encoding::HEXLOWER;
use serde_json::Value;

use crate::model::{Personal, Secret};
use crate::protect::{
    Canonical, Codec, Context, FormatVersion, Found, Index, Kind, SubjectKey, Token, canonical,
    find, open, open_field, seal, seal_field,
};

struct Vectors(Value);

impl Vectors {
    fn load() -> Self {
        let text = include_str!("../../tests/vectors/token.json");
        Self(serde_json::from_str(text).unwrap())
    }

    fn key(&self, name: &str) -> Secret {
        Secret::new(hex(&self.0["keys"][name]))
    }

    fn codec(&self, case: &Value) -> Codec {
        Codec::new(&self.key("token"), text(&case["tenant"])).unwrap()
    }

    fn cases(&self, name: &str) -> &[Value] {
        let cases = self.0[name].as_array().unwrap();
        assert!(cases.len() > 3, "{name}");
        cases
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn hex(value: &Value) -> Vec<u8> {
    HEXLOWER.decode(text(value).as_bytes()).unwrap()
}

fn nonce(case: &Value) -> [u8; 12] {
    hex(&case["nonce"]).try_into().unwrap()
}

fn context(case: &Value) -> Context<'_> {
    Context {
        form: match text(&case["form"]) {
            "vault" => FormatVersion::Vault1,
            "field" => FormatVersion::Field1,
            other => panic!("{other}"),
        },
        tenant: text(&case["tenant"]),
        class: text(&case["class"]),
        subject: case["subject"].as_u64().unwrap(),
        key: case["key"].as_u64().unwrap(),
        row: case["row"].as_u64().unwrap(),
    }
}

#[test]
fn tokens_are_those_of_the_vectors() {
    let vectors = Vectors::load();
    for case in vectors.cases("tokens") {
        let (codec, row) = (vectors.codec(case), case["row"].as_u64().unwrap());
        let token = codec.mint(row).unwrap();
        assert_eq!(token.text(), text(&case["text"]));
        assert_eq!(
            codec.check(Token::parse(text(&case["text"])).unwrap()),
            Some(row)
        );
    }
    for case in vectors.cases("nobody") {
        assert_eq!(vectors.codec(case).nobody().text(), text(&case["text"]));
    }
}

#[test]
fn sealed_values_are_those_of_the_vectors() {
    let vectors = Vectors::load();
    let key = SubjectKey::new(&vectors.key("subject")).unwrap();
    for case in vectors.cases("sealed") {
        let (context, plain) = (context(case), text(&case["plain"]));
        let sealed = seal(&key, &context, nonce(case), plain.as_bytes()).unwrap();
        assert_eq!(HEXLOWER.encode(&sealed), text(&case["sealed"]));
        let opened = open(&key, &context, nonce(case), &hex(&case["sealed"])).unwrap();
        assert_eq!(opened.expose(), plain);
    }
}

#[test]
fn values_sealed_in_their_field_are_those_of_the_vectors() {
    let vectors = Vectors::load();
    let key = SubjectKey::new(&vectors.key("subject")).unwrap();
    for case in vectors.cases("fields") {
        let (context, plain) = (context(case), text(&case["plain"]));
        let codec = vectors.codec(case);
        let sealed = seal_field(&codec, &key, &context, nonce(case), plain).unwrap();
        assert_eq!(sealed, text(&case["text"]));
        let found = find(&codec, sealed.as_bytes(), "");
        let Kind::Sealed { body } = found[0].kind.clone() else {
            panic!("a sealed value")
        };
        let opened = open_field(&key, &context, &sealed.as_bytes()[body]).unwrap();
        assert_eq!(opened.expose(), plain);
    }
}

#[test]
fn tokens_are_found_as_in_the_vectors() {
    let vectors = Vectors::load();
    for case in vectors.cases("found") {
        let all = find(
            &vectors.codec(case),
            text(&case["text"]).as_bytes(),
            text(&case["domain"]),
        );
        let found: Vec<Value> = all.iter().map(json).collect();
        assert_eq!(&Value::Array(found), &case["found"], "{}", case["text"]);
    }
}

fn json(found: &Found) -> Value {
    let kind = match found.kind {
        Kind::Plain => "plain",
        Kind::Address => "address",
        Kind::Sealed { .. } => "sealed",
    };
    serde_json::json!({
        "start": found.range.start, "end": found.range.end, "row": found.row, "kind": kind,
    })
}

#[test]
fn canonical_forms_and_terms_are_those_of_the_vectors() {
    let vectors = Vectors::load();
    for case in vectors.cases("canonical") {
        let kind = match text(&case["kind"]) {
            "text" => Canonical::Text,
            "email" => Canonical::Email,
            _ => Canonical::Phone {
                country: u16::try_from(case["country"].as_u64().unwrap()).unwrap(),
            },
        };
        let written = canonical(kind, text(&case["text"]));
        let written = written.as_ref().map_or("", Personal::expose);
        assert_eq!(written, text(&case["canonical"]), "{}", case["text"]);
    }
    for case in vectors.cases("terms") {
        let index = Index::new(&vectors.key("index"), text(&case["tenant"])).unwrap();
        let value = Personal::from(text(&case["canonical"]));
        let term = index.term(text(&case["class"]), &value).unwrap();
        assert_eq!(HEXLOWER.encode(&term), text(&case["term"]));
    }
}
