//! The data folder: databases, their logs, and what SQLite puts beside them for a moment.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use crate::store::Error;

/// Makes the data folder where there is none, for its owner alone. One that exists stays as it is:
/// an operator may let a backup's group in, and each file in it is its owner's own.
///
/// # Errors
/// When it cannot be made, or the path is a file.
pub fn make_folder(path: &Path) -> Result<(), Error> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|source| Error::file(path, source))
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_data_folder_is_its_owners_alone() {
        let above = tempfile::tempdir().unwrap();
        let data = above.path().join("sluis/data");
        make_folder(&data).unwrap();
        assert_eq!(mode(&data), 0o700);
        assert_eq!(mode(data.parent().unwrap()), 0o700);

        set_permissions(&data, Permissions::from_mode(0o750)).unwrap();
        make_folder(&data).unwrap();
        assert_eq!(mode(&data), 0o750, "one that exists is left as it is");
    }

    #[test]
    fn a_file_in_its_place_is_an_error() {
        let above = tempfile::tempdir().unwrap();
        let path = above.path().join("data");
        std::fs::write(&path, "").unwrap();
        assert!(make_folder(&path).is_err());
    }
}
