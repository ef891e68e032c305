//! What a learner's record says: the worth of an answer, first and best scores, mastery by competency and domain.
//!
//! Pure functions over records and the course: no clock, no database, no pages. Every figure is a count or a share of
//! counts, so that a page can say how it came about.

mod answer;
mod mastery;
mod quiz;

pub use answer::{Given, Key, Mark, mark};
pub use mastery::{CompetencyMastery, DomainMastery, Response, Tally, by_domain, weighted_share};
pub use quiz::{Go, QuizRecord, Score};
