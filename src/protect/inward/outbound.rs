//! An outbound message of the CRM's: its records are those of a SOAP answer, and what would open
//! the CRM does not go on.

use super::read::{Answer, Reading, Site, What};
use super::soap::Walk;
use crate::dialect::salesforce::outbound::{Notifications, Part};
use crate::dialect::salesforce::soap::answer;
use crate::wire::xml::{Document, NodeId};

/// Walks over a message. `theirs` and `ours` are the names by which addresses lead to the CRM and
/// to us.
#[must_use]
pub fn read_notifications<'a, 'd, 'p>(
    answer: &'d Answer<'a, 'p>,
    document: &'d Document<'a>,
    message: &Notifications,
    (theirs, ours): (&str, &str),
) -> Reading<'p> {
    let mut walk = Walk::new(answer, document, Notifications::spaces());
    for part in &message.parts {
        match part {
            Part::Record(node) => walk.member(*node),
            Part::Session(node) => walk.take_out(*node),
            Part::Address(node) => match path(document, *node, theirs) {
                Some(path) => walk.lead(*node, &format!("https://{ours}{path}")),
                None => walk.take_out(*node),
            },
        }
    }
    walk.into_reading()
}

/// The path of an address at the CRM, which has nothing but letters and signs of a path.
fn path(document: &Document<'_>, node: NodeId, theirs: &str) -> Option<String> {
    let text = document.text(node)?;
    let (host, path) = text
        .strip_prefix("https://")?
        .split_at_checked(theirs.len())?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/.".contains(&b);
    let soap = path.starts_with("/services/Soap/") && path.bytes().all(plain);
    (host.eq_ignore_ascii_case(theirs) && soap).then(|| path.to_owned())
}

impl<'a, 'd, 'p> Walk<'a, 'd, 'p> {
    /// The element says that it is nothing.
    fn take_out(&mut self, node: NodeId) {
        if !answer::is_nil(self.document, node) {
            let range = self.document.whole(node);
            let what = What::Put(answer::nil(self.document, node));
            self.reading.sites.push(Site { range, what });
        }
    }

    /// The element has this text, which has no sign that XML escapes.
    fn lead(&mut self, node: NodeId, address: &str) {
        self.reading.sites.push(Site {
            range: self.document.content(node),
            what: What::Put(address.to_owned()),
        });
    }

    fn into_reading(self) -> Reading<'p> {
        self.reading
    }
}
