//! Labels of the workloads that a selector could find.

use std::collections::BTreeMap;

use super::{
    Wish,
    host::{count, services},
};
use crate::engine::{assist::Offer, cluster::Workload};

/// Names of labels for a selector.
pub(super) fn keys(wish: &Wish<'_>, field: (&str, &str)) -> Vec<Offer> {
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for label in workloads(wish, field).iter().flat_map(|workload| workload.labels.keys()) {
        *known.entry(label).or_default() += 1;
    }
    known.into_iter().map(|(key, number)| Offer::name(key, format!("label of {}", count(number, "workload")))).collect()
}

/// Values that a label has.
pub(super) fn values(wish: &Wish<'_>, field: (&str, &str)) -> Vec<Offer> {
    let Some(key) = wish.key() else { return Vec::new() };
    let mut known: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for workload in workloads(wish, field) {
        if let Some(value) = workload.labels.get(key) {
            known.entry(value).or_default().push(&workload.name);
        }
    }
    known.into_iter().map(|(value, names)| Offer::name(value, shortened(&names))).collect()
}

fn shortened(names: &[&str]) -> String {
    match names {
        [first, second, rest @ ..] if !rest.is_empty() => format!("{first}, {second} and {} more", rest.len()),
        names => names.join(", "),
    }
}

/// The workloads that a selector of this field looks at; nothing where the field is no selector.
fn workloads<'a>(wish: &Wish<'a>, field: (&str, &str)) -> Vec<&'a Workload> {
    let cluster = wish.cluster;
    let home = wish.namespace();
    let is_root = home == cluster.mesh_config.root_namespace();
    let found = |is_wanted: &dyn Fn(&Workload) -> bool| cluster.workloads.iter().filter(|workload| is_wanted(workload)).collect();
    match field {
        ("WorkloadSelector", "matchLabels") => found(&|workload| is_root || workload.namespace == home),
        ("LabelSelector", "labels") | ("ServiceSpec", "selector") => found(&|workload| workload.namespace == home),
        ("GatewaySpec", "selector") => found(&|workload| workload.is_gateway),
        (_, "sourceLabels") => found(&|workload| !workload.is_gateway),
        ("Subset", "labels") => {
            let services = wish.nearest("host").map(|host| services(cluster, host, home)).unwrap_or_default();
            services
                .into_iter()
                .filter(|service| !service.selector.is_empty())
                .flat_map(|service| cluster.workloads.select(&service.namespace, &service.selector))
                .collect()
        }
        _ => Vec::new(),
    }
}
