//! The text files of `content/`, from the binary or from a folder.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use include_dir::{Dir, include_dir};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/content");

/// Texts by their path inside `content/`, with `/` between folders.
#[derive(Debug, Clone, Default)]
pub struct Files {
    texts: BTreeMap<String, String>,
}

impl Files {
    /// Those that the binary carries.
    pub fn embedded() -> Self {
        let mut files = Self::default();
        files.add_embedded(&EMBEDDED);
        files
    }

    /// Those of a folder on disk. A file that is not UTF-8 is an error.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let mut files = Self::default();
        let mut folders = vec![PathBuf::from(folder)];
        while let Some(next) = folders.pop() {
            for entry in fs::read_dir(&next)? {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    folders.push(entry.path());
                } else {
                    let text =
                        fs::read_to_string(entry.path()).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", entry.path().display())))?;
                    files.texts.insert(name_in(folder, &entry.path()), text);
                }
            }
        }
        Ok(files)
    }

    /// Adds or replaces one, for tests that need a course with a fault in it.
    pub fn insert(&mut self, path: &str, text: impl Into<String>) {
        self.texts.insert(path.to_owned(), text.into());
    }

    /// Takes one out.
    pub fn remove(&mut self, path: &str) -> Option<String> {
        self.texts.remove(path)
    }

    /// One file's text.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// Paths and texts directly in `folder`, by name.
    pub fn in_folder<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.texts
            .iter()
            .filter(move |(path, _)| path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')).is_some_and(|name| !name.contains('/')))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    fn add_embedded(&mut self, folder: &Dir<'_>) {
        for file in folder.files() {
            if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
                self.texts.insert(path.replace('\\', "/"), text.to_owned());
            }
        }
        for inner in folder.dirs() {
            self.add_embedded(inner);
        }
    }
}

fn name_in(folder: &Path, path: &Path) -> String {
    let parts = path.strip_prefix(folder).unwrap_or(path).components();
    parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
