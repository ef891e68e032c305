//! The web face, through its real router.

mod api;
mod assets;
mod schema;
mod security;
mod study;
mod support;
