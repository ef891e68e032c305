//! Services out of Kubernetes Services and ServiceEntries, in the order in which istiod ranks them.

use std::collections::{BTreeMap, HashMap};

use super::{DOMAIN, NO_ADDRESS, Nearness, Port, Protocol, Registry, Resolution, Service as Entry, Visibility, created};
use crate::engine::{
    resource::{Metadata, Resource, Service, ServiceEntry, Spec},
    source::Origin,
};

/// All services, oldest first.
pub fn services<'a>(resources: impl IntoIterator<Item = &'a Resource>) -> Vec<Entry> {
    let mut services = Vec::new();
    for resource in resources {
        let origin = || Origin::whole(resource.id_text());
        match &resource.spec {
            Spec::Service(spec) => services.push(of_service(&resource.metadata, spec, origin())),
            Spec::ServiceEntry(spec) => services.extend(of_service_entry(&resource.metadata, spec, &origin())),
            _ => {}
        }
    }
    services.sort_by(|a, b| (&a.created, &a.name, &a.namespace).cmp(&(&b.created, &b.name, &b.namespace)));
    name_aliases(&mut services);
    services
}

/// The full host name of a Service.
pub fn service_hostname(name: &str, namespace: &str) -> String {
    [name, ".", namespace, ".svc.", DOMAIN].concat()
}

fn of_service(metadata: &Metadata, spec: &Service, origin: Origin) -> Entry {
    let is_alias = spec.r#type == "ExternalName" && !spec.external_name.is_empty();
    let mut resolution = if is_alias { Resolution::Alias } else { Resolution::ClientSide };
    let mut addresses = vec![NO_ADDRESS.to_owned()];
    if spec.cluster_ip == "None" {
        resolution = Resolution::Passthrough;
    } else if !spec.cluster_ip.is_empty() {
        addresses = if spec.cluster_ips.len() > 1 { ipv4_only(&spec.cluster_ips) } else { vec![spec.cluster_ip.clone()] };
    }
    let ports = spec.ports.iter().map(|port| Port {
        name: port.name.clone(),
        number: port.port,
        protocol: Protocol::of_service_port(port.port, &port.name, &port.protocol, port.app_protocol.as_deref()),
    });
    let annotation = |key: &str| metadata.annotations.get(key).unwrap_or_default();
    let export_to = annotation("networking.istio.io/exportTo");
    Entry {
        hostname: service_hostname(&metadata.name, &metadata.namespace),
        name: metadata.name.to_string(),
        namespace: metadata.namespace.to_string(),
        registry: Registry::Kubernetes,
        resolution,
        ports: ports.collect(),
        addresses,
        mesh_external: is_alias,
        visibility: Visibility::new(export_to.split(',').filter(|to| !to.trim().is_empty())),
        selector: spec.selector.clone(),
        labels: metadata.labels.clone(),
        publishes_unready: spec.publish_not_ready_addresses,
        near: Nearness::of_service(metadata, spec, &origin),
        external_name: if is_alias { spec.external_name.clone() } else { String::new() },
        identities: annotation("alpha.istio.io/canonical-serviceaccounts").split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect(),
        port_overrides: BTreeMap::new(),
        created: created(metadata),
        aliases: Vec::new(),
        origin,
    }
}

/// Proxies have IPv4 addresses only, so that is what they are told.
fn ipv4_only(addresses: &[String]) -> Vec<String> {
    let v4: Vec<String> = addresses.iter().filter(|address| !address.contains(':')).cloned().collect();
    if v4.is_empty() { addresses.first().cloned().into_iter().collect() } else { v4 }
}

fn of_service_entry(metadata: &Metadata, spec: &ServiceEntry, origin: &Origin) -> Vec<Entry> {
    let resolution = match spec.resolution.as_deref() {
        Some("STATIC") => Resolution::ClientSide,
        Some("DNS") => Resolution::Dns,
        Some("DNS_ROUND_ROBIN") => Resolution::DnsRoundRobin,
        _ => Resolution::Passthrough,
    };
    let ports: Vec<Port> =
        spec.ports.iter().map(|port| Port { name: port.name.clone(), number: port.number, protocol: Protocol::parse(&port.protocol) }).collect();
    let overrides = spec.ports.iter().filter(|port| resolution == Resolution::Passthrough && port.target_port != 0);
    let port_overrides: BTreeMap<u32, u32> = overrides.map(|port| (port.number, port.target_port)).collect();
    let addresses: Vec<String> = if spec.addresses.is_empty() {
        vec![NO_ADDRESS.to_owned()]
    } else {
        spec.addresses.iter().map(|address| without_whole_mask(address).to_owned()).collect()
    };
    let near = Nearness::of_service_entry(metadata, origin);
    let mut entries = Vec::new();
    for (at, host) in spec.hosts.iter().enumerate() {
        // As in istiod, a host with several addresses is a service for each, of which the oldest stands for all.
        for address in &addresses {
            entries.push(Entry {
                hostname: host.clone(),
                name: host.clone(),
                namespace: metadata.namespace.to_string(),
                registry: Registry::ServiceEntry,
                resolution,
                ports: ports.clone(),
                addresses: vec![address.clone()],
                mesh_external: spec.location.as_deref() != Some("MESH_INTERNAL"),
                visibility: Visibility::new(spec.export_to.iter().map(String::as_str)),
                selector: spec.workload_selector.as_ref().map(|selector| selector.labels.clone()).unwrap_or_default(),
                labels: metadata.labels.clone(),
                publishes_unready: false,
                near: near.clone(),
                external_name: String::new(),
                identities: spec.subject_alt_names.clone(),
                port_overrides: port_overrides.clone(),
                created: created(metadata),
                aliases: Vec::new(),
                origin: origin.field(format!("spec.hosts[{at}]")),
            });
        }
    }
    entries
}

/// A range of one address is that address. How many bits that takes is another number for each family.
fn without_whole_mask(address: &str) -> &str {
    let whole = if address.contains(':') { "/128" } else { "/32" };
    address.strip_suffix(whole).unwrap_or(address)
}

/// Tells services which aliases stand for them.
fn name_aliases(services: &mut [Entry]) {
    let mut aliases: HashMap<String, Vec<String>> = HashMap::new();
    let targets: HashMap<String, String> =
        services.iter().filter(|s| s.resolution == Resolution::Alias).map(|s| (s.hostname.clone(), s.external_name.clone())).collect();
    for alias in services.iter().filter(|s| s.resolution == Resolution::Alias) {
        let mut target = &alias.external_name;
        // Aliases of aliases, without going round in circles.
        for _ in 0..10 {
            match targets.get(target) {
                Some(next) if next != target => target = next,
                _ => break,
            }
        }
        aliases.entry(target.clone()).or_default().push(alias.hostname.clone());
    }
    for service in services {
        if let Some(names) = aliases.get(&service.hostname) {
            service.aliases.clone_from(names);
            service.aliases.sort();
        }
    }
}
