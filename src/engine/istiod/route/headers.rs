//! Changes to headers, which both rules and destinations can ask for.

use std::collections::BTreeMap;

use crate::engine::{
    resource::Headers,
    xds::{AppendAction, HeaderValue, HeaderValueOption, Route},
};

/// The changes of one `headers` block.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct HeaderChanges {
    pub request_add: Vec<HeaderValueOption>,
    pub request_remove: Vec<String>,
    pub response_add: Vec<HeaderValueOption>,
    pub response_remove: Vec<String>,
    /// Setting `Host` rewrites the host instead.
    pub authority: String,
}

impl HeaderChanges {
    pub fn new(headers: &Headers) -> Self {
        let mut changes = Self::default();
        if let Some(request) = &headers.request {
            changes.request_add.extend(additions(&request.set, AppendAction::OverwriteIfExistsOrAdd));
            changes.request_add.extend(additions(&request.add, AppendAction::AppendIfExistsOrAdd));
            changes.request_remove = removals(&request.remove);
            let host = |headers: &BTreeMap<String, String>| {
                headers.iter().rfind(|(name, _)| is_host(name)).map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
            };
            changes.authority = host(&request.set).or_else(|| host(&request.add)).unwrap_or_default();
        }
        if let Some(response) = &headers.response {
            changes.response_add.extend(additions(&response.set, AppendAction::OverwriteIfExistsOrAdd));
            changes.response_add.extend(additions(&response.add, AppendAction::AppendIfExistsOrAdd));
            changes.response_remove = removals(&response.remove);
        }
        changes
    }

    /// Adds them to those that a route has.
    pub fn add_to(self, route: &mut Route) {
        route.request_headers_to_add.extend(self.request_add);
        route.request_headers_to_remove.extend(self.request_remove);
        route.response_headers_to_add.extend(self.response_add);
        route.response_headers_to_remove.extend(self.response_remove);
    }
}

fn is_host(name: &str) -> bool {
    name.eq_ignore_ascii_case("host") || name.eq_ignore_ascii_case(":authority")
}

/// Headers that are Envoy's own to write.
fn is_internal(name: &str) -> bool {
    name.starts_with(':') || name.eq_ignore_ascii_case("host")
}

fn additions(headers: &BTreeMap<String, String>, append_action: AppendAction) -> impl Iterator<Item = HeaderValueOption> {
    let visible = headers.iter().filter(|(name, _)| !is_internal(name));
    visible.map(move |(key, value)| HeaderValueOption {
        header: HeaderValue { key: key.clone(), value: value.clone() },
        append_action,
        keep_empty_value: false,
    })
}

fn removals(names: &[String]) -> Vec<String> {
    names.iter().filter(|name| !is_internal(name)).cloned().collect()
}
