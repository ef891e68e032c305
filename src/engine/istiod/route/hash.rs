//! What a request's hash is taken of.

use crate::engine::{
    resource::ConsistentHash,
    xds::{HashConnection, HashCookie, HashHeader, HashPolicy, HashQueryParameter},
};

/// The policy of a route; none where the rule names nothing to take the hash of.
pub(in crate::engine::istiod) fn hash_policy(hash: &ConsistentHash) -> Option<HashPolicy> {
    let mut policy = HashPolicy::default();
    if let Some(name) = &hash.http_header_name {
        policy.header = Some(HashHeader { header_name: name.clone() });
    } else if let Some(cookie) = &hash.http_cookie {
        policy.cookie = Some(HashCookie { name: cookie.name.clone(), ttl: cookie.ttl, path: cookie.path.clone(), attributes: Vec::new() });
    } else if let Some(source_ip) = hash.use_source_ip {
        policy.connection_properties = Some(HashConnection { source_ip });
    } else {
        policy.query_parameter = Some(HashQueryParameter { name: hash.http_query_parameter_name.clone()? });
    }
    Some(policy)
}
