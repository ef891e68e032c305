//! Verdicts on documents as such: kinds, names, lists, broken text.

use super::{check, verdicts};
use meshwright::engine::diagnostic::Stage;

#[test]
fn kinds_and_versions_are_those_of_a_1_26_mesh() {
    check(
        "apiVersion: networking.istio.io/v1beta2 # error: use networking.istio.io/v1 or\nkind: DestinationRule\nmetadata: {name: a}\n---\n\
         apiVersion: networking.istio.io/v1\nkind: VirtualServices # error: did you mean VirtualService?\nmetadata: {name: a}\n---\n\
         apiVersion: security.istio.io/v1\nkind: DestinationRule # error: it belongs to networking.istio.io/v1\nmetadata: {name: a}\n---\n\
         apiVersion: authentication.istio.io/v1alpha1 # error: has no API\nkind: Policy\nmetadata: {name: a}\n---\n\
         apiVersion: install.istio.io/v1alpha1 # error: istioctl install\nkind: IstioOperator\nmetadata: {name: a}\n---\n\
         apiVersion: gateway.networking.k8s.io/v1alpha2 # error: use gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: a}\n",
    );
}

#[test]
fn kinds_outside_the_mesh_are_accepted_with_a_note() {
    let verdicts = verdicts("apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: nightly}\nspec: {schedule: 0}\n");
    assert!(verdicts[0].is_accepted());
    assert!(verdicts[0].diagnostics[0].message.contains("outside the mesh"));
}

#[test]
fn what_names_an_object_is_needed() {
    check("kind: VirtualService # error: apiVersion must be set & needs a name\nspec: {hosts: [a]}\n");
    check(
        "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata:\n  name: Upper_Case # error: is not an object's name\n  labels: {a: 1} # error: in quotes\nspec: {servers: [{hosts: ['*'], port: {number: 80, name: http, protocol: HTTP}}]}\n",
    );
    check(
        "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: # error: generateName works with kubectl create only\n  generateName: x\nspec: {servers: [{hosts: ['*'], port: {number: 80, name: http, protocol: HTTP}}]}\n",
    );
    check(
        "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata:\n  name: x\n  namspace: y # error: did you mean namespace?\nspec: {servers: [{hosts: ['*'], port: {number: 80, name: http, protocol: HTTP}}]}\n",
    );
    check("just text # error: is a mapping with apiVersion\n");
}

#[test]
fn a_piece_of_a_spec_is_told_where_it_belongs() {
    for (piece, kind) in [
        ("http:\n- route:\n  - destination: {host: reviews}\n", "VirtualService"),
        ("trafficPolicy:\n  connectionPool: {tcp: {maxConnections: 1}}\n", "DestinationRule"),
        ("host: reviews\nsubsets: []\n", "DestinationRule"),
        ("servers: []\nselector: {istio: ingressgateway}\n", "Gateway"),
        ("hosts: [a.example]\nresolution: DNS\n", "ServiceEntry"),
    ] {
        let all = verdicts(piece);
        let messages: Vec<&str> = all[0].diagnostics.iter().map(|d| d.message.as_str()).collect();
        assert!(!all[0].is_accepted(), "{piece}");
        assert!(matches!(messages[..], [one] if one.contains(&format!("a part of a {kind}'s spec: put it under spec: of"))), "{piece}{messages:?}");
    }
    let shared = verdicts("hosts: [a.example]\n");
    assert!(shared[0].diagnostics[0].message.contains("VirtualService's spec (or of a ServiceEntry)"), "{:?}", shared[0].diagnostics);
    check("http: [] # error: apiVersion must be set & kind must be set & needs a name\nservices: {}\n");
}

#[test]
fn a_field_outside_spec_is_unknown() {
    check("apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: x}\nhost: a # error: under spec\nspec:\n  host: a\n");
    check("apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: x}\nspecs: {} # error: did you mean spec?\nspec: {host: a}\n");
}

#[test]
fn every_object_of_a_list_has_its_verdict() {
    let all = verdicts(
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: networking.istio.io/v1\n  kind: DestinationRule\n  metadata: {name: a}\n  spec: {host: a}\n- apiVersion: networking.istio.io/v1\n  kind: DestinationRule\n  metadata: {name: b}\n  spec: {hosts: b}\n",
    );
    assert_eq!(all.iter().map(|v| (v.name.as_str(), v.position().line, v.is_accepted())).collect::<Vec<_>>(), [("a", 4, true), ("b", 8, false)]);
    assert_eq!(all[1].diagnostics[0].path, "spec.hosts");
}

#[test]
fn a_broken_document_has_a_verdict_with_its_name_and_hides_no_other() {
    let all = verdicts(
        "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata:\n  name: broken\n  namespace: shop\nspec:\n  selector: {app: *}\n  severs: []\n---\n\
         apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: fine}\nspec: {host: a}\n",
    );
    assert_eq!(all.len(), 2);
    assert_eq!((all[0].kind.as_str(), all[0].namespace.as_str(), all[0].name.as_str(), all[0].position().line), ("Gateway", "shop", "broken", 1));
    let stages: Vec<(Stage, usize)> = all[0].diagnostics.iter().map(|d| (d.stage, d.position().line)).collect();
    assert_eq!(stages, [(Stage::Yaml, 7), (Stage::Schema, 8)], "a fault of the schema behind the broken line is told too");
    assert!(all[1].is_accepted());
}

#[test]
fn duplicate_keys_name_both_places() {
    check("apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: x}\nspec:\n  host: a\n  host: b # error: first on line 5\n");
}

#[test]
fn a_fault_that_follows_from_another_is_not_told() {
    // Without the slip the webhook would miss the host.
    check(
        "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: x}\nspec: # error: host must be set\n  hots: a # error: did you mean host?\n",
    );
}

#[test]
fn nulls_in_metadata_and_kinds_beside_the_mesh_are_no_faults() {
    check(
        "apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: {name: x, namespace: null, labels: {a: null}, annotations: null}\nspec: {address: 10.0.0.1}\n",
    );
    check("apiVersion: gateway.networking.k8s.io/v1alpha3\nkind: BackendTLSPolicy\nmetadata: {name: x}\nspec: {anything: goes}\n");
}

#[test]
fn times_and_bytes_have_their_forms() {
    check("apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: {name: x, creationTimestamp: 2026-01-31T12:00:00Z}\nspec: {address: 10.0.0.1}\n");
    check(
        "apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: {name: x, creationTimestamp: 10s} # error: a time such as\nspec: {address: 10.0.0.1}\n",
    );
    for (bytes, mark) in [("aGk=", ""), ("aGk", " # error: base64")] {
        check(&format!(
            "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{name: x}}\nspec:\n  hosts: [a]\n  http:\n  - directResponse:\n      status: 200\n      body: {{bytes: {bytes}}}{mark}\n"
        ));
    }
}
