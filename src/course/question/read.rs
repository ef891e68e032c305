//! From `questions/<slug>.yaml` to questions.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Blank, Choice, Item, Prediction, Question, QuestionKind, WrongAnswer};
use crate::course::{
    html::{SafeHtml, escape},
    markdown::{self, Site},
    reading::{Reading, Target, line_of},
    trial::{self, Trial},
};

/// A question as written: the fields of all kinds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    kind: Kind,
    competency: String,
    teaches: String,
    prompt: String,
    options: Option<Vec<WrittenOption>>,
    items: Option<Vec<WrittenOption>>,
    answers: Option<Vec<String>>,
    why: Option<String>,
    wrong: Option<Vec<WrittenOption>>,
    world: Option<String>,
    from: Option<String>,
    request: Option<String>,
    headers: Option<BTreeMap<String, String>>,
    yaml: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Single,
    Multiple,
    Ordering,
    Fill,
    Predict,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenOption {
    #[serde(default)]
    text: String,
    outcome: Option<String>,
    correct: Option<bool>,
    #[serde(default)]
    why: String,
}

/// Reads the quiz of a chapter.
pub(in crate::course) fn read(path: &str, chapter: &str, text: &str, reading: &mut Reading) -> Vec<Question> {
    match serde_yaml::from_str::<Vec<Written>>(text) {
        Ok(all) => all.into_iter().filter_map(|written| question(written, path, chapter, text, reading)).collect(),
        Err(error) => {
            reading.fault(path, error.location().map_or(1, |place| place.line()), format!("the questions cannot be read: {error}"));
            Vec::new()
        }
    }
}

fn question(written: Written, path: &str, chapter: &str, text: &str, reading: &mut Reading) -> Option<Question> {
    let site = Site { path, line: line_of(text, &format!("id: {}\n", written.id)) };
    for name in strange_fields(&written) {
        reading.fault(site.path, site.line, format!("{}: a question of this kind has no {name}", written.id));
    }
    let teaches = Target::parse(&written.teaches);
    if teaches.anchor.is_none() {
        reading.fault(site.path, site.line, format!("{}: teaches names a chapter only; write chapter#anchor of the paragraph", written.id));
    }
    reading.point(path, site.line, teaches.clone());
    let prompt = markdown::blocks(&written.prompt, site, reading);
    let (id, competency) = (written.id.clone(), written.competency.clone());
    let kind = kind(written, site, reading)?;
    Some(Question { id, chapter: chapter.to_owned(), competency, teaches, prompt, kind, path: path.to_owned(), line: site.line })
}

fn kind(written: Written, site: Site<'_>, reading: &mut Reading) -> Option<QuestionKind> {
    let id = written.id;
    let mut missing = |name: &str| reading.fault(site.path, site.line, format!("{id}: {name} are missing"));
    match written.kind {
        Kind::Single | Kind::Multiple => {
            let Some(options) = written.options else {
                missing("options");
                return None;
            };
            let options = options.into_iter().map(|option| choice(option, site, reading)).collect();
            Some(if written.kind == Kind::Single { QuestionKind::Single(options) } else { QuestionKind::Multiple(options) })
        }
        Kind::Ordering => {
            let Some(items) = written.items else {
                missing("items");
                return None;
            };
            let items = items.into_iter().map(|item| Item {
                text: markdown::inline(&item.text, site, reading),
                why: markdown::inline(&item.why, site, reading),
                plain: item.text,
            });
            Some(QuestionKind::Ordering(items.collect()))
        }
        Kind::Fill => {
            let Some(answers) = written.answers else {
                missing("answers");
                return None;
            };
            let why = markdown::inline(&written.why.unwrap_or_default(), site, reading);
            let wrong = written.wrong.unwrap_or_default().into_iter();
            let wrong = wrong.map(|wrong| WrongAnswer { why: markdown::inline(&wrong.why, site, reading), text: wrong.text }).collect();
            Some(QuestionKind::Fill(Blank { answers, why, wrong }))
        }
        Kind::Predict => {
            let (Some(options), Some(yaml)) = (written.options, written.yaml) else {
                missing("options or yaml");
                return None;
            };
            let request = match (written.from, written.request) {
                (Some(from), Some(line)) => Some(trial::request(&from, &line, written.headers.unwrap_or_default())),
                (None, None) => None,
                _ => {
                    missing("either from or request");
                    return None;
                }
            };
            let html = markdown::highlight("yaml", &yaml);
            let trial = Trial { world: written.world.unwrap_or_else(|| "bookinfo".into()), yaml, request };
            let options = options.into_iter().map(|option| outcome(option, site, reading)).collect();
            Some(QuestionKind::Predict(Prediction { html, trial, tried: None, options }))
        }
    }
}

fn choice(option: WrittenOption, site: Site<'_>, reading: &mut Reading) -> Choice {
    if option.outcome.is_some() {
        reading.fault(site.path, site.line, "an option has text here; outcomes belong to predict questions");
    }
    Choice {
        text: markdown::inline(&option.text, site, reading),
        plain: option.text,
        correct: option.correct.unwrap_or_default(),
        why: markdown::inline(&option.why, site, reading),
    }
}

/// An option of a prediction; which one is right is computed later.
fn outcome(option: WrittenOption, site: Site<'_>, reading: &mut Reading) -> Choice {
    if option.correct.is_some() || !option.text.is_empty() {
        reading.fault(site.path, site.line, "an option of a predict question has an outcome and a why; the engine decides which is correct");
    }
    let plain = option.outcome.unwrap_or_default();
    Choice { text: SafeHtml::trust(format!("<code>{}</code>", escape(&plain))), plain, correct: false, why: markdown::inline(&option.why, site, reading) }
}

/// Fields that belong to another kind and would be passed over in silence.
fn strange_fields(written: &Written) -> Vec<&'static str> {
    let present = [
        ("options", written.options.is_some(), &[Kind::Single, Kind::Multiple, Kind::Predict][..]),
        ("items", written.items.is_some(), &[Kind::Ordering]),
        ("answers", written.answers.is_some(), &[Kind::Fill]),
        ("why of its own", written.why.is_some(), &[Kind::Fill]),
        ("wrong", written.wrong.is_some(), &[Kind::Fill]),
        ("world", written.world.is_some(), &[Kind::Predict]),
        ("from", written.from.is_some(), &[Kind::Predict]),
        ("request", written.request.is_some(), &[Kind::Predict]),
        ("headers", written.headers.is_some(), &[Kind::Predict]),
        ("yaml", written.yaml.is_some(), &[Kind::Predict]),
    ];
    present.into_iter().filter(|(_, is_there, kinds)| *is_there && !kinds.contains(&written.kind)).map(|(name, ..)| name).collect()
}
