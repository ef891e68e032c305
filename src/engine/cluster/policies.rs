//! Security policies: which of them hold for a workload, and how PeerAuthentications are merged.
//!
//! Follows `pilot/pkg/model/authentication.go`, `authorization.go` and `policyattachment.go`, and `ComposePeerAuthentication`
//! in `pilot/pkg/security/authn/policy_applier.go`.

use std::collections::{BTreeMap, BTreeSet};

use super::{Registry, Service, created, endpoint::selects, gateway_api::GATEWAY_NAME};
use crate::engine::{
    index::Index,
    resource::{AuthorizationPolicy, Labels, MutualTls, PeerAuthentication, PolicyTargetReference, RequestAuthentication, Resource, Spec, WorkloadSelector},
    source::Origin,
};

/// A policy and where it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy<T> {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// Its annotations.
    pub annotations: Labels,
    /// What it says.
    pub spec: T,
    /// The object.
    pub origin: Origin,
}

impl<T> Policy<T> {
    /// A field of it.
    pub fn field(&self, path: impl Into<String>) -> Origin {
        self.origin.field(path.into())
    }
}

/// Whether a workload takes mTLS, plain text or both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MtlsMode {
    /// Plain text only.
    Disable,
    /// Both.
    #[default]
    Permissive,
    /// mTLS only.
    Strict,
}

/// What the PeerAuthentications of a workload come to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MergedMtls {
    /// On all ports but those below.
    pub mode: MtlsMode,
    /// By port of the workload.
    pub ports: BTreeMap<u32, MtlsMode>,
    /// The field that decided `mode`.
    pub origin: Option<Origin>,
    /// The fields that decided `ports`.
    port_origins: BTreeMap<u32, Origin>,
}

impl MergedMtls {
    /// The mode of a port.
    pub fn of_port(&self, port: u32) -> MtlsMode {
        self.ports.get(&port).copied().unwrap_or(self.mode)
    }

    /// The field that decided the mode of a port.
    pub fn origin_of_port(&self, port: u32) -> Option<&Origin> {
        self.port_origins.get(&port).or(self.origin.as_ref())
    }
}

pub(super) type ByNamespace<T> = Index<String, Vec<Policy<T>>>;

/// All policies by namespace, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    root_namespace: String,
    peer_authentications: ByNamespace<PeerAuthentication>,
    request_authentications: ByNamespace<RequestAuthentication>,
    authorizations: ByNamespace<AuthorizationPolicy>,
}

/// The class of waypoints.
const WAYPOINT_CLASS: &str = "istio-waypoint";

impl Policies {
    /// Indexes the policies among the objects.
    pub fn new(resources: &[Resource], root_namespace: &str) -> Self {
        let mut sorted: Vec<&Resource> = resources
            .iter()
            .filter(|resource| matches!(resource.spec, Spec::PeerAuthentication(_) | Spec::RequestAuthentication(_) | Spec::AuthorizationPolicy(_)))
            .collect();
        sorted.sort_by_cached_key(|resource| (created(&resource.metadata), resource.metadata.name.clone(), resource.metadata.namespace.clone()));
        let mut policies = Self { root_namespace: root_namespace.to_owned(), ..Self::default() };
        let mut whole_namespaces = BTreeSet::new();
        for resource in sorted {
            match &resource.spec {
                // Of several for a whole namespace only the oldest counts.
                Spec::PeerAuthentication(spec) if is_for_all(spec.selector.as_ref()) && !whole_namespaces.insert(&resource.metadata.namespace) => {}
                Spec::PeerAuthentication(spec) => add(&mut policies.peer_authentications, resource, spec),
                Spec::RequestAuthentication(spec) => add(&mut policies.request_authentications, resource, spec),
                Spec::AuthorizationPolicy(spec) => add(&mut policies.authorizations, resource, spec),
                _ => {}
            }
        }
        policies
    }

