//! U01, U03-U06: personal data beside the body.

use crate::bypass::case::{CONTACT, Case, D, Expect, PERSON, call, get, person, send, soql};
use crate::bypass::runner::run;

pub fn cases() -> Vec<Case> {
    [keys(), headers(), forms(), pollution(), returns()].concat()
}

const ID: &str = "003000000000001AAA";

fn keys() -> Vec<Case> {
    const ROW: &str = "U01";
    let mut cases = Vec::new();
    for key in [
        "Phone/06{c}",
        "LastName/{c}",
        "FirstName/{c}",
        "Name/{c}",
        "Description/{c}",
        "Birthdate/1980-01-02",
        "Title/{c}",
        "Bsn__c/{c}",
        "MailingCity/{c}",
        "Id/{c}",
        "LeadSource/{c}",
        "Email/",
        "Email/{c}@example.nl/x",
        "Account/{c}",
        "Account.Ext_Id__c/{c}",
        "Ext_Id__c/{c}/Cases",
        "Ext Id__c/{c}",
        "Ext_Id__c/@%7B{c}.id%7D/x",
        "{c}/x",
    ] {
        cases.push(get(ROW, &format!("GET {key}"), &format!("{CONTACT}/{key}")));
        let target = format!("{CONTACT}/{key}");
        cases.push(send(
            ROW,
            &format!("PATCH {key}"),
            "PATCH",
            &target,
            r#"{"FirstName":"x"}"#,
        ));
    }
    for id in [
        "{c}",
        "{c}AAA",
        "Jan%20Jansen",
        "003",
        "003000000000001",
        "003000000000001AAB",
        "003000000000001aaaa",
        "00300000000000!AAA",
        "@%7B{c}.id%7D",
        "%40%7Bx.id%7D",
        "me",
        "null",
        "undefined",
        "0030000000000010000000000000000000000000",
    ] {
        if id == "003000000000001" {
            continue; // The short form of an id is one.
        }
        cases.push(call(
            ROW,
            &format!("DELETE {id}"),
            "DELETE",
            &format!("{CONTACT}/{id}"),
        ));
    }
    for (name, target) in [
        (
            "fields of the text",
            format!("{CONTACT}/{ID}?fields=LastName,'{{c}}'"),
        ),
        (
            "fields with a function",
            format!("{CONTACT}/{ID}?fields=MAX(LastName)"),
        ),
        (
            "an empty field",
            format!("{CONTACT}/{ID}?fields=LastName,,Email"),
        ),
        ("no fields", format!("{CONTACT}/{ID}?fields=")),
        (
            "a query without its parameter",
            format!("{D}/query?Q={{c}}"),
        ),
        ("a query in the path", format!("{D}/query/{{c}}")),
        (
            "a locator that is none",
            format!("{D}/query/01g000000000001AAA-{{c}}"),
        ),
        (
            "a locator without its number",
            format!("{D}/query/01g000000000001AAA"),
        ),
        (
            "a locator with a sign",
            format!("{D}/query/01g000000000001AAA--1"),
        ),
        ("a name as a locator", format!("{D}/query/01g{{c}}-2000")),
        (
            "ids of a collection",
            format!("{D}/composite/sobjects/Contact?ids={{c}}&fields=Id"),
        ),
        (
            "fields of a collection",
            format!("{D}/composite/sobjects/Contact?ids={ID}&fields={{c}}"),
        ),
        ("a limit that is none", format!("{D}/recent?limit={{c}}")),
        (
            "objects to count",
            format!("{D}/limits/recordCount?sObjects={{c}}"),
        ),
        (
            "a parameter of OData",
            format!("{CONTACT}?$filter=LastName%20eq%20'{{c}}'"),
        ),
        ("a session in the URL", format!("{D}/limits?sid={{c}}")),
        (
            "a token in the URL",
            format!("{D}/limits?access_token={{token}}"),
        ),
        (
            "an OAuth token in the URL",
            format!("{D}/limits?oauth_token={{token}}"),
        ),
    ] {
        cases.push(get(ROW, name, &target));
    }
    let flag = format!("{D}/composite/sobjects?ids={ID}&allOrNone={{c}}");
    cases.push(call(ROW, "a flag that is none", "DELETE", &flag));
    let upsert = format!("{CONTACT}/Email/{{c}}%40example.nl");
    cases.push(
        send(
            ROW,
            "upsert by address",
            "PATCH",
            &upsert,
            r#"{"LastName":"{c}"}"#,
        )
        .allowed(),
    );
    let upsert = format!("{CONTACT}/Ext_Id__c/{{c}}");
    cases.push(
        send(
            ROW,
            "upsert by number",
            "PATCH",
            &upsert,
            r#"{"LastName":"{c}"}"#,
        )
        .allowed(),
    );
    let equal = soql("SELECT Id FROM Contact WHERE Email = '{c}@example.nl' OR LastName = '{c}'");
    cases.push(get(ROW, "a query by value", &equal).allowed());
    cases
}

