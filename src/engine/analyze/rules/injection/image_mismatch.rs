//! Pods run the proxy image that the injector writes today (`analyzers/injection/injection-image.go` of 1.26.4).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{INJECTION, REVISION, image_type::ImageTypes, injector};
use crate::engine::{
    analyze::{Context, Item, Rule, Set, words::listed},
    diagnostic::istio::{IST0158, PodsIstioProxyImageMismatchInNamespace},
    resource::{ConfigMap, Kind, Pod, Resource},
};

pub(super) static RULE: Rule = Rule {
    name: "image_mismatch",
    set: Set::Istio,
    summary: "pods run the proxy image of the injector",
    reads: &[Kind::ConfigMap, Kind::Namespace, Kind::Pod, Kind::ProxyConfig],
    emits: &[&IST0158],
    check,
};

fn check(context: &mut Context<'_>) {
    let images = injected_images(context);
    let mut types = None;
    let mut mismatched: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for item in context.each::<Pod>() {
        let Some(config) = context.find(Kind::Namespace, "", item.namespace()).and_then(injector_of) else { continue };
        let has_own_image = item.resource.metadata.annotations.get("sidecar.istio.io/proxyImage").is_some_and(|image| !image.is_empty());
        let Some(image) = images.get(&config).filter(|_| !has_own_image) else { continue };
        let pod = &item.spec.spec;
        let proxies = pod.containers.iter().chain(&pod.init_containers).filter(|container| container.name == "istio-proxy" && container.image != *image);
        let running: Vec<&str> = proxies.map(|container| container.image.as_str()).collect();
        if running.is_empty() {
            continue;
        }
        let variant = types.get_or_insert_with(|| ImageTypes::new(context)).of(item.resource);
        if running.iter().any(|running| *running != format!("{image}-{variant}")) {
            mismatched.entry(item.namespace()).or_default().insert(item.name());
        }
    }
    for (namespace, pods) in mismatched {
        if let Some(resource) = context.find(Kind::Namespace, "", namespace) {
            let message = PodsIstioProxyImageMismatchInNamespace { namespace: namespace.to_owned(), pods: listed(pods) };
            context.report_at(resource, "", "metadata.name", message);
        }
    }
}

/// The injectors' images by the names of their ConfigMaps, in whatever namespace these are; the last by namespace counts.
fn injected_images(context: &Context<'_>) -> HashMap<String, String> {
    let mut injectors: Vec<_> = context.each::<ConfigMap>().filter(|item| item.name().starts_with("istio-sidecar-injector")).collect();
    injectors.sort_by_key(Item::namespace);
    injectors.iter().map(|item| (item.name().to_owned(), injector::proxy_image(item.spec))).collect()
}

/// The ConfigMap of the injector that a namespace's labels choose.
fn injector_of(namespace: &Resource) -> Option<String> {
    let labels = &namespace.metadata.labels;
    let is_enabled = labels.get(INJECTION).is_some_and(|value| value == "enabled");
    labels.get(REVISION).map(injector::name).or_else(|| is_enabled.then(|| injector::name("")))
}
