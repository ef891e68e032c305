//! One finding as plain data, with places that editors understand.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    engine::{
        diagnostic::{self, Diagnostic, Level, Stage},
        source::{SourceFile, Span},
    },
    web::urls,
};

/// A line is shown up to this many characters.
const LINE: usize = 200;

/// Something to say about a place in the text.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Finding {
    /// The file's name.
    pub file: String,
    /// Who would say it: `yaml`, `kind`, `schema`, `webhook`, `analyze` for what `istioctl analyze` says of the whole cluster, `hint`
    /// for our own hints on what Istio accepts, or `simulation` for what is accepted and not simulated yet.
    #[schema(value_type = String)]
    pub stage: Stage,
    /// `Error`, `Warning` or `Info`. An `Error` refuses the document, unless its stage is `analyze`, `hint` or `simulation`.
    #[schema(value_type = String)]
    pub level: Level,
    /// Its code, for example `IST0101`; ours begin with `MW`. None for what has no code, such as faults of the text itself.
    pub code: Option<&'static str>,
    /// The name of the code.
    pub name: Option<&'static str>,
    /// What is wrong and, where it is known, how to mend it.
    pub message: String,
    /// What comes of leaving it as it is; for findings with a code.
    pub why: Option<&'static str>,
    /// The page of the code in this portal, for example `/rules/IST0101`.
    pub rule: Option<String>,
    /// The field, for example `spec.http[0].route[0].weight`.
    pub path: String,
    /// Where.
    pub place: Place,
    /// A certain cure.
    pub fix: Option<Fix>,
    /// The text of the line where it starts, cut where it is long.
    pub source_line: String,
}

/// A range in a text: `start` up to, not including, `end`. These two count bytes of UTF-8 from 0, a line break being the one or two
/// bytes that were sent. Lines and columns start at 1; columns count characters, which are code points of Unicode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[allow(missing_docs, reason = "the fields say it")]
pub struct Place {
    pub start: usize,
    pub end: usize,
    pub line: usize,
    pub column: usize,
    pub end_line: usize,
    pub end_column: usize,
}

/// A replacement that mends a fault for certain. Several can be made from the last place to the first, so that none moves another;
/// of two whose places overlap, the second one is to be left for the next check.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Fix {
    /// What to replace.
    pub place: Place,
    /// With what.
    pub replacement: String,
}

impl Finding {
    pub(super) fn of(diagnostic: &Diagnostic) -> Self {
        let file = &diagnostic.file;
        Self {
            file: file.name().to_owned(),
            stage: diagnostic.stage,
            level: diagnostic.level,
            code: diagnostic.code.map(|code| code.id),
            name: diagnostic.code.map(|code| code.name),
            message: diagnostic.message.clone(),
            why: diagnostic.code.map(|code| code.why),
            rule: diagnostic.code.map(|code| urls::rule(code.id)),
            path: diagnostic.path.clone(),
            place: Place::of(file, diagnostic.span),
            fix: diagnostic.fix.as_ref().map(|fix| Fix { place: Place::of(file, fix.span), replacement: fix.replacement.clone() }),
            source_line: line_at(file, diagnostic.span.start()),
        }
    }

    /// Its cure in the engine's terms.
    pub fn cure(&self) -> Option<diagnostic::Fix> {
        let Fix { place, replacement } = self.fix.as_ref()?;
        Some(diagnostic::Fix { span: Span::new(place.start, place.end), replacement: replacement.clone() })
    }
}

impl Place {
    pub(super) fn of(file: &SourceFile, span: Span) -> Self {
        let (from, to) = (file.position(span.start()), file.position(span.end().max(span.start())));
        Self { start: span.start(), end: span.end().max(span.start()), line: from.line, column: from.column, end_line: to.line, end_column: to.column }
    }
}

fn line_at(file: &SourceFile, offset: usize) -> String {
    let text = file.text();
    let offset = offset.min(text.len());
    let start = text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    text.get(start..).unwrap_or_default().lines().next().unwrap_or_default().chars().take(LINE).collect()
}
