//! Reading FILES and writing answers, the same way for every command.

use std::{
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde::Serialize;

use crate::engine::manifest::{self, Manifest};

/// Reads paths, folders (recursively, `.yaml .yml .json`, in the order of their names) and `-` for standard input.
pub(super) fn read_all(paths: &[PathBuf]) -> Result<Vec<Manifest>> {
    let mut inputs = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
            inputs.push(manifest::read_bytes("-", &bytes).1);
        } else if path.is_dir() {
            read_folder(path, &mut inputs)?;
        } else {
            inputs.push(read_file(path)?);
        }
    }
    Ok(inputs)
}

fn read_folder(folder: &Path, inputs: &mut Vec<Manifest>) -> Result<()> {
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

fn read_file(path: &Path) -> Result<Manifest> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(manifest::read_bytes(&path.to_string_lossy(), &bytes).1)
}

/// Writes a line to standard output. A reader that has gone away is no fault of ours.
pub(super) fn print_line(text: &str) -> Result<()> {
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error).context("cannot write to standard output"),
        _ => Ok(()),
    }
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
