//! SDS of a gateway: which of the certificates that its servers refer to istiod can deliver.

use std::collections::BTreeSet;

use super::Merged;
use crate::engine::{
    istiod::Scope,
    resource::{Kind, Resource, Spec},
};

/// The names of certificates and roots that are there, as listeners refer to them.
pub(in crate::engine::istiod) fn delivered_secrets(scope: &Scope, merged: &Merged) -> BTreeSet<String> {
    let credentials = merged.servers.iter().filter_map(|server| server.spec.tls.as_ref()).map(|tls| tls.credential_name.as_str());
    let mut delivered = BTreeSet::new();
    for name in credentials.filter(|name| !name.is_empty()) {
        let name = name.strip_prefix("kubernetes://").unwrap_or(name);
        if find(scope, name).is_some_and(|secret| has(secret, &["cert", "key"]) || has(secret, &["tls.crt", "tls.key"])) {
            delivered.insert(format!("kubernetes://{name}"));
        }
        let roots = format!("{name}-cacert");
        // The roots may have a Secret of their own, or stand in that of the certificate.
        if find(scope, &roots).or_else(|| find(scope, name)).is_some_and(|secret| has(secret, &["cacert"]) || has(secret, &["ca.crt"])) {
            delivered.insert(format!("kubernetes://{roots}"));
        }
    }
    delivered
}

/// The Secret of a name. One of another namespace than the proxy's own is not given out.
fn find<'a>(scope: &Scope<'a>, name: &str) -> Option<&'a Resource> {
    let own = scope.proxy.namespace.as_str();
    let (namespace, name) = name.split_once('/').unwrap_or((own, name));
    let is_it = |resource: &&Resource| resource.kind == Kind::Secret && resource.metadata.name == name && resource.metadata.namespace == namespace;
    if namespace == own { scope.cluster.resources.iter().find(is_it) } else { None }
}

fn has(secret: &Resource, keys: &[&str]) -> bool {
    let Spec::Secret(secret) = &secret.spec else { return false };
    let is_set = |key: &str| [&secret.data, &secret.string_data].iter().any(|part| part.get(key).is_some_and(|value| !value.is_empty()));
    keys.iter().all(|key| is_set(key))
}
