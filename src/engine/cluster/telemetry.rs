//! Telemetry: which providers get the access logs of a proxy, and which entries of them.
//!
//! Follows `applicableTelemetries` and `mergeLogs` in `pilot/pkg/model/telemetry.go` (istio/istio at 1.26.4). Metrics and traces are
//! left out.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    PolicySubject, created,
    policies::{Attached, ByNamespace, Policy, add, is_attached, is_for_all},
};
use crate::engine::{
    resource::{PolicyTargetReference, Resource, Spec, Telemetry, TelemetrySection, WorkloadSelector},
    source::Origin,
};

/// Which side of its workload a proxy is on: where it calls others, which a gateway always does, or where it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkloadMode {
    /// On the way out.
    Client,
    /// On the way in.
    Server,
}

/// What becomes of the access log of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProviderLog {
    /// Whether it is turned off.
    pub is_disabled: bool,
    /// The CEL expression that an entry has to meet.
    pub filter: Option<String>,
    /// The entry of `accessLogging` that decided; none where the mesh did.
    pub origin: Option<Origin>,
}

/// All Telemetries by namespace, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Telemetries {
    root_namespace: String,
    by_namespace: ByNamespace<Telemetry>,
}

impl Telemetries {
    /// Indexes the Telemetries among the objects.
    pub fn new(resources: &[Resource], root_namespace: &str) -> Self {
        let mut sorted: Vec<(&Resource, &Telemetry)> = resources
            .iter()
            .filter_map(|resource| match &resource.spec {
                Spec::Telemetry(spec) => Some((resource, &**spec)),
                _ => None,
            })
            .collect();
        sorted.sort_by_cached_key(|(resource, _)| (created(&resource.metadata), resource.metadata.name.clone(), resource.metadata.namespace.clone()));
        let mut telemetries = Self { root_namespace: root_namespace.to_owned(), ..Self::default() };
        for (resource, spec) in sorted {
            add(&mut telemetries.by_namespace, resource, spec);
        }
        telemetries
    }

    /// What becomes of access logs, by the names of providers as they are written; nothing where neither a Telemetry nor `defaults`,
    /// the mesh's own providers, speak of this side.
    pub fn access_logs(&self, subject: &PolicySubject<'_>, mode: WorkloadMode, defaults: &[String]) -> BTreeMap<String, ProviderLog> {
        let levels = self.levels(subject);
        if levels.is_empty() {
            return defaults.iter().map(|provider| (provider.clone(), ProviderLog::default())).collect();
        }
        let Named { in_scope, filters } = named(&levels, mode, defaults);
        let mut logs = BTreeMap::new();
        let mut providers: Vec<&str> = defaults.iter().map(String::as_str).collect();
        for level in levels {
            for (at, section) in level.spec.access_logging.iter().enumerate() {
                // An entry that names no provider is for those of the entry before it, whichever side that one is for.
                if !section.providers.is_empty() {
                    providers = names(section).collect();
                }
                if !is_for(section, mode) {
                    continue;
                }
                for provider in providers.iter().filter(|provider| in_scope.contains(**provider)) {
                    let is_disabled = section.disabled == Some(true);
                    let filter = filters.get(provider).filter(|_| !is_disabled).copied().flatten().map(str::to_owned);
                    let origin = Some(level.field(format!("spec.accessLogging[{at}]")));
                    logs.insert((*provider).to_owned(), ProviderLog { is_disabled, filter, origin });
                }
            }
        }
        logs
    }

    /// The Telemetries with access logs that hold for a proxy: of the mesh, of its namespace, then its own.
    fn levels(&self, subject: &PolicySubject<'_>) -> Vec<&Policy<Telemetry>> {
        let of = |namespace: &str| self.by_namespace.get(namespace).map_or(&[][..], Vec::as_slice);
        let whole = |namespace: &str| of(namespace).iter().find(|telemetry| is_for_namespace(telemetry));
        let of_namespace = Some(subject.namespace).filter(|namespace| *namespace != self.root_namespace).and_then(whole);
        let own = of(subject.namespace).iter().filter(|telemetry| !is_for_namespace(telemetry) && is_attached(telemetry, subject, &self.root_namespace));
        let all = whole(&self.root_namespace).into_iter().chain(of_namespace).chain(own);
        all.filter(|telemetry| !telemetry.spec.access_logging.is_empty()).collect()
    }
}

/// What is said of providers by their names.
struct Named<'a> {
    /// Those of the last level that names any. What was said of others before does not count.
    in_scope: BTreeSet<&'a str>,
    /// The filter of the last entry that names each; one without a name has none of its own.
    filters: HashMap<&'a str, Option<&'a str>>,
}

fn named<'a>(levels: &[&'a Policy<Telemetry>], mode: WorkloadMode, defaults: &'a [String]) -> Named<'a> {
    let mut named = Named { in_scope: defaults.iter().map(String::as_str).collect(), filters: HashMap::new() };
    for level in levels {
        let mut of_level = BTreeSet::new();
        for section in level.spec.access_logging.iter().filter(|section| is_for(section, mode)) {
            for name in names(section) {
                of_level.insert(name);
                named.filters.insert(name, section.filter.as_ref().map(|filter| filter.expression.as_str()));
            }
        }
        if !of_level.is_empty() {
            named.in_scope = of_level;
        }
    }
    named
}

fn names(section: &TelemetrySection) -> impl Iterator<Item = &str> {
    section.providers.iter().map(|provider| provider.name.as_str())
}

fn is_for(section: &TelemetrySection, mode: WorkloadMode) -> bool {
    let asked = section.r#match.as_ref().map(|matching| matching.mode.as_deref().unwrap_or_default());
    match asked {
        Some("CLIENT") => mode == WorkloadMode::Client,
        Some("SERVER") => mode == WorkloadMode::Server,
        _ => true,
    }
}

fn is_for_namespace(telemetry: &Policy<Telemetry>) -> bool {
    is_for_all(telemetry.spec.selector.as_ref()) && telemetry.spec.targets().is_empty()
}

impl Attached for Telemetry {
    fn selector(&self) -> Option<&WorkloadSelector> {
        self.selector.as_ref()
    }

    fn targets(&self) -> Vec<&PolicyTargetReference> {
        if self.target_refs.is_empty() { self.target_ref.iter().collect() } else { self.target_refs.iter().collect() }
    }
}
