//! The endpoints of every service: EndpointSlices and Endpoints where they are written, else the Pods that a Service selects;
//! a ServiceEntry's own, or the workloads that it selects.

use std::{cell::Cell, collections::BTreeMap, sync::Arc};

use super::{
    Workload, Workloads,
    endpoint::{Endpoint, Health, with_topology},
    registry::service_hostname,
    workload::{entry_has_mtls, entry_identity, entry_locality},
};
use crate::engine::{
    index::Index,
    resource::{self, EndpointAddress, EndpointConditions, IntOrString, Labels, ObjectReference, Resource, ServiceEntry, Spec},
};

/// Endpoints by the host name, then by the namespace of a service.
pub(super) type EndpointIndex = Index<String, BTreeMap<String, Vec<Endpoint>>>;

/// Endpoints of all services together: a text of a megabyte could name millions, as every service can select every workload.
pub const MOST_ENDPOINTS: usize = 200_000;

/// How many may still be made.
struct Room(Cell<usize>);

impl Room {
    /// Whether there is room for one more, which is taken then.
    fn take(&self) -> bool {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        left > 0
    }
}

/// The endpoints, and whether that is all of them.
pub(super) fn endpoints(resources: &[Resource], workloads: &Workloads) -> (EndpointIndex, bool) {
    // One more tells whether any is left out.
    let room = Room(Cell::new(MOST_ENDPOINTS + 1));
    let mut index: Index<(String, String), Vec<Endpoint>> = Index::default();
    let mut of_entries: Index<(String, String), Vec<Endpoint>> = Index::default();
    for resource in resources {
        if let Spec::EndpointSlice(slice) = &resource.spec
            && let Some(name) = resource.metadata.labels.get("kubernetes.io/service-name")
        {
            let found = index.entry((service_hostname(name, &resource.metadata.namespace), resource.metadata.namespace.to_string())).or_default();
            of_slice(slice, &resource.metadata.namespace, workloads, &room, found);
        }
    }
    for resource in resources {
        if let Spec::Endpoints(list) = &resource.spec {
            index.entry(key_of(resource)).or_insert_with(|| of_endpoints(list, &resource.metadata.namespace, workloads, &room));
        }
    }
    // Where the list of one Service that selects its Pods is written, those of all are: Kubernetes would not write just one.
    let selecting = resources.iter().filter(|resource| matches!(&resource.spec, Spec::Service(spec) if !spec.selector.is_empty()));
    let with_pods = !selecting.map(key_of).any(|key| index.contains_key(&key));
    for resource in resources {
        let metadata = &resource.metadata;
        match &resource.spec {
            Spec::Service(spec) if !spec.selector.is_empty() => {
                let found = index.entry(key_of(resource)).or_default();
                of_selector(spec, &metadata.namespace, with_pods, workloads, &room, found);
            }
            Spec::ServiceEntry(spec) => {
                for host in &spec.hosts {
                    // Services of the same host in one namespace share their endpoints.
                    let found = of_entries.entry((host.clone(), metadata.namespace.to_string())).or_default();
                    of_service_entry(spec, host, &metadata.namespace, workloads, &room, found);
                }
            }
            _ => {}
        }
    }
    // Where a ServiceEntry has the host name of a Service, its endpoints come first.
    for (key, mut found) in of_entries {
        let rest = index.remove(&key).unwrap_or_default();
        found.extend(rest);
        index.insert(key, found);
    }
    let mut by_host = EndpointIndex::default();
    for ((host, namespace), mut found) in index {
        found.iter_mut().for_each(Endpoint::describe);
        by_host.entry(host).or_default().insert(namespace, found);
    }
    (by_host, room.0.get() > 0)
}

fn key_of(service: &Resource) -> (String, String) {
    let metadata = &service.metadata;
    (service_hostname(&metadata.name, &metadata.namespace), metadata.namespace.to_string())
}

fn of_workload(workload: &Workload, address: &str, port: u32, service_port: &str) -> Endpoint {
    Endpoint {
        address: address.to_owned(),
        port,
        service_port: service_port.to_owned(),
        labels: with_topology(&workload.labels, &workload.locality, &workload.node, &workload.network),
        namespace: workload.namespace.clone(),
        workload: workload.workload.clone(),
        telemetry: Arc::default(),
        identity: workload.identity.clone(),
        has_mtls: workload.has_mtls,
        locality: workload.locality.clone(),
        weight: workload.weight,
        node: Arc::clone(&workload.node),
        health: if workload.is_pod { Health::Healthy } else { Health::Unknown },
    }
}

/// The endpoint at an address, as the workload that the list refers to or that has the address.
fn at_address(
    address: &str,
    target: Option<&ObjectReference>,
    namespace: &str,
    workloads: &Workloads,
    port: &resource::EndpointPort,
    health: Health,
) -> Option<Endpoint> {
    let refers_to_pod = target.is_some_and(|target| target.kind == "Pod");
    let workload = match target {
        Some(target) if refers_to_pod => workloads.pod(if target.namespace.is_empty() { namespace } else { &target.namespace }, &target.name),
        _ => workloads.at_address(address).filter(|workload| workload.is_pod),
    };
    match workload {
        Some(workload) => Some(Endpoint { health, ..of_workload(workload, address, port.port, &port.name) }),
        // A Pod that is promised but not there yet is waited for.
        None if refers_to_pod => None,
        None => Some(Endpoint {
            address: address.to_owned(),
            port: port.port,
            service_port: port.name.clone(),
            labels: with_topology(&Labels::new(), "", "", ""),
            namespace: namespace.to_owned(),
            health,
            ..Endpoint::default()
        }),
    }
}

