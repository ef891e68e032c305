//! The tables, read once.

use std::sync::LazyLock;

use super::{Schema, notation::parse};
use crate::engine::resource::Kind;

macro_rules! tables {
    ($folder:literal: $($file:literal)*) => {
        LazyLock::new(|| {
            parse(&[$(include_str!(concat!("tables/", $folder, "/", $file, ".schema"))),*]).expect("the tables of this folder follow the notation")
        })
    };
}

static ISTIO: LazyLock<Schema> = tables!("istio": "shared" "virtual_service" "destination_rule" "gateway" "service_entry" "sidecar" "workload_entry"
    "workload_group" "envoy_filter" "proxy_config" "peer_authentication" "request_authentication" "authorization_policy" "telemetry" "wasm_plugin");

static GATEWAY_API: LazyLock<Schema> =
    tables!("gateway_api": "shared" "gateway" "gateway_class" "http_route" "grpc_route" "tls_route" "tcp_route" "reference_grant");

static KUBERNETES: LazyLock<Schema> = tables!("kubernetes": "object_meta");

/// The type of `metadata`, which all kinds share.
pub(in super::super) static METADATA: LazyLock<(&'static Schema, usize)> =
    LazyLock::new(|| (&KUBERNETES, KUBERNETES.find("ObjectMeta").expect("the table of this name defines it")));

/// The schema of a kind that a CRD defines.
pub(in super::super) fn schema_of(kind: Kind) -> Option<(&'static Schema, usize)> {
    let schema: &'static Schema = if kind.is_istio() {
        &ISTIO
    } else if kind.is_custom() {
        &GATEWAY_API
    } else {
        return None;
    };
    Some((schema, schema.find(kind.name())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_custom_kind_has_a_table() {
        for kind in Kind::ALL.iter().filter(|kind| kind.is_custom()) {
            assert!(schema_of(*kind).is_some(), "{kind:?}");
        }
        assert_eq!(METADATA.0.objects.len(), 1);
    }
}
