//! Security policies: which of them hold for a workload, and how PeerAuthentications are merged.
//!
//! Follows `pilot/pkg/model/authentication.go`, `authorization.go` and `policyattachment.go`, and `ComposePeerAuthentication`
//! in `pilot/pkg/security/authn/policy_applier.go`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{created, endpoint::selects};
use crate::engine::{
    resource::{AuthorizationPolicy, MutualTls, PeerAuthentication, PolicyTargetReference, RequestAuthentication, Resource, Spec, WorkloadSelector},
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
    pub annotations: BTreeMap<String, String>,
    /// What it says.
    pub spec: T,
    /// The object.
    pub origin: Origin,
}

impl<T> Policy<T> {
    /// A field of it.
    pub fn field(&self, path: impl Into<String>) -> Origin {
        Origin { path: path.into(), ..self.origin.clone() }
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

type ByNamespace<T> = HashMap<String, Vec<Policy<T>>>;

/// All policies by namespace, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    root_namespace: String,
    peer_authentications: ByNamespace<PeerAuthentication>,
    request_authentications: ByNamespace<RequestAuthentication>,
    authorizations: ByNamespace<AuthorizationPolicy>,
}

/// The label that tells a gateway of the Gateway API, and the object that made it.
const GATEWAY_NAME: &str = "gateway.networking.k8s.io/gateway-name";

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
    pub fn mtls(&self, namespace: &str, labels: &BTreeMap<String, String>) -> MergedMtls {
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
        self.mtls(namespace, &BTreeMap::new()).mode
    }

    /// The RequestAuthentications of a workload, its own namespace's before the root namespace's.
    pub fn request_authentications(&self, namespace: &str, labels: &BTreeMap<String, String>) -> Vec<&Policy<RequestAuthentication>> {
        attached(&self.request_authentications, [namespace, &self.root_namespace], namespace, labels)
    }

    /// The AuthorizationPolicies of a workload, the root namespace's before its own namespace's.
    pub fn authorization_policies(&self, namespace: &str, labels: &BTreeMap<String, String>) -> Vec<&Policy<AuthorizationPolicy>> {
        attached(&self.authorizations, [&self.root_namespace, namespace], namespace, labels)
    }
}

/// Those of two namespaces that are attached to a workload, the first namespace's before the second's.
fn attached<'a, T: Attached>(
    policies: &'a ByNamespace<T>,
    [first, second]: [&str; 2],
    namespace: &str,
    labels: &BTreeMap<String, String>,
) -> Vec<&'a Policy<T>> {
    let of = |namespace: &str| policies.get(namespace).map_or(&[][..], Vec::as_slice);
    let rest = if first == second { &[][..] } else { of(second) };
    of(first).iter().chain(rest).filter(|policy| is_attached(policy, namespace, labels)).collect()
}

fn add<T: Clone>(policies: &mut ByNamespace<T>, resource: &Resource, spec: &T) {
    let metadata = &resource.metadata;
    policies.entry(metadata.namespace.clone()).or_default().push(Policy {
        name: metadata.name.clone(),
        namespace: metadata.namespace.clone(),
        annotations: metadata.annotations.clone(),
        spec: spec.clone(),
        origin: Origin { resource: resource.id().to_string(), path: String::new() },
    });
}

fn is_for_all(selector: Option<&WorkloadSelector>) -> bool {
    selector.is_none_or(|selector| selector.match_labels.is_empty())
}

fn mode(mtls: &MutualTls) -> Option<MtlsMode> {
    match mtls.mode.as_deref()? {
        "DISABLE" => Some(MtlsMode::Disable),
        "PERMISSIVE" => Some(MtlsMode::Permissive),
        "STRICT" => Some(MtlsMode::Strict),
        _ => None,
    }
}

/// A policy that chooses workloads by labels, or gateways by name.
trait Attached {
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

/// Names bind gateways of the Gateway API in the policy's own namespace, and nothing else.
fn is_attached<T: Attached>(policy: &Policy<T>, namespace: &str, labels: &BTreeMap<String, String>) -> bool {
    let targets = policy.spec.targets();
    if targets.is_empty() {
        return policy.spec.selector().is_none_or(|selector| selects(&selector.match_labels, labels));
    }
    let Some(gateway) = labels.get(GATEWAY_NAME) else { return false };
    policy.namespace == namespace
        && targets.iter().any(|target| {
            (target.namespace.is_empty() || target.namespace == namespace)
                && target.group == "gateway.networking.k8s.io"
                && target.kind == "Gateway"
                && target.name == *gateway
        })
}
