//! The policy's file and that of its cases, where the store of versions is the truth: written whole
//! or not at all, and watched, because somebody may edit it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use rustix::fs::OFlags;

use crate::review::{LONGEST, Text};

/// Two files of one policy.
#[derive(Debug)]
pub(in crate::app) struct PolicyFile {
    policy: PathBuf,
    cases: PathBuf,
    /// What the files were when they were last read.
    seen: Option<[Option<Mark>; 2]>,
}

/// What changes whenever a file does, whoever sets its times back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Mark {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl PolicyFile {
    pub(in crate::app) fn new(policy: &Path) -> Self {
        Self {
            policy: policy.to_owned(),
            cases: policy.with_extension("cases.toml"),
            seen: None,
        }
    }

    /// What stands in the files; no cases where there is no such file.
    pub(in crate::app) fn read(&self) -> anyhow::Result<Text> {
        let policy = read(&self.policy);
        let policy = policy.with_context(|| format!("the policy {}", self.policy.display()))?;
        let cases = match read(&self.cases) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            cases => cases.with_context(|| format!("the cases {}", self.cases.display()))?,
        };
        Ok(Text { policy, cases })
    }

    /// That there is one file of cases: the store keeps one.
    pub(in crate::app) fn check_single(&self) -> anyhow::Result<()> {
        let stem = self
            .policy
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        for entry in fs::read_dir(folder(&self.policy))? {
            let path = entry?.path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let rest = name.strip_prefix(&format!("{stem}."));
            if path != self.cases && rest.is_some_and(|rest| rest.ends_with(".cases.toml")) {
                bail!(
                    "join {} into {} first",
                    path.display(),
                    self.cases.display()
                );
            }
        }
        Ok(())
    }

    /// Whether a file is another than at the last look; the first look says yes.
    pub(in crate::app) fn changed(&mut self) -> bool {
        let now = Some([mark(&self.policy), mark(&self.cases)]);
        let changed = self.seen != now;
        self.seen = now;
        changed
    }

    /// Puts a version into the files. What stood there and is no version is kept beside them, under
    /// `keep`.
    pub(in crate::app) fn write(&self, text: &Text, keep: Option<&str>) -> anyhow::Result<()> {
        for (path, text) in [(&self.policy, &text.policy), (&self.cases, &text.cases)] {
            if text.is_empty() && !path.exists() {
                continue;
            }
            if let (Some(keep), Ok(found)) = (keep, read(path)) {
                put_beside(path, keep, &found)
                    .with_context(|| format!("what stood in {}", path.display()))?;
            }
            replace(path, text).with_context(|| format!("{}", path.display()))?;
        }
        Ok(())
    }
}

/// Writes beside, then puts it in its place, then makes both durable: at any moment the file is the
/// old one or the new one.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = folder(path);
    let mode = path
        .metadata()
        .map_or(0o640, |metadata| metadata.mode() & 0o777);
    let mut beside = tempfile::Builder::new()
        .prefix(".sluis-policy-")
        .tempfile_in(folder)?;
    beside.write_all(text.as_bytes())?;
    beside
        .as_file()
        .set_permissions(fs::Permissions::from_mode(mode))?;
    beside.as_file().sync_all()?;
    beside.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

/// Keeps a text under a name that nobody has: whoever may write in the folder could have put a link
/// to another place there.
fn put_beside(path: &Path, keep: &str, text: &str) -> io::Result<()> {
    let names = (1..100).map(|times| match times {
        1 => format!("toml.{keep}"),
        times => format!("toml.{keep}-{times}"),
    });
    for name in names {
        let mut new = OpenOptions::new();
        new.write(true).create_new(true).mode(0o640);
        match new.open(path.with_extension(name)) {
            Ok(mut file) => {
                file.write_all(text.as_bytes())?;
                return file.sync_all();
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Reads a file that is no link: that would lead whoever reads drafts to any file that we may read.
fn read(path: &Path) -> io::Result<String> {
    read_as(path, OFlags::NOFOLLOW)
}

/// Reads a file of whose text nothing is shown before it is known.
pub(in crate::app) fn read_linked(path: &Path) -> io::Result<String> {
    read_as(path, OFlags::empty())
}

/// Reads what is a file: a pipe would hold the reader up for ever.
fn read_as(path: &Path, flags: OFlags) -> io::Result<String> {
    let mut text = String::new();
    let most = LONGEST as u64 + 1;
    let flags = flags | OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("this is no file"));
    }
    let read = file.take(most).read_to_string(&mut text)?;
    match read <= LONGEST {
        true => Ok(text),
        false => Err(io::ErrorKind::FileTooLarge.into()),
    }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn mark(path: &Path) -> Option<Mark> {
    let metadata = path.symlink_metadata().ok()?;
    Some(Mark {
        device: metadata.dev(),
        inode: metadata.ino(),
        size: metadata.size(),
        modified: (metadata.mtime(), metadata.mtime_nsec()),
        changed: (metadata.ctime(), metadata.ctime_nsec()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(policy: &str, cases: &str) -> Text {
        Text {
            policy: policy.to_owned(),
            cases: cases.to_owned(),
        }
    }

    #[test]
    fn a_version_takes_the_place_of_the_files_and_what_was_foreign_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.toml");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let mut file = PolicyFile::new(&path);
        assert!(file.changed() && !file.changed());
        file.write(&text("new", ""), None).unwrap();
        assert!(file.changed());
        assert_eq!(file.read().unwrap(), text("new", ""));
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o644);
        file.write(&text("newer", "cases"), Some("found")).unwrap();
        assert_eq!(file.read().unwrap(), text("newer", "cases"));
        let names = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = names.collect();
        names.sort();
        assert_eq!(names, ["p.cases.toml", "p.toml", "p.toml.found"]);
    }

    #[test]
    fn a_file_whose_time_is_set_back_has_changed_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.toml");
        fs::write(&path, "one").unwrap();
        let before = path.metadata().unwrap().modified().unwrap();
        let mut file = PolicyFile::new(&path);
        assert!(file.changed());
        fs::write(&path, "two").unwrap();
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(before)
            .unwrap();
        assert!(file.changed());
    }

    #[test]
    fn neither_a_link_nor_a_pipe_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let (secret, path) = (folder.path().join("key.pem"), folder.path().join("p.toml"));
        fs::write(&secret, "secret").unwrap();
        std::os::unix::fs::symlink(&secret, &path).unwrap();
        assert!(PolicyFile::new(&path).read().is_err());
        let text = text("version = 1\n", "");
        PolicyFile::new(&path).write(&text, Some("found")).unwrap();
        assert_eq!(fs::read_to_string(&secret).unwrap(), "secret");
        assert_eq!(PolicyFile::new(&path).read().unwrap(), text);
        let pipe = folder.path().join("pipe.toml");
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        assert!(PolicyFile::new(&pipe).read().is_err());
    }

    #[test]
    fn several_files_of_cases_are_to_be_joined_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.toml");
        let file = PolicyFile::new(&path);
        for name in ["p.toml", "p.cases.toml", "other.cases.toml"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        file.check_single().unwrap();
        fs::write(folder.path().join("p.more.cases.toml"), "").unwrap();
        assert!(file.check_single().is_err());
    }
}
