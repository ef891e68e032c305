//! `rules.yaml`: the codes by what they are about, in the order in which the list shows them.

use serde::Deserialize;

use crate::course::{
    Files,
    reading::{Reading, Target, line_of},
};

/// Where the list lies in `content/`.
pub(in crate::course) const PATH: &str = "rules.yaml";

/// What some codes are about.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Short name, unique.
    pub id: String,
    /// Title.
    pub title: String,
    /// Where the course teaches it, `chapter` or `chapter#anchor`.
    #[serde(default)]
    pub teaches: Option<String>,
    /// The codes, by their ids.
    pub codes: Vec<String>,
}

impl Subject {
    /// The place in the course that teaches it.
    pub fn target(&self) -> Option<Target> {
        self.teaches.as_deref().map(Target::parse)
    }
}

/// Reads the list; a course without it has no rules.
pub(in crate::course) fn subjects(files: &Files, reading: &mut Reading) -> Vec<Subject> {
    let Some(text) = files.text(PATH) else { return Vec::new() };
    match serde_yaml::from_str::<Vec<Subject>>(text) {
        Ok(subjects) => {
            for target in subjects.iter().filter_map(Subject::target) {
                reading.point(PATH, line_of(text, &format!("teaches: {target}")), target);
            }
            subjects
        }
        Err(error) => {
            reading.fault(PATH, error.location().map_or(1, |place| place.line()), format!("the subjects cannot be read: {error}"));
            Vec::new()
        }
    }
}
