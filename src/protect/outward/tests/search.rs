//! Free searches over protected fields.

use proptest::prelude::{any, prop_assert, proptest};
use proptest::sample::select;

use crate::model::Code;
use crate::model::Code::{
    PolicyUnknownField as NoField, PolicyUnknownObject as NoObject, QueryClause as Clause,
    QueryMalformed as Malformed,
};
use crate::protect::outward::explain;
use crate::protect::trial::{Sent, Trial};
use crate::wire::percent;

/// What leaves of a search, its tokens written as `~`.
fn asked(trial: &mut Trial, text: &str) -> Result<String, Code> {
    sent(trial, text)
        .map(|sent| written(trial, &sent))
        .map_err(|refusal| refusal.code)
}

fn sent(trial: &mut Trial, text: &str) -> Result<Sent, crate::model::Refusal> {
    let mut target = String::from("/services/data/v60.0/search?q=");
    percent::push(&mut target, text);
    trial.send("GET", &target, "")
}

fn written(trial: &Trial, sent: &Sent) -> String {
    let (_, text) = sent.target.split_once("?q=").unwrap_or_default();
    let text = percent::decode(text).unwrap_or_default();
    // Nobody's token stands for no row.
    let nobody = trial.protection.codec.nobody().text();
    let text = text.replace(&nobody, "~");
    let mut out = String::new();
    let mut at = 0;
    for found in crate::protect::find(
        &trial.protection.codec,
        text.as_bytes(),
        &trial.protection.domain,
    ) {
        out.push_str(&text[at..found.range.start]);
        out.push('~');
        at = found.range.end;
    }
    out + &text[at..]
}

/// A contact whose name and address are known.
fn known() -> Trial {
    let mut trial = Trial::start();
    let body = "{\"FirstName\":\"Jan\",\"LastName\":\"de Vries\",\"Email\":\"jan@example.nl\",\
                \"Phone\":\"06-12345678\"}";
    trial.write("Contact", body).expect("a contact");
    trial
}

#[test]
fn a_whole_value_becomes_its_tokens() {
    let mut trial = known();
    for (text, leaves) in [
        (
            "FIND {Jan} RETURNING Contact(Id)",
            "FIND {~} RETURNING Contact(Id)",
        ),
        (
            "FIND {JAN} IN NAME FIELDS RETURNING contact",
            "FIND {~} IN NAME FIELDS RETURNING Contact",
        ),
        (
            "FIND {de Vries} RETURNING Contact(Id)",
            "FIND {~} RETURNING Contact(Id)",
        ),
        (
            "FIND {\"de vries\"} RETURNING Contact(Id)",
            "FIND {~} RETURNING Contact(Id)",
        ),
        (
            "FIND {jan de Vries} RETURNING Contact(Id)",
            "FIND {~ AND ~} RETURNING Contact(Id)",
        ),
        (
            "FIND {de vries jan} RETURNING Contact(Id)",
            "FIND {~ AND ~} RETURNING Contact(Id)",
        ),
        (
            "FIND {jan@example.nl} IN EMAIL FIELDS RETURNING Contact(Id)",
            "FIND {\"~\"} IN EMAIL FIELDS RETURNING Contact(Id)",
        ),
        (
            "FIND {+31 6 12345678} IN PHONE FIELDS RETURNING Contact(Id)",
            "FIND {~} IN PHONE FIELDS RETURNING Contact(Id)",
        ),
        (
            "FIND {jan AND NOT (\"de Vries\" OR Piet)} RETURNING Contact(Id)",
            "FIND {~ AND NOT (~ OR ~)} RETURNING Contact(Id)",
        ),
        (
            "FIND {jan} RETURNING Contact(Name, Email WHERE LastName = 'de Vries' AND LeadSource = 'Web' \
             ORDER BY CreatedDate LIMIT 5), Lead(Id) LIMIT 20",
            "FIND {~} RETURNING Contact(Name, Email WHERE LastName IN ('~') AND LeadSource = 'Web' \
             ORDER BY CreatedDate LIMIT 5), Lead(Id) LIMIT 20",
        ),
        ("FIND {jan}", "FIND {~}"),
    ] {
        assert_eq!(asked(&mut trial, text), Ok(leaves.to_owned()), "{text}");
    }
}

#[test]
fn what_nobody_has_becomes_the_token_of_nobody() {
    let mut trial = known();
    for text in [
        "FIND {Piet}",
        "FIND {Vries}",
        "FIND {Ja}",
        "FIND {example.nl}",
    ] {
        let text = format!("{text} RETURNING Contact(Id)");
        let leaves = asked(&mut trial, &text).expect("a search");
        assert_eq!(leaves, "FIND {~} RETURNING Contact(Id)", "{text}");
    }
}

