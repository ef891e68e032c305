//! Application protocols, as ports declare them.

/// What is spoken on a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are Istio's protocol names")]
pub enum Protocol {
    Grpc,
    GrpcWeb,
    Http,
    HttpProxy,
    Http2,
    Https,
    Tcp,
    Tls,
    Udp,
    Mongo,
    Redis,
    MySql,
    /// Not declared: found out connection by connection.
    Auto,
}

/// How a listener treats a protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants say it")]
pub enum ListenerProtocol {
    Http,
    Tcp,
    Auto,
    None,
}

/// Protocols by name; any other name leaves it to the proxy to find out.
const NAMES: [(&str, Protocol); 12] = [
    ("http", Protocol::Http),
    ("tcp", Protocol::Tcp),
    ("udp", Protocol::Udp),
    ("grpc", Protocol::Grpc),
    ("grpc-web", Protocol::GrpcWeb),
    ("http_proxy", Protocol::HttpProxy),
    ("http2", Protocol::Http2),
    ("https", Protocol::Https),
    ("tls", Protocol::Tls),
    ("mongo", Protocol::Mongo),
    ("redis", Protocol::Redis),
    ("mysql", Protocol::MySql),
];

/// Ports whose servers speak first, so that waiting for the client's first bytes would break them.
const SERVER_FIRST_PORTS: [u32; 4] = [25, 53, 3306, 27017];

impl Protocol {
    /// Reads a protocol's name, in any case.
    pub fn parse(name: &str) -> Self {
        NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or(Self::Auto, |(_, protocol)| *protocol)
    }

    /// What a port of a Kubernetes Service speaks: `appProtocol` before the first word of the port's name.
    pub fn of_service_port(port: u32, name: &str, transport: &str, app_protocol: Option<&str>) -> Self {
        if transport == "UDP" {
            return Self::Udp;
        }
        let word = match app_protocol {
            None => name,
            Some("kubernetes.io/h2c") => return Self::Http2,
            Some("kubernetes.io/ws") => return Self::Http,
            Some("kubernetes.io/wss") => return Self::Https,
            Some(word) => word,
        };
        if word.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("grpc-web")) {
            return Self::GrpcWeb;
        }
        match Self::parse(word.split('-').next().unwrap_or_default()) {
            Self::Auto if SERVER_FIRST_PORTS.contains(&port) => Self::Tcp,
            protocol => protocol,
        }
    }

    /// Whether it is HTTP of any version.
    pub fn is_http(self) -> bool {
        matches!(self, Self::Http | Self::Http2 | Self::HttpProxy | Self::Grpc | Self::GrpcWeb)
    }

    /// Whether it is HTTP/2.
    pub fn is_http2(self) -> bool {
        matches!(self, Self::Http2 | Self::Grpc | Self::GrpcWeb)
    }

    /// Whether it is gRPC.
    pub fn is_grpc(self) -> bool {
        matches!(self, Self::Grpc | Self::GrpcWeb)
    }

    /// Whether it is HTTP or may turn out to be.
    pub fn is_http_or_auto(self) -> bool {
        self.is_http() || self == Self::Auto
    }

    /// Whether it is passed on as bytes.
    pub fn is_tcp(self) -> bool {
        matches!(self, Self::Tcp | Self::Https | Self::Tls | Self::Mongo | Self::Redis | Self::MySql)
    }

    /// Whether it starts with a TLS hello.
    pub fn is_tls(self) -> bool {
        matches!(self, Self::Https | Self::Tls)
    }

    /// How a listener treats it.
    pub fn listener(self) -> ListenerProtocol {
        match self {
            Self::Auto => ListenerProtocol::Auto,
            Self::Udp => ListenerProtocol::None,
            _ if self.is_http() => ListenerProtocol::Http,
            _ => ListenerProtocol::Tcp,
        }
    }
}
