//! Gateways by the pods that they are for.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::engine::{
    analyze::{Context, Item, view::selector_text},
    resource::{Gateway, Labels},
};

/// The Gateways of one selector, so that the pods of all of them are looked for once.
pub(super) struct Group<'a> {
    /// What their pods carry; nothing selects every pod.
    pub labels: &'a Labels,
    /// The same as text.
    pub selector: String,
    /// In the order of the input.
    pub gateways: Vec<Item<'a, Gateway>>,
}

impl Group<'_> {
    /// Whether one of its Gateways listens at all.
    pub fn has_servers(&self) -> bool {
        self.gateways.iter().any(|item| !item.spec.servers.is_empty())
    }
}

/// All Gateways, in the order of their selectors.
pub(super) fn groups<'a>(context: &Context<'a>) -> Vec<Group<'a>> {
    let mut by_labels: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for item in context.each::<Gateway>() {
        by_labels.entry(&item.spec.selector).or_default().push(item);
    }
    by_labels.into_iter().map(|(labels, gateways)| Group { labels, selector: selector_text(labels), gateways }).collect()
}

/// For each group the other groups that are for one of its pods too, as Istio sees it: the text of one selector must stand in
/// that of the other, so that `a=1,c=3` and `a=1,b=2,c=3` have nothing to do with each other.
pub(super) fn related(context: &Context<'_>, groups: &[Group<'_>]) -> Vec<BTreeSet<usize>> {
    let mut of_pod: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    for (at, group) in groups.iter().enumerate() {
        for pod in context.workloads().selected(None, group.labels) {
            of_pod.entry((pod.namespace(), pod.name())).or_default().push(at);
        }
    }
    // Most pods are like others: those of one Deployment are all selected by the same groups.
    let together: BTreeSet<Vec<usize>> = of_pod.into_values().filter(|groups| groups.len() > 1).collect();
    let mut related = vec![BTreeSet::new(); groups.len()];
    for set in together {
        for (at, &one) in set.iter().enumerate() {
            for &other in &set[at + 1..] {
                let (a, b) = (&groups[one].selector, &groups[other].selector);
                if a.contains(b.as_str()) || b.contains(a.as_str()) {
                    related[one].insert(other);
                    related[other].insert(one);
                }
            }
        }
    }
    related
}
