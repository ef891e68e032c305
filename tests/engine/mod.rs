//! Tests of engine.

mod corpus;
mod envoy;
mod xds;
