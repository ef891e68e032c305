//! Under which addresses the course's own links expect its chapters and rules.

/// The table of contents.
pub const COURSE: &str = "/course";

/// A chapter.
pub fn chapter(slug: &str) -> String {
    format!("{COURSE}/{slug}")
}

/// A place in a chapter.
pub fn place(slug: &str, anchor: &str) -> String {
    format!("{COURSE}/{slug}#{anchor}")
}

/// The list of rules.
pub const RULES: &str = "/rules";

/// An example of the gallery in a frame.
pub const EMBED: &str = "/playground/embed";

/// The frame with one of them.
pub fn embed(example: &str) -> String {
    format!("{EMBED}?example={example}")
}

/// The page of a code.
pub fn rule(code: &str) -> String {
    format!("{RULES}/{code}")
}
