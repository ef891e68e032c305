//! The table of contents.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};

use crate::{
    course::Course,
    web::{
        Error,
        page::{Chrome, Section, Visitor, render},
    },
};

#[derive(Template)]
#[template(path = "study/contents.html")]
struct ContentsPage<'a> {
    chrome: Chrome,
    course: &'a Course,
}

pub(in crate::web) async fn show(State(course): State<Arc<Course>>, visitor: Visitor) -> Result<Response, Error> {
    render(&ContentsPage { chrome: Chrome::new("Course", Section::Course, visitor), course: &course })
}
