//! Protocol names of ports (`pkg/config/protocol/instance.go`), and Unix socket addresses.

use super::part::{Context, Part};

/// What istiod reads in a port's protocol, whatever its case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// HTTP in any version, gRPC included.
    Http,
    /// Known by its SNI: HTTPS, TLS.
    Tls,
    /// Bytes, whether istiod knows more of them or not.
    Tcp,
    /// Known, but carried by no proxy.
    Udp,
    /// No such protocol; an empty name is none.
    Unknown,
}

impl Protocol {
    /// Reads a name.
    pub fn parse(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "http" | "http2" | "http_proxy" | "grpc" | "grpc-web" => Self::Http,
            "https" | "tls" => Self::Tls,
            "tcp" | "mongo" | "redis" | "mysql" => Self::Tcp,
            "udp" => Self::Udp,
            _ => Self::Unknown,
        }
    }
}

/// What a message lists.
pub(super) const NAMES: &str = "HTTP, HTTP2, HTTPS, GRPC, GRPC-Web, TLS, TCP, MONGO, REDIS, MYSQL";

/// `ValidateProtocol`: a known name, or none, which leaves it to detection.
pub(super) fn check_protocol(context: &mut Context<'_, '_>, part: &Part<'_>) {
    if !part.text().is_empty() && Protocol::parse(part.text()) == Protocol::Unknown {
        context.refuse(part, format!("{:?} is no protocol that Istio knows; use one of {NAMES}", part.text()));
    }
}

/// `ValidatePortName`.
pub(super) fn check_port_name(context: &mut Context<'_, '_>, part: &Part<'_>, name: &str) {
    if !super::super::names::is_dns_label(name) {
        context.refuse(part, format!("{name:?} is not a port's name; use letters, digits and -, at most 63"));
    }
}

/// `ValidateUnixAddress`, for what stands behind `unix://`.
pub(super) fn check_unix_path(context: &mut Context<'_, '_>, part: &Part<'_>, path: &str) {
    if path.is_empty() {
        context.refuse(part, "the path of the Unix domain socket is missing");
    } else if !path.starts_with('@') && (!path.starts_with('/') || path.ends_with('/')) {
        context.refuse(part, format!("{path:?} is not an absolute path to a socket file"));
    }
}
