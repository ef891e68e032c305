//! Which build of the proxy a pod asks for: none in particular, `debug`, `distroless`
//! (`pkg/config/analysis/analyzers/util/proxyconfig.go` of 1.26.4).

use std::collections::{BTreeMap, HashMap};

use crate::engine::{
    analyze::{Context, Item},
    resource::{ProxyConfig, Resource},
    validate::proxy_settings,
};

/// Image types by what chooses them, each stronger than the one before: the mesh, its root namespace, the pod's namespace, a
/// ProxyConfig that selects the pod, the pod's own annotation.
#[derive(Debug, Default)]
pub(super) struct ImageTypes<'a> {
    mesh: &'a str,
    root: &'a str,
    namespaces: HashMap<&'a str, &'a str>,
    /// Of the pods that some ProxyConfig selects, by namespace and name.
    pods: HashMap<(&'a str, &'a str), &'a str>,
}

impl<'a> ImageTypes<'a> {
    pub(super) fn new(context: &Context<'a>) -> Self {
        let settings = context.mesh();
        let mut types = Self { mesh: &settings.default_config.image.image_type, ..Self::default() };
        let mut configs: Vec<Item<'a, ProxyConfig>> = context.each::<ProxyConfig>().collect();
        // Where two say different things Istio takes either; here the choice is the same every time.
        configs.sort_by_key(|item| (item.namespace(), item.name()));
        let mut selectors = BTreeMap::new();
        for item in configs {
            let image = item.spec.image.as_ref().map_or("", |image| image.image_type.as_str());
            if item.namespace() == settings.root_namespace() {
                types.root = image;
            } else if let Some(selector) = &item.spec.selector {
                if !image.is_empty() {
                    selectors.insert((item.namespace(), &selector.match_labels), image);
                }
            } else {
                types.namespaces.insert(item.namespace(), image);
            }
        }
        for ((home, labels), image) in selectors {
            // Istio compares the start of names only: a ProxyConfig of `shop-eu` counts in namespace `shop` too.
            for namespace in home.char_indices().filter_map(|(at, last)| home.get(..at + last.len_utf8())) {
                let selected = context.workloads().selected(Some(namespace), labels);
                types.pods.extend(selected.map(|pod| ((pod.namespace(), pod.resource.metadata.name.as_str()), image)));
            }
        }
        types
    }

    /// The build that a pod asks for; empty for the plain one.
    pub(super) fn of(&self, pod: &'a Resource) -> String {
        let (namespace, name) = (pod.metadata.namespace.as_str(), pod.metadata.name.as_str());
        let own = pod.metadata.annotations.get("proxy.istio.io/config").and_then(proxy_settings::image_type);
        let chosen = [self.mesh, self.root, self.namespaces.get(namespace).unwrap_or(&""), self.pods.get(&(namespace, name)).unwrap_or(&"")];
        let chosen = own.or_else(|| chosen.into_iter().rfind(|image| !image.is_empty()).map(str::to_owned)).unwrap_or_default();
        if chosen == "default" { String::new() } else { chosen }
    }
}
