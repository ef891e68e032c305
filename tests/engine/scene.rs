//! What is said of a text in a world: by its verdicts, by `istioctl analyze` and by our hints, each thing once and in the text's order.

use std::sync::Arc;

use meshwright::engine::{
    diagnostic::{Diagnostic, Level, Stage},
    envoy,
    manifest::{self, Manifest},
    mesh::{Request, Scene},
    source::SourceFile,
};

fn world() -> Manifest {
    manifest::read(&SourceFile::new("bookinfo", include_str!("../../content/worlds/bookinfo.yaml")))
}

fn told(findings: &[Diagnostic]) -> Vec<(usize, Stage, Level, &str)> {
    findings.iter().map(|finding| (finding.position().line, finding.stage, finding.level, finding.code.map_or("", |code| code.id))).collect()
}

const STRAY: &str = "\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: stray, namespace: default}
spec:
  hosts: [shop.example.com]
  gateways: [nowhere]
  http:
  - match:
    - uri: {prefix: /}
    route:
    - destination: {host: reviews}
  - match:
    - uri: {prefix: /v2}
    route:
    - destination: {host: reviews}
";

#[test]
fn the_cluster_is_looked_at_from_the_texts_point_of_view() {
    let world = world();
    let scene = Scene::new(&world, "input", STRAY);
    assert!(!scene.is_refused());
    // The webhook's warning has its own code and is not said by the rule that repeats it.
    assert_eq!(
        told(&scene.findings_in_cluster(false)),
        [(6, Stage::Analyze, Level::Error, "IST0101"), (6, Stage::Analyze, Level::Warning, "IST0132"), (13, Stage::Webhook, Level::Warning, "IST0131"),]
    );
    assert!(scene.findings().iter().all(|finding| finding.stage != Stage::Analyze), "who only sends does not pay for it");
    assert!(Scene::new(&world, "input", "").findings_in_cluster(true).is_empty(), "of the world itself nothing is said");
}

/// Sends `GET http://reviews:9080/reviews/0` from a pod; its answer, and the proxies that it passes.
fn way(yaml: &str, from: &str) -> (String, Vec<String>) {
    let request = Request { from: from.into(), url: "http://reviews.default:9080/reviews/0".into(), ..Request::default() };
    let scene = Scene::new(&world(), "input", yaml);
    assert!(!scene.is_refused(), "{:?}", scene.findings());
    let journey = scene.send(&request).unwrap();
    (journey.answer.to_string(), journey.hops.iter().map(|hop| format!("{} {}", hop.role, hop.proxy)).collect())
}

const ROUTE: &str = "\
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews}
spec: {host: reviews, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews}
spec:
  hosts: [reviews]
  http:
  - route:
    - {destination: {host: reviews, subset: v1}, weight: 75}
    - {destination: {host: reviews, subset: v2}, weight: 25}
---
";

/// Of two endpoints that behave differently, each counts by its share of the requests.
#[test]
fn endpoints_count_by_their_weights() {
    let yaml = "\
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: shared}
spec:
  hosts: [shared.example.com]
  ports: [{number: 9080, name: http, protocol: HTTP}]
  resolution: STATIC
  endpoints: [{address: 10.1.0.31, weight: 3}, {address: 10.1.0.32, weight: 1}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: nobody}
spec: {selector: {matchLabels: {app: reviews, version: v2}}, action: DENY, rules: [{}]}
";
    let request = Request { from: "productpage-v1-a.default".into(), url: "http://shared.example.com:9080/".into(), ..Request::default() };
    let scene = Scene::new(&world(), "input", yaml);
    assert!(!scene.is_refused(), "{:?}", scene.findings());
    assert_eq!(scene.send(&request).unwrap().answer.to_string(), "200 shared.example.com 75%, 403 25%");
}

#[test]
fn the_servers_sidecar_is_the_last_proxy() {
    let (answer, hops) = way(ROUTE, "sleep-a.default");
    assert_eq!(answer, "200 reviews/v1 75%, 200 reviews/v2 25%");
    assert_eq!(hops, ["client sidecar sleep-a.default", "server sidecar reviews-v1-a.default"]);
}

