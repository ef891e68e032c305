//! RequestAuthentications as the JWT filter: every rule a provider, and one requirement for all paths.
//!
//! `convertToEnvoyJwtConfig` in `pilot/pkg/security/authn/policy_applier.go`. istiod itself fetches the keys behind a `jwksUri`; here
//! there is no network, so that such a provider has no keys.

use std::collections::BTreeMap;

use crate::engine::{
    cluster::Policy,
    resource::{JwtRule, RequestAuthentication},
    source::Origin,
    xds::{
        DataSource, Empty, HttpFilter, JwtAuthentication, JwtClaimToHeader, JwtHeader, JwtProvider, JwtRequirement, JwtRequirements, NormalizePayload,
        RequirementRule, RouteMatch, TypedConfig,
    },
};

/// Stands for keys that were not fetched.
const NO_KEYS: &str = r#"{"keys":[]}"#;

/// The filter for all rules of a workload; none without any.
pub(super) fn filter(policies: &[&Policy<RequestAuthentication>], clears_route_cache: bool) -> Option<HttpFilter> {
    let of_policy = |policy: &&Policy<RequestAuthentication>| -> Vec<(JwtRule, Origin)> {
        policy.spec.jwt_rules.iter().enumerate().map(|(at, rule)| (rule.clone(), policy.field(format!("spec.jwtRules[{at}]")))).collect()
    };
    let mut rules: Vec<(JwtRule, Origin)> = policies.iter().flat_map(of_policy).collect();
    rules.sort_by(|a, b| a.0.issuer.cmp(&b.0.issuer));
    if rules.is_empty() {
        return None;
    }
    let named: Vec<(String, JwtProvider)> =
        rules.iter().enumerate().map(|(at, (rule, origin))| (format!("origins-{at}"), provider(rule, origin, clears_route_cache))).collect();
    let requires = requirement(named.iter().map(|(name, _)| name.as_str()));
    let config = JwtAuthentication {
        providers: named.into_iter().collect::<BTreeMap<_, _>>(),
        rules: vec![RequirementRule { r#match: Some(RouteMatch { prefix: Some("/".into()), ..RouteMatch::default() }), requires: Some(requires) }],
        bypass_cors_preflight: true,
    };
    Some(HttpFilter {
        name: "envoy.filters.http.jwt_authn".into(),
        typed_config: Some(TypedConfig::JwtAuthentication(Box::new(config))),
        ..HttpFilter::default()
    })
}

fn provider(rule: &JwtRule, origin: &Origin, clear_route_cache: bool) -> JwtProvider {
    let keys = if rule.jwks.is_empty() { NO_KEYS } else { &rule.jwks };
    JwtProvider {
        issuer: rule.issuer.clone(),
        audiences: rule.audiences.clone(),
        local_jwks: Some(DataSource { inline_string: Some(keys.to_owned()), ..DataSource::default() }),
        forward: rule.forward_original_token,
        from_headers: rule.from_headers.iter().map(|from| JwtHeader { name: from.name.clone(), value_prefix: from.prefix.clone() }).collect(),
        from_params: rule.from_params.clone(),
        from_cookies: rule.from_cookies.clone(),
        forward_payload_header: rule.output_payload_to_header.clone(),
        payload_in_metadata: "payload".into(),
        normalize_payload_in_metadata: Some(NormalizePayload { space_delimited_claims: vec!["scope".into(), "permission".into()] }),
        claim_to_headers: rule
            .output_claim_to_headers
            .iter()
            .map(|to| JwtClaimToHeader { header_name: to.header.clone(), claim_name: to.claim.clone() })
            .collect(),
        clear_route_cache,
        origin: Some(origin.clone()),
        ..JwtProvider::default()
    }
}

/// A token may be missing, but one that is there must be good. With several providers one good token is enough wherever they share
/// a place to look at.
fn requirement<'a>(names: impl Iterator<Item = &'a str> + Clone) -> JwtRequirement {
    let by_name = |name: &str| JwtRequirement { provider_name: name.to_owned(), ..JwtRequirement::default() };
    let missing = || JwtRequirement { allow_missing: Some(Empty {}), ..JwtRequirement::default() };
    let any = |requirements| JwtRequirement { requires_any: Some(JwtRequirements { requirements }), ..JwtRequirement::default() };
    let each: Vec<JwtRequirement> = names.clone().map(|name| any(vec![by_name(name), missing()])).collect();
    if let [only] = each.as_slice() {
        return only.clone();
    }
    let all = JwtRequirement { requires_all: Some(JwtRequirements { requirements: each }), ..JwtRequirement::default() };
    any(names.map(by_name).chain([all]).collect())
}
