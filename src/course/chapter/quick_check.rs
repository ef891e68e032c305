//! A question between two sections, answered in place.

use serde::Deserialize;

use crate::course::{
    html::SafeHtml,
    markdown::{self, Site},
    reading::Reading,
};

/// The question.
#[derive(Debug)]
pub struct QuickCheck {
    /// Its number in the chapter, from 1.
    pub number: usize,
    /// The line of its fence.
    pub line: usize,
    /// What is asked.
    pub prompt: SafeHtml,
    /// What can be answered.
    pub options: Vec<CheckOption>,
}

/// A possible answer.
#[derive(Debug)]
pub struct CheckOption {
    /// The answer.
    pub text: SafeHtml,
    /// Whether it is right.
    pub correct: bool,
    /// Why it is, or is not.
    pub why: SafeHtml,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    prompt: String,
    options: Vec<WrittenOption>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenOption {
    text: String,
    #[serde(default)]
    correct: bool,
    #[serde(default)]
    why: String,
}

/// Reads the YAML inside the fence.
pub(super) fn read(yaml: &str, number: usize, site: Site<'_>, reading: &mut Reading) -> Option<QuickCheck> {
    match serde_yaml::from_str::<Written>(yaml) {
        Ok(written) => {
            let prompt = markdown::blocks(&written.prompt, site, reading);
            let options = written.options.iter().map(|option| CheckOption {
                text: markdown::inline(&option.text, site, reading),
                correct: option.correct,
                why: markdown::inline(&option.why, site, reading),
            });
            let options = options.collect();
            Some(QuickCheck { number, line: site.line, prompt, options })
        }
        Err(error) => {
            let line = site.line + error.location().map_or(0, |place| place.line());
            reading.fault(site.path, line, format!("the quick check cannot be read: {error}"));
            None
        }
    }
}
