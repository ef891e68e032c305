//! A chapter.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};

use super::reader::Reader;
use crate::{
    course::{Chapter, Course, Part, Piece},
    web::{
        Error,
        page::{Chrome, Section, Visitor, render},
        urls,
    },
};

#[derive(Template)]
#[template(path = "study/chapter.html")]
struct ChapterPage<'a> {
    chrome: Chrome,
    course: &'a Course,
    reader: Reader,
    chapter: &'a Chapter,
    part: Option<&'a Part>,
    before: Option<&'a Chapter>,
    behind: Option<&'a Chapter>,
    questions: usize,
}

pub(in crate::web) async fn show(State(course): State<Arc<Course>>, Path(slug): Path<String>, visitor: Visitor, reader: Reader) -> Result<Response, Error> {
    let chapter = course.chapter(&slug).ok_or(Error::NotFound)?;
    let (before, behind) = course.neighbours(&slug);
    render(&ChapterPage {
        chrome: Chrome::new(chapter.title.clone(), Section::Course, visitor),
        part: course.part_of(&slug),
        questions: course.questions_of(&slug).count(),
        course: &course,
        reader,
        chapter,
        before,
        behind,
    })
}

impl ChapterPage<'_> {
    /// The competencies that the chapter covers, each with the title of its domain.
    fn competencies(&self) -> Vec<(&str, &str)> {
        let known = self.chapter.competencies.iter().filter_map(|id| self.course.competency(id));
        known.map(|(domain, competency)| (competency.title.as_str(), domain.title.as_str())).collect()
    }

    fn is_done(&self) -> bool {
        self.reader.has_done(&self.chapter.slug)
    }
}
