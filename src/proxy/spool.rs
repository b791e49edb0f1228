//! Where sealed files wait until their whole form is known: a file on disk without a name, which ends
//! with the exchange. What stands in it opens with keys that are in memory alone.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// The most bytes that all exchanges together may have on disk: the vault needs the disk too.
const MOST: u64 = 8 << 30;
/// The most of it that one person or client may have.
const EACH: u64 = 3 << 30;
/// Bytes that are gathered before the disk is asked.
const GATHERED: usize = 256 * 1024;

/// What is left free on the disk for vault and ledger, whatever else is there.
const RESERVE: u64 = 512 << 20;

/// The folder for them, and how much is in it.
#[derive(Debug)]
pub struct Spools {
    folder: PathBuf,
    taken: Arc<Taken>,
}

/// How many bytes are on disk, by whose they are. Nobody stands in it with none.
type Taken = Mutex<HashMap<String, u64>>;

impl Spools {
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            taken: Arc::default(),
        }
    }

    /// An empty one. It has no name, so that nothing of it is left when the process ends.
    pub(super) fn open(&self, whose: &str) -> io::Result<Spool> {
        Ok(Spool {
            file: Some(tempfile::tempfile_in(&self.folder)?),
            gathered: Vec::new(),
            share: Share {
                taken: Arc::clone(&self.taken),
                whose: whose.to_owned(),
                bytes: 0,
            },
        })
    }
}

/// What one exchange has on disk.
#[derive(Debug)]
pub(super) struct Spool {
    file: Option<File>,
    gathered: Vec<u8>,
    share: Share,
}

/// Dropping it gives the room back.
#[derive(Debug)]
pub(super) struct Share {
    taken: Arc<Taken>,
    whose: String,
    bytes: u64,
}

impl Share {
    fn grow(&mut self, bytes: u64) -> io::Result<()> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.get(&self.whose).copied().unwrap_or(0);
        let all: u64 = taken.values().sum();
        if own + bytes > EACH || all + bytes > MOST {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        taken.insert(self.whose.clone(), own + bytes);
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let left = taken
            .get(&self.whose)
            .map_or(0, |own| own.saturating_sub(self.bytes));
        match left {
            0 => taken.remove(&self.whose),
            left => taken.insert(self.whose.clone(), left),
        };
    }
}

impl Spool {
    /// Where sealed bytes are to be put before [`Self::flush`].
    pub(super) fn end(&mut self) -> &mut Vec<u8> {
        &mut self.gathered
    }

    /// Bytes that are not on disk yet.
    pub(super) fn gathered(&self) -> usize {
        self.gathered.len()
    }

    /// Writes what was gathered, once it is enough.
    pub(super) async fn flush(&mut self, all: bool) -> io::Result<()> {
        let enough = if all { 1 } else { GATHERED };
        if self.gathered.len() < enough {
            return Ok(());
        }
        let bytes = std::mem::take(&mut self.gathered);
        self.share.grow(bytes.len() as u64)?;
        let file = self.file.take();
        let mut file = file.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        leaves_room(free(&file)?, bytes.len() as u64)?;
        let written = tokio::task::spawn_blocking(move || file.write_all(&bytes).map(|()| file));
        self.file = Some(written.await.map_err(io::Error::other)??);
        Ok(())
    }

    /// All of it from its beginning, and the room that it takes.
    pub(super) async fn finish(mut self) -> io::Result<(File, Share)> {
        self.flush(true).await?;
        let mut file = self.file.ok_or(io::ErrorKind::NotFound)?;
        file.rewind()?;
        Ok((file, self.share))
    }
}

/// Bytes that are free on the disk of a file, for those who may not have them all.
fn free(file: &File) -> io::Result<u64> {
    let disk = rustix::fs::fstatvfs(file)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// A vault that cannot write refuses everybody, so what waits here gives way first.
fn leaves_room(free: u64, bytes: u64) -> io::Result<()> {
    match free.saturating_sub(bytes) < RESERVE {
        true => Err(io::Error::from(io::ErrorKind::StorageFull)),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_waits_leaves_the_vault_its_room() {
        assert!(leaves_room(RESERVE + 10, 10).is_ok());
        assert!(leaves_room(RESERVE + 9, 10).is_err());
        assert!(leaves_room(5, 10).is_err());
        let folder = tempfile::tempdir().unwrap();
        let spools = Spools::new(folder.path().to_owned());
        let mut spool = spools.open("one").unwrap();
        spool.end().extend_from_slice(b"sealed");
        assert_eq!(spool.gathered(), 6);
        let (file, _share) = spool.finish().await.unwrap();
        assert!(free(&file).unwrap() > 0);
    }
}
