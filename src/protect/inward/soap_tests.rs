//! SOAP answers on their way in: what each viewer is shown, and that the rest stays as it came.

use crate::dialect::salesforce::bulk::NAMESPACE;
use crate::dialect::salesforce::soap::Api;
use crate::protect::inward::{Answer, Outcome, Shape, read_soap};
use crate::protect::trial::soap::{enterprise, partner};
use crate::protect::trial::{CONTACT, Sent, Trial};

/// A border that has protected one contact by REST, its tokens, and a query by SOAP.
fn contact(query: &str) -> (Trial, Sent, serde_json::Value) {
    let mut trial = Trial::start();
    let written = trial
        .write(
            "Contact",
            "{\"LastName\":\"Jansen & Zn <x>\",\"MailingCity\":\"Ede\",\
             \"Description\":\"Belt liever niet\",\"Birthdate\":\"1980-05-01\"}",
        )
        .unwrap();
    let tokens = serde_json::from_str(&written.body).unwrap();
    let query = partner(&format!(
        "<query><queryString>{query}</queryString></query>"
    ));
    let sent = trial.speak(Api::Partner, &query).unwrap();
    (trial, sent, tokens)
}

const QUERY: &str = "SELECT Id FROM Contact";

/// An answer with one record of these fields.
fn page(fields: &str) -> String {
    let record = format!(
        "<records xsi:type=\"sf:sObject\"><sf:type>Contact</sf:type><sf:Id>{CONTACT}</sf:Id><sf:Id>{CONTACT}</sf:Id>{fields}</records>"
    );
    let page = format!(
        "<queryResponse><result xsi:type=\"QueryResult\"><done>true</done><queryLocator xsi:nil=\"true\"/>{record}<size>1</size></result></queryResponse>"
    );
    partner(&page)
}

#[test]
fn tokens_become_values_for_those_who_may_see_them_and_nothing_else_changes() {
    let (trial, sent, tokens) = contact(QUERY);
    let token = |name: &str| tokens[name].as_str().unwrap().to_owned();
    let (name, text) = (token("LastName"), token("Description"));
    let answer = page(&format!(
        "<sf:LastName>{name}</sf:LastName>\n  <sf:Name>A {name}</sf:Name>\
         <sf:Description>{text}</sf:Description><sf:LeadSource>A &amp; B</sf:LeadSource>"
    ));
    let (all, _) = trial.answer(&sent, &answer, &["sales"]);
    let expected = answer
        .replace(&name, "Jansen &amp; Zn &lt;x&gt;")
        .replace(&text, "Belt liever niet");
    assert_eq!(all, expected);
    let (nothing, revealed) = trial.answer(&sent, &answer, &[]);
    // Clear text beside a token is masked with it, for whoever may not see the class.
    let masked = format!("<sf:Name>A {name}</sf:Name>");
    assert_eq!(
        nothing,
        answer.replace(&masked, "<sf:Name xsi:nil=\"true\"/>")
    );
    assert_eq!(revealed.classes.len(), 0);
}

#[test]
fn what_has_no_rule_or_is_in_clear_is_masked() {
    let (trial, sent, _) = contact(QUERY);
    let answer = page(
        "<sf:Nickname__c>Jansen</sf:Nickname__c><sf:LastName>Jansen</sf:LastName>\
         <sf:LeadSource>Web</sf:LeadSource><sf:MailingAddress xsi:type=\"address\"><city>Jansen</city></sf:MailingAddress>",
    );
    let (nobody, _) = trial.answer(&sent, &answer, &[]);
    assert!(!nobody.contains("Jansen"), "{nobody}");
    assert!(
        nobody.contains("<sf:LeadSource>Web<"),
        "the control: {nobody}"
    );
    let (sales, _) = trial.answer(&sent, &answer, &["sales"]);
    assert!(
        sales.contains("<sf:LastName>Jansen<"),
        "the control: {sales}"
    );
    assert!(
        sales.contains("<sf:Nickname__c xsi:nil=\"true\"/>"),
        "{sales}"
    );
    // A record of an object without rules, and an element that nobody knows.
    let other = answer
        .replace(">Contact<", ">Jansen__c<")
        .replace("<size>1", "<note>Jansen</note><size>1");
    let (sales, _) = trial.answer(&sent, &other, &["sales"]);
    assert!(!sales.contains(">Jansen<"), "{sales}");
}

