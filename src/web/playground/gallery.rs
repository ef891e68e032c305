//! The gallery: every example with the question that it answers, domain by domain, to be searched.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;

use crate::{
    course::{Competency, Course, Domain, Exhibit},
    web::{
        Error,
        page::{Chrome, Section, Visitor, render},
        simulation::DEFAULT_WORLD,
        urls,
    },
};

/// What the visitor looks for; a field that says nothing known narrows nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    q: String,
    domain: String,
    api: String,
}

/// The examples of a competency.
type Group<'a> = (&'a Competency, Vec<&'a Exhibit>);
/// Those of a domain.
pub(super) type OfDomain<'a> = (&'a Domain, Vec<Group<'a>>);

#[derive(Template)]
#[template(path = "playground/gallery.html")]
struct GalleryPage<'a> {
    chrome: Chrome,
    course: &'a Course,
    filter: Filter,
    domains: Vec<OfDomain<'a>>,
}

pub(super) async fn show(State(course): State<Arc<Course>>, Query(filter): Query<Filter>, visitor: Visitor) -> Result<Response, Error> {
    let domains = groups(&course, |exhibit, domain, competency| filter.lets(exhibit, domain, competency));
    render(&GalleryPage { chrome: Chrome::new("Examples", Section::Playground, visitor), course: &course, domains, filter })
}

/// The examples that `lets` keeps, by domain and competency in the order of the exam. What has none is left out.
pub(super) fn groups<'a>(course: &'a Course, lets: impl Fn(&Exhibit, &Domain, &Competency) -> bool) -> Vec<OfDomain<'a>> {
    let of_competency = |domain: &'a Domain, competency: &'a Competency| {
        let own = course.gallery.iter().filter(|exhibit| exhibit.competency == competency.id && lets(exhibit, domain, competency));
        (competency, own.collect::<Vec<_>>())
    };
    let of_domain = |domain: &'a Domain| {
        let groups = domain.competencies.iter().map(|competency| of_competency(domain, competency)).filter(|(_, own)| !own.is_empty());
        (domain, groups.collect::<Vec<_>>())
    };
    course.domains.iter().map(of_domain).filter(|(_, groups)| !groups.is_empty()).collect()
}

impl Filter {
    fn lets(&self, exhibit: &Exhibit, domain: &Domain, competency: &Competency) -> bool {
        let text =
            [&exhibit.title, &exhibit.question, &exhibit.world, &domain.title, &competency.title, &exhibit.yaml].map(|text| text.to_lowercase()).join(" ");
        (self.domain.is_empty() || self.domain == domain.id)
            && (self.api != "gateway" || exhibit.twin.is_some())
            && self.q.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }

    fn is_set(&self) -> bool {
        !self.q.trim().is_empty() || !self.domain.is_empty() || self.api == "gateway"
    }
}

impl GalleryPage<'_> {
    /// What stands above the list, in words.
    fn count(&self) -> String {
        let all = self.course.gallery.len();
        let shown: usize = self.domains.iter().flat_map(|(_, groups)| groups).map(|(_, own)| own.len()).sum();
        if self.filter.is_set() { format!("{shown} of {all} examples") } else { format!("{all} examples") }
    }

    fn twins(&self) -> usize {
        self.course.gallery.iter().filter(|exhibit| exhibit.twin.is_some()).count()
    }
}
