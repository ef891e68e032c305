//! Which connections pass a pod's proxy, by its annotations: `tools/istio-iptables/pkg/capture/run.go` for sidecars and
//! `cni/pkg/iptables/iptables.go` for ztunnel (istio/istio at 1.26.4).

use meshwright::engine::{
    manifest,
    mesh::{Journey, Request, Scene},
    source::SourceFile,
};

const PREFIX: &str = "traffic.sidecar.istio.io/";
const STRICT: &str =
    "---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: strict, namespace: shop}\nspec: {mtls: {mode: STRICT}}\n";

/// `web` and `cart` with sidecars, `bare` without, `calm` in ambient mode.
fn world(web: &str, cart: &str, calm: &str) -> String {
    let pod = |name: &str, ip: &str, labels: &str, annotations: &str, containers: &str| {
        format!(
            "---\napiVersion: v1\nkind: Pod
metadata: {{name: {name}-1, namespace: shop, labels: {{app: {name}{labels}}}, annotations: {{{annotations}}}}}
spec: {{serviceAccountName: {name}, containers: [{{name: app, image: app}}{containers}]}}
status: {{phase: Running, podIP: {ip}, conditions: [{{type: Ready, status: 'True'}}]}}
---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: shop}}
spec: {{clusterIP: 10.96.0.{}, selector: {{app: {name}}}, ports: [{{name: http, port: 80, targetPort: 8080}}, {{name: http-more, port: 81, targetPort: 8081}}]}}\n",
            ip.rsplit('.').next().unwrap()
        )
    };
    let (mtls, proxy) = (", security.istio.io/tlsMode: istio", ", {name: istio-proxy, image: p}");
    pod("web", "10.1.0.1", mtls, web, proxy)
        + &pod("cart", "10.1.0.2", mtls, cart, proxy)
        + &pod("bare", "10.1.0.3", "", "", "")
        + &pod("calm", "10.1.0.4", ", istio.io/dataplane-mode: ambient", calm, "")
}

#[track_caller]
fn send(world: &str, from: &str, url: &str) -> Journey {
    let scene = Scene::new(&manifest::read(&SourceFile::new("none", "")), "world.yaml", world);
    assert!(!scene.is_refused(), "{:?}", scene.findings());
    scene.send(&Request { from: format!("{from}-1.shop"), url: url.into(), ..Request::default() }).unwrap()
}

fn way(journey: &Journey) -> (String, Vec<String>) {
    (journey.answer.to_string(), journey.hops.iter().map(|hop| format!("{} {}", hop.role, hop.proxy)).collect())
}

fn annotation(name: &str, value: &str) -> String {
    format!("{PREFIX}{name}: '{value}'")
}

/// Whether the sidecar of `web` carries a call, and what comes of it.
fn is_carried(annotations: &str, url: &str) -> bool {
    let journey = send(&world(annotations, "", ""), "web", url);
    assert_eq!(journey.answer.to_string(), "200 cart.shop", "{annotations}");
    journey.hops[0].role.to_string() == "client sidecar"
}

const CART: &str = "http://cart:80/";

#[test]
fn an_application_calls_past_its_sidecar_what_is_left_out() {
    assert!(is_carried("", CART));
    assert!(!is_carried(&annotation("excludeOutboundPorts", "443, 80"), CART));
    assert!(is_carried(&annotation("excludeOutboundPorts", "443,8080"), CART), "the port that is called, not that of the pod");
    assert!(!is_carried(&annotation("excludeOutboundIPRanges", "10.96.0.0/12"), CART), "the address that is called is the Service's");
    assert!(is_carried(&annotation("excludeOutboundIPRanges", "10.1.0.0/16"), CART));
    assert!(is_carried(&annotation("excludeOutboundIPRanges", "10.96.0.2"), CART), "what is no range is passed over");
    assert!(!is_carried(&annotation("includeOutboundIPRanges", "10.1.0.0/16"), CART));
    assert!(!is_carried(&annotation("includeOutboundIPRanges", ""), CART));
    assert!(is_carried(&annotation("includeOutboundIPRanges", "*"), CART));
}

