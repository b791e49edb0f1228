//! The servlets that give files to pages.

use super::Download;
use crate::dialect::salesforce::id::Id;
use crate::dialect::salesforce::target::Target;
use crate::model::{Code, Refusal};

/// The download that a target means; none where it is no file servlet.
///
/// # Errors
/// A file servlet that is asked for several files, for a rendition, by another method, or in another
/// form.
pub(in crate::dialect::salesforce) fn resolve(
    method: &str,
    target: &Target,
) -> Result<Option<Download>, Refusal> {
    let segments: Vec<&str> = target.segments.iter().map(String::as_str).collect();
    let found = match segments.as_slice() {
        ["sfc", "servlet.shepherd", what, rest @ ..] => shepherd(what, rest, target)?,
        ["servlet", "servlet.FileDownload"] => {
            let file = target.parameter("file").filter(|_| only(target, "file"));
            Download::Classic(id(file.ok_or_else(parameter)?)?)
        }
        _ => return Ok(None),
    };
    match method {
        "GET" => Ok(Some(found)),
        _ => Err(Refusal::new(
            Code::MethodUnknown,
            "this resource does not take that method",
        )),
    }
}

fn shepherd(what: &str, rest: &[&str], target: &Target) -> Result<Download, Refusal> {
    let ids = match (what, rest) {
        ("version" | "document", ["download", ids @ ..]) => ids,
        ("version", ["renditionDownload", ..]) => {
            return Err(Refusal::new(
                Code::EndpointUnknown,
                "the CRM cannot make pictures of files that it holds sealed",
            ));
        }
        _ => return Err(unknown()),
    };
    let one = match ids {
        [] => return Err(unknown()),
        [one] => id(one)?,
        [_, ..] => {
            return Err(Refusal::new(
                Code::EndpointUnknown,
                "several files come as an archive of sealed files that nobody could open: ask for one at a time",
            ));
        }
    };
    let parameters = target.parameters.iter();
    let mut pairs = parameters.map(|(name, value)| (name.as_str(), value.as_str()));
    // What Lightning adds to its links; neither goes on.
    if !pairs.all(|pair| {
        matches!(
            pair,
            ("asPdf", "false") | ("operationContext", "CHATTER" | "CONTENT" | "S1")
        )
    }) {
        return Err(parameter());
    }
    Ok(match what {
        "version" => Download::Version(one),
        _ => Download::Newest(one),
    })
}

fn only(target: &Target, name: &str) -> bool {
    target.parameters.iter().all(|(other, _)| other == name)
}

fn id(text: &str) -> Result<Id, Refusal> {
    Id::parse(text).ok_or_else(|| Refusal::new(Code::ValueUnfit, "a record id is malformed"))
}

fn unknown() -> Refusal {
    Refusal::new(
        Code::EndpointUnknown,
        "this resource is not among those that the border knows",
    )
}

fn parameter() -> Refusal {
    Refusal::new(
        Code::ParameterUnknown,
        "a URL parameter is missing, unknown or malformed for this resource",
    )
}
