//! The folder of one replay: everything that Envoy reads and writes is in it, and it is gone with the replay.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::ReplayError;

/// A private folder; the system lets nobody else look into it.
#[derive(Debug)]
pub(super) struct Folder(TempDir);

impl Folder {
    pub(super) fn new() -> Result<Self, ReplayError> {
        tempfile::Builder::new().prefix("meshwright-replay-").tempdir().map(Self).map_err(ReplayError::machine("make a folder for the replay"))
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
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

fn write(path: &Path, value: &Value) -> Result<(), ReplayError> {
    std::fs::write(path, value.to_string()).map_err(ReplayError::machine("write the configuration of the replay"))
}
