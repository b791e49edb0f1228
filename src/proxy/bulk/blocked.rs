//! Records of a table that policy refuses among others that may pass. Each fails by itself, as one
//! does that the CRM refuses; what stood in it is kept nowhere, so results name its number, the field
//! and the rule, and leave its cells empty.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{Answer, Batch, Door, Failure, Kind, Proxy, Refusal, Scribe, Tally, Uploaded, bulk};
use crate::dialect::salesforce::error::RowError;
use crate::model::Code;
use crate::protect::Cleared;
use crate::upstream;
use crate::wire::csv::{self, Delimiter, Ending, Guard};

/// The most of one upload: with more of them the table is another than policy is for.
const MOST: usize = 1000;

/// A record that was left out.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Blocked {
    /// Its place among the records of its table, from 0.
    at: u64,
    error: RowError,
}

/// Whether a refusal is about what stands in one record.
fn is_of_one(code: Code) -> bool {
    matches!(
        code,
        Code::PolicyBlocked
            | Code::ValueUnfit
            | Code::ValueTooLong
            | Code::TokenForeign
            | Code::SpecialCategory
            | Code::IdentifierInText
    )
}

/// The results of a batch of 1.0 in JSON or XML, with those of records that were left out.
pub(super) fn among_results(
    text: &[u8],
    is_xml: bool,
    blocked: Vec<Blocked>,
) -> Result<Vec<u8>, Failure> {
    let errors: Vec<(u64, RowError)> = blocked
        .into_iter()
        .map(|blocked| (blocked.at, blocked.error))
        .collect();
    let text = std::str::from_utf8(text).ok();
    let all = text.and_then(|text| bulk::with_errors(text, is_xml, &errors));
    let all = all.ok_or(upstream::Error::Unexpected("another form than results"))?;
    Ok(all.into_bytes())
}

impl Proxy {
    /// Protects records by `portion`, in as many portions as it takes to leave out those that policy
    /// refuses. What comes back is durable and recorded, and may be sent. `place` is a record's among
    /// all of its upload, from 0.
    pub(super) async fn pieces<R>(
        &self,
        scribe: &Scribe<'_>,
        records: &[R],
        place: impl Fn(&R) -> u64,
        (batch, tally): (&mut Batch, &mut Tally),
        portion: impl AsyncFn(&[R], &mut Batch, &mut Tally) -> Result<Cleared<Vec<u8>>, Failure>,
    ) -> Result<Vec<Cleared<Vec<u8>>>, Failure> {
        let mut pieces = Vec::new();
        let mut parts = vec![records];
        while let Some(records) = parts.pop() {
            let refusal = match portion(records, batch, tally).await {
                Ok(piece) => {
                    pieces.push(piece);
                    continue;
                }
                Err(Failure::Refused(refusal)) if is_of_one(refusal.code) => refusal,
                Err(failure) => return Err(failure),
            };
            let [record] = records else {
                let (first, second) = records.split_at(records.len() / 2);
                parts.extend([second, first]);
                continue;
            };
            scribe.refused(&refusal).await?;
            if batch.blocked.len() == MOST {
                let text = format!(
                    "more than {MOST} records are refused; the next: {}",
                    refusal.text
                );
                return Err(Refusal { text, ..refusal }.into());
            }
            tally.refusal = Some(refusal.code);
            batch.blocked.push(Blocked {
                at: place(record),
                error: RowError::of(&refusal),
            });
            batch.refusal.get_or_insert(refusal);
        }
        Ok(pieces)
    }

    /// Adds the records that were left out to what the CRM counts.
    pub(super) async fn counted(
        &self,
        route: &bulk::Route,
        mut answer: Answer,
    ) -> Result<Answer, Failure> {
        let blocked = match &route.door {
            Door::Info(Kind::Ingest, id) => {
                let uploaded = self.uploaded(*id).await?;
                uploaded.map_or(0, |uploaded| uploaded.blocked.len())
            }
            Door::Batch(id, of) => match self.batch(*id, *of).await {
                Ok(batch) => batch.blocked.len(),
                // Nobody knows it, so nothing of it was left out here.
                Err(Failure::Refused(_)) => 0,
                Err(failure) => return Err(failure),
            },
            _ => 0,
        };
        if blocked > 0 && answer.status.is_success() {
            let text = std::str::from_utf8(&answer.body).ok();
            match text.and_then(|text| bulk::counted(text, blocked)) {
                Some(counted) => answer.body = counted.into_bytes(),
                None => tracing::warn!(blocked, "the CRM's counts have not the form that is known"),
            }
        }
        Ok(answer)
    }

    pub(super) async fn uploaded(&self, job: super::Id) -> Result<Option<Uploaded>, Failure> {
        let noted = self.shared.vault.noted(format!("upload/{job}")).await?;
        Ok(noted.and_then(|text| serde_json::from_str(&text).ok()?))
    }
}

