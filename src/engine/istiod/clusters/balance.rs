//! Load balancing.

use serde_json::{Value, json};

use crate::engine::{
    duration::Duration,
    resource::{ConsistentHash, LoadBalancerSettings, Warmup},
    xds::{Cluster, Word},
};

/// Puts a rule's balancing into a cluster; without one, requests go where the fewest are open.
pub(super) fn apply_load_balancer(settings: Option<&LoadBalancerSettings>, cluster: &mut Cluster) {
    if cluster.r#type == "ORIGINAL_DST" {
        cluster.lb_policy = "CLUSTER_PROVIDED".into();
        return;
    }
    let slow_start = settings.and_then(slow_start);
    match settings.and_then(|settings| settings.simple.as_deref()).unwrap_or_default() {
        "RANDOM" => cluster.lb_policy = "RANDOM".into(),
        "ROUND_ROBIN" => {
            // Envoy's default, which it does not write out.
            cluster.lb_policy = Word::default();
            cluster.round_robin_lb_config = slow_start;
        }
        "PASSTHROUGH" => {
            cluster.lb_policy = "CLUSTER_PROVIDED".into();
            cluster.r#type = "ORIGINAL_DST".into();
            cluster.load_assignment = None;
        }
        _ => {
            cluster.lb_policy = "LEAST_REQUEST".into();
            cluster.least_request_lb_config = slow_start;
        }
    }
    if let Some(hash) = settings.and_then(|settings| settings.consistent_hash.as_ref()) {
        apply_hash(hash, cluster);
    }
}

fn apply_hash(hash: &ConsistentHash, cluster: &mut Cluster) {
    cluster.least_request_lb_config = None;
    let ring = |size: u64| Some(json!({"minimumRingSize": size.to_string()}));
    if let Some(maglev) = &hash.maglev {
        cluster.lb_policy = "MAGLEV".into();
        if maglev.table_size != 0 {
            cluster.maglev_lb_config = Some(json!({"tableSize": maglev.table_size.to_string()}));
        }
        return;
    }
    cluster.lb_policy = "RING_HASH".into();
    match &hash.ring_hash {
        Some(settings) if settings.minimum_ring_size == 0 => {}
        Some(settings) => cluster.ring_hash_lb_config = ring(settings.minimum_ring_size),
        None => cluster.ring_hash_lb_config = ring(if hash.minimum_ring_size == 0 { 1024 } else { hash.minimum_ring_size }),
    }
}

/// How a new endpoint comes up to its full share.
fn slow_start(settings: &LoadBalancerSettings) -> Option<Value> {
    let window = |window: Option<Duration>| window.map(|window| json!(window)).unwrap_or_default();
    let config = match (&settings.warmup, settings.warmup_duration_secs) {
        (Some(Warmup { duration, minimum_percent, aggression }), _) => json!({
            "slowStartWindow": window(*duration),
            "aggression": {"defaultValue": number(aggression.unwrap_or(1.0)), "runtimeKey": "("},
            "minWeightPercent": {"value": number(minimum_percent.unwrap_or(10.0))},
        }),
        (None, Some(seconds)) => json!({"slowStartWindow": seconds}),
        (None, None) => return None,
    };
    Some(json!({"slowStartConfig": config}))
}

/// A number as protobuf's JSON writes it: whole ones without a point.
#[allow(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 1e9 { (value as i64).into() } else { value.into() }
}
