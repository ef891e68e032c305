//! The folder of one replay: everything that Envoy reads and writes is in it, and it is gone with the replay.
//!
//! A program that is killed cannot put its folder away, so the next one does. Whose folder is in use is told by a lock on a file in
//! it, which the system lets go of when its holder dies, however it dies.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Once,
};

use serde_json::Value;
use tempfile::TempDir;

use super::ReplayError;

const PREFIX: &str = "meshwright-replay-";
/// The file that is locked as long as the folder is in use.
const LOCK: &str = "in-use";

/// A private folder; the system lets nobody else look into it.
#[derive(Debug)]
pub(super) struct Folder {
    // Dropped in this order: a folder that is gone needs no lock.
    folder: TempDir,
    _lock: File,
}

impl Folder {
    pub(super) fn new() -> Result<Self, ReplayError> {
        static SWEPT: Once = Once::new();
        SWEPT.call_once(|| sweep(&std::env::temp_dir()));
        Self::in_folder(&std::env::temp_dir()).map_err(ReplayError::machine("make a folder for the replay"))
    }

    fn in_folder(parent: &Path) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
        // It has its name only when it is locked, so that nobody finds it free in between.
        let path = folder.path().join("new");
        let lock = File::create(&path)?;
        lock.lock()?;
        fs::rename(&path, folder.path().join(LOCK))?;
        Ok(Self { folder, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn bootstrap(&self) -> PathBuf {
        self.path().join("bootstrap.json")
    }

    /// The socket of Envoy's admin interface: a file, so that nobody else can reach it.
    pub(super) fn admin(&self) -> PathBuf {
        self.path().join("admin")
    }

    /// The access log.
    pub(super) fn journal(&self) -> PathBuf {
        self.path().join("journal")
    }

    /// What Envoy complains about.
    pub(super) fn complaints(&self) -> PathBuf {
        self.path().join("complaints")
    }

    /// Certificates that never come.
    pub(super) fn no_secrets(&self) -> PathBuf {
        self.path().join("no-secrets.json")
    }

    pub(super) fn write_bootstrap(&self, bootstrap: &Value) -> Result<(), ReplayError> {
        write(&self.bootstrap(), bootstrap)
    }

    pub(super) fn write_no_secrets(&self, answer: &Value) -> Result<(), ReplayError> {
        write(&self.no_secrets(), answer)
    }
}

/// Puts away the folders of replays that were killed. What cannot be put away stays: it is in nobody's way.
fn sweep(parent: &Path) {
    let own = rustix::process::geteuid().as_raw();
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX) && entry.metadata().is_ok_and(|folder| folder.is_dir() && folder.uid() == own);
        if is_ours && is_left(&entry.path()) {
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}

/// Whether nobody holds the lock any more.
fn is_left(folder: &Path) -> bool {
    File::open(folder.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok())
}

fn write(path: &Path, value: &Value) -> Result<(), ReplayError> {
    std::fs::write(path, value.to_string()).map_err(ReplayError::machine("write the configuration of the replay"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_nobody_holds_is_swept_and_one_in_use_is_not() {
        let parent = tempfile::tempdir().unwrap();
        let used = Folder::in_folder(parent.path()).unwrap();
        // What a killed process leaves: the folder and its file, without the lock.
        let left = parent.path().join(format!("{PREFIX}left"));
        let (beginning, elsewhere) = (parent.path().join(format!("{PREFIX}beginning")), parent.path().join("else"));
        for folder in [&left, &beginning, &elsewhere] {
            fs::create_dir(folder).unwrap();
        }
        fs::write(left.join(LOCK), "").unwrap();
        fs::write(elsewhere.join(LOCK), "").unwrap();
        sweep(parent.path());
        assert!(used.path().exists() && !left.exists());
        assert!(beginning.exists() && elsewhere.exists(), "one that is being made, and what is not ours");
    }
}
