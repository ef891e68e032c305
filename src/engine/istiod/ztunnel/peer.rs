//! PeerAuthentications as policies of ztunnel, which deny what comes in plain text.
//!
//! `convertedSelectorPeerAuthentications` and `convertPeerAuthentication` (`authorization.go`): one policy stands for STRICT wherever it
//! holds, and a policy with modes by port is converted by itself. DISABLE is no more than PERMISSIVE, for tunnels are taken anyway.

use crate::engine::{
    cluster::{Cluster, MtlsMode, Policy, endpoint::selects, mtls_mode},
    resource::{Labels, PeerAuthentication},
    source::Origin,
    ztunnel::{Action, Authorization, Group, Match, PolicyReference, Scope, StringMatch},
};

const STATIC_STRICT: &str = "istio_converted_static_strict";
const CONVERTED: &str = "converted_peer_authentication_";

type Peer = Policy<PeerAuthentication>;

/// The one for STRICT, where there is any PeerAuthentication, and those converted by themselves.
pub(super) fn policies(cluster: &Cluster) -> Vec<Authorization> {
    let root = cluster.policies.root_namespace();
    let mut policies = Vec::new();
    for namespace in cluster.policies.peer_authentication_namespaces() {
        if policies.is_empty() {
            let groups = vec![Group { clauses: vec![vec![in_plain_text()]], origin: None }];
            policies.push(deny(root, STATIC_STRICT, groups, None));
        }
        let own = cluster.policies.peer_authentications(namespace).iter().filter(|_| namespace != root);
        policies.extend(own.filter_map(|policy| convert(cluster, policy)));
    }
    policies
}

/// What of them holds for a workload, by their names.
pub(super) fn bound(cluster: &Cluster, namespace: &str, labels: &Labels) -> Vec<PolicyReference> {
    let root = cluster.policies.root_namespace();
    let of_mesh = whole(cluster, root);
    let of_namespace = if namespace == root { None } else { whole(cluster, namespace) };
    let selected = |policy: &&Peer| policy.spec.selector.as_ref().is_some_and(|s| !s.match_labels.is_empty() && selects(&s.match_labels, labels));
    let of_workload = cluster.policies.peer_authentications(namespace).iter().filter(|_| namespace != root).find(selected);
    let mut strict: Option<Origin> = None;
    for policy in [of_mesh, of_namespace, of_workload].into_iter().flatten() {
        match mode(policy) {
            Some(MtlsMode::Strict) => strict = Some(policy.field("spec.mtls.mode")),
            Some(_) => strict = None,
            None => {}
        }
    }
    let mut bound = Vec::new();
    if let Some(policy) = of_workload {
        let has = |wanted: &[MtlsMode]| policy.spec.port_level_mtls.values().filter_map(mtls_mode).any(|mode| wanted.contains(&mode));
        // Under STRICT exceptions count, without it what is STRICT; where nothing is said of the whole, DISABLE is no exception.
        let counts = match (mode(policy), &strict) {
            (Some(MtlsMode::Strict), _) => has(&[MtlsMode::Permissive, MtlsMode::Disable]),
            (None, Some(_)) => has(&[MtlsMode::Permissive]),
            _ => has(&[MtlsMode::Strict]),
        };
        if counts {
            // The converted policy has the rest of STRICT in it.
            strict = None;
            bound.push(PolicyReference { key: format!("{}/{CONVERTED}{}", policy.namespace, policy.name), origin: None });
        }
    }
    bound.extend(strict.map(|origin| PolicyReference { key: format!("{root}/{STATIC_STRICT}"), origin: Some(origin) }));
    bound
}

fn whole<'a>(cluster: &'a Cluster, namespace: &str) -> Option<&'a Peer> {
    cluster.policies.peer_authentications(namespace).iter().find(|policy| policy.spec.selector.as_ref().is_none_or(|s| s.match_labels.is_empty()))
}

fn mode(policy: &Peer) -> Option<MtlsMode> {
    policy.spec.mtls.as_ref().and_then(mtls_mode)
}

/// A policy with modes by port; none where the one for STRICT says all of it.
fn convert(cluster: &Cluster, policy: &Peer) -> Option<Authorization> {
    if policy.spec.selector.is_none() || policy.spec.port_level_mtls.is_empty() {
        return None;
    }
    let (own, of_namespace) = (mode(policy), whole(cluster, &policy.namespace));
    let of_mesh = whole(cluster, cluster.policies.root_namespace());
    let is = |policy: Option<&Peer>| policy.and_then(mode) == Some(MtlsMode::Strict);
    // As in istiod, a policy of the namespace that says nothing hides the mesh's from exceptions, though not from what is STRICT.
    let is_strict = own.map_or_else(|| is(of_namespace.or(of_mesh)), |own| own == MtlsMode::Strict);
    let is_strict_already = own == Some(MtlsMode::Strict) || own.is_none() && is(of_namespace) || of_namespace.and_then(mode).is_none() && is(of_mesh);
    let mut exceptions: Vec<Vec<Match>> = Vec::new();
    let mut groups = Vec::new();
    let numbered = policy.spec.port_level_mtls.iter().filter_map(|(port, mtls)| Some((port.parse::<u32>().ok()?, port, mtls_mode(mtls)?)));
    for (number, written, mode) in numbered {
        match mode {
            MtlsMode::Strict if !is_strict_already => {
                let origin = Some(policy.field(format!("spec.portLevelMtls.{written}")));
                groups.push(Group { clauses: vec![vec![Match { destination_ports: vec![number], ..in_plain_text() }]], origin });
            }
            MtlsMode::Permissive | MtlsMode::Disable if is_strict => exceptions.push(vec![Match { not_destination_ports: vec![number], ..Match::default() }]),
            _ => {}
        }
    }
    if !exceptions.is_empty() {
        exceptions.insert(0, vec![in_plain_text()]);
        groups.push(Group { clauses: exceptions, origin: Some(policy.field("spec")) });
    }
    (!groups.is_empty()).then(|| deny(&policy.namespace, &format!("{CONVERTED}{}", policy.name), groups, Some(policy.field("spec"))))
}

fn deny(namespace: &str, name: &str, groups: Vec<Group>, origin: Option<Origin>) -> Authorization {
    Authorization { name: name.to_owned(), namespace: namespace.to_owned(), scope: Scope::Workload, action: Action::Deny, groups, omitted: 0, origin }
}

/// A connection that nobody vouches for.
fn in_plain_text() -> Match {
    Match { not_principals: vec![StringMatch::Presence], ..Match::default() }
}
