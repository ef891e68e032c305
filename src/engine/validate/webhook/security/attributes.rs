//! Attributes of conditions, and the values that they and sources take (`pkg/config/security/security.go`).

use crate::engine::{
    diagnostic::closest,
    validate::{
        names::{is_cidr, is_ip},
        webhook::part::{Context, Part},
    },
};

/// The attributes that stand for themselves.
const PLAIN: &[&str] = &[
    "source.ip",
    "remote.ip",
    "source.namespace",
    "source.serviceAccount",
    "source.principal",
    "request.auth.principal",
    "request.auth.audiences",
    "request.auth.presenter",
    "destination.ip",
    "destination.port",
    "connection.sni",
];

/// Judges a condition's key, and its values by it (`ValidateAttribute`).
pub(super) fn check_condition(context: &mut Context<'_, '_>, condition: &Part<'_>) {
    let key = condition.get("key");
    let name = key.text();
    if name.is_empty() {
        return context.refuse(&key, "a condition needs a key such as request.headers[x-team] or source.ip");
    }
    let lists = [condition.get("values"), condition.get("notValues")];
    if !lists.iter().any(Part::is_set) {
        return context.refuse(condition, format!("the condition on {name} needs values or notValues"));
    }
    for list in &lists {
        check_not_empty(context, list);
    }
    if let Err(reason) = check_name(name) {
        return context.refuse(&key, reason);
    }
    for list in &lists {
        match name {
            "source.ip" | "remote.ip" | "destination.ip" => check_ips(context, list),
            "destination.port" => check_ports(context, list),
            "source.serviceAccount" => check_service_accounts(context, list),
            _ => {}
        }
    }
}

fn check_name(name: &str) -> Result<(), String> {
    let in_brackets = ["request.headers", "request.auth.claims", "experimental.envoy.filters."];
    if let Some(prefix) = in_brackets.into_iter().find(|prefix| name.starts_with(prefix)) {
        // As `validateMapKey` reads it.
        let open = name.find('[').unwrap_or(0);
        return if open > 0 && name.ends_with(']') && open + 2 < name.len() {
            Ok(())
        } else {
            Err(format!("{name:?} must have the form {}[name]", prefix.trim_end_matches('.')))
        };
    }
    if PLAIN.contains(&name) {
        return Ok(());
    }
    Err(match name {
        "destination.namespace" => "destination.namespace is no condition: the policy applies in the namespace that it is in".into(),
        "destination.name" | "destination.user" => format!("{name} is no longer a condition; choose the workloads with the policy's selector"),
        _ if name.starts_with("destination.labels") => "destination.labels is no condition: choose the workloads with the policy's selector".into(),
        _ => {
            let hint = closest(name, PLAIN.iter().copied()).map_or_else(
                || format!("; known are request.headers[…], request.auth.claims[…], {}", PLAIN.join(", ")),
                |near| format!("; did you mean {near}?"),
            );
            format!("{name:?} is no attribute{hint}")
        }
    })
}

/// `CheckEmptyValues`.
pub(super) fn check_not_empty(context: &mut Context<'_, '_>, list: &Part<'_>) {
    for value in list.items() {
        if value.text().is_empty() {
            context.refuse(&value, "an empty value matches nothing; remove it, or use \"*\" for any value that is set");
        }
    }
}

/// `ValidateIPs`.
pub(super) fn check_ips(context: &mut Context<'_, '_>, list: &Part<'_>) {
    for value in list.items() {
        let text = value.text();
        if !text.is_empty() && !(if text.contains('/') { is_cidr(text) } else { is_ip(text) }) {
            context.refuse(&value, format!("{text:?} is not an IP address or a range such as 10.0.0.0/16"));
        }
    }
}

/// `ValidatePorts`.
pub(super) fn check_ports(context: &mut Context<'_, '_>, list: &Part<'_>) {
    for value in list.items() {
        let text = value.text();
        let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u32>().is_ok_and(|port| port <= 65_535);
        if !text.is_empty() && !is_number {
            context.refuse(&value, format!("{text:?} is not a port; ports are numbers up to 65535, in quotes"));
        }
    }
}

/// `CheckServiceAccount`.
pub(super) fn check_service_accounts(context: &mut Context<'_, '_>, list: &Part<'_>) {
    if list.len() > 16 {
        context.refuse(list, format!("has {} values; at most 16 are allowed", list.len()));
    }
    for value in list.items() {
        let text = value.text();
        let message = if text.contains('*') {
            format!("{text:?}: a service account is named in full, without wildcards")
        } else if text.len() > 320 {
            format!("has {} characters; at most 320 are allowed", text.len())
        } else if text.matches('/').count() > 1 || text.starts_with('/') || text.ends_with('/') {
            format!("{text:?} must be a service account's name, or namespace/name")
        } else {
            continue;
        };
        context.refuse(&value, message);
    }
}
