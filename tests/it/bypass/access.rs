//! A01-A03, A05, A11, A13, A14: what no rule understands.

use crate::bypass::case::{CONTACT, Case, D, FAULT, PERSON, call, get, person, send, soql};
use crate::bypass::runner::run;

pub fn cases() -> Vec<Case> {
    [
        unknown(),
        drift(),
        unread(),
        late(),
        versions(),
        virtual_endpoints(),
        names(),
    ]
    .concat()
}

const OBJECTS: &[&str] = &[
    "ContentDistribution",
    "ContentWorkspace",
    "StaticResource",
    "Folder",
    "FeedRevision",
    "FeedTrackedChange",
    "Note",
    "Campaign",
    "CampaignMember",
    "Asset",
    "Contract",
    "Order",
    "Individual",
    "Unknown__c",
    "X__e",
    "AccountHistory",
    "ContactShare",
    "LoginHistory",
    "AsyncApexJob",
    "ApexLog",
    "PlatformEvent__e",
    "OutgoingEmail",
    "Contacts",
    "Contact__c",
    "contact__x",
];

const ENDPOINTS: &[&str] = &[
    "/services/data/v60.0/chatter/users/me/messages",
    "/services/data/v60.0/connect/communities",
    "/services/data/v60.0/ui-api/predupe",
    "/services/data/v60.0/ui-api/nav-items",
    "/services/data/v60.0/ui-api/aggregate-ui",
    "/services/data/v60.0/ui-api/records/003000000000001AAA/{c}",
    "/services/data/v60.0/tooling/query?q=SELECT+Id+FROM+ApexClass",
    "/services/data/v60.0/tooling/executeAnonymous?anonymousBody={c}",
    "/services/data/v60.0/analytics/reportTypes",
    "/services/data/v60.0/wave/query",
    "/services/data/v60.0/jobs/query/{c}",
    "/services/data/v60.0/jobs/{c}",
    "/services/data/v60.0/search/suggestions?q={c}&sobject=Contact",
    "/services/data/v60.0/quickActions",
    "/services/data/v60.0/actions/standard/emailSimple",
    "/services/data/v60.0/process/approvals",
    "/services/data/v60.0/theme",
    "/services/data/v60.0/appMenu/AppSwitcher",
    "/services/data/v60.0/metadata/deployRequest",
    "/services/data/v60.0/eventSchema/x",
    "/services/data/v60.0/dedupe/x",
    "/services/data/v60.0/graphql",
    "/services/data/v60.0/sobjects/Contact/listviews",
    "/services/data/v60.0/sobjects/Contact/updated?start=2024-01-01&end=2024-01-02",
    "/services/data/v60.0/sobjects/Contact/deleted?start=2024-01-01&end=2024-01-02",
    "/services/data/v60.0/sobjects/Contact/describe/layouts",
    "/services/data/v60.0/sobjects/Account/001000000000001AAA/Contacts",
    "/services/data/v60.0/sobjects/Contact/003000000000001AAA/richTextImageFields/x/y",
    "/services/data/v60.0/query?q=SELECT+Id+FROM+Contact&explain=true",
    "/services/data/v60.0/query?explain={c}",
    "/services/data/v60.0/folders",
    "/services/data/v60.0/{c}",
];

