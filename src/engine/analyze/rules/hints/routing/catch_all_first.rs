//! A rule that takes every request stands last.
//!
//! `istioctl analyze` speaks of two rules without a match (IST0130) and of prefixes that cover one another (IST0131), but not of
//! a rule without a match in front of rules with one; istiod sends proxies nothing behind it
//! (`BuildHTTPRoutesForVirtualService` in `pilot/pkg/networking/core/route/route.go` of 1.26.4).

use super::words::rule_name;
use crate::engine::{
    analyze::{Context, Rule, Set},
    diagnostic::hints::{CatchAllFirst, MW0007},
    resource::{HttpMatchRequest, HttpRoute, Kind, StringMatch, VirtualService},
};

pub(super) static RULE: Rule = Rule {
    name: "catch_all_first",
    set: Set::Hints,
    summary: "the rule that takes every request stands last",
    reads: reads!(VirtualService),
    emits: &[&MW0007],
    check,
};

fn check(context: &mut Context<'_>) {
    for item in context.each::<VirtualService>() {
        let rules = &item.spec.http;
        let Some(at) = rules.iter().position(takes_everything) else { continue };
        let behind = &rules[at + 1..];
        let is_by_prefix = rules[at].r#match.iter().any(|condition| condition.uri.as_ref().is_some_and(|uri| uri.prefix.is_some()));
        if !behind.iter().any(|rule| is_unsaid(rule, is_by_prefix)) {
            continue;
        }
        let names: Vec<String> = behind.iter().enumerate().take(4).map(|(offset, rule)| rule_name(&rule.name, at + 1 + offset)).collect();
        let more = if behind.len() > names.len() { " and more" } else { "" };
        let message = CatchAllFirst { rule: rule_name(&rules[at].name, at), behind: format!("{}{more}", names.join(", ")) };
        context.report(item.resource, &format!("spec.http[{at}]"), message);
    }
}

/// Whether the rule has something to lose of which istioctl says nothing.
fn is_unsaid(rule: &HttpRoute, first_is_by_prefix: bool) -> bool {
    let has_prefix = |condition: &HttpMatchRequest| condition.uri.as_ref().is_some_and(|uri| uri.prefix.is_some());
    let is_said = rule.r#match.is_empty() || first_is_by_prefix && rule.r#match.iter().all(has_prefix);
    !is_said
}

/// A rule that delegates takes what its delegate takes.
fn takes_everything(rule: &HttpRoute) -> bool {
    rule.delegate.is_none() && (rule.r#match.is_empty() || rule.r#match.iter().any(is_open))
}

fn is_open(condition: &HttpMatchRequest) -> bool {
    let any_path = |uri: &StringMatch| {
        let (exact, prefix, regex) = (&uri.exact, uri.prefix.as_deref(), uri.regex.as_deref());
        exact.is_none() && matches!((prefix, regex), (None | Some("/" | ""), None) | (None, Some(".*" | "/.*")))
    };
    let asks_only_for_path = HttpMatchRequest {
        name: condition.name.clone(),
        uri: condition.uri.clone(),
        ignore_uri_case: condition.ignore_uri_case,
        stat_prefix: condition.stat_prefix.clone(),
        ..HttpMatchRequest::default()
    };
    condition.uri.as_ref().is_none_or(any_path) && *condition == asks_only_for_path
}
