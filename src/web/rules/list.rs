//! The list of codes, by subject, to be searched and narrowed.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;

use crate::{
    course::{Course, RulePage, Subject},
    web::{
        Error,
        page::{Chrome, Section, Visitor, render},
        urls,
    },
};

/// What the visitor looks for; a field that says nothing known narrows nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Filter {
    q: String,
    level: String,
    by: String,
    subject: String,
}

#[derive(Template)]
#[template(path = "rules/list.html")]
struct ListPage<'a> {
    chrome: Chrome,
    course: &'a Course,
    filter: Filter,
    groups: Vec<(&'a Subject, Vec<&'a RulePage>)>,
}

/// Values and words of the levels.
const LEVELS: [(&str, &str); 3] = [("error", "errors"), ("warning", "warnings"), ("info", "notes")];
/// Values and words of those who say it.
const SPEAKERS: [(&str, &str); 2] = [("istio", "istioctl analyze"), ("hints", "hints of ours")];

pub(in crate::web) async fn show(State(course): State<Arc<Course>>, Query(filter): Query<Filter>, visitor: Visitor) -> Result<Response, Error> {
    let found = |subject: &&Subject| {
        let pages = subject.codes.iter().filter_map(|code| course.rule(code));
        pages.filter(|page| filter.lets(page, subject)).collect::<Vec<_>>()
    };
    let groups = course.subjects.iter().map(|subject| (subject, found(&subject))).filter(|(_, pages)| !pages.is_empty()).collect();
    render(&ListPage { chrome: Chrome::new("Rules", Section::Rules, visitor), course: &course, groups, filter })
}

impl Filter {
    fn lets(&self, page: &RulePage, subject: &Subject) -> bool {
        let code = page.code;
        let is_asked = |given: &str, known: &[(&str, &str)], own: &str| given == own || !known.iter().any(|(value, _)| *value == given);
        let words = [code.id, code.name, code.summary, code.why, &subject.title].join(" ").to_lowercase();
        is_asked(&self.level, &LEVELS, &code.level.to_string().to_lowercase())
            && is_asked(&self.by, &SPEAKERS, if code.is_hint() { "hints" } else { "istio" })
            && (self.subject.is_empty() || self.subject == subject.id)
            && self.q.to_lowercase().split_whitespace().all(|word| words.contains(word))
    }

    fn is_set(&self) -> bool {
        [&self.q, &self.level, &self.by, &self.subject].iter().any(|field| !field.trim().is_empty())
    }
}

impl ListPage<'_> {
    fn shown(&self) -> usize {
        self.groups.iter().map(|(_, pages)| pages.len()).sum()
    }

    fn hints(&self) -> usize {
        self.course.rules.iter().filter(|page| page.code.is_hint()).count()
    }

    /// What stands above the list, in words.
    fn count(&self) -> String {
        let (shown, all) = (self.shown(), self.course.rules.len());
        if self.filter.is_set() { format!("{shown} of {all} rules") } else { format!("{all} rules") }
    }
}