#[test]
fn a_value_that_is_kept_here_stands_where_the_crm_has_nothing() {
    let (trial, sent, _) = contact(QUERY);
    let answer = page("<sf:Birthdate xsi:nil=\"true\"/>");
    let (sales, revealed) = trial.answer(&sent, &answer, &["sales"]);
    let full = "<sf:Birthdate>1980-05-01</sf:Birthdate>";
    assert_eq!(
        sales,
        answer.replace("<sf:Birthdate xsi:nil=\"true\"/>", full)
    );
    assert_eq!(revealed.subjects.len(), 1);
    let (nobody, _) = trial.answer(&sent, &answer, &[]);
    assert_eq!(nobody, answer);
    let other = answer.replace(CONTACT, "003000000000002AAA");
    assert_eq!(trial.answer(&sent, &other, &["sales"]).0, other);
}

#[test]
fn relations_children_and_enterprise_records_are_read_by_their_own_rules() {
    let (mut trial, sent, tokens) = contact(QUERY);
    let name = tokens["LastName"].as_str().unwrap();
    let nested = page(&format!(
        "<sf:Account xsi:type=\"sf:sObject\"><sf:type>Account</sf:type><sf:Id xsi:nil=\"true\"/><sf:Name>{name}</sf:Name><sf:Nickname__c>Jansen</sf:Nickname__c></sf:Account>\
         <sf:Cases xsi:type=\"QueryResult\"><done>true</done><queryLocator xsi:nil=\"true\"/><records xsi:type=\"sf:sObject\"><sf:type>Case</sf:type><sf:Id xsi:nil=\"true\"/><sf:Subject>{name}</sf:Subject></records><size>1</size></sf:Cases>"
    ));
    let (shown, _) = trial.answer(&sent, &nested, &["sales"]);
    let expected = nested.replace(name, "Jansen &amp; Zn &lt;x&gt;").replace(
        "<sf:Nickname__c>Jansen</sf:Nickname__c>",
        "<sf:Nickname__c xsi:nil=\"true\"/>",
    );
    assert_eq!(shown, expected);
    let query = enterprise(&format!(
        "<query><queryString>{QUERY}</queryString></query>"
    ));
    let sent = trial.speak(Api::Enterprise, &query).unwrap();
    let record = |object: &str| {
        enterprise(&format!(
            "<queryResponse><result xsi:type=\"QueryResult\"><done>true</done><records xsi:type=\"sf:{object}\"><sf:Id>{CONTACT}</sf:Id><sf:Birthdate xsi:nil=\"true\"/><sf:LastName>{name}</sf:LastName></records><size>1</size></result></queryResponse>"
        ))
    };
    let (shown, _) = trial.answer(&sent, &record("Contact"), &["sales"]);
    assert!(
        shown.contains("<sf:Birthdate>1980-05-01<") && shown.contains("Jansen &amp; Zn"),
        "{shown}"
    );
    let (shown, _) = trial.answer(&sent, &record("Other__c"), &["sales"]);
    assert!(!shown.contains("Jansen"), "{shown}");
}

#[test]
fn keys_of_aggregates_get_the_clients_names_back() {
    let (trial, sent, _) =
        contact("SELECT LeadSource bron, COUNT(Id) aantal FROM Contact GROUP BY LeadSource");
    assert!(!sent.body.contains("bron"), "{}", sent.body);
    let answer = partner(
        "<queryResponse><result xsi:type=\"QueryResult\"><done>true</done><records xsi:type=\"sf:sObject\"><sf:type>AggregateResult</sf:type><sf:Id xsi:nil=\"true\"/>\
         <sf:alias0>Web</sf:alias0><sf:alias1 xsi:nil=\"true\"/></records><size>1</size></result></queryResponse>",
    );
    let (shown, _) = trial.answer(&sent, &answer, &["sales"]);
    let expected = answer.replace("alias0", "bron").replace("alias1", "aantal");
    assert_eq!(shown, expected);
}

#[test]
fn a_description_tells_of_what_has_a_rule() {
    let mut trial = Trial::start();
    let asked = partner("<describeSObject><sObjectType>Contact</sObjectType></describeSObject>");
    let sent = trial.speak(Api::Partner, &asked).unwrap();
    let field = |name: &str| format!("<fields><length>80</length><name>{name}</name></fields>");
    let (known, unknown) = (field("LastName"), field("Nickname__c"));
    let answer = partner(&format!(
        "<describeSObjectResponse><result>{known}{unknown}<label>Contact</label><name>Contact</name></result></describeSObjectResponse>"
    ));
    let (shown, _) = trial.answer(&sent, &answer, &["sales"]);
    assert_eq!(shown, answer.replace(&unknown, ""));
    let sent = trial
        .speak(Api::Partner, &partner("<describeGlobal/>"))
        .unwrap();
    let object = |name: &str| format!("<sobjects><name>{name}</name></sobjects>");
    let (known, unknown) = (object("Contact"), object("Other__c"));
    let answer = partner(&format!(
        "<describeGlobalResponse><result>{known}{unknown}</result></describeGlobalResponse>"
    ));
    let (shown, _) = trial.answer(&sent, &answer, &["sales"]);
    assert_eq!(shown, answer.replace(&unknown, ""));
}

