//! Rules on Deployments and the pods that they make.

mod application_uid;
mod conflicting_ports;
mod conflicting_protocols;

use super::Rule;
use crate::engine::{
    analyze::{
        Context, Item,
        view::{Selectors, template_in_mesh},
    },
    resource::{Body, Kind, Service, WorkloadController},
};

/// Those of this folder.
pub(super) const RULES: &[&Rule] = &[&application_uid::RULE, &conflicting_ports::RULE, &conflicting_protocols::RULE];

/// The label and its value by which istiod marks the Deployment of a waypoint, which stands behind no Service of its own port.
const WAYPOINT: (&str, &str) = ("gateway.istio.io/managed", "istio.io-mesh-controller");

fn each<'a>(context: &Context<'a>) -> impl Iterator<Item = Item<'a, WorkloadController>> + use<'a> {
    context.of_kind(Kind::Deployment).iter().filter_map(|&resource| WorkloadController::of(&resource.spec).map(|spec| Item { resource, spec }))
}

/// Services by name.
type Named<'a> = Vec<(&'a str, &'a Service)>;

/// Deployments whose pods will be in the mesh, each with the Services that select those pods, by name.
fn behind_services<'a>(context: &Context<'a>) -> Vec<(Item<'a, WorkloadController>, Named<'a>)> {
    // A Service without a selector selects no pod.
    let services = context.each::<Service>().filter(|service| !service.spec.selector.is_empty());
    let services = Selectors::new(services.map(|service| (service.namespace(), &service.spec.selector, (service.name(), service.spec))));
    let is_waypoint = |item: &Item<'a, WorkloadController>| item.resource.metadata.labels.get(WAYPOINT.0).is_some_and(|value| value == WAYPOINT.1);
    let in_mesh = |item: &Item<'a, WorkloadController>| template_in_mesh(&item.spec.template, context.find(Kind::Namespace, "", item.namespace()));
    each(context)
        .filter(|item| !is_waypoint(item) && in_mesh(item))
        .map(|item| {
            let mut selecting: Named<'a> = services.selecting(item.namespace(), &item.spec.template.metadata.labels).collect();
            selecting.sort_by_key(|(name, _)| *name);
            (item, selecting)
        })
        .collect()
}
