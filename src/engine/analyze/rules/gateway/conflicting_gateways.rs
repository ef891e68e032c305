//! Gateways for the same pods do not claim the same host of one port (`analyzers/gateway/conflictinggateway.go` of 1.26.4).
//!
//! Istio keeps of each Gateway the hosts of its *last* server of a port, each with its `bind`. What a server claims without
//! conflict it notes as claimed by the *other* Gateway, so that a Gateway whose servers repeat a host is told of a conflict
//! with whoever is on the port. It takes Gateways in no certain order, and what one leaves behind for the next is not kept here.

use std::collections::BTreeSet;

use super::{
    claims::{Claims, ENOUGH, by_port},
    group::{groups, related},
};
use crate::engine::{
    analyze::{Context, Rule, Set, words::listed},
    diagnostic::istio::{ConflictingGateways, IST0145},
    resource::Kind,
};

pub(super) static RULE: Rule = Rule {
    name: "conflicting_gateways",
    set: Set::Istio,
    summary: "Gateways for the same pods do not claim the same host of one port",
    reads: &[Kind::Gateway, Kind::Pod, Kind::Namespace],
    emits: &[&IST0145],
    check,
};

fn check(context: &mut Context<'_>) {
    let groups = groups(context);
    let related = related(context, &groups);
    let claims = Claims::new(&groups);
    for (at, group) in groups.iter().enumerate() {
        for item in &group.gateways {
            for (port, servers) in by_port(item.spec) {
                let opponents = claims.opponents(&related[at], at, *item, port, &servers);
                let mut conflicts: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); servers.len()];
                for claim in &opponents {
                    claim.contest(&servers).zip(&mut conflicts).filter(|(lost, _)| *lost).for_each(|(_, names)| _ = names.insert(&claim.gateway));
                }
                for ((place, server), names) in servers.iter().zip(conflicts).filter(|(_, names)| !names.is_empty()) {
                    // Of many opponents not all were looked for.
                    let gateways =
                        if names.len() < ENOUGH { listed(names) } else { format!("{} and others", names.into_iter().take(8).collect::<Vec<_>>().join(", ")) };
                    let message = ConflictingGateways { gateways, selector: group.selector.clone(), port, hosts: server.hosts.join(", ") };
                    context.report_at(item.resource, "", &format!("spec.servers[{place}].hosts"), message);
                }
            }
        }
    }
}
