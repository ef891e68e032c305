//! Header operations, and the command operators in their values.
//!
//! Operators: <https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#custom-request-response-headers>.

use std::collections::BTreeMap;

use super::request::Request;
use crate::engine::{
    envoy::connection::Connection,
    xds::{AppendAction, ClusterWeight, HeaderValueOption, Route, RouteConfiguration, VirtualHost},
};

/// Operations of one level: removals come first.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Operations<'a> {
    add: &'a [HeaderValueOption],
    remove: &'a [String],
}

/// Everything that says something about headers, the most specific first.
pub(super) struct Levels<'a> {
    pub(super) weight: Option<&'a ClusterWeight>,
    pub(super) route: &'a Route,
    pub(super) host: &'a VirtualHost,
    pub(super) config: &'a RouteConfiguration,
}

/// What a value may speak of.
#[derive(Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) request: &'a Request,
    pub(super) connection: &'a Connection,
    pub(super) cluster: &'a str,
    pub(super) status: Option<u16>,
}

impl<'a> Levels<'a> {
    pub(super) fn on_request(&self) -> Vec<Operations<'a>> {
        let weight = self.weight.map(|w| Operations { add: &w.request_headers_to_add, remove: &w.request_headers_to_remove });
        let rest = [
            Operations { add: &self.route.request_headers_to_add, remove: &self.route.request_headers_to_remove },
            Operations { add: &self.host.request_headers_to_add, remove: &self.host.request_headers_to_remove },
            Operations { add: &self.config.request_headers_to_add, remove: &self.config.request_headers_to_remove },
        ];
        weight.into_iter().chain(rest).collect()
    }

    pub(super) fn on_response(&self) -> Vec<Operations<'a>> {
        let weight = self.weight.map(|w| Operations { add: &w.response_headers_to_add, remove: &w.response_headers_to_remove });
        let rest = [
            Operations { add: &self.route.response_headers_to_add, remove: &self.route.response_headers_to_remove },
            Operations { add: &self.host.response_headers_to_add, remove: &self.host.response_headers_to_remove },
            Operations { add: &self.config.response_headers_to_add, remove: &self.config.response_headers_to_remove },
        ];
        weight.into_iter().chain(rest).collect()
    }
}

/// Applies operations to request headers. A level sees what the one before it has made of them. `host` means the authority.
pub(super) fn apply_to_request(request: &mut Request, levels: &[Operations<'_>], facts: &Facts<'_>) {
    for level in levels {
        for name in level.remove {
            request.headers.remove(&name.to_ascii_lowercase());
        }
        let before = request.clone();
        for (name, value, joins) in level.changes(&before.headers, &Facts { request: &before, ..*facts }) {
            match name.as_str() {
                ":authority" | "host" => request.authority = value,
                ":path" => request.path = value,
                ":method" => request.method = value,
                ":scheme" => request.scheme = value,
                _ => set(&mut request.headers, name, value, joins),
            }
        }
    }
}

/// Applies operations to response headers.
pub(super) fn apply_to_response(headers: &mut BTreeMap<String, String>, levels: &[Operations<'_>], facts: &Facts<'_>) {
    for level in levels {
        for name in level.remove {
            headers.remove(&name.to_ascii_lowercase());
        }
        for (name, value, joins) in level.changes(headers, facts) {
            set(headers, name, value, joins);
        }
    }
}

impl Operations<'_> {
    /// What this level changes, all values made from the same headers: name, value, and whether the value joins others.
    /// What replaces comes before what is added.
    fn changes(&self, headers: &BTreeMap<String, String>, facts: &Facts<'_>) -> Vec<(String, String, bool)> {
        let mut changes = Vec::new();
        for option in self.add {
            let Some((name, value)) = formatted(option, facts) else { continue };
            let exists = headers.contains_key(&name);
            match option.append_action {
                AppendAction::AppendIfExistsOrAdd => changes.push((name, value, true)),
                AppendAction::AddIfAbsent if !exists => changes.push((name, value, true)),
                AppendAction::OverwriteIfExists if exists => changes.push((name, value, false)),
                AppendAction::OverwriteIfExistsOrAdd => changes.push((name, value, false)),
                AppendAction::AddIfAbsent | AppendAction::OverwriteIfExists => {}
            }
        }
        changes.sort_by_key(|(_, _, joins)| *joins);
        changes
    }
}

fn set(headers: &mut BTreeMap<String, String>, name: String, value: String, joins: bool) {
    let joined = match headers.get(&name) {
        Some(before) if joins => format!("{before},{value}"),
        _ => value,
    };
    headers.insert(name, joined);
}

/// Name and value; none where the value comes out empty and the option does not keep such.
fn formatted(option: &HeaderValueOption, facts: &Facts<'_>) -> Option<(String, String)> {
    let value = format(&option.header.value, facts);
    (!value.is_empty() || option.keep_empty_value).then(|| (option.header.key.to_ascii_lowercase(), value))
}

/// Replaces command operators. One that cannot be known here stays as it is written.
fn format(template: &str, facts: &Facts<'_>) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            out.push('%');
            rest = after;
        } else if let Some(end) = rest.find('%') {
            let operator = &rest[..end];
            match evaluate(operator, facts) {
                Some(value) => out.push_str(&value),
                None => out.extend(["%", operator, "%"]),
            }
            rest = &rest[end + 1..];
        } else {
            out.push('%');
        }
    }
    out.push_str(rest);
    out
}

fn evaluate(operator: &str, facts: &Facts<'_>) -> Option<String> {
    if let Some(arguments) = operator.strip_prefix("REQ(") {
        let (names, limit) = arguments.rsplit_once(')')?;
        let value = names.split('?').find_map(|name| facts.request.header(&name.to_ascii_lowercase())).unwrap_or_default();
        let limit = limit.strip_prefix(':').and_then(|limit| limit.parse().ok()).unwrap_or(usize::MAX);
        return Some(value.chars().take(limit).collect());
    }
    let source = facts.request.source.map(|source| source.to_string());
    Some(match operator {
        "PROTOCOL" => if facts.request.is_http2 { "HTTP/2" } else { "HTTP/1.1" }.to_owned(),
        "RESPONSE_CODE" => facts.status?.to_string(),
        "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT" | "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT" => source?,
        "DOWNSTREAM_LOCAL_ADDRESS" => format!("{}:{}", facts.connection.address, facts.connection.port),
        "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT" => facts.connection.address.clone(),
        "DOWNSTREAM_LOCAL_PORT" => facts.connection.port.to_string(),
        "REQUESTED_SERVER_NAME" => facts.connection.sni.clone(),
        "UPSTREAM_CLUSTER" => facts.cluster.to_owned(),
        _ => return None,
    })
}