    /// What a workload takes: its own policy over its namespace's over the mesh's, the oldest of each; what says nothing inherits.
    pub fn mtls(&self, namespace: &str, labels: &Labels) -> MergedMtls {
        let mut merged = MergedMtls::default();
        let own = |namespace: &str| self.peer_authentications.get(namespace).map_or(&[][..], Vec::as_slice);
        let whole = |namespace: &str| own(namespace).iter().find(|policy| is_for_all(policy.spec.selector.as_ref()));
        let is_root = namespace == self.root_namespace;
        let of_namespace = if is_root { None } else { whole(namespace) };
        // A selector in the root namespace selects nothing.
        let of_workload = own(namespace)
            .iter()
            .filter(|_| !is_root)
            .find(|policy| policy.spec.selector.as_ref().is_some_and(|selector| !selector.match_labels.is_empty() && selects(&selector.match_labels, labels)));
        for policy in [whole(&self.root_namespace), of_namespace, of_workload].into_iter().flatten() {
            if let Some(mode) = policy.spec.mtls.as_ref().and_then(mode) {
                merged.mode = mode;
                merged.origin = Some(policy.field("spec.mtls.mode"));
            }
        }
        let Some(policy) = of_workload else { return merged };
        for (port, mtls) in &policy.spec.port_level_mtls {
            if let Ok(port) = port.parse() {
                merged.ports.insert(port, mode(mtls).unwrap_or(merged.mode));
                merged.port_origins.insert(port, policy.field(format!("spec.portLevelMtls.{port}")));
            }
        }
        merged
    }

    /// What the workloads of a namespace take by the policies for the whole of it and of the mesh. Clients know no more.
    pub fn namespace_mtls(&self, namespace: &str) -> MtlsMode {
        self.mtls(namespace, &Labels::new()).mode
    }

    /// All AuthorizationPolicies, by namespace.
    pub fn all_authorization_policies(&self) -> impl Iterator<Item = &Policy<AuthorizationPolicy>> {
        let by_namespace: BTreeMap<&String, &Vec<_>> = self.authorizations.iter().collect();
        by_namespace.into_values().flatten()
    }

    /// The PeerAuthentications of a namespace, oldest first; of those for the whole of it only the oldest.
    pub fn peer_authentications(&self, namespace: &str) -> &[Policy<PeerAuthentication>] {
        self.peer_authentications.get(namespace).map_or(&[], Vec::as_slice)
    }

    /// The namespaces that have any.
    pub fn peer_authentication_namespaces(&self) -> impl Iterator<Item = &str> {
        self.peer_authentications.keys().map(String::as_str).collect::<BTreeSet<_>>().into_iter()
    }

    /// The namespace whose policies hold for all.
    pub fn root_namespace(&self) -> &str {
        &self.root_namespace
    }

    /// The RequestAuthentications of a proxy, its own namespace's before the root namespace's.
    pub fn request_authentications(&self, subject: &PolicySubject<'_>) -> Vec<&Policy<RequestAuthentication>> {
        self.attached(&self.request_authentications, [subject.namespace, &self.root_namespace], subject)
    }

    /// The AuthorizationPolicies of a proxy, the root namespace's before its own namespace's.
    pub fn authorization_policies(&self, subject: &PolicySubject<'_>) -> Vec<&Policy<AuthorizationPolicy>> {
        self.attached(&self.authorizations, [&self.root_namespace, subject.namespace], subject)
    }

    /// Those of two namespaces that are attached to a proxy, the first namespace's before the second's; of a waypoint also those
    /// of the service's.
    fn attached<'a, T: Attached>(&self, policies: &'a ByNamespace<T>, namespaces: [&str; 2], subject: &PolicySubject<'_>) -> Vec<&'a Policy<T>> {
        let mut asked: Vec<&str> = Vec::new();
        for namespace in namespaces.into_iter().chain(subject.service.map(|service| service.namespace.as_str())) {
            if !asked.contains(&namespace) {
                asked.push(namespace);
            }
        }
        let of = |namespace: &str| policies.get(namespace).map_or(&[][..], Vec::as_slice);
        asked.into_iter().flat_map(of).filter(|policy| is_attached(policy, subject, &self.root_namespace)).collect()
    }
}

