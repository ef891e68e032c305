//! What the injector's ConfigMaps say.

use serde::Deserialize;
use serde_json::Value;

use crate::engine::{
    analyze::{Context, Item},
    resource::ConfigMap,
};

/// The ConfigMap of a revision's injector.
pub(super) fn name(revision: &str) -> String {
    if revision.is_empty() || revision == "default" { "istio-sidecar-injector".to_owned() } else { format!("istio-sidecar-injector-{revision}") }
}

/// The proxy's image that an injector writes into pods; empty where its values cannot be read.
pub(super) fn proxy_image(config: &ConfigMap) -> String {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Values {
        global: Option<Global>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Global {
        hub: Option<String>,
        tag: Option<String>,
        proxy: Option<Proxy>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Proxy {
        image: Option<String>,
    }
    let Some(Ok(values)) = values(config).map(serde_json::from_value::<Values>) else { return String::new() };
    let Global { hub, tag, proxy } = values.global.unwrap_or_default();
    let image = proxy.unwrap_or_default().image.unwrap_or_default();
    if image.contains('/') { image } else { format!("{}/{image}:{}", hub.unwrap_or_default(), tag.unwrap_or_default()) }
}

/// Whether namespaces without a label are injected: as the default revision's injector says, the first by namespace where there
/// are several. Istio itself stumbles over values that leave the setting out; here that means no.
pub(super) fn injects_unlabelled(context: &Context<'_>) -> bool {
    let default = name("");
    let injectors = context.each::<ConfigMap>().filter(|item| item.name() == default);
    let settings = injectors.min_by_key(Item::namespace).and_then(|item| values(item.spec));
    settings.is_some_and(|settings| settings.pointer("/sidecarInjectorWebhook/enableNamespacesByDefault") == Some(&Value::Bool(true)))
}

/// The `values` of the installation, which the injector's templates read.
fn values(config: &ConfigMap) -> Option<Value> {
    serde_json::from_str(config.data.get("values")?).ok()
}
