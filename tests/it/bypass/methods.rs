//! A09, A10: methods that are not what they seem.

use crate::bypass::case::{CONTACT, Case, D, PERSON, call, get, person, raw, send};
use crate::bypass::runner::run;

pub fn cases() -> Vec<Case> {
    [overrides(), methods()].concat()
}

fn overrides() -> Vec<Case> {
    const ROW: &str = "A09";
    let mut cases = Vec::new();
    for name in [
        "X-HTTP-Method-Override",
        "X-Method-Override",
        "X-HTTP-Method",
        "x-http-method-override",
        "X-Original-Method",
    ] {
        for method in ["PATCH", "DELETE", "GET", "{c}"] {
            cases.push(person(ROW, &format!("{name}: {method}"), PERSON).with((name, method)));
        }
    }
    for query in [
        "_HttpMethod=PATCH",
        "_HttpMethod=DELETE",
        "_httpmethod=PATCH",
        "_HTTPMETHOD=PATCH",
        "_method=PATCH",
        "_method={c}",
        "%5FHttpMethod=PATCH",
        "_Http%4Dethod=PATCH",
        "x=1&_HttpMethod=PATCH",
        "_HttpMethod=GET&_HttpMethod=PATCH",
        "_HttpMethod%20=PATCH",
        "+_HttpMethod=PATCH",
        ";_HttpMethod=PATCH",
        "_HttpMethod",
        "X-HTTP-Method-Override=PATCH",
    ] {
        let target = format!("{CONTACT}?{query}");
        cases.push(send(ROW, query, "POST", &target, PERSON));
    }
    let id = format!("{CONTACT}/003000000000001AAA?_HttpMethod=PATCH");
    cases.push(send(ROW, "a PATCH as a POST", "POST", &id, PERSON));
    cases.push(person(ROW, "the method of the request line", PERSON).allowed());
    cases
}

fn methods() -> Vec<Case> {
    const ROW: &str = "A10";
    const STATUSES: &[u16] = &[400, 403, 405, 501];
    let mut cases = Vec::new();
    for method in [
        "TRACE", "CONNECT", "OPTIONS", "PROPFIND", "PUT", "HEAD", "DELETE", "SEARCH", "QUERY",
        "LINK", "PURGE", "MOVE", "COPY", "LOCK", "TRACK", "DEBUG", "post", "Post", "PoST", "get",
        "POST2", "POST-", "P OST", "{c}", "GETPOST", "PRI",
    ] {
        cases.push(call(ROW, &format!("{method} of an object"), method, CONTACT).refused(STATUSES));
        let case = send(
            ROW,
            &format!("{method} with a body"),
            method,
            CONTACT,
            PERSON,
        );
        cases.push(case.refused(STATUSES));
    }
    for (method, target) in [
        (
            "PUT",
            "/services/data/v60.0/sobjects/Contact/003000000000001AAA",
        ),
        (
            "POST",
            "/services/data/v60.0/sobjects/Contact/003000000000001AAA",
        ),
        (
            "POST",
            "/services/data/v60.0/query?q=SELECT%20Id%20FROM%20Contact",
        ),
        ("DELETE", "/services/data/v60.0/sobjects/Contact/describe"),
        ("PATCH", "/services/data/v60.0/composite"),
        ("GET", "/services/data/v60.0/composite"),
        ("DELETE", "/services/data/v60.0/limits"),
        (
            "HEAD",
            "/services/data/v60.0/query?q=SELECT%20Id%20FROM%20Contact",
        ),
    ] {
        cases.push(call(ROW, &format!("{method} {target}"), method, target).refused(STATUSES));
    }
    let id = &format!("{CONTACT}/003000000000001AAA");
    for method in ["GET", "DELETE", "HEAD"] {
        cases.push(
            send(ROW, &format!("{method} with a body"), method, id, PERSON).refused(STATUSES),
        );
        let chunked = format!(
            "{method} {id} HTTP/1.1\r\nHost: {{host}}\r\nAuthorization: Bearer {{token}}\r\n\
             Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\n{{c}}\r\n0\r\n\r\n"
        );
        cases.push(raw(ROW, &format!("{method} with chunks"), chunked));
    }
    cases.push(call(ROW, "PATCH without a body", "PATCH", id));
    cases.push(call(ROW, "POST without a body", "POST", CONTACT));
    cases.push(get(ROW, "GET", &format!("{D}/sobjects")).allowed());
    cases
}

#[test]
fn a_method_is_the_one_of_the_request_line() {
    run(&overrides());
}

#[test]
fn a_method_is_one_that_the_resource_has() {
    run(&methods());
}
