//! DestinationRules: those of one host in one namespace are merged, and the lookup goes from the client's namespace over the
//! service's to the root namespace.

use super::{MeshConfig, Service, Visibility, created, endpoint::selects, host::HostMap, resolve_short_name};
use crate::engine::{
    index::Index,
    resource::{self, Labels, Resource, Spec, Subset, TrafficPolicy},
    source::Origin,
};

/// The rules of one host that hold together.
#[derive(Debug, Clone, PartialEq)]
pub struct DestinationRule {
    /// The name of the first of them.
    pub name: String,
    /// Their namespace.
    pub namespace: String,
    /// The policy of the first that has one.
    pub traffic_policy: Option<Box<TrafficPolicy>>,
    /// Where that policy is written.
    pub policy_origin: Option<Origin>,
    /// Subsets of all of them; of two with one name, the first.
    pub subsets: Vec<RuleSubset>,
    /// For which clients; all where it is unset.
    pub workload_selector: Option<Labels>,
    /// The first object.
    pub origin: Origin,
    visibility: Visibility,
}

/// A subset and where it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleSubset {
    /// What it says.
    pub subset: Subset,
    /// Where.
    pub origin: Origin,
}

impl DestinationRule {
    /// The subset of a name.
    pub fn subset(&self, name: &str) -> Option<&RuleSubset> {
        self.subsets.iter().find(|subset| subset.subset.name == name)
    }
}

type Rules = HostMap<Vec<DestinationRule>>;

/// All rules, by who can see them.
#[derive(Debug, Clone, Default)]
pub struct DestinationRules {
    /// Those that a namespace's own clients see.
    local: Index<String, Rules>,
    /// Those that clients of other namespaces may see.
    exported: Index<String, Rules>,
    /// Those of the root namespace that are its own alone.
    root_private: Rules,
    root_namespace: String,
}

impl DestinationRules {
    /// Indexes the DestinationRules among the objects.
    pub fn new<'a>(resources: impl IntoIterator<Item = &'a Resource>, mesh: &MeshConfig) -> Self {
        let mut sorted: Vec<(&Resource, &resource::DestinationRule)> = resources
            .into_iter()
            .filter_map(|resource| match &resource.spec {
                Spec::DestinationRule(spec) => Some((resource, spec.as_ref())),
                _ => None,
            })
            .collect();
        sorted.sort_by_cached_key(|(resource, spec)| {
            (spec.workload_selector.is_none(), created(&resource.metadata), resource.metadata.name.clone(), resource.metadata.namespace.clone())
        });
        let mut rules = Self { root_namespace: mesh.root_namespace().to_owned(), ..Self::default() };
        let is_private_by_default = mesh.default_destination_rule_export_to.as_ref().is_some_and(|to| to.iter().any(|to| to == "."));
        for (resource, spec) in sorted {
            rules.add(resource, spec, is_private_by_default);
        }
        rules
    }

    fn add(&mut self, resource: &Resource, spec: &resource::DestinationRule, is_private_by_default: bool) {
        let namespace = &resource.metadata.namespace;
        let host = resolve_short_name(&spec.host, namespace);
        let rule = of_resource(resource, spec);
        let visibility = &rule.visibility;
        if visibility.is_public() || visibility.names(namespace, namespace) {
            merge(self.local.entry(namespace.to_string()).or_default(), &host, &rule);
        }
        if !(visibility.is_private_to(namespace) || visibility.is_unset() && is_private_by_default) {
            merge(self.exported.entry(namespace.to_string()).or_default(), &host, &rule);
        } else if *namespace == self.root_namespace {
            merge(&mut self.root_private, &host, &rule);
        }
    }

    /// The rule by which a client with these labels in this namespace treats a service. Without labels, rules for chosen
    /// workloads do not count.
    pub fn find(&self, service: &Service, client_namespace: &str, client_labels: Option<&Labels>) -> Option<&DestinationRule> {
        let for_client = |rule: &&DestinationRule| {
            rule.namespace == client_namespace && rule.workload_selector.as_ref().zip(client_labels).is_some_and(|(selector, labels)| selects(selector, labels))
        };
        let is_for_all = |rule: &&DestinationRule| rule.workload_selector.is_none();
        let own = if client_namespace == self.root_namespace { Some(&self.root_private) } else { self.local.get(client_namespace) };
        if let Some(rules) = own.and_then(|rules| rules.find(&service.hostname)) {
            return rules.iter().find(for_client).or_else(|| rules.iter().rfind(is_for_all));
        }
        // The first namespace that shows the client any rule decides, also where none of them holds.
        let is_seen = |rule: &&DestinationRule| rule.visibility.is_public() || rule.visibility.names(client_namespace, "");
        for namespace in [service.namespace.as_str(), &self.root_namespace] {
            let Some(rules) = self.exported.get(namespace).and_then(|rules| rules.find(&service.hostname)) else { continue };
            if rules.iter().any(|rule| is_seen(&rule)) {
                return rules.iter().filter(is_seen).find(for_client).or_else(|| rules.iter().filter(is_seen).rfind(is_for_all));
            }
        }
        None
    }
}

fn of_resource(resource: &Resource, spec: &resource::DestinationRule) -> DestinationRule {
    let origin = Origin::whole(resource.id().to_string());
    let field = |path: String| origin.field(path);
    let subsets = spec.subsets.iter().enumerate();
    DestinationRule {
        name: resource.metadata.name.to_string(),
        namespace: resource.metadata.namespace.to_string(),
        traffic_policy: spec.traffic_policy.clone(),
        policy_origin: spec.traffic_policy.is_some().then(|| field("spec.trafficPolicy".into())),
        subsets: subsets.map(|(at, subset)| RuleSubset { subset: subset.clone(), origin: field(format!("spec.subsets[{at}]")) }).collect(),
        workload_selector: spec.workload_selector.as_ref().map(|selector| selector.match_labels.clone()),
        visibility: match spec.workload_selector {
            Some(_) => Visibility::private(),
            None => Visibility::new(spec.export_to.iter().map(String::as_str)),
        },
        origin,
    }
}

/// Joins a rule to those of the same host: subsets are added, and its policy counts where there is none yet.
/// Rules that not the same namespaces see stand apart.
fn merge(rules: &mut Rules, host: &str, incoming: &DestinationRule) {
    let list = rules.entry(host).or_default();
    let mut stands_apart = true;
    for existing in list.iter_mut() {
        if incoming.visibility == existing.visibility {
            stands_apart = false;
        } else {
            stands_apart = true;
            if existing.visibility.is_unset() || !incoming.visibility.is_superset(&existing.visibility) {
                continue;
            }
        }
        match (&existing.workload_selector, &incoming.workload_selector) {
            (Some(a), Some(b)) if a != b => {
                stands_apart = true;
                continue;
            }
            (Some(_), Some(_)) | (None, None) => stands_apart = false,
            _ => {}
        }
        for subset in &incoming.subsets {
            if existing.subset(&subset.subset.name).is_none() {
                existing.subsets.push(subset.clone());
            }
        }
        if existing.traffic_policy.is_none() {
            existing.traffic_policy.clone_from(&incoming.traffic_policy);
            existing.policy_origin.clone_from(&incoming.policy_origin);
        }
    }
    if stands_apart {
        list.push(incoming.clone());
    }
}
