//! What a door must know again in a later request, whichever node serves it: which object a bulk job
//! is for, where a page of results goes on.

use rusqlite::{Connection, OptionalExtension};

use crate::vault::{Error, Vault};

/// How long a note is kept, in milliseconds. The CRM keeps its jobs for a week.
const KEPT: i64 = 30 * 24 * 3600 * 1000;

impl Vault {
    /// Keeps a text under a name, in the place of a former one. It must have nothing of a client's
    /// own: it is not sealed.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn note(&self, name: String, text: String) -> Result<(), Error> {
        let now = self.0.clock.now().0;
        let write = move |connection: &Connection, (): &mut ()| {
            connection
                .prepare_cached("DELETE FROM note WHERE made < ?1")?
                .execute([now - KEPT])?;
            connection
                .prepare_cached(
                    "INSERT INTO note (name, text, made) VALUES (?1, ?2, ?3)
                     ON CONFLICT (name) DO UPDATE SET text = excluded.text, made = excluded.made",
                )?
                .execute((name, text, now))?;
            Ok::<_, Error>(())
        };
        self.0.rows.submit(write).await
    }

    /// The text of that name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn noted(&self, name: String) -> Result<Option<String>, Error> {
        let read = move |connection: &Connection| {
            let found = connection
                .prepare_cached("SELECT text FROM note WHERE name = ?1")?
                .query_row([name], |row| row.get(0));
            Ok::<_, Error>(found.optional()?)
        };
        self.0.readers.run(read).await
    }
}

#[cfg(test)]
mod tests {
    use crate::vault::tests::vault;

    #[tokio::test]
    async fn a_note_is_kept_until_another_takes_its_place() {
        let (_dir, vault) = vault();
        let noted = async |name: &str| vault.noted(name.to_owned()).await.unwrap();
        assert_eq!(noted("job/1").await, None);
        for text in ["a", "b"] {
            let kept = vault.note("job/1".to_owned(), text.to_owned()).await;
            kept.unwrap();
            assert_eq!(noted("job/1").await.as_deref(), Some(text));
        }
        assert_eq!(noted("job/2").await, None);
    }
}
