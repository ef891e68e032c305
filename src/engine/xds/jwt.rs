//! The JWT filter: who may issue tokens, where they are looked for, and what a request needs.

use std::collections::BTreeMap;

use super::{DataSource, Origin, RouteMatch};

message! {
    /// `http.jwt_authn.v3.JwtAuthentication`.
    JwtAuthentication { providers: BTreeMap<String, JwtProvider>, rules: Vec<RequirementRule>, bypass_cors_preflight: bool }
    /// `http.jwt_authn.v3.JwtProvider`.
    JwtProvider {
        issuer: String,
        audiences: Vec<String>,
        remote_jwks: Option<serde_json::Value>,
        local_jwks: Option<DataSource>,
        forward: bool,
        from_headers: Vec<JwtHeader>,
        from_params: Vec<String>,
        from_cookies: Vec<String>,
        forward_payload_header: String,
        payload_in_metadata: String,
        normalize_payload_in_metadata: Option<NormalizePayload>,
        claim_to_headers: Vec<JwtClaimToHeader>,
        clear_route_cache: bool,
        #[serde(skip)]
        origin: Option<Origin>,
    }
    /// `http.jwt_authn.v3.JwtHeader`.
    JwtHeader { name: String, value_prefix: String }
    /// `http.jwt_authn.v3.JwtProvider.NormalizePayload`.
    NormalizePayload { space_delimited_claims: Vec<String> }
    /// `http.jwt_authn.v3.JwtClaimToHeader`.
    JwtClaimToHeader { header_name: String, claim_name: String }
    /// `http.jwt_authn.v3.RequirementRule`.
    RequirementRule { r#match: Option<RouteMatch>, requires: Option<JwtRequirement> }
    /// `http.jwt_authn.v3.JwtRequirement`: one of its fields.
    JwtRequirement {
        provider_name: String,
        requires_any: Option<JwtRequirements>,
        requires_all: Option<JwtRequirements>,
        allow_missing: Option<Empty>,
    }
    /// `http.jwt_authn.v3.JwtRequirementOrList` and `JwtRequirementAndList`.
    JwtRequirements { requirements: Vec<JwtRequirement> }
    /// `google.protobuf.Empty`.
    Empty {}
}

impl JwtProvider {
    /// Whether keys are at hand, or Envoy fetches them itself.
    pub fn has_keys(&self) -> bool {
        let Some(text) = self.local_jwks.as_ref().and_then(|source| source.inline_string.as_ref()) else { return true };
        let keys: Option<serde_json::Value> = serde_json::from_str(text).ok();
        // A certificate in PEM or a map of them is a set of keys, too.
        keys.is_none_or(|keys| keys.get("keys").and_then(serde_json::Value::as_array).is_none_or(|list| !list.is_empty()))
    }
}
