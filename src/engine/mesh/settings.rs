//! The mesh's settings as a cluster keeps them: `mesh` of the ConfigMap `istio` in `istio-system`, which istiod reads; where there is
//! none, those that IstioOperators would install.

use super::{Applied, limits::told, operator};
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

/// Whether the engine passes a field of MeshConfig over that could change where a request goes.
pub(super) fn is_unread(field: &str) -> bool {
    !READ.contains(&field) && !ASIDE.contains(&field)
}

/// The settings, where there are any that can be read, and what is to be said of them.
pub(super) fn kept(applied: &Applied) -> (Option<MeshConfig>, Vec<Diagnostic>) {
    match of_config_map(&applied.resources) {
        None => operator::installed(&applied.operators),
        Some((settings, notes)) => (settings, notes.into_iter().chain(operator::outdone(&applied.operators)).collect()),
    }
}

/// Those of the ConfigMap, where it is there.
fn of_config_map(resources: &[Resource]) -> Option<(Option<MeshConfig>, Vec<Diagnostic>)> {
    let found = resources.iter().find_map(|resource| match &resource.spec {
        Spec::ConfigMap(map) if resource.metadata.name == "istio" && resource.metadata.namespace == ROOT_NAMESPACE => Some((resource, map.data.get("mesh")?)),
        _ => None,
    });
    let (resource, text) = found?;
    let say = |words: String| told(resource, FIELD, words);
    Some(match read(text) {
        Err(reason) => (None, vec![say(format!("MeshConfig cannot be read, so the mesh has Istio's defaults: {reason}"))]),
        Ok((settings, unread)) if unread.is_empty() => (Some(settings), Vec::new()),
        Ok((settings, unread)) => (Some(settings), vec![say(format!("accepted, not simulated yet: {} of MeshConfig", unread.join(", ")))]),
    })
}

/// The cluster's own settings, where it keeps any; of those that are switched what they leave open.
pub(super) fn over(switched: MeshConfig, applied: &Applied) -> MeshConfig {
    match kept(applied).0 {
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
    let unread = json.as_object().into_iter().flat_map(|fields| fields.keys()).filter(|key| is_unread(key));
    let unread = unread.cloned().collect();
    serde_json::from_value(json).map(|settings| (settings, unread)).map_err(|error| error.to_string())
}
