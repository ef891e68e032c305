//! What is switched in a world: who is in the mesh, the default of mutual TLS, calls to unknown hosts.

use meshwright::engine::{
    manifest::{self, Manifest},
    mesh::{DefaultMtls, Membership, Outbound, Request, Scene, SwitchError, Switches},
    source::SourceFile,
};

fn world() -> Manifest {
    manifest::read(&SourceFile::new("httpbin", include_str!("../../content/worlds/httpbin.yaml")))
}

fn switches(injection: &[(&str, &str)], mtls: &str, outbound: &str) -> Switches {
    Switches::read(injection.iter().copied(), mtls, outbound).unwrap()
}

/// The answer to `sleep` of a namespace, and the proxies on the way.
fn way(switches: &Switches, text: &str, from: &str, url: &str) -> (String, Vec<String>) {
    let scene = Scene::switched(Some(&world()), switches, vec![SourceFile::new("input", text)]).unwrap();
    assert!(!scene.is_refused());
    let request = Request { from: format!("sleep-a.{from}"), url: url.into(), ..Request::default() };
    let journey = scene.send(&request).unwrap();
    (journey.answer.to_string(), journey.hops.iter().map(|hop| hop.role.to_string()).collect())
}

const FOO: &str = "http://httpbin.foo:8000/";

#[test]
fn a_namespace_is_taken_into_the_mesh_and_out_of_it() {
    let unset = Switches::default();
    assert!(unset.is_unset());
    assert_eq!(way(&unset, "", "bar", FOO).1, ["client sidecar", "server sidecar"]);
    assert_eq!(way(&unset, "", "legacy", FOO).1, ["no sidecar", "server sidecar"]);
    let all = |mode: &str| switches(&[("foo", mode), ("bar", mode), ("legacy", mode)], "", "");
    assert_eq!(way(&all("none"), "", "bar", FOO), ("200 httpbin.foo".into(), vec!["no sidecar".into()]));
    assert_eq!(way(&all("ambient"), "", "legacy", FOO).1, ["client ztunnel", "server ztunnel"]);
    assert_eq!(way(&all("sidecar"), "", "legacy", FOO).1, ["client sidecar", "server sidecar"]);
    // One of each: they speak with each other.
    let mixed = switches(&[("foo", "ambient"), ("legacy", "sidecar")], "", "");
    assert_eq!(way(&mixed, "", "legacy", FOO), ("200 httpbin.foo".into(), vec!["client sidecar".into(), "server ztunnel".into()]));
}

#[test]
fn who_comes_into_the_mesh_has_a_name_there() {
    let policy = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p, namespace: foo}\nspec: {rules: [{from: [{source: {namespaces: [legacy]}}]}]}\n";
    assert_eq!(way(&Switches::default(), policy, "legacy", FOO).0, "403");
    assert_eq!(way(&switches(&[("legacy", "sidecar")], "", ""), policy, "legacy", FOO).0, "200 httpbin.foo");
    assert_eq!(way(&switches(&[("legacy", "ambient"), ("foo", "ambient")], "", ""), policy, "legacy", FOO).0, "200 httpbin.foo");
}

#[test]
fn the_default_of_mutual_tls_holds_for_the_whole_mesh() {
    for namespace in ["foo", "bar"] {
        let url = format!("http://httpbin.{namespace}:8000/");
        assert_eq!(way(&switches(&[], "PERMISSIVE", ""), "", "legacy", &url).0, format!("200 httpbin.{namespace}"));
        assert_eq!(way(&switches(&[], "STRICT", ""), "", "legacy", &url).0, "connection closed");
    }
    assert_eq!(way(&switches(&[], "STRICT", ""), "", "bar", FOO).0, "200 httpbin.foo");
    // Callers see that servers take plain text only, and speak it.
    assert_eq!(way(&switches(&[], "DISABLE", ""), "", "bar", FOO).0, "200 httpbin.foo");
}

#[test]
fn what_the_configuration_says_counts_more_than_a_switch() {
    let own = |namespace: &str, name: &str| {
        format!(
            "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec: {{mtls: {{mode: PERMISSIVE}}}}\n"
        )
    };
    let strict = switches(&[], "STRICT", "");
    assert_eq!(way(&strict, &own("istio-system", "default"), "legacy", FOO).0, "200 httpbin.foo");
    assert_eq!(way(&strict, &own("foo", "any"), "legacy", FOO).0, "200 httpbin.foo");
    assert_eq!(way(&strict, &own("bar", "any"), "legacy", FOO).0, "connection closed");
}