/// `endpointHealthStatus` in `pilot/pkg/serviceregistry/kube/controller/endpointslice.go`: what is not ready is going away unless it is
/// said that it is not.
fn of_conditions(conditions: &EndpointConditions) -> Health {
    match (conditions.ready, conditions.terminating) {
        (None | Some(true), _) => Health::Healthy,
        (Some(false), Some(false)) => Health::Unhealthy,
        (Some(false), None | Some(true)) => Health::Leaving,
    }
}

fn of_slice(slice: &resource::EndpointSlice, namespace: &str, workloads: &Workloads, room: &Room, found: &mut Vec<Endpoint>) {
    for endpoint in &slice.endpoints {
        let health = of_conditions(&endpoint.conditions);
        for address in &endpoint.addresses {
            found.extend(
                slice
                    .ports
                    .iter()
                    .take_while(|_| room.take())
                    .filter_map(|port| at_address(address, endpoint.target_ref.as_ref(), namespace, workloads, port, health)),
            );
        }
    }
}

fn of_endpoints(list: &resource::Endpoints, namespace: &str, workloads: &Workloads, room: &Room) -> Vec<Endpoint> {
    let mut found = Vec::new();
    for subset in &list.subsets {
        let ready = subset.addresses.iter().map(|address| (address, Health::Healthy));
        // Kubernetes lists the Pods of a selector in slices of its own; what somebody wrote it copies without a word of who is going away.
        let unready = |of_pod: bool| if of_pod { Health::Unhealthy } else { Health::Leaving };
        let is_pod = |address: &EndpointAddress| address.target_ref.as_ref().is_some_and(|target| target.kind == "Pod");
        let rest = subset.not_ready_addresses.iter().map(|address| (address, unready(is_pod(address))));
        for (address, health) in ready.chain(rest) {
            found.extend(
                subset
                    .ports
                    .iter()
                    .take_while(|_| room.take())
                    .filter_map(|port| at_address(&address.ip, address.target_ref.as_ref(), namespace, workloads, port, health)),
            );
        }
    }
    found
}

fn of_selector(spec: &resource::Service, namespace: &str, with_pods: bool, workloads: &Workloads, room: &Room, found: &mut Vec<Endpoint>) {
    for workload in workloads.select(namespace, &spec.selector).filter(|w| !w.address.is_empty() && !w.has_ended && (!w.is_pod || with_pods)) {
        for port in &spec.ports {
            if !room.take() {
                return;
            }
            let target = match &port.target_port {
                // A WorkloadEntry names its ports as the Service does, before what the Service says of its Pods.
                _ if !workload.is_pod && workload.ports.contains_key(&port.name) => workload.ports.get(&port.name).copied(),
                Some(IntOrString::Int(number)) if *number != 0 => Some(*number),
                Some(IntOrString::String(name)) => match name.parse() {
                    Ok(number) => Some(number),
                    Err(_) => workload.ports.get(name).copied(),
                },
                _ => Some(port.port),
            };
            if let Some(target) = target {
                let mut endpoint = of_workload(workload, &workload.address, target, &port.name);
                if workload.is_pod && !workload.is_ready && !spec.publish_not_ready_addresses {
                    endpoint.health = if workload.is_leaving { Health::Leaving } else { Health::Unhealthy };
                }
                found.push(endpoint);
            }
        }
    }
}

fn of_service_entry(spec: &ServiceEntry, host: &str, namespace: &str, workloads: &Workloads, room: &Room, found: &mut Vec<Endpoint>) {
    let is_dns = matches!(spec.resolution.as_deref(), Some("DNS" | "DNS_ROUND_ROBIN"));
    if let Some(selector) = &spec.workload_selector {
        let chosen = workloads.select(namespace, &selector.labels).filter(|w| !w.address.is_empty() && (!w.is_pod || w.is_ready));
        for workload in chosen {
            for port in &spec.ports {
                if !room.take() {
                    return;
                }
                let own = if workload.is_pod { None } else { workload.ports.get(&port.name).copied().filter(|number| *number > 0) };
                let target = own.unwrap_or(if port.target_port > 0 { port.target_port } else { port.number });
                found.push(of_workload(workload, &workload.address, target, &port.name));
            }
        }
        return;
    }
    for port in &spec.ports {
        let target = if port.target_port > 0 { port.target_port } else { port.number };
        if spec.endpoints.is_empty() && is_dns {
            if !room.take() {
                return;
            }
            found.push(Endpoint { address: host.to_owned(), port: target, service_port: port.name.clone(), ..Endpoint::default() });
        }
        for entry in &spec.endpoints {
            if !room.take() {
                return;
            }
            let is_socket = entry.address.starts_with("unix://");
            let number = if is_socket { 0 } else { entry.ports.get(&port.name).copied().filter(|number| *number > 0).unwrap_or(target) };
            let locality = entry_locality(entry);
            found.push(Endpoint {
                address: entry.address.strip_prefix("unix://").unwrap_or(&entry.address).to_owned(),
                port: number,
                service_port: port.name.clone(),
                labels: with_topology(&entry.labels, &locality, "", &entry.network),
                namespace: String::new(),
                workload: String::new(),
                telemetry: Arc::default(),
                identity: entry_identity(namespace, entry),
                has_mtls: entry_has_mtls(entry, &entry.labels),
                locality,
                weight: entry.weight,
                node: Arc::default(),
                health: Health::Unknown,
            });
        }
    }
}
