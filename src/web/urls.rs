//! Every address of the portal that more than one place needs to write.

/// Home.
pub const HOME: &str = "/";
/// Table of contents.
pub const COURSE: &str = "/course";
/// What this is, sources, licence.
pub const ABOUT: &str = "/about";
/// The quiz's front page.
pub const QUIZ: &str = "/quiz";
/// The playground.
pub const PLAYGROUND: &str = "/playground";
/// The learner's dashboard.
pub const PROGRESS: &str = "/progress";
/// Where a page reports how far somebody has read.
pub const PROGRESS_READING: &str = "/progress/reading";
/// The account page.
pub const ACCOUNT: &str = "/account";
/// Signing in.
pub const SIGN_IN: &str = "/account/sign-in";

/// A chapter's page.
pub fn chapter(slug: &str) -> String {
    format!("{COURSE}/{slug}")
}

/// A place in a chapter.
pub fn chapter_anchor(slug: &str, anchor: &str) -> String {
    format!("{COURSE}/{slug}#{anchor}")
}

/// The quiz of a chapter.
pub fn chapter_quiz(slug: &str) -> String {
    format!("{QUIZ}/{slug}")
}

/// The playground with a chapter's runnable block in it; blocks count from 1.
pub fn playground_block(slug: &str, number: usize) -> String {
    format!("{PLAYGROUND}?block={slug}/{number}")
}
