//! Policies that only an HTTP proxy can enforce are not left to ztunnel.
//!
//! ztunnel gets AuthorizationPolicies without `targetRefs` and enforces their part of layer 4: ALLOW rules that ask for more are
//! dropped, DENY rules come without what it cannot see, CUSTOM and AUDIT do not come at all (`convertAuthorizationPolicy` in
//! `pilot/pkg/serviceregistry/kube/controller/ambient/authorization.go` of 1.26.4). A part of a DENY rule of which nothing is left
//! never matches (`Authorization::matches` in `src/rbac.rs` of ztunnel). A waypoint does not read them at all.

use std::collections::HashSet;

use super::attachment::scope;
use crate::engine::{
    analyze::{
        Context, Rule, Set,
        view::{Fleet, Member, Membership},
    },
    diagnostic::hints::{HttpPolicyAtZtunnel, MW0010},
    resource::{AuthorizationPolicy, AuthorizationRule, Kind, RequestAuthentication, Resource, RuleFrom, RuleTo, WorkloadSelector},
};

pub(super) static RULE: Rule = Rule {
    name: "http_policy_at_ztunnel",
    set: Set::Hints,
    summary: "policies that need HTTP are not left to ztunnel",
    reads: reads!(AuthorizationPolicy RequestAuthentication fleet),
    emits: &[&MW0010],
    check,
};

fn check(context: &mut Context<'_>) {
    let ambient = Ambient::new(context.fleet());
    for item in context.each::<AuthorizationPolicy>().filter(|item| item.spec.targets().next().is_none()) {
        let action = item.spec.action.as_deref().unwrap_or("ALLOW");
        let found = item.spec.rules.iter().enumerate().find_map(|(at, rule)| http_field(rule).map(|field| (at, field)));
        let (path, what) = match (action, found) {
            ("CUSTOM" | "AUDIT", _) => ("spec.action".to_owned(), format!("it knows no action {action} and passes over the policy")),
            ("DENY", Some((at, field))) if is_never_matched(&item.spec.rules[at]) => {
                (format!("spec.rules[{at}].{field}"), "nothing is left of that part of this DENY rule, which never matches and denies nobody".to_owned())
            }
            ("DENY", Some((at, field))) => {
                (format!("spec.rules[{at}].{field}"), "it takes this DENY rule without that part and denies more than is written".to_owned())
            }
            (_, Some((at, field))) => (format!("spec.rules[{at}].{field}"), "it drops this ALLOW rule and refuses what only the rule would allow".to_owned()),
            (_, None) => continue,
        };
        if ambient.is_under(item.resource, item.spec.selector.as_ref()) {
            context.report(item.resource, &path, HttpPolicyAtZtunnel { what });
        }
    }
    for item in context.each::<RequestAuthentication>().filter(|item| item.spec.targets().next().is_none()) {
        if ambient.is_under(item.resource, item.spec.selector.as_ref()) {
            context.report(item.resource, "", HttpPolicyAtZtunnel { what: "it checks no tokens".to_owned() });
        }
    }
}

/// Who is in ambient mode.
struct Ambient<'s, 'a> {
    fleet: &'s Fleet<'a>,
    namespaces: HashSet<&'a str>,
}

impl<'s, 'a> Ambient<'s, 'a> {
    fn new(fleet: &'s Fleet<'a>) -> Self {
        let members = fleet.all().iter().filter(|member| member.membership == Membership::Ambient);
        Self { fleet, namespaces: members.map(Member::namespace).collect() }
    }

    /// Whether a policy selects some of them. One for the whole mesh is not held against those in ambient mode: it is there for
    /// the others too.
    fn is_under(&self, resource: &Resource, selector: Option<&WorkloadSelector>) -> bool {
        match selector.map(|selector| &selector.match_labels) {
            None => scope(resource).is_some_and(|namespace| self.namespaces.contains(namespace)),
            Some(labels) => self.fleet.selected(scope(resource), labels).any(|member| member.membership == Membership::Ambient),
        }
    }
}

/// Conditions that ztunnel can judge.
const LAYER_4: &[&str] = &["source.ip", "source.namespace", "source.principal", "destination.ip", "destination.port"];

/// Whether ztunnel has nothing to compare for all of `to`, all of `from` or one of `when`.
fn is_never_matched(rule: &AuthorizationRule) -> bool {
    let to = |to: &RuleTo| to.operation.as_ref().is_none_or(|operation| operation.ports.is_empty() && operation.not_ports.is_empty());
    let from = |from: &RuleFrom| {
        from.source.as_ref().is_none_or(|source| {
            let lists = [
                &source.principals,
                &source.not_principals,
                &source.namespaces,
                &source.not_namespaces,
                &source.service_accounts,
                &source.not_service_accounts,
                &source.ip_blocks,
                &source.not_ip_blocks,
            ];
            lists.iter().all(|list| list.is_empty())
        })
    };
    !rule.to.is_empty() && rule.to.iter().all(to)
        || !rule.from.is_empty() && rule.from.iter().all(from)
        || rule.when.iter().any(|condition| !LAYER_4.contains(&condition.key.as_str()))
}

/// The first field of a rule that asks for HTTP.
fn http_field(rule: &AuthorizationRule) -> Option<String> {
    let to = rule.to.iter().enumerate().find_map(|(at, to)| {
        let operation = to.operation.as_ref()?;
        let fields = [
            ("hosts", &operation.hosts),
            ("notHosts", &operation.not_hosts),
            ("methods", &operation.methods),
            ("notMethods", &operation.not_methods),
            ("paths", &operation.paths),
            ("notPaths", &operation.not_paths),
        ];
        fields.iter().find(|(_, values)| !values.is_empty()).map(|(name, _)| format!("to[{at}].operation.{name}"))
    });
    let from = || {
        rule.from.iter().enumerate().find_map(|(at, from)| {
            let source = from.source.as_ref()?;
            let fields = [
                ("requestPrincipals", &source.request_principals),
                ("notRequestPrincipals", &source.not_request_principals),
                ("remoteIpBlocks", &source.remote_ip_blocks),
                ("notRemoteIpBlocks", &source.not_remote_ip_blocks),
            ];
            fields.iter().find(|(_, values)| !values.is_empty()).map(|(name, _)| format!("from[{at}].source.{name}"))
        })
    };
    let when = || rule.when.iter().position(|condition| !LAYER_4.contains(&condition.key.as_str())).map(|at| format!("when[{at}].key"));
    to.or_else(from).or_else(when)
}
