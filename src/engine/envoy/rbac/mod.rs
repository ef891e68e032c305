//! Role-based access control: whether rules let a connection or a request through, and which of them decided.
//!
//! <https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/rbac/v3/rbac.proto>. Policies are asked in the order of their names.

mod permission;
mod principal;

use std::net::IpAddr;

use super::{Stage, connection::Connection, http::Request, metadata::Metadata, trace::Trace};
use crate::engine::xds::{Rbac, RbacFilter, RbacPolicy};

/// How deep rules are followed.
const MAX_DEPTH: usize = 16;
/// How many alternatives are named where none holds.
const MAX_NAMED: usize = 3;

/// What rules can ask of.
pub(super) struct Asking<'a> {
    pub(super) connection: &'a Connection,
    /// None where only bytes are seen.
    pub(super) request: Option<&'a Request>,
    /// Where the client is, by what headers say.
    pub(super) remote: Option<IpAddr>,
    pub(super) metadata: &'a Metadata,
}

/// What came of the enforced rules.
pub(super) enum Ruling {
    Allowed,
    /// With the reason in words.
    Denied {
        reason: String,
    },
}

/// Asks a filter: first the rules that only take notes, then those that count.
pub(super) fn ask(filter: &RbacFilter, asking: &Asking<'_>, notes: &mut Vec<(String, String)>, trace: &mut Trace) -> Ruling {
    if let Some(shadow) = &filter.shadow_rules {
        let matched = find(shadow, asking, trace, "notes");
        let prefix = &filter.shadow_rules_stat_prefix;
        if let Some((name, policy)) = matched {
            notes.push((format!("{prefix}shadow_effective_policy_id"), name.to_owned()));
            trace.chosen(Stage::Filter, name, "the rule matches; this filter only takes note of it.", policy.origin.as_ref());
        }
        let allowed = matched.is_some() != (shadow.action == "DENY") || shadow.action == "LOG";
        notes.push((format!("{prefix}shadow_engine_result"), if allowed { "allowed" } else { "denied" }.to_owned()));
    }
    let Some(rules) = &filter.rules else { return Ruling::Allowed };
    let matched = find(rules, asking, trace, action(rules));
    match (rules.action.as_str(), matched) {
        ("DENY", Some((name, policy))) => {
            trace.chosen(Stage::Filter, name, "this DENY rule matches, so access is denied.", policy.origin.as_ref());
            Ruling::Denied { reason: format!("RBAC: access denied, as the DENY rule {name} matches.") }
        }
        ("LOG", Some((name, policy))) => {
            trace.chosen(Stage::Filter, name, "this AUDIT rule matches, which is written down and changes nothing.", policy.origin.as_ref());
            Ruling::Allowed
        }
        ("DENY" | "LOG", None) => Ruling::Allowed,
        (_, Some((name, policy))) => {
            trace.chosen(Stage::Filter, name, "this ALLOW rule matches, so access is granted.", policy.origin.as_ref());
            Ruling::Allowed
        }
        (_, None) => {
            let reason = "where there are ALLOW rules one of them has to match, and none does.";
            trace.lost(Stage::Filter, "ALLOW rules", reason, rules.policies.values().find_map(|policy| policy.origin.as_ref()));
            Ruling::Denied { reason: "RBAC: access denied, as no ALLOW rule matches.".into() }
        }
    }
}

/// Puts notes where the filters behind look for them.
pub(super) fn leave_notes(filter: &str, notes: Vec<(String, String)>, metadata: &mut Metadata) {
    if notes.is_empty() {
        return;
    }
    let fields = metadata.entry(filter.to_owned()).or_insert_with(|| serde_json::Value::Object(serde_json::Map::new()));
    if let serde_json::Value::Object(fields) = fields {
        fields.extend(notes.into_iter().map(|(key, value)| (key, value.into())));
    }
}

fn action(rules: &Rbac) -> &str {
    match rules.action.as_str() {
        "" => "ALLOW",
        "LOG" => "AUDIT",
        action => action,
    }
}

/// The first policy that matches; those before it are traced with what they miss.
fn find<'a>(rules: &'a Rbac, asking: &Asking<'_>, trace: &mut Trace, action: &str) -> Option<(&'a str, &'a RbacPolicy)> {
    for (name, policy) in &rules.policies {
        match mismatch(policy, asking) {
            None => return Some((name, policy)),
            Some(reason) => {
                trace.lost(Stage::Filter, name, format!("this {action} rule does not match: {}.", reason.trim_end_matches('.')), policy.origin.as_ref());
            }
        }
    }
    None
}

/// Why a policy does not match; none where it does.
fn mismatch(policy: &RbacPolicy, asking: &Asking<'_>) -> Option<String> {
    let permitted = any(policy.permissions.iter().map(|rule| permission::mismatch(rule, asking, 0)));
    permitted.or_else(|| any(policy.principals.iter().map(|id| principal::mismatch(id, asking, 0))))
}

/// Nothing where one of the alternatives holds, else why none does.
fn any(alternatives: impl Iterator<Item = Option<String>>) -> Option<String> {
    let mut reasons: Vec<String> = Vec::new();
    for alternative in alternatives {
        let reason = alternative?;
        if reasons.len() < MAX_NAMED && !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    Some(if reasons.is_empty() { "it names no alternative".to_owned() } else { reasons.join("; ") })
}

/// The same for what must not hold.
fn not(inner: Option<String>) -> Option<String> {
    match inner {
        Some(_) => None,
        None => Some("it excludes just what this is".to_owned()),
    }
}
