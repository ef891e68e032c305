//! Forms of text that the tables demand by name.

use std::sync::LazyLock;

use regex::Regex;

/// A form and how a message calls it.
#[derive(Debug)]
pub(super) struct Pattern {
    name: &'static str,
    /// What a fitting text is, to be read after "must be".
    pub words: &'static str,
    regex: LazyLock<Regex>,
}

impl Pattern {
    /// Whether a text has this form.
    pub fn fits(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

/// The form of a name.
pub(super) fn find(name: &str) -> Option<&'static Pattern> {
    PATTERNS.iter().find(|pattern| pattern.name == name)
}

macro_rules! patterns {
    ($($name:literal $regex:literal $words:literal)*) => {
        static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| vec![$(Pattern {
            name: $name,
            words: $words,
            regex: LazyLock::new(|| Regex::new($regex).expect("a pattern of this list compiles, as its test shows")),
        }),*]);
    };
}

patterns! {
    "timestamp" r"^\d{4}-\d{2}-\d{2}T\d{1,2}:\d{2}:\d{2}([.,]\d+)?(Z|[+-]\d{2}:\d{2})$" "a time such as 2026-01-31T12:00:00Z"
    "sha256" r"(^$|^[a-f0-9]{64}$)" "64 hexadecimal digits in lower case"
    "api-group" r"^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$" "an API group such as gateway.networking.k8s.io, or \"\" for the core group"
    "kind-name" r"^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$" "a kind such as Service"
    "header-name" r"^[-_A-Za-z0-9]+$" "a header name of letters, digits, - and _"
    "address-type" r"^Hostname|IPAddress|NamedAddress|[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/[A-Za-z0-9\/\-._~%!$&'()*+,;=:]+$" "IPAddress, Hostname, NamedAddress or a name with a domain prefix"
    "dns-label" r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$" "lower-case letters, digits and -, with a letter or digit at both ends"
    "label-value" r"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$" "letters, digits, -, _ and ., with a letter or digit at both ends"
    "hostname" r"^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$" "a host name in lower case such as shop.example.com, or *.example.com"
    "dns-name" r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$" "lower-case letters, digits, - and ., with a letter or digit at the ends of each part"
    "listener-protocol" r"^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$|[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/[A-Za-z0-9]+$" "HTTP, HTTPS, TLS, TCP, UDP or a name with a domain prefix"
    "domain-path" r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/[A-Za-z0-9\/\-._~%!$&'()*+,;=:]+$" "a domain and a path such as istio.io/gateway-controller"
    "http-token" r"^[A-Za-z0-9!#$%&'*+\-.^_\x60|~]+$" "a header name of letters, digits and -"
    "gateway-duration" r"^([0-9]{1,5}(h|m|s|ms)){1,4}$" "a duration such as 10s, 500ms or 1h30m"
    "absolute-uri" r"^(([^:/?#]+):)(//([^/?#]*))([^?#]*)(\?([^#]*))?(#(.*))?" "an origin such as https://example.com"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        for pattern in PATTERNS.iter() {
            assert!(!pattern.fits("\u{0}"), "{}", pattern.name);
        }
    }
}
