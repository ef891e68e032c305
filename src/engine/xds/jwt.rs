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
