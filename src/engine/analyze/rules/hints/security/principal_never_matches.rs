//! Principals are written as Istio compares them: trust domain, namespace and service account, without `spiffe://`.
//!
//! istiod puts `spiffe://` in front of every value that does not start with a star (`StringMatcherWithPrefix` in
//! `pilot/pkg/security/authz/matcher/string.go` of 1.26.4).

use crate::engine::{
    analyze::{Context, Rule, Set},
    diagnostic::hints::{MW0017, PrincipalNeverMatches},
    resource::{AuthorizationPolicy, AuthorizationRule, Kind},
};

pub(super) static RULE: Rule = Rule {
    name: "principal_never_matches",
    set: Set::Hints,
    summary: "principals are trust domain, namespace and service account",
    reads: reads!(AuthorizationPolicy),
    emits: &[&MW0017],
    check,
};

const SCHEME: &str = "spiffe://";

fn check(context: &mut Context<'_>) {
    for item in context.each::<AuthorizationPolicy>() {
        let principals = item.spec.rules.iter().enumerate().flat_map(|(at, rule)| principals(at, rule));
        for (place, value) in principals.collect::<Vec<_>>() {
            let bare = value.strip_prefix(SCHEME);
            if bare.is_none() && (value.contains(['/', '*']) || value.is_empty()) {
                continue;
            }
            let cure = match bare {
                Some(bare) => format!("Istio adds {SCHEME} itself; write {bare}"),
                None => format!(
                    "a principal is <trust domain>/ns/<namespace>/sa/<service account>; write cluster.local/ns/{}/sa/{value} if that is meant",
                    item.namespace()
                ),
            };
            let finding = context.report(item.resource, &place, PrincipalNeverMatches { principal: value.to_owned(), cure });
            if let Some((bare, node)) = bare.zip(item.resource.node(&place)) {
                finding.fix(node.span, bare);
            }
        }
    }
}

fn principals(at: usize, rule: &AuthorizationRule) -> Vec<(String, &str)> {
    let sources = rule.from.iter().enumerate().filter_map(|(number, from)| Some((number, from.source.as_ref()?)));
    let mut found: Vec<(String, &str)> = Vec::new();
    for (number, source) in sources {
        for (field, values) in [("principals", &source.principals), ("notPrincipals", &source.not_principals)] {
            found.extend(values.iter().enumerate().map(|(nth, value)| (format!("spec.rules[{at}].from[{number}].source.{field}[{nth}]"), value.as_str())));
        }
    }
    for (number, condition) in rule.when.iter().enumerate().filter(|(_, condition)| condition.key == "source.principal") {
        for (field, values) in [("values", &condition.values), ("notValues", &condition.not_values)] {
            found.extend(values.iter().enumerate().map(|(nth, value)| (format!("spec.rules[{at}].when[{number}].{field}[{nth}]"), value.as_str())));
        }
    }
    found
}
