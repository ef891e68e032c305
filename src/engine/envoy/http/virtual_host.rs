//! Which virtual host of a route configuration serves a host.
//!
//! Exact name, then the longest `*.suffix`, then the longest `prefix.*`, then `*`:
//! <https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-virtualhost>.

use crate::engine::{
    envoy::{Stage, Verdict, trace::Trace},
    xds::{RouteConfiguration, VirtualHost},
};

/// How well a domain fits; the greatest wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Any,
    Prefix(usize),
    Suffix(usize),
    Exact,
}

/// The virtual host for a `Host` header.
pub(super) fn choose<'a>(routes: &'a RouteConfiguration, authority: &str, trace: &mut Trace) -> Option<&'a VirtualHost> {
    let host = authority.to_ascii_lowercase();
    let host = if routes.ignore_port_in_host_matching { without_port(&host) } else { &host };
    let mut best: Option<(Fit, usize, &str)> = None;
    for (at, candidate) in routes.virtual_hosts.iter().enumerate() {
        for domain in &candidate.domains {
            if let Some(fit) = fit(domain, host)
                && best.is_none_or(|(other, _, _)| fit > other)
            {
                best = Some((fit, at, domain));
            }
        }
    }
    for (at, candidate) in routes.virtual_hosts.iter().enumerate() {
        let (verdict, reason) = match best {
            Some((fit, winner, domain)) if winner == at => (Verdict::Chosen, why(fit, domain, host)),
            Some((_, _, domain)) if candidate.domains.iter().any(|own| self::fit(own, host).is_some()) => {
                (Verdict::Lost, format!("the domain {domain:?} of another virtual host fits {host:?} better."))
            }
            _ => (Verdict::Lost, format!("none of its domains is {host:?}: {}.", some_of(&candidate.domains))),
        };
        trace.add(Stage::VirtualHost, verdict, &candidate.name, reason, candidate.origin.as_ref());
    }
    best.map(|(_, at, _)| &routes.virtual_hosts[at])
}

fn why(fit: Fit, domain: &str, host: &str) -> String {
    match fit {
        Fit::Exact => format!("the host {host:?} is one of its domains."),
        Fit::Suffix(_) => format!("its domain {domain:?} is the longest wildcard that {host:?} ends with, and no domain is exactly that host."),
        Fit::Prefix(_) => format!("its domain {domain:?} is the longest wildcard that {host:?} starts with, and nothing fits better."),
        Fit::Any => format!("it serves every host, and no other virtual host serves {host:?}."),
    }
}

fn some_of(domains: &[String]) -> String {
    let shown = domains.iter().take(3).map(|domain| format!("{domain:?}")).collect::<Vec<_>>().join(", ");
    if domains.len() > 3 { format!("{shown} and {} more", domains.len() - 3) } else { shown }
}

fn fit(domain: &str, host: &str) -> Option<Fit> {
    let domain = domain.to_ascii_lowercase();
    if domain == "*" {
        Some(Fit::Any)
    } else if let Some(suffix) = domain.strip_prefix('*') {
        (host.len() > suffix.len() && host.ends_with(suffix)).then_some(Fit::Suffix(suffix.len()))
    } else if let Some(prefix) = domain.strip_suffix('*') {
        (host.len() > prefix.len() && host.starts_with(prefix)).then_some(Fit::Prefix(prefix.len()))
    } else {
        (domain == host).then_some(Fit::Exact)
    }
}

/// `host` of `host:port`; the brackets of an IPv6 address stay.
pub(super) fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) && (!name.contains(':') || name.ends_with(']')) => name,
        _ => host,
    }
}
