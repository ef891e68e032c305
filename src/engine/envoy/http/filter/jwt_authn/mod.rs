//! JSON Web Tokens: a request with a bad one is refused, what a good one claims is left for the filters behind.
//!
//! <https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/jwt_authn_filter>. Whether a token is well signed is
//! not computed: a call says it of its own token, and of a token that stands in its headers it is not known, so it counts as not.

mod location;
mod status;
mod token;
mod verify;

use std::collections::BTreeMap;

use status::Status;
use verify::Verifier;

use super::super::{local_reply::LocalReply, request::Request, route_match};
use crate::engine::{
    envoy::{Jwt, Stage, metadata::Metadata, trace::Trace},
    xds::JwtAuthentication,
};

pub(super) const NAME: &str = "envoy.filters.http.jwt_authn";
/// How much of the URL a refusal repeats.
const MAX_REALM_BYTES: usize = 256;

/// What the filter made of a request that it lets pass.
#[derive(Debug, Default)]
pub(super) struct Verified {
    /// Whether the route is to be chosen anew.
    pub(super) clears_route_cache: bool,
}

/// Checks the request's tokens. On the way out tokens are gone from the request, and claims are in headers and metadata.
pub(super) fn apply(
    config: &JwtAuthentication,
    request: &mut Request,
    token: Option<&Jwt>,
    metadata: &mut Metadata,
    trace: &mut Trace,
) -> Result<Verified, LocalReply> {
    if config.bypass_cors_preflight && is_preflight(request) {
        trace.lost(Stage::Filter, NAME, "the request is a preflight, which has no token to check.", None);
        return Ok(Verified::default());
    }
    let is_for = |rule: &&crate::engine::xds::RequirementRule| rule.r#match.as_ref().is_none_or(|rule| route_match::matches(rule, request, metadata));
    let Some(requirement) = config.rules.iter().find(is_for).and_then(|rule| rule.requires.as_ref()) else { return Ok(Verified::default()) };
    let original = (request.scheme.clone(), request.authority.clone(), request.path.clone());
    let mut verifier = Verifier { config, request, token, payload: BTreeMap::new(), used: Vec::new(), failure: None };
    match verifier.verify(requirement, &[], 0) {
        Ok(()) => {
            let Verifier { payload, used, .. } = verifier;
            let Some(provider) = used.last() else {
                trace.lost(Stage::Filter, NAME, "the request has no token where one is looked for, which is no fault here.", None);
                return Ok(Verified::default());
            };
            let reason = format!("the token of the issuer {:?} is good.", provider.issuer);
            trace.chosen(Stage::Filter, NAME, reason, provider.origin.as_ref());
            metadata.insert(NAME.to_owned(), serde_json::Value::Object(payload.into_iter().collect()));
            Ok(Verified { clears_route_cache: used.iter().any(|provider| provider.clear_route_cache) })
        }
        Err(status) => {
            let provider = verifier.failure;
            let reason = format!("{}: {}", status.text(), status.why());
            trace.chosen(Stage::Filter, NAME, format!("the token is refused. {reason}"), provider.and_then(|provider| provider.origin.as_ref()));
            let (scheme, authority, path) = original;
            let realm: String = format!("{scheme}://{authority}{}", truncated(&path));
            let error = if status == Status::Missing { "" } else { ", error=\"invalid_token\"" };
            Err(LocalReply {
                status: if status == Status::AudienceNotAllowed { 403 } else { 401 },
                headers: BTreeMap::from([("www-authenticate".to_owned(), format!("Bearer realm=\"{realm}\"{error}"))]),
                body: status.text(),
                reason,
                ..LocalReply::default()
            })
        }
    }
}

fn truncated(path: &str) -> &str {
    let mut end = path.len().min(MAX_REALM_BYTES);
    while !path.is_char_boundary(end) {
        end -= 1;
    }
    &path[..end]
}

fn is_preflight(request: &Request) -> bool {
    let has = |name: &str| request.header(name).is_some_and(|value| !value.is_empty());
    request.method == "OPTIONS" && has("origin") && has("access-control-request-method")
}
