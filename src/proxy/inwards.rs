//! The way in: what the vault knows of the tokens in an answer, put in their places.

use super::{Failure, Rules, Shared, rows};
use crate::dialect::salesforce::door::Door;
use crate::protect::inward::{HeldValue, Reading, Revealed, Shape, StoredValue, Viewer};
use crate::vault;

impl Shared {
    /// Loads the values of an answer in one batch, and reveals those that the viewer may see.
    pub(super) async fn reveal(
        &self,
        rules: &Rules,
        viewer: &Viewer<'_>,
        text: &str,
        reading: &Reading<'_>,
    ) -> Result<Revealed, Failure> {
        let vault = &self.vault;
        let rows = if reading.rows.is_empty() {
            vec![]
        } else {
            vault.load(&reading.rows).await?
        };
        let records: Vec<vault::Record> = reading
            .held
            .iter()
            .map(|(object, id)| rows::record(object, *id))
            .collect();
        let held = if records.is_empty() {
            vec![]
        } else {
            vault.held(&records).await?
        };
        let values: Vec<Option<StoredValue<'_>>> = rows
            .iter()
            .map(|row| {
                row.as_ref().map(|row| StoredValue {
                    row: row.row,
                    subject: row.subject,
                    key_version: row.key_version,
                    class: &row.class,
                    nonce: row.nonce,
                    ciphertext: &row.ciphertext,
                    key: &row.key,
                })
            })
            .collect();
        let mut kept: Vec<HeldValue<'_>> = Vec::new();
        for ((object, record), held) in reading.held.iter().zip(&held) {
            kept.extend(held.iter().map(|held| HeldValue {
                object,
                record: *record,
                field: &held.field,
                value: StoredValue {
                    row: held.row,
                    subject: held.subject,
                    key_version: held.key_version,
                    class: &held.class,
                    nonce: held.nonce,
                    ciphertext: &held.ciphertext,
                    key: &held.key,
                },
            }));
        }
        Ok(reading.reveal(text, (viewer, &rules.protection.tenant), &values, &kept))
    }
}

/// Which objects of the answer are the API's own.
pub(super) fn shape(door: &Door) -> Shape {
    match door {
        Door::Versions
        | Door::Resources
        | Door::Objects
        | Door::Object { .. }
        | Door::Describe { .. }
        | Door::Limits
        | Door::RecordCount { .. } => Shape::Metadata,
        Door::Create { .. }
        | Door::Record { .. }
        | Door::Query { .. }
        | Door::More { .. }
        | Door::Recent { .. }
        | Door::Composite
        | Door::Batch
        | Door::Graph
        | Door::Tree { .. }
        | Door::Collection { .. }
        | Door::CollectionUpsert { .. }
        | Door::CollectionDelete { .. }
        | Door::CollectionRead { .. } => Shape::Data,
    }
}

/// Puts our name in the places of the CRM's, so that no link leads past the border.
pub(super) fn rename_host(body: &[u8], theirs: &str, ours: &str) -> Vec<u8> {
    let finder = memchr::memmem::Finder::new(theirs.as_bytes());
    let mut out = Vec::new();
    let mut at = 0;
    for found in finder.find_iter(body) {
        out.extend_from_slice(body.get(at..found).unwrap_or_default());
        out.extend_from_slice(ours.as_bytes());
        at = found + theirs.len();
    }
    out.extend_from_slice(body.get(at..).unwrap_or_default());
    out
}
