//! A key-encryption key in a file that only its owner can read.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::keys::format::{parse, render};
use crate::keys::weak::{check_key, check_passphrase};
use crate::keys::{Error, KEY_LENGTH, Kek, KeyProvider};
use crate::model::{Entropy, Secret};

/// A key file has four short lines; what is longer is not one.
const LONGEST: u64 = 4096;

/// A key file, and the passphrase that wraps it if one does.
#[derive(Clone, Debug)]
pub struct FileProvider {
    path: PathBuf,
    passphrase: Option<Secret>,
}

impl FileProvider {
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, passphrase: Option<Secret>) -> Self {
        Self {
            path: path.into(),
            passphrase,
        }
    }

    /// Draws a key and writes it, durably, to a file that does not exist yet.
    ///
    /// # Errors
    /// [`Error::Exists`], a weak passphrase, a failed draw, or the file system's error; then no
    /// new file stands there.
    pub fn create(
        path: impl Into<PathBuf>,
        passphrase: Option<Secret>,
        entropy: &dyn Entropy,
    ) -> Result<Self, Error> {
        let provider = Self::new(path, passphrase);
        if let Some(passphrase) = &provider.passphrase {
            check_passphrase(passphrase.expose())?;
        }
        let mut bytes = Zeroizing::new(vec![0; KEY_LENGTH]);
        entropy.fill(&mut bytes)?;
        check_key(&bytes)?; // A source that gives zeros has failed without saying so.
        let key = Secret::new(bytes.to_vec());
        let text = render(&key, provider.passphrase.as_ref(), entropy)?;
        provider.write_new(text.as_bytes())?;
        Ok(provider)
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn write_new(&self, text: &[u8]) -> Result<(), Error> {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&self.path)
            .map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => Error::Exists(self.path.clone()),
                _ => self.failed(error),
            })?;
        let written = file
            .set_permissions(Permissions::from_mode(0o600))
            .and_then(|()| file.write_all(text))
            .and_then(|()| file.sync_all())
            .and_then(|()| File::open(folder_of(&self.path))?.sync_all());
        written.map_err(|error| {
            // Half a key file would stand in the way of the next attempt.
            drop(fs::remove_file(&self.path));
            self.failed(error)
        })
    }

    /// Opens the file, then asks the open file who may read it: the name could change in between.
    fn read(&self) -> Result<Zeroizing<String>, Error> {
        let path = self.resolved()?;
        let file = File::open(&path).map_err(|error| self.failed(error))?;
        let found = file.metadata().map_err(|error| self.failed(error))?;
        let named = fs::symlink_metadata(&path).map_err(|error| self.failed(error))?;
        if (found.dev(), found.ino()) != (named.dev(), named.ino()) {
            return Err(Error::Link(self.path.clone()));
        }
        if !found.is_file() {
            return Err(Error::NotAFile(self.path.clone()));
        }
        if found.mode() & 0o077 != 0 {
            return Err(Error::Mode(self.path.clone()));
        }
        let mut text = Zeroizing::new(String::with_capacity(1024));
        file.take(LONGEST + 1)
            .read_to_string(&mut text)
            .map_err(|error| match error.kind() {
                io::ErrorKind::InvalidData => Error::Format("it is not text"),
                _ => self.failed(error),
            })?;
        if text.len() as u64 > LONGEST {
            return Err(Error::Format("it is too long"));
        }
        Ok(text)
    }

    /// The file itself. Links within its folder are how orchestrators mount secrets; a link that
    /// leads out of it could name any file.
    fn resolved(&self) -> Result<PathBuf, Error> {
        let real = fs::canonicalize(&self.path).map_err(|error| self.failed(error))?;
        let folder = fs::canonicalize(folder_of(&self.path)).map_err(|error| self.failed(error))?;
        if !real.starts_with(folder) {
            return Err(Error::Link(self.path.clone()));
        }
        Ok(real)
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::File {
            path: self.path.clone(),
            source,
        }
    }
}

impl KeyProvider for FileProvider {
    fn open(&self) -> Result<Kek, Error> {
        if let Some(passphrase) = &self.passphrase {
            check_passphrase(passphrase.expose())?;
        }
        let key = parse(&self.read()?, self.passphrase.as_ref())?;
        check_key(key.expose())?;
        Kek::new(key)
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use data_encoding::BASE64;
    use tempfile::{TempDir, tempdir};

    use super::*;
    use crate::keys::SystemEntropy;
    use crate::model::NoEntropy;

    const PASSPHRASE: &str = "zeven zwanen zwemmen";

    fn folder() -> (TempDir, PathBuf) {
        let folder = tempdir().unwrap();
        let path = folder.path().join("kek");
        (folder, path)
    }

    fn create(path: &Path, passphrase: Option<&str>) -> Result<FileProvider, Error> {
        FileProvider::create(
            path,
            passphrase.map(Secret::from),
            &SystemEntropy::default(),
        )
    }

    fn open(path: &Path, passphrase: Option<&str>) -> Result<Kek, Error> {
        FileProvider::new(path, passphrase.map(Secret::from)).open()
    }

    fn write(path: &Path, text: &str) {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
    }

    fn plain(key: &[u8]) -> String {
        format!("sluis-key-1\nkey: {}\n", BASE64.encode(key))
    }

    #[test]
    fn a_created_key_opens_again_and_only_its_owner_can_read_it() {
        let (_folder, path) = folder();
        let created = create(&path, None).unwrap().open().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        let again = open(&path, None).unwrap();
        assert_eq!(created.id(), again.id());
        assert!(created.key().matches(again.key().expose()));
    }

    #[test]
    fn a_key_file_is_never_written_over() {
        let (_folder, path) = folder();
        let before = create(&path, None).unwrap().open().unwrap();
        assert!(matches!(create(&path, None), Err(Error::Exists(_))));
        assert_eq!(open(&path, None).unwrap().id(), before.id());
    }

    #[test]
    fn a_file_that_others_can_read_is_refused_with_the_remedy() {
        let (_folder, path) = folder();
        create(&path, None).unwrap();
        for mode in [0o640, 0o604, 0o620, 0o644, 0o660] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let error = open(&path, None).unwrap_err();
            assert!(error.to_string().contains("chmod 600"), "{mode:o}: {error}");
        }
        fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
        open(&path, None).unwrap();
    }

