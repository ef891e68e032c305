//! What changed since the last run, and what the page carries so that the next one can tell.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{form::Form, view::percent};
use crate::{
    engine::mesh::{ChangeKind, Switches},
    web::simulation::{DiffReport, FieldDiff, HopDiff, ProxyDiff, Setup},
};

/// A longer configuration is not carried along.
const LARGEST: usize = 256 * 1024;
/// So many resources are shown of all proxies together; the API tells more.
const MOST: usize = 60;

/// What was sent: enough to compute its answer again. The script writes the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Previous {
    world: String,
    yaml: String,
    injection: BTreeMap<String, String>,
    mtls: String,
    outbound: String,
    /// The fields of the request, which must be the same for a comparison.
    request: Vec<String>,
}

impl Previous {
    pub fn of(form: &Form) -> Self {
        let given = |(namespace, mode): (&String, &String)| (!mode.is_empty()).then(|| (namespace.clone(), mode.clone()));
        Self {
            world: form.world.clone(),
            yaml: form.yaml.clone(),
            injection: form.injection.iter().filter_map(given).collect(),
            mtls: form.mtls.clone(),
            outbound: form.outbound.clone(),
            request: form.request_fields(),
        }
    }

    /// As the page carries it; empty where that is too long.
    pub fn text(&self) -> String {
        serde_json::to_string(self).ok().filter(|text| text.len() <= LARGEST).unwrap_or_default()
    }

    /// What the form brings of an earlier run of the same request. Nothing else can be compared, so what is damaged counts as nothing.
    pub fn of_same_request(form: &Form) -> Option<Self> {
        if form.previous.is_empty() || form.previous.len() > LARGEST {
            return None;
        }
        serde_json::from_str(&form.previous).ok().filter(|previous: &Self| previous.request == form.request_fields())
    }

    /// The configuration; none where its switches cannot be used.
    pub fn setup(&self) -> Option<Setup> {
        let injection = self.injection.iter().map(|(namespace, mode)| (namespace.as_str(), mode.as_str()));
        let switches = Switches::read(injection, &self.mtls, &self.outbound).ok()?;
        Some(Setup { world: self.world.clone(), switches, text: self.yaml.clone() })
    }
}

/// The panel.
pub(super) struct ChangesView {
    /// In a few words, behind the heading.
    pub aside: String,
    /// What came out before, where that is another answer.
    pub before: Option<String>,
    pub parts: Vec<PartView>,
    pub hops: Vec<ThingView>,
    pub proxies: Vec<ProxyView>,
}

pub(super) struct PartView {
    pub text: String,
    pub before: String,
    pub now: String,
}

pub(super) struct ProxyView {
    pub proxy: String,
    pub resources: Vec<ThingView>,
    pub omitted: usize,
}

/// A proxy or a resource with what is otherwise in it.
pub(super) struct ThingView {
    pub class: &'static str,
    pub mark: &'static str,
    pub word: &'static str,
    pub what: String,
    pub name: String,
    pub fields: Vec<FieldDiff>,
    pub omitted: usize,
}

impl ChangesView {
    pub fn of(report: DiffReport) -> Self {
        let mut left = MOST;
        let hops: Vec<ThingView> = report.hops.into_iter().map(ThingView::of_hop).collect();
        let resources: usize = report.proxies.iter().map(|proxy| proxy.resources.len() + proxy.omitted).sum();
        let counts = [(hops.len(), "step", "steps"), (resources, "resource", "resources")];
        let counted = counts.into_iter().filter(|(count, ..)| *count > 0).map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }));
        let is_another = report.before != report.now;
        let named: Vec<String> = is_another.then(|| "the answer".to_owned()).into_iter().chain(counted).collect();
        Self {
            aside: if named.is_empty() { "nothing".into() } else { named.join(", ") },
            before: is_another.then_some(report.before),
            parts: report.parts.into_iter().map(|part| PartView { text: part.text, before: percent(part.before), now: percent(part.now) }).collect(),
            hops,
            proxies: report.proxies.into_iter().map(|proxy| ProxyView::of(proxy, &mut left)).collect(),
        }
    }

    /// What there is to say where nothing has changed.
    pub fn nothing() -> Self {
        Self { aside: "nothing".into(), before: None, parts: Vec::new(), hops: Vec::new(), proxies: Vec::new() }
    }

    pub fn is_nothing(&self) -> bool {
        self.before.is_none() && self.parts.is_empty() && self.hops.is_empty() && self.proxies.is_empty()
    }
}

impl ProxyView {
    fn of(proxy: ProxyDiff, left: &mut usize) -> Self {
        let shown = proxy.resources.len().min(*left);
        *left -= shown;
        let omitted = proxy.omitted + proxy.resources.len() - shown;
        let view = |resource: crate::web::simulation::ResourceDiff| ThingView {
            omitted: resource.omitted,
            ..ThingView::new(resource.change, resource.kind.to_owned(), resource.name, resource.fields)
        };
        Self { proxy: proxy.proxy, resources: proxy.resources.into_iter().take(shown).map(view).collect(), omitted }
    }
}

impl ThingView {
    fn of_hop(hop: HopDiff) -> Self {
        Self::new(hop.change, hop.role, hop.proxy, hop.decisions)
    }

    fn new(change: ChangeKind, what: String, name: String, fields: Vec<FieldDiff>) -> Self {
        let (class, mark) = match change {
            ChangeKind::Came => ("change-came", "+"),
            ChangeKind::Went => ("change-went", "−"),
            ChangeKind::Changed => ("change-changed", "~"),
        };
        Self { class, mark, word: change.word(), what, name, fields, omitted: 0 }
    }
}
