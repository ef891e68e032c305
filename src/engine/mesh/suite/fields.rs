//! A mapping whose keys are known, read with the place of everything that is wrong with it.

use serde::de::DeserializeOwned;

use super::SuiteError;
use crate::engine::{
    diagnostic::closest,
    manifest::{Document, Entry, Node, Value},
};

/// A mapping and where it stands.
pub(super) struct Fields<'a> {
    document: &'a Document,
    node: &'a Node,
    /// For example `requests[2].token`; empty for the whole file.
    path: String,
}

impl<'a> Fields<'a> {
    /// Refuses what is no mapping, and keys that are none of `known`.
    pub(super) fn new(document: &'a Document, node: &'a Node, path: String, known: &[&str]) -> Result<Self, SuiteError> {
        let fields = Self { document, node, path };
        if !matches!(node.value, Value::Map(_)) {
            return Err(fields.fault(node, String::new(), format!("it is {}, not a mapping with {}", node.kind_name(), known.join(", "))));
        }
        match node.entries().iter().find(|entry| !known.contains(&entry.key.as_str())) {
            Some(entry) => {
                let near = closest(&entry.key, known.iter().copied()).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
                let key: String = entry.key.chars().take(60).collect();
                Err(fields.fault_at(entry, format!("there is no such field here{near} There are {}", known.join(", ")), &key))
            }
            None => Ok(fields),
        }
    }

    /// A field that may be absent.
    pub(super) fn get<T: DeserializeOwned + Default>(&self, key: &str) -> Result<T, SuiteError> {
        let Some(entry) = self.node.entry(key).filter(|entry| !entry.value.is_null()) else { return Ok(T::default()) };
        serde_json::from_value(entry.value.to_json()).map_err(|error| self.fault_at(entry, error.to_string(), key))
    }

    /// Text, a number counting as such.
    pub(super) fn text(&self, key: &str) -> Result<String, SuiteError> {
        let Some(entry) = self.node.entry(key).filter(|entry| !entry.value.is_null()) else { return Ok(String::new()) };
        scalar(&entry.value).ok_or_else(|| self.fault_at(entry, format!("it is {}, not text", entry.value.kind_name()), key))
    }

    /// Lines: a list of them, or a text with one a line; each with its place.
    pub(super) fn lines(&self, key: &str) -> Result<Vec<(String, &'a Node)>, SuiteError> {
        let Some(entry) = self.node.entry(key).filter(|entry| !entry.value.is_null()) else { return Ok(Vec::new()) };
        if let Some(text) = entry.value.as_str() {
            return Ok(text.lines().map(|line| (line.to_owned(), &entry.value)).collect());
        }
        // `expect: 200` is a line as well.
        if entry.value.as_whole().is_some() {
            return Ok(vec![(self.text(key)?, &entry.value)]);
        }
        let line = |item: &'a Node| match (scalar(item), item.entries()) {
            (Some(text), _) => Ok((text, item)),
            // To YAML `header x-env: canary` is a mapping of one key.
            (None, [only]) if scalar(&only.value).is_some() => Ok((format!("{}: {}", only.key, scalar(&only.value).unwrap_or_default()), item)),
            _ => Err(self.fault(item, format!(".{key}"), format!("a line is text, not {}; put it in quotes", item.kind_name()))),
        };
        let is_list = matches!(entry.value.value, Value::Seq(_));
        if is_list { entry.value.items().iter().map(line).collect() } else { Err(self.fault_at(entry, "it is no list of lines".into(), key)) }
    }

    /// A mapping within, where it is there.
    pub(super) fn within(&self, key: &str, known: &[&str]) -> Result<Option<Self>, SuiteError> {
        let Some(entry) = self.node.entry(key).filter(|entry| !entry.value.is_null()) else { return Ok(None) };
        Self::new(self.document, &entry.value, self.path_of(key), known).map(Some)
    }

    /// The node of a field.
    pub(super) fn node(&self, key: &str) -> Option<&'a Node> {
        self.node.entry(key).map(|entry| &entry.value).filter(|node| !node.is_null())
    }

    /// What is wrong with a field, or with the mapping that lacks it.
    pub(super) fn wrong(&self, key: &str, message: impl Into<String>) -> SuiteError {
        match self.node.entry(key) {
            Some(entry) => self.fault_at(entry, message.into(), key),
            None => self.fault(self.node, format!(".{key}"), message.into()),
        }
    }

    /// What is wrong with something in a field.
    pub(super) fn wrong_at(&self, node: &Node, key: &str, message: impl Into<String>) -> SuiteError {
        self.fault(node, format!(".{key}"), message.into())
    }

    fn fault_at(&self, entry: &Entry, message: String, key: &str) -> SuiteError {
        SuiteError { line: self.document.file.position(entry.key_span.start()).line, field: self.path_of(key), message }
    }

    fn fault(&self, node: &Node, below: String, message: String) -> SuiteError {
        let field = format!("{}{below}", self.path).trim_start_matches('.').to_owned();
        SuiteError { line: self.document.file.position(node.span.start()).line, field, message }
    }

    pub(super) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

/// Text, or a number as text.
pub(super) fn scalar(node: &Node) -> Option<String> {
    match node.to_json() {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
