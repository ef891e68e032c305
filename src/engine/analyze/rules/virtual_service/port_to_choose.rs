//! Routes to a host with several ports say which (`checkServiceEntryPorts` of `analyzers/virtualservice/destinationhosts.go`
//! of 1.26.4).

use super::destinations::destinations;
use crate::engine::{
    analyze::{Context, Rule, Set, words::listed},
    diagnostic::istio::{IST0112, VirtualServiceDestinationPortSelectorRequired},
    resource::{Kind, VirtualService},
};

pub(super) static RULE: Rule = Rule {
    name: "port_to_choose",
    set: Set::Istio,
    summary: "VirtualServices say which port of a host with several",
    reads: &[Kind::VirtualService, Kind::Service, Kind::ServiceEntry],
    emits: &[&IST0112],
    check,
};

fn check(context: &mut Context<'_>) {
    let hosts = context.hosts();
    for item in context.each::<VirtualService>() {
        for named in destinations(item.spec).filter(|named| named.destination.port.is_none()) {
            let host = &named.destination.host;
            let Some(known) = hosts.find(item.namespace(), &item.spec.export_to, host).filter(|known| known.ports.len() > 1) else { continue };
            let ports = listed(known.ports.iter().map(|port| port.number));
            let message = VirtualServiceDestinationPortSelectorRequired { host: host.clone(), ports };
            context.report_at(item.resource, &named.line_of(), &format!("{}.host", named.path()), message);
        }
    }
}
