//! The CRM's own credentials, sealed by the key ring.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};

use crate::model::Secret;
use crate::vault::{Error, Vault};

impl Vault {
    /// Keeps a credential under a name, in the place of a former one.
    ///
    /// # Errors
    /// When it cannot be wrapped or written.
    pub async fn credential_set(&self, name: &str, secret: &Secret) -> Result<(), Error> {
        let wrapped = self.0.ring.wrap(&context(name), secret.expose())?;
        let name = name.to_owned();
        let write = move |connection: &Connection, (): &mut ()| {
            connection.execute(
                "INSERT INTO credential (name, wrapped) VALUES (?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET wrapped = excluded.wrapped",
                (name, wrapped),
            )?;
            Ok::<_, Error>(())
        };
        self.0.rows.submit(write).await
    }

    /// The credential of that name.
    ///
    /// # Errors
    /// When it cannot be read or does not unwrap.
    pub async fn credential(&self, name: &str) -> Result<Option<Secret>, Error> {
        let inner = Arc::clone(&self.0);
        let name = name.to_owned();
        let read = move |connection: &Connection| {
            let wrapped: Option<Vec<u8>> = connection
                .query_row(
                    "SELECT wrapped FROM credential WHERE name = ?1",
                    [&name],
                    |row| row.get(0),
                )
                .optional()?;
            let open = |wrapped: Vec<u8>| inner.ring.unwrap(&context(&name), &wrapped);
            Ok::<_, Error>(wrapped.map(open).transpose()?)
        };
        self.0.readers.run(read).await
    }
}

fn context(name: &str) -> String {
    format!("credential/{name}")
}
