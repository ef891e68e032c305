//! Istio's own ingress gateway, for a cluster that says nothing of it.
//!
//! `istioctl analyze` adds such a one when it reads files only (`pkg/config/analysis/local/defaults.go`).

use std::sync::{Arc, LazyLock};

use super::{Finding, snapshot::Objects};
use crate::engine::{
    manifest,
    resource::{Kind, Labels, Resource, Spec, load},
    source::SourceFile,
};

const TEXT: &str = "
apiVersion: v1
kind: Pod
metadata: {name: istio-ingressgateway, namespace: istio-system, labels: {istio: ingressgateway}}
spec: {containers: [{name: istio-proxy, image: auto}]}
---
apiVersion: v1
kind: Service
metadata: {name: istio-ingressgateway, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  ports:
  - {name: http2, port: 80, protocol: TCP, targetPort: 80}
  - {name: https, port: 443, protocol: TCP, targetPort: 443}
  - {name: tcp, port: 31400, protocol: TCP, targetPort: 31400}
  - {name: tls, port: 15443, protocol: TCP, targetPort: 15443}
";

static OBJECTS: LazyLock<Vec<Resource>> = LazyLock::new(|| load(&manifest::read(&SourceFile::new("", TEXT)).documents).resources);

/// The objects to add: none where the cluster has a pod or a Service of an ingress gateway.
pub(super) fn ingress_gateway(objects: &Objects<'_>) -> &'static [Resource] {
    let is_one = |labels: &Labels| labels.get("istio").is_some_and(|value| value == "ingressgateway");
    let has_pod = objects.of_kind(Kind::Pod).iter().any(|pod| is_one(&pod.metadata.labels));
    let has_service = objects.of_kind(Kind::Service).iter().any(|service| match &service.spec {
        Spec::Service(spec) => is_one(&spec.selector),
        _ => false,
    });
    if has_pod || has_service { &[] } else { &OBJECTS }
}

/// Whether an object is not of the cluster but stands in for one.
pub(super) fn is_one(resource: &Resource) -> bool {
    is_text(&resource.document.file)
}

/// Whether a finding is on such an object.
pub(super) fn is_about(finding: &Finding) -> bool {
    is_text(&finding.diagnostic.file)
}

fn is_text(file: &Arc<SourceFile>) -> bool {
    OBJECTS.iter().any(|object| Arc::ptr_eq(&object.document.file, file))
}
