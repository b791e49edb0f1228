//! What is closed on purpose, each in words of its own: whoever meets the refusal is told what to do
//! instead.

use crate::model::{Code, Refusal};

/// The refusal of a path outside of the folders that the border knows.
#[must_use]
pub fn closed(path: &str) -> Refusal {
    let path = path.to_ascii_lowercase();
    let begins = |beginning: &str| path.starts_with(beginning);
    let text = if begins("/servlet/servlet.webto") {
        "forms of anonymous visitors have no second factor, so they do not come in here: the website's \
         own server passes them on by two proofs, where `[web_forms]` in the configuration takes them"
    } else if begins("/00o") || begins("/servlet/printableviewdownload") {
        "pages of reports and printable views are closed: run the report by analytics/reports, or \
         export it as CSV (export=1, enc=UTF-8, xf=csv)"
    } else {
        "this resource is not among those that the border knows"
    };
    Refusal::new(Code::EndpointUnknown, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_closed_on_purpose_says_so() {
        for (path, word) in [
            ("/servlet/servlet.WebToLead?encoding=UTF-8", "anonymous"),
            ("/servlet/servlet.WebToCase", "anonymous"),
            ("/00O000000000001EAA", "printable views"),
            ("/servlet/PrintableViewDownloadServlet", "printable views"),
            ("/services/apexrest/x", "not among"),
            ("/", "not among"),
        ] {
            let refusal = closed(path);
            assert_eq!(refusal.code, Code::EndpointUnknown);
            assert!(refusal.to_string().contains(word), "{path}: {refusal}");
        }
    }
}
