//! Methods are written as requests carry them, in capitals.

use crate::engine::{
    analyze::{Context, Rule, Set},
    diagnostic::hints::{MW0018, MethodNeverMatches},
    resource::{AuthorizationPolicy, Kind, VirtualService},
};

pub(super) static RULE: Rule = Rule {
    name: "method_never_matches",
    set: Set::Hints,
    summary: "HTTP methods are written in capitals",
    reads: reads!(VirtualService AuthorizationPolicy),
    emits: &[&MW0018],
    check,
};

const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE"];

fn check(context: &mut Context<'_>) {
    for item in context.each::<VirtualService>() {
        let conditions = item.spec.http.iter().enumerate().flat_map(|(at, rule)| rule.r#match.iter().enumerate().map(move |(number, one)| (at, number, one)));
        let places = conditions.filter_map(|(at, number, condition)| {
            Some((format!("spec.http[{at}].match[{number}].method.exact"), condition.method.as_ref()?.exact.as_deref().and_then(meant)?))
        });
        report(context, item.resource, places.collect());
    }
    for item in context.each::<AuthorizationPolicy>() {
        let mut places = Vec::new();
        for (at, rule) in item.spec.rules.iter().enumerate() {
            for (number, operation) in rule.to.iter().enumerate().filter_map(|(number, to)| Some((number, to.operation.as_ref()?))) {
                for (field, methods) in [("methods", &operation.methods), ("notMethods", &operation.not_methods)] {
                    let wrong = methods.iter().enumerate().filter_map(|(nth, method)| Some((nth, meant(method)?)));
                    places.extend(wrong.map(|(nth, method)| (format!("spec.rules[{at}].to[{number}].operation.{field}[{nth}]"), method)));
                }
            }
        }
        report(context, item.resource, places);
    }
}

fn report<'a>(context: &mut Context<'a>, resource: &'a crate::engine::resource::Resource, places: Vec<(String, &'static str)>) {
    for (place, method) in places {
        let finding = context.report(resource, &place, MethodNeverMatches { method });
        if let Some(node) = resource.node(&place) {
            finding.fix(node.span, method);
        }
    }
}

/// The method that a word not in capitals was meant for.
fn meant(word: &str) -> Option<&'static str> {
    METHODS.iter().copied().find(|method| *method != word && method.eq_ignore_ascii_case(word))
}
