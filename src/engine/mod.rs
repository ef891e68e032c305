//! A service mesh in one process: `source text → documents → typed resources → cluster → istiod → envoy → outcome`.
//!
//! Pure: no IO, clock, randomness, HTML or SQL. It never panics on any input, every loop over input is bounded,
//! and equal input gives equal output, byte for byte.

mod address;
pub mod analyze;
pub mod assist;
pub mod cluster;
pub mod diagnostic;
pub mod duration;
pub mod envoy;
mod index;
pub mod istiod;
pub mod manifest;
pub mod mesh;
mod re2;
pub mod resource;
mod side_by_side;
pub mod source;
pub mod validate;
pub mod xds;
pub mod ztunnel;
