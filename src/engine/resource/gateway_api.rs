//! `gateway.networking.k8s.io`. Groups and kinds that a reference leaves out are left open here, for their defaults differ.

use std::collections::BTreeMap;

use super::{LabelSelector, api};

api! {
    /// <https://gateway-api.sigs.k8s.io/reference/spec/#gateway>
    K8sGateway { gateway_class_name: String, listeners: Vec<K8sListener>, addresses: Vec<K8sGatewayAddress> }
    K8sListener { name: String, hostname: String, port: u32, protocol: String, tls: Option<K8sListenerTls>, allowed_routes: Option<AllowedRoutes> }
    K8sGatewayAddress { r#type: Option<String>, value: String }
    /// `GatewayTLSConfig`.
    K8sListenerTls { mode: Option<String>, certificate_refs: Vec<K8sReference>, options: BTreeMap<String, String> }
    AllowedRoutes { namespaces: Option<RouteNamespaces>, kinds: Vec<RouteKind> }
    RouteNamespaces { from: Option<String>, selector: Option<LabelSelector> }
    RouteKind { group: Option<String>, kind: String }
    /// <https://gateway-api.sigs.k8s.io/reference/spec/#gatewayclass>
    GatewayClass { controller_name: String }
    /// A reference to an object, of which routes and Gateways have several kinds with one set of fields.
    K8sReference { group: Option<String>, kind: Option<String>, name: String, namespace: Option<String>, section_name: Option<String>, port: Option<u32> }
    /// <https://gateway-api.sigs.k8s.io/reference/spec/#httproute>
    K8sHttpRoute { parent_refs: Vec<K8sReference>, hostnames: Vec<String>, rules: Option<Vec<K8sHttpRule>> }
    K8sHttpRule {
        name: Option<String>,
        matches: Vec<K8sHttpMatch>,
        filters: Vec<K8sFilter>,
        backend_refs: Vec<K8sBackend>,
        timeouts: Option<K8sTimeouts>,
        retry: Option<K8sRetry>,
    }
    K8sHttpMatch { path: Option<K8sValueMatch>, headers: Vec<K8sValueMatch>, query_params: Vec<K8sValueMatch>, method: Option<String> }
    /// A path, a header or a query parameter.
    K8sValueMatch { r#type: Option<String>, name: String, value: Option<String> }
    K8sTimeouts { request: Option<String>, backend_request: Option<String> }
    K8sRetry { codes: Vec<u32>, attempts: Option<i32>, backoff: Option<String> }
    /// <https://gateway-api.sigs.k8s.io/reference/spec/#grpcroute>
    K8sGrpcRoute { parent_refs: Vec<K8sReference>, hostnames: Vec<String>, rules: Vec<K8sGrpcRule> }
    K8sGrpcRule { name: Option<String>, matches: Vec<K8sGrpcMatch>, filters: Vec<K8sFilter>, backend_refs: Vec<K8sBackend> }
    K8sGrpcMatch { method: Option<K8sGrpcMethod>, headers: Vec<K8sValueMatch> }
    K8sGrpcMethod { r#type: Option<String>, service: Option<String>, method: Option<String> }
    /// A reference to a backend with its share.
    K8sBackend {
        group: Option<String>,
        kind: Option<String>,
        name: String,
        namespace: Option<String>,
        port: Option<u32>,
        weight: Option<i32>,
        filters: Vec<K8sFilter>,
    }
    /// What is done to requests; which field counts is told by `type`.
    K8sFilter {
        r#type: String,
        request_header_modifier: Option<K8sHeaderModifier>,
        response_header_modifier: Option<K8sHeaderModifier>,
        request_redirect: Option<K8sRedirect>,
        request_mirror: Option<K8sMirror>,
        url_rewrite: Option<K8sRewrite>,
        cors: Option<K8sCors>,
    }
    K8sHeaderModifier { set: Vec<K8sHeader>, add: Vec<K8sHeader>, remove: Vec<String> }
    K8sHeader { name: String, value: String }
    K8sRedirect { scheme: Option<String>, hostname: Option<String>, path: Option<K8sPathModifier>, port: Option<u32>, status_code: Option<u32> }
    K8sPathModifier { r#type: String, replace_full_path: Option<String>, replace_prefix_match: Option<String> }
    K8sMirror { backend_ref: K8sReference, percent: Option<u32>, fraction: Option<K8sFraction> }
    K8sFraction { numerator: u32, denominator: Option<u32> }
    K8sRewrite { hostname: Option<String>, path: Option<K8sPathModifier> }
    K8sCors {
        allow_origins: Vec<String>,
        allow_credentials: bool,
        allow_methods: Vec<String>,
        allow_headers: Vec<String>,
        expose_headers: Vec<String>,
        max_age: Option<i64>,
    }
    /// <https://gateway-api.sigs.k8s.io/reference/spec/#referencegrant>
    ReferenceGrant { from: Vec<GrantedFrom>, to: Vec<GrantedTo> }
    GrantedFrom { group: String, kind: String, namespace: String }
    GrantedTo { group: String, kind: String, name: Option<String> }
}
