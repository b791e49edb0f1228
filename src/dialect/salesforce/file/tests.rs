//! Which targets give files out, and which forms carry one.

use super::{Download, Form, Part};
use crate::dialect::salesforce::door::{self, Door};
use crate::dialect::salesforce::target::Target;
use crate::model::{Code, Refusal};
use crate::wire::multipart::Head;

fn door(method: &str, target: &str) -> Result<Door, Refusal> {
    Ok(door::resolve(method, &Target::parse(target)?)?.door)
}

#[test]
fn a_download_is_asked_for_by_the_api() {
    for target in [
        "/services/data/v60.0/sobjects/Attachment/00P000000000001EAA/Body",
        "/services/data/v60.0/sobjects/ContentVersion/068000000000001AAA/VersionData",
    ] {
        let route = door::resolve("GET", &Target::parse(target).unwrap()).unwrap();
        assert!(matches!(route.door, Door::Download(_)), "{target}");
        assert_eq!((route.method(), route.target().as_str()), ("GET", target));
    }
    // Which record of the API has it, the proxy finds.
    for target in [
        "/sfc/servlet.shepherd/version/download/068000000000001AAA",
        "/sfc/servlet.shepherd/document/download/069000000000001AAA",
        "/servlet/servlet.FileDownload?file=015000000000001AAA",
    ] {
        let route = door::resolve("GET", &Target::parse(target).unwrap()).unwrap();
        assert!(matches!(route.door, Door::Download(_)), "{target}");
        assert!(!route.target().contains("servlet"), "{target}");
    }
    let lightning = "/sfc/servlet.shepherd/version/download/068000000000001?asPdf=false&operationContext=CHATTER";
    let Door::Download(Download::Version(id)) = door("GET", lightning).unwrap() else {
        panic!("a version")
    };
    assert_eq!(id.as_str(), "068000000000001AAA");
}

#[test]
fn what_gives_more_than_one_file_or_something_else_is_refused() {
    for (method, target, code) in [
        (
            "GET",
            "/sfc/servlet.shepherd/version/download/068000000000001AAA/068000000000002AAA",
            Code::EndpointUnknown,
        ),
        (
            "GET",
            "/sfc/servlet.shepherd/version/renditionDownload?rendition=THUMB720BY480&versionId=068000000000001AAA",
            Code::EndpointUnknown,
        ),
        (
            "GET",
            "/sfc/servlet.shepherd/version/upload",
            Code::EndpointUnknown,
        ),
        (
            "GET",
            "/sfc/servlet.shepherd/version/download",
            Code::EndpointUnknown,
        ),
        (
            "GET",
            "/sfc/servlet.shepherd/version/download/Jansen",
            Code::ValueUnfit,
        ),
        (
            "GET",
            "/sfc/servlet.shepherd/version/download/068000000000001AAA?asPdf=true",
            Code::ParameterUnknown,
        ),
        (
            "POST",
            "/sfc/servlet.shepherd/version/download/068000000000001AAA",
            Code::MethodUnknown,
        ),
        (
            "GET",
            "/servlet/servlet.FileDownload",
            Code::ParameterUnknown,
        ),
        (
            "GET",
            "/servlet/servlet.FileDownload?file=00P000000000001EAA&retURL=%2F003",
            Code::ParameterUnknown,
        ),
        (
            "GET",
            "/servlet/servlet.ImageServer?id=015000000000001AAA",
            Code::EndpointUnknown,
        ),
        (
            "PUT",
            "/services/data/v60.0/sobjects/Attachment/00P000000000001EAA/Body",
            Code::EndpointUnknown,
        ),
        (
            "GET",
            "/services/data/v60.0/sobjects/Attachment/00P000000000001EAA/Body/x",
            Code::EndpointUnknown,
        ),
    ] {
        assert_eq!(
            door(method, target).map_err(|e| e.code),
            Err(code),
            "{method} {target}"
        );
    }
}

fn head(name: &str, filename: Option<&str>, kind: Option<&str>) -> Head {
    Head {
        name: name.to_owned(),
        filename: filename.map(str::to_owned),
        content_type: kind.map(str::to_owned),
    }
}

#[test]
fn record_and_file_come_in_any_order_and_by_any_of_their_names() {
    let json = Some("application/json; charset=UTF-8");
    let file = || head("VersionData", Some("cv.pdf"), Some("application/pdf"));
    for record in [
        "entity_content",
        "entity_document",
        "ContentVersion",
        "contentversion",
    ] {
        let mut form = Form::new("ContentVersion");
        let record = || head(record, None, json);
        assert_eq!(form.part(record()), Ok(Part::Record));
        assert!(
            matches!(form.part(file()), Ok(Part::File { field, .. }) if field == "VersionData")
        );
        assert_eq!(form.finish(), Ok(()));
        let mut form = Form::new("ContentVersion");
        assert!(form.part(file()).is_ok() && form.part(record()) == Ok(Part::Record));
        assert_eq!(form.finish(), Ok(()));
    }
    // A file of JSON is a file.
    let mut form = Form::new("ContentVersion");
    let part = form.part(head(
        "VersionData",
        Some("a.json"),
        Some("application/json"),
    ));
    assert!(matches!(part, Ok(Part::File { .. })));
}

#[test]
fn a_form_that_could_be_read_in_two_ways_is_refused() {
    let json = Some("application/json");
    let cases: [&[Head]; 8] = [
        &[
            head("entity_content", None, json),
            head("entity_document", None, json),
        ],
        &[head("Body", Some("a"), None), head("Body", Some("b"), None)],
        &[head("entity_content", None, Some("text/plain"))],
        &[head("entity_content", None, None)],
        &[head("collection", None, json)],
        &[head("VersionData", None, Some("application/pdf"))],
        &[head("VersionData", Some(""), None)],
        &[head("VersionData", Some(" "), None)],
    ];
    for parts in cases {
        let mut form = Form::new("ContentVersion");
        let read: Result<Vec<Part>, Refusal> =
            parts.iter().map(|head| form.part(head.clone())).collect();
        assert_eq!(read.unwrap_err().code, Code::BodyMalformed, "{parts:?}");
    }
    for part in [
        head("entity_content", None, json),
        head("VersionData", Some("a"), None),
    ] {
        let mut form = Form::new("ContentVersion");
        assert!(form.part(part).is_ok());
        assert!(form.finish().is_err());
    }
}
