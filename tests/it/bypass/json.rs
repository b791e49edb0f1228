//! J01-J11: JSON that two parsers read differently.

use data_encoding::HEXLOWER;

use crate::bypass::case::{CONTACT, Case, D, PERSON, call, get, person, send};
use crate::bypass::runner::run;
use crate::bypass::support::demo;

pub fn cases() -> Vec<Case> {
    [
        duplicates(),
        disguises(),
        types(),
        charsets(),
        garbage(),
        depths(),
        numbers(),
        surrogates(),
        inside(),
        media_types(),
        shapes(),
    ]
    .concat()
}

fn duplicates() -> Vec<Case> {
    const ROW: &str = "J01";
    let mut cases = Vec::new();
    for body in [
        r#"{"LastName":"x","LastName":"{c}"}"#,
        r#"{"LastName":"{c}","LastName":"x"}"#,
        r#"{"LastName":"{c}","LastName":"{c}"}"#,
        r#"{"LastName":"x","L\u0061stName":"{c}"}"#,
        r#"{"\u004castName":"x","LastName":"{c}"}"#,
        r#"{"LastName":"x","lastname":"{c}"}"#,
        r#"{"LastName":"x","LASTNAME":"{c}"}"#,
        r#"{"LastName":"x","last\u004eame":"{c}"}"#,
        r#"{"LastName":null,"LastName":"{c}"}"#,
        r#"{"LastName":"{c}","LastName":null}"#,
        r#"{"LastName":"x","FirstName":"y","LastName":"{c}"}"#,
        r#"{"LastName":"x","Account":{"Ext_Id__c":"a","Ext_Id__c":"{c}"}}"#,
        r#"{"LastName":"x","attributes":{"type":"Contact"},"attributes":{"type":"Pet__c"}}"#,
        r#"{"LastName":"x","attributes":{"type":"Contact","type":"{c}"}}"#,
        r#"{"LastName":"x","AccountId":"001000000000001AAA","accountid":"{c}"}"#,
        r#"{"LastName":"x","Q":{"a":1,"a":2}}"#,
        r#"{"LastName":"x","Description":"y","Description":{"a":"{c}","a":"z"}}"#,
    ] {
        cases.push(person(ROW, body, body));
    }
    let target = &format!("{D}/composite/sobjects");
    for body in [
        r#"{"records":[],"records":[{"attributes":{"type":"Contact"},"LastName":"{c}"}]}"#,
        r#"{"records":[{"attributes":{"type":"Contact"},"LastName":"x","LastName":"{c}"}]}"#,
        r#"{"allOrNone":true,"allOrNone":false,"records":[{"attributes":{"type":"Contact"},"LastName":"{c}"}]}"#,
        r#"{"records":[{"attributes":{"type":"Contact","type":"Lead"},"LastName":"{c}","Company":"x"}]}"#,
        r#"{"records":[{"attributes":{"type":"Contact"},"attributes":{"type":"Lead"},"LastName":"{c}"}]}"#,
    ] {
        cases.push(send(ROW, body, "POST", target, body));
    }
    let twice = r#"{"records":[{"attributes":{"type":"Contact"},"Id":"003000000000001AAA","ID":"003000000000002AAA","LastName":"{c}"}]}"#;
    cases.push(send(ROW, "an id in two spellings", "PATCH", target, twice));
    let twice = r#"{"records":[{"attributes":{"type":"Contact"},"Ext_Id__c":"a","ext_id__c":"{c}","LastName":"x"}]}"#;
    let target = &format!("{D}/composite/sobjects/Contact/Ext_Id__c");
    cases.push(send(
        ROW,
        "an external id in two spellings",
        "PATCH",
        target,
        twice,
    ));
    cases.push(
        person(
            ROW,
            "each key once",
            r#"{"LastName":"{c}","FirstName":"{c}"}"#,
        )
        .allowed(),
    );
    cases
}

