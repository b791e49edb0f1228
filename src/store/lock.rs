//! One server a data folder: caches and reserved numbers are of one process.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::store::Error;

/// The data folder's lock, held while this lives; the kernel lets go of it when the process ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Takes the data folder for this process. Commands that only read do not need it.
///
/// # Errors
/// [`Error::Locked`] with the other's process number when another server has the folder.
pub fn lock(folder: &Path) -> Result<Lock, Error> {
    let path = folder.join("sluis.lock");
    let fail = |source| Error::file(&path, source);
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false) // The other's process number is still to be read.
        .mode(0o600)
        .open(&path)
        .map_err(fail)?;
    if let Err(refused) = file.try_lock() {
        return match refused {
            std::fs::TryLockError::WouldBlock => {
                let mut text = String::new();
                let _unread = file.read_to_string(&mut text);
                Err(Error::Locked(text.trim().parse().ok()))
            }
            std::fs::TryLockError::Error(source) => Err(fail(source)),
        };
    }
    file.set_len(0)
        .and_then(|()| file.seek(SeekFrom::Start(0)))
        .and_then(|_| writeln!(file, "{}", std::process::id()))
        .map_err(fail)?;
    Ok(Lock { _file: file })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_server_on_the_folder_is_refused_until_the_first_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        let first = lock(dir.path()).unwrap();
        match lock(dir.path()) {
            Err(Error::Locked(Some(pid))) => assert_eq!(pid, std::process::id()),
            other => panic!("{other:?}"),
        }
        drop(first);
        assert!(lock(dir.path()).is_ok());
    }
}
