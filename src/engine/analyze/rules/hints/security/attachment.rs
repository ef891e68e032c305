//! What policies attach to: workloads by labels, or Gateways and Services by name.

use crate::engine::{
    analyze::Context,
    cluster::ROOT_NAMESPACE,
    resource::{
        AuthorizationPolicy, EnvoyFilter, Kind, Labels, PeerAuthentication, PolicyTargetReference, ProxyConfig, RequestAuthentication, Resource, Telemetry,
        WasmPlugin, WorkloadSelector,
    },
};

/// An object that holds for some workloads.
#[derive(Debug)]
pub(super) struct Attached<'a> {
    pub resource: &'a Resource,
    /// The labels that it selects; none where there is no selector.
    pub labels: Option<&'a Labels>,
    /// Where the labels are written.
    pub labels_path: &'static str,
    /// What it names, and where.
    pub targets: Vec<(String, &'a PolicyTargetReference)>,
}

impl<'a> Attached<'a> {
    /// The namespace whose workloads it may select; all where it is the root namespace's.
    pub(super) fn scope(&self) -> Option<&'a str> {
        scope(self.resource)
    }
}

/// The namespace whose workloads an object's selector may select.
pub(super) fn scope(resource: &Resource) -> Option<&str> {
    Some(resource.metadata.namespace.as_str()).filter(|namespace| *namespace != ROOT_NAMESPACE)
}

/// The kinds whose objects are looked at.
macro_rules! attached_kinds {
    ($reads:ident $($more:ident)*) => {
        $reads!(AuthorizationPolicy RequestAuthentication PeerAuthentication Telemetry WasmPlugin EnvoyFilter ProxyConfig $($more)*)
    };
}
pub(super) use attached_kinds;

/// All of them.
pub(super) fn attached<'a>(context: &Context<'a>) -> Vec<Attached<'a>> {
    let mut all = Vec::new();
    all.extend(
        context
            .each::<AuthorizationPolicy>()
            .map(|item| by_label(item.resource, item.spec.selector.as_ref()).with(item.spec.target_ref.as_ref(), &item.spec.target_refs)),
    );
    all.extend(
        context
            .each::<RequestAuthentication>()
            .map(|item| by_label(item.resource, item.spec.selector.as_ref()).with(item.spec.target_ref.as_ref(), &item.spec.target_refs)),
    );
    all.extend(context.each::<PeerAuthentication>().map(|item| by_label(item.resource, item.spec.selector.as_ref())));
    all.extend(
        context
            .each::<Telemetry>()
            .map(|item| by_label(item.resource, item.spec.selector.as_ref()).with(item.spec.target_ref.as_ref(), &item.spec.target_refs)),
    );
    all.extend(
        context
            .each::<WasmPlugin>()
            .map(|item| by_label(item.resource, item.spec.selector.as_ref()).with(item.spec.target_ref.as_ref(), &item.spec.target_refs)),
    );
    all.extend(context.each::<EnvoyFilter>().map(|item| by_label(item.resource, item.spec.workload_selector.as_ref()).with(None, &item.spec.target_refs)));
    all.extend(context.each::<ProxyConfig>().map(|item| by_label(item.resource, item.spec.selector.as_ref())));
    all
}

fn by_label<'a>(resource: &'a Resource, selector: Option<&'a WorkloadSelector>) -> Attached<'a> {
    let is_filter = resource.kind == Kind::EnvoyFilter;
    Attached {
        resource,
        labels: selector.map(|selector| if is_filter { &selector.labels } else { &selector.match_labels }),
        labels_path: if is_filter { "spec.workloadSelector.labels" } else { "spec.selector.matchLabels" },
        targets: Vec::new(),
    }
}

impl<'a> Attached<'a> {
    fn with(mut self, one: Option<&'a PolicyTargetReference>, many: &'a [PolicyTargetReference]) -> Self {
        self.targets.extend(one.map(|target| ("spec.targetRef".to_owned(), target)));
        self.targets.extend(many.iter().enumerate().map(|(at, target)| (format!("spec.targetRefs[{at}]"), target)));
        self
    }
}
