//! What this is, where its facts come from, under which licence it stands.

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
#[template(path = "study/about.html")]
struct AboutPage<'a> {
    chrome: Chrome,
    course: &'a Course,
}

pub(in crate::web) async fn show(State(course): State<Arc<Course>>, visitor: Visitor) -> Result<Response, Error> {
    render(&AboutPage { chrome: Chrome::new("About", Section::Elsewhere, visitor), course: &course })
}
