use super::*;

const OID: (&str, &str) = ("oid", "00D000000000001");
/// A few seconds after the time in a form's captcha.
const NOW: Timestamp = Timestamp(1_700_000_005_000);

fn setup() -> Setup {
    let id = |text: &str| Id::parse(text).unwrap();
    let custom = |text: &str, kind, field: &str| Custom {
        id: id(text),
        kind,
        field: field.to_owned(),
    };
    Setup {
        organization: id("00D000000000001"),
        returns: vec!["https://www.example.eu/thanks".to_owned()],
        campaigns: vec![id("701000000000001")],
        statuses: vec!["Responded".to_owned()],
        captcha_keys: vec!["site".to_owned()],
        fields: vec![
            custom("00N000000000001", Kind::Lead, "Interests__c"),
            custom("00N000000000002", Kind::Lead, "Newsletter__c"),
            custom("00N000000000003", Kind::Case, "Order__c"),
            custom("00N000000000004", Kind::Lead, "Birthday__c"),
        ],
        dates: Dates::named("dd-mm-yyyy").unwrap(),
    }
}

const LEAD: &str = "/servlet/servlet.WebToLead?encoding=UTF-8";

fn read_at(kind: Kind, target: &str, pairs: &[(&str, &str)]) -> Result<Form, Refusal> {
    let pairs: Vec<(String, String)> = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Form::read(
        kind,
        target,
        &pairs,
        (&setup(), NOW),
        &|_, field| match field {
            "Interests__c" => Sort::Choices,
            "AnnualRevenue" => Sort::Whole,
            "Birthday__c" => Sort::Date,
            "Newsletter__c" | "HasOptedOutOfEmail" => Sort::Flag,
            _ => Sort::Text,
        },
    )
}

fn lead(pairs: &[(&str, &str)]) -> Result<Form, Refusal> {
    let pairs: Vec<_> = [OID].iter().chain(pairs).copied().collect();
    read_at(Kind::Lead, LEAD, &pairs)
}

fn record(form: &Form) -> Value {
    serde_json::from_slice(&form.record()).unwrap()
}

