//! From files to a course, with everything noted that cannot be read.

use std::collections::BTreeMap;

use super::{
    Course, Files, QuestionKind, RulePage, World, chapter, figures, gallery,
    manifest::{self, Manifest},
    question,
    reading::{Reading, line_of},
    rule,
};
use crate::engine::diagnostic::Code;

/// Reads everything, and tries everything that can be tried. Only a manifest that cannot be read ends it.
pub(super) fn read(files: &Files) -> anyhow::Result<(Course, Reading)> {
    let Manifest { title, exam, domains, parts, covered, worlds: world_notes, .. } = Manifest::load(files)?;
    let mut reading = Reading::default();
    let worlds = worlds(files, &mut reading);
    let rules = rules(files, &mut reading);
    let subjects = rule::subjects(files, &mut reading);
    let gallery = gallery::read(files, &mut reading);
    let diagrams = files.in_folder("diagrams").filter_map(|(path, text)| Some((stem(path, "svg")?.to_owned(), text.to_owned()))).collect();

    let (mut chapters, mut questions) = (Vec::new(), Vec::new());
    let manifest_text = files.text(manifest::PATH).unwrap_or_default();
    for slug in parts.iter().flat_map(|part| &part.chapters) {
        let path = format!("chapters/{slug}.md");
        match files.text(&path) {
            Some(text) => {
                let text = figures::fill(&path, text, &exam, &domains, &mut reading);
                chapters.extend(chapter::read(&path, slug, &text, &diagrams, &mut reading));
            }
            None => reading.fault(manifest::PATH, line_of(manifest_text, slug), format!("the chapter {slug:?} has no file content/{path}")),
        }
        let path = format!("questions/{slug}.yaml");
        questions.extend(files.text(&path).into_iter().flat_map(|text| question::read(&path, slug, text, &mut reading)));
    }

    for block in chapters.iter_mut().flat_map(chapter::Chapter::blocks_mut) {
        block.tried = block.trial.run(&worlds);
    }
    for question in &mut questions {
        if let QuestionKind::Predict(prediction) = &mut question.kind {
            let tried = prediction.trial.run(&worlds);
            prediction.decide(tried);
        }
    }
    Ok((Course { title, exam, domains, parts, covered, chapters, questions, worlds, world_notes, rules, subjects, gallery }, reading))
}

/// The pages of codes, in the order of the catalogue.
fn rules(files: &Files, reading: &mut Reading) -> Vec<RulePage> {
    let page = |code: &'static Code| {
        let path = format!("rules/{}.md", code.id);
        match files.text(&path) {
            Some(text) => rule::read(&path, code, text, reading),
            None => RulePage { code, path, sections: Vec::new() },
        }
    };
    Code::all().map(page).collect()
}

fn worlds(files: &Files, reading: &mut Reading) -> BTreeMap<String, World> {
    let mut worlds = BTreeMap::new();
    for (path, text) in files.in_folder("worlds") {
        if let Some(name) = stem(path, "yaml") {
            let world = World::read(name, text);
            for diagnostic in &world.manifest.diagnostics {
                reading.fault(path, diagnostic.position().line, diagnostic.message.clone());
            }
            worlds.insert(name.to_owned(), world);
        }
    }
    worlds
}

/// The name of a file without folder and ending, if it has that ending.
pub(super) fn stem<'a>(path: &'a str, ending: &str) -> Option<&'a str> {
    path.rsplit('/').next()?.strip_suffix(ending)?.strip_suffix('.')
}
