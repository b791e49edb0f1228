//! For any record: nothing of it leaves, and all of it comes back.

use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
use proptest::string::string_regex;
use serde_json::{Map, Value};

use crate::model::Code;
use crate::protect::trial::{CONTACT, Trial};

/// Fields of a contact that take any text, with their lengths.
const TEXTS: [(&str, usize); 6] = [
    ("FirstName", 40),
    ("LastName", 80),
    ("MailingStreet", 255),
    ("Title", 128),
    ("Description", 400),
    ("Department", 80),
];

/// Text with a mark that is found again however it is escaped.
fn text() -> impl Strategy<Value = String> {
    string_regex("[a-zA-Zé\\u{1F600}\"'\\\\/<&\n\t\u{1}\u{2028} ]{0,24}").unwrap()
}

proptest! {
    #[test]
    fn what_is_written_leaves_as_tokens_and_comes_back_as_it_was(
        texts in proptest::collection::vec(text(), TEXTS.len()),
        full in any::<bool>(),
    ) {
        let mut record = Map::new();
        for (at, ((field, length), text)) in TEXTS.iter().zip(texts).enumerate() {
            let mut value = format!("QQ{at}canary{text}");
            if full {
                value = value.chars().chain(std::iter::repeat('ë')).take(*length).collect();
            }
            record.insert((*field).to_owned(), Value::String(value));
        }
        record.insert("Birthdate".to_owned(), Value::String("1980-05-01".to_owned()));
        record.insert("Email".to_owned(), Value::String("qqcanary@example.nl".to_owned()));
        record.insert("LeadSource".to_owned(), Value::String("Web".to_owned()));
        let body = Value::Object(record.clone()).to_string();

        let mut trial = Trial::start();
        let sent = match trial.write("Contact", &body) {
            // Letters by chance may spell what may not be written.
            Err(refusal) if refusal.code == Code::SpecialCategory => return Ok(()),
            sent => sent.unwrap(),
        };
        prop_assert!(!sent.body.to_lowercase().contains("canary"), "{}", sent.body);
        prop_assert!(!sent.body.contains("1980-05"));

        let mut stored: Map<String, Value> = serde_json::from_str(&sent.body).unwrap();
        stored.insert("Birthdate".to_owned(), Value::Null);
        let mut answer = Map::new();
        answer.insert("attributes".to_owned(), serde_json::json!({
            "type": "Contact",
            "url": format!("/services/data/v60.0/sobjects/Contact/{CONTACT}"),
        }));
        answer.extend(stored);
        let text = Value::Object(answer).to_string();

        let (body, revealed) = trial.answer(&sent, &text, &["support"]);
        let mut back: Map<String, Value> = serde_json::from_str(&body).unwrap();
        back.remove("attributes");
        prop_assert_eq!(&back, &record);
        prop_assert_eq!(revealed.masked, 0);

        let (body, revealed) = trial.answer(&sent, &text, &[]);
        prop_assert!(!body.to_lowercase().contains("canary") && !body.contains("1980-05"));
        prop_assert!(revealed.classes.is_empty());
    }
}
