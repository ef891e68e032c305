//! What all pages have around their own part, and how a page becomes a response.

use std::convert::Infallible;

use askama::Template;
use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{Html, IntoResponse, Response},
};

use super::Error;
use crate::engine::diagnostic::Level;

/// The place of a page in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Section {
    /// None of them.
    #[default]
    Elsewhere,
    /// Table of contents and chapters.
    Course,
    /// Quizzes.
    Quiz,
    /// The playground.
    Playground,
    /// What analyze says and what we hint.
    Rules,
    /// The dashboard.
    Progress,
    /// Sign-in, sign-up, account.
    Account,
}

/// Who looks at the page, as far as the navigation shows it.
///
/// The session's middleware puts it into the request's extensions; without one it is a stranger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visitor {
    /// The name of the account that is signed in.
    pub account: Option<String>,
    /// Nobody could find out who it is; the navigation then shows neither a name nor a way to sign in.
    pub is_unknown: bool,
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// What the layout needs; every page struct has it as the field `chrome`.
#[derive(Debug, Clone, Default)]
pub struct Chrome {
    /// The page's title, without the product's name.
    pub title: String,
    /// Which entry of the navigation is the current one.
    pub section: Section,
    /// Who looks at it.
    pub visitor: Visitor,
}

impl Chrome {
    /// The surroundings of a page.
    pub fn new(title: impl Into<String>, section: Section, visitor: Visitor) -> Self {
        Self { title: title.into(), section, visitor }
    }

    /// The value of `aria-current` for an entry of the navigation.
    pub fn current(&self, section: Section) -> &'static str {
        if self.section == section { "page" } else { "false" }
    }
}

/// The look of a level; the word stands beside it.
pub fn level_badge(level: Level) -> &'static str {
    match level {
        Level::Error => "badge badge-bad",
        Level::Warning => "badge badge-warn",
        Level::Info => "badge",
    }
}

/// A name in camel case, in the pieces between which a narrow page may break it.
pub fn humps(name: &str) -> Vec<&str> {
    let starts = name.char_indices().filter(|(at, c)| *at > 0 && c.is_uppercase()).map(|(at, _)| at);
    let ends = starts.chain([name.len()]);
    let mut start = 0;
    ends.map(|end| &name[std::mem::replace(&mut start, end)..end]).collect()
}

/// Renders a page; a template that fails is an internal error.
pub fn render(page: &impl Template) -> Result<Response, Error> {
    Ok(Html(page.render()?).into_response())
}

#[cfg(test)]
mod tests {
    use super::humps;

    #[test]
    fn names_break_at_their_humps() {
        assert_eq!(humps("NoMatchingWorkloads"), ["No", "Matching", "Workloads"]);
        assert_eq!(humps("plain"), ["plain"]);
        assert_eq!(humps(""), [""]);
    }
}
