//! Whether a Pod gets a sidecar as it is made.
//!
//! `manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml`, which says whether istiod is asked, and `injectRequired` in
//! `pkg/kube/inject/inject.go` of istio/istio at 1.26.4, which is how it answers. Every revision that is named counts as installed.

use crate::engine::resource::{Labels, Metadata, PodSpec};

const INJECT: &str = "sidecar.istio.io/inject";
const REVISION: &str = "istio.io/rev";
/// Namespaces of Kubernetes itself (`IgnoredNamespaces` in `pkg/kube/inject/initializer.go`).
const IGNORED: &[&str] = &["kube-system", "kube-public", "kube-node-lease", "local-path-storage"];

/// `metadata` and `spec` are the Pod's, as its template has them; `namespace` is its namespace's name and labels.
pub(super) fn is_injected(metadata: &Metadata, spec: &PodSpec, (namespace, of_namespace): (&str, &Labels)) -> bool {
    if spec.host_network || IGNORED.contains(&namespace) {
        return false;
    }
    let own = metadata.labels.get(INJECT);
    is_asked(own, &metadata.labels, of_namespace) && is_wanted(own.or_else(|| metadata.annotations.get(INJECT)))
}

/// Whether one of the webhooks has the Pod in its selectors.
fn is_asked(own: Option<&str>, labels: &Labels, of_namespace: &Labels) -> bool {
    match (of_namespace.get("istio-injection"), of_namespace.get(REVISION)) {
        _ if own == Some("false") => false,
        (Some(word), _) => word == "enabled",
        (None, Some(_)) => true,
        (None, None) => labels.contains_key(REVISION) || own == Some("true"),
    }
}

/// What istiod makes of the label, or of the annotation of old.
fn is_wanted(word: Option<&str>) -> bool {
    word.is_none_or(|word| matches!(word.to_ascii_lowercase().as_str(), "" | "y" | "yes" | "true" | "on"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Labels {
        text.split(' ').filter_map(|pair| pair.split_once('=')).collect()
    }

    #[test]
    fn who_is_injected() {
        const ON: &str = "istio-injection=enabled";
        const OFF: &str = "istio-injection=disabled";
        let rows = [
            // labels of the namespace, of the Pod, annotations
            (ON, "", "", true),
            ("", "", "", false),
            (OFF, "", "", false),
            (ON, "sidecar.istio.io/inject=false", "", false),
            ("", "sidecar.istio.io/inject=true", "", true),
            (OFF, "sidecar.istio.io/inject=true", "", false),
            (ON, "", "sidecar.istio.io/inject=false", false),
            ("", "", "sidecar.istio.io/inject=true", false),
            (ON, "sidecar.istio.io/inject=true", "sidecar.istio.io/inject=false", true),
            ("istio.io/rev=canary", "", "", true),
            ("istio.io/rev=canary", "sidecar.istio.io/inject=false", "", false),
            ("istio.io/rev=canary istio-injection=disabled", "", "", false),
            ("", "istio.io/rev=canary", "", true),
            ("", "istio.io/rev=canary sidecar.istio.io/inject=true", "", true),
            // The webhook compares with `false`, istiod reads what YAML 1.1 took for a truth.
            (ON, "sidecar.istio.io/inject=yes", "", true),
            (ON, "sidecar.istio.io/inject=no", "", false),
            ("", "sidecar.istio.io/inject=yes", "", false),
        ];
        for (of_namespace, of_pod, annotations, is_in) in rows {
            let metadata = Metadata { labels: labels(of_pod), annotations: labels(annotations), ..Metadata::default() };
            let of_namespace = labels(of_namespace);
            assert_eq!(is_injected(&metadata, &PodSpec::default(), ("shop", &of_namespace)), is_in, "{of_namespace:?} {of_pod} {annotations}");
            assert!(!is_injected(&metadata, &PodSpec::default(), ("kube-system", &of_namespace)));
            assert!(!is_injected(&metadata, &PodSpec { host_network: true, ..PodSpec::default() }, ("shop", &of_namespace)));
        }
    }
}
