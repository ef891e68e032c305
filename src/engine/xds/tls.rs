//! TLS towards upstreams.

use std::sync::Arc;

use super::{StringMatcher, Word};

message! {
    /// `tls.v3.UpstreamTlsContext`.
    UpstreamTlsContext { common_tls_context: Option<Arc<CommonTlsContext>>, sni: String }
    /// `tls.v3.CommonTlsContext`: the same for all clusters of a service.
    CommonTlsContext {
        tls_params: Option<Arc<serde_json::Value>>,
        tls_certificate_sds_secret_configs: Vec<Arc<serde_json::Value>>,
        validation_context: Option<CertificateValidationContext>,
        combined_validation_context: Option<CombinedValidationContext>,
        alpn_protocols: Vec<Word>,
    }
    /// `tls.v3.CommonTlsContext.CombinedCertificateValidationContext`.
    CombinedValidationContext {
        default_validation_context: Option<CertificateValidationContext>,
        validation_context_sds_secret_config: Option<Arc<serde_json::Value>>,
    }
    /// `tls.v3.CertificateValidationContext`.
    CertificateValidationContext { match_subject_alt_names: Vec<StringMatcher>, crl: Option<super::DataSource> }
}
