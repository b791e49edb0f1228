//! Counts for an operator to look at.

use rusqlite::Connection;

use crate::vault::{Error, Vault};

/// How much the vault holds. Numbers only.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Stats {
    pub subjects: u64,
    pub tokens: u64,
    pub held: u64,
    /// Records of writes whose answer is not known.
    pub pending: u64,
    pub cached: usize,
    pub cached_bytes: u64,
}

impl Vault {
    /// Counts rows by walking an index of each table: for an operator, not for every request.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn stats(&self) -> Result<Stats, Error> {
        let read = |connection: &Connection| {
            let count = |table: &str| -> Result<u64, Error> {
                let sql = format!("SELECT count(*) FROM {table}");
                let count: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
                Ok(count.cast_unsigned())
            };
            Ok::<_, Error>(Stats {
                subjects: count("subject")?,
                tokens: count("token")?,
                held: count("held")?,
                pending: count("pending")?,
                ..Stats::default()
            })
        };
        let mut stats = self.0.readers.run(read).await?;
        stats.cached = self.0.tokens.len();
        stats.cached_bytes = self.0.tokens.weight();
        Ok(stats)
    }
}
