//! What comes to a waypoint through a tunnel ends on a real Envoy as computed.

use meshwright::{
    engine::{
        envoy::{Call, Mode, Peer, Protocol, Tls},
        istiod::Proxy,
        manifest,
        mesh::Scene,
        source::SourceFile,
    },
    replay::Comparison,
};
use serde_json::Value;

use super::{agree, find_envoy, outbound};
use crate::program::command;

const TELLER: &str = "cluster.local/ns/bank/sa/teller";
const SHOPPER: &str = "cluster.local/ns/shop/sa/web";
const LEDGER: &str = "10.0.1.1";

/// A call of somebody's through a tunnel to an address.
fn tunnelled(principal: &str, address: &str, port: u32, method: &str, path: &str) -> Call {
    let peer = Some(Peer { principal: principal.into(), ..Peer::default() });
    let name = format!("{principal} {method} {address}:{port}{path}");
    Call { name, mode: Mode::Tunnel, peer, method: method.into(), source_ip: Some("10.1.1.3".into()), ..outbound(address, port, "ledger.bank", path, &[]) }
}

#[track_caller]
fn through_the_gate(calls: &[Call]) -> Vec<Comparison> {
    let scene = Scene::new(&manifest::read(&SourceFile::new("tunnels.yaml", include_str!("../fixtures/ambient/tunnels.yaml"))), "input", "");
    let gate = Proxy::of_workload(scene.cluster.workloads.pod("bank", "gate").expect("the waypoint is deployed"));
    agree(&scene, &gate, calls)
}

#[test]
fn requests_take_their_routes() {
    let with_header = |mut call: Call| {
        call.headers.insert("x-version".into(), "v2".into());
        call
    };
    let answers = through_the_gate(&[
        tunnelled(TELLER, LEDGER, 80, "GET", "/"),
        tunnelled(TELLER, LEDGER, 80, "GET", "/old/1"),
        with_header(tunnelled(TELLER, LEDGER, 80, "PUT", "/any")),
        tunnelled(TELLER, LEDGER, 80, "GET", "/split"),
        Call { protocol: Protocol::Http2, ..tunnelled(TELLER, LEDGER, 80, "POST", "/") },
    ]);
    let real = answers[2].real.as_ref().unwrap();
    assert_eq!((real.endpoints.as_slice(), real.upstream.as_ref().unwrap().path.as_str()), (["10.1.1.2:8080".to_owned()].as_slice(), "/second/any"));
    assert_eq!(answers[3].real.as_ref().unwrap().clusters.len(), 2);
}

#[test]
fn policies_know_who_opened_the_tunnel() {
    let answers = through_the_gate(&[
        tunnelled(TELLER, LEDGER, 80, "DELETE", "/"),
        tunnelled(SHOPPER, LEDGER, 80, "DELETE", "/"),
        tunnelled(SHOPPER, LEDGER, 80, "GET", "/"),
        tunnelled("cluster.local/ns/other/sa/x", LEDGER, 80, "GET", "/"),
    ]);
    let statuses: Vec<u16> = answers.iter().map(|answer| *answer.real.as_ref().unwrap().statuses.keys().next().unwrap()).collect();
    assert_eq!(statuses, [200, 403, 200, 403]);
}

#[test]
fn bytes_and_what_is_spoken_find_their_chains() {
    let bytes = |address: &str, port: u32| Call { protocol: Protocol::Tcp, ..tunnelled(TELLER, address, port, "", "") };
    through_the_gate(&[
        bytes(LEDGER, 7000),
        bytes(LEDGER, 9000),
        tunnelled(TELLER, LEDGER, 9000, "GET", "/"),
        tunnelled(TELLER, LEDGER, 7000, "GET", "/"),
        // To a pod itself, behind the waypoint as well.
        bytes("10.1.1.1", 8080),
        tunnelled(TELLER, "10.1.1.1", 8080, "GET", "/"),
    ]);
}

#[test]
fn tunnels_that_lead_nowhere_or_that_nobody_trusts_are_closed() {
    let stranger = Peer { principal: TELLER.into(), trusted: Some(false), ..Peer::default() };
    let answers = through_the_gate(&[
        tunnelled(TELLER, "10.9.9.9", 80, "GET", "/"),
        Call { peer: Some(stranger), ..tunnelled(TELLER, LEDGER, 80, "GET", "/") },
        tunnelled("other.domain/ns/bank/sa/teller", LEDGER, 80, "GET", "/"),
        Call { tls: Tls::Tls, sni: "ledger.bank".into(), ..tunnelled(TELLER, LEDGER, 80, "GET", "/") },
    ]);
    assert!(answers.iter().all(|answer| answer.real.as_ref().unwrap().error.is_some()), "{answers:#?}");
}

/// The whole path of a request in ambient mode, with its waypoint on a real Envoy.
#[test]
fn the_waypoint_of_a_path_is_replayed() {
    let arguments = ["replay", "-f", "tests/fixtures/ambient/shop.yaml", "--from", "web-1.shop", "http://cart.shop/", "-o", "json"];
    let output = command().current_dir(env!("CARGO_MANIFEST_DIR")).env("MESHWRIGHT_ENVOY", find_envoy()).args(arguments).output().unwrap();
    let hops: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let agrees: Vec<(&str, &Value)> = hops.iter().map(|hop| (hop["name"].as_str().unwrap(), &hop["agrees"])).collect();
    assert_eq!(
        agrees,
        [("1 client ztunnel web-1.shop", &Value::Null), ("2 waypoint waypoint.shop", &Value::Bool(true)), ("3 server ztunnel cart-1.shop", &Value::Null)],
        "{hops:#?}"
    );
}
