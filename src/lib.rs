//! Meshwright: a study portal for the Istio Certified Associate exam on top of a service mesh in one process.
//!
//! The parts and the direction in which they may know each other stand in `ARCHITECTURE.md`.

pub mod cli;
pub mod config;
pub mod course;
pub mod engine;
pub mod learning;
pub mod replay;
pub mod store;
pub mod telemetry;
pub mod web;
