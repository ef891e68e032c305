//! Every address of the portal that more than one place needs to write.

use crate::{course::address, store::SnapshotId};

/// Home.
pub const HOME: &str = "/";
/// Table of contents.
pub const COURSE: &str = address::COURSE;
/// What this is, sources, licence.
pub const ABOUT: &str = "/about";
/// The quiz's front page.
pub const QUIZ: &str = "/quiz";
/// The playground.
pub const PLAYGROUND: &str = "/playground";
/// Every example of the playground with its question.
pub const EXAMPLES: &str = "/playground/examples";
/// The playground with the request replayed on a real Envoy.
pub const REPLAY: &str = "/playground/replay";
/// The same for programs.
pub const API_REPLAY: &str = "/api/v1/replay";
/// Snapshots of whoever looks; where new ones are made.
pub const SNAPSHOTS: &str = "/playground/snapshots";
/// The same for programs.
pub const API_SNAPSHOTS: &str = "/api/v1/snapshots";
/// An example in a frame.
pub const EMBED: &str = address::EMBED;
/// What analyze says and what we hint, by code.
pub const RULES: &str = address::RULES;
/// The learner's dashboard.
pub const PROGRESS: &str = "/progress";
/// Where a page reports how far somebody has read.
pub const PROGRESS_READING: &str = "/progress/reading";
/// Where a chapter is marked as done, or not.
pub const PROGRESS_DONE: &str = "/progress/done";
/// The account page.
pub const ACCOUNT: &str = "/account";
/// Signing in.
pub const SIGN_IN: &str = "/account/sign-in";
/// Making an account.
pub const SIGN_UP: &str = "/account/sign-up";
/// Signing out of this browser.
pub const SIGN_OUT: &str = "/account/sign-out";
/// Signing out of every browser.
pub const SIGN_OUT_EVERYWHERE: &str = "/account/sign-out-everywhere";
/// A new password.
pub const PASSWORD: &str = "/account/password";
/// Everything that is kept of a learner, as a file.
pub const ACCOUNT_DATA: &str = "/account/data.json";
/// Removing an account and everything that is kept.
pub const ACCOUNT_DELETE: &str = "/account/delete";

/// A chapter's page.
pub fn chapter(slug: &str) -> String {
    address::chapter(slug)
}

/// A place in a chapter.
pub fn chapter_anchor(slug: &str, anchor: &str) -> String {
    address::place(slug, anchor)
}

/// The quiz of a chapter.
pub fn chapter_quiz(slug: &str) -> String {
    format!("{QUIZ}/{slug}")
}

/// One attempt at a chapter's quiz: its result, or how far it is.
pub fn quiz_attempt(slug: &str, attempt: &str) -> String {
    format!("{QUIZ}/{slug}/{attempt}")
}

/// A question of an attempt; questions count from 1.
pub fn quiz_question(slug: &str, attempt: &str, number: usize) -> String {
    format!("{QUIZ}/{slug}/{attempt}/{number}")
}

/// Where an attempt is ended early.
pub fn quiz_finish(slug: &str, attempt: &str) -> String {
    format!("{QUIZ}/{slug}/{attempt}/finish")
}

/// The playground with a chapter's runnable block in it; blocks count from 1.
pub fn playground_block(slug: &str, number: usize) -> String {
    format!("{PLAYGROUND}?block={slug}/{number}")
}

/// The playground with an example in it, in Istio's API or as its Gateway API twin; requests of it count from 1.
pub fn playground_example(name: &str, is_twin: bool, number: usize) -> String {
    let api = if is_twin { "&api=gateway" } else { "" };
    let request = if number > 1 { format!("&request={number}") } else { String::new() };
    format!("{PLAYGROUND}?example={name}{api}{request}")
}

/// The playground as it was kept.
pub fn snapshot(id: &SnapshotId) -> String {
    format!("{PLAYGROUND}/s/{id}")
}

/// Where a snapshot is deleted.
pub fn snapshot_delete(id: &SnapshotId) -> String {
    format!("{SNAPSHOTS}/{id}/delete")
}

/// The page of a code.
pub fn rule(code: &str) -> String {
    address::rule(code)
}

/// The playground with an example of a rule page in it; examples count from 1.
pub fn playground_rule(code: &str, number: usize) -> String {
    format!("{PLAYGROUND}?rule={code}/{number}")
}

/// An example on its rule page.
pub fn rule_example(code: &str, number: usize) -> String {
    format!("{}#example-{number}", rule(code))
}
