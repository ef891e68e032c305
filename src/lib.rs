//! Meshwright: a study portal for the Istio Certified Associate exam on top of a service mesh in one process.
//!
//! The parts and the direction in which they may know each other stand in `ARCHITECTURE.md`.

/// The system's allocator takes about a fifth longer for a check, which makes thousands of small objects and drops them together.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub mod cli;
pub mod config;
pub mod course;
pub mod engine;
pub mod learning;
pub mod store;
pub mod telemetry;
pub mod web;
