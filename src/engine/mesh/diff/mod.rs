//! What is otherwise than before: the answer to a request, its way, and what the proxies on that way are told.
//!
//! Compares what two scenes have found out; the order in which things of a name stand makes no difference unless it decides.

mod fields;
mod way;
mod xds;

use serde::Serialize;

use super::{Journey, Scene};
pub use fields::FieldChange;
pub use way::{HopChange, PartChange};
pub use xds::{ProxyChange, ResourceChange};

/// A scene and what a request came to there; none where it could not be sent.
pub type Sent<'a> = (&'a Scene, Option<&'a Journey>);

/// What differs between two scenes for one request.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Difference {
    /// What can come out with other shares than before, most frequent first.
    pub parts: Vec<PartChange>,
    /// Proxies that came onto the way or left it, and those that decide otherwise.
    pub hops: Vec<HopChange>,
    /// What the proxies on either way are told.
    pub proxies: Vec<ProxyChange>,
}

/// Whether something is there now, was before, or is in both and differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It is there now and was not before.
    Came,
    /// It was there before and is no more.
    Went,
    /// It is another.
    Changed,
}

impl Kind {
    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Came => "came",
            Self::Went => "went",
            Self::Changed => "changed",
        }
    }
}

impl Difference {
    /// Compares.
    pub fn between(before: Sent<'_>, now: Sent<'_>) -> Self {
        let parts = way::parts(before.1.map(|journey| &journey.answer), now.1.map(|journey| &journey.answer));
        Self { parts, hops: way::hops(before.1, now.1), proxies: xds::proxies(before, now) }
    }

    /// Whether all is as before.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}
