//! `exportTo` lets those see a VirtualService who are to use it.
//!
//! A gateway, too, uses only what is exported to the namespace of its pods (`VirtualServicesForGateway` in
//! `pilot/pkg/model/push_context.go` of 1.26.4).

use std::collections::BTreeSet;

use crate::engine::{
    analyze::{
        Context, Item, Rule, Set,
        view::{Fleet, Member, Membership},
    },
    cluster::{MESH, Visibility},
    diagnostic::hints::{ExportedToNobody, MW0014},
    resource::{Gateway, Kind, VirtualService},
};

pub(super) static RULE: Rule = Rule {
    name: "exported_to_nobody",
    set: Set::Hints,
    summary: "VirtualServices are exported to those who use them",
    reads: reads!(VirtualService Gateway fleet),
    emits: &[&MW0014],
    check,
};

fn check(context: &mut Context<'_>) {
    let fleet = context.fleet();
    if !fleet.is_known() {
        return;
    }
    let may_call = |membership: Membership| membership != Membership::Outside;
    let callers: BTreeSet<&str> = fleet.all().iter().filter(|member| may_call(member.membership) && !member.is_gateway).map(Member::namespace).collect();
    for item in context.each::<VirtualService>().filter(|item| !item.spec.hosts.is_empty()) {
        let visibility = Visibility::new(item.spec.export_to.iter().map(String::as_str));
        if visibility.is_public() {
            continue;
        }
        let sees = |namespace: &&str| visibility.allows(namespace, item.namespace());
        let mesh = item.spec.gateways.is_empty().then_some(MESH);
        let users = mesh.into_iter().map(|mesh| (None, mesh)).chain(item.spec.gateways.iter().enumerate().map(|(at, name)| (Some(at), name.as_str())));
        for (at, name) in users {
            let homes = if name == MESH { callers.clone() } else { gateway_homes(context, fleet, item, name) };
            if homes.is_empty() || homes.iter().any(sees) {
                continue;
            }
            let who = if name == MESH { "no workload of the mesh is in a namespace that sees it".to_owned() } else { unseen(name, &homes) };
            let path =
                at.map_or_else(|| "spec.exportTo".to_owned(), |at| if name == MESH { "spec.exportTo".to_owned() } else { format!("spec.gateways[{at}]") });
            context.report(item.resource, &path, ExportedToNobody { who });
        }
    }
}

fn unseen(gateway: &str, homes: &BTreeSet<&str>) -> String {
    format!("the pods of gateway {gateway} are in namespace {}, which does not see it", homes.iter().copied().collect::<Vec<_>>().join(", "))
}

/// The namespaces of a gateway's pods.
fn gateway_homes<'a>(context: &Context<'a>, fleet: &Fleet<'a>, item: Item<'a, VirtualService>, name: &str) -> BTreeSet<&'a str> {
    let (namespace, name) = match name.split_once('/') {
        Some((".", name)) => (item.namespace(), name),
        Some((namespace, name)) => (namespace, name),
        None => (item.namespace(), name),
    };
    let gateway = context.find(Kind::Gateway, namespace, name).and_then(|resource| <Gateway as crate::engine::resource::Body>::of(&resource.spec));
    gateway.into_iter().flat_map(|gateway| fleet.selected(None, &gateway.selector)).map(Member::namespace).collect()
}