#[test]
fn policies_hold_at_the_server_for_whom_they_select() {
    let deny = "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: not-v2}
spec:
  selector: {matchLabels: {app: reviews, version: v2}}
  action: DENY
  rules: [{from: [{source: {principals: [cluster.local/ns/default/sa/sleep]}}]}]
";
    let text = format!("{ROUTE}{deny}");
    let (answer, hops) = way(&text, "sleep-a.default");
    assert_eq!(answer, "200 reviews/v1 75%, 403 25%");
    assert_eq!(hops.last().unwrap(), "server sidecar reviews-v2-a.default");
    // Another caller is another identity.
    assert_eq!(way(&text, "sleep-a.foo").0, "200 reviews/v1 75%, 200 reviews/v2 25%");
}

/// The client's proxy logs the refusals of the servers' too.
#[test]
fn an_access_log_is_of_what_comes_back_in_the_end() {
    let log = "---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: errors}
spec: {accessLogging: [{providers: [{name: envoy}], filter: {expression: 'response.code >= 400'}}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: not-v2}
spec: {selector: {matchLabels: {app: reviews, version: v2}}, action: DENY, rules: [{from: [{source: {principals: ['*']}}]}]}
";
    let scene = Scene::new(&world(), "input", &format!("{ROUTE}{log}"));
    let request = Request { from: "sleep-a.default".into(), url: "http://reviews.default:9080/reviews/0".into(), ..Request::default() };
    let journey = scene.send(&request).unwrap();
    assert_eq!(journey.answer.to_string(), "200 reviews/v1 75%, 403 25%");
    let told = |hop: usize| {
        let logs = journey.hops[hop].outcome.trace.iter().filter(|step| step.stage == envoy::Stage::AccessLog);
        logs.map(|step| step.reason.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(told(0), ["it gets an entry of 25 % of the requests: for them the filter response.code >= 400 holds."]);
    assert_eq!(told(1), ["it gets no entry: the filter response.code >= 400 does not hold."], "the sidecar of v1");
    assert_eq!(told(2), ["it gets an entry: the filter response.code >= 400 holds."], "the sidecar of v2");
}

#[test]
fn a_caller_without_a_certificate_is_turned_away_where_mutual_tls_is_strict() {
    let strict = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: strict}\nspec: {mtls: {mode: STRICT}}\n";
    assert_eq!(way("", "sleep-a.legacy").0, "200 reviews");
    assert_eq!(way(strict, "sleep-a.legacy").0, "connection closed");
    assert_eq!(way(strict, "sleep-a.foo").0, "200 reviews");
    // A DestinationRule that turns TLS off is a caller without a certificate too, and its proxy makes a reply of it.
    let plain = "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: plain}\nspec: {host: reviews, trafficPolicy: {tls: {mode: DISABLE}}}\n";
    assert_eq!(way(&format!("{strict}{plain}"), "sleep-a.default").0, "503");
}

#[test]
fn what_is_refused_is_looked_at_too() {
    let yaml = STRAY.replace("  http:", "  htpp: []\n  http:");
    let scene = Scene::new(&world(), "input", &yaml);
    assert!(scene.is_refused());
    let findings = scene.findings_in_cluster(false);
    assert!(told(&findings).contains(&(6, Stage::Analyze, Level::Error, "IST0101")), "{:?}", told(&findings));
}

#[test]
fn what_the_webhook_refuses_has_the_code_of_istioctl() {
    let yaml = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\nspec:\n  hosts: [reviews]\n";
    let findings = Scene::new(&world(), "input", yaml).findings_in_cluster(false);
    assert!(
        told(&findings).iter().any(|(_, stage, level, code)| (*stage, *level, *code) == (Stage::Webhook, Level::Error, "IST0106")),
        "{:?}",
        told(&findings)
    );
}

#[test]
fn several_texts_are_one_cluster_and_each_keeps_its_own_findings() {
    let gateway = "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: nowhere, namespace: default}\n\
                   spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['shop.example.com']}]}\n";
    let files = |texts: &[&str]| texts.iter().map(|text| SourceFile::new("same-name.yaml", *text)).collect::<Vec<_>>();
    let alone = Scene::in_world(Some(&world()), files(&[STRAY]));
    assert!(alone.findings_in_cluster(false).iter().any(|finding| finding.code.is_some_and(|code| code.id == "IST0101")));
    let both = Scene::in_world(Some(&world()), files(&[STRAY, gateway]));
    let findings = both.findings_in_cluster(false);
    assert!(findings.iter().all(|finding| finding.code.is_none_or(|code| code.id != "IST0101")), "{:?}", told(&findings));
    assert!(findings.iter().all(|finding| Arc::ptr_eq(&finding.file, &both.files[0])), "{:?}", told(&findings));
    assert_eq!(both.verdicts.len(), 2, "a document each, none of the world");
}

/// The answer to a request in the world.
fn answer(yaml: &str, from: &str, url: &str) -> meshwright::engine::mesh::Answer {
    let scene = Scene::new(&world(), "input", yaml);
    assert!(!scene.is_refused(), "{:?}", scene.findings());
    scene.send(&Request { from: from.into(), url: url.into(), ..Request::default() }).unwrap().answer
}

const NOBODY_TO_MONGODB: &str = "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: nobody, namespace: default}
spec: {selector: {matchLabels: {app: mongodb}}}
";

/// A TCP proxy has no reply to give: a connection that is refused behind it ends (`Filter::onUpstreamEvent`,
/// `source/common/tcp_proxy/tcp_proxy.cc` of Envoy), where a router answers 503.
#[test]
fn a_refusal_behind_a_tcp_proxy_is_a_closed_connection() {
    assert_eq!(answer(NOBODY_TO_MONGODB, "sleep-a.default", "http://mongodb:27017/").to_string(), "connection closed");
    assert_eq!(answer(NOBODY_TO_MONGODB, "sleep-a.legacy", "http://mongodb.default:27017/").to_string(), "connection closed");
    let strict = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: d, namespace: default}\nspec: {mtls: {mode: STRICT}}\n---\n\
                  apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: m, namespace: default}\nspec: {host: HOST, trafficPolicy: {tls: {mode: DISABLE}}}\n";
    assert_eq!(answer(&strict.replace("HOST", "mongodb"), "sleep-a.default", "http://mongodb:27017/").to_string(), "connection closed");
    assert_eq!(answer(&strict.replace("HOST", "reviews"), "sleep-a.default", "http://reviews:9080/").to_string(), "503");
}

