//! Tests of engine.

mod corpus;
mod envoy;
mod manifest;
mod validate;
mod xds;
