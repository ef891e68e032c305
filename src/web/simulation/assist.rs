//! Help while somebody writes, as plain data.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::{INPUT, Place, Simulator};
use crate::{
    engine::{
        assist::{self, Completion, Group, Hover, Offer},
        manifest::Manifest,
        mesh::Scene,
        source::{Position, SourceFile},
    },
    web::Error,
};

/// A place of a text, applied to a world.
#[derive(Debug, Clone)]
pub struct AssistQuestion {
    /// The world's name; empty for the default one.
    pub world: String,
    /// The configuration as it is, broken or not.
    pub text: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// What may stand at a place.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CompletionReport {
    /// What an option takes the place of.
    pub place: Place,
    /// The best first, at most 300; empty where nothing is known.
    pub options: Vec<OptionReport>,
}

/// One thing that may be written.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OptionReport {
    /// How it is listed and found.
    pub label: String,
    /// `field`, `value`, `name` for a name of the cluster, or `document` for a whole object to fill in.
    pub kind: &'static str,
    /// The text to write, quoted where YAML needs it. A field comes with its colon and what its value starts with.
    pub insert: String,
    /// Its type, or where it comes from.
    pub detail: String,
    /// What it is for; may be empty.
    pub doc: String,
    /// Whether the object needs it.
    pub required: bool,
}

/// What stands at a place means.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HoverReport {
    /// What it is said of.
    pub place: Place,
    /// The field, for example `spec.http[0].retries.attempts`.
    pub path: String,
    /// What may stand there, in words.
    pub r#type: String,
    /// What the field is for; may be empty.
    pub doc: String,
    /// What holds where the field is absent; empty where nothing is said of it.
    pub default: String,
    /// Whether the object needs the field.
    pub required: bool,
    /// The values that may be chosen.
    pub choices: Vec<ChoiceReport>,
    /// What the value stands for in this cluster.
    pub notes: Vec<String>,
}

/// A value that may be chosen.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChoiceReport {
    /// As it is written.
    pub value: String,
    /// What it means; may be empty.
    pub doc: String,
}

/// A text in one look.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FormatReport {
    /// All of it.
    pub text: String,
    /// How many documents are left as they were: they cannot be read, or would come to mean something else.
    pub left: usize,
}

impl Simulator {
    /// Formats a text.
    pub async fn format(&self, text: String) -> Result<FormatReport, Error> {
        self.run(move || {
            let assist::Formatted { text, left } = assist::format(&text);
            FormatReport { text, left }
        })
        .await
    }

    /// Says what may stand at a place. None where there is no such world.
    pub async fn complete(&self, question: AssistQuestion) -> Result<Option<CompletionReport>, Error> {
        let Some(world) = self.world(&question.world) else { return Ok(None) };
        self.run(move || CompletionReport::of(&world, &question)).await.map(Some)
    }

    /// Says what stands at a place means; nothing where there is nothing to say. None where there is no such world.
    pub async fn hover(&self, question: AssistQuestion) -> Result<Option<Option<HoverReport>>, Error> {
        let Some(world) = self.world(&question.world) else { return Ok(None) };
        self.run(move || HoverReport::of(&world, &question)).await.map(Some)
    }
}

/// A text, the place asked for in bytes, and the cluster that it makes.
fn place_in(world: &Manifest, question: &AssistQuestion) -> (Arc<SourceFile>, usize, Scene) {
    let file = SourceFile::new(INPUT, question.text.as_str());
    let offset = file.offset(Position { line: question.line, column: question.column });
    (Arc::clone(&file), offset, Scene::in_world(Some(world), vec![file]))
}

impl CompletionReport {
    fn of(world: &Manifest, question: &AssistQuestion) -> Self {
        if question.text.len() > assist::LARGEST {
            return Self { place: Place::of(&SourceFile::new(INPUT, ""), assist::Completion::default().span), options: Vec::new() };
        }
        let (file, offset, scene) = place_in(world, question);
        let Completion { span, offers } = assist::complete(file.text(), offset, &scene.cluster);
        let options = offers.into_iter().map(OptionReport::of).collect();
        Self { place: Place::of(&file, span), options }
    }
}

impl OptionReport {
    fn of(offer: Offer) -> Self {
        let kind = match offer.group {
            Group::Field => "field",
            Group::Value => "value",
            Group::Name => "name",
            Group::Document => "document",
        };
        Self { label: offer.label, kind, insert: offer.insert, detail: offer.detail, doc: offer.doc, required: offer.is_required }
    }
}

impl HoverReport {
    fn of(world: &Manifest, question: &AssistQuestion) -> Option<Self> {
        if question.text.len() > assist::LARGEST {
            return None;
        }
        let (file, offset, scene) = place_in(world, question);
        let Hover { span, path, r#type, doc, default, is_required, choices, notes } = assist::hover(file.text(), offset, &scene.cluster)?;
        let choices = choices.into_iter().map(|(value, doc)| ChoiceReport { value, doc }).collect();
        Some(Self { place: Place::of(&file, span), path, r#type, doc, default, required: is_required, choices, notes })
    }
}