#[test]
fn unknown_hosts_are_let_through_or_blocked() {
    let unknown = "http://api.example.com/";
    assert_eq!(way(&switches(&[], "", "ALLOW_ANY"), "", "foo", unknown).0, "200 passthrough");
    assert_eq!(way(&switches(&[], "", "REGISTRY_ONLY"), "", "foo", unknown).0, "502");
    assert_eq!(way(&switches(&[], "", "REGISTRY_ONLY"), "", "foo", "http://httpbin.bar:8000/").0, "200 httpbin.bar");
}

#[test]
fn nothing_is_said_of_what_was_switched_and_pods_of_the_text_are_switched_too() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: own, namespace: tea}\nspec: {containers: [{name: own, image: own}]}\n\
                status: {phase: Running, podIP: 10.9.9.9, conditions: [{type: Ready, status: 'True'}]}\n";
    let set = switches(&[("tea", "sidecar"), ("foo", "none")], "STRICT", "REGISTRY_ONLY");
    let scene = Scene::switched(Some(&world()), &set, vec![SourceFile::new("input", text)]).unwrap();
    assert_eq!(scene.verdicts.len(), 1, "one for the pod, none for what was switched");
    let modes = scene.memberships();
    assert_eq!(
        modes,
        [("bar", Membership::Sidecar), ("foo", Membership::None), ("legacy", Membership::None), ("tea", Membership::Sidecar)]
            .map(|(name, mode)| (name.to_owned(), Some(mode)))
    );
    assert!(scene.callers().iter().any(|caller| caller.id == "own.tea" && caller.has_proxy));
    assert!(scene.callers().iter().any(|caller| caller.id == "outside"), "gateways stay what they are");
}

#[test]
fn who_wants_no_proxy_gets_none() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: own, namespace: legacy, labels: {sidecar.istio.io/inject: 'false'}}\nspec: {containers: [{name: own, image: own}]}\n\
                status: {phase: Running, podIP: 10.9.9.9}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: host, namespace: legacy}\nspec: {hostNetwork: true, containers: [{name: own, image: own}]}\n\
                status: {phase: Running, podIP: 10.9.9.8}\n";
    let scene = Scene::switched(Some(&world()), &switches(&[("legacy", "sidecar")], "", ""), vec![SourceFile::new("input", text)]).unwrap();
    for (id, has_proxy) in [("own.legacy", false), ("host.legacy", false), ("sleep-a.legacy", true)] {
        assert_eq!(scene.callers().iter().find(|caller| caller.id == id).unwrap().has_proxy, has_proxy, "{id}");
    }
    assert_eq!(scene.memberships().iter().find(|(name, _)| name == "legacy").unwrap().1, None, "its pods differ");
}

#[test]
fn a_switch_that_cannot_be_used_says_how_to_mend_it() {
    let told = |result: Result<Switches, SwitchError>| result.map_err(|error| (error.field, error.message)).unwrap_err();
    assert_eq!(told(Switches::read([("foo", "sidecars")], "", "")), ("injection", "\"sidecars\" is none of sidecar, ambient, none".into()));
    assert_eq!(told(Switches::read([], "strong", "")), ("mtls", "\"strong\" is none of PERMISSIVE, STRICT, DISABLE".into()));
    assert_eq!(told(Switches::read([], "", "no")), ("outbound", "\"no\" is none of ALLOW_ANY, REGISTRY_ONLY".into()));
    assert_eq!(
        Switches::read([], " strict ", "registry_only").unwrap(),
        Switches { mtls: Some(DefaultMtls::Strict), outbound: Some(Outbound::RegistryOnly), ..Switches::default() }
    );
    let unknown = |name: &str| Scene::switched(Some(&world()), &switches(&[(name, "none")], "", ""), Vec::new()).unwrap_err();
    assert_eq!(unknown("fooo").message, "there is no namespace \"fooo\" with pods; did you mean \"foo\"?");
    assert!(unknown(&"x".repeat(10_000)).message.len() < 200);
    assert!(unknown("istio-system").message.starts_with("there is no namespace \"istio-system\" with pods"), "gateways and control plane are not switched");
    let many: Vec<String> = (0..200).map(|at| format!("n{at}")).collect();
    assert!(told(Switches::read(many.iter().map(|name| (name.as_str(), "none")), "", "")).1.starts_with("more than 100 namespaces"));
}
