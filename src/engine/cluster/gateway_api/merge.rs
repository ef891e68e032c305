//! The rules of several routes for one host in one list, the most specific first.
//!
//! Retells `sortHTTPRoutes` (`conversion.go`) and `mergeHTTPRoutes` (`route_collections.go`).

use std::{cmp::Reverse, collections::BTreeMap};

use crate::engine::{
    cluster::{HttpRule, RouteSemantics, VirtualService, Visibility},
    source::Origin,
};

/// What one route says for one host.
pub(super) struct KeyedRoute {
    /// Routes of one key are one VirtualService.
    pub key: String,
    pub created: String,
    pub namespace: String,
    pub name: String,
    pub host: String,
    pub gateway: String,
    pub rules: Vec<HttpRule>,
    pub resource: String,
}

/// Sorts rules that have one match each, or none.
pub(super) fn sort(rules: &mut [HttpRule]) {
    rules.sort_by_cached_key(|rule| {
        let Some(condition) = rule.rule.r#match.first() else { return (true, Reverse((0, 0, false, 0, 0))) };
        let (rank, length) = match condition.uri.as_ref().map(|uri| (&uri.exact, &uri.prefix, &uri.regex)) {
            Some((Some(exact), ..)) => (3, exact.len()),
            Some((_, Some(prefix), _)) => (2, prefix.len()),
            Some((.., Some(regex))) => (1, regex.len()),
            _ => (0, 0),
        };
        (false, Reverse((rank, length, condition.method.is_some(), condition.headers.len(), condition.query_params.len())))
    });
}

/// A VirtualService for each key: that of the oldest route, with the rules of all.
pub(super) fn merge(routes: Vec<KeyedRoute>) -> Vec<VirtualService> {
    let mut by_key: BTreeMap<String, Vec<KeyedRoute>> = BTreeMap::new();
    for route in routes {
        by_key.entry(route.key.clone()).or_default().push(route);
    }
    by_key.into_iter().filter_map(|(key, routes)| one(&key, routes)).collect()
}

fn one(key: &str, mut routes: Vec<KeyedRoute>) -> Option<VirtualService> {
    routes.sort_by(|a, b| (&a.created, &a.namespace, &a.name).cmp(&(&b.created, &b.namespace, &b.name)));
    let mut routes = routes.into_iter();
    let first = routes.next()?;
    let mut rules = first.rules;
    let mut is_merged = false;
    for route in routes {
        rules.extend(route.rules);
        is_merged = true;
    }
    if is_merged {
        sort(&mut rules);
    }
    Some(VirtualService {
        name: key.replace('/', "~"),
        namespace: first.namespace,
        hosts: vec![first.host],
        gateways: vec![first.gateway],
        http: rules,
        tls: Vec::new(),
        tcp: Vec::new(),
        visibility: Visibility::default(),
        created: first.created,
        semantics: RouteSemantics::GatewayApi,
        origin: Origin::whole(first.resource),
    })
}
