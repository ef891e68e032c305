//! Forms of names and addresses that Kubernetes and Istio share.
//!
//! Istio's own are those of `pkg/config/labels/instance.go`: unlike in Kubernetes, a DNS label may have capitals.

use std::net::IpAddr;

/// Istio's DNS label: letters, digits and `-`, at most 63, a letter or digit at both ends.
pub(super) fn is_dns_label(text: &str) -> bool {
    text.len() <= 63 && is_framed(text, &DASHED)
}

/// A DNS label that may be `*`, or start with `*` or `*-`.
pub(super) fn is_wildcard_label(text: &str) -> bool {
    if text.len() > 63 {
        return false;
    }
    let Some(rest) = text.strip_prefix('*') else { return is_framed(text, &DASHED) };
    rest.is_empty() || is_framed(rest.strip_prefix('-').unwrap_or(rest), &DASHED)
}

/// Kubernetes' DNS label, in lower case.
pub(super) fn is_lower_label(text: &str) -> bool {
    is_dns_label(text) && !text.bytes().any(|b| b.is_ascii_uppercase())
}

/// A Service's name: a lower-case DNS label that starts with a letter (RFC 1035).
pub(super) fn is_service_name(text: &str) -> bool {
    is_lower_label(text) && text.starts_with(|c: char| c.is_ascii_lowercase())
}

/// Kubernetes' DNS subdomain: lower-case labels with dots, at most 253 in all.
pub(super) fn is_subdomain(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mut before = b'.';
    let is_in_order = |byte: u8| {
        let may_stand = is_inner(byte) || matches!(byte, b'-' | b'.') && before != b'.' && (byte == b'-' || before != b'-');
        before = byte;
        may_stand
    };
    text.len() <= 253 && text.bytes().all(is_in_order) && text.bytes().last().is_some_and(is_inner)
}

/// The name of a label: at most 63 characters behind an optional subdomain and a slash.
pub(in crate::engine) fn is_qualified(text: &str) -> bool {
    let (prefix, name) = match text.bytes().position(|byte| byte == b'/') {
        Some(at) => (Some(&text[..at]), &text[at + 1..]),
        None => (None, text),
    };
    prefix.is_none_or(is_subdomain) && name.len() <= 63 && is_framed(name, &DOTTED)
}

/// The value of a label, which may be empty. Its length is another question.
pub(in crate::engine) fn is_label_value(text: &str) -> bool {
    text.is_empty() || is_framed(text, &DOTTED)
}

/// Whether Istio takes a label's name: the prefix may have capitals.
pub(super) fn is_tag_key(text: &str) -> bool {
    is_qualified(&text.split_once('/').map_or_else(|| text.to_owned(), |(prefix, name)| format!("{}/{name}", prefix.to_lowercase())))
}

/// Letters and digits at both ends, those and what else `inner` has between.
fn is_framed(text: &str, inner: &[bool; 256]) -> bool {
    let bytes = text.as_bytes();
    let is_end = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    is_end(bytes.first()) && is_end(bytes.last()) && bytes.iter().all(|b| inner[usize::from(*b)])
}

/// Letters and digits, and between them `-`, or also `_` and `.`: tables, as every label of every object is looked at.
static DASHED: [bool; 256] = letters_digits_and(b"-");
static DOTTED: [bool; 256] = letters_digits_and(b"-_.");

const fn letters_digits_and(others: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    let mut at = 0;
    while at < others.len() {
        table[others[at] as usize] = true;
        at += 1;
    }
    table
}

/// An address as Go's `netip.ParseAddr` takes it: IPv6 may name a zone.
pub(super) fn is_ip(text: &str) -> bool {
    match text.split_once('%') {
        Some((address, zone)) => !zone.is_empty() && address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => text.parse::<IpAddr>().is_ok(),
    }
}

/// A range as Go's `netip.ParsePrefix` takes it.
pub(in crate::engine) fn is_cidr(text: &str) -> bool {
    let Some((address, bits)) = text.rsplit_once('/') else { return false };
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let is_number = !bits.is_empty() && bits.bytes().all(|b| b.is_ascii_digit()) && (bits.len() == 1 || !bits.starts_with('0'));
    is_number && bits.parse::<u8>().is_ok_and(|bits| bits <= if address.is_ipv4() { 32 } else { 128 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_their_forms() {
        assert!(is_dns_label("Reviews-v1") && !is_dns_label("-a") && !is_dns_label("") && !is_dns_label("a.b"));
        assert!(is_wildcard_label("*") && is_wildcard_label("*-a") && is_wildcard_label("*a") && !is_wildcard_label("a*") && !is_wildcard_label("**"));
        assert!(is_qualified("app.kubernetes.io/name") && is_qualified("app") && !is_qualified("/app") && !is_qualified("A.b/app") && is_tag_key("A.b/app"));
        assert!(is_subdomain("a.b-c.d") && is_subdomain("a--b.1"));
        for wrong in ["", "A", "a..b", ".a", "a.", "-a", "a-", "a-.b", "a.-b", "a_b"] {
            assert!(!is_subdomain(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn addresses_are_those_that_go_reads() {
        assert!(is_ip("10.0.0.1") && is_ip("::1") && is_ip("fe80::1%eth0") && !is_ip("010.0.0.1") && !is_ip("10.0.0"));
        assert!(is_cidr("10.0.0.0/8") && is_cidr("2001:db8::/32") && !is_cidr("10.0.0.0/33") && !is_cidr("10.0.0.0/08") && !is_cidr("10.0.0.0"));
    }
}