/// Whoever has no sidecar has no certificate of the mesh's, so the handshake fails, whatever the DestinationRule wishes.
#[test]
fn mutual_tls_of_the_mesh_ends_at_who_is_not_in_it() {
    let rule = |mode: &str| {
        format!(
            "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: d, namespace: legacy}}\nspec: {{host: httpbin.legacy.svc.cluster.local, trafficPolicy: {{tls: {{mode: {mode}}}}}}}\n"
        )
    };
    let send = |yaml: &str| answer(yaml, "sleep-a.default", "http://httpbin.legacy:8000/").to_string();
    assert_eq!(send(""), "200 httpbin.legacy");
    assert_eq!(send(&rule("DISABLE")), "200 httpbin.legacy");
    assert_eq!(send(&rule("ISTIO_MUTUAL")), "503");
}

#[test]
fn an_answer_knows_its_pods() {
    let all = answer("", "productpage-v1-a.default", "http://reviews:9080/");
    assert_eq!(all.pods(), ["reviews-v1-a.default", "reviews-v2-a.default", "reviews-v3-a.default"]);
    assert!(all.parts[0].pods.values().all(|share| (share - 1.0 / 3.0).abs() < 1e-9), "{all:?}");
    let outside = answer("", "sleep-a.default", "http://api.example.com/");
    assert_eq!((outside.to_string().as_str(), outside.pods().len()), ("200 passthrough", 0));
}

