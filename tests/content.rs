//! The course passes its own checker.
