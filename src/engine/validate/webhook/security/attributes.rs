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
    let is_known = check_name(name);
    for (field, list) in ["values", "notValues"].into_iter().zip(&lists) {
        check_values(context, name, field, list, is_known.is_ok());
    }
    if let Err(reason) = is_known {
        for (field, list) in ["values", "notValues"].into_iter().zip(&lists) {
            if !list.items().any(|value| value.text().is_empty()) {
                // To a reader it is one fault of the key; istiod tells it of both lists, also of one that is not there.
                context.refuse_as(format!("{field} of unknown {name}"), &key, reason.clone());
                if !context.is_counting() {
                    break;
                }
            }
        }
    }
}

/// Whether a value is wrong.
type Question = fn(&str) -> bool;
/// What to say of it then.
type Answer = fn(&str) -> String;

/// One of the two lists, of whose faults istiod makes one.
fn check_values(context: &mut Context<'_, '_>, name: &str, field: &str, list: &Part<'_>, is_known: bool) {
    let wrong = |is_wrong: Question| list.items().filter(move |value| is_wrong(value.text()));
    if wrong(str::is_empty).next().is_some() {
        let gist = format!("{field} of {name}");
        return wrong(str::is_empty).for_each(|value| context.refuse_as(gist.clone(), &value, EMPTY));
    }
    if !is_known {
        return;
    }
    let (is_wrong, message): (Question, Answer) = match name {
        "source.ip" | "remote.ip" | "destination.ip" => (is_no_ip, no_ip),
        "destination.port" => (is_no_port, no_port),
        "source.serviceAccount" => return check_service_accounts(context, &format!("{field} of {name}"), list),
        _ => return,
    };
    let texts: Vec<&str> = wrong(is_wrong).map(|value| value.text()).collect();
    for value in wrong(is_wrong) {
        context.refuse_as(format!("{field} of {name}: {texts:?}"), &value, message(value.text()));
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

const EMPTY: &str = "an empty value matches nothing; remove it, or use \"*\" for any value that is set";

/// `CheckEmptyValues`, of a field.
pub(super) fn check_not_empty(context: &mut Context<'_, '_>, field: &str, list: &Part<'_>) {
    for value in list.items().filter(|value| value.text().is_empty()) {
        context.refuse_as(format!("empty value in {field}"), &value, EMPTY);
    }
}

fn is_no_ip(text: &str) -> bool {
    !(if text.contains('/') { is_cidr(text) } else { is_ip(text) })
}

fn no_ip(text: &str) -> String {
    format!("{text:?} is not an IP address or a range such as 10.0.0.0/16")
}

/// `ValidateIPs`.
pub(super) fn check_ips(context: &mut Context<'_, '_>, list: &Part<'_>) {
    check_each(context, list, is_no_ip, no_ip);
}

fn is_no_port(text: &str) -> bool {
    !(!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u32>().is_ok_and(|port| port <= 65_535))
}

fn no_port(text: &str) -> String {
    format!("{text:?} is not a port; ports are numbers up to 65535, in quotes")
}

/// `ValidatePorts`.
pub(super) fn check_ports(context: &mut Context<'_, '_>, list: &Part<'_>) {
    check_each(context, list, is_no_port, no_port);
}

fn check_each(context: &mut Context<'_, '_>, list: &Part<'_>, is_wrong: Question, message: Answer) {
    for value in list.items().filter(|value| is_wrong(value.text())) {
        let text = value.text();
        if text.is_empty() {
            // That it is empty is told by itself.
            context.echo(message(text), &value, message(text));
        } else {
            context.refuse(&value, message(text));
        }
    }
}

/// `CheckServiceAccount`, of a field.
pub(super) fn check_service_accounts(context: &mut Context<'_, '_>, field: &str, list: &Part<'_>) {
    if list.len() > 16 {
        context.refuse_as("too many accounts", list, format!("has {} values; at most 16 are allowed", list.len()));
        if context.is_counting() {
            return;
        }
    }
    for value in list.items() {
        let text = value.text();
        let (gist, message) = if text.is_empty() {
            (format!("empty value in {field}"), EMPTY.to_owned())
        } else if text.contains('*') {
            (format!("wildcard in {field}"), format!("{text:?}: a service account is named in full, without wildcards"))
        } else if text.matches('/').count() > 1 || text.starts_with('/') || text.ends_with('/') {
            (format!("{field} {text}"), format!("{text:?} must be a service account's name, or namespace/name"))
        } else if text.len() > 320 {
            (format!("{field} {text}"), format!("has {} characters; at most 320 are allowed", text.len()))
        } else {
            continue;
        };
        context.refuse_as(gist, &value, message);
        // istiod stops at the first of a list.
        if context.is_counting() {
            return;
        }
    }
}