/// A Service for each version, and how a route spreads requests over them.
fn split(weights: [u32; 2]) -> String {
    let [first, second] = weights;
    let service = |version: &str, ip: u8| {
        format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: r-{version}, namespace: default}}\nspec: {{clusterIP: 10.96.0.{ip}, selector: {{app: reviews, version: {version}}}, ports: [{{name: http, port: 9080}}]}}\n"
        )
    };
    format!(
        "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{name: r, namespace: default}}\nspec:\n  parentRefs: [{{group: '', kind: Service, name: reviews}}]\n  \
         rules: [{{backendRefs: [{{name: r-v1, port: 9080, weight: {first}}}, {{name: r-v2, port: 9080, weight: {second}}}]}}]\n{}{}",
        service("v1", 91),
        service("v2", 92)
    )
}

#[test]
fn answers_are_the_same_by_pods_and_shares_not_by_names() {
    let subsets = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: r, namespace: default}\nspec: {hosts: [reviews], http: [{route: [\
                   {destination: {host: reviews, subset: v1}, weight: 90}, {destination: {host: reviews, subset: v2}, weight: 10}]}]}\n---\n\
                   apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: r, namespace: default}\n\
                   spec: {host: reviews, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}\n";
    let ask = |yaml: &str| answer(yaml, "productpage-v1-a.default", "http://reviews:9080/");
    let istio = ask(subsets);
    assert_eq!(ask(&split([90, 10])).to_string(), "200 r-v1 90%, 200 r-v2 10%");
    assert!(istio.is_same_as(&ask(&split([90, 10]))));
    assert!(!istio.is_same_as(&ask(&split([80, 20]))));
    assert!(!istio.is_same_as(&ask("")));
    let redirect = |to: &str| {
        ask(&format!(
            "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{name: r, namespace: default}}\nspec: {{hosts: [reviews], http: [{{redirect: {{authority: {to}}}}}]}}\n"
        ))
    };
    assert!(redirect("a.example").is_same_as(&redirect("a.example")) && !redirect("a.example").is_same_as(&redirect("b.example")));
}

#[test]
fn a_pod_without_an_address_is_told() {
    let pod = |status: &str| {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: own, namespace: foo}}\nspec: {{containers: [{{name: own, image: own}}]}}\n{status}")
    };
    let said = |text: &str| {
        let scene = Scene::new(&world(), "input", text);
        scene.findings().iter().filter(|finding| finding.stage == Stage::Simulation).map(|finding| finding.message.clone()).collect::<Vec<_>>()
    };
    assert_eq!(said(&pod("")), ["accepted, and reached by nobody: Pod/foo/own has no address; write status.podIP, which a cluster fills in"]);
    assert_eq!(said(&pod("status: {podIP: 10.1.1.99}\n")), [""; 0]);
}

/// kube-proxy knows ready Pods only, unless the Service wants others too.
#[test]
fn who_has_no_sidecar_reaches_pods_that_are_ready() {
    let pod = |at: u8, is_ready: bool, more: &str| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: tea-{at}, namespace: legacy, labels: {{app: tea}}{more}}}\nspec: {{containers: [{{name: tea, image: tea}}]}}\n\
             status: {{phase: Running, podIP: 10.9.9.{at}, conditions: [{{type: Ready, status: '{}'}}]}}\n",
            if is_ready { "True" } else { "False" }
        )
    };
    let leaves = ", deletionTimestamp: '2026-01-01T00:00:00Z'";
    let send = |pods: &[String], more: &str| {
        let service = format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: tea, namespace: legacy}}\nspec: {{clusterIP: 10.96.9.9, selector: {{app: tea}}, ports: [{{port: 80}}]{more}}}\n"
        );
        answer(&(service + &pods.concat()), "sleep-a.legacy", "http://tea/").to_string()
    };
    assert_eq!(send(&[pod(1, true, ""), pod(2, false, "")], ""), "200 tea.legacy");
    assert_eq!(send(&[pod(1, false, "")], ""), "connection refused");
    assert_eq!(send(&[pod(1, true, leaves)], ""), "connection refused");
    assert_eq!(send(&[pod(1, false, "")], ", publishNotReadyAddresses: true"), "200 tea.legacy");
    let ended = pod(1, false, "").replace("Running", "Succeeded");
    assert_eq!(send(&[ended], ", publishNotReadyAddresses: true"), "connection refused");
}
