//! A journey in words.

use super::{Answer, Hop, HopRole, url::Target};
use crate::engine::envoy::{Stage, Step, Verdict};

/// A service as learners write it: `reviews` in `default`, else `httpbin.foo`; with its subset, `reviews/v2`.
pub(super) fn service_name(name: &str, namespace: &str, subset: &str) -> String {
    let service = if namespace == "default" { name.to_owned() } else { format!("{name}.{namespace}") };
    if subset.is_empty() { service } else { format!("{service}/{subset}") }
}

/// The destination behind a cluster's name (`outbound|port|subset|host`).
pub(super) fn destination(cluster: &str) -> String {
    match cluster.splitn(4, '|').collect::<Vec<_>>()[..] {
        // A waypoint's say first whether HTTP is spoken.
        ["inbound-vip", port, kind, host] => {
            let subset = kind.split_once('/').map_or("", |(_, subset)| subset);
            destination(&format!("outbound|{port}|{subset}|{host}"))
        }
        [_, _, subset, host] => match host.strip_suffix(".svc.cluster.local").and_then(|host| host.split_once('.')) {
            Some((name, namespace)) => service_name(name, namespace, subset),
            None if subset.is_empty() => host.to_owned(),
            None => format!("{host}/{subset}"),
        },
        _ => match cluster {
            "PassthroughCluster" => "passthrough".to_owned(),
            other => other.to_owned(),
        },
    }
}

/// One or two sentences: who decided, and what came of it.
pub(super) fn summary(target: &Target, hops: &[Hop], answer: &Answer) -> String {
    let Some(hop) = decisive(hops) else {
        return match answer.parts.first().map(|part| part.text.as_str()) {
            Some("no such host") => format!(
                "No Service or ServiceEntry is called {}, and the name can only be one of the cluster's, so the caller's DNS look-up fails.",
                target.host
            ),
            _ => format!("Nothing in front of the mesh listens on port {}.", target.port),
        };
    };
    let who = match hop.role {
        HopRole::ClientSidecar | HopRole::ServerSidecar => format!("The sidecar of {}", hop.proxy),
        HopRole::IngressGateway | HopRole::Gateway => format!("The gateway {}", hop.proxy),
        HopRole::Waypoint => format!("The waypoint {}", hop.proxy),
        HopRole::ClientZtunnel => format!("The ztunnel of {}", hop.proxy),
        HopRole::ServerZtunnel => {
            let why =
                |step: &Step| if step.stage == Stage::Policy { format!(" {}: {}", step.subject, step.reason) } else { format!(" {}", sentence(&step.reason)) };
            let why = hop.outcome.trace.last().map(why).unwrap_or_default();
            let seen = answer.parts.first().filter(|_| answer.parts.len() == 1).map(|part| part.text.as_str()).unwrap_or_default();
            let seen = if seen == "503" { ", and the proxy that asked for it answers 503" } else { "" };
            return format!("The ztunnel of {} closes the connection{seen}.{why}", hop.proxy);
        }
        HopRole::NoProxy if !hop.outcome.trace.is_empty() => {
            let reasons: Vec<String> = hop.outcome.trace.iter().map(|step| sentence(&step.reason)).collect();
            return reasons.join(" ");
        }
        HopRole::NoProxy => {
            return format!("{} has no sidecar, so no rule of the mesh is asked: Kubernetes picks any endpoint of {}.", hop.proxy, target.host);
        }
    };
    let outcome = &hop.outcome;
    let decision = outcome.trace.iter().rev().find(|step| step.stage == Stage::Route && step.verdict == Verdict::Chosen);
    let of_ztunnel = || outcome.trace.iter().rev().find(|step| matches!(step.stage, Stage::Service | Stage::Response));
    let decision = decision.or_else(|| of_ztunnel().filter(|_| hop.role == HopRole::ClientZtunnel));
    // Where a waypoint keeps a request, the route is not the reason.
    let is_kept = hop.role == HopRole::Waypoint && outcome.response.status.is_some_and(|status| status >= 400);
    let decision = outcome.trace.iter().rfind(|step| step.stage == Stage::Response && is_kept).or(decision);
    let because = decision.map(|step| format!(" {}", sentence(&step.reason))).unwrap_or_default();
    let [part] = answer.parts.as_slice() else {
        let shares =
            answer.parts.iter().map(|part| format!("{:.4}", part.share * 100.0).trim_end_matches('0').trim_end_matches('.').to_owned() + " % " + &part.text);
        return format!("{who} splits the requests: {}.{because}", shares.collect::<Vec<_>>().join(", "));
    };
    match (part.status, part.destination.as_str()) {
        (Some(status), "") => format!("{who} answers {status} itself.{because}"),
        (Some(status), "passthrough") => format!("{who} knows no such destination and lets the request through as it is; {status} comes back.{because}"),
        (Some(status), destination) => format!("{who} sends the request to {destination}, which answers {status}.{because}"),
        (None, _) => {
            let last = outcome.trace.iter().rev().find(|step| step.verdict != Verdict::Unreached && step.stage != Stage::AccessLog);
            format!("{who}: {}.{}", part.text, last.map(|step| format!(" {}", sentence(&step.reason))).unwrap_or_default())
        }
    }
}

/// The proxy of which something is to be told: the server's where it keeps the request from its workload, else the first one that
/// knows rules, which the client's ztunnel does not where there is a waypoint.
fn decisive(hops: &[Hop]) -> Option<&Hop> {
    let keeps = |hop: &&Hop| {
        matches!(hop.role, HopRole::ServerSidecar | HopRole::ServerZtunnel | HopRole::Waypoint | HopRole::NoProxy)
            && (hop.outcome.error.is_some() || hop.outcome.response.status.is_some_and(|status| status >= 400))
    };
    let first = || hops.iter().find(|hop| hop.role == HopRole::Waypoint).filter(|_| hops[0].role == HopRole::ClientZtunnel).or(hops.first());
    hops.iter().find(keeps).or_else(first)
}

/// The same words with a capital and a full stop.
fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    let head: String = chars.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    let text = head + chars.as_str();
    if text.ends_with(['.', '!', '?']) { text } else { text + "." }
}
