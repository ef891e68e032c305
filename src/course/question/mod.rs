//! A question of a quiz.

mod read;

use super::{
    html::SafeHtml,
    reading::Target,
    trial::{Trial, Tried},
};
pub(super) use read::read;

/// One question.
#[derive(Debug)]
pub struct Question {
    /// Unique in the course, never reused.
    pub id: String,
    /// The chapter whose quiz it is in, by slug.
    pub chapter: String,
    /// The competency it asks for, by id.
    pub competency: String,
    /// The paragraph that teaches it.
    pub teaches: Target,
    /// What is asked.
    pub prompt: SafeHtml,
    /// How it is answered.
    pub kind: QuestionKind,
    /// Its file inside `content/`.
    pub path: String,
    /// Its line there.
    pub line: usize,
}

/// How a question is answered.
#[derive(Debug)]
pub enum QuestionKind {
    /// By one option.
    Single(Vec<Choice>),
    /// By all options that are right.
    Multiple(Vec<Choice>),
    /// By putting items into order. They are listed in the right one.
    Ordering(Vec<Item>),
    /// By typing.
    Fill(Blank),
    /// By saying what the engine computes.
    Predict(Prediction),
}

impl QuestionKind {
    /// The word that the content's format has for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Single(_) => "single",
            Self::Multiple(_) => "multiple",
            Self::Ordering(_) => "ordering",
            Self::Fill(_) => "fill",
            Self::Predict(_) => "predict",
        }
    }
}

/// An option.
#[derive(Debug)]
pub struct Choice {
    /// What it says.
    pub text: SafeHtml,
    /// The same without markup, to compare options by.
    pub plain: String,
    /// Whether it is right; computed in a prediction.
    pub correct: bool,
    /// Why it is, or is not.
    pub why: SafeHtml,
}

/// A thing to be put into order.
#[derive(Debug)]
pub struct Item {
    /// What it says.
    pub text: SafeHtml,
    /// The same without markup, to compare items by.
    pub plain: String,
    /// Why it stands where it stands.
    pub why: SafeHtml,
}

/// What is right and what is known to be wrong in a blank.
#[derive(Debug)]
pub struct Blank {
    /// Any of these is right; case and outer blanks do not count.
    pub answers: Vec<String>,
    /// Why it is right.
    pub why: SafeHtml,
    /// What people type instead.
    pub wrong: Vec<WrongAnswer>,
}

impl Blank {
    /// Whether a typed answer is right.
    pub fn accepts(&self, typed: &str) -> bool {
        self.answers.iter().any(|answer| same(answer, typed))
    }

    /// The reason against a typed answer, if it is one that people often give.
    pub fn why_not(&self, typed: &str) -> Option<&SafeHtml> {
        self.wrong.iter().find(|wrong| same(&wrong.text, typed)).map(|wrong| &wrong.why)
    }
}

/// Case and outer blanks do not count.
fn same(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

/// A mistake that is often made.
#[derive(Debug)]
pub struct WrongAnswer {
    /// What is typed.
    pub text: String,
    /// Why it is not so.
    pub why: SafeHtml,
}

/// Configuration and request whose outcome is to be said.
#[derive(Debug)]
pub struct Prediction {
    /// The YAML in colours.
    pub html: SafeHtml,
    /// What is tried.
    pub trial: Trial,
    /// What comes of it; none where the world is missing.
    pub tried: Option<Tried>,
    /// What can be said.
    pub options: Vec<Choice>,
}

impl Prediction {
    /// The answer that the engine computes: an outcome, or `accepted` or `refused` where there is no request.
    pub fn answer(&self) -> Option<String> {
        let tried = self.tried.as_ref()?;
        match &tried.outcome {
            Some(outcome) => outcome.as_ref().ok().cloned(),
            None => Some(if tried.refused { "refused" } else { "accepted" }.to_owned()),
        }
    }

    /// Lets the engine decide which option is right.
    pub(super) fn decide(&mut self, tried: Option<Tried>) {
        self.tried = tried;
        let answer = self.answer();
        for option in &mut self.options {
            option.correct = Some(&option.plain) == answer.as_ref();
        }
    }
}

impl Question {
    /// Its options, where it has some.
    pub fn choices(&self) -> &[Choice] {
        match &self.kind {
            QuestionKind::Single(options) | QuestionKind::Multiple(options) => options,
            QuestionKind::Predict(prediction) => &prediction.options,
            QuestionKind::Ordering(_) | QuestionKind::Fill(_) => &[],
        }
    }
}
