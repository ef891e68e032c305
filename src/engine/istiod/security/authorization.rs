//! AuthorizationPolicies as filters: CUSTOM first, then AUDIT, DENY and ALLOW.
//!
//! `pilot/pkg/security/authz/builder/builder.go`.

use std::collections::BTreeMap;

use super::{
    Scope,
    ext_authz::{Authorizer, authorizer},
    rule::{self, Target},
};
use crate::engine::{
    cluster,
    istiod::ProxyType,
    resource::AuthorizationPolicy,
    xds::{Filter, HttpFilter, Permission, Principal, Rbac, RbacFilter, RbacPolicy, TypedConfig},
};

type Policy = cluster::Policy<AuthorizationPolicy>;

const HTTP_RBAC: &str = "envoy.filters.http.rbac";
const NETWORK_RBAC: &str = "envoy.filters.network.rbac";
/// What the names of CUSTOM rules begin with, by which the authorizer's filter knows that one has matched.
pub(super) const CUSTOM_PREFIX: &str = "istio-ext-authz";
/// What the RBAC filter in front of an authorizer puts before the names of its findings.
pub(super) const CUSTOM_FINDING_PREFIX: &str = "istio_ext_authz_";

/// The policies of a workload by action.
pub(super) struct Authorization<'a> {
    custom: Vec<&'a Policy>,
    /// In the order of their filters.
    local: [(&'static str, Vec<&'a Policy>); 3],
    authorizer: Option<Authorizer>,
    trust_domains: Vec<&'a str>,
    /// Where connections come out of a tunnel, its end and not the connection itself knows who the peer is.
    by_state: bool,
    /// The same for CUSTOM, which on a sidecar asks the connection all the same.
    custom_by_state: bool,
}

/// Rules of one action.
struct Written {
    rules: Option<Rbac>,
    shadow_rules: Option<Rbac>,
}

