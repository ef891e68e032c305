//! What study pages know of whoever reads: chapters done, and where to go on.

use std::collections::BTreeSet;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};

use crate::{
    course::{Chapter, Course},
    store::ChapterProgress,
    web::{AppState, Error, middleware::session::Session, urls},
};

/// The reader's own marks; a stranger has none.
#[derive(Debug, Default)]
pub(in crate::web) struct Reader {
    done: BTreeSet<String>,
    /// Latest first.
    places: Vec<ChapterProgress>,
}

/// Where reading goes on.
pub(super) struct Bookmark<'a> {
    /// In this chapter.
    pub chapter: &'a Chapter,
    /// The heading's text, if it was left below one.
    pub heading: Option<&'a str>,
    /// There.
    pub address: String,
}

impl Reader {
    /// Whether a chapter is marked as done.
    pub(super) fn has_done(&self, slug: &str) -> bool {
        self.done.contains(slug)
    }

    /// How many chapters of the course are done.
    pub(super) fn done_in(&self, course: &Course) -> usize {
        course.chapters.iter().filter(|chapter| self.has_done(&chapter.slug)).count()
    }

    /// The place in the chapter last read that is not done, else the first chapter behind the ones that are.
    pub(super) fn bookmark<'a>(&self, course: &'a Course) -> Option<Bookmark<'a>> {
        if self.places.is_empty() {
            return None;
        }
        let open = self.places.iter().filter(|place| place.done_at.is_none()).find_map(|place| {
            let chapter = course.chapter(&place.chapter)?;
            let heading = place.position.as_ref().and_then(|anchor| chapter.outline.iter().find(|heading| heading.anchor == *anchor));
            let address = heading.map_or_else(|| urls::chapter(&chapter.slug), |heading| urls::chapter_anchor(&chapter.slug, &heading.anchor));
            Some(Bookmark { chapter, heading: heading.map(|heading| heading.text.as_str()), address })
        });
        open.or_else(|| {
            let chapter = course.chapters.iter().find(|chapter| !self.has_done(&chapter.slug))?;
            Some(Bookmark { chapter, heading: None, address: urls::chapter(&chapter.slug) })
        })
    }
}

impl<S: Sync> FromRequestParts<S> for Reader
where
    AppState: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let session = Session::from_request_parts(parts, state).await?;
        let Some(learner) = session.learner() else { return Ok(Self::default()) };
        let places = AppState::from_ref(state).store.list_chapter_progress(&learner).await?;
        let done = places.iter().filter(|place| place.done_at.is_some()).map(|place| place.chapter.clone()).collect();
        Ok(Self { done, places })
    }
}
