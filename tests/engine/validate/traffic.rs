//! DestinationRule.

use super::check_spec;

fn check(spec: &str) {
    check_spec("networking.istio.io/v1beta1", "DestinationRule", spec);
}

/// A traffic policy of these fields.
fn check_policy(fields: &str) {
    check(&format!("  host: a\n  trafficPolicy:\n{fields}"));
}

#[test]
fn sound_configurations_pass() {
    check("  host: '*.shop.svc.cluster.local'\n  subsets: [{name: v1, labels: {version: v1}}, {name: all}]\n  exportTo: ['.']\n");
    check_policy(
        "    tls: {mode: ISTIO_MUTUAL}\n    connectionPool: {tcp: {idleTimeout: 0s, maxConnections: 0}, http: {http2MaxRequests: 100.0}}\n    loadBalancer: {consistentHash: {httpCookie: {name: a, ttl: 0s}, maglev: {tableSize: 131}}}\n",
    );
}

#[test]
fn hosts_and_subsets_are_checked() {
    check(
        "  host: 'a:80' # error: a port has its own field\n  subsets:\n  - name: v1\n  - name: v1 # error: is defined already\n  - name: v_2 # error: is not a subset's name\n    labels: {'a b': 1x!} # error: is not a label's name & is not a label's value\n",
    );
    check("  host: a\n  subsets:\n  - labels: {a: b} # error: name must be set\n");
}

#[test]
fn policies_must_say_something() {
    check("  host: a\n  trafficPolicy: {} # error: says nothing\n");
    check_policy(
        "    connectionPool: {} # error: says nothing\n    portLevelSettings:\n    - port: {number: 80} # error: must say something\n    - loadBalancer: {simple: RANDOM} # error: need the port\n",
    );
    check("  host: a\n  loadBalancer: {simple: RANDOM} # error: under trafficPolicy\n");
}

#[test]
fn load_balancers_are_checked() {
    check_policy("    loadBalancer: {simple: ROUND_ROBBIN} # error: did you mean ROUND_ROBIN?\n");
    check_policy("    loadBalancer: {simple: RANDOM, consistentHash: {useSourceIp: true}} # error: only one of simple, consistentHash\n");
    check_policy("    loadBalancer: {consistentHash: {useSourceIp: true, maglev: {tableSize: 4}}} # error: is not a prime\n");
    check_policy("    loadBalancer: {consistentHash: {httpHeaderName: a, minimumRingSize: 5}} # warning: set it under ringHash\n");
    check_policy(
        "    loadBalancer:\n      localityLbSetting:\n        distribute:\n        - from: a/*\n          to: {a/b: 50} # error: add up to 50\n        - from: a/b # error: overlaps\n          to: {c: 100}\n",
    );
    check_policy(
        "    loadBalancer:\n      localityLbSetting:\n        failover: # warning: without outlierDetection\n        - {from: a, to: a} # error: to itself\n",
    );
}

#[test]
fn outlier_detection_and_tls_are_checked() {
    check_policy(
        "    outlierDetection:\n      consecutiveErrors: 5 # warning: is deprecated\n      maxEjectionPercent: 150 # error: is not a percentage\n      consecutiveLocalOriginFailures: 3 # error: splitExternalLocalOriginErrors\n      baseEjectionTime: 1500us # error: finer than a millisecond\n",
    );
    check_policy("    outlierDetection: {interval: 500us} # error: 1ms or more\n");
    check_policy("    tls: {mode: MUTUAL} # error: needs clientCertificate & needs privateKey\n");
    check_policy("    tls: {mode: SIMPLE, credentialName: a, caCertificates: b} # error: takes everything from a Secret\n");
    check_policy("    tls: {mode: SIMPLE, insecureSkipVerify: true, subjectAltNames: [a]} # error: leaves the server unverified\n");
    check_policy("    tls: {mode: SIMPLE, credentialName: 'configmap://other/ca'} # error: own namespace shop\n");
    check_policy("    tunnel: {targetHost: 'a b', targetPort: 443, protocol: GET} # error: is not a host name & by CONNECT or POST\n");
}

#[test]
fn warnings_of_subsets_are_lost_as_in_istiod() {
    check("  host: a\n  subsets: [{name: v1, trafficPolicy: {outlierDetection: {consecutiveErrors: 5}}}]\n");
}

#[test]
fn a_rule_for_some_workloads_stays_at_home() {
    check("  host: a\n  workloadSelector: {matchLabels: {app: a}}\n  exportTo: [b] # error: works in its own namespace only\n");
    check("  host: a\n  workloadSelector: {matchLabels: {app: a}}\n  exportTo: [shop]\n");
    check("  host: a\n  workloadSelector: {labels: {app: a}} # error: this takes matchLabels\n");
}