#[test]
fn ports_that_are_named_are_taken_whatever_the_addresses_and_left_out_ones_never() {
    let both = |first: &str, second: &str| format!("{first}, {second}");
    let named = annotation("includeOutboundPorts", "80");
    assert!(is_carried(&both(&named, &annotation("includeOutboundIPRanges", "")), CART));
    assert!(!is_carried(&both(&named, &annotation("excludeOutboundPorts", "80")), CART));
    assert!(!is_carried(&both(&named, &annotation("excludeOutboundIPRanges", "0.0.0.0/0")), CART));
}

#[test]
fn a_call_past_the_sidecar_bears_no_identity() {
    let past = world(&annotation("excludeOutboundPorts", "80"), "", "") + STRICT;
    let journey = send(&past, "web", CART);
    assert_eq!(way(&journey), ("connection closed".into(), vec!["no sidecar web-1.shop".into(), "server sidecar cart-1.shop".into()]));
    let step = &journey.hops[0].outcome.trace[0];
    assert_eq!(*step.origin.as_ref().unwrap().path, *format!("metadata.annotations[{PREFIX}excludeOutboundPorts]"));
    assert_eq!(send(&past, "web", "http://cart:81/").answer.to_string(), "200 cart.shop");
}

/// A port that is not taken from the network: plain text reaches the application, and mutual TLS is nothing to it.
#[test]
fn what_comes_in_past_the_sidecar_is_read_by_the_application() {
    let left_out = world("", &annotation("excludeInboundPorts", "8080"), "");
    assert_eq!(way(&send(&left_out, "bare", CART)), ("200 cart.shop".into(), vec!["no sidecar bare-1.shop".into(), "no sidecar cart-1.shop".into()]));
    let journey = send(&left_out, "web", CART);
    assert_eq!(way(&journey), ("503".into(), vec!["client sidecar web-1.shop".into(), "no sidecar cart-1.shop".into()]));
    assert!(journey.summary.contains("excludeInboundPorts") && journey.summary.contains("cannot read it"), "{}", journey.summary);
    assert_eq!(send(&left_out, "web", "http://cart:81/").answer.to_string(), "200 cart.shop");
    let plain = "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: plain, namespace: shop}
spec: {host: cart, trafficPolicy: {tls: {mode: DISABLE}}}\n";
    assert_eq!(send(&(left_out + plain), "web", CART).answer.to_string(), "200 cart.shop");
    // A list of ports leaves out all others, and then what is left out by itself does not count.
    for (more, taken) in [("8081", "http://cart:81/"), ("8080,8081", CART)] {
        let listed = world("", &format!("{}, {}", annotation("includeInboundPorts", more), annotation("excludeInboundPorts", "8080,8081")), "");
        assert_eq!(way(&send(&listed, "web", taken)).1[1], "server sidecar cart-1.shop", "{more}");
    }
    let none = world("", &annotation("includeInboundPorts", ""), "");
    assert_eq!(way(&send(&none, "bare", CART)).1[1], "no sidecar cart-1.shop");
}

/// `getPodLevelTrafficOverrides` in `cni/pkg/nodeagent/net.go`: plain text is left to the application, tunnels are not.
#[test]
fn a_pod_in_ambient_mode_can_take_plain_text_itself() {
    let deny = "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: nobody, namespace: shop}
spec: {selector: {matchLabels: {app: calm}}}\n";
    let of =
        |value: &str, from: &str| way(&send(&(world("", "", &format!("ambient.istio.io/bypass-inbound-capture: '{value}'")) + deny), from, "http://calm:80/"));
    assert_eq!(of("false", "bare").0, "connection closed");
    assert_eq!(of("true", "bare"), ("200 calm.shop".into(), vec!["no sidecar bare-1.shop".into(), "no sidecar calm-1.shop".into()]));
    assert_eq!(of("true", "web").0, "503", "a sidecar opens a tunnel, which ends at ztunnel");
}
