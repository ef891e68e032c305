//! The web face: every page, the JSON API and what they share.

pub mod assets;
pub mod playground;
