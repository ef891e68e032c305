//! The engine without the rest of the house, and what fuzzing does with it.
//! That it compiles alone also shows that it knows nothing of the rest.

// The checks call the engine as a test of the whole package does.
extern crate self as meshwright;

pub mod checks;
#[path = "../src/engine/mod.rs"]
pub mod engine;
pub mod splice;