/// The proxy that policies are for.
#[derive(Debug, Clone, Copy)]
pub struct PolicySubject<'a> {
    /// The proxy's own.
    pub namespace: &'a str,
    /// Those of its pod.
    pub labels: &'a Labels,
    /// Whether it is a waypoint, which labels never bind a policy to.
    pub is_waypoint: bool,
    /// The service whose traffic it handles there.
    pub service: Option<&'a Service>,
}

pub(super) fn add<T: Clone>(policies: &mut ByNamespace<T>, resource: &Resource, spec: &T) {
    let metadata = &resource.metadata;
    policies.entry(metadata.namespace.to_string()).or_default().push(Policy {
        name: metadata.name.to_string(),
        namespace: metadata.namespace.to_string(),
        annotations: metadata.annotations.clone(),
        spec: spec.clone(),
        origin: Origin::whole(resource.id().to_string()),
    });
}

pub(super) fn is_for_all(selector: Option<&WorkloadSelector>) -> bool {
    selector.is_none_or(|selector| selector.match_labels.is_empty())
}

/// What is asked for; none where that is left to others.
pub(crate) fn mode(mtls: &MutualTls) -> Option<MtlsMode> {
    match mtls.mode.as_deref()? {
        "DISABLE" => Some(MtlsMode::Disable),
        "PERMISSIVE" => Some(MtlsMode::Permissive),
        "STRICT" => Some(MtlsMode::Strict),
        _ => None,
    }
}

/// A policy that chooses workloads by labels, or gateways by name.
pub(super) trait Attached {
    fn selector(&self) -> Option<&WorkloadSelector>;
    fn targets(&self) -> Vec<&PolicyTargetReference>;
}

impl Attached for RequestAuthentication {
    fn selector(&self) -> Option<&WorkloadSelector> {
        self.selector.as_ref()
    }

    fn targets(&self) -> Vec<&PolicyTargetReference> {
        if self.target_refs.is_empty() { self.target_ref.iter().collect() } else { self.target_refs.iter().collect() }
    }
}

impl Attached for AuthorizationPolicy {
    fn selector(&self) -> Option<&WorkloadSelector> {
        self.selector.as_ref()
    }

    fn targets(&self) -> Vec<&PolicyTargetReference> {
        if self.target_refs.is_empty() { self.target_ref.iter().collect() } else { self.target_refs.iter().collect() }
    }
}

/// Names bind gateways of the Gateway API in the policy's own namespace; on waypoints also services in it, and from the root
/// namespace all waypoints by their class.
pub(super) fn is_attached<T: Attached>(policy: &Policy<T>, subject: &PolicySubject<'_>, root_namespace: &str) -> bool {
    let targets = policy.spec.targets();
    if targets.is_empty() {
        return !subject.is_waypoint && policy.spec.selector().is_none_or(|selector| selects(&selector.match_labels, subject.labels));
    }
    let Some(gateway) = subject.labels.get(GATEWAY_NAME) else { return false };
    targets.iter().any(|target| {
        let group = if target.group == "core" { "" } else { target.group.as_str() };
        match (group, target.kind.as_str(), subject.service.filter(|_| subject.is_waypoint)) {
            ("", "Service", Some(service)) => is_target(service, Registry::Kubernetes, policy, target),
            ("networking.istio.io", "ServiceEntry", Some(service)) => is_target(service, Registry::ServiceEntry, policy, target),
            ("gateway.networking.k8s.io", "GatewayClass", _) => subject.is_waypoint && policy.namespace == root_namespace && target.name == WAYPOINT_CLASS,
            ("gateway.networking.k8s.io", "Gateway", _) => {
                policy.namespace == subject.namespace && (target.namespace.is_empty() || target.namespace == subject.namespace) && target.name == *gateway
            }
            _ => false,
        }
    })
}

fn is_target<T>(service: &Service, registry: Registry, policy: &Policy<T>, target: &PolicyTargetReference) -> bool {
    service.registry == registry && service.object_name() == target.name && service.namespace == policy.namespace
}
