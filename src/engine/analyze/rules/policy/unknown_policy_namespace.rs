//! The namespaces that an AuthorizationPolicy speaks of exist (`analyzers/authz/authorizationpolicies.go` of 1.26.4).
//!
//! One star may stand at either end, and names are compared without regard to case. Of `notNamespaces` Istio names the line of
//! the `namespaces` entry with the same position, where there is one.

use std::collections::BTreeSet;

use crate::engine::{
    analyze::{Context, Rule, Set},
    diagnostic::{
        closest,
        istio::{IST0101, ReferencedResourceNotFound},
    },
    resource::{AuthorizationPolicy, Kind},
};

pub(super) static RULE: Rule = Rule {
    name: "unknown_policy_namespace",
    set: Set::Istio,
    summary: "AuthorizationPolicies speak of namespaces that exist",
    reads: &[Kind::AuthorizationPolicy, Kind::Namespace],
    emits: &[&IST0101],
    check,
};

fn check(context: &mut Context<'_>) {
    let names = Names::new(context.of_kind(Kind::Namespace).iter().map(|namespace| namespace.metadata.name.as_str()));
    for item in context.each::<AuthorizationPolicy>() {
        let sources = item.spec.rules.iter().enumerate().flat_map(|(rule, of)| of.from.iter().enumerate().map(move |(from, of)| (rule, from, &of.source)));
        for (rule, from, source) in sources {
            let Some(source) = source else { continue };
            for (field, wanted) in [("namespaces", &source.namespaces), ("notNamespaces", &source.not_namespaces)] {
                for (at, name) in wanted.iter().enumerate().filter(|(_, name)| !names.has(name)) {
                    let path = format!("spec.rules[{rule}].from[{from}].source");
                    let message = ReferencedResourceNotFound { kind: "namespace", name: name.clone(), cure: names.cure(name) };
                    context.report_at(item.resource, &format!("{path}.namespaces[{at}]"), &format!("{path}.{field}[{at}]"), message);
                }
            }
        }
    }
}

/// Among more namespaces no near name is looked for: comparing takes time.
const MOST_COMPARED: usize = 50;

/// The namespaces of the cluster.
struct Names<'a> {
    forwards: BTreeSet<&'a str>,
    lower: BTreeSet<String>,
    backwards: BTreeSet<String>,
}

impl<'a> Names<'a> {
    fn new(names: impl Iterator<Item = &'a str>) -> Self {
        let forwards: BTreeSet<&str> = names.collect();
        let lower = forwards.iter().map(|name| name.to_lowercase()).collect();
        let backwards = forwards.iter().map(|name| reversed(name)).collect();
        Self { forwards, lower, backwards }
    }

    /// Whether a namespace is meant by the expression. A star at the front is looked at first, and the rest taken as it stands.
    fn has(&self, expression: &str) -> bool {
        if let Some(end) = expression.strip_prefix('*') {
            let end = reversed(end);
            return self.backwards.range(end.clone()..).next().is_some_and(|name| name.starts_with(&end));
        }
        match expression.strip_suffix('*') {
            Some(start) => self.forwards.range(start..).next().is_some_and(|name| name.starts_with(start)),
            None => self.lower.contains(&expression.to_lowercase()),
        }
    }

    fn cure(&self, name: &str) -> String {
        let near = if self.forwards.len() > MOST_COMPARED { None } else { closest(name, self.forwards.iter().copied()) };
        match near {
            Some(near) => format!("did you mean {near}?"),
            None => "create it, or name one that exists".to_owned(),
        }
    }
}

fn reversed(name: &str) -> String {
    name.chars().rev().collect()
}
