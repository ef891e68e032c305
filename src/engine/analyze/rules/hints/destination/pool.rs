//! What stands behind the host of a DestinationRule, where that is known.

use crate::engine::{
    analyze::view::{Backends, Fleet, Member, Registry, is_label_of_place},
    cluster::{Resolution, Service},
    resource::{Labels, WorkloadEntry},
};

/// One server, or several alike.
#[derive(Debug, Clone, Copy)]
pub(super) enum Server<'s, 'a> {
    Member(&'s Member<'a>),
    Listed(&'a WorkloadEntry),
}

impl Server<'_, '_> {
    /// Its labels.
    pub(super) fn labels(&self) -> &Labels {
        match self {
            Self::Member(member) => &member.labels,
            Self::Listed(entry) => &entry.labels,
        }
    }

    /// Whether it has all of the labels, or may come to have them.
    pub(super) fn may_carry(&self, wanted: &Labels) -> bool {
        match self {
            Self::Member(member) => member.may_carry(wanted),
            Self::Listed(entry) => wanted.iter().all(|(key, value)| entry.labels.get(key) == Some(value) || is_label_of_place(key)),
        }
    }

    /// How many endpoints it stands for.
    pub(super) fn count(&self) -> usize {
        match self {
            Self::Member(member) => member.replicas,
            Self::Listed(_) => 1,
        }
    }
}

/// The servers of each service that a host stands for. None where the host is nobody's, where some service has none, or where
/// they are found by other means than selectors and lists.
pub(super) fn pools<'s, 'a>(registry: &'s Registry<'a>, fleet: &'s Fleet<'a>, host: &str) -> Option<Vec<Vec<Server<'s, 'a>>>> {
    let services = registry.matching(host);
    if services.is_empty() {
        return None;
    }
    services.into_iter().map(|service| servers(registry, fleet, service)).collect()
}

fn servers<'s, 'a>(registry: &'s Registry<'a>, fleet: &'s Fleet<'a>, service: &'s Service) -> Option<Vec<Server<'s, 'a>>> {
    if matches!(service.resolution, Resolution::Passthrough | Resolution::Alias) {
        return None;
    }
    let servers: Vec<Server> = match registry.backends(service, fleet) {
        Backends::Workloads(members) => members.into_iter().map(Server::Member).collect(),
        Backends::Listed(entries) => entries.iter().map(Server::Listed).collect(),
        Backends::Elsewhere => Vec::new(),
    };
    (!servers.is_empty()).then_some(servers)
}
