//! Host names and addresses (`pkg/config/validation/agent/validation.go`, `pkg/config/host/name.go`).

use super::{
    super::names::{is_cidr, is_dns_label, is_ip, is_wildcard_label},
    part::{Context, Part},
};

/// Why a text is not a domain name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reason {
    /// Which names istiod says the same of: past a first part it forgets that one.
    gist: String,
    pub message: String,
}

impl Reason {
    fn new(gist: String, message: String) -> Self {
        Self { gist, message }
    }

    /// istiod refuses the object for this.
    pub fn refuse(self, context: &mut Context<'_, '_>, part: &Part<'_>) {
        context.refuse_as(self.gist, part, self.message);
    }
}

fn preconditions(name: &str) -> Result<(), Reason> {
    if name.is_empty() {
        return Err(Reason::new("empty name".into(), "a host name must not be empty".into()));
    }
    if name.len() > 255 {
        let message = format!("a host name of {} characters is too long; at most 255 are allowed", name.len());
        return Err(Reason::new(format!("long name {name}"), message));
    }
    Ok(())
}

/// The parts of a name, or of what is left of it behind its first one.
fn labels(name: &str, rest: &str) -> Result<(), Reason> {
    let top = rest.rsplit('.').next().unwrap_or_default();
    if is_go_integer(top) {
        let message = if is_ip(name) {
            format!("{name:?} is an IP address, where a host name is wanted")
        } else {
            format!("{name:?} is not a host name: its last part {top:?} cannot be a number")
        };
        return Err(Reason::new(format!("number behind {rest}"), message));
    }
    let mut parts = rest.split('.').peekable();
    while let Some(label) = parts.next() {
        if parts.peek().is_none() && label.is_empty() {
            return Ok(());
        }
        if !is_dns_label(label) {
            return Err(bad_label(name, rest, label));
        }
    }
    Ok(())
}

fn bad_label(name: &str, rest: &str, label: &str) -> Reason {
    let hint = if let Some((host, port)) = name.rsplit_once(':')
        && port.bytes().all(|b| b.is_ascii_digit())
    {
        format!("; write the host {host:?} alone, a port has its own field")
    } else if name.contains("://") {
        "; write the host alone, without scheme and path".into()
    } else if label.contains('*') {
        "; a wildcard can only be the whole first part, such as *.example.com".into()
    } else if label.is_empty() {
        "; it has an empty part".into()
    } else {
        "; use letters, digits and -".into()
    };
    Reason::new(format!("{label:?} in {rest}"), format!("{name:?} is not a host name: {label:?} cannot be part of one{hint}"))
}

/// `strconv.Atoi` succeeds.
fn is_go_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && text.parse::<i64>().is_ok()
}

/// `ValidateFQDN`.
pub(super) fn fqdn(name: &str) -> Result<(), Reason> {
    preconditions(name)?;
    labels(name, name)
}

/// `ValidateWildcardDomain`: a domain whose first part may be a wildcard.
pub(super) fn wildcard_domain(name: &str) -> Result<(), Reason> {
    preconditions(name)?;
    let (first, rest) = name.split_once('.').map_or((name, None), |(first, rest)| (first, Some(rest)));
    if !is_wildcard_label(first) {
        return Err(bad_label(name, name, first));
    }
    rest.map_or(Ok(()), |rest| labels(name, rest))
}

/// `ValidateWildcardDomainForVirtualServiceBoundToGateway`: SNI hosts may also be istiod's own `outbound_.80_._.host`.
pub(super) fn gateway_domain(is_sni: bool, name: &str) -> Result<(), Reason> {
    preconditions(name)?;
    if !is_sni || !name.starts_with("outbound_") {
        return wildcard_domain(name);
    }
    let parts: Vec<&str> = name.split('_').collect();
    let is_fine = match parts.as_slice() {
        ["outbound", port, _, host, ..] => port.bytes().any(|b| b.is_ascii_digit()) && host.bytes().any(|b| b.is_ascii_alphabetic()),
        _ => false,
    };
    if is_fine { Ok(()) } else { Err(Reason::new(format!("form of {name}"), format!("{name:?} is not of the form outbound_.PORT_._.HOST"))) }
}

/// `ValidatePartialWildCard`: a `*` stands alone or before a dot.
pub(super) fn is_partial_wildcard(name: &str) -> bool {
    name.contains('*') && name != "*" && !name.starts_with("*.")
}

