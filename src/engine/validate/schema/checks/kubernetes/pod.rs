//! Pods and their containers.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::{Check, Faults, exactly_one, field, items, set};
use crate::engine::{
    manifest::{Node, Value},
    validate::{
        report::{first_of, place},
        schema::quantity,
    },
};

pub(super) static CHECKS: &[(&str, Check)] = &[
    ("container-names", container_names),
    ("host-network", host_network),
    ("own-mounts", own_mounts),
    ("unique-mounts", unique_mounts),
    ("env-source", env_source),
    ("one-source", |node, faults| {
        exactly_one(node, faults, &["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef"], "valueFrom needs its source");
    }),
    ("env-from", |node, faults| exactly_one(node, faults, &["configMapRef", "secretRef"], "envFrom needs its source")),
    ("one-handler", one_handler),
    ("one-volume", one_volume),
    ("requests-within-limits", requests_within_limits),
    ("privilege", privilege),
    ("localhost-profile", localhost_profile),
];

/// The lists of containers in a Pod's spec.
const CONTAINERS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

/// Where a container stands in a Pod's spec; a path that is put together only where something is said of it.
#[derive(Clone, Copy)]
struct Place {
    list: &'static str,
    at: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.list, self.at)
    }
}

/// Every container of a Pod's spec.
fn containers(spec: &Node) -> impl Iterator<Item = (Place, &Node)> {
    CONTAINERS.into_iter().flat_map(move |list| items(spec, list).iter().enumerate().map(move |(at, container)| (Place { list, at }, container)))
}

fn container_names(node: &Node, faults: &mut Faults<'_, '_>) {
    let mut seen = BTreeMap::new();
    for (path, container) in containers(node) {
        let Some(entry) = container.entry("name") else { continue };
        let Some(name) = entry.value.as_str() else { continue };
        if let Some(first) = seen.get(name) {
            faults.at(&format!(".{path}.name"), entry.value.span, format!("the name {name:?} is taken by {first}; containers of a Pod need different names"));
        } else {
            seen.insert(name, path);
        }
    }
}

fn host_network(node: &Node, faults: &mut Faults<'_, '_>) {
    if !matches!(set(node, "hostNetwork").map(|value| &value.value), Some(Value::Bool(true))) {
        return;
    }
    for (path, container) in containers(node) {
        for (at, port) in items(container, "ports").iter().enumerate() {
            let number = |key: &str| set(port, key).and_then(Node::as_whole).filter(|number| *number != 0);
            if let (Some(host), Some(own)) = (number("hostPort"), number("containerPort"))
                && host != own
            {
                let span = port.entry("hostPort").map_or_else(|| first_of(port), |entry| entry.value.span);
                faults.at(
                    &format!(".{path}.ports[{at}].hostPort"),
                    span,
                    format!("on the host's network this is the container's own port, {own}; remove hostPort"),
                );
            }
        }
    }
}

fn own_mounts(node: &Node, faults: &mut Faults<'_, '_>) {
    if let Some(spec) = set(node, "spec") {
        mounts(spec, &BTreeSet::new(), ".spec", faults);
    }
}

/// Mounts of volumes that neither the spec nor, in a StatefulSet, a claim's template defines.
pub(super) fn mounts(spec: &Node, claims: &BTreeSet<&str>, prefix: &str, faults: &mut Faults<'_, '_>) {
    let volumes: BTreeSet<&str> = items(spec, "volumes").iter().map(|volume| field(volume, "name", "")).collect();
    for (path, container) in containers(spec) {
        for (list, wanted) in [("volumeMounts", "mount"), ("volumeDevices", "device")] {
            for (at, mount) in items(container, list).iter().enumerate() {
                let Some(entry) = mount.entry("name") else { continue };
                let Some(name) = entry.value.as_str().filter(|name| !name.is_empty()) else { continue };
                if !volumes.contains(name) && !claims.contains(name) {
                    let message = format!("there is no volume {name:?} for this {wanted}; define it under volumes");
                    faults.at(&format!("{prefix}.{path}.{list}[{at}].name"), place(&entry.value, entry.key_span), message);
                }
            }
        }
    }
}

fn unique_mounts(node: &Node, faults: &mut Faults<'_, '_>) {
    let mut seen = BTreeMap::new();
    for (at, mount) in node.items().iter().enumerate() {
        let path = field(mount, "mountPath", "");
        if let Some(first) = seen.insert(path, at).filter(|_| !path.is_empty()) {
            faults.at_item(node, at, format!("item {first} is mounted at {path} already; each path can be used once"));
        }
    }
}

fn env_source(node: &Node, faults: &mut Faults<'_, '_>) {
    if !field(node, "value", "").is_empty() && set(node, "valueFrom").is_some() {
        faults.of_key(node, "valueFrom", "a variable has a value or takes it from elsewhere; remove value or valueFrom");
    }
}

fn one_handler(node: &Node, faults: &mut Faults<'_, '_>) {
    let fields: &[&str] = if node.entry("sleep").is_some() { &["exec", "httpGet", "tcpSocket", "sleep"] } else { &["exec", "httpGet", "tcpSocket", "grpc"] };
    exactly_one(node, faults, fields, "there is nothing to do");
}

fn one_volume(node: &Node, faults: &mut Faults<'_, '_>) {
    let mut sources = node.entries().iter().filter(|entry| entry.key != "name" && !entry.value.is_null());
    match (sources.next(), sources.next()) {
        (None, _) => faults.here("a volume needs its source, such as configMap, secret or emptyDir: {}"),
        (Some(first), Some(second)) => {
            faults.of_key(node, &second.key, format!("a volume has one source, and {} is already; remove one", first.key));
        }
        _ => {}
    }
}

fn requests_within_limits(node: &Node, faults: &mut Faults<'_, '_>) {
    let amount = |value: &Node| match &value.value {
        Value::String(text) => quantity::parse(text),
        Value::Int(value) => Some(value.as_f64()),
        Value::Float(value) => Some(*value),
        _ => None,
    };
    let (Some(requests), Some(limits)) = (set(node, "requests"), set(node, "limits")) else { return };
    for entry in requests.entries() {
        if let (Some(request), Some(limit)) = (amount(&entry.value), limits.get(&entry.key).and_then(amount))
            && request > limit
        {
            faults.at(&format!(".requests.{}", entry.key), entry.value.span, format!("asks for more {} than its limit allows", entry.key));
        }
    }
}

fn privilege(node: &Node, faults: &mut Faults<'_, '_>) {
    let is = |key: &str, wanted: bool| matches!(set(node, key).map(|value| &value.value), Some(Value::Bool(value)) if *value == wanted);
    if is("privileged", true) && is("allowPrivilegeEscalation", false) {
        faults.at_key(node, "allowPrivilegeEscalation", "a privileged container can always escalate; remove one of the two");
    }
}

fn localhost_profile(node: &Node, faults: &mut Faults<'_, '_>) {
    let is_local = field(node, "type", "") == "Localhost";
    let has_profile = !field(node, "localhostProfile", "").is_empty();
    if is_local != has_profile {
        faults.at_key(node, "localhostProfile", "localhostProfile goes with type: Localhost, and is needed there");
    }
}
