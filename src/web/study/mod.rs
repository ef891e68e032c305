//! What can be read without an account: home, table of contents, chapters, about.

pub(super) mod about;
pub(super) mod chapter;
pub(super) mod contents;
pub(super) mod home;
mod reader;
