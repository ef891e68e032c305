//! AuthorizationPolicy (`ValidateAuthorizationPolicy`).

use super::{attributes, paths};
use crate::engine::validate::webhook::{
    part::{Context, Part},
    selector::check_targets,
};

/// Fields of a source that are known of any connection, HTTP or not.
const CONNECTION_FIELDS: &[&str] = &[
    "principals",
    "notPrincipals",
    "ipBlocks",
    "notIpBlocks",
    "namespaces",
    "notNamespaces",
    "remoteIpBlocks",
    "notRemoteIpBlocks",
    "serviceAccounts",
    "notServiceAccounts",
];

/// Fields of a source whose values have no other form than not to be empty.
const TEXT_FIELDS: &[&str] = &["principals", "requestPrincipals", "namespaces", "notPrincipals", "notRequestPrincipals", "notNamespaces"];

const OPERATION_FIELDS: &[&str] = &["ports", "methods", "paths", "hosts", "notPorts", "notMethods", "notPaths", "notHosts"];

/// Judges the object.
pub(in super::super) fn judge(context: &mut Context<'_, '_>, spec: &Part<'_>) {
    check_targets(context, spec);
    let (action, provider, rules) = (spec.get("action"), spec.get("provider"), spec.get("rules"));
    match action.text() {
        "CUSTOM" => judge_custom(context, &provider, &rules),
        word => {
            if provider.is_set() {
                context.refuse(
                    &provider,
                    format!("a provider decides for the action CUSTOM only, not for {}; remove it", if word.is_empty() { "ALLOW (the default)" } else { word }),
                );
            }
            if word == "DENY" && !rules.is_set() {
                context.refuse(&action, "DENY without rules denies nothing; add an empty rule, rules: [{}], to deny everything");
            }
        }
    }
    for (at, rule) in rules.items().enumerate() {
        judge_rule(context, at, &rule, action.text() == "DENY");
    }
}

/// What an external authorizer is asked about, and what it cannot be.
fn judge_custom(context: &mut Context<'_, '_>, provider: &Part<'_>, rules: &Part<'_>) {
    if !rules.is_set() {
        context.refuse(rules, "CUSTOM without rules asks about nothing; add an empty rule, rules: [{}], to ask about everything");
    } else if provider.get("name").text().is_empty() {
        context.refuse(&provider.get("name"), "CUSTOM needs provider.name, one of the extensionProviders of MeshConfig");
    }
    for rule in rules.items() {
        for from in rule.get("from").items() {
            let source = from.get("source");
            for key in [
                "namespaces",
                "notNamespaces",
                "serviceAccounts",
                "notServiceAccounts",
                "principals",
                "notPrincipals",
                "requestPrincipals",
                "notRequestPrincipals",
            ] {
                if source.get(key).is_set() {
                    context.refuse(&source.get(key), format!("{key} is not supported with CUSTOM; put it into a DENY or ALLOW policy beside this one"));
                }
            }
        }
        for condition in rule.get("when").items() {
            let key = condition.get("key");
            let name = key.text();
            if matches!(name, "source.namespace" | "source.serviceAccount" | "source.principal") || name.starts_with("request.auth.") {
                context.refuse(&key, format!("{name} is not supported with CUSTOM; put it into a DENY or ALLOW policy beside this one"));
            }
        }
    }
}

fn judge_rule(context: &mut Context<'_, '_>, at: usize, rule: &Part<'_>, is_deny: bool) {
    let (mut has_source, mut has_operation) = (false, false);
    let (mut knows_connection, mut knows_port) = (false, false);
    for from in rule.get("from").items() {
        let source = from.get("source");
        if !source.is_set() {
            context.refuse_as(format!("no source in rule {at}"), &from, "an entry of from needs a source");
            continue;
        }
        has_source = true;
        knows_connection |= CONNECTION_FIELDS.iter().any(|key| source.get(key).is_set());
        judge_source(context, at, &source);
    }
    for to in rule.get("to").items() {
        let operation = to.get("operation");
        if !operation.is_set() {
            context.refuse_as(format!("no operation in rule {at}"), &to, "an entry of to needs an operation");
            continue;
        }
        has_operation = true;
        knows_port |= operation.get("ports").is_set() || operation.get("notPorts").is_set();
        judge_operation(context, at, &operation);
    }
    for condition in rule.get("when").items() {
        attributes::check_condition(context, &condition);
    }
    if is_deny && (has_source && !has_operation && !knows_connection || has_operation && !knows_port) {
        context.warn(rule, "a DENY rule with attributes of HTTP only denies all traffic to TCP ports as well; name the ports that it is for");
    }
}

fn judge_source(context: &mut Context<'_, '_>, at: usize, source: &Part<'_>) {
    let set = |keys: &[&'static str]| keys.iter().copied().find(|key| source.get(key).is_set());
    let accounts = set(&["serviceAccounts", "notServiceAccounts"]);
    if let (Some(accounts), Some(other)) = (accounts, set(&["principals", "notPrincipals", "namespaces", "notNamespaces"])) {
        context.refuse_as(format!("accounts in rule {at}"), &source.get(accounts), format!("{accounts} cannot be combined with {other}; use one or the other"));
    }
    if set(CONNECTION_FIELDS).is_none() && set(TEXT_FIELDS).is_none() {
        context.refuse_as(format!("empty source in rule {at}"), source, "an empty source matches nothing in particular; remove from to match any source");
    }
    for key in TEXT_FIELDS {
        attributes::check_not_empty(context, key, &source.get(key));
    }
    for key in ["ipBlocks", "notIpBlocks", "remoteIpBlocks", "notRemoteIpBlocks"] {
        attributes::check_ips(context, &source.get(key));
        attributes::check_not_empty(context, key, &source.get(key));
    }
    for key in ["serviceAccounts", "notServiceAccounts"] {
        attributes::check_service_accounts(context, key, &source.get(key));
    }
}

fn judge_operation(context: &mut Context<'_, '_>, at: usize, operation: &Part<'_>) {
    if !OPERATION_FIELDS.iter().any(|key| operation.get(key).is_set()) {
        context.refuse_as(
            format!("empty operation in rule {at}"),
            operation,
            "an empty operation matches nothing in particular; remove to to match any operation",
        );
    }
    for key in OPERATION_FIELDS {
        attributes::check_not_empty(context, key, &operation.get(key));
    }
    for key in ["ports", "notPorts"] {
        attributes::check_ports(context, &operation.get(key));
    }
    for key in ["paths", "notPaths"] {
        for path in operation.get(key).items() {
            if let Err(reason) = paths::check(path.text()) {
                context.refuse_as(format!("{key} {reason}"), &path, reason);
                if context.is_counting() {
                    break;
                }
            }
        }
    }
}
