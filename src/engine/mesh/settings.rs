//! The mesh's settings as a cluster keeps them: `mesh` of the ConfigMap `istio` in `istio-system`, which istiod reads.

use super::limits::told;
use crate::engine::{
    cluster::{MeshConfig, ROOT_NAMESPACE},
    diagnostic::Diagnostic,
    manifest::{self, Node},
    resource::{Resource, Spec},
    source::SourceFile,
};

/// The field of the ConfigMap.
const FIELD: &str = "data.mesh";
/// Fields of MeshConfig that the engine reads.
const READ: &[&str] = &[
    "accessLogEncoding",
    "accessLogFile",
    "accessLogFormat",
    "connectTimeout",
    "defaultConfig",
    "defaultDestinationRuleExportTo",
    "defaultHttpRetryPolicy",
    "defaultProviders",
    "defaultServiceExportTo",
    "defaultVirtualServiceExportTo",
    "disableEnvoyListenerLog",
    "enableAutoMtls",
    "enableEnvoyAccessLogService",
    "extensionProviders",
    "h2UpgradePolicy",
    "inboundTrafficPolicy",
    "ingressClass",
    "ingressControllerMode",
    "ingressSelector",
    "ingressService",
    "localityLbSetting",
    "meshMTLS",
    "outboundTrafficPolicy",
    "pathNormalization",
    "rootNamespace",
    "tcpKeepalive",
    "trustDomain",
    "trustDomainAliases",
];
/// Fields that change nothing about where a request goes.
const ASIDE: &[&str] = &["ca", "caCertificates", "certificates", "configSources", "enablePrometheusMerge", "enableTracing"];

/// The settings, where the ConfigMap is there and can be read, and what is to be said of it.
pub(super) fn of_config_map(resources: &[Resource]) -> (Option<MeshConfig>, Vec<Diagnostic>) {
    let found = resources.iter().find_map(|resource| match &resource.spec {
        Spec::ConfigMap(map) if resource.metadata.name == "istio" && resource.metadata.namespace == ROOT_NAMESPACE => Some((resource, map.data.get("mesh")?)),
        _ => None,
    });
    let Some((resource, text)) = found else { return (None, Vec::new()) };
    let say = |words: String| told(resource, FIELD, words);
    match read(text) {
        Err(reason) => (None, vec![say(format!("MeshConfig cannot be read, so the mesh has Istio's defaults: {reason}"))]),
        Ok((settings, unread)) if unread.is_empty() => (Some(settings), Vec::new()),
        Ok((settings, unread)) => (Some(settings), vec![say(format!("accepted, not simulated yet: {} of MeshConfig", unread.join(", ")))]),
    }
}

/// The cluster's own settings, where it keeps any; of those that are switched what they leave open.
pub(super) fn over(switched: MeshConfig, resources: &[Resource]) -> MeshConfig {
    match of_config_map(resources).0 {
        None => switched,
        Some(kept) if kept.outbound_traffic_policy.mode.is_empty() => MeshConfig { outbound_traffic_policy: switched.outbound_traffic_policy, ..kept },
        Some(kept) => kept,
    }
}

/// The settings and the fields that are not read.
fn read(text: &str) -> Result<(MeshConfig, Vec<String>), String> {
    let manifest = manifest::read(&SourceFile::new("mesh", text));
    if let Some(fault) = manifest.diagnostics.first() {
        return Err(format!("line {}: {}", fault.position().line, fault.message));
    }
    let root: &Node = match manifest.documents.as_slice() {
        [] => return Ok((MeshConfig::default(), Vec::new())),
        [document] => &document.root,
        _ => return Err("it is one document".into()),
    };
    let json = root.to_json();
    let unread = json.as_object().into_iter().flat_map(|fields| fields.keys()).filter(|key| !READ.contains(&key.as_str()) && !ASIDE.contains(&key.as_str()));
    let unread = unread.cloned().collect();
    serde_json::from_value(json).map(|settings| (settings, unread)).map_err(|error| error.to_string())
}
