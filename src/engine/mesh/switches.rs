//! What is switched in a world before somebody's configuration is applied to it: who is in the mesh and how, the mesh-wide default
//! of mutual TLS, and what becomes of calls to hosts that nobody registered.
//!
//! Each is what an operator would do: labels and restarted pods, a PeerAuthentication in the root namespace, a field of MeshConfig.

use std::collections::BTreeMap;

use super::names::is_gateway_proxy;
use crate::engine::{
    cluster::{MeshConfig, OutboundTrafficPolicy, ROOT_NAMESPACE},
    diagnostic::closest,
    manifest::{self, Manifest},
    resource::{Container, Kind, Metadata, PodSpec, Resource, Spec},
    source::SourceFile,
};

/// So many namespaces are switched at most.
pub const MOST_NAMESPACES: usize = 100;

/// Labels and annotations by which pods come into the mesh.
const INJECTION: &str = "istio-injection";
const REVISION: &str = "istio.io/rev";
const DATAPLANE_MODE: &str = "istio.io/dataplane-mode";
const REDIRECTION: &str = "ambient.istio.io/redirection";
const INJECT_POD: &str = "sidecar.istio.io/inject";
const TLS_MODE: &str = "security.istio.io/tlsMode";
const PROXY: &str = "istio-proxy";

/// The switches; what is not set stays as the world has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Switches {
    /// How the pods of a namespace are in the mesh.
    pub membership: BTreeMap<String, Membership>,
    /// What servers take where no policy of the configuration says otherwise.
    pub mtls: Option<DefaultMtls>,
    /// What becomes of calls to hosts that nobody registered.
    pub outbound: Option<Outbound>,
}

/// How pods are in the mesh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// A proxy in every pod.
    Sidecar,
    /// The ztunnel of their node.
    Ambient,
    /// Not at all.
    None,
}

/// The mode of a PeerAuthentication for the whole mesh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are Istio's own")]
pub enum DefaultMtls {
    Permissive,
    Strict,
    Disable,
}

/// `outboundTrafficPolicy.mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are Istio's own")]
pub enum Outbound {
    AllowAny,
    RegistryOnly,
}

