//! The RBAC filters: policies of permissions and principals, the same for HTTP and for bytes.

use std::collections::BTreeMap;

use super::{CidrRange, ExtensionConfig, HeaderMatcher, MetadataMatcher, Origin, StringMatcher};

message! {
    /// `http.rbac.v3.RBAC`, and `network.rbac.v3.RBAC`, which alone has a `stat_prefix`.
    RbacFilter { rules: Option<Rbac>, shadow_rules: Option<Rbac>, shadow_rules_stat_prefix: String, stat_prefix: String }
    /// `rbac.v3.RBAC`.
    Rbac {
        /// `ALLOW` (empty), `DENY` or `LOG`.
        action: String,
        policies: BTreeMap<String, RbacPolicy>,
    }
    /// `rbac.v3.Policy`: it matches where one of its permissions and one of its principals do.
    RbacPolicy {
        permissions: Vec<Permission>,
        principals: Vec<Principal>,
        #[serde(skip)]
        origin: Option<Origin>,
    }
    /// `rbac.v3.Permission`: one of its fields.
    Permission {
        and_rules: Option<PermissionSet>,
        or_rules: Option<PermissionSet>,
        any: bool,
        header: Option<HeaderMatcher>,
        url_path: Option<PathMatcher>,
        destination_ip: Option<CidrRange>,
        destination_port: Option<u32>,
        metadata: Option<MetadataMatcher>,
        not_rule: Option<Box<Permission>>,
        requested_server_name: Option<StringMatcher>,
        uri_template: Option<ExtensionConfig>,
    }
    /// `rbac.v3.Permission.Set`.
    PermissionSet { rules: Vec<Permission> }
    /// `rbac.v3.Principal`: one of its fields.
    Principal {
        and_ids: Option<PrincipalSet>,
        or_ids: Option<PrincipalSet>,
        any: bool,
        authenticated: Option<Authenticated>,
        direct_remote_ip: Option<CidrRange>,
        remote_ip: Option<CidrRange>,
        header: Option<HeaderMatcher>,
        metadata: Option<MetadataMatcher>,
        not_id: Option<Box<Principal>>,
        filter_state: Option<FilterStateMatcher>,
    }
    /// `rbac.v3.Principal.Set`.
    PrincipalSet { ids: Vec<Principal> }
    /// `type.matcher.v3.FilterStateMatcher`: what filters, or a connection around this one, have left under a key.
    FilterStateMatcher { key: String, string_match: Option<StringMatcher> }
    /// `rbac.v3.Principal.Authenticated`.
    Authenticated { principal_name: Option<StringMatcher> }
    /// `type.matcher.v3.PathMatcher`.
    PathMatcher { path: Option<StringMatcher> }
}
