//! Localities of load balancing (`ValidateLocalityLbSetting`).

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::validate::webhook::part::{Context, Part};

/// Judges the settings.
pub(super) fn check(context: &mut Context<'_, '_>, settings: &Part<'_>, has_outlier_detection: bool) {
    let (distribute, failover, priority) = (settings.get("distribute"), settings.get("failover"), settings.get("failoverPriority"));
    if distribute.is_set() && failover.is_set() {
        return context.refuse(&failover, "distribute and failover cannot be combined; remove one");
    }
    if failover.is_set() {
        for label in priority.items() {
            if matches!(label.text(), "topology.kubernetes.io/region" | "topology.kubernetes.io/zone" | "topology.istio.io/subzone") {
                return context.refuse(&label, format!("with failover set, failoverPriority cannot hold {}; remove one", label.text()));
            }
        }
    }
    let mut sources = Seen::default();
    for item in distribute.items() {
        let to = item.get("to");
        let mut targets = Seen::default();
        let mut total = 0;
        for (locality, weight) in to.entries() {
            if !(1..=100).contains(&weight.whole()) {
                context.refuse(&weight, format!("the weight {} is not within 1 to 100", weight.whole()));
            }
            total += weight.whole();
            targets.add(context, &weight, locality);
        }
        if total != 100 {
            context.refuse(&to, format!("the weights add up to {total}, not to 100"));
        }
        sources.add(context, &item.get("from"), item.get("from").text());
    }
    if (failover.is_set() || priority.is_set()) && !has_outlier_detection {
        let part = if failover.is_set() { &failover } else { &priority };
        context.warn(part, "without outlierDetection no endpoint ever counts as failed, so this has no effect; add it beside loadBalancer");
    }
    for item in failover.items() {
        let (from, to) = (item.get("from"), item.get("to"));
        if from.text() == to.text() {
            context.refuse(&to, "a region cannot fail over to itself");
        }
        for side in [from, to] {
            if side.text().contains('/') {
                context.refuse(&side, format!("{:?}: failover goes between regions; leave out zone and subzone", side.text()));
            }
            if side.text().contains('*') {
                context.refuse(&side, format!("{:?}: failover takes no wildcard", side.text()));
            }
        }
    }
}

/// The localities of one list (`validateLocalities`): a later one must not lie within an earlier one.
#[derive(Default)]
struct Seen {
    /// Region, zone, subzones; `*` for all below.
    regions: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
}

impl Seen {
    fn add(&mut self, context: &mut Context<'_, '_>, part: &Part<'_>, locality: &str) {
        let stars = locality.matches('*').count();
        if stars > 1 || stars == 1 && !locality.ends_with('*') {
            return context.refuse(part, format!("{locality:?}: one wildcard can stand, at the end"));
        }
        let mut levels = locality.splitn(3, '/');
        let (region, zone, subzone) = (levels.next().unwrap_or_default(), levels.next(), levels.next());
        if region.is_empty() || zone == Some("") || subzone == Some("") {
            return context.refuse(part, format!("{locality:?} has an empty region, zone or subzone"));
        }
        if self.holds(region, zone, subzone) {
            return context.refuse(part, format!("{locality:?} overlaps with an earlier one of this list"));
        }
        let zones = self.regions.entry(region.to_owned()).or_default();
        zones.entry(zone.unwrap_or("*").to_owned()).or_default().insert(subzone.unwrap_or("*").to_owned());
    }

    fn holds(&self, region: &str, zone: Option<&str>, subzone: Option<&str>) -> bool {
        if self.regions.contains_key("*") {
            return true;
        }
        let Some(zones) = self.regions.get(region) else { return false };
        let Some(zone) = zone else { return true };
        if zones.contains_key("*") {
            return true;
        }
        match (zones.get(zone), subzone) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(subzones), Some(subzone)) => subzones.contains("*") || subzones.contains(subzone),
        }
    }
}