fn headers() -> Vec<Case> {
    const ROW: &str = "U03";
    let mut cases = Vec::new();
    // They are not for the CRM, and stay here.
    for header in [
        ("Referer", "https://crm.example.nl/?name={c}"),
        ("Origin", "https://{c}.example.nl"),
        ("User-Agent", "{c}'s laptop"),
        ("X-Forwarded-For", "{c}"),
        ("X-Forwarded-Host", "{c}"),
        ("X-Real-IP", "{c}"),
        ("Forwarded", "for={c}"),
        ("From", "{c}@example.nl"),
        ("X-User", "{c}"),
        ("X-Custom", "{c}"),
        ("Cookie", "sid={c}; name={c}"),
        ("Via", "1.1 {c}"),
        ("traceparent", "00-{c}"),
        ("baggage", "name={c}"),
        ("X-Request-Id", "{c}"),
        ("X-Correlation-Id", "{c}"),
        ("Sforce-Call-Options", "client={c}"),
        ("Sforce-Query-Options", "batchSize={c}"),
        ("Sforce-Auto-Assign", "{c}"),
        ("Sforce-Mru", "updateMru={c}"),
        ("Sforce-Duplicate-Rule-Header", "allowSave={c}"),
        ("Sforce-Limit-Info", "{c}"),
        ("X-SFDC-Session", "{c}"),
        ("If-Match", "\"{c}\""),
        ("If-None-Match", "\"{c}\""),
        ("If-Modified-Since", "{c}"),
        ("Range", "bytes=0-{c}"),
        ("Accept", "application/json; x={c}"),
        ("Accept-Language", "{c}"),
        ("Accept-Charset", "{c}"),
        ("Accept-Encoding", "{c}"),
        ("Warning", "199 - {c}"),
        ("Pragma", "{c}"),
        ("Cache-Control", "{c}"),
        ("Prefer", "{c}"),
        ("X-PrettyPrint", "{c}"),
        ("Content-Disposition", "filename={c}"),
        ("Content-Language", "{c}"),
        ("Content-Location", "/{c}"),
        ("Content-MD5", "{c}"),
        ("Digest", "{c}"),
        ("Link", "<{c}>"),
        ("SOAPAction", "{c}"),
        ("Date", "{c}"),
        ("Proxy-Authorization", "Basic {c}"),
        ("Max-Forwards", "1"),
        ("DNT", "{c}"),
        ("X-Amzn-Trace-Id", "{c}"),
    ] {
        cases.push(person(ROW, header.0, PERSON).with(header).allowed());
    }
    for header in [
        ("X-Custom", "{c} \u{e9}"),
        ("Connection", "{c}"),
        ("Proxy-Connection\u{e9}", "{c}"),
    ] {
        let case = person(ROW, &format!("{}: {}", header.0, header.1), PERSON).with(header);
        cases.push(case.dropped());
    }
    cases
}

fn forms() -> Vec<Case> {
    const ROW: &str = "U04";
    const STATUSES: &[u16] = &[400, 401, 403];
    let mut cases = Vec::new();
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    for (name, body) in [
        (
            "a name twice",
            "grant_type=client_credentials&grant_type=password&client_id={c}",
        ),
        (
            "a client twice",
            "grant_type=client_credentials&client_id=demo&client_id={c}",
        ),
        (
            "brackets",
            "grant_type[]=client_credentials&client_id[0]={c}",
        ),
        ("semicolons", "grant_type=client_credentials;client_id={c}"),
        (
            "an escape that is none",
            "grant_type=client_credentials&client_id=%zz{c}",
        ),
        (
            "a cut escape",
            "grant_type=client_credentials&client_id={c}%4",
        ),
        ("%u", "grant_type=client_credentials&client_id=%u0041{c}"),
        ("Latin-1", "grant_type=client_credentials&client_id=%e9{c}"),
        ("no value", "grant_type&client_id={c}"),
        (
            "a double escape",
            "grant_type=client%255Fcredentials&client_id={c}",
        ),
        ("NUL", "grant_type=client_credentials&client_id={c}%00"),
        (
            "JSON",
            "{\"grant_type\":\"client_credentials\",\"client_id\":\"{c}\"}",
        ),
        ("another grant", "grant_type=urn:x:{c}"),
        (
            "one factor",
            "grant_type=client_credentials&client_id={c}&client_secret={c}",
        ),
        (
            "a password of the CRM",
            "grant_type=password&client_id={c}&username={c}@example.nl&password={c}",
        ),
        (
            "a code",
            "grant_type=authorization_code&code={c}&redirect_uri=https%3A%2F%2F{c}.example.nl",
        ),
        ("a device", "grant_type=device&code={c}"),
        ("a refresh", "grant_type=refresh_token&refresh_token={c}"),
        (
            "an assertion",
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={c}.{c}.{c}",
        ),
        ("nothing", ""),
    ] {
        let case = call(
            ROW,
            &format!("the token endpoint: {name}"),
            "POST",
            "/services/oauth2/token",
        );
        cases.push(case.with(form).body(body.as_bytes()).refused(STATUSES));
        let case = call(ROW, &format!("a record: {name}"), "POST", CONTACT);
        cases.push(case.with(form).body(body.as_bytes()));
    }
    for kind in [
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=b",
    ] {
        let case = call(
            ROW,
            &format!("the token endpoint: {kind}"),
            "POST",
            "/services/oauth2/token",
        );
        let body = b"grant_type=client_credentials&client_id={c}";
        cases.push(
            case.with(("Content-Type", kind))
                .body(body)
                .refused(STATUSES),
        );
    }
    let case = get(
        ROW,
        "the token endpoint by GET",
        "/services/oauth2/token?grant_type=password&username={c}",
    );
    cases.push(case.refused(STATUSES));
    let own = get(ROW, "who the token is", "/services/oauth2/userinfo");
    cases.push(own.expect(Expect::Answered));
    cases.push(get(ROW, "a GET", &format!("{D}/limits")).allowed());
    cases
}

