//! Tests of engine.

mod corpus;
mod xds;
