//! An IstioOperator: no object of a cluster, but the file that `istioctl install -f` reads.
//!
//! Follows `MergeInputs` in `operator/pkg/render/manifest.go` and `ParseAndValidateIstioOperator` in
//! `operator/pkg/apis/validation/validation.go`: Go's decoder looks at the whole and refuses what it does not know, protobuf's looks at
//! `values` in the same way and at `meshConfig` passing over what it does not know, and a few rules follow. Of what a chart would say
//! when it is rendered, only the names of profiles and versions are asked here.

use super::{
    Extent, names,
    report::{Report, first_of, place},
    schema::{ISTIO_OPERATOR, MESH_CONFIG, Reader, VALUES, Walk, decode_message},
    webhook::proxy_settings,
};
use crate::engine::{
    diagnostic::{Level, Stage, closest, is_slip},
    duration::Duration,
    manifest::{Node, Value},
    resource::group_and_version,
    source::Span,
};

/// `manifests/profiles`.
const PROFILES: &[&str] = &["default", "demo", "minimal", "empty", "ambient", "openshift", "openshift-ambient", "preview", "remote", "stable"];
/// `manifests/helm-profiles`, which every chart carries along.
const CHART_PROFILES: &[&str] = &["ambient", "demo", "preview", "remote", "stable"];
const PLATFORMS: &[&str] = &["gke", "k3d", "k3s", "microk8s", "minikube", "openshift"];
const OLDER_VERSIONS: &[&str] = &["1.23", "1.24", "1.25"];

/// Whether a document is such a file.
pub(in crate::engine) fn is_operator(object: &Node) -> bool {
    let text = |key: &str| object.get(key).and_then(Node::as_str).unwrap_or_default();
    text("kind") == "IstioOperator" && group_and_version(text("apiVersion")).0 == "install.istio.io"
}

/// MeshConfig as istiod's decoder reads it, known fields alone and in camelCase, where it can be read.
pub(in crate::engine) fn mesh_settings(settings: &Node) -> Option<Node> {
    decode_message(*MESH_CONFIG, settings).ok()
}

/// What stands at a path of plain keys.
pub(in crate::engine) fn at<'n>(object: &'n Node, path: &str) -> Option<&'n Node> {
    path.split('.').try_fold(object, |node, key| node.get(key))
}

/// Judges the file.
pub(super) fn judge(report: &mut Report<'_>) {
    let object = report.object;
    Walk::decoded(Reader::Go, *ISTIO_OPERATOR, report, (object, first_of(object)), "");
    decoded(report, "spec.values", |report, at, path| Walk::decoded(Reader::Protobuf { unknown: Level::Error }, *VALUES, report, at, path));
    decoded(report, "spec.meshConfig", mesh);
    decoded(report, "spec.values.meshConfig", mesh);
    if report.extent == Extent::Salvaged {
        return;
    }
    if at(object, "spec.installPackagePath").and_then(Node::as_str).unwrap_or_default().is_empty() {
        one_of(report, "spec.profile", "profile", PROFILES);
        one_of(report, "spec.values.profile", "profile of the charts", CHART_PROFILES);
        one_of(report, "spec.values.global.platform", "platform", PLATFORMS);
        one_of(report, "spec.compatibilityVersion", "compatibilityVersion", OLDER_VERSIONS);
        one_of(report, "spec.values.compatibilityVersion", "compatibilityVersion", OLDER_VERSIONS);
    }
    images(report);
    proxy_ranges(report);
    form(report, "spec.revision", names::is_dns_label, "a label of DNS: letters, digits and -, at most 63");
    for list in ["ingressGateways", "egressGateways"] {
        gateways(report, list);
    }
    let autoscaled = is_true(object, "spec.values.pilot.autoscaleEnabled");
    if autoscaled && at(object, "spec.components.pilot.k8s.replicaCount").and_then(Node::as_whole).is_some_and(|count| count > 1) {
        warn(report, "spec.components.pilot.k8s.replicaCount", "should not be set where values.pilot.autoscaleEnabled is true: the autoscaler decides");
    }
    // The field is there still, and no component of that name (`AllComponents` in `operator/pkg/component/component.go`).
    if at(object, "spec.components.istiodRemote").is_some() {
        warn(report, "spec.components.istiodRemote", "has no effect: Istio 1.26 has no such component; use profile: remote");
    }
}

