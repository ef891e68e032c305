//! Values that Istio knows by name, though the tables allow any text.

use crate::engine::assist::Offer;

/// Field, value and what it means.
type Row = ((&'static str, &'static str), &'static [(&'static str, &'static str)]);

const GATEWAY_PROTOCOLS: &[(&str, &str)] = &[
    ("HTTP", "HTTP/1.1 and HTTP/2 in plain text"),
    ("HTTPS", "HTTP in TLS"),
    ("HTTP2", "HTTP/2"),
    ("GRPC", "gRPC"),
    ("GRPC-WEB", "gRPC-Web"),
    ("TLS", "TLS, with anything inside"),
    ("TCP", "any bytes"),
    ("MONGO", "MongoDB"),
];

const METHODS: &[(&str, &str)] = &[("GET", ""), ("POST", ""), ("PUT", ""), ("DELETE", ""), ("PATCH", ""), ("HEAD", ""), ("OPTIONS", "")];

const ATTRIBUTES: &[(&str, &str)] = &[
    ("request.headers[]", "a request header by name"),
    ("source.ip", "address of the connection"),
    ("remote.ip", "address of the client in front of all proxies"),
    ("source.namespace", "namespace of the caller"),
    ("source.principal", "identity of the caller"),
    ("source.serviceAccount", "service account of the caller"),
    ("request.auth.principal", "issuer and subject of the token"),
    ("request.auth.audiences", "audiences of the token"),
    ("request.auth.presenter", "claim azp of the token"),
    ("request.auth.claims[]", "a claim of the token by name"),
    ("destination.ip", "address that is called"),
    ("destination.port", "port that is called"),
    ("connection.sni", "server name in the TLS greeting"),
];

const RETRY_ON: &[(&str, &str)] = &[
    ("5xx", "any 5xx, and no answer at all"),
    ("gateway-error", "502, 503 or 504"),
    ("connect-failure", "the connection cannot be made"),
    ("refused-stream", "HTTP/2 refused the request"),
    ("reset", "the connection ends without an answer"),
    ("retriable-4xx", "409"),
    ("unavailable", "the gRPC status unavailable"),
    ("cancelled", "the gRPC status cancelled"),
    ("503", "this status from the destination"),
];

const FIELDS: &[Row] = &[
    (("Port", "protocol"), GATEWAY_PROTOCOLS),
    (("ServicePort", "protocol"), GATEWAY_PROTOCOLS),
    (("SidecarPort", "protocol"), GATEWAY_PROTOCOLS),
    (
        ("Listener", "protocol"),
        &[("HTTP", "HTTP in plain text"), ("HTTPS", "HTTP in TLS"), ("TLS", "TLS"), ("TCP", "any bytes"), ("HBONE", "tunnels to a waypoint")],
    ),
    (("Operation", "methods"), METHODS),
    (("Operation", "notMethods"), METHODS),
    (("CorsPolicy", "allowMethods"), METHODS),
    (("When", "key"), ATTRIBUTES),
    (("HTTPRetry", "retryOn"), RETRY_ON),
    (("Tunnel", "protocol"), &[("CONNECT", "HTTP CONNECT"), ("POST", "HTTP POST")]),
    (
        ("TargetRef", "kind"),
        &[("Gateway", "of the Gateway API"), ("Service", "behind a waypoint"), ("ServiceEntry", "behind a waypoint"), ("GatewayClass", "")],
    ),
    (
        ("TargetRef", "group"),
        &[("gateway.networking.k8s.io", "for Gateway and GatewayClass"), ("networking.istio.io", "for ServiceEntry"), ("", "for Service")],
    ),
    (("ParentRef", "kind"), &[("Gateway", ""), ("Service", "for calls inside the mesh")]),
    (
        ("GatewaySpec", "gatewayClassName"),
        &[("istio", "a gateway that istiod deploys"), ("istio-waypoint", "a waypoint"), ("istio-remote", "a gateway of another cluster")],
    ),
];

/// The names that a field knows.
pub(super) fn of_field(field: (&str, &str)) -> Vec<Offer> {
    let found = FIELDS.iter().find(|(known, _)| *known == field);
    found.map_or_else(Vec::new, |(_, values)| values.iter().map(|(value, words)| Offer::name(*value, *words)).collect())
}
