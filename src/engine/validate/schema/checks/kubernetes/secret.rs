//! Secrets and ConfigMaps.

use super::{Check, Faults, field, set};
use crate::engine::manifest::Node;

pub(super) static CHECKS: &[(&str, Check)] =
    &[("data-key", data_key), ("data-keys", data_keys), ("secret-bytes", secret_bytes), ("secret-type", secret_type), ("distinct-keys", distinct_keys)];

fn is_key(key: &str) -> bool {
    (1..=253).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')) && key != "." && !key.starts_with("..")
}

fn data_key(node: &Node, faults: &mut Faults<'_, '_>) {
    if let Some(key) = node.as_str().filter(|key| !is_key(key)) {
        faults.here(format!("{key:?} cannot be a key of a Secret or ConfigMap; use letters, digits, -, _ and ."));
    }
}

fn data_keys(node: &Node, faults: &mut Faults<'_, '_>) {
    for entry in node.entries().iter().filter(|entry| !is_key(&entry.key)) {
        faults.of_key(node, &entry.key, format!("{:?} cannot be a key here; use letters, digits, -, _ and .", entry.key));
    }
}

fn secret_bytes(node: &Node, faults: &mut Faults<'_, '_>) {
    let Some(text) = node.as_str() else { return };
    let body: String = text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    let digits = body.trim_end_matches('=');
    let is_fine =
        body.len().is_multiple_of(4) && body.len() - digits.len() <= 2 && digits.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'));
    if !is_fine {
        faults.here("is not base64, in which bytes are written here; plain text goes under stringData of a Secret, or data of a ConfigMap");
    }
}

fn secret_type(node: &Node, faults: &mut Faults<'_, '_>) {
    let kind = field(node, "type", "Opaque");
    let holds = |key: &str| ["data", "stringData"].iter().any(|part| set(node, part).is_some_and(|part| part.entry(key).is_some()));
    let needed: &[&str] = match kind {
        "kubernetes.io/tls" => &["tls.crt", "tls.key"],
        "kubernetes.io/dockerconfigjson" => &[".dockerconfigjson"],
        "kubernetes.io/dockercfg" => &[".dockercfg"],
        "kubernetes.io/ssh-auth" => &["ssh-privatekey"],
        "kubernetes.io/basic-auth" if !holds("username") && !holds("password") => &["username"],
        _ => &[],
    };
    for key in needed.iter().filter(|key| !holds(key)) {
        faults.at_key(node, "data", format!("a Secret of type {kind} needs {key}"));
    }
    let account = "kubernetes.io/service-account.name";
    let annotations = set(node, "metadata").and_then(|metadata| set(metadata, "annotations"));
    if kind == "kubernetes.io/service-account-token" && annotations.is_none_or(|annotations| field(annotations, account, "").is_empty()) {
        faults.at_key(node, "metadata", format!("a Secret of this type needs the annotation {account}"));
    }
}

fn distinct_keys(node: &Node, faults: &mut Faults<'_, '_>) {
    let Some(bytes) = set(node, "binaryData") else { return };
    for entry in set(node, "data").map(Node::entries).unwrap_or_default() {
        if let Some(second) = bytes.entry(&entry.key) {
            faults.at(
                &format!(".binaryData[{}]", entry.key),
                second.key_span,
                format!("{:?} stands in data too; a key can stand in one of the two", entry.key),
            );
        }
    }
}
