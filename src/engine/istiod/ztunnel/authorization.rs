//! AuthorizationPolicies as far as ztunnel can enforce them.
//!
//! `convertAuthorizationPolicy` and `handleRule` (`authorization.go`): policies with `targetRefs` are for waypoints, CUSTOM and AUDIT
//! are not known, an ALLOW rule that asks for HTTP is left out whole, and a DENY rule loses what asks for HTTP.

use std::net::IpAddr;

use crate::engine::{
    cluster::{Cluster, Policy, endpoint::selects},
    istiod::security::is_dry_run,
    resource::{AuthorizationPolicy, AuthorizationRule, Labels, RuleCondition, RuleOperation, RuleSource},
    ztunnel::{Action, Authorization, Group, Match, PolicyReference, Scope, StringMatch},
};

/// Conditions that ztunnel can judge.
const LAYER_4: [&str; 5] = ["source.ip", "source.namespace", "source.principal", "destination.ip", "destination.port"];

/// The policies that ztunnel gets.
pub(super) fn policies(cluster: &Cluster) -> Vec<Authorization> {
    let root = cluster.policies.root_namespace();
    cluster.policies.all_authorization_policies().filter_map(|policy| convert(policy, root)).collect()
}

/// Those that a workload's labels bind to it, by their names. An empty selector binds nothing here.
pub(super) fn bound(cluster: &Cluster, namespace: &str, labels: &Labels) -> Vec<PolicyReference> {
    let root = cluster.policies.root_namespace();
    let selected = cluster.policies.all_authorization_policies().filter(|policy| {
        let selector = policy.spec.selector.as_ref().filter(|selector| !selector.match_labels.is_empty());
        (policy.namespace == root || policy.namespace == namespace) && selector.is_some_and(|selector| selects(&selector.match_labels, labels))
    });
    let mut keys: Vec<String> = selected.filter_map(|policy| convert(policy, root)).map(|policy| policy.key()).collect();
    keys.sort();
    keys.into_iter().map(|key| PolicyReference { key, origin: None }).collect()
}

fn convert(policy: &Policy<AuthorizationPolicy>, root: &str) -> Option<Authorization> {
    if policy.spec.targets().next().is_some() || is_dry_run(policy) {
        return None;
    }
    let action = match policy.spec.action.as_deref().unwrap_or("ALLOW") {
        "ALLOW" => Action::Allow,
        "DENY" => Action::Deny,
        _ => return None,
    };
    let scope = match policy.spec.selector {
        Some(_) => Scope::Workload,
        None if policy.namespace == root => Scope::Global,
        None => Scope::Namespace,
    };
    let rules = policy.spec.rules.iter().enumerate().filter(|(_, rule)| action == Action::Deny || !asks_for_http(rule));
    let group =
        |(at, rule): (usize, &AuthorizationRule)| Group { clauses: clauses(rule, &policy.namespace), origin: Some(policy.field(format!("spec.rules[{at}]"))) };
    let groups: Vec<Group> = rules.map(group).collect();
    Some(Authorization {
        name: policy.name.clone(),
        namespace: policy.namespace.clone(),
        scope,
        action,
        omitted: policy.spec.rules.len() - groups.len(),
        groups,
        origin: Some(policy.field("spec")),
    })
}

fn asks_for_http(rule: &AuthorizationRule) -> bool {
    let of_operation = |operation: &RuleOperation| {
        let RuleOperation { hosts, not_hosts, methods, not_methods, paths, not_paths, .. } = operation;
        [hosts, not_hosts, methods, not_methods, paths, not_paths].iter().any(|values| !values.is_empty())
    };
    let of_source = |source: &RuleSource| {
        let RuleSource { remote_ip_blocks, not_remote_ip_blocks, request_principals, not_request_principals, .. } = source;
        [remote_ip_blocks, not_remote_ip_blocks, request_principals, not_request_principals].iter().any(|values| !values.is_empty())
    };
    rule.to.iter().filter_map(|to| to.operation.as_ref()).any(of_operation)
        || rule.from.iter().filter_map(|from| from.source.as_ref()).any(of_source)
        || rule.when.iter().any(|condition| !LAYER_4.contains(&condition.key.as_str()))
}

