//! A08, A12: targets and hosts that two readers would read differently.

use crate::bypass::case::{CONTACT, Case, D, Expect, PERSON, raw, send};
use crate::bypass::runner::run;
use crate::bypass::support::demo;

pub fn cases() -> Vec<Case> {
    [paths(), hosts()].concat()
}

const STATUSES: &[u16] = &[400, 403, 404, 414, 421];

fn paths() -> Vec<Case> {
    const ROW: &str = "A08";
    let mut cases = Vec::new();
    for path in [
        "//services/data/v60.0/sobjects/Contact",
        "/services//data/v60.0/sobjects/Contact",
        "/services/data/v60.0//sobjects/Contact",
        "/services/data/v60.0/sobjects//Contact",
        "/services/data/v60.0/sobjects/Contact//",
        "/./services/data/v60.0/sobjects/Contact",
        "/services/./data/v60.0/sobjects/Contact",
        "/services/data/v60.0/sobjects/./Contact",
        "/services/data/v60.0/sobjects/Contact/.",
        "/services/data/v60.0/sobjects/Contact/..",
        "/services/data/v60.0/x/../sobjects/Contact",
        "/services/data/v60.0/limits/../sobjects/Pet__c",
        "/../services/data/v60.0/sobjects/Contact",
        "/services/data/v60.0/x/%2e%2e/sobjects/Contact",
        "/services/data/v60.0/x/%2E%2E/sobjects/Contact",
        "/services/data/v60.0/x/.%2E/sobjects/Contact",
        "/services/data/v60.0/x/..%2Fsobjects/Contact",
        "/services/data/v60.0/%2E/sobjects/Contact",
        "/services/data/v60.0/sobjects%2FContact",
        "/services/data/v60.0/sobjects%2fContact",
        "/services%2Fdata/v60.0/sobjects/Contact",
        "/%2Fservices/data/v60.0/sobjects/Contact",
        "/services/data/v60.0/sobjects%5CContact",
        "/services/data/v60.0\\sobjects\\Contact",
        "\\services\\data\\v60.0\\sobjects\\Contact",
        "/services/data/v60.0/sobjects/Contact;v=1",
        "/services/data/v60.0;x=y/sobjects/Contact",
        "/services/data/v60.0/sobjects;/Contact",
        "/services/data/v60.0/sobjects/Contact%3Bx",
        "/services/data/v60.0/sobjects/Contact.",
        "/services/data/v60.0/sobjects/Contact...",
        "/services/data/v60.0/sobjects/Contact%20",
        "/services/data/v60.0/sobjects/%20Contact",
        "/services/data/v60.0/sobjects/Contact%09",
        "/services/data/v60.0/sobjects/Contact%0A",
        "/services/data/v60.0/sobjects/Contact%0D%0AX-Header:%20{c}",
        "/services/data/v60.0/sobjects/Contact%00",
        "/services/data/v60.0/sobjects/Contact%00.json",
        "/services/data/v60.0/sobjects/Contact%2500",
        "/services/data/v60.0/sobjects%252FContact",
        "/services/data/v60.0/x/%252e%252e/sobjects/Contact",
        "/services/data/v60.0/sobjects/%43ontact",
        "/services/data/v60.0/sobjects/C%6Fntact",
        "/services/data/v60.0/sobjects/Contac%74",
        "/services/data/v60.0/%73objects/Contact",
        "/services/data/v60.0/sobjects/Contact%",
        "/services/data/v60.0/sobjects/Contact%2",
        "/services/data/v60.0/sobjects/Contact%zz",
        "/services/data/v60.0/sobjects/Contact%u0041",
        "/services/data/v60.0/x/%c0%ae%c0%ae/sobjects/Contact",
        "/services/data/v60.0/sobjects%c0%afContact",
        "/services/data/v60.0/sobjects/%C0%80Contact",
        "/services/data/v60.0/sobjects/Contact%EF%BC%8F",
        "/services/data/v60.0/sobjects/Contact%E2%80%8B",
        "/services/data/v60.0/sobjects/%EF%BB%BFContact",
        "/services/data/v60.0/sobjects/Contact#{c}",
        "/services/data/v60.0/sobjects/Contact#",
        "/SERVICES/DATA/v60.0/sobjects/Contact",
        "/services/Data/v60.0/sobjects/Contact",
        "/services/data/v60.0/SObjects/Contact",
        "/services/data/v60.0/sobjects/Contact/describe/",
        "/services/data/v60.0/sobjects/Contact/003000000000001AAA/LastName",
        "/services/data/v60.0/sobjects/Contact?",
        "/services/data/v60.0/sobjects/Contact?x",
        "/services/data/v60.0/sobjects/Contact?x={c}",
        "/services/data/v60.0/sobjects/Contact%3Fx={c}",
        "/services/data/v60.0/sobjects/Contact&x={c}",
        "/services/data/v60.0/sobjects/\"Contact\"",
        "/services/data/v60.0/sobjects/<Contact>",
        "/services/data/v60.0/sobjects/{Contact}",
        "/services/data/v60.0/sobjects/Contact|x",
        "/services/data/v60.0/sobjects/Contact^",
        "/services/data/v60.0/sobjects/Contact`",
        "services/data/v60.0/sobjects/Contact",
        "*",
        "",
    ] {
        // One that only repeats the canonical form with an empty query may pass.
        if path.ends_with('?') {
            continue;
        }
        let case = send(ROW, &format!("POST {path}"), "POST", path, PERSON);
        cases.push(case.refused(STATUSES));
    }
    let slash = format!("{CONTACT}/");
    cases.push(send(ROW, "the canonical path", "POST", CONTACT, PERSON).allowed());
    cases.push(
        send(
            ROW,
            "one slash at the end, as clients send it",
            "POST",
            &slash,
            PERSON,
        )
        .allowed(),
    );
    let upsert = format!("{CONTACT}/Ext_Id__c/{{c}}%2Fde%20vries%40x.nl");
    let case = send(
        ROW,
        "an escaped slash within an external id",
        "PATCH",
        &upsert,
        r#"{"LastName":"{c}"}"#,
    );
    cases.push(case.allowed());
    let upsert = format!("{CONTACT}/Email/{{c}}@example.nl");
    let case = send(
        ROW,
        "an address as an external id",
        "PATCH",
        &upsert,
        r#"{"LastName":"{c}"}"#,
    );
    cases.push(case.allowed());
    cases
}

