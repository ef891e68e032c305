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
        for (_, weight) in to.entries() {
            if !(1..=100).contains(&weight.whole()) {
                context.refuse_as("locality weight", &weight, format!("the weight {} is not within 1 to 100", weight.whole()));
                if context.is_counting() {
                    return;
                }
            }
            total = weight.whole().saturating_add(total);
        }
        if total != 100 {
            context.refuse(&to, format!("the weights add up to {total}, not to 100"));
            if context.is_counting() {
                return;
            }
        }
        for (locality, weight) in to.entries() {
            targets.add(context, &weight, locality);
        }
    }
    for item in distribute.items() {
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
                context.refuse_as("failover below regions", &side, format!("{:?}: failover goes between regions; leave out zone and subzone", side.text()));
            }
            if side.text().contains('*') {
                context.refuse_as("failover with wildcard", &side, format!("{:?}: failover takes no wildcard", side.text()));
            }
        }
    }
}

const OVERLAPS: &str = " overlaps with an earlier one of this list";

/// The localities of one list (`validateLocalities`): a later one must not lie within an earlier one.
#[derive(Default)]
struct Seen {
    /// Whether one of the list was refused, after which istiod looks no further.
    has_failed: bool,
    /// Region, zone, subzones; `*` for all below.
    regions: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
}

impl Seen {
    fn add(&mut self, context: &mut Context<'_, '_>, part: &Part<'_>, locality: &str) {
        if self.has_failed && context.is_counting() {
            return;
        }
        if let Err(reason) = self.take(locality) {
            self.has_failed = true;
            context.refuse(part, format!("{locality:?}{reason}"));
        }
    }

    fn take(&mut self, locality: &str) -> Result<(), &'static str> {
        let stars = locality.matches('*').count();
        if stars > 1 || stars == 1 && !locality.ends_with('*') {
            return Err(": one wildcard can stand, at the end");
        }
        if self.regions.contains_key("*") {
            return Err(OVERLAPS);
        }
        let mut levels = locality.splitn(3, '/');
        let (region, zone, subzone) = (levels.next().unwrap_or_default(), levels.next(), levels.next());
        if region.is_empty() || zone == Some("") || subzone == Some("") {
            return Err(" has an empty region, zone or subzone");
        }
        if self.holds(region, zone, subzone) {
            return Err(OVERLAPS);
        }
        let zones = self.regions.entry(region.to_owned()).or_default();
        zones.entry(zone.unwrap_or("*").to_owned()).or_default().insert(subzone.unwrap_or("*").to_owned());
        Ok(())
    }

    fn holds(&self, region: &str, zone: Option<&str>, subzone: Option<&str>) -> bool {
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
