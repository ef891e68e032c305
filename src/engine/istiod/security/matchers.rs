//! Values of policies as Envoy's matchers: `*`, `prefix*`, `*suffix` or the text itself.
//!
//! `pilot/pkg/security/authz/matcher`.

use crate::engine::xds::{CidrRange, HeaderMatcher, MetadataMatcher, RegexMatcher, StringMatcher, ValueMatcher};

/// The filter that leaves a token's claims behind, and the key that it leaves them under.
const JWT_FILTER: &str = "envoy.filters.http.jwt_authn";
const JWT_PAYLOAD: &str = "payload";

pub(super) fn exact(text: &str) -> StringMatcher {
    StringMatcher { exact: Some(text.to_owned()), ..StringMatcher::default() }
}

pub(super) fn prefix(text: &str) -> StringMatcher {
    StringMatcher { prefix: Some(text.to_owned()), ..StringMatcher::default() }
}

pub(super) fn suffix(text: &str) -> StringMatcher {
    StringMatcher { suffix: Some(text.to_owned()), ..StringMatcher::default() }
}

pub(super) fn regex(regex: impl Into<String>) -> StringMatcher {
    StringMatcher { safe_regex: Some(RegexMatcher { regex: regex.into() }), ..StringMatcher::default() }
}

/// Anything but nothing.
pub(super) fn something() -> StringMatcher {
    regex(".+")
}

/// A value.
pub(super) fn text(value: &str) -> StringMatcher {
    text_after("", value)
}

/// A value that stands behind a fixed beginning.
pub(super) fn text_after(beginning: &str, value: &str) -> StringMatcher {
    if value == "*" {
        something()
    } else if let Some(end) = value.strip_prefix('*') {
        if beginning.is_empty() { suffix(end) } else { regex(format!("{beginning}.*{end}")) }
    } else if let Some(start) = value.strip_suffix('*') {
        prefix(&format!("{beginning}{start}"))
    } else {
        exact(&format!("{beginning}{value}"))
    }
}

/// A header's value; `*` wants it to be there.
pub(super) fn header(name: &str, value: &str) -> HeaderMatcher {
    let string_match = (value != "*").then(|| text(value));
    HeaderMatcher { name: name.to_owned(), present_match: string_match.is_none().then_some(true), string_match, ..HeaderMatcher::default() }
}

/// The authority, in any case.
pub(super) fn host(value: &str) -> HeaderMatcher {
    let mut matcher = header(":authority", value);
    if let Some(string) = &mut matcher.string_match {
        string.ignore_case = true;
    }
    matcher
}

/// One of several values.
pub(super) fn one_of(mut matchers: Vec<ValueMatcher>) -> ValueMatcher {
    match matchers.len() {
        1 => matchers.remove(0),
        _ => ValueMatcher::any(matchers),
    }
}

/// One of several values as texts.
pub(super) fn one_text_of(values: &[String]) -> ValueMatcher {
    one_of(values.iter().map(|value| ValueMatcher::text(text(value))).collect())
}

/// A claim that is such a text, taken as it is.
pub(super) fn plain_claim(name: &str, value: StringMatcher) -> MetadataMatcher {
    MetadataMatcher::new(JWT_FILTER, [JWT_PAYLOAD, name], ValueMatcher::text(value))
}

/// A claim, by its path, that fits itself or is a list with an element that does.
pub(in crate::engine::istiod) fn claim<'a>(path: impl IntoIterator<Item = &'a str>, value: ValueMatcher) -> MetadataMatcher {
    let either = ValueMatcher::any(vec![ValueMatcher::element(value.clone()), value]);
    MetadataMatcher::new(JWT_FILTER, std::iter::once(JWT_PAYLOAD).chain(path), either)
}

/// An address or a range of them.
pub(super) fn addresses(value: &str) -> Option<CidrRange> {
    let (address, bits) = value.split_once('/').map_or((value, None), |(address, bits)| (address, Some(bits)));
    let address: std::net::IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.map_or(Some(most), |bits| bits.parse().ok()).filter(|bits| *bits <= most)?;
    Some(CidrRange { address_prefix: address.to_string(), prefix_len: Some(bits) })
}