#[test]
fn a_form_is_the_record_that_it_makes_and_is_written_anew_from_it() {
    let form = lead(&[
        ("retURL", "https://www.example.eu/thanks"),
        ("first_name", ""),
        ("last_name", "Jansen"),
        ("00N000000000001", "Wine"),
        ("00N000000000001", "Cheese"),
        ("00N000000000002EAA", "1"),
        ("00N000000000004", "1-2-1980"),
        ("Campaign_ID", "701000000000001"),
        ("member_status", "Responded"),
        ("submit", "Verzenden"),
    ])
    .unwrap();
    let expected = serde_json::json!({
        "LastName": "Jansen", "Interests__c": "Wine;Cheese", "Newsletter__c": "true",
        "Birthday__c": "1980-02-01",
    });
    assert_eq!(record(&form), expected);
    assert_eq!(
        form.target(),
        "/servlet/servlet.WebToLead?encoding=UTF-8&orgId=00D000000000001"
    );
    let protected = br#"{"LastName":"token","Interests__c":"Wine;Cheese","Newsletter__c":"true","Birthday__c":"1980-01-01"}"#;
    let written = String::from_utf8(form.write(protected).unwrap()).unwrap();
    assert_eq!(
        written,
        "oid=00D000000000001&retURL=https%3A%2F%2Fwww.example.eu%2Fthanks&last_name=token\
         &00N000000000001=Wine&00N000000000001=Cheese&00N000000000002=1\
         &00N000000000004=01-01-1980&Campaign_ID=701000000000001AAA&member_status=Responded"
    );
    // What policy takes out is not there.
    let written = form.write(br#"{"LastName":null}"#).unwrap();
    assert!(!String::from_utf8(written).unwrap().contains("last_name"));
}

#[test]
fn a_case_has_names_of_its_own() {
    let pairs = [
        ("orgid", "00D000000000001EAA"),
        ("name", "Jansen"),
        ("email", "a@example.nl"),
        ("00N000000000003", "7"),
    ];
    let target = "/servlet/servlet.WebToCase?encoding=UTF-8&orgId=00D000000000001";
    let form = read_at(Kind::Case, target, &pairs).unwrap();
    let expected = serde_json::json!({
        "SuppliedName": "Jansen", "SuppliedEmail": "a@example.nl", "Order__c": "7",
    });
    assert_eq!(record(&form), expected);
    // Names of the one form are none of the other's.
    assert!(read_at(Kind::Lead, LEAD, &[OID, ("name", "x")]).is_err());
    assert!(read_at(Kind::Lead, LEAD, &[OID, ("00N000000000003", "7")]).is_err());
    assert!(
        read_at(
            Kind::Case,
            target,
            &[("orgid", "00D000000000001"), ("last_name", "x")]
        )
        .is_err()
    );
}

#[test]
fn what_salesforce_s_forms_do_not_have_is_refused_without_its_words() {
    for (name, value, code) in [
        ("Jansen", "x", Code::ParameterUnknown),
        ("Last_Name", "x", Code::ParameterUnknown),
        ("last_name ", "x", Code::ParameterUnknown),
        ("lastname", "x", Code::ParameterUnknown),
        ("_charset_", "UTF-8", Code::ParameterUnknown),
        ("orgid", "00D000000000001", Code::ParameterUnknown),
        ("00NJansen000000", "x", Code::PolicyUnknownField),
        ("00N000000000003", "x", Code::PolicyUnknownField),
        ("debug", "1", Code::ParameterUnknown),
        ("debugEmail", "jansen@example.nl", Code::ParameterUnknown),
        ("oid", "00D000000000001", Code::BodyMalformed),
        ("last_name", "Jansen", Code::BodyMalformed),
        ("00N000000000002", "Jansen", Code::ValueUnfit),
        ("00N000000000001", "Jansen;x", Code::ValueUnfit),
        ("00N000000000004", "Jansen", Code::ValueUnfit),
        ("00N000000000004", "1980-02-01", Code::ValueUnfit),
        ("Campaign_ID", "Jansen", Code::ValueUnfit),
        ("Campaign_ID", "003000000000001", Code::ValueUnfit),
        ("Campaign_ID", "701JansenUtrech", Code::ValueUnfit),
        ("revenue", "12.500", Code::ValueUnfit),
        ("revenue", "Jansen", Code::ValueUnfit),
        ("revenue", "-", Code::ValueUnfit),
        ("member_status", "Jansen", Code::ValueUnfit),
        ("retURL", "//evil.example", Code::ValueUnfit),
        ("retURL", "javascript:alert(1)", Code::ValueUnfit),
        (
            "retURL",
            "https://www.example.eu@evil.example/thanks",
            Code::ValueUnfit,
        ),
        (
            "retURL",
            "https://www.example.eu/thanks?name=Jansen",
            Code::ValueUnfit,
        ),
        ("retURL", "https://WWW.example.eu/thanks", Code::ValueUnfit),
        ("captcha_settings", "{\"Jansen\":\"x\"}", Code::ValueUnfit),
        ("captcha_settings", "Jansen", Code::ValueUnfit),
        (
            "g-recaptcha-response",
            "Jan-Jansen-Kerkstraat-12-Utrecht",
            Code::ValueUnfit,
        ),
    ] {
        let refusal = lead(&[("last_name", "x"), (name, value)]).unwrap_err();
        assert_eq!(refusal.code, code, "{name}={value}: {refusal}");
        let told = format!("{refusal} {:?}", refusal.field).to_lowercase();
        assert!(!told.contains("jansen"), "{told}");
    }
    assert!(lead(&[("last_name", "x"), ("retURL", "")]).is_ok());
}

#[test]
fn a_form_is_of_this_organization_and_says_something() {
    for pairs in [
        &[("last_name", "x")][..],
        &[("oid", "00D000000000002"), ("last_name", "x")],
        &[("oid", ""), ("last_name", "x")],
        &[OID],
        &[OID, ("last_name", ""), ("submit", "x")],
    ] {
        assert!(read_at(Kind::Lead, LEAD, pairs).is_err(), "{pairs:?}");
    }
    for target in [
        "/servlet/servlet.WebToLead",
        "/servlet/servlet.WebToLead?encoding=ISO-8859-1",
        "/servlet/servlet.WebToLead?encoding=utf-8",
        "/servlet/servlet.WebToLead?encoding=UTF-8&orgId=00D000000000002",
        "/servlet/servlet.WebToLead?encoding=UTF-8&last_name=Jansen",
        "/servlet/servlet.WebToLead?encoding=UTF-8&encoding=UTF-8",
    ] {
        let read = read_at(Kind::Lead, target, &[OID, ("last_name", "x")]);
        assert!(read.is_err(), "{target}");
    }
}

#[test]
fn two_names_of_one_field_are_refused() {
    let mut setup = setup();
    setup.fields[0].field = "LastName".to_owned();
    let pairs = [OID, ("last_name", "a"), ("00N000000000001", "b")];
    let pairs: Vec<(String, String)> = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let read = Form::read(Kind::Lead, LEAD, &pairs, (&setup, NOW), &|_, _| Sort::Text);
    assert_eq!(read.unwrap_err().code, Code::BodyMalformed);
}

#[test]
fn what_captcha_adds_has_its_form_and_is_written_anew() {
    let settings = "{\"keyname\":\"site\",\"fallback\":\"true\",\"orgId\":\"00D000000000001\",\"ts\":\"1700000000000\"}";
    let answer = &"03AGdBq24PBCbwiDRaS_MJ7Z-0123456789".repeat(6);
    let form = lead(&[
        ("last_name", "x"),
        ("captcha_settings", settings),
        ("g-recaptcha-response", answer),
    ])
    .unwrap();
    let written = form.write(br#"{"LastName":"token"}"#).unwrap();
    let pairs = form::parse(&written, &LIMITS).unwrap();
    assert!(pairs.contains(&("g-recaptcha-response".to_owned(), answer.to_owned())));
    let (_, sent) = pairs
        .iter()
        .find(|(name, _)| name == "captcha_settings")
        .unwrap();
    let sent: Value = serde_json::from_str(sent).unwrap();
    assert_eq!(sent, serde_json::from_str::<Value>(settings).unwrap());
    let untimed = settings.replacen("1700000000000", "", 1);
    assert!(lead(&[("last_name", "x"), ("captcha_settings", &untimed)]).is_ok());
    for (from, to) in [
        ("\"site\"", "\"Jan_Jansen_Utrecht\""),
        ("true", "Jansen"),
        ("00D000000000001", "00D000000000002"),
        ("1700000000000", "0612345678"),
        ("1700000000000", "0031612345678"),
        ("1700000000000", "1600000000000"),
        ("{", "{\"keyname\":\"x\","),
        ("}", ",\"more\":\"x\"}"),
    ] {
        let other = settings.replacen(from, to, 1);
        let read = lead(&[("last_name", "x"), ("captcha_settings", &other)]);
        assert!(read.is_err(), "{other}");
    }
}
