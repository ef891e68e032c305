//! Gateways serve a host of the VirtualServices that name them (`analyzers/virtualservice/gateways.go` of 1.26.4).
//!
//! A gateway that does not exist serves none, so that `unknown_gateway` is never alone.

use std::collections::HashMap;

use super::{gateway_of, is_internal};
use crate::engine::{
    analyze::{
        Context, Rule, Set,
        view::HostSet,
        words::{full_name, listed},
    },
    cluster::MESH,
    diagnostic::istio::{IST0132, VirtualServiceHostNotFoundInGateway},
    resource::{Gateway, Kind, Server, VirtualService},
};

pub(super) static RULE: Rule = Rule {
    name: "host_not_in_gateway",
    set: Set::Istio,
    summary: "gateways serve a host of the VirtualServices that name them",
    reads: &[Kind::VirtualService, Kind::Gateway],
    emits: &[&IST0132],
    check,
};

fn check(context: &mut Context<'_>) {
    let mut gateways: HashMap<(&str, &str), Served> = HashMap::new();
    for gateway in context.each::<Gateway>() {
        let served = gateways.entry((gateway.namespace(), gateway.name())).or_default();
        gateway.spec.servers.iter().for_each(|server| served.add(server, gateway.namespace()));
    }
    for item in context.each::<VirtualService>() {
        for (at, written) in item.spec.gateways.iter().enumerate().filter(|(_, gateway)| *gateway != MESH && !is_internal(gateway)) {
            let gateway = gateway_of(item.namespace(), written);
            if gateways.get(&gateway).is_some_and(|served| item.spec.hosts.iter().any(|host| served.has(host, item.namespace()))) {
                continue;
            }
            let gateway = full_name(gateway.0, gateway.1);
            let message = VirtualServiceHostNotFoundInGateway { hosts: listed(&item.spec.hosts), virtual_service: item.full_name(), gateway };
            context.report(item.resource, &format!("spec.gateways[{at}]"), message);
        }
    }
}

/// The hosts of a Gateway.
#[derive(Debug, Default)]
struct Served {
    for_all: HostSet<()>,
    by_namespace: HashMap<String, HostSet<()>>,
}

impl Served {
    /// Of a server that has `*/*` no other host counts.
    fn add(&mut self, server: &Server, own: &str) {
        if server.hosts.iter().any(|host| host.split('/').take(2).eq(["*", "*"])) {
            return self.for_all.insert("*", ());
        }
        let first = |rest: &str| rest.split('/').next().unwrap_or_default().to_owned();
        for host in &server.hosts {
            match host.split_once('/') {
                None => self.for_all.insert(host, ()),
                Some(("*", rest)) => self.for_all.insert(&first(rest), ()),
                Some((".", rest)) => self.by_namespace.entry(own.to_owned()).or_default().insert(&first(rest), ()),
                Some((scope, rest)) => self.by_namespace.entry(scope.to_owned()).or_default().insert(rest, ()),
            }
        }
    }

    /// Whether a host of a VirtualService in a namespace is among them.
    fn has(&self, host: &str, namespace: &str) -> bool {
        self.for_all.overlapping(host).is_some() || self.by_namespace.get(namespace).is_some_and(|hosts| hosts.overlapping(host).is_some())
    }
}
