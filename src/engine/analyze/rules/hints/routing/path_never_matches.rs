//! Paths in conditions are paths that a request can have.
//!
//! Envoy compares the path without the query, and the path of a request starts with a slash.

use crate::engine::{
    analyze::{Context, Rule, Set},
    diagnostic::hints::{MW0019, PathNeverMatches},
    resource::{AuthorizationPolicy, Kind, VirtualService},
};

pub(super) static RULE: Rule = Rule {
    name: "path_never_matches",
    set: Set::Hints,
    summary: "paths in conditions are paths that a request can have",
    reads: reads!(VirtualService AuthorizationPolicy),
    emits: &[&MW0019],
    check,
};

fn check(context: &mut Context<'_>) {
    for item in context.each::<VirtualService>() {
        for (at, rule) in item.spec.http.iter().enumerate() {
            for (number, condition) in rule.r#match.iter().enumerate() {
                let Some(uri) = &condition.uri else { continue };
                for (kind, path) in [("exact", &uri.exact), ("prefix", &uri.prefix)].into_iter().filter_map(|(kind, path)| Some((kind, path.as_ref()?))) {
                    let Some(cure) = fault(path, "queryParams") else { continue };
                    let place = format!("spec.http[{at}].match[{number}].uri.{kind}");
                    let finding = context.report(item.resource, &place, PathNeverMatches { path: path.clone(), cure });
                    if !path.starts_with(['/', '*'])
                        && !path.contains(['?', '#'])
                        && let Some(node) = item.resource.node(&place)
                    {
                        finding.fix(node.span, format!("/{path}"));
                    }
                }
            }
        }
    }
    for item in context.each::<AuthorizationPolicy>() {
        for (at, rule) in item.spec.rules.iter().enumerate() {
            for (number, operation) in rule.to.iter().enumerate().filter_map(|(number, to)| Some((number, to.operation.as_ref()?))) {
                for (field, paths) in [("paths", &operation.paths), ("notPaths", &operation.not_paths)] {
                    for (nth, path) in paths.iter().enumerate().filter(|(_, path)| !path.starts_with(['*', '{'])) {
                        if let Some(cure) = fault(path, "nothing, for policies do not see the query") {
                            let place = format!("spec.rules[{at}].to[{number}].operation.{field}[{nth}]");
                            context.report(item.resource, &place, PathNeverMatches { path: path.clone(), cure });
                        }
                    }
                }
            }
        }
    }
}

/// Why no request has such a path, and what to write.
fn fault(path: &str, for_query: &str) -> Option<String> {
    if path.contains(['?', '#']) {
        return Some(format!("the query is cut off before paths are compared; for it use {for_query}"));
    }
    (!path.is_empty() && path != "*" && !path.starts_with('/')).then(|| "paths start with a slash; write it".to_owned())
}
