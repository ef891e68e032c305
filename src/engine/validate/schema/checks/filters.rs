//! The CEL rules on filters of HTTPRoute and GRPCRoute.

use super::{Check, Faults, items, set, text};
use crate::engine::manifest::{Node, Value};

pub(super) static CHECKS: &[(&str, Check)] = &[
    ("once-each", once_each),
    ("filter-type", filter_type),
    ("redirect-alone", redirect_alone),
    ("prefix-replacement", prefix_replacement),
    ("path-modifier", path_modifier),
    ("methods-star", methods_star),
    ("only-true", only_true),
];

/// The word of `type` and the field that carries its settings.
const FIELDS: &[(&str, &str)] = &[
    ("RequestHeaderModifier", "requestHeaderModifier"),
    ("ResponseHeaderModifier", "responseHeaderModifier"),
    ("RequestMirror", "requestMirror"),
    ("RequestRedirect", "requestRedirect"),
    ("URLRewrite", "urlRewrite"),
    ("ExtensionRef", "extensionRef"),
    ("CORS", "cors"),
];

fn once_each(node: &Node, faults: &mut Faults<'_, '_>) {
    for kind in ["RequestHeaderModifier", "ResponseHeaderModifier", "RequestRedirect", "URLRewrite"] {
        if let Some((at, _)) = node.items().iter().enumerate().filter(|(_, filter)| text(filter, "type", "") == kind).nth(1) {
            faults.at_item(node, at, format!("{kind} can stand once; put both into one filter"));
        }
    }
    let place = |kind: &str| node.items().iter().position(|filter| text(filter, "type", "") == kind);
    if let (Some(redirect), Some(rewrite)) = (place("RequestRedirect"), place("URLRewrite")) {
        faults.at_item(node, redirect.max(rewrite), "a rule either redirects or rewrites; remove one of the two filters");
    }
}

fn filter_type(node: &Node, faults: &mut Faults<'_, '_>) {
    let kind = text(node, "type", "");
    for (word, field) in FIELDS {
        if *word == kind && set(node, field).is_none() {
            faults.at_key(node, field, format!("a filter of type {kind} needs {field}"));
        } else if *word != kind && set(node, field).is_some() {
            faults.at_key(node, field, format!("{field} goes with type {word}, but this filter is a {kind}"));
        }
    }
}

fn redirect_alone(node: &Node, faults: &mut Faults<'_, '_>) {
    if !items(node, "backendRefs").is_empty() && items(node, "filters").iter().any(|filter| set(filter, "requestRedirect").is_some()) {
        faults.at_key(node, "backendRefs", "a rule that redirects reaches no backend; remove backendRefs or the RequestRedirect filter");
    }
}

fn prefix_replacement(node: &Node, faults: &mut Faults<'_, '_>) {
    let matches_one_prefix = match set(node, "matches") {
        // The API server fills in one match of the prefix "/".
        None => true,
        Some(matches) => match matches.items() {
            [only] => set(only, "path").is_none_or(|path| text(path, "type", "PathPrefix") == "PathPrefix"),
            _ => false,
        },
    };
    if matches_one_prefix {
        return;
    }
    let replaces = |filter: &Node, field: &str| {
        set(filter, field)
            .and_then(|settings| set(settings, "path"))
            .is_some_and(|path| text(path, "type", "") == "ReplacePrefixMatch" && set(path, "replacePrefixMatch").is_some())
    };
    let own = items(node, "filters").iter();
    let behind = items(node, "backendRefs").iter().flat_map(|backend| items(backend, "filters"));
    if own.chain(behind).any(|filter| replaces(filter, "requestRedirect") || replaces(filter, "urlRewrite")) {
        faults.at_key(node, "matches", "replacePrefixMatch needs exactly one match, by PathPrefix: only then it is clear what is replaced");
    }
}

fn path_modifier(node: &Node, faults: &mut Faults<'_, '_>) {
    let kind = text(node, "type", "");
    for (word, field) in [("ReplaceFullPath", "replaceFullPath"), ("ReplacePrefixMatch", "replacePrefixMatch")] {
        if kind == word && set(node, field).is_none() {
            faults.at_key(node, field, format!("{word} needs {field}"));
        } else if kind != word && set(node, field).is_some() {
            faults.at_key(node, field, format!("{field} goes with type: {word}"));
        }
    }
}

/// A switch that can only be turned on.
fn only_true(node: &Node, faults: &mut Faults<'_, '_>) {
    if node.value == Value::Bool(false) {
        faults.here("can only be true; remove the field to leave it off");
    }
}

fn methods_star(node: &Node, faults: &mut Faults<'_, '_>) {
    if node.items().len() > 1 && node.items().iter().any(|method| method.value == Value::String("*".into())) {
        faults.here("\"*\" stands for every method; remove the others");
    }
}
