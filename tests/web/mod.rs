//! The web face, through its real router.

mod assets;
mod security;
mod study;
mod support;
