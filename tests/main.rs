//! All integration tests, one binary: the parts of the house have a folder each.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test says what went wrong by failing")]

mod browser;
mod content;
mod dice;
mod engine;
mod ops;
mod program;
mod replay;
mod store;
mod terminal;
mod tidy;
mod web;