/// `ValidateIPSubnet`: an address or a range.
pub(super) fn check_subnet(context: &mut Context<'_, '_>, part: &Part<'_>) {
    let text = part.text();
    if text.matches('/').count() == 1 {
        if !is_cidr(text) {
            context.refuse(part, format!("{text:?} is not an address range such as 10.0.0.0/16"));
        }
    } else if !is_ip(text) {
        context.refuse(part, format!("{text:?} is not an IP address or a range such as 10.0.0.0/16"));
    }
}

/// `ValidateIPAddress`.
pub(super) fn check_ip(context: &mut Context<'_, '_>, part: &Part<'_>) {
    if !is_ip(part.text()) {
        context.refuse(part, format!("{:?} is not an IP address", part.text()));
    }
}

/// `ValidateNamespaceSlashWildcardHostname`: `host` or `namespace/host` in Gateways, always with a namespace in Sidecars.
pub(super) fn check_namespaced_host(context: &mut Context<'_, '_>, part: &Part<'_>, is_gateway: bool) {
    let text = part.text();
    let Some((namespace, host)) = text.split_once('/') else {
        if is_gateway {
            check_exposed_host(context, part, text, true);
        } else {
            context.refuse_as("no namespace", part, format!("{text:?} needs the form namespace/host: \"./{text}\" for this namespace, \"*/{text}\" for any"));
        }
        return;
    };
    if namespace.is_empty() || host.is_empty() {
        context.refuse_as("empty namespace or host", part, format!("{text:?} needs both a namespace and a host around the slash"));
        if !context.is_counting() {
            return;
        }
    }
    let is_special = matches!(namespace, "*" | ".") || namespace == "~" && (!is_gateway || context.is_converted);
    if !is_special && !is_dns_label(namespace) {
        context.refuse(part, format!("{namespace:?} is not a namespace; use its name, \".\" for this one or \"*\" for any"));
    }
    check_exposed_host(context, part, host, is_gateway);
}

fn check_exposed_host(context: &mut Context<'_, '_>, part: &Part<'_>, host: &str, is_gateway: bool) {
    if host != "*" && !host.contains('.') {
        context.refuse_as(
            "short name",
            part,
            format!(
                "{host:?} is a short name; write the full one, such as {}",
                if host.is_empty() { "shop.example.com".into() } else { format!("{host}.default.svc.cluster.local") }
            ),
        );
    }
    if let Err(reason) = wildcard_domain(host)
        && !(is_gateway && is_ip(host))
    {
        reason.refuse(context, part);
        if !context.is_counting() {
            return;
        }
    }
    if is_partial_wildcard(host) {
        context.refuse(part, format!("{host:?}: a wildcard must be the whole first part, such as *.example.com"));
    }
}

/// `Name.Matches`: whether some host fits both names.
pub(super) fn overlap(a: &str, b: &str) -> bool {
    match (a.strip_prefix('*'), b.strip_prefix('*')) {
        (Some(tail_a), Some(tail_b)) => tail_a.ends_with(tail_b) || tail_b.ends_with(tail_a),
        (Some(tail), None) => b.ends_with(tail),
        (None, Some(tail)) => a.ends_with(tail),
        (None, None) => a == b,
    }
}

/// `Name.SubsetOf`: whether every host that fits `inner` fits `outer`.
pub(super) fn is_covered(inner: &str, outer: &str) -> bool {
    match (inner.strip_prefix('*'), outer.strip_prefix('*')) {
        (Some(tail), Some(outer_tail)) => tail.ends_with(outer_tail),
        (Some(_), None) => false,
        (None, Some(tail)) => inner.ends_with(tail),
        (None, None) => inner == outer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_have_their_form() {
        for name in ["reviews", "*.example.com", "*", "*-a.example.com", "istio.io.", "Reviews.default.svc.cluster.local"] {
            assert_eq!(wildcard_domain(name), Ok(()), "{name}");
        }
        for name in ["", "reviews:9080", "http://a.b", "a.*.com", "a..b", "10.0.0.1", "-a", "a_b"] {
            assert!(wildcard_domain(name).is_err(), "{name}");
        }
        assert!(fqdn("*.example.com").is_err());
        assert_eq!(gateway_domain(true, "outbound_.80_._.e2e.foobar.mesh"), Ok(()));
        assert!(gateway_domain(false, "outbound_.80_._.e2e.foobar.mesh").is_err());
    }

    #[test]
    fn wildcards_overlap_and_cover() {
        assert!(overlap("*.com", "*.foo.com") && overlap("*.foo.com", "a.foo.com") && !overlap("*.foo.com", "foo.com"));
        assert!(is_covered("*.foo.com", "*.com") && !is_covered("*.com", "*.foo.com") && is_covered("a.com", "*"));
    }
}
