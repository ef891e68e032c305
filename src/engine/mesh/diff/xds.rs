//! What the proxies on a way are told, before and now.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    super::{ConfigKind, Hop},
    FieldChange, Kind, Sent, fields,
};
use crate::engine::xds::ProxyConfig;

/// So many resources of one proxy are told.
const MOST: usize = 60;

/// What one proxy is told otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct ProxyChange {
    /// `pod.namespace`.
    pub proxy: String,
    /// In the order of listeners, routes, clusters, endpoints, by name; at most 60.
    pub resources: Vec<ResourceChange>,
    /// How many more there are.
    pub omitted: usize,
}

/// A listener, route configuration, cluster or load assignment.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceChange {
    /// What it is.
    pub what: ConfigKind,
    /// By its name.
    pub name: String,
    /// Whether it is there at all.
    pub kind: Kind,
    /// What is in it that is otherwise, at most 50 fields.
    pub fields: Vec<FieldChange>,
    /// How many more there are.
    pub omitted: usize,
}

/// Compares the proxies that are on either way and in both clusters; one that is in a single cluster is told by the way itself.
pub(super) fn proxies(before: Sent<'_>, now: Sent<'_>) -> Vec<ProxyChange> {
    let hops = |sent: Sent<'_>| -> Vec<Hop> { sent.1.map(|journey| journey.hops.clone()).unwrap_or_default() };
    let mut envoys: Vec<Hop> = Vec::new();
    for hop in hops(now).into_iter().chain(hops(before)).filter(|hop| hop.role.is_envoy()) {
        if !envoys.iter().any(|known| known.proxy == hop.proxy) {
            envoys.push(hop);
        }
    }
    let compared = envoys.iter().filter_map(|hop| Some((hop.proxy.clone(), before.0.config_of(hop)?, now.0.config_of(hop)?)));
    compared.filter_map(|(proxy, old, new)| of_proxy(proxy, &old, &new)).collect()
}

fn of_proxy(proxy: String, old: &ProxyConfig, new: &ProxyConfig) -> Option<ProxyChange> {
    let mut all = Vec::new();
    let mut list = Listed { all: &mut all };
    list.add(ConfigKind::Listener, &old.listeners, &new.listeners, |listener| &listener.name);
    list.add(ConfigKind::Route, &old.routes, &new.routes, |routes| &routes.name);
    list.add(ConfigKind::Cluster, &old.clusters, &new.clusters, |cluster| &cluster.name);
    list.add(ConfigKind::Endpoint, &old.endpoints, &new.endpoints, |assignment| &assignment.cluster_name);
    let omitted = all.len().saturating_sub(MOST);
    all.truncate(MOST);
    (!all.is_empty()).then_some(ProxyChange { proxy, resources: all, omitted })
}

struct Listed<'a> {
    all: &'a mut Vec<ResourceChange>,
}

impl Listed<'_> {
    fn add<T: Serialize + PartialEq>(&mut self, what: ConfigKind, old: &[T], new: &[T], name: impl Fn(&T) -> &String) {
        let by_name = |items| -> BTreeMap<String, &T> { <[T]>::iter(items).map(|item| (name(item).clone(), item)).collect() };
        let (old, new) = (by_name(old), by_name(new));
        let alone = |name: &str, kind| ResourceChange { what, name: name.to_owned(), kind, fields: Vec::new(), omitted: 0 };
        let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
        names.sort();
        names.dedup();
        for name in names {
            match (old.get(name), new.get(name)) {
                (None, Some(_)) => self.all.push(alone(name, Kind::Came)),
                (Some(_), None) => self.all.push(alone(name, Kind::Went)),
                // More are counted, not compared.
                (Some(old), Some(new)) if old != new && self.all.len() < MOST => {
                    let json = |item: &T| serde_json::to_value(item).unwrap_or_default();
                    let (fields, omitted) = fields::changes(&json(old), &json(new));
                    if !fields.is_empty() {
                        self.all.push(ResourceChange { fields, omitted, ..alone(name, Kind::Changed) });
                    }
                }
                (Some(old), Some(new)) if old != new => self.all.push(alone(name, Kind::Changed)),
                _ => {}
            }
        }
    }
}
