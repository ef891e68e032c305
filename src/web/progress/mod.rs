//! A learner's progress: the dashboard, and what chapters report of reading.

pub(super) mod done;
pub(super) mod reading;

use crate::course::Course;

/// Whether the course has such a chapter: nothing is kept about others.
fn has_chapter(course: &Course, slug: &str) -> bool {
    course.parts.iter().any(|part| part.chapters.iter().any(|chapter| chapter == slug))
}