/// One clause for all of `to`, one for all of `from`, one for each of `when`.
fn clauses(rule: &AuthorizationRule, namespace: &str) -> Vec<Vec<Match>> {
    let to = rule.to.iter().map(|to| to.operation.as_ref().map(of_operation).unwrap_or_default());
    let from = rule.from.iter().map(|from| from.source.as_ref().map(|source| of_source(source, namespace)).unwrap_or_default());
    let mut clauses: Vec<Vec<Match>> = [to.collect(), from.collect()].into_iter().filter(|clause: &Vec<Match>| !clause.is_empty()).collect();
    clauses.extend(rule.when.iter().map(|condition| vec![of_condition(condition)]));
    clauses
}

fn of_operation(operation: &RuleOperation) -> Match {
    Match { destination_ports: ports(&operation.ports), not_destination_ports: ports(&operation.not_ports), ..Match::default() }
}

fn of_source(source: &RuleSource, namespace: &str) -> Match {
    Match {
        source_ips: addresses(&source.ip_blocks),
        not_source_ips: addresses(&source.not_ip_blocks),
        namespaces: texts(&source.namespaces),
        not_namespaces: texts(&source.not_namespaces),
        service_accounts: accounts(&source.service_accounts, namespace),
        not_service_accounts: accounts(&source.not_service_accounts, namespace),
        principals: texts(&source.principals),
        not_principals: texts(&source.not_principals),
        ..Match::default()
    }
}

fn of_condition(condition: &RuleCondition) -> Match {
    let RuleCondition { key, values, not_values } = condition;
    match key.as_str() {
        "source.namespace" => Match { namespaces: texts(values), not_namespaces: texts(not_values), ..Match::default() },
        "source.principal" => Match { principals: texts(values), not_principals: texts(not_values), ..Match::default() },
        "source.ip" => Match { source_ips: addresses(values), not_source_ips: addresses(not_values), ..Match::default() },
        "destination.ip" => Match { destination_ips: addresses(values), not_destination_ips: addresses(not_values), ..Match::default() },
        "destination.port" => Match { destination_ports: ports(values), not_destination_ports: ports(not_values), ..Match::default() },
        _ => Match::default(),
    }
}

fn texts(values: &[String]) -> Vec<StringMatch> {
    let one = |value: &String| match (value.as_str(), value.strip_prefix('*'), value.strip_suffix('*')) {
        ("*", ..) => StringMatch::Presence,
        (_, Some(suffix), _) => StringMatch::Suffix(suffix.to_owned()),
        (_, None, Some(prefix)) => StringMatch::Prefix(prefix.to_owned()),
        (exact, ..) => StringMatch::Exact(exact.to_owned()),
    };
    values.iter().map(one).collect()
}

fn accounts(values: &[String], namespace: &str) -> Vec<(String, String)> {
    values.iter().map(|value| value.split_once('/').unwrap_or((namespace, value))).map(|(namespace, name)| (namespace.to_owned(), name.to_owned())).collect()
}

/// What cannot be read is left out.
fn ports(values: &[String]) -> Vec<u32> {
    values.iter().filter_map(|value| value.parse().ok()).filter(|port| *port <= 65535).collect()
}

fn addresses(values: &[String]) -> Vec<(IpAddr, u32)> {
    let one = |value: &String| {
        let (address, bits) = value.split_once('/').map_or((value.as_str(), None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(most), |bits| bits.parse().ok()).filter(|bits| *bits <= most)?;
        Some((address, bits))
    };
    values.iter().filter_map(one).collect()
}