/// Has a mapping read, where there is one.
fn decoded<'a>(report: &mut Report<'a>, path: &str, read: impl Fn(&mut Report<'a>, (&Node, Span), &str)) {
    let (parent, key) = path.rsplit_once('.').unwrap_or(("", path));
    let entry = at(report.object, parent).and_then(|parent| parent.entry(key));
    if let Some(entry) = entry.filter(|entry| matches!(entry.value.value, Value::Map(_))) {
        read(report, (&entry.value, place(&entry.value, entry.key_span)), path);
    }
}

/// `validateMeshConfig`: its fields, its rules, and the proxies' own settings (`ValidateMeshConfigProxyConfig`).
fn mesh(report: &mut Report<'_>, (settings, span): (&Node, Span), path: &str) {
    Walk::decoded(Reader::Protobuf { unknown: Level::Warning }, *MESH_CONFIG, report, (settings, span), path);
    let Some(settings) = mesh_settings(settings) else { return };
    for entry in settings.entries() {
        if let Some(fault) = fault_of_setting(&entry.key, &entry.value) {
            report.say(Stage::Schema, Level::Error, &format!("{path}.{}", entry.key), place(&entry.value, entry.key_span), fault);
        }
    }
}

/// What `ValidateMeshConfig` in `pkg/config/validation/agent/validation.go` has against a setting by itself.
fn fault_of_setting(name: &str, value: &Node) -> Option<String> {
    let text = value.as_str().unwrap_or_default();
    let nanos = || Duration::parse(text).map_or(0, Duration::as_nanos);
    let is_domain = |domain: &str| {
        let labels = domain.strip_suffix('.').unwrap_or(domain);
        !domain.is_empty() && (labels.is_empty() || labels.split('.').all(names::is_dns_label))
    };
    match name {
        "defaultConfig" => proxy_settings::fault_of(value),
        "proxyListenPort" => {
            let port = value.as_whole()?;
            (!(1..=65_535).contains(&port)).then(|| format!("{port} is not a port; ports are 1 to 65535"))
        }
        "connectTimeout" if nanos() < 1_000_000 || nanos() > 3_600_000_000_000 => Some(format!("{text:?} is not within 1ms to 1h")),
        "connectTimeout" | "protocolDetectionTimeout" if nanos() % 1_000_000 != 0 => Some(format!("{text:?} is not a number of whole milliseconds")),
        "trustDomain" if !is_domain(text) => Some(format!("{text:?} is not a domain, such as cluster.local")),
        "trustDomainAliases" => {
            let wrong = value.items().iter().filter_map(Node::as_str).find(|alias| !is_domain(alias))?;
            Some(format!("{wrong:?} is not a domain, such as cluster.local"))
        }
        "meshMTLS" if value.get("ecdhCurves").is_some_and(|curves| !curves.items().is_empty()) => {
            Some("ecdhCurves cannot be set for TLS within the mesh; tlsDefaults takes them".to_owned())
        }
        _ => None,
    }
}

/// A word that must be one of those that Istio brings along.
fn one_of(report: &mut Report<'_>, path: &str, what: &str, known: &[&str]) {
    let Some(given) = at(report.object, path).and_then(Node::as_str).filter(|given| !given.is_empty() && !known.contains(given)) else { return };
    let near = closest(given, known.iter().copied());
    let hint = near.map_or_else(|| format!("it has {}", known.join(", ")), |near| format!("did you mean {near}?"));
    refuse(report, path, format!("Istio 1.26 has no {what} {given:?}; {hint}"));
    if let Some(near) = near.filter(|near| is_slip(given, near)) {
        let span = report.locate(path);
        report.fix(span, near.to_owned());
    }
}

/// `validateHub` and `validateTag`, as go-containerregistry reads names of images.
fn images(report: &mut Report<'_>) {
    let is_repository = |hub: &str| {
        let path = hub.split_once('/').filter(|(host, _)| host.contains(['.', ':'])).map_or(hub, |(_, path)| path);
        let is_host_alone = hub.contains(['.', ':']) && !hub.contains('/');
        is_host_alone || path.len() < 249 && path.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-./".contains(&b))
    };
    form(report, "spec.hub", is_repository, "where images are, such as docker.io/istio: lower-case letters, digits and _ - . /, and no tag");
    let is_tag = |tag: &str| tag.len() <= 128 && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
    form(report, "spec.tag", is_tag, "a tag of an image, such as 1.26.4: letters, digits and _ - . alone");
}

