//! Where a policy asks for what a token says, somebody checks tokens.
//!
//! `requestPrincipals` and `request.auth.*` are filled in by the filter that a RequestAuthentication puts into the proxy.

use std::collections::HashMap;

use super::attachment::scope;
use crate::engine::{
    analyze::{
        Context, Item, Rule, Set,
        view::{Fleet, Member, Membership},
    },
    cluster::ROOT_NAMESPACE,
    diagnostic::hints::{MW0021, TokenNeverChecked},
    resource::{AuthorizationPolicy, AuthorizationRule, Kind, Labels, RequestAuthentication},
};

pub(super) static RULE: Rule = Rule {
    name: "token_never_checked",
    set: Set::Hints,
    summary: "policies on tokens stand beside a RequestAuthentication",
    reads: reads!(AuthorizationPolicy RequestAuthentication EnvoyFilter fleet),
    emits: &[&MW0021],
    check,
};

/// RequestAuthentications by their namespace.
type Checks<'a> = HashMap<&'a str, Vec<&'a RequestAuthentication>>;

fn check(context: &mut Context<'_>) {
    let fleet = context.fleet();
    let mut checks = Checks::new();
    for item in context.each::<RequestAuthentication>() {
        checks.entry(item.namespace()).or_default().push(item.spec);
    }
    // A filter that somebody wrote by hand may check tokens too.
    if !context.of_kind(Kind::EnvoyFilter).is_empty() || !fleet.is_known() {
        return;
    }
    for item in context.each::<AuthorizationPolicy>() {
        let asked = item.spec.rules.iter().enumerate().find_map(|(at, rule)| token_field(rule).map(|field| format!("spec.rules[{at}].{field}")));
        let Some(place) = asked else { continue };
        if has_workloads_without_a_check(fleet, &checks, item) {
            context.report(item.resource, &place, TokenNeverChecked {});
        }
    }
}

/// Whether there are workloads, and tokens are checked for none of them.
fn has_workloads_without_a_check(fleet: &Fleet<'_>, checks: &Checks<'_>, item: Item<'_, AuthorizationPolicy>) -> bool {
    let of = |namespace: &str| checks.get(namespace).map_or(&[][..], Vec::as_slice);
    if item.spec.targets().next().is_some() {
        return of(item.namespace()).is_empty() && of(ROOT_NAMESPACE).is_empty();
    }
    let none = Labels::new();
    let labels = item.spec.selector.as_ref().map_or(&none, |selector| &selector.match_labels);
    let is_checked = |member: &Member| {
        of(member.namespace())
            .iter()
            .chain(of(ROOT_NAMESPACE))
            .any(|check| check.targets().next().is_none() && check.selector.as_ref().is_none_or(|selector| member.may_carry(&selector.match_labels)))
    };
    // ztunnel checks no tokens at all, which another hint says.
    let mut members = fleet.selected(scope(item.resource), labels).filter(|member| member.membership != Membership::Ambient).peekable();
    members.peek().is_some() && !members.any(is_checked)
}

/// The first field of a rule that asks for a token.
fn token_field(rule: &AuthorizationRule) -> Option<String> {
    let from = rule.from.iter().enumerate().find_map(|(at, from)| {
        let source = from.source.as_ref()?;
        let fields = [("requestPrincipals", &source.request_principals), ("notRequestPrincipals", &source.not_request_principals)];
        fields.iter().find(|(_, values)| !values.is_empty()).map(|(name, _)| format!("from[{at}].source.{name}"))
    });
    from.or_else(|| rule.when.iter().position(|condition| condition.key.starts_with("request.auth.")).map(|at| format!("when[{at}].key")))
}
