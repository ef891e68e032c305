//! Whole documents to fill in, one for each kind that people write most.

use super::{Group, Offer, docs, top::api_versions};
use crate::engine::resource::Kind;

/// A kind and what stands below its metadata.
const BODIES: &[(Kind, &str)] = &[
    (Kind::VirtualService, "spec:\n  hosts: [reviews]\n  http:\n  - route:\n    - destination: {host: reviews}\n"),
    (Kind::DestinationRule, "spec:\n  host: reviews\n  subsets:\n  - {name: v1, labels: {version: v1}}\n"),
    (Kind::Gateway, "spec:\n  selector: {istio: ingressgateway}\n  servers:\n  - port: {number: 80, name: http, protocol: HTTP}\n    hosts: [\"*\"]\n"),
    (
        Kind::ServiceEntry,
        "spec:\n  hosts: [api.example.com]\n  location: MESH_EXTERNAL\n  resolution: DNS\n  ports:\n  - {number: 443, name: tls, protocol: TLS}\n",
    ),
    (Kind::Sidecar, "spec:\n  egress:\n  - hosts: [./*, istio-system/*]\n"),
    (Kind::PeerAuthentication, "spec:\n  mtls: {mode: STRICT}\n"),
    (Kind::RequestAuthentication, "spec:\n  jwtRules:\n  - issuer: https://issuer.example.com\n    jwksUri: https://issuer.example.com/jwks.json\n"),
    (
        Kind::AuthorizationPolicy,
        "spec:\n  action: ALLOW\n  rules:\n  - from:\n    - source: {principals: [cluster.local/ns/default/sa/sleep]}\n    to:\n    - operation: {methods: [GET]}\n",
    ),
    (Kind::Telemetry, "spec:\n  accessLogging:\n  - providers:\n    - name: envoy\n"),
    (
        Kind::K8sGateway,
        "spec:\n  gatewayClassName: istio\n  listeners:\n  - name: http\n    port: 80\n    protocol: HTTP\n    allowedRoutes: {namespaces: {from: All}}\n",
    ),
    (
        Kind::HTTPRoute,
        "spec:\n  parentRefs:\n  - name: example\n  rules:\n  - matches:\n    - path: {type: PathPrefix, value: /}\n    backendRefs:\n    - {name: reviews, port: 9080}\n",
    ),
];

/// A document of each kind.
pub(super) fn offers() -> Vec<Offer> {
    let offer = |(kind, body): &(Kind, &str)| {
        let version = api_versions(*kind).next().unwrap_or_default();
        let insert = format!("apiVersion: {version}\nkind: {}\nmetadata:\n  name: example\n{body}", kind.name());
        Offer::new(kind.name(), Group::Document, insert, version, docs::of_kind(*kind))
    };
    BODIES.iter().map(offer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{manifest, source::SourceFile, validate::validate};

    #[test]
    fn every_document_is_accepted_as_it_is() {
        for offer in offers() {
            let verdicts = validate(&manifest::read(&SourceFile::new("skeleton", offer.insert.as_str())));
            assert_eq!(verdicts.len(), 1, "{}", offer.insert);
            assert!(verdicts[0].diagnostics.is_empty(), "{}\n{:?}", offer.insert, verdicts[0].diagnostics);
        }
    }
}
