//! Certificates lie in the namespace of the gateway's pods.
//!
//! A gateway asks istiod for a Secret by its name, and istiod looks in the namespace of the asking proxy, wherever the Gateway is
//! (`pilot/pkg/model/credentials/resource.go` of 1.26.4). `istioctl analyze` says of `credentialName` that it is not found
//! (IST0101), not where it is; `credentialNames` and those of DestinationRules it does not look at.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::{
    analyze::{Context, Rule, Set, view::Member},
    diagnostic::hints::{CredentialElsewhere, MW0008},
    resource::{ClientTlsSettings, DestinationRule, Gateway, Kind, ServerTlsSettings},
};

pub(super) static RULE: Rule = Rule {
    name: "credential_elsewhere",
    set: Set::Hints,
    summary: "gateways find their certificates in their pods' own namespace",
    reads: reads!(Gateway DestinationRule Secret fleet),
    emits: &[&MW0008],
    check,
};

/// Namespaces of Secrets by name.
type Secrets<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

fn check(context: &mut Context<'_>) {
    let mut secrets = Secrets::new();
    for secret in context.of_kind(Kind::Secret) {
        secrets.entry(&secret.metadata.name).or_default().insert(&secret.metadata.namespace);
    }
    let fleet = context.fleet();
    for item in context.each::<Gateway>() {
        let named = item.spec.servers.iter().enumerate().filter_map(|(at, server)| Some((at, server.tls.as_deref()?))).flat_map(names);
        for (path, name) in named {
            let homes = || fleet.selected(None, &item.spec.selector).map(Member::namespace);
            if let Some(message) = misplaced(&secrets, name, homes().collect()) {
                context.report(item.resource, &path, message);
            }
        }
    }
    let gateways: BTreeSet<&str> = fleet.all().iter().filter(|member| member.is_gateway).map(Member::namespace).collect();
    // Sidecars read the credentials of rules for chosen workloads only; all other rules are read by gateways.
    for item in context.each::<DestinationRule>().filter(|item| item.spec.workload_selector.is_none()) {
        for (path, name) in origination(item.spec) {
            if gateways.iter().all(|home| secrets.get(name).is_none_or(|homes| !homes.contains(home)))
                && let Some(message) = misplaced(&secrets, name, gateways.clone())
            {
                context.report(item.resource, &format!("{path}.tls.credentialName"), message);
            }
        }
    }
}

/// What the first namespace without the Secret misses, where some other namespace has it.
fn misplaced(secrets: &Secrets<'_>, name: &str, homes: BTreeSet<&str>) -> Option<CredentialElsewhere> {
    let places = secrets.get(name)?;
    let home = homes.into_iter().find(|home| !places.contains(home))?;
    let places = places.iter().copied().collect::<Vec<_>>().join(", ");
    Some(CredentialElsewhere { name: name.to_owned(), home: home.to_owned(), places })
}

fn names((at, tls): (usize, &ServerTlsSettings)) -> Vec<(String, &str)> {
    // Passed through, or served with the workload's own certificate: no credential is read.
    if matches!(tls.mode.as_deref(), None | Some("PASSTHROUGH" | "AUTO_PASSTHROUGH" | "ISTIO_MUTUAL")) {
        return Vec::new();
    }
    let path = format!("spec.servers[{at}].tls");
    let many = tls.credential_names.iter().enumerate().map(|(at, name)| (format!("{path}.credentialNames[{at}]"), name.as_str()));
    let one = Some((format!("{path}.credentialName"), tls.credential_name.as_str())).filter(|(_, name)| !name.is_empty());
    one.into_iter().chain(many).collect()
}

/// The credentials for TLS to the destination, of all its policies.
fn origination(rule: &DestinationRule) -> Vec<(String, &str)> {
    let whole = rule.traffic_policy.iter().map(|policy| ("spec.trafficPolicy".to_owned(), policy));
    let subsets =
        rule.subsets.iter().enumerate().filter_map(|(at, subset)| Some((format!("spec.subsets[{at}].trafficPolicy"), subset.traffic_policy.as_ref()?)));
    let policies = whole.chain(subsets).flat_map(|(path, policy)| {
        let ports =
            policy.port_level_settings.iter().enumerate().map(|(at, port)| (format!("{path}.portLevelSettings[{at}]"), port.tls.as_ref())).collect::<Vec<_>>();
        std::iter::once((path, policy.tls.as_ref())).chain(ports)
    });
    policies.filter_map(|(path, tls)| Some((path, credential(tls?)?))).collect()
}

fn credential(tls: &ClientTlsSettings) -> Option<&str> {
    let reads = matches!(tls.mode.as_deref(), Some("SIMPLE" | "MUTUAL"));
    Some(tls.credential_name.as_str()).filter(|name| reads && !name.is_empty())
}