/// The rows of records that were left out, to be put among those of the CRM.
pub(super) struct Rows {
    blocked: VecDeque<Blocked>,
    /// Whether results have the order of the records, so that rows stand where their records did.
    ordered: bool,
    /// How many rows the reader has.
    given: u64,
}

impl Rows {
    pub(super) fn new(blocked: Vec<Blocked>, ordered: bool) -> Self {
        Self {
            blocked: blocked.into(),
            ordered,
            given: 0,
        }
    }

    /// How many rows of the CRM's come before the next one here, at most `most`.
    pub(super) fn before(&self, most: usize) -> usize {
        let next = self.blocked.front().filter(|_| self.ordered);
        next.map_or(most, |next| {
            let rows = next.at.saturating_sub(self.given);
            usize::try_from(rows).map_or(most, |rows| rows.min(most))
        })
    }

    /// Counts rows of the CRM's.
    pub(super) fn passed(&mut self, rows: usize) {
        self.given += rows as u64;
    }

    /// Whether the next row's place has come; at the end of the CRM's rows it always has.
    pub(super) fn is_due(&self, at_end: bool) -> bool {
        let next = self.blocked.front();
        next.is_some_and(|next| at_end || self.ordered && next.at <= self.given)
    }

    /// The next row.
    pub(super) fn next(
        &mut self,
        columns: (&[String], &[&str]),
        form: (Delimiter, Ending),
    ) -> Option<String> {
        let blocked = self.blocked.pop_front()?;
        self.given += 1;
        Some(row(&blocked, columns, form))
    }
}

/// The names of columns.
pub(super) fn header(names: &[String], form: (Delimiter, Ending)) -> String {
    line(names.iter().map(String::as_str), form)
}

/// A row with an error. `own` are the columns that are the interface's.
fn row(
    blocked: &Blocked,
    (header, own): (&[String], &[&str]),
    form: (Delimiter, Ending),
) -> String {
    let error = blocked.error.to_string();
    let cells = header.iter().map(|name| match name.as_str() {
        name if !own.contains(&name) => "",
        "sf__Error" | "Error" => error.as_str(),
        "Success" | "Created" => "false",
        _ => "",
    });
    line(cells, form)
}

fn line<'c>(
    cells: impl Iterator<Item = &'c str>,
    (delimiter, ending): (Delimiter, Ending),
) -> String {
    let mut out = String::new();
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            out.push(char::from(delimiter.byte()));
        }
        // Names and words of ours have no NUL, which is all that cannot be written.
        let _written = csv::encode(cell, true, delimiter, Guard::Off, &mut out);
    }
    out.push_str(match ending {
        Ending::Lf => "\n",
        Ending::CrLf => "\r\n",
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocked(at: u64) -> Blocked {
        Blocked {
            at,
            error: RowError {
                code: "CODE".to_owned(),
                message: "record \"1\"".to_owned(),
                field: Some("Name".to_owned()),
            },
        }
    }

    #[test]
    fn rows_stand_where_their_records_did() {
        let header = ["Id", "Success", "Created", "Error"].map(str::to_owned);
        let own = ["Id", "Success", "Created", "Error"];
        let form = (Delimiter::Comma, Ending::Lf);
        let mut rows = Rows::new(vec![blocked(0), blocked(3), blocked(4), blocked(9)], true);
        let next = |rows: &mut Rows, at_end| {
            let due = rows.is_due(at_end);
            due.then(|| rows.next((&header, &own), form)).flatten()
        };
        let first = next(&mut rows, false).unwrap();
        assert_eq!(
            first,
            "\"\",\"false\",\"false\",\"CODE:record \"\"1\"\":Name --\"\n"
        );
        assert!(next(&mut rows, false).is_none());
        assert_eq!(rows.before(500), 2);
        rows.passed(2);
        assert!(next(&mut rows, false).is_some());
        assert!(next(&mut rows, false).is_some());
        assert_eq!(rows.before(3), 3);
        rows.passed(3);
        assert!(next(&mut rows, false).is_none(), "one is missing before it");
        assert!(next(&mut rows, true).is_some());
        assert!(next(&mut rows, true).is_none());
    }

    #[test]
    fn rows_without_an_order_come_last_and_other_columns_are_empty() {
        let header = ["sf__Id", "sf__Error", "Error", "LastName"].map(str::to_owned);
        let own = ["sf__Id", "sf__Error"];
        let mut rows = Rows::new(vec![blocked(0)], false);
        let form = (Delimiter::Semicolon, Ending::CrLf);
        assert_eq!(rows.before(500), 500);
        assert!(!rows.is_due(false) && rows.is_due(true));
        let row = rows.next((&header, &own), form).unwrap();
        assert_eq!(row, "\"\";\"CODE:record \"\"1\"\":Name --\";\"\";\"\"\r\n");
    }
}
