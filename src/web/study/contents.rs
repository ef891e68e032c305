//! The table of contents.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};

use super::reader::Reader;
use crate::{
    course::{Chapter, Course},
    web::{
        Error,
        page::{Chrome, Section, Visitor, render},
        urls,
    },
};

#[derive(Template)]
#[template(path = "study/contents.html")]
struct ContentsPage<'a> {
    chrome: Chrome,
    course: &'a Course,
    reader: Reader,
}

pub(in crate::web) async fn show(State(course): State<Arc<Course>>, visitor: Visitor, reader: Reader) -> Result<Response, Error> {
    render(&ContentsPage { chrome: Chrome::new("Course", Section::Course, visitor), course: &course, reader })
}

impl ContentsPage<'_> {
    fn minutes(&self) -> u32 {
        self.course.chapters.iter().map(|chapter| chapter.minutes).sum()
    }

    fn questions(&self, chapter: &Chapter) -> usize {
        self.course.questions_of(&chapter.slug).count()
    }

    /// The chapters that teach a competency.
    fn teaching(&self, competency: &str) -> Vec<&Chapter> {
        self.course.chapters.iter().filter(|chapter| chapter.competencies.iter().any(|id| id == competency)).collect()
    }
}
