//! The front page.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};

use super::reader::{Bookmark, Reader};
use crate::{
    course::{Block, Chapter, Course},
    web::{
        Error,
        page::{Chrome, Section, Visitor, render},
        urls,
    },
};

#[derive(Template)]
#[template(path = "study/home.html")]
struct HomePage<'a> {
    chrome: Chrome,
    course: &'a Course,
    bookmark: Option<Bookmark<'a>>,
    done: usize,
    /// A block that shows in few lines what the engine answers.
    sample: Option<(&'a Chapter, &'a Block)>,
}

pub(in crate::web) async fn show(State(course): State<Arc<Course>>, visitor: Visitor, reader: Reader) -> Result<Response, Error> {
    render(&HomePage {
        chrome: Chrome::new("Learn Istio by asking a mesh", Section::Elsewhere, visitor),
        bookmark: reader.bookmark(&course),
        done: reader.done_in(&course),
        sample: sample(&course),
        course: &course,
    })
}

/// The shortest block whose request ends in several places.
fn sample(course: &Course) -> Option<(&Chapter, &Block)> {
    let blocks = course.chapters.iter().flat_map(|chapter| chapter.blocks().map(move |block| (chapter, block)));
    let split = blocks.filter(|(_, block)| block.outcome().is_some_and(|outcome| outcome.contains('%')));
    split.min_by_key(|(_, block)| block.trial.yaml.lines().count())
}

impl HomePage<'_> {
    /// Length of a domain's bar, the heaviest being 100.
    fn bar(&self, weight: u32) -> u32 {
        let heaviest = self.course.domains.iter().map(|domain| domain.weight).max().unwrap_or(weight);
        weight * 100 / heaviest.max(1)
    }

    fn questions(&self) -> usize {
        self.course.questions.len()
    }
}