fn pollution() -> Vec<Case> {
    const ROW: &str = "U05";
    let mut cases = Vec::new();
    for target in [
        "/services/data/v60.0/query?q=SELECT%20Id%20FROM%20Contact&q={c}",
        "/services/data/v60.0/query?q=SELECT%20Id%20FROM%20Contact&Q={c}",
        "/services/data/v60.0/query?Q={c}&q=SELECT%20Id%20FROM%20Contact",
        "/services/data/v60.0/query?q[]=SELECT%20Id%20FROM%20Contact&q[]={c}",
        "/services/data/v60.0/query?q=SELECT%20Id%20FROM%20Contact&%71={c}",
        "/services/data/v60.0/query?q=SELECT%20Id%20FROM%20Contact&q%00={c}",
        "/services/data/v60.0/query?q=SELECT%20Id%20FROM%20Contact&q%20={c}",
        "/services/data/v60.0/query?q=SELECT%20Id%20FROM%20Contact;q={c}",
        "/services/data/v60.0/query?q=SELECT%20Id%20FROM%20Contact&x={c}",
        "/services/data/v60.0/query?q=SELECT%20Id%20FROM%20Contact?x={c}",
        "/services/data/v60.0/query?q=SELECT%20Id%20FROM%20Contact&{c}",
        "/services/data/v60.0/query?{c}&q=SELECT%20Id%20FROM%20Contact",
        "/services/data/v60.0/query?q=SELECT%20Id%20FROM%20Contact#&q={c}",
        "/services/data/v60.0/sobjects/Contact/003000000000001AAA?fields=Id&fields={c}",
        "/services/data/v60.0/sobjects/Contact/003000000000001AAA?fields=Id&Fields={c}",
        "/services/data/v60.0/composite/sobjects/Contact?ids=003000000000001AAA&fields=Id&ids={c}",
        "/services/data/v60.0/recent?limit=1&limit=2",
        "/services/data/v60.0/limits?x={c}",
        "/services/data/v60.0?x={c}",
        "/services/data?x={c}",
    ] {
        cases.push(get(ROW, target, target));
    }
    for parameter in [
        "LastName={c}",
        "fields=Id",
        "q=SELECT%20Id%20FROM%20Contact",
        "allOrNone=true",
    ] {
        let target = format!("{CONTACT}?{parameter}");
        cases.push(send(
            ROW,
            &format!("query and body: {parameter}"),
            "POST",
            &target,
            PERSON,
        ));
    }
    let body = r#"{"ids":["003000000000001AAA"],"fields":["Id"]}"#;
    let target = format!("{D}/composite/sobjects/Contact?ids=003000000000002AAA&fields=Name");
    cases.push(send(ROW, "ids in query and body", "POST", &target, body));
    cases.push(
        get(
            ROW,
            "one parameter",
            &soql("SELECT Id FROM Contact LIMIT 1"),
        )
        .allowed(),
    );
    cases
}

fn returns() -> Vec<Case> {
    const ROW: &str = "U06";
    let mut cases = Vec::new();
    for target in [
        "/services/data/v60.0/limits#{c}",
        "/services/data/v60.0/limits?retURL=https://evil.example.nl/{c}",
        "/services/data/v60.0/limits?startURL=/{c}",
        "/services/data/v60.0/limits?returl=%2F%2Fevil.example.nl",
        "/secur/logout.jsp?retURL=https://evil.example.nl",
        "/services/oauth2/authorize?redirect_uri=https://evil.example.nl/{c}&state={c}",
        "/services/auth/sso/x?RelayState=https://evil.example.nl",
        "//evil.example.nl/services/data/v60.0/limits",
        "/\\evil.example.nl/{c}",
        "/%2F/evil.example.nl",
        "/{c}@evil.example.nl/",
        "/services/data/v60.0/limits?x=%0D%0ALocation:%20https://evil.example.nl",
    ] {
        cases.push(get(ROW, target, target));
    }
    cases.push(get(ROW, "no return", &format!("{D}/limits")).allowed());
    cases
}

#[test]
fn keys_and_parameters_hold_no_values() {
    run(&keys());
    run(&pollution());
    run(&returns());
}

#[test]
fn headers_carry_nothing_to_the_crm() {
    run(&headers());
}

#[test]
fn forms_are_read_strictly() {
    run(&forms());
}
