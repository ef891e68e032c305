//! Tests of engine.

mod access;
mod ambient;
pub mod analyze;
pub mod article;
mod capture;
mod controllers;
mod corpus;
mod credential;
mod deployed_gateways;
mod diff;
pub mod envoy;
mod expect;
mod fuzz;
mod istiod;
mod limits;
mod load;
mod long_texts;
mod manifest;
mod operator;
mod scene;
mod switches;
mod validate;
mod xds;

/// The text of `tests/fixtures/<path>`.
pub fn fixture(path: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
