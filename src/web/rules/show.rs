//! The page of a code.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};

use crate::{
    course::{Course, Example, Mark, RulePage, RulePiece, Subject},
    engine::diagnostic::{Diagnostic, closest},
    web::{
        Error,
        page::{Chrome, Section, Visitor, render},
        urls,
    },
};

#[derive(Template)]
#[template(path = "rules/show.html")]
struct RulePageView<'a> {
    chrome: Chrome,
    course: &'a Course,
    page: &'a RulePage,
    subject: Option<&'a Subject>,
    before: Option<&'a RulePage>,
    behind: Option<&'a RulePage>,
}

#[derive(Template)]
#[template(path = "rules/missing.html")]
struct MissingPage<'a> {
    chrome: Chrome,
    asked: &'a str,
    near: Option<&'a str>,
}

pub(in crate::web) async fn show(State(course): State<Arc<Course>>, Path(asked): Path<String>, visitor: Visitor) -> Result<Response, Error> {
    let Some(at) = course.rules.iter().position(|page| page.code.id.eq_ignore_ascii_case(&asked)) else {
        let near = closest(&asked, course.rules.iter().map(|page| page.code.id));
        let page = render(&MissingPage { chrome: Chrome::new("There is no such rule", Section::Rules, visitor), asked: &asked, near })?;
        return Ok((StatusCode::NOT_FOUND, page).into_response());
    };
    let page = &course.rules[at];
    let code = page.code;
    if code.id != asked {
        return Ok(Redirect::permanent(&urls::rule(code.id)).into_response());
    }
    render(&RulePageView {
        chrome: Chrome::new(format!("{} {}", code.id, code.name), Section::Rules, visitor),
        subject: course.subject_of(code.id),
        before: at.checked_sub(1).map(|before| &course.rules[before]),
        behind: course.rules.get(at + 1),
        course: &course,
        page,
    })
}

impl RulePageView<'_> {
    /// The other pages of its subject, and itself.
    fn siblings(&self) -> Vec<&RulePage> {
        self.subject.iter().flat_map(|subject| &subject.codes).filter_map(|code| self.course.rule(code)).collect()
    }

    /// What the engine says of an example.
    fn findings(&self, example: &Example) -> Vec<Diagnostic> {
        example.findings(self.page.code)
    }

    /// Where the course teaches what it is about: address and title.
    fn teaching(&self) -> Option<(String, &str)> {
        let target = self.subject?.target()?;
        let chapter = self.course.chapter(&target.slug)?;
        let heading = chapter.outline.iter().find(|heading| Some(&heading.anchor) == target.anchor.as_ref());
        Some((target.address(), heading.map_or(&chapter.title, |heading| &heading.text)))
    }
}
