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
        let scheme = if name.starts_with(GRANTED) { GRANTED } else { "kubernetes://" };
        let name = name.strip_prefix(scheme).unwrap_or(name);
        let find = |name: &str| find(scope, name, scheme == GRANTED);
        if find(name).is_some_and(|secret| has(secret, &["cert", "key"]) || has(secret, &["tls.crt", "tls.key"])) {
            delivered.insert(format!("{scheme}{name}"));
        }
        let roots = format!("{name}-cacert");
        // The roots may have a Secret of their own, or stand in that of the certificate.
        if find(&roots).or_else(|| find(name)).is_some_and(|secret| has(secret, &["cacert"]) || has(secret, &["ca.crt"])) {
            delivered.insert(format!("{scheme}{roots}"));
        }
    }
    delivered
}

/// The Secrets of the Gateway API's listeners: a ReferenceGrant has been asked for already.
const GRANTED: &str = "kubernetes-gateway://";

/// The Secret of a name. One of another namespace than the proxy's own is not given out, unless that has been granted.
fn find<'a>(scope: &Scope<'a>, name: &str, is_granted: bool) -> Option<&'a Resource> {
    let own = scope.proxy.namespace.as_str();
    let (namespace, name) = name.split_once('/').unwrap_or((own, name));
    let is_it = |resource: &&Resource| resource.kind == Kind::Secret && resource.metadata.name == name && resource.metadata.namespace == namespace;
    if namespace == own || is_granted { scope.cluster.resources.iter().find(is_it) } else { None }
}

fn has(secret: &Resource, keys: &[&str]) -> bool {
    let Spec::Secret(secret) = &secret.spec else { return false };
    let is_set = |key: &str| [&secret.data, &secret.string_data].iter().any(|part| part.get(key).is_some_and(|value| !value.is_empty()));
    keys.iter().all(|key| is_set(key))
}