#[test]
fn words_leave_only_where_no_text_of_the_objects_is_protected() {
    let mut trial = known();
    let leaves = asked(&mut trial, "FIND {jan* \"a b\"} RETURNING Group(Id, Name)");
    assert_eq!(
        leaves.as_deref(),
        Ok("FIND {jan* \"a b\"} RETURNING Group(Id, Name)")
    );
    let leaves = asked(&mut trial, "FIND {jan} RETURNING Group(Id), Contact(Id)");
    assert_eq!(
        leaves.as_deref(),
        Ok("FIND {~} RETURNING Group(Id), Contact(Id)")
    );
    let token = trial.protection.codec.mint(1).expect("a token").text();
    let text = format!("FIND {{{token}}} RETURNING Group(Id)");
    assert_eq!(asked(&mut trial, &text), Err(Code::TokenForeign));
}

#[test]
fn a_search_that_leaves_fields_out_says_so() {
    let mut trial = known();
    let sent = sent(&mut trial, "FIND {jan} RETURNING Contact(Id), Lead(Id)").expect("a search");
    let left_out = sent.left_out.expect("words");
    assert!(left_out.contains("fields of Contact"), "{left_out}");
    assert!(left_out.contains("fields of Lead"), "{left_out}");
    assert!(left_out.len() < 200, "a header field has room for it");
    for text in [
        "FIND {jan@example.nl} IN EMAIL FIELDS RETURNING Contact(Id)",
        "FIND {jan} IN PHONE FIELDS RETURNING Contact(Id)",
        "FIND {jan} RETURNING Group(Id)",
    ] {
        let sent = super::search::sent(&mut trial, text).expect("a search");
        assert_eq!(sent.left_out, None, "{text}");
    }
}

#[test]
fn each_clause_is_answered_or_refused_by_name() {
    let mut trial = known();
    for (text, code) in [
        ("FIND {jan*} RETURNING Contact(Id)", Clause),
        ("FIND {j?n}", Clause),
        ("FIND {jan*} RETURNING Group(Id), Contact(Id)", Clause),
        ("FIND {a b c d e f g h i} RETURNING Contact(Id)", Clause),
        ("FIND {jan} RETURNING Task(Id)", Clause),
        (
            "FIND {jan} RETURNING Contact(Id WHERE LastName LIKE 'J%')",
            Clause,
        ),
        ("FIND {jan} RETURNING Contact(Id ORDER BY LastName)", Clause),
        (
            "FIND {jan} RETURNING Contact(Id USING ListView = Jan)",
            Clause,
        ),
        ("FIND {jan} WITH SNIPPET", Clause),
        ("FIND {jan} WITH HIGHLIGHT", Clause),
        ("FIND {jan} WITH METADATA = 'LABELS'", Clause),
        ("FIND {jan} WITH DIVISION = 'jan'", Clause),
        ("FIND {jan} WITH NETWORK = 'jan'", Clause),
        ("FIND {jan} WITH PricebookId = 'jan'", Clause),
        ("FIND {jan} WITH DATA CATEGORY jan__c AT jan__c", Clause),
        ("FIND {jan} RETURNING Contact(Nickname__c)", NoField),
        (
            "FIND {jan} RETURNING Contact(Id WHERE Nickname__c = 'x')",
            NoField,
        ),
        ("FIND {jan} RETURNING Nickname__c", NoObject),
        ("FIND {jan", Malformed),
        ("FIND 'jan'", Malformed),
        ("SELECT Id FROM Contact", Malformed),
    ] {
        assert_eq!(asked(&mut trial, text), Err(code), "{text}");
    }
    for text in [
        "FIND {jan} WITH NETWORK = '0DB000000000001'",
        "FIND {jan} WITH SPELL_CORRECTION = false",
    ] {
        assert!(asked(&mut trial, text).is_ok(), "{text}");
    }
}

