//! What the CRM said of its objects and fields: names, types and lengths, and nothing of a person.

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::vault::{Error, Vault};

/// The row of `meta` that has it.
const NAME: &str = "described";
const TAKEN: &str = "policy-taken";

impl Vault {
    /// Keeps a description in the place of the former one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn keep_described(&self, described: &impl Serialize) -> Result<(), Error> {
        self.keep(NAME, described).await
    }

    /// Keeps which version of the policy this node has taken: the store of versions alone cannot
    /// show that it was put back to an older copy.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn keep_taken_policy(&self, taken: &impl Serialize) -> Result<(), Error> {
        self.keep(TAKEN, taken).await
    }

    async fn keep(&self, name: &'static str, value: &impl Serialize) -> Result<(), Error> {
        let text = serde_json::to_vec(value);
        let text = text.map_err(|_| Error::Broken("a note of ours cannot be written"))?;
        let write = move |connection: &Connection, (): &mut ()| {
            connection.execute(
                "INSERT INTO meta (name, value) VALUES (?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, text),
            )?;
            Ok::<_, Error>(())
        };
        self.0.rows.submit(write).await
    }

    /// The description that was kept last, if there is one of this form.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn described<T: DeserializeOwned>(&self) -> Result<Option<T>, Error> {
        let found = self.kept(NAME).await?;
        Ok(found.and_then(|text| serde_json::from_slice(&text).ok()))
    }

    /// What [`Vault::keep_taken_policy`] kept.
    ///
    /// # Errors
    /// When the database fails, or what was kept does not read: nobody may take that for nothing.
    pub async fn taken_policy<T: DeserializeOwned>(&self) -> Result<Option<T>, Error> {
        let found = self.kept(TAKEN).await?;
        let read = found.map(|text| serde_json::from_slice(&text)).transpose();
        read.map_err(|_| Error::Broken("the note of the policy that was taken"))
    }

    async fn kept(&self, name: &'static str) -> Result<Option<Vec<u8>>, Error> {
        let read = move |connection: &Connection| {
            let sql = "SELECT value FROM meta WHERE name = ?1";
            let found = connection.query_row(sql, [name], |row| row.get::<_, Vec<u8>>(0));
            Ok::<_, Error>(found.optional()?)
        };
        self.0.readers.run(read).await
    }
}
