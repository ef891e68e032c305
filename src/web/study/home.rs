//! The front page.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};

use crate::{
    course::Course,
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
}

pub(in crate::web) async fn show(State(course): State<Arc<Course>>, visitor: Visitor) -> Result<Response, Error> {
    render(&HomePage { chrome: Chrome::new("Home", Section::Elsewhere, visitor), course: &course })
}
