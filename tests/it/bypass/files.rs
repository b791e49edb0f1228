//! M01-M05, E03 at the doors for files: what is sent sealed, and what is refused of forms, names,
//! base64 and of all other places where a file could stand.

use data_encoding::BASE64;

use crate::bypass::case::{Case, D, call, get, send};
use crate::bypass::runner::{CANARY, run};

pub fn cases() -> Vec<Case> {
    [contents(), forms(), names(), records(), kinds(), ways_out()].concat()
}

const VERSIONS: &str = "/services/data/v60.0/sobjects/ContentVersion";
const KIND: (&str, &str) = ("Content-Type", "multipart/form-data; boundary=bb");
const RECORD: &str = "--bb\r\nContent-Disposition: form-data; name=\"entity_content\"\r\n\
    Content-Type: application/json\r\n\r\n{\"PathOnClient\":\"{c}.pdf\",\"Title\":\"{c}\"}\r\n";
const FILE: &str = "--bb\r\nContent-Disposition: form-data; name=\"VersionData\"; filename=\"{c}.pdf\"\r\n\
    Content-Type: application/pdf\r\n\r\n%PDF-1.7 {c}\r\n";
const END: &str = "--bb--\r\n";

fn form(row: &'static str, name: &str, parts: &[&str]) -> Case {
    let case = call(row, name, "POST", VERSIONS).with(KIND);
    case.body(parts.concat().as_bytes())
}

