//! Forms of single values.

use super::{Check, Faults, Port, port_of};
use crate::engine::{
    manifest::{Node, Value},
    validate::{names, schema::quantity},
};

pub(super) static CHECKS: &[(&str, Check)] = &[
    ("label", label),
    ("optional-label", label),
    ("optional-subdomain", subdomain),
    ("qualified", qualified),
    ("ip", ip),
    ("cidr-trimmed", cidr),
    ("cluster-ip", cluster_ip),
    ("env-name", env_name),
    ("port-or-name", port_or_name),
    ("optional-port", optional_port),
    ("optional-port-name", optional_port_name),
    ("count-or-percent", count_or_percent),
    ("not-negative", not_negative),
];

/// The text, where there is some.
fn written(node: &Node) -> Option<&str> {
    node.as_str().filter(|text| !text.is_empty())
}

fn label(node: &Node, faults: &mut Faults<'_, '_>) {
    if let Some(text) = written(node).filter(|text| !names::is_lower_label(text)) {
        faults.here(format!("{text:?} must be lower-case letters, digits and -, at most 63, with a letter or digit at both ends"));
    }
}

fn subdomain(node: &Node, faults: &mut Faults<'_, '_>) {
    if let Some(text) = written(node).filter(|text| !names::is_subdomain(text)) {
        faults.here(format!("{text:?} must be lower-case letters, digits, - and ., with a letter or digit at both ends of each part"));
    }
}

fn qualified(node: &Node, faults: &mut Faults<'_, '_>) {
    if let Some(text) = written(node).filter(|text| !names::is_qualified(text)) {
        faults.here(format!("{text:?} must be letters, digits, -, _ and ., at most 63, behind an optional domain and a slash"));
    }
}

fn ip(node: &Node, faults: &mut Faults<'_, '_>) {
    if let Some(text) = written(node).filter(|text| text.parse::<std::net::IpAddr>().is_err()) {
        faults.here(format!("{text:?} is not an IP address"));
    }
}

fn cidr(node: &Node, faults: &mut Faults<'_, '_>) {
    if let Some(text) = written(node).filter(|text| !names::is_cidr(text.trim())) {
        faults.here(format!("{text:?} is not a range of addresses such as 10.0.0.0/8"));
    }
}

fn cluster_ip(node: &Node, faults: &mut Faults<'_, '_>) {
    if let Some(text) = written(node).filter(|text| *text != "None" && text.parse::<std::net::IpAddr>().is_err()) {
        faults.here(format!("{text:?} is neither an IP address nor None, which makes a headless Service; mostly it is left out"));
    }
}

fn env_name(node: &Node, faults: &mut Faults<'_, '_>) {
    if let Some(text) = written(node).filter(|text| text.contains('=') || !text.bytes().all(|b| (b' '..=b'~').contains(&b))) {
        faults.here(format!("{text:?} is not the name of an environment variable; use letters, digits and _"));
    }
}

/// A port's name: at most 15 lower-case letters, digits and `-`, a letter among them.
pub(super) fn is_port_name(text: &str) -> bool {
    let is_inner = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    is_inner
        && (1..=15).contains(&text.len())
        && text.bytes().any(|b| b.is_ascii_lowercase())
        && !text.contains("--")
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn port_or_name(node: &Node, faults: &mut Faults<'_, '_>) {
    match port_of(node) {
        Some(Port::Number(number)) if !(1..=65_535).contains(&number) => faults.here(format!("{number} is not a port; ports are 1 to 65535")),
        Some(Port::Name(name)) if !is_port_name(name) => {
            let cure =
                if name.parse::<u16>().is_ok() { "a number is written without quotes" } else { "a name has at most 15 lower-case letters, digits and -" };
            faults.here(format!("{name:?} is not the name of a port; {cure}"));
        }
        _ => {}
    }
}

/// Zero and nothing stand for what is not set.
fn optional_port(node: &Node, faults: &mut Faults<'_, '_>) {
    if !matches!(port_of(node), Some(Port::Number(0) | Port::Name(""))) {
        port_or_name(node, faults);
    }
}

fn optional_port_name(node: &Node, faults: &mut Faults<'_, '_>) {
    if let Some(text) = written(node).filter(|text| !is_port_name(text)) {
        faults.here(format!("{text:?} is not the name of a port; use at most 15 lower-case letters, digits and -, a letter among them"));
    }
}

fn count_or_percent(node: &Node, faults: &mut Faults<'_, '_>) {
    match port_of(node) {
        Some(Port::Number(number)) if number < 0 => faults.here(format!("{number} is too small; the least is 0")),
        Some(Port::Name(text)) if !text.strip_suffix('%').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())) => {
            faults.here(format!("{text:?} must be a number, or a percentage such as 25%"));
        }
        _ => {}
    }
}

fn not_negative(node: &Node, faults: &mut Faults<'_, '_>) {
    let amount = match &node.value {
        Value::String(text) => quantity::parse(text),
        Value::Int(value) => Some(value.as_f64()),
        Value::Float(value) => Some(*value),
        _ => None,
    };
    if amount.is_some_and(|amount| amount < 0.0) {
        faults.here("an amount of a resource cannot be negative");
    }
}
