//! `istioctl analyze`: what can be said only of a whole cluster, and our own hints on what it accepts.
//!
//! Retells `pkg/config/analysis` of istio/istio at 1.26.4. Unlike `istioctl analyze --use-kube=false`, which reads neither
//! Pods, Services, Namespaces nor Secrets from files, it takes the objects that it is given for the cluster, so that every rule
//! runs. Knows objects and what they say, no proxy and no xDS.

mod context;
mod finding;
mod place;
pub mod rules;
mod snapshot;
mod stand_in;
pub mod view;
mod words;

pub use context::{Context, Item};
pub use finding::Finding;
pub use rules::{Rule, Set};
pub use snapshot::Snapshot;

use std::{collections::BTreeSet, sync::Arc};

use super::{
    manifest::Document,
    resource::{KindSet, Loaded, load_rereading},
    side_by_side::{MANY, both},
    validate,
};

/// What is asked of a snapshot.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// Only findings on objects of this namespace, and on those of none; all where it is absent.
    pub namespace: Option<String>,
    /// Whether our own hints are asked too.
    pub hints: bool,
    /// Rules that are not asked, by name.
    pub without: BTreeSet<&'static str>,
}

/// Objects as istioctl reads them, which takes some that the API server would refuse: numbers in quotes, enumerations by number.
/// Those that belong into a namespace and name none get the given one.
pub fn load(namespace: &str, documents: &[Arc<Document>]) -> Loaded {
    load_rereading(namespace, documents, validate::decoded)
}

/// Asks every rule. Sorted as istioctl prints: by level, code, and the object's kind, name and namespace; nothing twice.
pub fn analyze<'a>(snapshot: &'a Snapshot<'a>, question: &Question) -> Vec<Finding> {
    let asked = rules::all().filter(|rule| question.hints || rule.set == Set::Istio).filter(|rule| !question.without.contains(rule.name));
    let mut findings = answers(snapshot, &asked.collect::<Vec<_>>());
    findings.retain(|finding| !stand_in::is_about(finding));
    findings.retain(|finding| question.namespace.as_deref().is_none_or(|wanted| is_in(wanted, finding)) && !is_suppressed(snapshot, finding));
    findings.sort_by(|one, other| one.order().cmp(&other.order()));
    // istioctl takes two findings for one when they would print alike.
    findings.dedup_by(|a, b| a.code == b.code && a.resource == b.resource && a.line == b.line && a.diagnostic.message == b.diagnostic.message);
    findings
}

/// What rules find, in their order.
fn answers<'a>(snapshot: &'a Snapshot<'a>, asked: &[&'static Rule]) -> Vec<Finding> {
    let ask = |parity: usize| asked.iter().skip(parity).step_by(2).map(|rule| run(snapshot, rule).findings);
    if snapshot.len() < MANY {
        return asked.iter().flat_map(|rule| run(snapshot, rule).findings).collect();
    }
    // Neighbours often ask for the same, so every other one is asked on either side.
    let (even, odd) = both(|| ask(0).collect::<Vec<_>>(), || ask(1).collect::<Vec<_>>());
    let mut odd = odd.into_iter();
    even.into_iter().flat_map(|findings| findings.into_iter().chain(odd.next().unwrap_or_default())).collect()
}

/// What a rule found, and the kinds that it looked at on the way.
#[derive(Debug)]
pub struct Run {
    /// In the order of the rule.
    pub findings: Vec<Finding>,
    /// What it read.
    pub read: KindSet,
}

/// Asks one rule; nothing is suppressed, sorted or left out.
pub fn run<'a>(snapshot: &'a Snapshot<'a>, rule: &'static Rule) -> Run {
    let mut context = Context::new(snapshot, rule);
    (rule.check)(&mut context);
    context.into_run()
}

/// A namespace object counts as one of its own namespace, an object of none as one of every namespace.
fn is_in(wanted: &str, finding: &Finding) -> bool {
    let home = finding.home();
    home.is_empty() || home == wanted
}

/// The annotation by which an object asks not to be told.
const SUPPRESS: &str = "galley.istio.io/analyze-suppress";

fn is_suppressed(snapshot: &Snapshot<'_>, finding: &Finding) -> bool {
    let resource = finding.resource.as_ref().and_then(|id| snapshot.get(id));
    let annotations = resource.map(|resource| &resource.metadata.annotations);
    let codes = annotations.and_then(|annotations| annotations.get(SUPPRESS));
    codes.is_some_and(|codes| codes.split(',').any(|code| code == "*" || code == finding.code.id))
}
