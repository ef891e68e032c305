//! What istiod pushes to a proxy.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Problem, body::Body, switches::WorldSwitches};
use crate::{
    engine::mesh::{ConfigKind, ProxyConfigFilter},
    web::simulation::{ConfigQuestion, ProxyConfigReport, Setup, Simulator},
};

/// Configuration to apply to a world, and the pod whose proxy is looked at. The filters are those of `istioctl proxy-config`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProxyConfigQuestion {
    /// YAML or JSON, any number of documents. What is refused is not applied.
    #[serde(default)]
    text: String,
    /// The world it is applied to, `bookinfo` where it is absent.
    world: Option<String>,
    /// What is switched in the world.
    #[serde(default)]
    switches: WorldSwitches,
    /// The pod, as `name.namespace`, or `name` in `default`.
    pod: String,
    /// `listener`, `route`, `cluster`, `endpoint`; all of them where it is absent.
    kind: Option<String>,
    /// Clusters whose name holds it.
    #[serde(default)]
    fqdn: String,
    /// Listeners, clusters and endpoints of the port.
    port: Option<u32>,
    /// Clusters of the direction: `inbound` or `outbound`.
    #[serde(default)]
    direction: String,
    /// Clusters whose name holds it.
    #[serde(default)]
    subset: String,
    /// Listeners and endpoints at the address.
    #[serde(default)]
    address: String,
    /// Listeners of the type: `HTTP`, `TCP` or `HTTP+TCP`.
    #[serde(default)]
    r#type: String,
    /// The route configuration of the name.
    #[serde(default)]
    name: String,
    /// Endpoints of the cluster of the name.
    #[serde(default)]
    cluster: String,
    /// Endpoints of the status, for example `healthy`.
    #[serde(default)]
    status: String,
}

/// Says what istiod pushes to the proxy of a pod: the tables of `istioctl proxy-config`, each row with the places in the text that it
/// comes from, and Envoy's own JSON.
#[utoipa::path(
    post,
    path = "/api/v1/proxy-config",
    tag = "playground",
    operation_id = "proxy_config",
    responses(
        (status = 200, description = "What the proxy is told", body = ProxyConfigReport),
        (status = "4XX", description = "No such pod, or none with a proxy", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Not now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create(State(simulator): State<Arc<Simulator>>, Body(question): Body<ProxyConfigQuestion>) -> Result<Json<ProxyConfigReport>, Problem> {
    let ProxyConfigQuestion { text, world, switches, pod, kind, fqdn, port, direction, subset, address, r#type, name, cluster, status } = question;
    let kinds: Vec<ConfigKind> = match &kind {
        None => ConfigKind::ALL.into(),
        Some(word) => ConfigKind::ALL.into_iter().filter(|kind| kind.word() == word).collect(),
    };
    if kinds.is_empty() {
        let given = kind.unwrap_or_default();
        return Err(Problem::of_field("kind", format!("there is no kind {given:?}; there are listener, route, cluster and endpoint")));
    }
    let filter = ProxyConfigFilter { fqdn, port, direction, subset, address, r#type, name, cluster, status };
    let world = world.unwrap_or_default();
    let setup = Setup { world: world.clone(), switches: switches.read()?, text };
    let report = simulator.proxy_config(setup, ConfigQuestion { pod, kinds, filter }).await?;
    let report = report.ok_or_else(|| Problem::unknown_world(&world, simulator.worlds()))??;
    Ok(Json(report.map_err(|error| Problem::of_field("pod", error.to_string()))?))
}
