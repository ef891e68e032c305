//! The head of a chapter's file: YAML between two lines of `---`.

use serde::Deserialize;

use crate::course::reading::Reading;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FrontMatter {
    pub title: String,
    pub summary: String,
    pub minutes: u32,
    pub objectives: Vec<String>,
    pub competencies: Vec<String>,
    #[serde(default)]
    pub sources: Vec<Source>,
}

/// A page outside that a chapter refers to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its title.
    pub title: String,
    /// Its address.
    pub url: String,
}

/// The head, and the offset at which the text begins.
pub(super) fn read(path: &str, text: &str, reading: &mut Reading) -> Option<(FrontMatter, usize)> {
    const FENCE: &str = "---\n";
    let Some((head, _)) = text.strip_prefix(FENCE).and_then(|rest| rest.split_once("\n---\n")) else {
        reading.fault(path, 1, "the file must begin with front matter between two lines of ---");
        return None;
    };
    match serde_yaml::from_str(head) {
        Ok(front) => Some((front, FENCE.len() + head.len() + "\n---\n".len())),
        Err(error) => {
            let line = error.location().map_or(1, |place| place.line() + 1);
            reading.fault(path, line, format!("the front matter cannot be read: {error}"));
            None
        }
    }
}
