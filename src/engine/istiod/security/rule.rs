//! One rule of an AuthorizationPolicy as an RBAC policy.
//!
//! `pilot/pkg/security/authz/model/model.go`: every `from` makes a principal, every `to` a permission, and each carries along the
//! conditions of `when`. On a chain without HTTP an ALLOW rule that asks for HTTP is left out whole, other actions only lose
//! what they ask, so that both err on the side of refusing.

use super::{
    conditions::{Asked, Asker, Unusable, any_of, any_permission_of},
    trust_domain::under_all_names,
};
use crate::engine::{
    resource::{AuthorizationRule, RuleCondition},
    xds::{Permission, PermissionSet, Principal, PrincipalSet, RbacPolicy},
};

/// For which filter a rule is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'a> {
    pub is_allow: bool,
    pub for_tcp: bool,
    /// The policy's own.
    pub namespace: &'a str,
    pub trust_domains: &'a [&'a str],
    /// Whether who the peer is stands in the filter state.
    pub by_state: bool,
}

/// A key with what is wanted and what is not.
struct Condition<'a, K> {
    key: K,
    values: &'a [String],
    not_values: &'a [String],
}

/// The RBAC policy; none where the rule cannot be written for the filter.
pub(super) fn policy(rule: &AuthorizationRule, target: Target) -> Option<RbacPolicy> {
    let (asked, askers) = conditions(&rule.when, target.namespace)?;
    let mut principals = Vec::new();
    for from in &rule.from {
        let none = crate::engine::resource::RuleSource::default();
        let source = from.source.as_ref().unwrap_or(&none);
        let own = [
            (Asker::Principal, &source.principals, &source.not_principals),
            (Asker::RequestPrincipal, &source.request_principals, &source.not_request_principals),
            (Asker::ServiceAccount(target.namespace.to_owned()), &source.service_accounts, &source.not_service_accounts),
            (Asker::Namespace, &source.namespaces, &source.not_namespaces),
            (Asker::RemoteIp, &source.remote_ip_blocks, &source.not_remote_ip_blocks),
            (Asker::SourceIp, &source.ip_blocks, &source.not_ip_blocks),
        ];
        let own = own.into_iter().map(|(key, values, not_values)| Condition { key, values, not_values });
        principals.push(principal(own.chain(copies(&askers)), target).ok()?);
    }
    if rule.from.is_empty() {
        principals.push(principal(copies(&askers), target).ok()?);
    }
    let mut permissions = Vec::new();
    for to in &rule.to {
        let none = crate::engine::resource::RuleOperation::default();
        let operation = to.operation.as_ref().unwrap_or(&none);
        let own = [
            (Asked::Host, &operation.hosts, &operation.not_hosts),
            (Asked::Method, &operation.methods, &operation.not_methods),
            (Asked::Path, &operation.paths, &operation.not_paths),
            (Asked::DestinationPort, &operation.ports, &operation.not_ports),
        ];
        let own = own.into_iter().map(|(key, values, not_values)| Condition { key, values, not_values });
        permissions.push(permission(own.chain(copies(&asked)), target).ok()?);
    }
    if rule.to.is_empty() {
        permissions.push(permission(copies(&asked), target).ok()?);
    }
    Some(RbacPolicy { permissions, principals, origin: None })
}

fn copies<'a, K: Clone>(conditions: &'a [Condition<'a, K>]) -> impl Iterator<Item = Condition<'a, K>> {
    conditions.iter().map(|condition| Condition { key: condition.key.clone(), ..*condition })
}

type Parted<'a> = (Vec<Condition<'a, Asked>>, Vec<Condition<'a, Asker>>);

/// The conditions of `when`, by what they ask of; none where one has an unknown key.
fn conditions<'a>(when: &'a [RuleCondition], namespace: &str) -> Option<Parted<'a>> {
    let (mut asked, mut askers) = (Vec::new(), Vec::new());
    for RuleCondition { key, values, not_values } in when {
        let of_request = match key.as_str() {
            "destination.ip" => Some(Asked::DestinationIp),
            "destination.port" => Some(Asked::DestinationPort),
            "connection.sni" => Some(Asked::Sni),
            key if key.starts_with("experimental.envoy.filters.") => Some(Asked::FilterMetadata(key.to_owned())),
            _ => None,
        };
        if let Some(key) = of_request {
            asked.push(Condition { key, values, not_values });
            continue;
        }
        let key = match key.as_str() {
            "source.ip" => Asker::SourceIp,
            "remote.ip" => Asker::RemoteIp,
            "source.namespace" => Asker::Namespace,
            "source.serviceAccount" => Asker::ServiceAccount(namespace.to_owned()),
            "source.principal" => Asker::Principal,
            "request.auth.principal" => Asker::RequestPrincipal,
            "request.auth.audiences" => Asker::Audiences,
            "request.auth.presenter" => Asker::Presenter,
            key if key.starts_with("request.headers") => Asker::Header(key.to_owned()),
            key if key.starts_with("request.auth.claims") => Asker::Claim(key.to_owned()),
            _ => return None,
        };
        askers.push(Condition { key, values, not_values });
    }
    Some((asked, askers))
}

/// What can be written; for ALLOW all of it or nothing.
fn usable<T>(written: Vec<Result<T, Unusable>>, target: Target) -> Result<Vec<T>, Unusable> {
    if target.is_allow { written.into_iter().collect() } else { Ok(written.into_iter().filter_map(Result::ok).collect()) }
}

fn permission<'a>(conditions: impl Iterator<Item = Condition<'a, Asked>>, target: Target) -> Result<Permission, Unusable> {
    let mut rules = Vec::new();
    for Condition { key, values, not_values } in conditions {
        let joined = |mut each: Vec<Permission>| if key.is_joint() && each.len() == 1 { each.remove(0) } else { any_permission_of(each) };
        let wanted = usable(key.permissions(values, target.for_tcp), target)?;
        if !wanted.is_empty() {
            rules.push(joined(wanted));
        }
        let unwanted = usable(key.permissions(not_values, target.for_tcp), target)?;
        if !unwanted.is_empty() {
            rules.push(Permission { not_rule: Some(Box::new(joined(unwanted))), ..Permission::default() });
        }
    }
    if rules.is_empty() {
        rules.push(Permission { any: true, ..Permission::default() });
    }
    Ok(Permission { and_rules: Some(PermissionSet { rules }), ..Permission::default() })
}

fn principal<'a>(conditions: impl Iterator<Item = Condition<'a, Asker>>, target: Target) -> Result<Principal, Unusable> {
    let mut ids = Vec::new();
    for Condition { key, values, not_values } in conditions {
        let renamed = |values: &[String]| if key == Asker::Principal { under_all_names(values, target.trust_domains) } else { values.to_vec() };
        let joined = |mut each: Vec<Principal>| if key.is_joint() && each.len() == 1 { each.remove(0) } else { any_of(each) };
        let wanted = usable(key.principals(&renamed(values), target), target)?;
        if !wanted.is_empty() {
            ids.push(joined(wanted));
        }
        let unwanted = usable(key.principals(&renamed(not_values), target), target)?;
        if !unwanted.is_empty() {
            ids.push(Principal { not_id: Some(Box::new(joined(unwanted))), ..Principal::default() });
        }
    }
    if ids.is_empty() {
        ids.push(Principal { any: true, ..Principal::default() });
    }
    Ok(Principal { and_ids: Some(PrincipalSet { ids }), ..Principal::default() })
}
