//! No pod is injected twice (`analyzers/webhook/webhook.go` of 1.26.4).
//!
//! For every combination of labels that a namespace and a pod may carry, Istio wants no more than one webhook to select both.

use std::collections::{BTreeMap, BTreeSet};

use super::{Hook, injectors, permutations, revisions};
use crate::engine::{
    analyze::{Context, Rule, Set, view::LabelSelectors, words::listed},
    diagnostic::istio::{IST0139, InvalidWebhook},
    resource::Kind,
};

pub(super) static RULE: Rule = Rule {
    name: "overlap",
    set: Set::Istio,
    summary: "no two injection webhooks select the same pods",
    reads: &[Kind::MutatingWebhookConfiguration],
    emits: &[&IST0139],
    check,
};

/// How many selectors are tried. An installation of ten thousand revisions needs a tenth of it.
const MOST: usize = 1_000_000;

fn check(context: &mut Context<'_>) {
    let hooks = injectors(context);
    for company in companies(&hooks) {
        let mut company: Vec<Hook<'_>> = company.into_iter().map(|at| hooks[at]).collect();
        company.sort_by_cached_key(Hook::full_name);
        let names: Vec<String> = company.iter().map(Hook::full_name).collect();
        for (own, hook) in company.iter().enumerate() {
            // Without the webhook's own name: Istio takes findings for one where only that differs.
            let others = listed(names[..own].iter().chain(&names[own + 1..]));
            let fault = format!("pods may be injected twice, for {others} selects them too; give the webhooks selectors that exclude each other");
            context.report_at(hook.resource, "", &hook.path("name"), InvalidWebhook { fault });
        }
    }
}

/// Sets of webhooks, each given by its first of that name, that some combination of labels is selected by.
fn companies(hooks: &[Hook<'_>]) -> BTreeSet<BTreeSet<usize>> {
    let mut firsts: BTreeMap<String, usize> = BTreeMap::new();
    let numbers: Vec<usize> = hooks.iter().enumerate().map(|(at, hook)| *firsts.entry(hook.full_name()).or_insert(at)).collect();
    let all = revisions(hooks);
    let of_namespaces = || hooks.iter().map(|hook| hook.webhook.namespace_selector.as_ref());
    let by_namespace = LabelSelectors::new(of_namespaces());
    let mut companies: BTreeSet<BTreeSet<usize>> = BTreeSet::new();
    let mut tried = 0;
    for namespace in permutations::of(permutations::NAMESPACE, &permutations::told_apart(&all, of_namespaces())) {
        let taking: Vec<usize> = by_namespace.selecting(&namespace, &mut tried).collect::<BTreeSet<_>>().into_iter().collect();
        let of_pods = || taking.iter().map(|&at| hooks[at].webhook.object_selector.as_ref());
        let by_pod = LabelSelectors::new(of_pods());
        for pod in permutations::of(permutations::POD, &permutations::told_apart(&all, of_pods())) {
            let company: BTreeSet<usize> = by_pod.selecting(&pod, &mut tried).map(|at| numbers[taking[at]]).collect();
            if tried > MOST {
                return companies;
            }
            if company.len() > 1 {
                companies.insert(company);
            }
        }
    }
    companies
}
