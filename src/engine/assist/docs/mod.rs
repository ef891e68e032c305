//! Our words for the fields of the tables: a sentence each, its default where there is one, and what its values mean.
//!
//! The files beside this one follow the tables of `validate::schema`:
//!
//! ```text
//! HTTPRetry                           an object type; for a kind, what it is for
//!   attempts  [2] How often …         a field, its default in brackets, a sentence
//!     VALUE   What it means.          one of its values
//! ```
//! The facts are those of Istio at 1.26 (`istio/api`, `networking`, `security`, `telemetry`, `extensions`; where istiod's code says otherwise, the
//! code counts), of the Gateway API at 1.3 (`apis/v1`) and of Kubernetes at 1.33 (`k8s.io/api`), each with what Istio makes of it.

use std::{collections::HashMap, sync::LazyLock};

use crate::engine::resource::Kind;

/// What is said of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Doc {
    pub words: &'static str,
    /// What holds where the field is absent; empty where nothing is said of it.
    pub default: &'static str,
}

/// Object type, field and value; empty for the wider ones.
type Key = (&'static str, &'static str, &'static str);
type Table = HashMap<Key, Doc>;

macro_rules! docs {
    ($($file:literal)*) => { LazyLock::new(|| read(&[$(include_str!(concat!($file, ".txt"))),*])) };
}

static ISTIO: LazyLock<Table> = docs!(
    "istio/virtual_service" "istio/destination_rule" "istio/shared" "istio/gateway" "istio/service_entry" "istio/sidecar" "istio/workload"
    "istio/security" "istio/telemetry" "istio/wasm_plugin" "istio/proxy_config" "istio/envoy_filter"
);
static GATEWAY_API: LazyLock<Table> = docs!(
    "gateway_api/gateway" "gateway_api/gateway_class" "gateway_api/http_route" "gateway_api/grpc_route" "gateway_api/tls_route" "gateway_api/tcp_route"
    "gateway_api/reference_grant" "gateway_api/shared"
);
static KUBERNETES: LazyLock<Table> = docs!(
    "kubernetes/object_meta" "kubernetes/core" "kubernetes/service" "kubernetes/endpoints" "kubernetes/ingress" "kubernetes/workload" "kubernetes/pod"
    "kubernetes/container" "kubernetes/probe" "kubernetes/volume" "kubernetes/scheduling" "kubernetes/selector"
);

fn table(kind: Option<Kind>) -> &'static Table {
    match kind {
        Some(kind) if kind.is_istio() => &ISTIO,
        Some(kind) if kind.is_custom() => &GATEWAY_API,
        _ => &KUBERNETES,
    }
}

/// What there is to say of a field of a kind's object type.
pub(super) fn of_field(kind: Option<Kind>, object: &str, field: &str) -> Doc {
    find(kind, object, field, "")
}

/// What a value of a field means; empty where nothing is said of it.
pub(super) fn of_value(kind: Option<Kind>, object: &str, field: &str, value: &str) -> &'static str {
    find(kind, object, field, value).words
}

/// What a kind is for; empty where nothing is said of it.
pub(super) fn of_kind(kind: Kind) -> &'static str {
    find(Some(kind), kind.name(), "", "").words
}

fn find(kind: Option<Kind>, object: &str, field: &str, value: &str) -> Doc {
    let table = if object == "ObjectMeta" { &KUBERNETES } else { table(kind) };
    table.get(&(object, field, value)).copied().unwrap_or_default()
}

fn read(files: &[&'static str]) -> Table {
    let mut table = Table::new();
    let (mut object, mut field) = ("", "");
    for line in files.iter().flat_map(|file| file.lines()).filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let indent = line.len() - line.trim_start().len();
        let (name, rest) = line.trim_start().split_once(' ').unwrap_or((line.trim_start(), ""));
        let key = match indent {
            0 => {
                object = name;
                (object, "", "")
            }
            2 => {
                field = name;
                (object, field, "")
            }
            _ => (object, field, name),
        };
        let rest = rest.trim();
        // A default in brackets; a sentence may start with a bracket of its own only inside quotes.
        let (default, words) = rest.strip_prefix('[').and_then(|rest| rest.split_once("] ")).unwrap_or(("", rest));
        let former = table.insert(key, Doc { words, default });
        debug_assert_eq!(former, None, "{key:?} is explained twice");
    }
    table
}

#[cfg(test)]
mod tests;
