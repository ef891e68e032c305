//! How requests are shared among priorities, localities and endpoints, as `load_balancer_impl.cc` of Envoy does it.

use serde_json::{Value, json};

use super::{everything, proxy_with, run};

/// Endpoints of one group: the status that each answers with, and whether it is healthy.
fn group(priority: u32, weight: u32, endpoints: &[(u16, bool)]) -> Value {
    let endpoint = |&(status, is_healthy): &(u16, bool)| {
        let address = json!({"socketAddress": {"address": format!("10.0.0.{}", status - 200), "portValue": 80}});
        json!({"endpoint": {"address": address}, "healthStatus": if is_healthy { "HEALTHY" } else { "UNHEALTHY" }, "loadBalancingWeight": 1})
    };
    let endpoints: Vec<Value> = endpoints.iter().map(endpoint).collect();
    json!({"priority": priority, "loadBalancingWeight": weight, "lbEndpoints": endpoints})
}

/// What share of the requests gets which status, in thousandths; `settings` are the cluster's.
fn shares(groups: &[Value], settings: &Value) -> Vec<(u16, f64)> {
    let mut cluster = json!({"name": "a", "type": "STATIC", "loadAssignment": {"clusterName": "a", "endpoints": groups}});
    cluster.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    let answers: serde_json::Map<String, Value> = (201..=209).map(|status| (format!("10.0.0.{}", status - 200), json!({"status": [status]}))).collect();
    let outcome = run(&proxy_with(&everything(&json!({"route": {"cluster": "a"}})), &json!([cluster])), &json!({"upstream": {"by_endpoint": answers}}));
    let of_endpoints: f64 = outcome.clusters[0].endpoint_shares.iter().sum();
    assert!(outcome.clusters[0].endpoint_shares.is_empty() || (of_endpoints - 1.0).abs() < 1e-9, "{outcome:#?}");
    outcome.response.statuses.into_iter().map(|(status, share)| (status, (share * 1000.0).round() / 1000.0)).collect()
}

#[test]
fn the_load_of_a_priority_is_counted_in_whole_per_cent() {
    // A third healthy: 140 / 3 is 46.
    let groups = [group(0, 1, &[(201, true), (202, false), (203, false)]), group(1, 1, &[(204, true)])];
    assert_eq!(shares(&groups, &json!({})), [(201, 0.46), (204, 0.54)]);
}

#[test]
fn where_all_priorities_panic_they_share_by_how_many_endpoints_they_have() {
    let groups = [group(0, 1, &[(201, false), (202, false), (203, false)]), group(1, 1, &[(204, false)])];
    assert_eq!(shares(&groups, &json!({})), [(201, 0.25), (202, 0.25), (203, 0.25), (204, 0.25)]);
    assert_eq!(shares(&groups, &json!({"commonLbConfig": {"healthyPanicThreshold": {"value": 0.0}}})), [(503, 1.0)], "nobody panics");
    // A quarter of each is healthy: 35 + 35 is not enough, and both are below the threshold.
    let quarter = |priority, first: u16| group(priority, 1, &[(first, true), (first + 1, false), (first + 2, false), (first + 3, false)]);
    let both = shares(&[quarter(0, 201), quarter(1, 205)], &json!({}));
    assert_eq!(both, (201..=208).map(|status| (status, 0.125)).collect::<Vec<_>>());
}

#[test]
fn a_locality_that_has_lost_too_many_endpoints_weighs_less() {
    let weighted = json!({"commonLbConfig": {"localityWeightedLbConfig": {}}});
    let groups = [group(0, 75, &[(201, true), (202, false)]), group(0, 25, &[(203, true), (204, true)])];
    // Half of the first is healthy, which counts as 70 %: 52.5 to 25.
    assert_eq!(shares(&groups, &weighted), [(201, 0.677), (203, 0.161), (204, 0.161)]);
    let groups = [group(0, 75, &[(201, true), (202, true), (203, true), (204, false)]), group(0, 25, &[(205, true)])];
    assert_eq!(shares(&groups, &weighted), [(201, 0.25), (202, 0.25), (203, 0.25), (205, 0.25)], "three of four count as whole");
}

#[test]
fn who_panics_does_not_look_at_localities() {
    let settings = json!({"commonLbConfig": {"localityWeightedLbConfig": {}, "healthyPanicThreshold": {"value": 90.0}}});
    let groups = [group(0, 90, &[(201, true), (202, false), (203, false)]), group(0, 10, &[(204, true)])];
    assert_eq!(shares(&groups, &settings), [(201, 0.25), (202, 0.25), (203, 0.25), (204, 0.25)]);
}

#[test]
fn the_random_balancer_does_not_look_at_weights() {
    let mut groups = group(0, 1, &[(201, true), (202, true)]);
    groups["lbEndpoints"][0]["loadBalancingWeight"] = 3.into();
    assert_eq!(shares(&[groups.clone()], &json!({"lbPolicy": "ROUND_ROBIN"})), [(201, 0.75), (202, 0.25)]);
    assert_eq!(shares(&[groups], &json!({"lbPolicy": "RANDOM"})), [(201, 0.5), (202, 0.5)]);
}

#[test]
fn retries_pass_over_the_priorities_that_were_tried() {
    let plugin = json!({"name": "envoy.retry_priorities.previous_priorities", "typedConfig": {
        "@type": "type.googleapis.com/envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig", "updateFrequency": 2}});
    let ends = |retries: u32, with: bool| {
        let mut policy = json!({"retryOn": "5xx", "numRetries": retries});
        if with {
            policy["retryPriority"] = plugin.clone();
        }
        let groups = [group(0, 1, &[(201, true), (202, true)]), group(1, 1, &[(203, true)])];
        let cluster = json!({"name": "a", "type": "STATIC", "loadAssignment": {"clusterName": "a", "endpoints": groups}});
        let config = proxy_with(&everything(&json!({"route": {"cluster": "a", "timeout": "0s", "retryPolicy": policy}})), &json!([cluster]));
        let answers = json!({"10.0.0.1": {"status": [503]}, "10.0.0.2": {"status": [503]}, "10.0.0.3": {"status": [200]}});
        run(&config, &json!({"upstream": {"by_endpoint": answers}})).response.status.unwrap()
    };
    assert_eq!([ends(1, true), ends(2, true), ends(2, false), ends(5, false)], [503, 200, 503, 503], "after two attempts, the third goes elsewhere");
}
