//! Gateways for the same pods do not share a certificate (`analyzers/gateway/certificate.go` of 1.26.4).
//!
//! A Gateway's pods are another's too where its selector is part of the other's; one without selector has all pods. Names of
//! credentials are compared as they stand, wherever the Gateways lie.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::engine::{
    analyze::{Context, Item, Rule, Set, view::carries, words::full_name},
    diagnostic::istio::{GatewayDuplicateCertificate, IST0138},
    resource::{Gateway, Kind, ServerTlsSettings},
};

pub(super) static RULE: Rule = Rule {
    name: "shared_certificate",
    set: Set::Istio,
    summary: "Gateways for the same pods do not share a certificate",
    reads: &[Kind::Gateway],
    emits: &[&IST0138],
    check,
};

/// Where a Gateway serves a certificate.
#[derive(Clone, Copy)]
struct Place<'a> {
    item: Item<'a, Gateway>,
    server: usize,
}

fn check(context: &mut Context<'_>) {
    let mut by_certificate: BTreeMap<Certificate<'_>, Vec<Place<'_>>> = BTreeMap::new();
    for item in context.each::<Gateway>() {
        let mut known = BTreeSet::new();
        for (server, spec) in item.spec.servers.iter().enumerate() {
            let certificate = spec.tls.as_deref().and_then(Certificate::of).filter(|certificate| known.insert(*certificate));
            if let Some(certificate) = certificate {
                by_certificate.entry(certificate).or_default().push(Place { item, server });
            }
        }
    }
    by_certificate.values().filter(|places| places.len() > 1).for_each(|places| check_places(context, places));
}

fn check_places<'a>(context: &mut Context<'a>, places: &[Place<'a>]) {
    let mut by_label: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    for (at, place) in places.iter().enumerate() {
        place.item.spec.selector.iter().for_each(|(key, value)| by_label.entry((key, value)).or_default().push(at));
    }
    let all: Vec<usize> = (0..places.len()).collect();
    for (at, place) in places.iter().enumerate() {
        let selector = &place.item.spec.selector;
        let rarest = selector.iter().filter_map(|(key, value)| by_label.get(&(key, value))).min_by_key(|others| others.len());
        for &other in rarest.unwrap_or(&all).iter().filter(|other| **other != at && carries(&places[**other].item.spec.selector, selector)) {
            if context.is_full() {
                return;
            }
            let other = places[other].item;
            let gateways = format!("{} and {}", full_name(place.item.namespace(), place.item.name()), full_name(other.namespace(), other.name()));
            let path = match &place.item.spec.servers[place.server].tls {
                Some(tls) if !tls.credential_name.is_empty() => "credentialName",
                _ => "serverCertificate",
            };
            let shown = format!("spec.servers[{}].tls.{path}", place.server);
            context.report_at(place.item.resource, "metadata.name", &shown, GatewayDuplicateCertificate { gateways });
        }
    }
}

/// What Istio knows a certificate by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Certificate<'a> {
    Credential(&'a str),
    Files { certificate: &'a str, key: &'a str },
}

impl<'a> Certificate<'a> {
    fn of(tls: &'a ServerTlsSettings) -> Option<Self> {
        let (name, certificate, key) = (tls.credential_name.as_str(), tls.server_certificate.as_str(), tls.private_key.as_str());
        match (name, certificate, key) {
            ("", "", _) | ("", _, "") => None,
            ("", certificate, key) => Some(Self::Files { certificate, key }),
            (name, ..) => Some(Self::Credential(name)),
        }
    }
}