#[test]
fn a_parameterized_search_leaves_as_a_search() {
    let mut trial = known();
    let url = "/services/data/v60.0/parameterizedSearch?q=jan+de+vries&sobject=Contact\
               &Contact.fields=Id,Name&Contact.where=LeadSource='Web'&in=NAME&overallLimit=5";
    let sent = trial.send("GET", url, "").expect("a search");
    let leaves = "FIND {~ AND ~} IN NAME FIELDS RETURNING Contact(Id, Name WHERE LeadSource = 'Web') LIMIT 5";
    assert_eq!(written(&trial, &sent), leaves);
    let body = "{\"q\":\"jan de vries\",\"in\":\"NAME\",\"sobjects\":[{\"name\":\"Contact\",\
                \"fields\":[\"Id\",\"Name\"],\"where\":\"LeadSource = 'Web'\"}],\"overallLimit\":5}";
    let target = "/services/data/v60.0/parameterizedSearch";
    let sent = trial.send("POST", target, body).expect("a search");
    assert!(sent.body.is_empty(), "{}", sent.body);
    assert!(sent.target.starts_with("/services/data/v60.0/search?q="));
    assert_eq!(written(&trial, &sent), leaves);
    for (body, code) in [
        ("{\"q\":\"jan\",\"jan\":1}", Code::BodyMalformed),
        ("{\"in\":\"ALL\"}", Code::BodyMalformed),
        (
            "{\"q\":\"jan*\",\"sobjects\":[{\"name\":\"Contact\"}]}",
            Clause,
        ),
        (
            "{\"q\":\"jan\",\"sobjects\":[{\"name\":\"Contact\",\"fields\":[\"Jan\"]}]}",
            NoField,
        ),
        (
            "{\"q\":\"jan\",\"sobjects\":[{\"name\":\"Contact\",\"where\":\"Id = null) , Lead(Id\"}]}",
            Malformed,
        ),
        ("{\"q\":\"jan}\"}", Malformed),
    ] {
        let refused = trial.send("POST", target, body).map(|sent| sent.target);
        assert_eq!(refused.map_err(|refusal| refusal.code), Err(code), "{body}");
    }
    for query in [
        "q=jan&x=1",
        "sobject=Contact",
        "q=jan&Contact.fields=Id",
        "q=jan&sobject=Contact&Contact.x=1",
    ] {
        let target = format!("{target}?{query}");
        let refused = trial.send("GET", &target, "").map(|sent| sent.target);
        assert_eq!(
            refused.map_err(|refusal| refusal.code),
            Err(Code::ParameterUnknown),
            "{query}"
        );
    }
}

#[test]
fn suggestions_are_refused_and_layouts_are_served() {
    let mut trial = Trial::start();
    for target in [
        "search/suggestions?q=jan&sobject=Contact",
        "search/suggestTitleMatches?q=jan",
        "search/layout?q=Jan",
        "search/layout",
    ] {
        let target = format!("/services/data/v60.0/{target}");
        assert!(trial.send("GET", &target, "").is_err(), "{target}");
    }
    for target in ["search/layout?q=contact,Lead", "search/scopeOrder"] {
        let target = format!("/services/data/v60.0/{target}");
        assert!(trial.send("GET", &target, "").is_ok(), "{target}");
    }
}

#[test]
fn a_search_is_explained() {
    let trial = Trial::start();
    let leaves = explain(
        trial.plan,
        &trial.protection,
        "find {jan} RETURNING Contact(Id)",
    );
    let leaves = leaves.expect("a search");
    assert!(
        leaves.starts_with("FIND {") && !leaves.contains("jan"),
        "{leaves}"
    );
}

/// Shapes of searches; `%` stands for the canary.
const SHAPES: &[&str] = &[
    "FIND {%}",
    "FIND {%} IN ALL FIELDS RETURNING Contact(Id, Name), Lead",
    "FIND {\"%\"} RETURNING Contact(Id WHERE LastName = '%')",
    "FIND {jan AND NOT (% OR x%)} RETURNING Account(Id, Name ORDER BY CreatedDate)",
    "FIND {x} RETURNING Contact(Id WHERE Email IN ('%', 'x') OR Account.Name = '%')",
    "FIND {%*} RETURNING Contact(%)",
    "FIND {x} WITH DIVISION = '%' LIMIT 5",
    "FIND {x} RETURNING % (Id)",
];

proptest! {
    #[test]
    fn no_accepted_search_of_people_carries_its_words(
        shape in select(SHAPES.to_vec()),
        around in "[ -~]{0,6}",
        twice in any::<bool>(),
    ) {
        let canary = match twice {
            true => format!("Qcanary{around}qcanary"),
            false => format!("Qcanary{around}"),
        };
        let text = shape.replace('%', &canary);
        let mut trial = known();
        match sent(&mut trial, &text) {
            Ok(sent) => {
                let leaves = percent::decode(&sent.target).unwrap_or_default().to_lowercase();
                prop_assert!(!leaves.contains("canary"), "{} became {}", text, leaves);
            }
            Err(refusal) => {
                prop_assert!(!refusal.to_string().to_lowercase().contains("canary"), "{}", refusal);
            }
        }
    }
}
