//! Names as a learner says them, and short enough for a box.

use std::fmt::Write as _;

use crate::engine::mesh::{HopRole, Journey};

/// A cluster's name in two lines: what it is, and the rest. `proxy` is whose cluster it is: one that leads into the proxy's own
/// workload has no host in its name.
pub(super) fn cluster(name: &str, proxy: &str) -> (String, String) {
    match name.split('|').collect::<Vec<_>>()[..] {
        ["inbound", port, _, ""] => (pod(proxy).to_owned(), format!("port {port}")),
        [direction, port, subset, host] => {
            let host = short_host(host);
            // A waypoint's say first whether HTTP is spoken.
            let subset = if direction == "inbound-vip" { subset.split_once('/').map_or("", |(_, subset)| subset) } else { subset };
            (if subset.is_empty() { host } else { format!("{host}/{subset}") }, format!("port {port}"))
        }
        _ => match name {
            "PassthroughCluster" => (name.to_owned(), "straight to the address".to_owned()),
            "BlackHoleCluster" => (name.to_owned(), "goes nowhere".to_owned()),
            _ => (name.to_owned(), String::new()),
        },
    }
}

/// `reviews.default.svc.cluster.local` as `reviews`, other namespaces as `httpbin.foo`, other hosts as they are.
fn short_host(host: &str) -> String {
    let host = host.strip_suffix(".svc.cluster.local").unwrap_or(host);
    host.strip_suffix(".default").unwrap_or(host).to_owned()
}

/// `pod.namespace` without the namespace that goes without saying.
pub(super) fn pod(id: &str) -> &str {
    id.strip_suffix(".default").unwrap_or(id)
}

/// A virtual host's name without what is always the same.
pub(super) fn virtual_host(name: &str) -> String {
    let (host, port) = name.rsplit_once(':').unwrap_or((name, ""));
    let host = short_host(host);
    if port.is_empty() { host } else { format!("{host}:{port}") }
}

/// What stands over a band.
pub(super) const fn role(role: HopRole) -> &'static str {
    match role {
        HopRole::ClientSidecar => "client sidecar",
        HopRole::IngressGateway => "ingress gateway",
        HopRole::Gateway => "gateway on the way",
        HopRole::ServerSidecar => "server sidecar",
        HopRole::ClientZtunnel => "ztunnel of the client",
        HopRole::Waypoint => "waypoint",
        HopRole::ServerZtunnel => "ztunnel of the server",
        HopRole::NoProxy => "no proxy",
    }
}

/// `90 %`, at most two digits behind the point, and never nothing for something.
pub(super) fn share(share: f64) -> String {
    let percent = share * 100.0;
    if percent > 0.0 && percent < 0.01 {
        return "<0.01 %".to_owned();
    }
    let text = format!("{percent:.2}");
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// At most `limit` characters, the last one an ellipsis where something is missing.
pub(super) fn truncate(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    text.chars().take(limit.saturating_sub(1)).chain(['…']).collect()
}

/// The picture in words, for those who do not see it.
pub(super) fn describe(journey: &Journey) -> String {
    let mut text = String::new();
    for (at, hop) in journey.hops.iter().enumerate() {
        let _ = write!(text, "Hop {}: {} {}", at + 1, role(hop.role), hop.proxy);
        if !hop.outcome.route.is_empty() {
            let _ = write!(text, ", route {}", hop.outcome.route);
        }
        for target in &hop.outcome.clusters {
            let endpoints = match target.endpoints.len() {
                0 => "no endpoint".to_owned(),
                1 => "1 endpoint".to_owned(),
                n => format!("{n} endpoints"),
            };
            let _ = write!(text, ", {} to {} with {endpoints}", share(target.share), cluster(&target.name, &hop.proxy).0);
        }
        for target in &hop.outcome.mirrors {
            let _ = write!(text, ", a copy of {} to {}", share(target.share), cluster(&target.name, &hop.proxy).0);
        }
        text.push_str(". ");
    }
    let _ = write!(text, "Answer: {}.", journey.answer);
    text
}