fn disguises() -> Vec<Case> {
    const ROW: &str = "J02";
    let mut cases = Vec::new();
    for key in [
        "LastName ",
        " LastName",
        "Last Name",
        "LastName\\u0000",
        "LastName\\u200b",
        "\\ufeffLastName",
        "L\\u0430stName",
        "\\u216castName",
        "La\\u017ftName",
        "LastName\\u0301",
        "Last.Name",
        "Contact.LastName",
        "LastName[0]",
        "LastName.value",
        "/LastName",
        "LastName__c",
        "_LastName",
        "$LastName",
        "@LastName",
        "#LastName",
        "lastName\\n",
        "LastName\\t",
        "\\\"LastName\\\"",
        "LastName:",
        "LastName;",
        "LastName,",
        "\u{ff2c}astName",
        "LastN\u{e4}me",
        "LastNa\\u006de ",
        "",
        "__proto__",
        "constructor",
        "attributes.LastName",
    ] {
        // A name beside it, so that the record would be whole without the odd key.
        let body = format!(r#"{{"FirstName":"x","LastName":"x","{key}":"{{c}}"}}"#);
        cases.push(person(ROW, &format!("the key {key}"), &body));
    }
    for key in [
        "\\u004c\\u0061\\u0073\\u0074\\u004e\\u0061\\u006d\\u0065",
        "lastname",
        "L\\u0061stName",
    ] {
        let body = format!(r#"{{"{key}":"{{c}}"}}"#);
        cases.push(person(ROW, &format!("the key {key}"), &body).allowed());
    }
    cases
}

fn types() -> Vec<Case> {
    const ROW: &str = "J03";
    let mut cases = Vec::new();
    for value in [
        "612345678",
        "6.12345678",
        "true",
        "false",
        "[\"{c}\"]",
        "[]",
        "{}",
        "{\"value\":\"{c}\"}",
        "[[\"{c}\"]]",
        "{\"Name\":\"{c}\"}",
        "{\"LastName\":\"{c}\"}",
        "[{\"LastName\":\"{c}\"}]",
        "{\"records\":[{\"LastName\":\"{c}\"}]}",
    ] {
        for field in ["LastName", "Email", "Phone", "Description"] {
            let body = format!(r#"{{"FirstName":"x","{field}":{value}}}"#);
            cases.push(person(ROW, &body, &body));
        }
    }
    // Fields that pass are held to their types.
    for (field, value) in [
        ("AccountId", "\"{c}\""),
        ("AccountId", "612345678"),
        ("AccountId", "{\"Name\":\"{c}\"}"),
        ("LeadSource", "[\"{c}\"]"),
        ("LeadSource", "{\"x\":\"{c}\"}"),
        ("LeadSource", "612345678"),
        ("Birthdate", "612345678"),
        ("Birthdate", "\"{c}\""),
        ("Birthdate", "\"0612-34-5678\""),
        ("Birthdate", "[\"1980-01-02\"]"),
        ("OwnerId", "\"{c}\""),
        ("OwnerId", "true"),
        ("ReportsToId", "\"@{{c}}\""),
        ("Salutation", "{\"x\":\"{c}\"}"),
        ("Salutation", "612345678"),
        ("MailingLatitude", "[\"{c}\"]"),
        ("MailingAddress", "{\"street\":\"{c}\"}"),
        ("Account", "\"{c}\""),
        ("Account", "[{\"Name\":\"{c}\"}]"),
        ("Account", "{\"Name\":\"{c}\"}"),
        ("Account", "{\"Ext_Id__c\":612345678}"),
        ("Account", "{\"Ext_Id__c\":{\"x\":\"{c}\"}}"),
        ("Account", "{\"Ext_Id__c\":\"a\",\"Site\":\"{c}\"}"),
        ("Account", "null"),
        ("attributes", "\"{c}\""),
        ("attributes", "{\"type\":\"Contact\",\"x\":\"{c}\"}"),
        ("attributes", "{\"type\":\"{c}\"}"),
        (
            "attributes",
            "{\"type\":\"Contact\",\"referenceId\":\"{c}\"}",
        ),
        ("attributes", "[\"{c}\"]"),
        (
            "attributes",
            "{\"type\":\"Contact\",\"url\":{\"x\":\"{c}\"}}",
        ),
        ("EmailBouncedDate", "\"2026-01-010612345678\""),
        ("Id", "\"{c}\""),
        ("id", "{\"x\":\"{c}\"}"),
        ("Cases", "{\"records\":[{\"Subject\":{\"x\":\"{c}\"}}]}"),
        ("Cases", "{\"records\":\"{c}\"}"),
        ("Cases", "{\"records\":[],\"totalSize\":\"{c}\"}"),
        ("Cases", "{\"{c}\":[]}"),
    ] {
        let body = format!(r#"{{"LastName":"x","{field}":{value}}}"#);
        cases.push(person(ROW, &body, &body));
    }
    for (object, body) in [
        (
            "Lead",
            r#"{"LastName":"x","Company":"x","NumberOfEmployees":"{c}"}"#,
        ),
        (
            "Lead",
            r#"{"LastName":"x","Company":"x","AnnualRevenue":true}"#,
        ),
        (
            "Lead",
            r#"{"LastName":"x","Company":"x","IsUnreadByOwner":"{c}"}"#,
        ),
        (
            "Lead",
            r#"{"LastName":"x","Company":"x","PostalCode":{"x":"{c}"}}"#,
        ),
        (
            "Lead",
            r#"{"LastName":"x","Company":"x","PostalCode":["{c}"]}"#,
        ),
        ("Event", r#"{"Subject":"x","StartDateTime":"{c}"}"#),
        (
            "Event",
            r#"{"Subject":"x","StartDateTime":"2026-01-010612345678"}"#,
        ),
        ("Event", r#"{"Subject":"x","DurationInMinutes":"{c}"}"#),
        ("Task", r#"{"Subject":"x","ActivityDate":"0612-34-5678"}"#),
        ("Task", r#"{"Subject":"x","IsReminderSet":"{c}"}"#),
        ("Opportunity", r#"{"Name":"x","Amount":"{c}"}"#),
        ("Opportunity", r#"{"Name":"x","CloseDate":"{c}"}"#),
        (
            "EmailMessage",
            r#"{"Subject":"x","ParentId":"{c}@example.nl"}"#,
        ),
    ] {
        cases.push(send(
            ROW,
            body,
            "POST",
            &format!("{D}/sobjects/{object}"),
            body,
        ));
    }
    let body = r#"{"LastName":"{c}","Birthdate":"1980-01-02","Salutation":"{c}","MailingLatitude":52.1,"Email":"{c}@example.nl",
        "Phone":"06 1234 {c}","Description":"{c} was here","Title":"{c}","MailingStreet":"{c} 1","MailingPostalCode":"{c}"}"#;
    cases.push(person(ROW, "each value of its type", body).allowed());
    let body = r#"{"LastName":"{c}","FirstName":null,"Email":"","Phone":"  "}"#;
    cases.push(person(ROW, "null and blank", body).allowed());
    cases
}

fn charsets() -> Vec<Case> {
    const ROW: &str = "J04";
    let wide = |order: fn(u16) -> [u8; 2], mark: bool| -> Vec<u8> {
        let text = "{\"LastName\":\"Zwqkanarie9999\"}";
        let mark = mark.then_some(0xfeff);
        mark.into_iter()
            .chain(text.encode_utf16())
            .flat_map(order)
            .collect()
    };
    let widest = |order: fn(u32) -> [u8; 4]| -> Vec<u8> {
        "{\"LastName\":\"Zwqkanarie9999\"}"
            .chars()
            .flat_map(|c| order(c.into()))
            .collect()
    };
    let mut cases = Vec::new();
    for (name, body) in [
        ("UTF-16LE", wide(u16::to_le_bytes, false)),
        ("UTF-16BE", wide(u16::to_be_bytes, false)),
        ("UTF-16LE with a mark", wide(u16::to_le_bytes, true)),
        ("UTF-16BE with a mark", wide(u16::to_be_bytes, true)),
        ("UTF-32LE", widest(u32::to_le_bytes)),
        ("UTF-32BE", widest(u32::to_be_bytes)),
        (
            "UTF-8 with a mark",
            b"\xef\xbb\xbf{\"LastName\":\"{c}\"}".to_vec(),
        ),
        ("Latin-1", b"{\"LastName\":\"{c} Andr\xe9\"}".to_vec()),
        (
            "EBCDIC",
            b"\xc0\x7f\xd3\x81\xa2\xa3\xd5\x81\x94\x85\x7f\x7a\x7f\xe9\x7f\xd0".to_vec(),
        ),
        ("UTF-7", b"+AHsAIg-LastName+ACIAOgAi-{c}+ACIAfQ-".to_vec()),
    ] {
        let json = ("Content-Type", "application/json");
        cases.push(call(ROW, name, "POST", CONTACT).with(json).body(&body));
        let named = format!(
            "application/json; charset={}",
            name.split(' ').next().unwrap_or_default()
        );
        let case = call(ROW, &format!("{name}, as it says"), "POST", CONTACT);
        if !name.starts_with("UTF-8") {
            cases.push(case.with(("Content-Type", &named)).body(&body));
        }
    }
    for charset in [
        "iso-8859-1",
        "utf-7",
        "utf-16",
        "utf-16le",
        "utf-32",
        "cp500",
        "ibm037",
        "us-ascii",
        "windows-1252",
        "utf8",
        "utf-8-sig",
        "\"utf-16\"",
        "'utf-8'",
        "utf-8,utf-16",
        "",
        "none",
        "unicode-1-1-utf-7",
        "{c}",
        "utf_8",
    ] {
        let kind = format!("application/json; charset={charset}");
        cases.push(
            call(ROW, &kind, "POST", CONTACT)
                .with(("Content-Type", &kind))
                .body(PERSON.as_bytes()),
        );
    }
    for kind in [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "APPLICATION/JSON",
        "application/json; charset=\"utf-8\"",
    ] {
        let case = call(ROW, kind, "POST", CONTACT).with(("Content-Type", kind));
        cases.push(case.body(PERSON.as_bytes()).allowed());
    }
    cases
}

fn garbage() -> Vec<Case> {
    const ROW: &str = "J05";
    let mut cases = Vec::new();
    for body in [
        "{\"LastName\":\"{c}\"}x",
        "{\"LastName\":\"{c}\"}{\"LastName\":\"y\"}",
        "{\"LastName\":\"y\"}\n{\"LastName\":\"{c}\"}",
        "{\"LastName\":\"{c}\"}\u{0}",
        "{\"LastName\":\"{c}\"}//x",
        "/*{c}*/{\"LastName\":\"y\"}",
        "{\"LastName\":\"y\"/*{c}*/}",
        "// {c}\n{\"LastName\":\"y\"}",
        "# {c}\n{\"LastName\":\"y\"}",
        "{'LastName':'{c}'}",
        "{LastName:\"{c}\"}",
        "{\"LastName\":'{c}'}",
        "{\"LastName\":{c}}",
        "{\"LastName\":NaN}",
        "{\"LastName\":Infinity}",
        "{\"LastName\":undefined}",
        "{,\"LastName\":\"{c}\"}",
        "{\"LastName\":\"{c}\",}",
        "{\"LastName\":\"{c}\",,\"FirstName\":\"y\"}",
        "{\"LastName\"=\"{c}\"}",
        "{\"LastName\" \"{c}\"}",
        "{\"LastName\":\"{c}\"",
        "{\"LastName\":\"{c}",
        "\"LastName\":\"{c}\"",
        "{\"LastName\":\"{c}\"]",
        "[{\"LastName\":\"{c}\"}",
        "{\"LastName\":\"{c}\\\"}",
        "{\"LastName\":\"{c}\\x\"}",
        "{\"LastName\":\"{c}\\u12\"}",
        "{\"LastName\":\"{c}\n\"}",
        "{\"LastName\":\"{c}\t\"}",
        "{\"LastName\":\"\\U0041{c}\"}",
        "\u{a0}{\"LastName\":\"{c}\"}",
        "\u{b}{\"LastName\":\"{c}\"}",
        "{\"LastName\":+1}",
        "{\"LastName\":01}",
        "{\"LastName\":.5}",
        "{\"LastName\":True}",
        "{\"LastName\":\"a\" + \"{c}\"}",
        "{\"LastName\":`{c}`}",
        ")]}',\n{\"LastName\":\"{c}\"}",
    ] {
        cases.push(person(ROW, body, body));
    }
    for (name, body) in suite().filter(|(name, _)| name.starts_with("n_")) {
        let case = call(ROW, &name, "POST", CONTACT).with(("Content-Type", "application/json"));
        cases.push(case.body(&body));
    }
    let spaced = " \t\r\n{ \"LastName\" : \"{c}\" }\r\n ";
    cases.push(person(ROW, "white space", spaced).allowed());
    cases
}

/// JSONTestSuite, as `tests/fixtures/json` has it.
fn suite() -> impl Iterator<Item = (String, Vec<u8>)> {
    let text = include_str!("../../fixtures/json/json_test_suite.txt");
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (name, digits) = line.split_once(' ').unwrap_or((line, ""));
            let body = HEXLOWER
                .decode(digits.trim().as_bytes())
                .expect("hexadecimal");
            (name.to_owned(), body)
        })
}

fn depths() -> Vec<Case> {
    const ROW: &str = "J06";
    let mut cases = Vec::new();
    for depth in [65, 1_000, 100_000] {
        let deep = format!(
            "{{\"LastName\":{}{}}}",
            "[".repeat(depth),
            "]".repeat(depth)
        );
        cases.push(person(ROW, &format!("{depth} lists"), &deep));
        cases.push(person(
            ROW,
            &format!("{depth} lists, open"),
            &"[".repeat(depth),
        ));
        let deep = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        cases.push(person(ROW, &format!("{depth} objects"), &deep));
    }
    let long = |count: usize| "a".repeat(count);
    for (name, body) in [
        (
            "a long key",
            format!(r#"{{"LastName":"x","{}":"{{c}}"}}"#, long(1 << 20)),
        ),
        (
            "a long name",
            format!(r#"{{"LastName":"{{c}}{}"}}"#, long(1 << 20)),
        ),
        (
            "a name of 81 characters",
            format!(r#"{{"LastName":"{{c}}{}"}}"#, long(67)),
        ),
        (
            "a number of many digits",
            format!(
                r#"{{"LastName":"{{c}}","MailingLatitude":{}}}"#,
                "9".repeat(10_000)
            ),
        ),
        (
            "a large exponent",
            r#"{"LastName":"{c}","AccountId":1e999}"#.to_owned(),
        ),
        ("many keys", {
            let keys = (0..100_000).map(|at| format!("\"k{at}\":1,"));
            format!("{{{}\"LastName\":\"{{c}}\"}}", keys.collect::<String>())
        }),
        (
            "many values",
            format!(r#"{{"LastName":[{}1]}}"#, "1,".repeat(1_000_001)),
        ),
        (
            "a description beyond its field",
            format!(
                r#"{{"LastName":"x","Description":"{{c}}{}"}}"#,
                long(32_000)
            ),
        ),
    ] {
        cases.push(person(ROW, name, &body));
    }
    let body = format!(r#"{{"LastName":"{{c}}","Description":"{}"}}"#, long(20_000));
    cases.push(person(ROW, "a long description", &body).allowed());
    cases
}

fn numbers() -> Vec<Case> {
    const ROW: &str = "J07";
    let mut cases = Vec::new();
    let target = &format!("{D}/sobjects/Opportunity");
    for number in [
        "0x10", "1_000", "1,5", "+1", "01", "1.", ".1", "1e", "--1", "1e+", "0b1", "1n",
        "Infinity", "-NaN",
    ] {
        let body = format!(
            r#"{{"Name":"{{c}}","StageName":"x","CloseDate":"2026-01-01","Amount":{number}}}"#
        );
        cases.push(send(ROW, number, "POST", target, &body));
    }
    for number in [
        "1E3",
        "1.000000000000000005",
        "-9007199254740993",
        "0.1e1",
        "-0",
        "12.50",
    ] {
        let body = format!(
            r#"{{"Name":"{{c}}","StageName":"x","CloseDate":"2026-01-01","Amount":{number}}}"#
        );
        cases.push(send(ROW, number, "POST", target, &body).allowed());
    }
    cases
}

fn surrogates() -> Vec<Case> {
    const ROW: &str = "J08";
    let mut cases = Vec::new();
    for value in [
        "{c}\\ud800",
        "{c}\\udc00",
        "\\ud800{c}",
        "\\udc00\\ud800{c}",
        "\\ud800\\ud800{c}",
        "\\ud800\\u0041{c}",
        "{c}\\u0000",
        "\\u0000{c}",
        "{c}\\u0000x",
        "\\uD83D{c}",
        "{c}\\uDFFF",
    ] {
        let body = format!(r#"{{"LastName":"{value}"}}"#);
        cases.push(person(ROW, value, &body));
        let body = format!(r#"{{"LastName":"x","{value}":"y"}}"#);
        cases.push(person(ROW, &format!("the key {value}"), &body));
    }
    for (name, bytes) in [
        ("a cut sequence", &b"\xc3"[..]),
        ("a lone continuation", b"\x80"),
        ("an overlong slash", b"\xc0\xaf"),
        ("an overlong NUL", b"\xc0\x80"),
        ("an overlong form of three", b"\xe0\x80\xaf"),
        ("a surrogate", b"\xed\xa0\x80"),
        ("two surrogates", b"\xed\xa0\xbd\xed\xb8\x80"),
        ("beyond Unicode", b"\xf4\x90\x80\x80"),
        ("five bytes", b"\xf8\x88\x80\x80\x80"),
        ("0xff", b"\xff"),
    ] {
        let body = [b"{\"LastName\":\"{c}".as_slice(), bytes, b"\"}"].concat();
        let case = call(ROW, name, "POST", CONTACT).with(("Content-Type", "application/json"));
        cases.push(case.body(&body));
    }
    let body = "{\"LastName\":\"{c} \\ud83d\\ude00 \u{1f600} \u{e9}\"}";
    cases.push(person(ROW, "a pair", body).allowed());
    cases
}

fn inside() -> Vec<Case> {
    const ROW: &str = "J09";
    // A text is a text: JSON within it is protected with it.
    let mut cases = vec![];
    for value in [r#"{\"LastName\":\"{c}\"}"#, r#"[\"{c}\"]"#, r#"\"{c}\""#] {
        for field in ["LastName", "Description", "Title"] {
            let body = format!(r#"{{"LastName":"x","{field}":"{value}"}}"#)
                .replace(r#""LastName":"x","LastName""#, r#""LastName""#);
            cases.push(person(ROW, &body, &body).allowed());
        }
    }
    for carrier in ["Body__c", "Flow_Input__c", "message", "aura.message"] {
        let body = format!(r#"{{"LastName":"x","{carrier}":"{{\"LastName\":\"{{c}}\"}}"}}"#);
        cases.push(person(ROW, carrier, &body));
    }
    cases
}

fn media_types() -> Vec<Case> {
    const ROW: &str = "J10";
    let mut cases = Vec::new();
    for kind in [
        "text/plain",
        "text/json",
        "text/html",
        "application/json;foo=bar",
        "application/json; charset=utf-8; x={c}",
        "application/vnd+json",
        "application/json+x",
        "application/x-json",
        "application/jsonp",
        "application/*",
        "*/*",
        "json",
        "application/json,text/plain",
        "application/json text/plain",
        "application / json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
        "multipart/mixed; boundary={c}",
        "application/xml",
        "text/xml",
        "text/csv",
        "",
        "application/octet-stream",
        "application/json\t;x",
        "application/merge-patch+json",
        "application/json-patch+json",
        "application/graphql",
        "application/json;",
        "{c}",
    ] {
        let case = call(ROW, &format!("Content-Type: {kind}"), "POST", CONTACT);
        cases.push(case.with(("Content-Type", kind)).body(PERSON.as_bytes()));
    }
    cases.push(call(ROW, "no Content-Type", "POST", CONTACT).body(PERSON.as_bytes()));
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    cases.push(
        call(ROW, "a form", "POST", CONTACT)
            .with(form)
            .body(b"LastName={c}"),
    );
    let form = ("Content-Type", "multipart/form-data; boundary=b");
    let parts = b"{c}\r\n--b\r\nContent-Disposition: form-data; name=\"entity_contact\"\r\nContent-Type: application/json\r\n\r\n{\"LastName\":\"{c}\"}\r\n--b--\r\n";
    cases.push(
        call(ROW, "parts behind a preamble", "POST", CONTACT)
            .with(form)
            .body(parts),
    );
    cases.push(person(ROW, "two Content-Types", PERSON).with(("Content-Type", "text/plain")));
    cases.push(
        person(ROW, "the same Content-Type twice", PERSON)
            .with(("Content-Type", "application/json")),
    );
    cases.push(
        person(ROW, "an underscore for the hyphen", PERSON).with(("Content_Type", "text/plain")),
    );
    cases.push(person(ROW, "one Content-Type", PERSON).allowed());
    cases
}

fn shapes() -> Vec<Case> {
    const ROW: &str = "J11";
    let mut cases = Vec::new();
    for body in [
        "[]",
        "{}x",
        "\"{c}\"",
        "1",
        "true",
        "null",
        "[{\"LastName\":\"{c}\"}]",
        "[[{\"LastName\":\"{c}\"}]]",
        "[{\"op\":\"add\",\"path\":\"/LastName\",\"value\":\"{c}\"}]",
        "{\"op\":\"add\",\"path\":\"/LastName\",\"value\":\"{c}\"}",
        "{\"$set\":{\"LastName\":\"{c}\"}}",
        "{\"fields\":{\"LastName\":\"{c}\"}}",
        "{\"records\":[{\"LastName\":\"{c}\"}]}",
        "{\"Contact\":{\"LastName\":\"{c}\"}}",
        "{\"value\":{\"LastName\":\"{c}\"}}",
        "{\"apiName\":\"Contact\",\"fields\":{\"LastName\":\"{c}\"}}",
    ] {
        cases.push(person(ROW, body, body));
        cases.push(send(
            ROW,
            &format!("PATCH {body}"),
            "PATCH",
            &format!("{CONTACT}/003000000000001AAA"),
            body,
        ));
    }
    let target = format!("{D}/composite/sobjects");
    for body in [
        "[]",
        "[{\"attributes\":{\"type\":\"Contact\"},\"LastName\":\"{c}\"}]",
        "{\"records\":{\"LastName\":\"{c}\"}}",
        "{\"records\":\"{c}\"}",
        "{\"records\":[\"{c}\"]}",
        "{\"records\":[[{\"LastName\":\"{c}\"}]]}",
        "{\"records\":null}",
        "{}",
        "{\"allOrNone\":\"{c}\",\"records\":[]}",
        "{\"records\":[],\"x\":\"{c}\"}",
        "{\"Records\":[]}",
        "{\"RECORDS\":[{\"LastName\":\"{c}\"}]}",
        "{\"allOrNone\":null,\"records\":[]}",
        "{\"allOrNone\":1,\"records\":[]}",
    ] {
        cases.push(send(
            ROW,
            &format!("a collection {body}"),
            "POST",
            &target,
            body,
        ));
    }
    cases.push(get(ROW, "no body", &format!("{D}/sobjects/Account")).allowed());
    cases
}

#[test]
fn keys_are_compared_as_the_crm_does() {
    run(&duplicates());
    run(&disguises());
}

#[test]
fn values_are_held_to_their_fields() {
    run(&types());
    run(&inside());
    run(&shapes());
}

#[test]
fn bodies_are_json_in_utf8() {
    run(&charsets());
    run(&surrogates());
    run(&media_types());
}

#[test]
fn what_is_not_json_is_refused() {
    run(&garbage());
}

#[test]
fn json_without_end_is_refused() {
    run(&depths());
    run(&numbers());
}

/// J07: what no rule touches leaves as it came, number by number.
#[test]
fn untouched_numbers_leave_byte_for_byte() {
    let demo = demo();
    let _alone = demo.alone();
    for number in [
        "1E3",
        "1.000000000000000005",
        "-9007199254740993",
        "-0",
        "12.50",
    ] {
        let body = format!(
            r#"{{"Name":"Zwqkanarie","StageName":"x","CloseDate":"2026-01-01","Amount":{number}}}"#
        );
        let request = format!(
            "POST {D}/sobjects/Opportunity HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            demo.host,
            demo.token,
            body.len()
        );
        let answer = demo.exchange(request.as_bytes());
        assert_eq!(answer.status(), 201, "{}", answer.text());
        let sent = demo.requests();
        let sent = sent.last().and_then(|request| request["body"].as_str());
        let kept = format!("\"Amount\":{number}}}");
        assert!(
            sent.is_some_and(|body| body.ends_with(&kept)),
            "{number}: {sent:?}"
        );
    }
}