fn hosts() -> Vec<Case> {
    const ROW: &str = "A12";
    let request = |line: &str, hosts: &str| {
        format!(
            "{line} HTTP/1.1\r\n{hosts}Authorization: Bearer {{token}}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: 29\r\n\r\n{{\"LastName\":\"{{c}}\"}}"
        )
    };
    let line = format!("POST {CONTACT}");
    let mut cases = Vec::new();
    for (name, hosts) in [
        ("no Host", ""),
        ("an empty Host", "Host: \r\n"),
        ("another Host", "Host: evil.example.nl\r\n"),
        ("the CRM as Host", "Host: example.my.salesforce.com\r\n"),
        ("Host twice, the same", "Host: {host}\r\nHost: {host}\r\n"),
        (
            "Host twice, another first",
            "Host: evil.example.nl\r\nHost: {host}\r\n",
        ),
        (
            "Host twice, another last",
            "Host: {host}\r\nHost: evil.example.nl\r\n",
        ),
        ("Host as a list", "Host: {host}, evil.example.nl\r\n"),
        ("Host without the port", "Host: localhost\r\n"),
        ("Host with another port", "Host: localhost:1\r\n"),
        ("Host with an empty port", "Host: localhost:\r\n"),
        ("Host with a user", "Host: {c}@{host}\r\n"),
        ("Host with a path", "Host: {host}/x\r\n"),
        ("Host with a final dot", "Host: localhost.\r\n"),
        ("Host in upper case", "Host: LOCALHOST\r\n"),
        ("Host with a space inside", "Host: {host} evil\r\n"),
        ("Host with a tab", "Host: {host}\t.evil.example.nl\r\n"),
        ("Host behind a space", "Host : {host}\r\n"),
        ("Host folded", "Host:\r\n {host}\r\n"),
        ("an address", "Host: 127.0.0.1\r\n"),
        ("an address as a number", "Host: 2130706433\r\n"),
        ("an IPv6 address", "Host: [::1]\r\n"),
        ("a subdomain", "Host: x.{host}\r\n"),
        ("a suffix", "Host: {host}.evil.example.nl\r\n"),
    ] {
        cases.push(raw(ROW, name, request(&line, hosts)));
    }
    for (name, line) in [
        (
            "absolute form, another host",
            "POST https://evil.example.nl/services/data/v60.0/sobjects/Contact",
        ),
        (
            "absolute form, our host",
            "POST https://{host}/services/data/v60.0/sobjects/Contact",
        ),
        (
            "absolute form, http",
            "POST http://{host}/services/data/v60.0/sobjects/Contact",
        ),
        (
            "absolute form, the CRM",
            "POST https://example.my.salesforce.com/services/data/v60.0/sobjects/Contact",
        ),
        (
            "a scheme alone",
            "POST https:/services/data/v60.0/sobjects/Contact",
        ),
        ("authority form", "POST {host}"),
    ] {
        cases.push(raw(ROW, name, request(line, "Host: {host}\r\n")));
    }
    for header in [
        "X-Forwarded-Host: evil.example.nl",
        "X-Host: evil.example.nl",
        "X-Forwarded-Server: evil.example.nl",
        "Forwarded: host=evil.example.nl",
        "X-Forwarded-Proto: http",
    ] {
        let hosts = format!("Host: {{host}}\r\n{header}\r\n");
        let name = format!("{header} chooses nothing");
        cases.push(raw(ROW, &name, request(&line, &hosts)).expect(Expect::Allowed));
    }
    for header in [
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-Override-URL",
        "X-Original-URI",
    ] {
        let hosts = format!("Host: {{host}}\r\n{header}: {D}/limits\r\n");
        cases.push(raw(
            ROW,
            &format!("{header} instead of the path"),
            request(&line, &hosts),
        ));
    }
    cases
}

#[test]
fn a_target_has_one_reading() {
    run(&paths());
}

#[test]
fn a_request_names_one_host() {
    run(&hosts());
}

/// A12: the name in TLS and the name in HTTP.
#[test]
fn a_host_that_is_not_the_one_of_the_handshake_is_refused() {
    let demo = demo();
    let _alone = demo.alone();
    // No certificate for that name is to be had, so the handshake itself fails.
    assert!(demo.connect("http/1.1", "evil.example.nl").is_err());
    assert!(demo.connect("http/1.1", "localhost").is_ok(), "the control");
}
