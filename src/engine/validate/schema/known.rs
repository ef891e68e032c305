//! The tables, read once.

use std::sync::LazyLock;

use super::{Schema, Shape, notation::parse};
use crate::engine::resource::Kind;

macro_rules! tables {
    ($folder:literal: $($file:literal)*) => {
        parse(&[$(include_str!(concat!("tables/", $folder, "/", $file, ".schema"))),*]).expect("the tables of this folder follow the notation")
    };
}

static ISTIO: LazyLock<Schema> = LazyLock::new(|| {
    tables!("istio": "shared" "virtual_service" "destination_rule" "gateway" "service_entry" "sidecar" "workload_entry" "workload_group" "envoy_filter"
        "proxy_config" "peer_authentication" "request_authentication" "authorization_policy" "telemetry" "wasm_plugin")
});

static GATEWAY_API: LazyLock<Schema> =
    LazyLock::new(|| tables!("gateway_api": "shared" "gateway" "gateway_class" "http_route" "grpc_route" "tls_route" "tcp_route" "reference_grant"));

static KUBERNETES: LazyLock<Schema> = LazyLock::new(|| {
    let tables = tables!("kubernetes": "object_meta" "selector" "namespace" "node" "service" "service_account" "secret" "config_map" "endpoints"
        "endpoint_slice" "pod" "container" "probe" "volume" "scheduling" "deployment" "stateful_set" "daemon_set" "ingress" "../operator/istio_operator");
    Schema { is_native: true, ..tables }
});

static MESH: LazyLock<Schema> = LazyLock::new(|| tables!("mesh": "proxy_config" "mesh_config"));

static CHARTS: LazyLock<Schema> = LazyLock::new(|| tables!("operator": "values"));

/// The settings of a proxy, which no CRD describes.
pub(in super::super) static PROXY_CONFIG: LazyLock<(&'static Schema, usize)> =
    LazyLock::new(|| (&MESH, MESH.find("ProxyConfig").expect("the table of this name defines it")));

/// The settings of a mesh.
pub(in super::super) static MESH_CONFIG: LazyLock<(&'static Schema, usize)> =
    LazyLock::new(|| (&MESH, MESH.find("MeshConfig").expect("the table of this name defines it")));

/// The file that `istioctl install` reads, which is of no kind that a cluster knows; its parts are Kubernetes' own.
pub(in super::super) static ISTIO_OPERATOR: LazyLock<(&'static Schema, usize)> =
    LazyLock::new(|| (&KUBERNETES, KUBERNETES.find("IstioOperator").expect("the table of this name defines it")));

/// What that file hands to the charts.
pub(in super::super) static VALUES: LazyLock<(&'static Schema, usize)> =
    LazyLock::new(|| (&CHARTS, CHARTS.find("Values").expect("the table of this name defines it")));

/// The type of `metadata`, which all kinds share.
pub(in super::super) static METADATA: LazyLock<(&'static Schema, usize)> =
    LazyLock::new(|| (&KUBERNETES, KUBERNETES.find("ObjectMeta").expect("the table of this name defines it")));

/// The schema of a kind.
pub(in super::super) fn schema_of(kind: Kind) -> Option<(&'static Schema, usize)> {
    static ALL: LazyLock<Vec<Option<(&'static Schema, usize)>>> = LazyLock::new(|| Kind::ALL.iter().map(|&kind| find(kind)).collect());
    *ALL.get(kind as usize)?
}

fn find(kind: Kind) -> Option<(&'static Schema, usize)> {
    let schema: &'static Schema = if kind.is_istio() {
        &ISTIO
    } else if kind.is_custom() {
        &GATEWAY_API
    } else {
        &KUBERNETES
    };
    Some((schema, schema.find(kind.name())?))
}

/// Whether the spec of a kind has a field of that name.
pub(in super::super) fn has_spec_field(kind: Kind, name: &str) -> bool {
    let object = |(schema, at): (&'static Schema, usize)| schema.object(at).map(|object| (schema, object));
    let Some((schema, whole)) = schema_of(kind).and_then(object) else { return false };
    let spec = whole.field("spec").and_then(|field| match field.value.shape {
        Shape::Object(at) => object((schema, at)),
        _ => None,
    });
    spec.is_some_and(|(_, spec)| spec.field(name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a cluster's own machinery brings is read, and judged by nobody here.
    const MACHINERY: &[Kind] = &[Kind::MutatingWebhookConfiguration, Kind::ValidatingWebhookConfiguration, Kind::CustomResourceDefinition];

    #[test]
    fn the_tables_are_read_from_end_to_end() {
        for schema in [&*ISTIO, &*GATEWAY_API, &*KUBERNETES, &*MESH, &*CHARTS] {
            for object in &schema.objects {
                assert!(object.check().is_ok_and(|object| !object.name.is_empty()), "{:?}", object.check());
                object.fields.iter().for_each(|field| assert!(field.value.check().is_ok(), "{}.{}: {:?}", object.name, field.name, field.value.check()));
            }
        }
    }

    #[test]
    fn every_kind_that_people_write_has_a_table() {
        for kind in Kind::ALL {
            assert_eq!(schema_of(*kind).is_none(), MACHINERY.contains(kind), "{kind:?}");
        }
    }
}
