//! A VirtualService for a service of the mesh holds for the mesh.
//!
//! Where `gateways` is written and does not list `mesh`, sidecars never see the rules.

use std::collections::HashSet;

use crate::engine::{
    analyze::{
        Context, Rule, Set,
        view::{Member, Membership},
    },
    cluster::{MESH, Registry, resolve_short_name},
    diagnostic::hints::{MW0009, VirtualServiceOnlyForGateways},
    resource::{Kind, VirtualService},
};

pub(super) static RULE: Rule = Rule {
    name: "only_for_gateways",
    set: Set::Hints,
    summary: "rules for a service of the mesh reach its callers in the mesh",
    reads: reads!(VirtualService registry fleet),
    emits: &[&MW0009],
    check,
};

fn check(context: &mut Context<'_>) {
    let (registry, fleet) = (context.registry(), context.fleet());
    let is_caller = |member: &Member| member.membership == Membership::Proxy && !member.is_gateway;
    if !fleet.all().iter().any(is_caller) {
        return;
    }
    let is_for_mesh = |spec: &VirtualService| spec.gateways.is_empty() || spec.gateways.iter().any(|gateway| gateway == MESH);
    let full_names = |namespace: &'_ str, spec: &VirtualService| spec.hosts.iter().map(|host| resolve_short_name(host, namespace)).collect::<Vec<_>>();
    // Behind a gateway inside the mesh one VirtualService leads callers to the gateway and another on from there.
    let served: HashSet<String> =
        context.each::<VirtualService>().filter(|item| is_for_mesh(item.spec)).flat_map(|item| full_names(item.namespace(), item.spec)).collect();
    for item in context.each::<VirtualService>().filter(|item| !is_for_mesh(item.spec)) {
        for (at, host) in full_names(item.namespace(), item.spec).into_iter().enumerate() {
            let is_inside = registry.of_host(&host).any(|service| service.registry == Registry::Kubernetes);
            if is_inside && !served.contains(&host) {
                context.report(item.resource, &format!("spec.hosts[{at}]"), VirtualServiceOnlyForGateways { host });
            }
        }
    }
}