fn unknown() -> Vec<Case> {
    const ROW: &str = "A01";
    let mut cases = Vec::new();
    for object in OBJECTS {
        let target = format!("{D}/sobjects/{object}");
        cases.push(send(
            ROW,
            &format!("create {object}"),
            "POST",
            &target,
            PERSON,
        ));
        cases.push(get(
            ROW,
            &format!("describe {object}"),
            &format!("{target}/describe"),
        ));
    }
    for target in ENDPOINTS {
        cases.push(get(ROW, target, target));
    }
    for target in [
        "/services/data/v60.0/jobs/ingest",
        "/services/data/v60.0/graphql",
    ] {
        cases.push(send(
            ROW,
            target,
            "POST",
            target,
            r#"{"object":"Contact","operation":"{c}"}"#,
        ));
    }
    for field in [
        "Bsn__c",
        "PhotoUrl",
        "Jigsaw",
        "Languages__c",
        "{c}",
        "LastName.x",
        "",
    ] {
        let body = format!(r#"{{"LastName":"x","{field}":"{{c}}"}}"#);
        cases.push(person(ROW, &format!("write the field {field}"), &body));
    }
    for field in ["Name", "MailingAddress"] {
        let body = format!(r#"{{"LastName":"x","{field}":"{{c}}"}}"#);
        cases.push(person(
            ROW,
            &format!("write the derived field {field}"),
            &body,
        ));
    }
    let unrelated = r#"{"LastName":"x","Pet__r":{"Name":"{c}"}}"#;
    cases.push(person(ROW, "write through an unknown relation", unrelated));
    for (name, target) in [
        (
            "read a field",
            format!("{CONTACT}/003000000000001AAA?fields=Id,{{c}}"),
        ),
        (
            "read through a relation",
            format!("{CONTACT}/003000000000001AAA?fields=Pet__r.Name"),
        ),
        (
            "count an object",
            format!("{D}/limits/recordCount?sObjects=Contact,Pet__c"),
        ),
    ] {
        cases.push(get(ROW, name, &target));
    }
    cases.push(person(ROW, "a known object and field", PERSON).allowed());
    cases.push(
        get(
            ROW,
            "a known object's description",
            &format!("{CONTACT}/describe"),
        )
        .allowed(),
    );
    cases.push(get(ROW, "the resources", D).allowed());
    cases
}

/// A field that an administrator made yesterday.
fn drift() -> Vec<Case> {
    const ROW: &str = "A02";
    let mut cases = vec![
        person(ROW, "write it", r#"{"LastName":"x","Shoe_Size__c":"{c}"}"#),
        person(
            ROW,
            "write it as null",
            r#"{"LastName":"x","Shoe_Size__c":null}"#,
        ),
        person(
            ROW,
            "write it as a number",
            r#"{"LastName":"x","Shoe_Size__c":44}"#,
        ),
        get(
            ROW,
            "read it",
            &format!("{CONTACT}/003000000000001AAA?fields=Shoe_Size__c"),
        ),
    ];
    for (name, text) in [
        ("select it", "SELECT Shoe_Size__c FROM Contact"),
        (
            "filter by it",
            "SELECT Id FROM Contact WHERE Shoe_Size__c = '{c}'",
        ),
        ("sort by it", "SELECT Id FROM Contact ORDER BY Shoe_Size__c"),
        (
            "group by it",
            "SELECT Shoe_Size__c FROM Contact GROUP BY Shoe_Size__c",
        ),
        ("count it", "SELECT COUNT(Shoe_Size__c) FROM Contact"),
        (
            "select it of a relation",
            "SELECT Account.Shoe_Size__c FROM Contact",
        ),
        (
            "select it of children",
            "SELECT Id, (SELECT Shoe_Size__c FROM Contacts) FROM Account",
        ),
        ("select a new object", "SELECT Id FROM Pet__c"),
        (
            "select new children",
            "SELECT Id, (SELECT Id FROM Pets__r) FROM Contact",
        ),
        (
            "join a new object",
            "SELECT Id FROM Contact WHERE Id IN (SELECT Owner__c FROM Pet__c)",
        ),
    ] {
        cases.push(get(ROW, name, &soql(text)));
    }
    cases.push(
        get(
            ROW,
            "fields of old",
            &soql("SELECT Id, LeadSource FROM Contact LIMIT 1"),
        )
        .allowed(),
    );
    cases
}

fn unread() -> Vec<Case> {
    const ROW: &str = "A03";
    let bodies: &[(&str, &[u8])] = &[
        ("text", b"{c} de Vries"),
        ("a form", b"LastName={c}"),
        ("CSV", b"LastName\n{c}\n"),
        ("XML", b"<sObject><LastName>{c}</LastName></sObject>"),
        (
            "XML behind a declaration",
            b"<?xml version=\"1.0\"?><Contact><LastName>{c}</LastName></Contact>",
        ),
        ("HTML", b"<html>{c}</html>"),
        ("nothing", b""),
        ("a space", b" "),
        ("null", b"null"),
        ("YAML", b"LastName: {c}\n"),
        ("a PDF", b"%PDF-1.4 {c}"),
        ("a zip", b"PK\x03\x04{c}"),
        (
            "a multipart",
            b"--b\r\nContent-Type: application/json\r\n\r\n{\"LastName\":\"{c}\"}\r\n--b--",
        ),
        ("JSON behind a prefix", b"while(1);{\"LastName\":\"{c}\"}"),
        ("bytes", b"\xff\xfe\x00{c}"),
        ("half an object", b"{\"LastName\":\"{c}\""),
    ];
    let mut cases = Vec::new();
    for (name, body) in bodies {
        let case = call(ROW, name, "POST", CONTACT).with(("Content-Type", "application/json"));
        cases.push(case.body(body));
        let target = "/services/data/v60.0/composite/sobjects";
        let case = call(ROW, &format!("{name}, as a collection"), "POST", target);
        cases.push(case.with(("Content-Type", "application/json")).body(body));
    }
    cases.push(person(ROW, "JSON", PERSON).allowed());
    cases
}

/// Everything is well but the last byte.
fn late() -> Vec<Case> {
    const ROW: &str = "A05";
    let good = r#"{"attributes":{"type":"Contact"},"LastName":"{c}"}"#;
    let list = |last: &str| {
        format!(
            r#"{{"records":[{}{last}]}}"#,
            format!("{good},").repeat(199)
        )
    };
    let target = &format!("{D}/composite/sobjects");
    let mut cases = Vec::new();
    for (name, last) in [
        (
            "its last record has an unknown field",
            r#"{"attributes":{"type":"Contact"},"LastName":"x","Q__c":"{c}"}"#,
        ),
        (
            "its last record is of an unknown object",
            r#"{"attributes":{"type":"Pet__c"},"LastName":"{c}"}"#,
        ),
        ("its last record has no type", r#"{"LastName":"{c}"}"#),
        (
            "its last record has a key twice",
            r#"{"attributes":{"type":"Contact"},"LastName":"{c}","LastName":"x"}"#,
        ),
        ("its last record is a text", r#""{c}""#),
    ] {
        cases.push(send(
            ROW,
            &format!("a long list: {name}"),
            "POST",
            target,
            &list(last),
        ));
    }
    let mut cut = list(good);
    cut.truncate(cut.len() - 2);
    cases.push(send(ROW, "a long list, cut", "POST", target, &cut));
    cases.push(send(
        ROW,
        "a long list with a tail",
        "POST",
        target,
        &format!("{}x", list(good)),
    ));
    let large = format!(
        r#"{{"LastName":"{{c}}","Description":"{}"}}"#,
        "a".repeat(7 << 20)
    );
    cases.push(person(ROW, "more than is taken at once", &large));
    cases.push(send(ROW, "a long list", "POST", target, &list(good)).allowed());
    cases
}

fn versions() -> Vec<Case> {
    const ROW: &str = "A11";
    let mut cases = Vec::new();
    for version in [
        "v1.0",
        "v20.0",
        "v49.0",
        "v67.0",
        "v99.0",
        "v999.0",
        "v60",
        "v60.1",
        "v60.00",
        "v060.0",
        "v60.0.0",
        "V60.0",
        "60.0",
        "v",
        "v.0",
        "v-60.0",
        "v+60.0",
        "v6e1.0",
        "latest",
        "v65536.0",
        "v65596.0",
        "v%D9%A6%D9%A0.0",
        "v60%2E0",
        "v60,0",
        "v0x3c.0",
        "v60.0%20",
        "{c}",
    ] {
        let target = format!("/services/data/{version}/sobjects/Contact");
        cases.push(send(
            ROW,
            &format!("version {version}"),
            "POST",
            &target,
            PERSON,
        ));
    }
    cases.push(send(
        ROW,
        "no version",
        "POST",
        "/services/data/sobjects/Contact",
        PERSON,
    ));
    for version in ["v50.0", "v66.0"] {
        let target = format!("/services/data/{version}/sobjects/Contact");
        cases.push(send(ROW, &format!("version {version}"), "POST", &target, PERSON).allowed());
    }
    cases
}

fn virtual_endpoints() -> Vec<Case> {
    const ROW: &str = "A13";
    let mut cases = Vec::new();
    for target in [
        "/services/apexrest/Contacts/x",
        "/services/apexrest/ns/Contacts?name={c}",
        "/services/proxy",
        "/apexremote",
        "/apex/Page?name={c}",
        "/servlet/servlet.WebToLead?encoding=UTF-8",
        "/servlet/servlet.WebToCase",
        "/servlet/servlet.FileDownload?file=0EM000000000001GAA",
        "/aura?r=1&aura.ApexAction.execute=1",
        "/lightning/r/Contact/003000000000001AAA/view",
        "/one/one.app",
        "/003000000000001AAA",
        "/003/e?name_lastcon2={c}",
        "/secur/frontdoor.jsp?sid={c}",
        "/services/oauth2/authorize?login_hint={c}",
        "/services/oauth2/introspect",
        "/services/oauth2/singleaccess",
        "/services/Soap/u/60.0",
        "/services/Soap/c/60.0",
        "/services/Soap/m/60.0",
        "/services/Soap/class/Contacts",
        "/services/wsdl/partner",
        "/sfc/servlet.shepherd/version/upload",
        "/_ui/search/ui/UnifiedSearchResults?str={c}",
        "/chatter/handlers/file/body",
        "/visualforce/session?url={c}",
        "/servlet/rtaImage?eid=003000000000001AAA",
        "/.well-known/openid-configuration",
        "/setup/forcecomHomepage.apexp",
    ] {
        cases.push(get(ROW, &format!("GET {target}"), target));
        let form = ("Content-Type", "application/x-www-form-urlencoded");
        let mut case = call(ROW, &format!("POST {target}"), "POST", target);
        if target.starts_with("/services/Soap/") {
            case = case.refused(FAULT);
        }
        cases.push(
            case.with(form)
                .body(b"oid=1&last_name={c}&email={c}%40example.nl"),
        );
    }
    cases.push(get(ROW, "an endpoint with rules", &format!("{D}/limits")).allowed());
    cases
}

fn names() -> Vec<Case> {
    const ROW: &str = "A14";
    let mut cases = Vec::new();
    for key in [
        "Last Name",
        "Last_Name",
        "ns__LastName",
        "ns__LastName__c",
        "LastName__c",
        "Contact.LastName",
        "this.LastName",
        "Account.Name",
        "Owner.Name",
        "AccountId.Name",
        "contact:LastName",
        "LastName__r",
    ] {
        let body = format!(r#"{{"LastName":"x","{key}":"{{c}}"}}"#);
        cases.push(person(ROW, &format!("write {key}"), &body));
    }
    for (name, text) in [
        ("a namespace", "SELECT ns__LastName__c FROM Contact"),
        (
            "a label",
            "SELECT Achternaam FROM Contact WHERE Achternaam = '{c}'",
        ),
        (
            "LIKE over a relation",
            "SELECT Id FROM Case WHERE Contact.LastName LIKE '{c}%'",
        ),
        (
            "a derived name over a relation",
            "SELECT Id FROM Case WHERE Contact.Name = '{c}'",
        ),
        (
            "a copy in another object",
            "SELECT Id FROM Case WHERE ContactEmail = '{c}@example.nl'",
        ),
        (
            "an alias of the object",
            "SELECT c.Id FROM Contact c WHERE c.LastName LIKE '{c}%'",
        ),
        (
            "another case",
            "SELECT id FROM contact WHERE LASTNAME LIKE '{c}%'",
        ),
    ] {
        cases.push(get(ROW, name, &soql(text)));
    }
    for key in ["lastname", "LASTNAME", "lastName", "LaStNaMe"] {
        cases.push(
            person(
                ROW,
                &format!("write {key}"),
                &format!(r#"{{"{key}":"{{c}}"}}"#),
            )
            .allowed(),
        );
    }
    let relation = "SELECT Id, Account.Name FROM Contact WHERE Account.Name = '{c}'";
    cases.push(get(ROW, "a relation's field", &soql(relation)).allowed());
    cases
}

#[test]
fn what_no_rule_understands_is_refused() {
    run(&cases());
}
