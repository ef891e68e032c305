//! `networking.istio.io` Gateway.

use super::{Labels, api};

api! {
    /// <https://istio.io/latest/docs/reference/config/networking/gateway/#Gateway>
    Gateway { servers: Vec<Server>, selector: Labels }
    Server { port: Option<Port>, bind: String, hosts: Vec<String>, tls: Option<Box<ServerTlsSettings>>, default_endpoint: String, name: String }
    Port { number: u32, protocol: String, name: String, target_port: u32 }
    ServerTlsSettings {
        https_redirect: bool,
        mode: Option<String>,
        server_certificate: String,
        private_key: String,
        ca_certificates: String,
        credential_name: String,
        credential_names: Vec<String>,
        subject_alt_names: Vec<String>,
        verify_certificate_spki: Vec<String>,
        verify_certificate_hash: Vec<String>,
        min_protocol_version: Option<String>,
        max_protocol_version: Option<String>,
        cipher_suites: Vec<String>,
        ca_crl: String,
        tls_certificates: Vec<serde_json::Value>,
    }
}
