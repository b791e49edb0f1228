//! The columns of a report by their labels, which are all that an export of it says of them.

use std::collections::BTreeSet;

use super::columns::{METADATA, sight};
use crate::protect::inward::view::{Sight, Viewer};
use crate::wire::Error;
use crate::wire::json::{Document, NodeId};

/// What a report's description says of its columns.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Labels {
    /// The report's type.
    kind: Option<String>,
    /// Label and name of each column, each pair once. Labels are not unique.
    columns: BTreeSet<(String, String)>,
}

impl Labels {
    /// Reads the answer to `reports/ID/describe`.
    ///
    /// # Errors
    /// An answer that is not strict JSON.
    pub fn read(text: &str) -> Result<Self, Error> {
        let document = Document::parse(text.as_bytes(), &METADATA)?;
        let within = |node: Option<NodeId>, key: &str| document.get(node?, key);
        let told = |node: Option<NodeId>| document.text(node?).map(|text| text.into_owned());
        let root = Some(document.root());
        let typed = within(within(root, "reportMetadata"), "reportType");
        let kind = told(within(typed, "type").or(typed));
        let described = within(root, "reportExtendedMetadata");
        let mut columns = BTreeSet::new();
        // Groups are cells of each row where a report is exported.
        for list in ["detailColumnInfo", "groupingColumnInfo"] {
            let list = within(described, list);
            for (name, column) in list.into_iter().flat_map(|list| document.members(list)) {
                if let Some(label) = told(within(Some(column), "label")) {
                    columns.insert((label, name.into_owned()));
                }
            }
        }
        Ok(Self { kind, columns })
    }

    /// What a viewer may see of each column of an export, by the labels in its header. A label that
    /// the description does not have, or less often than the header, may be any column's; one of
    /// several columns is theirs only where all are seen alike.
    pub(in crate::protect::inward) fn sights<'p>(
        &self,
        viewer: &Viewer<'p>,
        header: &[String],
    ) -> Vec<Sight<'p>> {
        let one = |label: &String| {
            let named: Vec<&String> = self.named(label).collect();
            let standing = header.iter().filter(|other| *other == label).count();
            let open = |name: &&String| {
                let sight = sight(viewer, self.kind.as_deref(), name);
                matches!(sight, Sight::Open)
            };
            match !named.is_empty() && standing <= named.len() && named.iter().all(open) {
                true => Sight::Open,
                false => nobodys(viewer),
            }
        };
        header.iter().map(one).collect()
    }

    /// What a viewer may see of the header itself: the labels that the description has too.
    pub(in crate::protect::inward) fn header<'p>(
        &self,
        viewer: &Viewer<'p>,
        header: &[String],
    ) -> Vec<Sight<'p>> {
        let one = |label: &String| match self.named(label).next() {
            Some(_) => Sight::Open,
            None => nobodys(viewer),
        };
        header.iter().map(one).collect()
    }

    fn named(&self, label: &str) -> impl Iterator<Item = &String> {
        let columns = self.columns.iter();
        columns
            .filter(move |(known, _)| known == label)
            .map(|(_, name)| name)
    }
}

/// What a column is that nobody can name. The list of a program does not name it either, whatever
/// token is in it.
fn nobodys<'p>(viewer: &Viewer<'p>) -> Sight<'p> {
    match viewer.plan.is_narrowed() {
        true => Sight::Unknown,
        false => Sight::TokensOnly,
    }
}
