//! Where a provider's tokens are looked for: headers, then query parameters, then cookies.

use std::collections::BTreeMap;

use super::super::super::{path, request::Request};
use crate::engine::{envoy::TOKEN, xds::JwtProvider};

/// A token that was found, and who may have issued one that is sent there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) text: String,
    /// The header that it stands in.
    pub(super) header: Option<String>,
    issuers: Vec<String>,
}

impl Found {
    /// Whether a provider of that issuer looks here. One that names none takes all.
    pub(super) fn allows(&self, issuer: &str) -> bool {
        self.issuers.iter().any(|own| own.is_empty() || own == issuer)
    }
}

/// All that is found for any of the providers, each place once.
pub(super) fn tokens(providers: &[&JwtProvider], request: &Request) -> Vec<Found> {
    let mut headers: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let mut parameters: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut cookies: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for provider in providers {
        let issuer = || provider.issuer.clone();
        for from in &provider.from_headers {
            headers.entry((from.name.to_ascii_lowercase(), from.value_prefix.clone())).or_default().push(issuer());
        }
        for name in &provider.from_params {
            parameters.entry(name.clone()).or_default().push(issuer());
        }
        for name in &provider.from_cookies {
            cookies.entry(name.clone()).or_default().push(issuer());
        }
        if provider.from_headers.is_empty() && provider.from_params.is_empty() && provider.from_cookies.is_empty() {
            headers.entry(("authorization".into(), "Bearer ".into())).or_default().push(issuer());
            parameters.entry("access_token".into()).or_default().push(issuer());
        }
    }
    let mut found = Vec::new();
    for ((name, prefix), issuers) in headers {
        let text = request.header(&name).and_then(|value| after(value, &prefix));
        found.extend(text.map(|text| Found { text, header: Some(name), issuers }));
    }
    for (name, issuers) in parameters {
        let text = if request.query_token.as_ref() == Some(&name) { Some(TOKEN) } else { path::query_parameter(&request.path, &name) };
        found.extend(text.map(|text| Found { text: text.to_owned(), header: None, issuers }));
    }
    for (name, issuers) in cookies {
        let pairs = request.header("cookie").unwrap_or_default().split(';').filter_map(|pair| pair.trim().split_once('='));
        let text = pairs.filter(|(own, _)| *own == name).map(|(_, value)| value.trim_matches('"').to_owned()).next();
        found.extend(text.map(|text| Found { text, header: None, issuers }));
    }
    found
}

/// What follows the prefix, wherever it stands, from the first character that a token can have.
fn after(value: &str, prefix: &str) -> Option<String> {
    if prefix.is_empty() {
        return Some(value.to_owned());
    }
    let (_, rest) = value.split_once(prefix)?;
    let is_start = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if rest.starts_with(TOKEN) {
        return Some(rest.to_owned());
    }
    Some(rest.find(is_start).map_or(value, |at| &rest[at..]).to_owned())
}