#[test]
fn a_body_has_one_answer_and_nothing_beside_it() {
    let mut trial = Trial::start();
    let sent = trial
        .speak(Api::Partner, &partner("<describeGlobal/>"))
        .unwrap();
    let reads = |body: &str| {
        let answer = Answer {
            text: &partner(body),
            shape: Shape::Data,
            viewer: trial.viewer(&[]),
            request: &sent.request,
            aliases: &[],
            found: &[],
        };
        read_soap(&answer).is_ok()
    };
    let one = "<queryResponse><result/></queryResponse>";
    assert!(reads(one));
    assert!(!reads("") && !reads(&one.repeat(2)));
    assert!(!reads(&format!("{one}<sf:Contact>Jansen</sf:Contact>")));
}

#[test]
fn results_tell_what_was_saved_and_faults_what_was_not() {
    let mut trial = Trial::start();
    let record = "<sObjects><sf:type>Contact</sf:type><sf:LastName>Jansen</sf:LastName></sObjects>";
    let sent = trial
        .speak(
            Api::Partner,
            &partner(&format!("<create>{record}{record}</create>")),
        )
        .unwrap();
    let read = |text: &str| {
        let viewer = trial.viewer(&[]);
        let answer = Answer {
            text,
            shape: Shape::Data,
            viewer,
            request: &sent.request,
            aliases: &[],
            found: &[],
        };
        let (reading, outcome) = read_soap(&answer).unwrap();
        let saved: Vec<_> = reading
            .saved
            .into_iter()
            .map(|saved| (saved.id.to_string(), saved.trail))
            .collect();
        (saved, outcome)
    };
    let failed = "<result><errors><fields>LastName</fields><message>no</message><statusCode>X</statusCode></errors><id xsi:nil=\"true\"/><success>false</success></result>";
    let saved = format!("<result><id>{CONTACT}</id><success>true</success></result>");
    let answer = partner(&format!("<createResponse>{failed}{saved}</createResponse>"));
    assert_eq!(
        read(&answer),
        (vec![(CONTACT.to_owned(), vec![1])], Outcome::Done)
    );
    let fault = |code: &str| {
        partner(&format!(
            "<e:Fault><faultcode>{code}</faultcode><faultstring>no</faultstring></e:Fault>"
        ))
    };
    for (code, outcome) in [
        ("sf:INVALID_FIELD", Outcome::Refused),
        ("sf:UNKNOWN_EXCEPTION", Outcome::Open),
        ("sf:SERVER_UNAVAILABLE", Outcome::Open),
        ("soapenv:Server", Outcome::Open),
        ("soapenv:Client", Outcome::Refused),
    ] {
        assert_eq!(read(&fault(code)), (vec![], outcome), "{code}");
    }
}

/// A result of a batch of the Bulk API 1.0, with one record of these fields.
fn rows(fields: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><queryResult xmlns=\"{NAMESPACE}\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><records xsi:type=\"sObject\">\
         <type>Contact</type><Id>{CONTACT}</Id>{fields}</records></queryResult>"
    )
}

#[test]
fn a_batch_in_xml_is_revealed_by_class_and_masked_without_a_rule() {
    let (trial, sent, tokens) = contact(QUERY);
    let name = tokens["LastName"].as_str().unwrap();
    let answer = rows(&format!(
        "<LastName>{name}</LastName><Nickname__c>Jansen</Nickname__c><LeadSource>Web</LeadSource>\
         <Birthdate xsi:nil=\"true\"/>"
    ));
    let (all, _) = trial.answer(&sent, &answer, &["sales"]);
    assert!(
        all.contains("<LastName>Jansen &amp; Zn &lt;x&gt;</LastName>"),
        "{all}"
    );
    assert!(all.contains("<LeadSource>Web</LeadSource>"), "{all}");
    assert!(all.contains("<Nickname__c xsi:nil=\"true\"/>"), "{all}");
    assert!(all.contains("<Birthdate>1980-05-01</Birthdate>"), "{all}");
    let (nobody, _) = trial.answer(&sent, &answer, &[]);
    assert!(
        nobody.contains(name) && !nobody.contains("Jansen"),
        "{nobody}"
    );
    let clear = rows("<LastName>Jansen</LastName>");
    assert!(!trial.answer(&sent, &clear, &[]).0.contains("Jansen"));
    // Of another object, or of none, nothing is known.
    let unknown = answer.replace("<type>Contact</type>", "<type>Jansen__c</type>");
    let (all, _) = trial.answer(&sent, &unknown, &["sales"]);
    assert!(!all.contains("<LeadSource>Web"), "{all}");
}
