//! Header fields with addresses.

use super::{Hosts, Origin};

impl Hosts {
    /// `Location`: a whole address, and those inside of it. A path stays as it is.
    #[must_use]
    pub fn location(&self, value: &str) -> String {
        String::from_utf8_lossy(&self.body(value.as_bytes())).into_owned()
    }

    /// `Access-Control-Allow-Origin`. `None`: drop it; neither any origin nor a foreign one may read
    /// what was revealed here.
    #[must_use]
    pub fn allow_origin(&self, value: &str) -> Option<String> {
        if self.0.from.is_empty() {
            return (value != "*" && value != "null").then(|| value.to_owned());
        }
        let origin = Origin::parse(value).ok()?;
        let pairs = self.0.from.iter().zip(&self.0.to);
        // The CRM answers with the origin that it was asked from, which may be ours already.
        let mut pairs = pairs.filter(|(theirs, ours)| **theirs == origin || **ours == origin);
        pairs.next().map(|(_, ours)| ours.to_string())
    }
}