/// M01, M05: whatever a file is, it leaves sealed; nothing is opened, nothing passes because it is
/// binary.
fn contents() -> Vec<Case> {
    const ROW: &str = "M01";
    let words = format!("{CANARY} Zwqkanarie: paspoort");
    let mut cases = vec![
        form(ROW, "a form, record first", &[RECORD, FILE, END]).allowed(),
        form(ROW, "a form, file first", &[FILE, RECORD, END]).allowed(),
    ];
    for (name, content) in [
        ("a text", words.clone()),
        ("a text as UTF-8 with a mark", format!("\u{feff}{words}")),
        ("base64 in base64", BASE64.encode(words.as_bytes())),
        (
            "a PDF",
            format!("%PDF-1.7\n1 0 obj <</Author({words})>>\n%%EOF"),
        ),
        (
            "an e-mail",
            format!("From: {words}\r\nSubject: x\r\n\r\n{words}"),
        ),
        (
            "a picture with a comment",
            format!("\u{89}PNG\r\n\u{1a}\ntEXtAuthor\0{words}"),
        ),
        (
            "what looks like a sealed file",
            format!("\u{89}SLUIS\r\n\u{1}{words}"),
        ),
    ] {
        let data = BASE64.encode(content.as_bytes());
        let body = format!(r#"{{"PathOnClient":"{{c}}","VersionData":"{data}"}}"#);
        cases.push(send(ROW, name, "POST", VERSIONS, &body).allowed());
        let records = format!(
            r#"{{"records":[{{"attributes":{{"type":"ContentVersion"}},"PathOnClient":"{{c}}","VersionData":"{data}"}}]}}"#
        );
        let target = format!("{D}/composite/sobjects");
        cases.push(
            send(
                ROW,
                &format!("{name} in a collection"),
                "POST",
                &target,
                &records,
            )
            .allowed(),
        );
    }
    for (name, start) in [
        ("PDF and ZIP at once", "%PDF-1.7 PK\x03\x04"),
        ("a zip bomb's head", "PK\x03\x04\x2d\x00\x08\x00\x08\x00"),
        ("a page", "<html><script>"),
        (
            "a picture with text",
            "<svg xmlns='http://www.w3.org/2000/svg'><text>",
        ),
        ("a table", "naam;bsn\r\n"),
    ] {
        let file = FILE.replace("%PDF-1.7 ", start);
        cases.push(form("M05", name, &[&file, RECORD, END]).allowed());
    }
    cases
}

/// M02, M04, E03: one record and one file, each recognised in one way.
fn forms() -> Vec<Case> {
    const ROW: &str = "M02";
    let part = |head: &str, content: &str| {
        format!("--bb\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
    };
    let json = "\r\nContent-Type: application/json";
    let other = RECORD.replace("entity_content", "entity_document");
    let named = |name: &str| RECORD.replace("entity_content", name);
    let mut cases = Vec::new();
    for (name, parts) in [
        (
            "two records",
            vec![RECORD.to_owned(), other, FILE.to_owned()],
        ),
        (
            "the same record twice",
            vec![RECORD.to_owned(), RECORD.to_owned(), FILE.to_owned()],
        ),
        (
            "two files",
            vec![RECORD.to_owned(), FILE.to_owned(), FILE.to_owned()],
        ),
        ("no record", vec![FILE.to_owned()]),
        ("no file", vec![RECORD.to_owned()]),
        ("nothing", vec![]),
        (
            "a third part",
            vec![
                RECORD.to_owned(),
                FILE.to_owned(),
                part("name=\"x\"", "{c}"),
            ],
        ),
        (
            "a record of another name",
            vec![named("collection"), FILE.to_owned()],
        ),
        (
            "a record by the file's name",
            vec![named("VersionData"), FILE.to_owned()],
        ),
        (
            "a record with a file name",
            vec![
                named("entity_content\"; filename=\"a.json"),
                FILE.to_owned(),
            ],
        ),
        (
            "a record that is text",
            vec![
                part("name=\"entity_content\"", "{\"Title\":\"{c}\"}"),
                FILE.to_owned(),
            ],
        ),
        (
            "a record in another character set",
            vec![
                RECORD.replace("/json", "/json; charset=utf-16"),
                FILE.to_owned(),
            ],
        ),
        (
            "a character set for all",
            vec![
                part("name=\"_charset_\"", "utf-7"),
                RECORD.to_owned(),
                FILE.to_owned(),
            ],
        ),
        (
            "a record that is no JSON",
            vec![RECORD.replace("{\"Path", "{'Path"), FILE.to_owned()],
        ),
        (
            "a record with a key twice",
            vec![RECORD.replace("Title", "PathOnClient"), FILE.to_owned()],
        ),
        (
            "a record that is a list",
            vec![
                RECORD.replace("{\"Path", "[{\"Path").replace("\"}", "\"}]"),
                FILE.to_owned(),
            ],
        ),
        (
            "a record with the file in it too",
            vec![
                RECORD.replace("Title\":\"{c}", "VersionData\":\"SmFu"),
                FILE.to_owned(),
            ],
        ),
        (
            "a record with the file in it in small letters",
            vec![
                RECORD.replace("Title\":\"{c}", "versiondata\":\"SmFu"),
                FILE.to_owned(),
            ],
        ),
        (
            "a record with an unknown field",
            vec![RECORD.replace("Title", "TagCsv"), FILE.to_owned()],
        ),
        (
            "a field that holds no file",
            vec![
                RECORD.to_owned(),
                FILE.replace("\"VersionData\"", "\"Title\""),
            ],
        ),
        (
            "a field that is none",
            vec![
                RECORD.to_owned(),
                FILE.replace("\"VersionData\"", "\"{c}\""),
            ],
        ),
        (
            "a form in the file",
            vec![
                RECORD.to_owned(),
                FILE.replace("application/pdf", "multipart/mixed; boundary=cc"),
            ],
        ),
        (
            "a message in the file",
            vec![
                RECORD.to_owned(),
                FILE.replace("application/pdf", "message/rfc822"),
            ],
        ),
    ] {
        let mut parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        parts.push(END);
        cases.push(form(ROW, name, &parts));
    }
    for (name, body) in [
        (
            "text before the first part",
            format!("{{c}}\r\n{RECORD}{FILE}{END}"),
        ),
        (
            "text behind the last part",
            format!("{RECORD}{FILE}{END}{{c}}"),
        ),
        ("no end", format!("{RECORD}{FILE}")),
        (
            "lines that end otherwise",
            format!("{RECORD}{FILE}{END}").replace("\r\n", "\n"),
        ),
        (
            "a boundary behind a bare line end",
            format!("{RECORD}{FILE}").replace("\r\n--bb", "\n--bb"),
        ),
    ] {
        let case = call(ROW, name, "POST", VERSIONS).with(KIND);
        cases.push(case.body(body.as_bytes()));
    }
    let body = [RECORD, FILE, END].concat();
    for kind in [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=b",
        "multipart/form-data; boundary=bb; boundary=cc",
        "multipart/form-data; boundary=bb; charset=utf-16",
        "multipart/mixed; boundary=bb",
        "multipart/related; boundary=bb",
        "application/octet-stream",
        "application/pdf",
        "application/x-www-form-urlencoded",
    ] {
        let case = call(ROW, kind, "POST", VERSIONS).with(("Content-Type", kind));
        cases.push(case.body(body.as_bytes()));
    }
    for coding in ["gzip", "base64", "br"] {
        let case = call("E03", &format!("a form as {coding}"), "POST", VERSIONS).with(KIND);
        let case = case.with(("Content-Encoding", coding));
        cases.push(case.body(body.as_bytes()));
        let file = FILE.replace(
            "\r\n\r\n%",
            &format!("\r\nContent-Transfer-Encoding: {coding}\r\n\r\n%"),
        );
        cases.push(form(
            "E03",
            &format!("a file as {coding}"),
            &[RECORD, &file, END],
        ));
    }
    for name in ["entity_content", "entity_document", "ContentVersion"] {
        cases.push(form("M04", name, &[&named(name), FILE, END]).allowed());
    }
    let utf8 = RECORD.replace(json, "\r\nContent-Type: application/json; charset=UTF-8");
    cases.push(form("M04", "UTF-8 by name", &[&utf8, FILE, END]).allowed());
    cases
}

/// M03: names of files are names of people.
fn names() -> Vec<Case> {
    const ROW: &str = "M03";
    let file = |named: &str| FILE.replace("filename=\"{c}.pdf\"", named);
    let mut cases = Vec::new();
    for named in [
        "filename=\"\"",
        "filename=\" \"",
        "filename=\"../{c}.pdf\"",
        "filename=\"C:\\\\{c}.pdf\"",
        "filename=\"%7Bc%7D{c}.pdf\"",
        "filename=\"=?utf-8?q?{c}?=\"",
        "filename=\"a\"; filename=\"{c}\"",
        "filename=\"a\"; filename*=UTF-8''{c}",
        "filename*=ISO-8859-1''{c}",
        "filename*0=\"{c}\"",
        "filename=\"a\"; name*=UTF-8''{c}",
        "filename=\"a\"; size=\"{c}\"",
        "filename=\"a\"b{c}",
    ] {
        cases.push(form(ROW, named, &[RECORD, &file(named), END]));
    }
    for named in [
        "filename=\"{c}.pdf\"",
        "filename*=UTF-8''{c}%20Zo%C3%AB.pdf",
        "filename={c}.pdf",
    ] {
        cases.push(form(ROW, named, &[RECORD, &file(named), END]).allowed());
    }
    for field in ["Title", "PathOnClient", "Description", "ReasonForChange"] {
        let body = format!(r#"{{"{field}":"Scan {{c}}.pdf","VersionData":"SmFu","Origin":"H"}}"#);
        let body = match field {
            "PathOnClient" => body,
            _ => body.replace("\"Origin\"", "\"PathOnClient\":\"{c}\",\"Origin\""),
        };
        cases.push(send(ROW, &format!("a name in {field}"), "POST", VERSIONS, &body).allowed());
    }
    let special = RECORD.replace("\"Title\":\"{c}\"", "\"Title\":\"{c} is zwanger\"");
    cases.push(form(
        ROW,
        "a special category in a title",
        &[FILE, &special, END],
    ));
    for field in [
        "FileExtension",
        "Checksum",
        "TextPreview",
        "FileType",
        "ContentSize",
    ] {
        let body = format!(r#"{{"PathOnClient":"a","VersionData":"SmFu","{field}":"{{c}}"}}"#);
        cases.push(send(
            ROW,
            &format!("what the CRM computes: {field}"),
            "POST",
            VERSIONS,
            &body,
        ));
    }
    cases
}

/// M01: base64 in JSON, in one form only.
fn records() -> Vec<Case> {
    const ROW: &str = "M01";
    let mut cases = Vec::new();
    for value in [
        "\"{c}\"",
        "\"SmFuc2V\"",
        "\"SmFuc2V=\"",
        "\"SmFu\\nc2Vu\"",
        "\"SmFuc2U-\"",
        "\"data:text/plain;base64,SmFu\"",
        "[\"{c}\"]",
        "{\"{c}\":1}",
        "12",
    ] {
        let body = format!(r#"{{"PathOnClient":"a","VersionData":{value}}}"#);
        cases.push(send(ROW, value, "POST", VERSIONS, &body));
    }
    let data = BASE64.encode(b"zwqkanarie");
    for (name, target, body) in [
        (
            "by the UI API",
            "ui-api/records",
            format!(
                r#"{{"apiName":"ContentVersion","fields":{{"PathOnClient":"a","VersionData":"{data}"}}}}"#
            ),
        ),
        (
            "in a field of text",
            "sobjects/Contact",
            format!(r#"{{"LastName":"x","Body":"{data}"}}"#),
        ),
        (
            "in an object without rules",
            "sobjects/StaticResource",
            format!(r#"{{"Name":"x","Body":"{data}"}}"#),
        ),
        (
            "beside a feed",
            "sobjects/FeedItem",
            format!(r#"{{"ParentId":"003000000000001AAA","Body":"{{c}}","ContentData":"{data}"}}"#),
        ),
        (
            "in a public link",
            "sobjects/ContentDistribution",
            r#"{"Name":"{c}","ContentVersionId":"068000000000001AAA"}"#.to_owned(),
        ),
        (
            "to Chatter",
            "connect/files/users/me",
            format!(r#"{{"title":"{{c}}","content":"{data}"}}"#),
        ),
    ] {
        cases.push(send(ROW, name, "POST", &format!("{D}/{target}"), &body));
    }
    let body = [RECORD, FILE, END].concat();
    for target in [
        "sobjects/Contact",
        "composite/sobjects",
        "composite",
        "connect/files/users/me",
        "sobjects/Note",
    ] {
        let case = call(
            ROW,
            &format!("a form to {target}"),
            "POST",
            &format!("{D}/{target}"),
        );
        cases.push(case.with(KIND).body(body.as_bytes()));
    }
    cases
}

/// M05: what a file says that it is.
fn kinds() -> Vec<Case> {
    let mut cases = Vec::new();
    for kind in ["text/html", "image/svg+xml", "application/x-{c}", "{c}/x"] {
        let file = FILE.replace("application/pdf", kind);
        cases.push(
            form(
                "M05",
                &format!("a file that is {kind}"),
                &[RECORD, &file, END],
            )
            .allowed(),
        );
    }
    for kind in ["{c}", "text", "text/", "text/html\r\nX-Name: {c}"] {
        let file = FILE.replace("application/pdf", kind);
        cases.push(form(
            "M05",
            &format!("a file that is {kind:?}"),
            &[RECORD, &file, END],
        ));
    }
    cases
}

/// The doors that give files, asked for more than a file.
fn ways_out() -> Vec<Case> {
    const ROW: &str = "M01";
    let mut cases = Vec::new();
    for target in [
        "/sfc/servlet.shepherd/version/download/{c}",
        "/sfc/servlet.shepherd/version/download/068000000000001AAA?{c}=1",
        "/sfc/servlet.shepherd/version/download/068000000000001AAA?operationContext={c}",
        "/sfc/servlet.shepherd/version/download/068000000000001AAA/068000000000002AAA",
        "/sfc/servlet.shepherd/version/download/003000000000001AAA",
        "/sfc/servlet.shepherd/version/renditionDownload?versionId=068000000000001AAA&rendition={c}",
        "/sfc/servlet.shepherd/document/download/069000000000001AAA/069000000000002AAA",
        "/sfc/servlet.shepherd/{c}/download/068000000000001AAA",
        "/sfc/p/000000000001/a/{c}",
        "/servlet/servlet.FileDownload?file={c}",
        "/servlet/servlet.FileDownload?file=00P000000000001EAA&retURL={c}",
        "/servlet/servlet.FileDownload?file=003000000000001AAA",
        "/servlet/servlet.ImageServer?id=015000000000001AAA&oid={c}",
        "/services/data/v60.0/sobjects/ContentVersion/068000000000001AAA/{c}",
        "/services/data/v60.0/sobjects/ContentVersion/068000000000001AAA/Title",
        "/services/data/v60.0/sobjects/ContentVersion/068000000000001AAA/VersionData?{c}=1",
        "/services/data/v60.0/sobjects/ContentVersion/{c}/VersionData/x",
        "/services/data/v60.0/connect/files/069000000000001AAA/content",
        "/services/data/v60.0/sobjects/Contact/003000000000001AAA/Body",
    ] {
        cases.push(get(ROW, target, target));
    }
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let target = format!("{VERSIONS}/068000000000001AAA/VersionData");
        cases.push(call(ROW, &format!("{method} a file"), method, &target).body(b"{c}"));
    }
    cases
}

#[test]
fn files_leave_sealed_or_not_at_all() {
    run(&cases());
}