/// Why a switch cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SwitchError {
    /// Which: `injection`, `mtls` or `outbound`.
    pub field: &'static str,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl Membership {
    /// All of them with their words.
    pub const WORDS: [(&'static str, Self); 3] = [("sidecar", Self::Sidecar), ("ambient", Self::Ambient), ("none", Self::None)];
}

impl DefaultMtls {
    /// All of them with their words.
    pub const WORDS: [(&'static str, Self); 3] = [("PERMISSIVE", Self::Permissive), ("STRICT", Self::Strict), ("DISABLE", Self::Disable)];
}

impl Outbound {
    /// All of them with their words.
    pub const WORDS: [(&'static str, Self); 2] = [("ALLOW_ANY", Self::AllowAny), ("REGISTRY_ONLY", Self::RegistryOnly)];
}

impl Switches {
    /// Reads them as somebody writes them: the mode of each namespace, that of mutual TLS and that of unknown hosts; empty texts leave
    /// things as they are.
    pub fn read<'a>(injection: impl IntoIterator<Item = (&'a str, &'a str)>, mtls: &str, outbound: &str) -> Result<Self, SwitchError> {
        let mut membership = BTreeMap::new();
        for (namespace, mode) in injection {
            if let Some(mode) = one_of("injection", mode, &Membership::WORDS)? {
                membership.insert(namespace.to_owned(), mode);
            }
            if membership.len() > MOST_NAMESPACES {
                return Err(SwitchError {
                    field: "injection",
                    message: format!("more than {MOST_NAMESPACES} namespaces are switched; leave some as they are"),
                });
            }
        }
        Ok(Self { membership, mtls: one_of("mtls", mtls, &DefaultMtls::WORDS)?, outbound: one_of("outbound", outbound, &Outbound::WORDS)? })
    }

    /// Whether nothing is switched.
    pub fn is_unset(&self) -> bool {
        *self == Self::default()
    }

    /// The policy that stands for the default of mutual TLS. Whoever writes one of the same name replaces it.
    pub(super) fn manifest(&self) -> Option<Manifest> {
        let mode = word_of(self.mtls?, &DefaultMtls::WORDS);
        let text = format!(
            "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {{name: default, namespace: {ROOT_NAMESPACE}}}\nspec: {{mtls: {{mode: {mode}}}}}\n"
        );
        Some(manifest::read(&SourceFile::new("switches", text)))
    }

    /// The mesh's settings.
    pub(super) fn mesh_config(&self) -> MeshConfig {
        let mode = self.outbound.map_or("", |outbound| word_of(outbound, &Outbound::WORDS));
        MeshConfig { outbound_traffic_policy: OutboundTrafficPolicy { mode: mode.to_owned() }, ..MeshConfig::default() }
    }

    /// Takes pods in and out. Gateways are proxies by themselves and stay what they are, pods on their node's network stay out.
    pub(super) fn apply(&self, resources: &mut [Resource]) -> Result<(), SwitchError> {
        if self.membership.is_empty() {
            return Ok(());
        }
        let known: Vec<&str> = namespaces(resources);
        if let Some(unknown) = self.membership.keys().find(|name| !known.contains(&name.as_str())) {
            let near = closest(unknown, known.iter().copied()).map(|near| format!("; did you mean {near:?}?")).unwrap_or_default();
            let short: String = unknown.chars().take(63).collect();
            return Err(SwitchError { field: "injection", message: format!("there is no namespace {short:?} with pods{near}") });
        }
        for resource in resources {
            let home = if resource.kind == Kind::Namespace { &resource.metadata.name } else { &resource.metadata.namespace };
            let Some(&mode) = self.membership.get(home.as_str()) else { continue };
            match &mut resource.spec {
                Spec::Pod(pod) => switch_pod(&mut resource.metadata, &mut pod.spec, mode),
                Spec::WorkloadController(controller) => {
                    let template = &mut controller.template;
                    switch_pod(&mut template.metadata, &mut template.spec, mode);
                    // Its Pods are yet to be made, and must not be taken in by their own word.
                    if mode != Membership::Sidecar {
                        template.metadata.labels.remove(INJECT_POD);
                    }
                }
                _ if resource.kind == Kind::Namespace => switch_namespace(&mut resource.metadata, mode),
                _ => {}
            }
        }
        Ok(())
    }
}

/// The namespaces that pods are in, without those that hold gateways and the control plane alone, by name.
fn namespaces(resources: &[Resource]) -> Vec<&str> {
    let pods = resources.iter().filter(|resource| match &resource.spec {
        Spec::Pod(pod) => !is_gateway_proxy(&pod.spec),
        Spec::WorkloadController(controller) => !is_gateway_proxy(&controller.template.spec),
        _ => false,
    });
    let mut names: Vec<&str> = pods.map(|pod| pod.metadata.namespace.as_str()).filter(|name| *name != ROOT_NAMESPACE).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn switch_namespace(metadata: &mut Metadata, mode: Membership) {
    for label in [INJECTION, REVISION, DATAPLANE_MODE] {
        metadata.labels.remove(label);
    }
    match mode {
        Membership::Sidecar => metadata.labels.insert(INJECTION, "enabled"),
        Membership::Ambient => metadata.labels.insert(DATAPLANE_MODE, "ambient"),
        Membership::None => metadata.labels.insert(INJECTION, "disabled"),
    }
}

/// The pod as it is made again: with or without what the injector adds.
fn switch_pod(metadata: &mut Metadata, spec: &mut PodSpec, mode: Membership) {
    if is_gateway_proxy(spec) {
        return;
    }
    for label in [INJECTION, REVISION, DATAPLANE_MODE, TLS_MODE] {
        metadata.labels.remove(label);
    }
    for annotation in [REDIRECTION, "sidecar.istio.io/status"] {
        metadata.annotations.remove(annotation);
    }
    let refuses = metadata.labels.get(INJECT_POD).is_some_and(|word| word == "false");
    for containers in [&mut spec.containers, &mut spec.init_containers] {
        containers.retain(|container| container.name != PROXY);
    }
    match mode {
        Membership::Sidecar if !refuses && !spec.host_network => {
            spec.containers.push(Container { name: PROXY.into(), image: "docker.io/istio/proxyv2:1.26.4".into(), ..Container::default() });
            metadata.labels.insert(TLS_MODE, "istio");
        }
        Membership::Ambient => metadata.labels.insert(DATAPLANE_MODE, "ambient"),
        Membership::Sidecar | Membership::None => {}
    }
}

fn one_of<T: Copy>(field: &'static str, given: &str, words: &[(&'static str, T)]) -> Result<Option<T>, SwitchError> {
    let given = given.trim();
    if given.is_empty() {
        return Ok(None);
    }
    let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(given)).map(|(_, value)| *value);
    found.map(Some).ok_or_else(|| {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let short: String = given.chars().take(40).collect();
        SwitchError { field, message: format!("{short:?} is none of {}", known.join(", ")) }
    })
}

fn word_of<T: Copy + PartialEq>(value: T, words: &[(&'static str, T)]) -> &'static str {
    words.iter().find(|(_, known)| *known == value).map_or("", |(word, _)| word)
}
