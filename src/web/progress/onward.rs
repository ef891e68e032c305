//! Where a learner goes on: the quiz that is open, the chapter that is half read, the next one that is not done.

use super::show::History;
use crate::{course::Course, web::urls};

/// A way on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Onward {
    /// What it is: `Go on reading`, `Finish the quiz`, `Read next`.
    pub what: &'static str,
    pub title: String,
    pub address: String,
}

/// At most three: one of each kind.
pub(super) fn onward(course: &Course, history: &History) -> Vec<Onward> {
    let done = history.done();
    let open = history.attempts.iter().rev().find(|attempt| attempt.finished_at.is_none()).and_then(|attempt| course.chapter(&attempt.chapter));
    let quiz = open.map(|chapter| Onward { what: "Finish the quiz", title: chapter.title.clone(), address: urls::chapter_quiz(&chapter.slug) });

    let half_read = history.reading.iter().find(|row| row.done_at.is_none() && course.chapter(&row.chapter).is_some());
    let reading = half_read.and_then(|row| {
        let chapter = course.chapter(&row.chapter)?;
        let anchor = row.position.as_deref().filter(|anchor| chapter.has_anchor(anchor));
        let address = anchor.map_or_else(|| urls::chapter(&chapter.slug), |anchor| urls::chapter_anchor(&chapter.slug, anchor));
        Some(Onward { what: "Go on reading", title: chapter.title.clone(), address })
    });

    let begun = |slug: &str| history.reading.iter().any(|row| row.chapter == slug);
    let unread = course.chapters.iter().find(|chapter| !done.contains(chapter.slug.as_str()) && !begun(&chapter.slug));
    let next = unread.map(|chapter| Onward { what: "Read next", title: chapter.title.clone(), address: urls::chapter(&chapter.slug) });
    quiz.into_iter().chain(reading).chain(next).collect()
}
