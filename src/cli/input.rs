//! Reading FILES and writing answers, the same way for every command.

use std::{
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result};
use serde::Serialize;

use crate::engine::{
    manifest::{self, Limits, Manifest},
    source::SourceFile,
};

/// A text and what it holds.
#[derive(Debug, Clone)]
pub(super) struct Input {
    /// The text.
    pub file: Arc<SourceFile>,
    /// Its documents.
    pub manifest: Manifest,
}

impl Input {
    /// Reads a text under the name that messages call it by.
    pub fn new(name: &str, text: &str) -> Self {
        Self::from_bytes(name, text.as_bytes())
    }

    fn from_bytes(name: &str, bytes: &[u8]) -> Self {
        let (file, manifest) = manifest::read_bytes(name, bytes, limits());
        Self { file, manifest }
    }
}

/// Whoever runs the program reads files of their own, which may hold a whole cluster; what they cost is theirs to say.
fn limits() -> Limits {
    Limits { bytes: 1 << 30, documents: 1_000_000, ..Limits::default() }
}

/// What [`read_all`] reads, without the texts.
pub(super) fn read_manifests(paths: &[PathBuf]) -> Result<Vec<Manifest>> {
    Ok(read_all(paths)?.into_iter().map(|input| input.manifest).collect())
}

/// Reads paths, folders (recursively, `.yaml .yml .json`, in the order of their names) and `-` for standard input.
pub(super) fn read_all(paths: &[PathBuf]) -> Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
            inputs.push(Input::from_bytes("-", &bytes));
        } else if path.is_dir() {
            read_folder(path, &mut inputs)?;
        } else {
            inputs.push(read_file(path)?);
        }
    }
    Ok(inputs)
}

fn read_folder(folder: &Path, inputs: &mut Vec<Input>) -> Result<()> {
    let unreadable = || format!("cannot read the folder {}", folder.display());
    let mut entries = std::fs::read_dir(folder).with_context(unreadable)?.collect::<io::Result<Vec<_>>>().with_context(unreadable)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type().with_context(unreadable)?);
        if kind.is_dir() {
            read_folder(&path, inputs)?;
        } else if matches!(path.extension().and_then(|e| e.to_str()), Some("yaml" | "yml" | "json")) {
            inputs.push(read_file(&path)?);
        }
    }
    Ok(())
}

fn read_file(path: &Path) -> Result<Input> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Input::from_bytes(&path.to_string_lossy(), &bytes))
}

/// Writes a line to standard output. A reader that has gone away is no fault of ours.
pub(super) fn print_line(text: &str) -> Result<()> {
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error).context("cannot write to standard output"),
        _ => Ok(()),
    }
}

/// Leaves a value to the end of the process, which comes sooner than thousands of small allocations could be given back one by one.
pub(super) fn keep<T>(value: T) {
    std::mem::forget(value);
}

/// Writes a value as JSON for people and programs.
pub(super) fn print_json(value: &impl Serialize) -> Result<()> {
    print_line(&serde_json::to_string_pretty(value)?)
}

/// One line on standard error.
pub(super) fn complain(message: &str) {
    // Nobody is left to tell if standard error is gone.
    drop(writeln!(io::stderr().lock(), "meshwright: {message}"));
}
