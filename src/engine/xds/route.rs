//! RDS: route configurations, virtual hosts, routes.

use super::{
    ConfigSource, DataSource, HeaderValueOption, Metadata, MetadataMatcher, Origin, RegexMatchAndSubstitute, RegexMatcher, RuntimeFractionalPercent,
    StringMatcher, TypedConfig, Word, WordMap,
};
use crate::engine::duration::Duration;

message! {
    /// `route.v3.RouteConfiguration`.
    RouteConfiguration {
        name: String,
        virtual_hosts: Vec<VirtualHost>,
        validate_clusters: Option<bool>,
        max_direct_response_body_size_bytes: Option<u32>,
        ignore_port_in_host_matching: bool,
        request_headers_to_add: Vec<HeaderValueOption>,
        request_headers_to_remove: Vec<String>,
        response_headers_to_add: Vec<HeaderValueOption>,
        response_headers_to_remove: Vec<String>,
    }
    /// `route.v3.VirtualHost`.
    VirtualHost {
        name: String,
        domains: Vec<String>,
        routes: Vec<Route>,
        /// `NONE` (empty), `EXTERNAL_ONLY` or `ALL`.
        require_tls: String,
        include_request_attempt_count: bool,
        request_headers_to_add: Vec<HeaderValueOption>,
        request_headers_to_remove: Vec<String>,
        response_headers_to_add: Vec<HeaderValueOption>,
        response_headers_to_remove: Vec<String>,
        typed_per_filter_config: WordMap<TypedConfig>,
        #[serde(skip)]
        origin: Option<Origin>,
    }
    /// `route.v3.Route`: a match and one of `route`, `redirect`, `direct_response`.
    Route {
        name: String,
        r#match: RouteMatch,
        route: Option<Box<RouteAction>>,
        redirect: Option<RedirectAction>,
        direct_response: Option<DirectResponseAction>,
        metadata: Option<Metadata>,
        stat_prefix: String,
        decorator: Option<Decorator>,
        typed_per_filter_config: WordMap<TypedConfig>,
        request_headers_to_add: Vec<HeaderValueOption>,
        request_headers_to_remove: Vec<String>,
        response_headers_to_add: Vec<HeaderValueOption>,
        response_headers_to_remove: Vec<String>,
        #[serde(skip)]
        origin: Option<Origin>,
    }
    /// `route.v3.RouteMatch`.
    RouteMatch {
        prefix: Option<String>,
        path: Option<String>,
        safe_regex: Option<RegexMatcher>,
        path_separated_prefix: Option<String>,
        path_match_policy: Option<ExtensionConfig>,
        case_sensitive: Option<bool>,
        headers: Vec<HeaderMatcher>,
        query_parameters: Vec<QueryParameterMatcher>,
        grpc: Option<serde_json::Value>,
        dynamic_metadata: Vec<MetadataMatcher>,
        /// There where it matches CONNECT alone.
        connect_matcher: Option<serde_json::Value>,
    }
    /// `route.v3.HeaderMatcher`.
    HeaderMatcher {
        name: String,
        string_match: Option<StringMatcher>,
        present_match: Option<bool>,
        invert_match: bool,
        treat_missing_header_as_empty: bool,
    }
    /// `route.v3.QueryParameterMatcher`.
    QueryParameterMatcher { name: String, string_match: Option<StringMatcher>, present_match: Option<bool> }
    /// `core.v3.TypedExtensionConfig`.
    ExtensionConfig { name: Word, typed_config: Option<TypedConfig> }
    /// `route.v3.RouteAction`.
    RouteAction {
        cluster: Option<String>,
        weighted_clusters: Option<WeightedCluster>,
        cluster_not_found_response_code: String,
        prefix_rewrite: String,
        regex_rewrite: Option<RegexMatchAndSubstitute>,
        path_rewrite_policy: Option<ExtensionConfig>,
        host_rewrite_literal: Option<String>,
        auto_host_rewrite: Option<bool>,
        append_x_forwarded_host: bool,
        timeout: Option<Duration>,
        idle_timeout: Option<Duration>,
        retry_policy: Option<RetryPolicy>,
        request_mirror_policies: Vec<RequestMirrorPolicy>,
        hash_policy: Vec<HashPolicy>,
        max_grpc_timeout: Option<Duration>,
        max_stream_duration: Option<MaxStreamDuration>,
        metadata_match: Option<Metadata>,
        upgrade_configs: Vec<serde_json::Value>,
    }
    /// `route.v3.WeightedCluster`; the weights are relative to their sum.
    WeightedCluster { clusters: Vec<ClusterWeight> }
    /// `route.v3.WeightedCluster.ClusterWeight`.
    ClusterWeight {
        name: String,
        weight: Option<u32>,
        request_headers_to_add: Vec<HeaderValueOption>,
        request_headers_to_remove: Vec<String>,
        response_headers_to_add: Vec<HeaderValueOption>,
        response_headers_to_remove: Vec<String>,
        host_rewrite_literal: Option<String>,
        typed_per_filter_config: WordMap<TypedConfig>,
        #[serde(skip)]
        origin: Option<Origin>,
    }
    /// `route.v3.RouteAction.MaxStreamDuration`.
    MaxStreamDuration { max_stream_duration: Option<Duration>, grpc_timeout_header_max: Option<Duration>, grpc_timeout_header_offset: Option<Duration> }
    /// `route.v3.RetryPolicy`.
    RetryPolicy {
        retry_on: Word,
        num_retries: Option<u32>,
        per_try_timeout: Option<Duration>,
        retry_priority: Option<ExtensionConfig>,
        retry_host_predicate: Vec<ExtensionConfig>,
        /// An `int64`, which protobuf's JSON writes as a string.
        host_selection_retry_max_attempts: Word,
        retriable_status_codes: Vec<u32>,
        retry_back_off: Option<RetryBackOff>,
    }
    /// `route.v3.RetryPolicy.RetryBackOff`.
    RetryBackOff { base_interval: Option<Duration>, max_interval: Option<Duration> }
    /// `route.v3.RouteAction.RequestMirrorPolicy`.
    RequestMirrorPolicy { cluster: String, runtime_fraction: Option<RuntimeFractionalPercent>, trace_sampled: Option<bool>, disable_shadow_host_suffix_append: bool }
    /// `route.v3.RouteAction.HashPolicy`.
    HashPolicy { header: Option<HashHeader>, cookie: Option<HashCookie>, connection_properties: Option<HashConnection>, query_parameter: Option<HashQueryParameter>, terminal: bool }
    /// `route.v3.RouteAction.HashPolicy.Header`.
    HashHeader { header_name: String }
    /// `route.v3.RouteAction.HashPolicy.Cookie`.
    HashCookie { name: String, ttl: Option<Duration>, path: String, attributes: Vec<serde_json::Value> }
    /// `route.v3.RouteAction.HashPolicy.ConnectionProperties`.
    HashConnection { source_ip: bool }
    /// `route.v3.RouteAction.HashPolicy.QueryParameter`.
    HashQueryParameter { name: String }
    /// `route.v3.RedirectAction`; fields that are `None` keep what the request had.
    RedirectAction {
        scheme_redirect: Option<String>,
        https_redirect: Option<bool>,
        host_redirect: String,
        port_redirect: Option<u32>,
        path_redirect: Option<String>,
        prefix_rewrite: Option<String>,
        /// Empty for `MOVED_PERMANENTLY` (301), else `FOUND`, `SEE_OTHER`, `TEMPORARY_REDIRECT`, `PERMANENT_REDIRECT`.
        response_code: String,
        strip_query: bool,
    }
    /// `route.v3.DirectResponseAction`.
    DirectResponseAction { status: u32, body: Option<DataSource> }
    /// `route.v3.Decorator`.
    Decorator { operation: String }
    /// `http_connection_manager.v3.Rds`.
    Rds { config_source: Option<ConfigSource>, route_config_name: String }
}

impl RouteMatch {
    /// The path that is asked for, as tables show it.
    pub fn path_text(&self) -> String {
        match (&self.prefix, &self.path, &self.safe_regex, &self.path_separated_prefix) {
            (Some(prefix), ..) => format!("{prefix}*"),
            (_, Some(path), ..) => path.clone(),
            (_, _, Some(regex), _) => format!("regex {}", regex.regex),
            (.., Some(prefix)) => format!("PathPrefix:{prefix}"),
            _ => "/*".into(),
        }
    }
}

impl Route {
    /// Where the route leads, in a few words.
    pub fn destination(&self) -> String {
        if let Some(action) = &self.route {
            let weighted = action.weighted_clusters.iter().flat_map(|weighted| &weighted.clusters);
            let shares = weighted.map(|cluster| format!("{} {}", cluster.name, cluster.weight.unwrap_or_default()));
            return action.cluster.clone().into_iter().chain(shares).collect::<Vec<_>>().join(", ");
        }
        if self.redirect.is_some() {
            "redirect".into()
        } else {
            self.direct_response.as_ref().map_or_else(String::new, |reply| format!("answer {}", reply.status))
        }
    }
}
