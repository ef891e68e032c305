//! Our own hints: what Istio accepts without a word and learners regret.
//!
//! A hint is only given where the outcome is certain from the objects at hand; where a part of the cluster is not in the input,
//! its rule keeps silent.

/// The kinds that a rule reads: names of kinds, `registry` and `fleet` for those of the views.
macro_rules! reads {
    (@[$($done:tt)*]) => { &[$($done)*] };
    (@[$($done:tt)*] registry $($rest:tt)*) => { reads!(@[$($done)* Kind::Service, Kind::ServiceEntry,] $($rest)*) };
    (@[$($done:tt)*] fleet $($rest:tt)*) => {
        reads!(@[
            $($done)*
            Kind::Pod, Kind::Deployment, Kind::StatefulSet, Kind::DaemonSet, Kind::WorkloadEntry, Kind::WorkloadGroup, Kind::K8sGateway, Kind::Namespace,
        ] $($rest)*)
    };
    (@[$($done:tt)*] $kind:ident $($rest:tt)*) => { reads!(@[$($done)* Kind::$kind,] $($rest)*) };
    ($($all:ident)+) => { reads!(@[] $($all)+) };
}

mod destination;
mod destination_host;
mod gateway;
mod routing;
mod security;
mod words;

use super::Rule;

/// All of them.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    [destination::RULES, routing::RULES, gateway::RULES, security::RULES].into_iter().flatten().copied()
}
