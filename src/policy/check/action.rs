//! What policy lets actions of Lightning pages carry.

use super::is_described;
use crate::policy::plan::Controller;
use crate::policy::raw::File;
use crate::policy::{Report, sentence};

/// Resolves `[[actions]]`; each is reported, so that whoever reads the report sees what leaves.
pub(super) fn resolve(file: &File, report: &mut Report) -> Vec<Controller> {
    let mut found: Vec<Controller> = Vec::new();
    for action in &file.actions {
        let (span, action) = (&action.span, &action.value);
        let name = &action.descriptor.value;
        let mut error = |text: String| {
            let remedy = "an action is named once by its descriptor, `apex://Class/ACTION$method` for Apex, with a `reason`";
            report.error("policy-action", span, text, remedy);
        };
        if is_described(file) {
            error(format!(
                "`{name}` stands in a policy that describes its CRM by routes"
            ));
            continue;
        }
        if !is_descriptor(name) {
            error(format!("`{name}` is no descriptor of an action"));
            continue;
        }
        if found.iter().any(|other| other.descriptor == *name) {
            error(format!("the action `{name}` is named twice"));
            continue;
        }
        if action.reason.value.trim().is_empty() {
            error(format!("the action `{name}` has no reason"));
            continue;
        }
        let carries: Vec<String> = action
            .carries
            .iter()
            .map(|name| name.value.clone())
            .collect();
        if !carries.is_empty() {
            let parameters = carries.join(", ");
            report.warning(
                "policy-action-clear",
                span,
                sentence!(
                    "whatever a page puts into {parameters} of `{name}` leaves in the clear",
                    "wat een pagina in {parameters} van `{name}` zet gaat leesbaar weg"
                ),
                sentence!(
                    "let the component write by the UI API instead, where each field has its rule",
                    "laat het onderdeel via de UI-API schrijven, waar elk veld zijn regel heeft"
                ),
            );
        }
        found.push(Controller {
            descriptor: name.clone(),
            carries,
        });
    }
    found
}

/// `apex://ContactSearch/ACTION$find`
fn is_descriptor(text: &str) -> bool {
    let parts = text
        .split_once("://")
        .and_then(|(scheme, rest)| Some((scheme, rest.split_once("/ACTION$")?)));
    let plain = |part: &str| {
        let of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_.".contains(&byte);
        !part.is_empty() && part.bytes().all(of_name)
    };
    parts.is_some_and(|(scheme, (path, method))| plain(scheme) && plain(path) && plain(method))
}
