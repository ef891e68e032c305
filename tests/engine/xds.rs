//! The xDS types against protobuf's JSON as istiod writes it: what is read must be written again, nothing lost and nothing added.

use std::path::Path;

use meshwright::engine::xds::ProxyConfig;
use serde_json::{Value, json};

use super::corpus;

/// The config as we write it after reading it.
fn rewritten(config: &Value) -> Value {
    let typed: ProxyConfig = serde_json::from_value(config.clone()).expect("xDS that istiod wrote is read");
    serde_json::to_value(&typed).unwrap()
}

/// The four kinds of resource in `source`, a snapshot or a list of changes.
fn resources(source: &Value) -> Value {
    let of = |kind: &str| source.get(kind).cloned().unwrap_or_else(|| json!([]));
    json!({"listeners": of("listeners"), "routes": of("routes"), "clusters": of("clusters"), "endpoints": of("endpoints")})
}

fn read_json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn explicit_zeroes_and_empty_messages_survive() {
    let config = json!({
        "listeners": [{"name": "l", "bindToPort": false, "filterChains": [{"filterChainMatch": {"prefixRanges": [{"addressPrefix": "0.0.0.0", "prefixLen": 0}]}}],
            "defaultFilterChain": {"filterChainMatch": {}, "name": "PassthroughFilterChain"}}],
        "routes": [{"name": "80", "validateClusters": false, "virtualHosts": [{"name": "v", "domains": ["*"], "requestHeadersToRemove": ["x"],
            "routes": [{"match": {"prefix": "", "caseSensitive": false}, "redirect": {"pathRedirect": ""}}]}]}],
        "clusters": [{"name": "c", "commonLbConfig": {"healthyPanicThreshold": {"value": 60}}, "outlierDetection": {"consecutive5xx": 0}},
            {"name": "d", "commonLbConfig": {"healthyPanicThreshold": {"value": 12.5}}, "upstreamBindConfig": {"sourceAddress": {"address": "127.0.0.6", "portValue": 0}}}],
        "endpoints": [{"clusterName": "c", "endpoints": [{"locality": {}}]}],
    });
    assert_eq!(rewritten(&config).to_string(), config.to_string());
}

#[test]
fn every_config_of_the_corpus_survives() {
    let Some(folder) = corpus::folder() else {
        println!("no conformance corpus: set MESHWRIGHT_CONFORMANCE to its folder");
        return;
    };
    let mut seen = 0;
    for snapshot in std::fs::read_dir(folder.join("world/bookinfo.xds")).unwrap() {
        let path = snapshot.unwrap().path();
        let config = resources(&read_json(&path));
        assert!(rewritten(&config) == config, "{}", path.display());
        seen += 1;
    }
    for area in std::fs::read_dir(folder.join("cases")).unwrap() {
        for case in std::fs::read_dir(area.unwrap().path()).unwrap() {
            let path = case.unwrap().path().join("truth.json");
            for (proxy, pushed) in read_json(&path)["xds"].as_object().into_iter().flatten() {
                let config = resources(&pushed["changed"]);
                assert!(rewritten(&config) == config, "{} {proxy}", path.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 0, "the corpus at {} holds no xDS", folder.display());
}