    #[test]
    fn a_passphrase_opens_what_it_wrapped_and_no_other_does() {
        let (_folder, path) = folder();
        create(&path, Some(PASSPHRASE)).unwrap();
        open(&path, Some(PASSPHRASE)).unwrap();
        assert!(matches!(
            open(&path, Some("zeven zwanen zwommen")),
            Err(Error::PassphraseWrong)
        ));
        assert!(matches!(open(&path, None), Err(Error::PassphraseMissing)));
        assert!(matches!(
            open(&path, Some("kort")),
            Err(Error::PassphraseWeak(_))
        ));
    }

    #[test]
    fn a_passphrase_for_an_unwrapped_file_is_an_error() {
        let (_folder, path) = folder();
        create(&path, None).unwrap();
        assert!(matches!(
            open(&path, Some(PASSPHRASE)),
            Err(Error::PassphraseUnused)
        ));
    }

    #[test]
    fn the_cost_of_the_passphrase_can_be_neither_lowered_nor_raised() {
        let (_folder, path) = folder();
        create(&path, Some(PASSPHRASE)).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("m=65536 t=3 p=1"), "the file states its cost");
        for cost in ["m=8 t=1 p=1", "m=65536 t=1 p=1", "m=4000000 t=3 p=1"] {
            write(&path, &text.replace("m=65536 t=3 p=1", cost));
            assert!(
                matches!(open(&path, Some(PASSPHRASE)), Err(Error::Format(_))),
                "{cost}"
            );
        }
        write(&path, &text.replace("m=65536 t=3 p=1", "m=65536 t=4 p=1"));
        assert!(matches!(
            open(&path, Some(PASSPHRASE)),
            Err(Error::PassphraseWrong)
        ));
    }

    #[test]
    fn weak_and_wrong_keys_are_refused() {
        let (_folder, path) = folder();
        for key in [vec![0; 32], (0..32).collect(), [1, 2, 3, 4].repeat(8)] {
            write(&path, &plain(&key));
            assert!(matches!(open(&path, None), Err(Error::Weak(_))));
        }
        write(&path, &plain(&[7; 16]));
        assert!(matches!(open(&path, None), Err(Error::Length)));
    }

    #[test]
    fn a_file_of_another_form_is_refused() {
        let (_folder, path) = folder();
        create(&path, None).unwrap();
        let good = fs::read_to_string(&path).unwrap();
        for wrong in [
            String::new(),
            "\n".to_owned(),
            good.replace("sluis-key-1", "sluis-key-2"),
            good.replace("key: ", "key:"),
            good.replace("key: ", "kdf: "),
            format!("{good}\n"),
            format!("{good}key: AAAA\n"),
            good.repeat(200),
        ] {
            write(&path, &wrong);
            assert!(
                matches!(open(&path, None), Err(Error::Format(_))),
                "{wrong}"
            );
        }
        write(&path, &good);
        open(&path, None).unwrap();
    }

    #[test]
    fn a_link_may_lead_within_the_folder_and_not_out_of_it() {
        let (folder, path) = folder();
        create(&path, None).unwrap();
        let inside = folder.path().join("link");
        symlink(&path, &inside).unwrap();
        open(&inside, None).unwrap();

        let elsewhere = tempdir().unwrap();
        let outside = elsewhere.path().join("link");
        symlink(&path, &outside).unwrap();
        assert!(matches!(open(&outside, None), Err(Error::Link(_))));
        assert!(matches!(
            open(folder.path(), None),
            Err(Error::Link(_) | Error::NotAFile(_))
        ));
    }

    #[test]
    fn a_failed_source_of_randomness_leaves_no_file() {
        struct Zeros;
        impl Entropy for Zeros {
            fn fill(&self, out: &mut [u8]) -> Result<(), NoEntropy> {
                out.fill(0);
                Ok(())
            }
        }
        let (_folder, path) = folder();
        assert!(matches!(
            FileProvider::create(&path, None, &Zeros),
            Err(Error::Weak(_))
        ));
        assert!(!path.exists());
    }

    #[test]
    fn no_error_and_no_debug_text_shows_the_passphrase_or_the_key() {
        let (_folder, path) = folder();
        let provider = create(&path, Some(PASSPHRASE)).unwrap();
        let kek = provider.open().unwrap();
        let printed = format!("{provider:?} {kek:?}");
        assert!(!printed.contains("zwanen") && printed.contains("Secret(..)"));
    }
}
