//! Requirements: one provider's token, any or all of several, or that none is there.
//!
//! <https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/jwt_authn/v3/config.proto>.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    super::super::request::Request,
    location::{Found, tokens},
    status::Status,
    token::Claims,
};
use crate::engine::{
    envoy::Jwt,
    xds::{JwtAuthentication, JwtProvider, JwtRequirement},
};

/// How deep requirements are followed.
const MAX_DEPTH: usize = 8;

/// A request in the course of being checked.
pub(super) struct Verifier<'a, 'r> {
    pub(super) config: &'a JwtAuthentication,
    pub(super) request: &'r mut Request,
    pub(super) token: Option<&'r Jwt>,
    /// What good tokens claim, by the key that each provider gives.
    pub(super) payload: BTreeMap<String, Value>,
    /// Whose tokens were good.
    pub(super) used: Vec<&'a JwtProvider>,
    /// Whose token was bad, the last one.
    pub(super) failure: Option<&'a JwtProvider>,
}

impl<'a> Verifier<'a, '_> {
    /// Meets a requirement. `siblings` are the providers that stand beside it as alternatives.
    pub(super) fn verify(&mut self, requirement: &'a JwtRequirement, siblings: &[&'a JwtProvider], depth: usize) -> Result<(), Status> {
        if depth >= MAX_DEPTH {
            return Err(Status::Missing);
        }
        if let Some(any) = &requirement.requires_any {
            return self.verify_any(&any.requirements, depth);
        }
        if let Some(all) = &requirement.requires_all {
            return all.requirements.iter().try_for_each(|requirement| self.verify(requirement, &[], depth + 1));
        }
        if requirement.allow_missing.is_some() {
            return match self.verify_tokens(siblings, None) {
                Err(Status::Missing) => Ok(()),
                other => other,
            };
        }
        match self.config.providers.get(&requirement.provider_name) {
            Some(provider) => self.verify_tokens(&[provider], Some(provider)),
            None => Ok(()),
        }
    }

    /// The first alternative that is met. That a token may be missing is asked last. A token that is bad says more than one that is
    /// missing or another issuer's.
    fn verify_any(&mut self, requirements: &'a [JwtRequirement], depth: usize) -> Result<(), Status> {
        let siblings: Vec<&JwtProvider> = requirements.iter().filter_map(|requirement| self.config.providers.get(&requirement.provider_name)).collect();
        let (last, first): (Vec<&JwtRequirement>, Vec<&JwtRequirement>) = requirements.iter().partition(|requirement| requirement.allow_missing.is_some());
        let mut telling = None;
        let mut latest = Status::Missing;
        for requirement in first.into_iter().chain(last.into_iter().take(1)) {
            match self.verify(requirement, &siblings, depth + 1) {
                Ok(()) => return Ok(()),
                Err(status @ (Status::Missing | Status::UnknownIssuer)) => latest = status,
                Err(status) => telling = Some(status),
            }
        }
        Err(telling.unwrap_or(latest))
    }

    /// All tokens that are found must be good, the one found last first.
    fn verify_tokens(&mut self, providers: &[&'a JwtProvider], only: Option<&'a JwtProvider>) -> Result<(), Status> {
        for provider in providers {
            let made = provider.claim_to_headers.iter().map(|to| &to.header_name).chain([&provider.forward_payload_header]);
            for name in made.filter(|name| !name.is_empty()) {
                self.request.headers.remove(&name.to_ascii_lowercase());
            }
        }
        let found = tokens(providers, self.request);
        if found.is_empty() {
            return Err(Status::Missing);
        }
        let mut outcome = Ok(());
        for token in found.iter().rev() {
            outcome = self.verify_token(token, only);
            // Where a token may be missing the last one looked at decides.
            if outcome.is_err() && only.is_some() {
                break;
            }
        }
        outcome
    }

    fn verify_token(&mut self, found: &Found, only: Option<&'a JwtProvider>) -> Result<(), Status> {
        self.failure = only;
        let claims = Claims::read(&found.text, self.token)?;
        if !found.allows(&claims.issuer) {
            return Err(Status::UnknownIssuer);
        }
        let of_issuer = || {
            let by = |issuer: &str| self.config.providers.values().find(|provider| provider.issuer == issuer);
            by(&claims.issuer).or_else(|| by(""))
        };
        let provider = only.or_else(of_issuer).ok_or(Status::UnknownIssuer)?;
        self.failure = Some(provider);
        if claims.is_expired {
            return Err(Status::Expired);
        }
        if !claims.is_for(&provider.audiences) {
            return Err(Status::AudienceNotAllowed);
        }
        if !provider.has_keys() && !claims.has_fetched_keys {
            return Err(Status::NoKeys);
        }
        claims.signature?;
        self.accept(found, &claims, provider);
        Ok(())
    }

    /// Tells the backend and the filters behind what the token says.
    fn accept(&mut self, found: &Found, claims: &Claims, provider: &'a JwtProvider) {
        let headers = &mut self.request.headers;
        if !provider.forward_payload_header.is_empty() {
            headers.insert(provider.forward_payload_header.to_ascii_lowercase(), claims.encoded());
        }
        for to in &provider.claim_to_headers {
            if let Some(text) = claims.text_of(&to.claim_name).filter(|text| !text.is_empty()) {
                headers.insert(to.header_name.to_ascii_lowercase(), text);
            }
        }
        if let (false, Some(name)) = (provider.forward, &found.header) {
            headers.remove(name);
        }
        if !provider.payload_in_metadata.is_empty() {
            let lists = provider.normalize_payload_in_metadata.as_ref().map_or(&[][..], |normalize| &normalize.space_delimited_claims);
            self.payload.insert(provider.payload_in_metadata.clone(), claims.normalized(lists));
        }
        self.used.push(provider);
    }
}