impl<'a> Authorization<'a> {
    pub(super) fn new(scope: &Scope<'a>, policies: &[&'a Policy], by_state: bool) -> Self {
        let of = |action: &str| -> Vec<&'a Policy> {
            policies.iter().copied().filter(|policy| policy.spec.action.as_deref().unwrap_or("ALLOW") == action).collect()
        };
        let custom = of("CUSTOM");
        let names: Vec<&str> = custom.iter().map(|policy| policy.spec.provider.as_ref().map(|provider| provider.name.as_str()).unwrap_or_default()).collect();
        Self {
            authorizer: authorizer(scope, &names),
            custom,
            local: [("LOG", of("AUDIT")), ("DENY", of("DENY")), ("ALLOW", of("ALLOW"))],
            trust_domains: scope.mesh().trust_domains().collect(),
            by_state,
            custom_by_state: scope.proxy.r#type == ProxyType::Waypoint,
        }
    }

    /// What asks an external authorizer about HTTP. Where there is no such authorizer all that it should decide is denied.
    pub(super) fn custom_http(&self) -> Vec<HttpFilter> {
        if self.custom.is_empty() {
            return Vec::new();
        }
        let rules = self.write("DENY", &self.custom, false).rules;
        match &self.authorizer {
            None => vec![http(TypedConfig::HttpRbac(Box::new(RbacFilter { rules: rules.map(denied_without_authorizer), ..RbacFilter::default() })), HTTP_RBAC)],
            Some(authorizer) => {
                let shadow = RbacFilter { shadow_rules: rules, shadow_rules_stat_prefix: CUSTOM_FINDING_PREFIX.into(), ..RbacFilter::default() };
                vec![http(TypedConfig::HttpRbac(Box::new(shadow)), HTTP_RBAC), http(authorizer.http.clone(), "envoy.filters.http.ext_authz")]
            }
        }
    }

    /// What Envoy decides itself about HTTP.
    pub(super) fn http(&self) -> Vec<HttpFilter> {
        self.local_rules(false).into_iter().map(|rbac| http(TypedConfig::HttpRbac(Box::new(rbac)), HTTP_RBAC)).collect()
    }

    /// All that decides about connections.
    pub(super) fn network(&self) -> Vec<Filter> {
        let mut filters = Vec::new();
        let prefix = || "tcp.".to_owned();
        if !self.custom.is_empty() {
            let rules = self.write("DENY", &self.custom, true).rules;
            match self.authorizer.as_ref().map(|authorizer| &authorizer.network) {
                None => {
                    let rbac = RbacFilter { rules: rules.map(denied_without_authorizer), stat_prefix: prefix(), ..RbacFilter::default() };
                    filters.push(network(TypedConfig::NetworkRbac(Box::new(rbac)), NETWORK_RBAC));
                }
                // An authorizer that speaks HTTP has nothing to say of bytes.
                Some(None) => {}
                Some(Some(check)) => {
                    let shadow = RbacFilter {
                        shadow_rules: rules,
                        shadow_rules_stat_prefix: CUSTOM_FINDING_PREFIX.into(),
                        stat_prefix: prefix(),
                        ..RbacFilter::default()
                    };
                    filters.push(network(TypedConfig::NetworkRbac(Box::new(shadow)), NETWORK_RBAC));
                    filters.push(network(check.clone(), "envoy.filters.network.ext_authz"));
                }
            }
        }
        let own = self.local_rules(true).into_iter().map(|rbac| RbacFilter { stat_prefix: prefix(), ..rbac });
        filters.extend(own.map(|rbac| network(TypedConfig::NetworkRbac(Box::new(rbac)), NETWORK_RBAC)));
        filters
    }

    fn local_rules(&self, for_tcp: bool) -> Vec<RbacFilter> {
        let filter = |(action, policies): &(&'static str, Vec<&'a Policy>)| {
            let Written { rules, shadow_rules } = self.write(action, policies, for_tcp);
            // Rules that are not there count as ALLOW.
            let prefix = match shadow_rules.as_ref().map(|_| *action) {
                None | Some("ALLOW") => "istio_dry_run_allow_",
                Some("DENY") => "istio_dry_run_deny_",
                Some(_) => "",
            };
            RbacFilter { rules, shadow_rules, shadow_rules_stat_prefix: prefix.into(), stat_prefix: String::new() }
        };
        self.local.iter().filter(|(_, policies)| !policies.is_empty()).map(filter).collect()
    }

    fn write(&self, action: &str, policies: &[&'a Policy], for_tcp: bool) -> Written {
        let is_allow = action == "ALLOW";
        let empty = || Rbac { action: if is_allow { String::new() } else { action.to_owned() }, policies: BTreeMap::new() };
        let mut written = Written { rules: None, shadow_rules: None };
        for policy in policies {
            let place = if is_dry_run(policy) { &mut written.shadow_rules } else { &mut written.rules };
            let rules = place.get_or_insert_with(empty);
            let name = |at: usize| {
                let prefix = if policy.spec.action.as_deref() == Some("CUSTOM") { format!("{CUSTOM_PREFIX}-") } else { String::new() };
                format!("{prefix}ns[{}]-policy[{}]-rule[{at}]", policy.namespace, policy.name)
            };
            if policy.spec.rules.is_empty() {
                rules.policies.insert(name(0), RbacPolicy { origin: Some(policy.field("spec")), ..never() });
            }
            for (at, rule) in policy.spec.rules.iter().enumerate() {
                let by_state = if policy.spec.action.as_deref() == Some("CUSTOM") { self.custom_by_state } else { self.by_state };
                let target = Target { is_allow, for_tcp, namespace: &policy.namespace, trust_domains: &self.trust_domains, by_state };
                if let Some(rbac) = rule::policy(rule, target) {
                    rules.policies.insert(name(at), RbacPolicy { origin: Some(policy.field(format!("spec.rules[{at}]"))), ..rbac });
                }
            }
        }
        written
    }
}

fn http(config: TypedConfig, name: &'static str) -> HttpFilter {
    HttpFilter { name: name.into(), typed_config: Some(config), ..HttpFilter::default() }
}

fn network(config: TypedConfig, name: &'static str) -> Filter {
    Filter { name: name.into(), typed_config: Some(config), ..Filter::default() }
}

/// Without rules a policy matches nothing, which for ALLOW means that it allows nothing.
fn never() -> RbacPolicy {
    let permission = Permission { any: true, ..Permission::default() };
    let principal = Principal { any: true, ..Principal::default() };
    RbacPolicy {
        permissions: vec![Permission { not_rule: Some(Box::new(permission)), ..Permission::default() }],
        principals: vec![Principal { not_id: Some(Box::new(principal)), ..Principal::default() }],
        origin: None,
    }
}

fn denied_without_authorizer(rules: Rbac) -> Rbac {
    Rbac { policies: rules.policies.into_iter().map(|(name, policy)| (format!("{name}-deny-due-to-bad-CUSTOM-action"), policy)).collect(), ..rules }
}

/// As Go's `strconv.ParseBool` reads the annotation.
pub(in crate::engine::istiod) fn is_dry_run(policy: &Policy) -> bool {
    policy.annotations.get("istio.io/dry-run").is_some_and(|value| matches!(value, "1" | "t" | "T" | "TRUE" | "true" | "True"))
}
