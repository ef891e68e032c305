//! Which hosts of which ports Gateways claim, and who is in whose way.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::group::Group;
use crate::engine::{
    analyze::{Item, words::full_name},
    resource::{Gateway, Server},
};

/// More opponents than a message names are not looked for.
pub(super) const ENOUGH: usize = 16;

/// The servers of each port, with their places.
pub(super) fn by_port(gateway: &Gateway) -> BTreeMap<u32, Vec<(usize, &Server)>> {
    let mut by_port: BTreeMap<u32, Vec<_>> = BTreeMap::new();
    for (at, server) in gateway.servers.iter().enumerate() {
        by_port.entry(server.port.as_ref().map_or(0, |port| port.number)).or_default().push((at, server));
    }
    by_port
}

/// What a Gateway claims of a port: hosts, each with the address that it is bound to.
pub(super) struct Claim<'a> {
    /// Its full name.
    pub gateway: String,
    hosts: BTreeMap<&'a str, &'a str>,
}

impl<'a> Claim<'a> {
    /// Which of another Gateway's servers, one after the other, claim what is claimed here.
    pub fn contest(&self, servers: &[(usize, &'a Server)]) -> impl Iterator<Item = bool> {
        let mut noted: BTreeMap<&str, &str> = BTreeMap::new();
        servers.iter().map(move |(_, server)| {
            let is_lost = server.hosts.iter().any(|host| noted.get(host.as_str()).or_else(|| self.hosts.get(host.as_str())) == Some(&server.bind.as_str()));
            if !is_lost {
                noted.extend(server.hosts.iter().map(|host| (host.as_str(), server.bind.as_str())));
            }
            is_lost
        })
    }
}

/// Claims of all Gateways, by their group.
pub(super) struct Claims<'a> {
    all: Vec<Claim<'a>>,
    by_host: HashMap<(u32, &'a str, &'a str), BTreeMap<usize, Vec<usize>>>,
    by_port: HashMap<u32, BTreeMap<usize, Vec<usize>>>,
}

impl<'a> Claims<'a> {
    /// Takes every Gateway's claims, those of one group in the order of their names.
    pub fn new(groups: &[Group<'a>]) -> Self {
        let mut claims = Self { all: Vec::new(), by_host: HashMap::new(), by_port: HashMap::new() };
        for (group, of) in groups.iter().enumerate() {
            let mut gateways = of.gateways.clone();
            gateways.sort_by_key(|item| (item.namespace(), item.name()));
            for item in gateways {
                for (port, servers) in by_port(item.spec) {
                    let Some((_, last)) = servers.last() else { continue };
                    let (at, hosts) = (claims.all.len(), last.hosts.iter().map(|host| (host.as_str(), last.bind.as_str())).collect::<BTreeMap<_, _>>());
                    for (host, bind) in &hosts {
                        claims.by_host.entry((port, host, bind)).or_default().entry(group).or_default().push(at);
                    }
                    claims.by_port.entry(port).or_default().entry(group).or_default().push(at);
                    claims.all.push(Claim { gateway: full_name(item.namespace(), item.name()), hosts });
                }
            }
        }
        claims
    }

    /// Other Gateways with whom a Gateway's servers of a port may be in conflict.
    pub fn opponents(&self, related: &BTreeSet<usize>, own: usize, item: Item<'_, Gateway>, port: u32, servers: &[(usize, &Server)]) -> Vec<&Claim<'a>> {
        let hosts: Vec<(&str, &str)> = servers
            .iter()
            .flat_map(|(_, server)| server.hosts.iter().collect::<BTreeSet<_>>().into_iter().map(|host| (host.as_str(), server.bind.as_str())))
            .collect();
        let repeats = hosts.iter().collect::<BTreeSet<_>>().len() < hosts.len();
        let lists = hosts.iter().filter_map(|(host, bind)| self.by_host.get(&(port, *host, *bind))).chain(self.by_port.get(&port).filter(|_| repeats));
        let name = full_name(item.namespace(), item.name());
        let mut found: BTreeSet<usize> = BTreeSet::new();
        for by_group in lists {
            let others = related.iter().filter_map(|other| by_group.get(other));
            let others = by_group.get(&own).into_iter().chain(others).flatten();
            found.extend(others.filter(|at| self.all[**at].gateway != name).take(ENOUGH));
        }
        found.into_iter().map(|at| &self.all[at]).collect()
    }
}
