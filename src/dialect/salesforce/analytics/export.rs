//! Exports of reports as a table: the address of a report's page, asked for as CSV.
//!
//! Source: requests of clients of `simple-salesforce`, which all ask in this one way; Salesforce
//! documents none. What else the page takes (`xf=xls`, filters as `pv0`, printable views) has no door.

use super::REPORT;
use crate::dialect::salesforce::id::Id;
use crate::dialect::salesforce::target::Target;
use crate::model::{Code, Refusal};

/// What an export is asked for by, each once: these, and perhaps [`PLAIN`].
const WANTED: [(&str, &str); 3] = [("export", "1"), ("enc", "UTF-8"), ("xf", "csv")];
/// Keeps the CRM from leading to a page of Lightning's.
const PLAIN: (&str, &str) = ("isdtp", "p1");

/// The report whose export is asked for; none where the target is no export.
///
/// # Errors
/// An export by another method, as another format, in another encoding, or with filters.
pub(in crate::dialect::salesforce) fn export(
    method: &str,
    target: &Target,
) -> Result<Option<Id>, Refusal> {
    let [segment] = target.segments.as_slice() else {
        return Ok(None);
    };
    let report = Id::parse(segment).filter(|_| segment.starts_with(REPORT));
    let asked = target.parameters.iter().any(|(name, _)| name == "export");
    let (Some(report), true) = (report, asked) else {
        return Ok(None);
    };
    if method != "GET" {
        let text = "an export of a report is read, and takes no other method than GET";
        return Err(Refusal::new(Code::MethodUnknown, text));
    }
    let parameters = target.parameters.iter();
    let pairs: Vec<(&str, &str)> = parameters
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let known = |pair: &(&str, &str)| *pair == PLAIN || WANTED.contains(pair);
    // No name stands twice: such a target is not canonical.
    match pairs.iter().all(known) && WANTED.iter().all(|wanted| pairs.contains(wanted)) {
        true => Ok(Some(report)),
        false => Err(Refusal::new(
            Code::ParameterUnknown,
            "an export of a report is asked for by export=1, enc=UTF-8 and xf=csv, with isdtp=p1 or \
             without: other formats, encodings and filters in the address are closed",
        )),
    }
}

/// Whether a request is for the export of a report, well asked for.
#[must_use]
pub fn is_export(method: &str, target: &str) -> bool {
    target.starts_with("/00O")
        && Target::parse(target)
            .and_then(|target| export(method, &target))
            .is_ok_and(|report| report.is_some())
}

/// The target of an export.
pub(in crate::dialect::salesforce) fn target(report: Id) -> String {
    format!("/{report}?isdtp=p1&export=1&enc=UTF-8&xf=csv")
}

#[cfg(test)]
mod tests {
    use super::super::super::door;
    use super::*;

    fn again(method: &str, target: &str) -> Result<String, Code> {
        let parsed = Target::parse(target).map_err(|refusal| refusal.code)?;
        let route = door::resolve(method, &parsed).map_err(|refusal| refusal.code)?;
        assert_eq!((route.method(), route.name()), ("GET", "report-export"));
        Ok(route.target())
    }

    #[test]
    fn an_export_leaves_in_one_form_however_it_was_asked_for() {
        let one = "/00O000000000001EAA?isdtp=p1&export=1&enc=UTF-8&xf=csv";
        for target in [
            one,
            "/00O000000000001EAA?export=1&enc=UTF-8&xf=csv",
            "/00O000000000001?xf=csv&enc=UTF-8&export=1",
            "/00O000000000001EAA/?isdtp=p1&export=1&enc=UTF-8&xf=csv",
        ] {
            assert_eq!(again("GET", target).as_deref(), Ok(one), "{target}");
            assert!(is_export("GET", target), "{target}");
        }
    }

    #[test]
    fn what_else_the_page_of_a_report_takes_is_refused() {
        let wrong = Code::ParameterUnknown;
        for (method, rest, code) in [
            (
                "POST",
                "00O000000000001EAA?export=1&enc=UTF-8&xf=csv",
                Code::MethodUnknown,
            ),
            (
                "HEAD",
                "00O000000000001EAA?export=1&enc=UTF-8&xf=csv",
                Code::MethodUnknown,
            ),
            ("GET", "00O000000000001EAA?export=1&enc=UTF-8&xf=xls", wrong),
            (
                "GET",
                "00O000000000001EAA?export=1&enc=ISO-8859-1&xf=csv",
                wrong,
            ),
            ("GET", "00O000000000001EAA?export=1&xf=csv", wrong),
            ("GET", "00O000000000001EAA?export=1&enc=UTF-8", wrong),
            ("GET", "00O000000000001EAA?export=0&enc=UTF-8&xf=csv", wrong),
            (
                "GET",
                "00O000000000001EAA?export=1&enc=UTF-8&xf=csv&pv0=Jansen",
                wrong,
            ),
            (
                "GET",
                "00O000000000001EAA?export=1&enc=UTF-8&xf=csv&isdtp=p2",
                wrong,
            ),
            (
                "GET",
                "00O000000000001EAA?export=1&enc=UTF-8&xf=csv&xf=csv",
                wrong,
            ),
            (
                "GET",
                "00O000000000001EAA?enc=UTF-8&xf=csv",
                Code::EndpointUnknown,
            ),
            ("GET", "00O000000000001EAA", Code::EndpointUnknown),
            (
                "GET",
                "003000000000001AAA?export=1&enc=UTF-8&xf=csv",
                Code::EndpointUnknown,
            ),
            (
                "GET",
                "00OJansen?export=1&enc=UTF-8&xf=csv",
                Code::EndpointUnknown,
            ),
            (
                "GET",
                "a/00O000000000001EAA?export=1&enc=UTF-8&xf=csv",
                Code::EndpointUnknown,
            ),
            (
                "GET",
                "servlet/PrintableViewDownloadServlet?id=00O000000000001EAA&export=1",
                Code::EndpointUnknown,
            ),
        ] {
            let target = format!("/{rest}");
            assert_eq!(again(method, &target), Err(code), "{method} {target}");
            assert!(!is_export(method, &target), "{method} {target}");
        }
    }
}
