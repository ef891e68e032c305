//! `meshwright proxy-config` prints what istioctl does, and says what it cannot print.

use serde_json::Value;
use tempfile::TempDir;

use super::{code, err, folder, out, path};
use crate::program::run;

fn world() -> TempDir {
    folder(&[("world.yaml", include_str!("../../content/worlds/bookinfo.yaml"))])
}

fn ask(arguments: &[&str]) -> std::process::Output {
    let world = world();
    run(&[&["proxy-config"], arguments, &["-f", path(&world)]].concat())
}

/// `Init(c.Stdout, 0, 8, 5, ' ', 0)` of `configdump/cluster.go`: five blanks behind the widest entry of a column.
#[test]
fn a_table_is_set_as_istioctls() {
    let said = out(&ask(&["cluster", "productpage-v1-a", "--fqdn", "reviews"]));
    assert_eq!(
        said,
        "SERVICE FQDN                          PORT     SUBSET     DIRECTION     TYPE     DESTINATION RULE\n\
         reviews.default.svc.cluster.local     9080     -          outbound      EDS\n"
    );
    // One blank in those of listeners (`configdump/listener.go`).
    let said = out(&ask(&["listener", "productpage-v1-a", "--port", "9080"]));
    assert_eq!(
        said,
        "ADDRESSES PORT MATCH                                DESTINATION\n\
         0.0.0.0   9080 Trans: raw_buffer; App: http/1.1,h2c Route: 9080\n\
         0.0.0.0   9080 ALL                                  PassthroughCluster\n"
    );
}

#[test]
fn kinds_and_the_command_have_istioctls_short_names() {
    let world = world();
    for (short, long) in [("l", "listener"), ("r", "route"), ("c", "cluster"), ("ep", "endpoint"), ("a", "all"), ("clusters", "cluster")] {
        let [short, long] = [["pc", short], ["proxy-config", long]].map(|[command, kind]| out(&run(&[command, kind, "pod/sleep-a.foo", "-f", path(&world)])));
        assert!(!long.is_empty());
        assert_eq!(short, long);
    }
    let of = |arguments: &[&str]| out(&run(&[&["pc", "c"], arguments, &["-f", path(&world)]].concat()));
    assert_eq!(of(&["sleep-a", "-n", "foo"]), of(&["sleep-a.foo"]));
}

#[test]
fn json_is_a_list_of_what_was_asked_for_and_an_object_for_all() {
    let json = |arguments: &[&str]| -> Value { serde_json::from_slice(&ask(arguments).stdout).unwrap() };
    let clusters = json(&["cluster", "productpage-v1-a", "--fqdn", "reviews", "-o", "json"]);
    assert_eq!(clusters[0]["name"], "outbound|9080||reviews.default.svc.cluster.local");
    assert!(clusters[0]["edsClusterConfig"].is_object() && clusters.as_array().unwrap().len() == 1, "{clusters}");
    let all = json(&["all", "productpage-v1-a", "-o", "json"]);
    let parts: Vec<&String> = all.as_object().unwrap().keys().collect();
    assert_eq!(parts, ["clusters", "endpoints", "listeners", "routes"]);
}

#[test]
fn a_pod_that_cannot_be_shown_is_told_with_what_may_be_meant() {
    let said = |pod: &str| {
        let output = ask(&["route", pod]);
        assert_eq!((code(&output), out(&output).as_str()), (2, ""), "{pod}");
        err(&output)
    };
    assert!(said("productpage-v1-b").contains("did you mean \"productpage-v1-a.default\"?"), "{}", said("productpage-v1-b"));
    assert!(said("productpage").contains("did you mean \"productpage-v1-a.default\"?"), "the app's name is not the pod's");
    assert!(said("productpage-v1-a.foo").contains("in the namespace \"foo\"; did you mean \"productpage-v1-a.default\"?"));
    assert!(said("nothing-like-it").contains("pods with a proxy are "));
    assert!(said("sleep-a.legacy").contains("no istio-proxy container"), "{}", said("sleep-a.legacy"));
}

#[test]
fn a_listener_that_envoy_refuses_is_printed_and_said() {
    let files = folder(&[
        ("world.yaml", include_str!("../../content/worlds/bookinfo.yaml")),
        ("refused.yaml", include_str!("../fixtures/routes/refused-listener.yaml")),
    ]);
    let of = |kind: &str| run(&["proxy-config", kind, "productpage-v1-a", "--port", "8443", "-f", path(&files)]);
    let listeners = of("listener");
    assert_eq!((code(&listeners), out(&listeners).lines().filter(|line| line.starts_with("198.51.100.20 8443")).count()), (0, 3), "{}", out(&listeners));
    assert!(
        err(&listeners)
            .starts_with("meshwright: productpage-v1-a.default: Envoy refuses the listener 198.51.100.20_8443: filter chain 0 and filter chain 1 overlap"),
        "{}",
        err(&listeners)
    );
    assert_eq!(err(&of("cluster")), "");
}

#[test]
fn what_is_refused_is_said_for_one_pod_and_for_a_file_of_proxies() {
    let refused = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: broken}\nspec: {hosts: reviews}\n";
    let proxies = "proxies: [{id: p, type: sidecar, namespace: default, labels: {app: productpage}, ip: 10.1.0.11}]\n";
    let world = folder(&[("mesh/world.yaml", include_str!("../../content/worlds/bookinfo.yaml")), ("mesh/broken.yaml", refused), ("proxies.yaml", proxies)]);
    let (mesh, file) = (format!("{}/mesh", path(&world)), format!("{}/proxies.yaml", path(&world)));
    for whose in [&["productpage-v1-a"][..], &["--requests", &file]] {
        let output = run(&[&["proxy-config", "route", "-f", &mesh], whose].concat());
        assert_eq!(code(&output), 0, "{}", err(&output));
        assert!(err(&output).contains("broken.yaml:1: VirtualService broken is refused and left out"), "{}", err(&output));
    }
}
