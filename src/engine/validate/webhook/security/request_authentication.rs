//! RequestAuthentication (`ValidateRequestAuthentication`).

use super::jwks;
use crate::engine::validate::{
    go_url,
    webhook::{
        part::{Context, Part, check_duration},
        selector::check_targets,
    },
};

/// Judges the object.
pub(in super::super) fn judge(context: &mut Context<'_, '_>, spec: &Part<'_>) {
    check_targets(context, spec);
    for rule in spec.get("jwtRules").items() {
        judge_rule(context, &rule);
    }
}

fn judge_rule(context: &mut Context<'_, '_>, rule: &Part<'_>) {
    not_empty(context, &rule.get("issuer"), "the issuer must be set; it is the token's iss claim");
    for audience in rule.get("audiences").items() {
        not_empty(context, &audience, "an audience must not be empty");
    }
    for key in ["jwksUri", "jwks_uri"] {
        let uri = rule.get(key);
        if uri.text().is_empty() {
            continue;
        }
        let message = format!("{:?} must be a URL that starts with https:// or http://", uri.text());
        match go_url::parse_reference(uri.text()) {
            Ok(scheme) if matches!(scheme.as_str(), "http" | "https") => {
                // A port above 65535 is no fault, one that is no `int` is.
                if go_url::port(uri.text()).is_ok_and(|port| !port.is_empty() && port.parse::<i64>().is_err()) {
                    context.refuse(&uri, format!("{message}; its port is too large a number"));
                }
            }
            Ok(scheme) => context.refuse_as(format!("scheme {scheme}"), &uri, message),
            Err(reason) => context.refuse(&uri, format!("{message}; {reason}")),
        }
    }
    let keys = rule.get("jwks");
    if !keys.text().is_empty()
        && let Err(reason) = jwks::check(keys.text())
    {
        context.refuse(&keys, format!("is not a set of keys (JWKS): {reason}"));
    }
    for header in rule.get("fromHeaders").items() {
        not_empty(context, &header.get("name"), "the header's name must not be empty");
    }
    for name in rule.get("fromParams").items() {
        not_empty(context, &name, "the parameter's name must not be empty");
    }
    for name in rule.get("fromCookies").items() {
        not_empty(context, &name, "the cookie's name must not be empty");
    }
    for copy in rule.get("outputClaimToHeaders").items() {
        let (claim, header) = (copy.get("claim"), copy.get("header"));
        if claim.text().is_empty() || header.text().is_empty() {
            context.refuse(&copy, "needs both a claim and a header");
        } else if !header.text().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            context.refuse(&header, format!("{:?} is not a header's name; use letters, digits and -", header.text()));
        }
    }
    check_duration(context, &rule.get("timeout"));
}

fn not_empty(context: &mut Context<'_, '_>, part: &Part<'_>, message: &str) {
    if part.text().is_empty() {
        context.refuse(part, message);
    }
}
