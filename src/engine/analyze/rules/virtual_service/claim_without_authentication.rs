//! Where routes look at a token's claims, the gateway's pods check tokens (`analyzers/virtualservice/jwtclaimroute.go` of
//! 1.26.4).
//!
//! RequestAuthentications of istio-system and of the pod's namespace count; one without a selector for every pod, also where
//! it is attached to something else by targetRefs.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::gateway_of;
use crate::engine::{
    analyze::{Context, Item, Rule, Set, words::full_name},
    cluster::{MESH, ROOT_NAMESPACE},
    diagnostic::istio::{IST0149, JwtClaimBasedRoutingWithoutRequestAuthN},
    resource::{Gateway, HttpMatchRequest, Kind, Labels, RequestAuthentication, VirtualService},
};

pub(super) static RULE: Rule = Rule {
    name: "claim_without_authentication",
    set: Set::Istio,
    summary: "gateways check the tokens whose claims are routed by",
    reads: &[Kind::VirtualService, Kind::Gateway, Kind::RequestAuthentication, Kind::Pod, Kind::Namespace],
    emits: &[&IST0149],
    check,
};

fn check(context: &mut Context<'_>) {
    let routed: Vec<_> = context.each::<VirtualService>().filter_map(|item| Some((item, claim(item.spec)?))).collect();
    if routed.is_empty() {
        return;
    }
    let gateways: HashMap<(&str, &str), &Gateway> = context.each::<Gateway>().map(|item| ((item.namespace(), item.name()), item.spec)).collect();
    let checked = checked_pods(context);
    let mut unchecked: HashMap<(&str, &str), BTreeSet<&str>> = HashMap::new();
    for (item, (path, key)) in routed {
        for written in item.spec.gateways.iter().filter(|gateway| *gateway != MESH) {
            let gateway = gateway_of(item.namespace(), written);
            let Some(spec) = gateways.get(&gateway) else { continue };
            let pods = unchecked.entry(gateway).or_insert_with(|| {
                let selected = context.workloads().selected(None, &spec.selector).map(|pod| (pod.namespace(), pod.resource.metadata.name.as_str()));
                selected.filter(|pod| !checked.contains(pod)).map(|(_, name)| name).collect()
            });
            for pod in pods.iter() {
                let gateway = full_name(gateway.0, gateway.1);
                let message = JwtClaimBasedRoutingWithoutRequestAuthN { key: key.to_owned(), gateway, pod: (*pod).to_owned() };
                context.report_at(item.resource, "", &path, message);
            }
        }
    }
}

/// Pods, by namespace and name, to which a RequestAuthentication applies.
fn checked_pods<'a>(context: &Context<'a>) -> HashSet<(&'a str, &'a str)> {
    static ANY: Labels = Labels::new();
    let labels = |item: Item<'a, RequestAuthentication>| item.spec.selector.as_ref().map_or(&ANY, |selector| &selector.match_labels);
    let policies: BTreeSet<(&str, &Labels)> = context.each::<RequestAuthentication>().map(|item| (item.namespace(), labels(item))).collect();
    let pods = policies.into_iter().flat_map(|(namespace, labels)| {
        let scope = (namespace != ROOT_NAMESPACE).then_some(namespace);
        context.workloads().selected(scope, labels)
    });
    pods.map(|pod| (pod.namespace(), pod.resource.metadata.name.as_str())).collect()
}

/// The first match on a claim: its path, and the header's name that stands for the claim.
fn claim(spec: &VirtualService) -> Option<(String, &str)> {
    let mut matches = spec.http.iter().enumerate().flat_map(|(rule, http)| http.r#match.iter().enumerate().map(move |(at, request)| (rule, at, request)));
    matches.find_map(|(rule, at, request)| claim_of(request).map(|(map, key)| (format!("spec.http[{rule}].match[{at}].{map}[{key}]"), key)))
}

fn claim_of(request: &HttpMatchRequest) -> Option<(&'static str, &str)> {
    let with = request.headers.keys().find(|key| is_claim(key)).map(|key| ("headers", key.as_str()));
    with.or_else(|| request.without_headers.keys().find(|key| is_claim(key)).map(|key| ("withoutHeaders", key.as_str())))
}

/// What a header's name starts with that stands for a claim, in letters of either case.
const CLAIMS: &str = "@request.auth.claims";

/// `.claim` or `[claim]` behind it (`pkg/jwt/routing.go`).
fn is_claim(key: &str) -> bool {
    let Some(rest) = key.get(..CLAIMS.len()).filter(|start| start.eq_ignore_ascii_case(CLAIMS)).map(|_| &key[CLAIMS.len()..]) else { return false };
    rest.len() > 1 && rest.starts_with('.') || rest.len() > 2 && rest.starts_with('[') && rest.ends_with(']')
}
