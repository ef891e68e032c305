//! The Secret that a server's `credentialName` names is there, beside the gateway's pods, and holds a certificate
//! (`analyzers/gateway/secret.go` of 1.26.4).
//!
//! Istio takes the namespace of any one pod that is selected. Where they lie in several, we take the first by name.

use std::collections::HashMap;

use super::group::groups;
use crate::engine::{
    analyze::{Context, Item, Rule, Set, view::Pod, words::listed},
    cluster::credential::{fault, is_readable},
    diagnostic::{
        closest,
        istio::{IST0101, IST0161, InvalidGatewayCredential, ReferencedResourceNotFound},
    },
    resource::{Gateway, Kind, Secret, Spec},
};

pub(super) static RULE: Rule = Rule {
    name: "gateway_credential",
    set: Set::Istio,
    summary: "the credentials of Gateways are there and hold certificates",
    reads: &[Kind::Gateway, Kind::Pod, Kind::Namespace, Kind::Secret],
    emits: &[&IST0101, &IST0161],
    check,
};

/// Names of Secrets by namespace.
type Names<'a> = HashMap<&'a str, Vec<&'a str>>;

/// Among more Secrets no near name is looked for: comparing takes time.
const MOST_COMPARED: usize = 50;

fn check(context: &mut Context<'_>) {
    let mut names = Names::new();
    for secret in context.of_kind(Kind::Secret) {
        names.entry(&secret.metadata.namespace).or_default().push(&secret.metadata.name);
    }
    for group in groups(context) {
        let homes = context.workloads().selected(None, group.labels).map(Pod::namespace);
        let Some(home) = homes.filter(|namespace| !namespace.is_empty()).min() else { continue };
        for item in &group.gateways {
            check_gateway(context, &names, *item, home);
        }
    }
}

fn check_gateway<'a>(context: &mut Context<'a>, names: &Names<'_>, item: Item<'a, Gateway>, home: &str) {
    let mut faults: Vec<String> = Vec::new();
    let mut guilty: Vec<String> = Vec::new();
    for (at, server) in item.spec.servers.iter().enumerate() {
        let Some(name) = server.tls.as_ref().map(|tls| tls.credential_name.as_str()).filter(|name| !name.is_empty()) else { continue };
        let path = format!("spec.servers[{at}].tls.credentialName");
        match find(context, home, name) {
            None => {
                let message = ReferencedResourceNotFound { kind: "Secret", name: name.to_owned(), cure: cure(context, names, item, home, name) };
                context.report(item.resource, &path, message);
            }
            Some(secret) => {
                if let Some(fault) = fault(secret, context.now()) {
                    guilty.push(path);
                    faults.push(format!("Secret {name}: {fault}"));
                }
            }
        }
    }
    // istioctl says the same of every such server, so that those of one line are one finding to it.
    faults.sort();
    faults.dedup();
    let fault = listed(faults);
    for path in guilty {
        let (gateway, namespace) = (item.name().to_owned(), home.to_owned());
        context.report(item.resource, &path, InvalidGatewayCredential { gateway, namespace, fault: fault.clone() });
    }
}

/// The Secret, in the namespace that the name says or else in that of the pods.
fn find<'a>(context: &Context<'a>, home: &str, name: &str) -> Option<&'a Secret> {
    let (namespace, name) = name.split_once('/').unwrap_or((home, name));
    match &context.find(Kind::Secret, namespace, name)?.spec {
        Spec::Secret(secret) if is_readable(secret) => Some(secret),
        _ => None,
    }
}

fn cure(context: &Context<'_>, names: &Names<'_>, item: Item<'_, Gateway>, home: &str, name: &str) -> String {
    let own = item.namespace();
    if own != home && context.find(Kind::Secret, own, name).is_some() {
        return format!("there is one in namespace {own}, but the gateway's pods run in {home} and read Secrets of their own namespace");
    }
    if context.find(Kind::Secret, home, name).is_some() {
        return "there is one, but its data is not base64".to_owned();
    }
    let beside = names.get(home).map_or(&[][..], Vec::as_slice);
    let near = if beside.len() > MOST_COMPARED { None } else { closest(name, beside.iter().copied()) };
    match near {
        Some(near) => format!("did you mean {near}?"),
        None => format!("create it in namespace {home}, where the gateway's pods run"),
    }
}
