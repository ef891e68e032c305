//! `security.istio.io`: AuthorizationPolicy, RequestAuthentication, PeerAuthentication.

use std::collections::BTreeMap;

use super::{WorkloadSelector, api};

api! {
    /// What a policy is attached to by name, instead of by labels.
    PolicyTargetReference { group: String, kind: String, name: String, namespace: String }
    /// <https://istio.io/latest/docs/reference/config/security/authorization-policy/#AuthorizationPolicy>
    AuthorizationPolicy {
        selector: Option<WorkloadSelector>,
        target_ref: Option<PolicyTargetReference>,
        target_refs: Vec<PolicyTargetReference>,
        rules: Vec<AuthorizationRule>,
        /// `ALLOW` where it is absent.
        action: Option<String>,
        provider: Option<ExtensionProvider>,
    }
    ExtensionProvider { name: String }
    /// All three parts must hold; within each, one entry.
    AuthorizationRule { from: Vec<RuleFrom>, to: Vec<RuleTo>, when: Vec<RuleCondition> }
    RuleFrom { source: Option<RuleSource> }
    RuleSource {
        principals: Vec<String>,
        not_principals: Vec<String>,
        request_principals: Vec<String>,
        not_request_principals: Vec<String>,
        namespaces: Vec<String>,
        not_namespaces: Vec<String>,
        ip_blocks: Vec<String>,
        not_ip_blocks: Vec<String>,
        remote_ip_blocks: Vec<String>,
        not_remote_ip_blocks: Vec<String>,
        service_accounts: Vec<String>,
        not_service_accounts: Vec<String>,
    }
    RuleTo { operation: Option<RuleOperation> }
    RuleOperation {
        hosts: Vec<String>,
        not_hosts: Vec<String>,
        ports: Vec<String>,
        not_ports: Vec<String>,
        methods: Vec<String>,
        not_methods: Vec<String>,
        paths: Vec<String>,
        not_paths: Vec<String>,
    }
    RuleCondition { key: String, values: Vec<String>, not_values: Vec<String> }
    /// <https://istio.io/latest/docs/reference/config/security/request_authentication/#RequestAuthentication>
    RequestAuthentication {
        selector: Option<WorkloadSelector>,
        target_ref: Option<PolicyTargetReference>,
        target_refs: Vec<PolicyTargetReference>,
        jwt_rules: Vec<JwtRule>,
    }
    /// Who issues tokens, how they are checked, where they are and what becomes of them.
    JwtRule {
        issuer: String,
        audiences: Vec<String>,
        jwks_uri: String,
        jwks: String,
        from_headers: Vec<JwtFromHeader>,
        from_params: Vec<String>,
        from_cookies: Vec<String>,
        output_payload_to_header: String,
        output_claim_to_headers: Vec<ClaimToHeader>,
        forward_original_token: bool,
    }
    JwtFromHeader { name: String, prefix: String }
    ClaimToHeader { header: String, claim: String }
    /// <https://istio.io/latest/docs/reference/config/security/peer_authentication/#PeerAuthentication>
    PeerAuthentication { selector: Option<WorkloadSelector>, mtls: Option<MutualTls>, port_level_mtls: BTreeMap<String, MutualTls> }
    MutualTls { mode: Option<String> }
}

impl AuthorizationPolicy {
    /// Everything it is attached to by name.
    pub fn targets(&self) -> impl Iterator<Item = &PolicyTargetReference> {
        self.target_ref.iter().chain(&self.target_refs)
    }
}

impl RequestAuthentication {
    /// Everything it is attached to by name.
    pub fn targets(&self) -> impl Iterator<Item = &PolicyTargetReference> {
        self.target_ref.iter().chain(&self.target_refs)
    }
}
