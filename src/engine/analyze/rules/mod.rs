//! The rules, one a file, in folders by what they look at.
//!
//! A rule reads the cluster through its [`Context`] and reports findings; it calls no other rule and keeps nothing.

mod annotation;
mod deployment;
mod deprecation;
mod destination_rule;
mod envoy_filter;
mod gateway;
mod hints;
mod injection;
mod mesh;
mod policy;
mod schema;
mod service;
mod service_entry;
mod sidecar;
mod status;
mod telemetry;
mod virtual_service;
mod webhook;

use super::Context;
use crate::engine::{diagnostic::Code, resource::Kind};

/// Whose check it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// An analyzer of `istioctl analyze`.
    Istio,
    /// Ours.
    Hints,
}

/// A check of the whole cluster.
#[derive(Debug)]
pub struct Rule {
    /// Its name, that of its file.
    pub name: &'static str,
    /// Whose it is.
    pub set: Set,
    /// What it makes sure of, in a line.
    pub summary: &'static str,
    /// The kinds it looks at.
    pub reads: &'static [Kind],
    /// The codes it may report.
    pub emits: &'static [&'static Code],
    /// Looks, and reports.
    pub check: for<'a> fn(&mut Context<'a>),
}

/// Every rule.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    ISTIO.iter().copied().flatten().copied().chain(hints::all())
}

/// Those of Istio's analyzers, a folder a line.
const ISTIO: &[&[&Rule]] = &[
    annotation::RULES,
    deployment::RULES,
    deprecation::RULES,
    destination_rule::RULES,
    envoy_filter::RULES,
    gateway::RULES,
    injection::RULES,
    mesh::RULES,
    policy::RULES,
    schema::RULES,
    service::RULES,
    service_entry::RULES,
    sidecar::RULES,
    status::RULES,
    telemetry::RULES,
    virtual_service::RULES,
    webhook::RULES,
];