/// What `validateValues` asks of the proxies' ranges.
fn proxy_ranges(report: &mut Report<'_>) {
    let are_ranges = |text: &str| text == "*" || text.split(',').all(names::is_cidr);
    let is_port = |text: &str| matches!(text, "" | "*") || text.parse::<i32>().is_ok_and(|port| (0..=65_535).contains(&port));
    for side in ["include", "exclude"] {
        form(report, &format!("spec.values.global.proxy.{side}IPRanges"), are_ranges, "* or ranges such as 10.0.0.0/8, with commas and no spaces between");
        let are_ports = |text: &str| text.split(',').all(is_port);
        form(report, &format!("spec.values.global.proxy.{side}InboundPorts"), are_ports, "* or ports such as 80,443, with commas and no spaces between");
    }
}

/// A text that must have a form, where it is not empty.
fn form(report: &mut Report<'_>, path: &str, is_fine: impl Fn(&str) -> bool, form: &str) {
    let given = at(report.object, path).and_then(Node::as_str).filter(|given| !given.is_empty());
    if let Some(given) = given.filter(|given| !is_fine(given)) {
        refuse(report, path, format!("{given:?} is not {form}"));
    }
}

/// `validateComponentNames`, `validateGateways` and the part of `checkAutoScaleAndReplicaCount` that is about gateways.
fn gateways(report: &mut Report<'_>, list: &str) {
    let object = report.object;
    let values = format!("values.gateways.istio-{}gateway", list.trim_end_matches("Gateways"));
    let is_root = is_true(object, &format!("spec.{values}.runAsRoot"));
    let is_autoscaled = is_true(object, &format!("spec.{values}.autoscaleEnabled"));
    for (i, gateway) in at(object, &format!("spec.components.{list}")).map(Node::items).unwrap_or_default().iter().enumerate() {
        let path = format!("spec.components.{list}[{i}]");
        let is_name = |name: &str| name.len() <= 254 && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-'));
        if let Some(name) = gateway.get("name").and_then(Node::as_str).filter(|name| !is_name(name)) {
            refuse(report, &format!("{path}.name"), format!("{name:?} is not the name of a gateway: lower-case letters, digits, - and . alone"));
        }
        if is_autoscaled && at(gateway, "k8s.replicaCount").and_then(Node::as_whole).is_some_and(|count| count != 0) {
            warn(report, &format!("{path}.k8s.replicaCount"), &format!("should not be set where {values}.autoscaleEnabled is true: the autoscaler decides"));
        }
        for (j, port) in at(gateway, "k8s.service.ports").map(Node::items).unwrap_or_default().iter().enumerate() {
            let number = port.get("port").and_then(Node::as_whole).unwrap_or(0);
            let target = match port.get("targetPort") {
                None | Some(Node { value: Value::Null, .. }) => 0,
                Some(target) => target.as_whole().unwrap_or(i128::from(u16::MAX)),
            };
            if is_root || target >= 1024 || target == 0 && number > 1024 {
                continue;
            }
            let cure = format!("the gateway is not root and can listen above 1023 only; set targetPort, for example to 8080, or {values}.runAsRoot: true");
            let (key, what) = if target == 0 { ("port", "is the targetPort too") } else { ("targetPort", "needs root") };
            refuse(report, &format!("{path}.k8s.service.ports[{j}].{key}"), format!("{} {what}; {cure}", if target == 0 { number } else { target }));
        }
    }
}

fn is_true(object: &Node, path: &str) -> bool {
    at(object, path).is_some_and(|node| matches!(node.value, Value::Bool(true)))
}

fn refuse(report: &mut Report<'_>, path: &str, message: String) {
    let span = report.locate(path);
    report.say(Stage::Schema, Level::Error, path, span, message);
}

fn warn(report: &mut Report<'_>, path: &str, message: &str) {
    let span = report.locate(path);
    report.say(Stage::Schema, Level::Warning, path, span, message);
}
