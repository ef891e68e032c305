//! Listeners that Envoy refuses: a real one that is pushed them takes the same ones as the engine says, and calls pass those by that it does not.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    process::{Child, Command},
};

use meshwright::engine::{
    envoy::{Call, CallError, Mode, Tls, refusal},
    istiod,
    manifest::{self, Manifest},
    mesh::Scene,
    source::SourceFile,
    xds::{FilterChain, Listener},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{agree, find_envoy, ingress_gateway, outbound, productpage, tcp, wait_until};
use crate::engine::{analyze::tls_matches, envoy::refusal::cases};

fn world() -> Manifest {
    manifest::read(&SourceFile::new("bookinfo", include_str!("../../content/worlds/bookinfo.yaml")))
}

/// An Envoy that is pushed listeners, and asked what it made of them.
struct Pushed {
    process: Child,
    folder: TempDir,
}

impl Pushed {
    /// None of the listeners is bound to its port.
    fn new(mut listeners: Vec<Value>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        for listener in &mut listeners {
            listener["@type"] = "type.googleapis.com/envoy.config.listener.v3.Listener".into();
            listener["bindToPort"] = false.into();
            for filter in listener["filterChains"].as_array_mut().unwrap().iter_mut().flat_map(|chain| chain["filters"].as_array_mut().unwrap()) {
                filter["typedConfig"]["statPrefix"] = "some".into();
            }
        }
        fs::write(path("listeners.json"), json!({"versionInfo": "1", "resources": listeners}).to_string()).unwrap();
        let bootstrap = json!({
            "node": {"id": "meshwright", "cluster": "meshwright"},
            "admin": {"address": {"pipe": {"path": path("admin")}}},
            "dynamicResources": {"ldsConfig": {"resourceApiVersion": "V3", "pathConfigSource": {"path": path("listeners.json")}}},
        });
        fs::write(path("bootstrap.json"), bootstrap.to_string()).unwrap();
        let mut command = Command::new(find_envoy());
        command.args(["--disable-hot-restart", "--concurrency", "1", "--log-level", "off", "-c", &path("bootstrap.json")]);
        let pushed = Self { process: command.spawn().unwrap(), folder };
        wait_until("Envoy is ready", || ask(&pushed.admin(), "/ready").contains("LIVE"));
        pushed
    }

    fn admin(&self) -> std::path::PathBuf {
        self.folder.path().join("admin")
    }

    /// What is wrong with each listener in its eyes, by name; nothing with those that it took.
    fn complaints(&self) -> BTreeMap<String, Option<String>> {
        let told: Value = serde_json::from_str(&ask(&self.admin(), "/config_dump?resource=dynamic_listeners")).unwrap();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let of = |listener: &Value| {
            let failed = &listener["error_state"];
            (text(&listener["name"]).or_else(|| text(&failed["failed_configuration"]["name"])).unwrap(), text(&failed["details"]))
        };
        told["configs"].as_array().unwrap().iter().map(of).collect()
    }
}

impl Drop for Pushed {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The body of one of Envoy's own pages; nothing while it does not answer.
fn ask(admin: &Path, page: &str) -> String {
    let Ok(mut stream) = UnixStream::connect(admin) else { return String::new() };
    write!(stream, "GET {page} HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let mut chunks = answer.split_once("\r\n\r\n").map_or("", |(_, chunks)| chunks);
    let mut body = String::new();
    while let Some((length, rest)) = chunks.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).unwrap();
        body.push_str(&rest[..length]);
        chunks = rest[length..].trim_start_matches("\r\n");
    }
    body
}

#[test]
fn of_one_push_a_real_envoy_takes_the_listeners_that_are_not_refused() {
    let cases = cases();
    let listeners: Vec<Value> = cases.iter().zip(10_000..).map(|(case, port)| case.listener(port)).collect();
    let complaints = Pushed::new(listeners.clone()).complaints();
    let mut wrong = Vec::new();
    for (case, listener) in cases.iter().zip(&listeners) {
        let complaint = &complaints[listener["name"].as_str().unwrap()];
        let agrees = match (complaint, case.refused) {
            (Some(complaint), Some((theirs, _))) => complaint.contains(theirs),
            (complaint, wanted) => complaint.is_none() && wanted.is_none(),
        };
        if !agrees {
            wrong.push(format!("{}: {complaint:?}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What the chains of the listeners match that istiod makes of generated scenes, each once.
fn generated() -> BTreeSet<String> {
    let nothing = manifest::read(&SourceFile::new("nothing", ""));
    let world = world();
    let rules = (0..400).map(|seed| (Scene::new(&nothing, "input", &tls_matches::text(seed)), productpage()));
    let cases = (0..240).map(|seed| {
        let case = super::differential::case_of(seed);
        (Scene::new(&world, "input", &case.text()), case.proxy)
    });
    let pushed = rules.chain(cases).flat_map(|(scene, proxy)| istiod::push(&scene.cluster, &proxy).listeners);
    let chains = |listener: Listener| {
        let chain = |chain: FilterChain| json!({"filterChainMatch": chain.filter_chain_match.unwrap_or_default(), "filters": []});
        listener.filter_chains.into_iter().map(chain).collect::<Value>().to_string()
    };
    pushed.filter(|listener| listener.filter_chains.len() > 1 && listener.filter_chain_matcher.is_none()).map(chains).collect()
}

#[test]
fn of_generated_listeners_a_real_envoy_takes_those_that_are_not_refused() {
    let listener = |(chains, port): (&String, u32)| {
        let chains: Value = serde_json::from_str(chains).unwrap();
        json!({"name": port.to_string(), "address": {"socketAddress": {"address": "0.0.0.0", "portValue": port}}, "filterChains": chains})
    };
    let listeners: Vec<Value> = generated().iter().zip(10_000..).map(listener).collect();
    let complaints = Pushed::new(listeners.clone()).complaints();
    let mut refused = 0;
    for listener in &listeners {
        let complaint = &complaints[listener["name"].as_str().unwrap()];
        let computed = refusal(&serde_json::from_value(listener.clone()).unwrap());
        assert_eq!(complaint.is_some(), computed.is_some(), "{complaint:?}, computed {computed:?}: {listener:#}");
        refused += usize::from(computed.is_some());
    }
    println!("{refused} of {} listeners are refused", listeners.len());
    assert!(refused > 50 && listeners.len() - refused > 50, "{refused} of {}", listeners.len());
}

/// A service that speaks TLS, at an address or at none.
fn vault(address: &str, rules: &str) -> Scene {
    let text = format!(
        "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {{name: vault}}\nspec:\n  hosts: [vault.example.com]\n  {address}location: MESH_INTERNAL\n  \
        resolution: STATIC\n  ports: [{{number: 8443, name: tls, protocol: TLS}}]\n  endpoints: [{{address: 203.0.113.21}}]\n---\n\
        apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{name: vault}}\nspec:\n  hosts: [vault.example.com, '*.vault.example.com']\n  tls:\n{rules}"
    );
    Scene::new(&world(), "input", &text)
}

fn rule(condition: &str, host: &str) -> String {
    format!("  - match: [{{port: 8443, {condition}}}]\n    route: [{{destination: {{host: {host}, port: {{number: 8443}}}}}}]\n")
}

fn calls() -> [Call; 3] {
    let tls = |address: &str| Call { tls: Tls::Tls, sni: "vault.example.com".into(), ..tcp(Mode::Outbound, address, 8443) };
    [tls("198.51.100.20"), tls("192.0.2.20"), outbound("10.96.0.3", 9080, "reviews", "/", &[])]
}

#[test]
fn rules_that_share_a_name_and_a_subnet_leave_their_calls_to_the_listener_for_the_rest() {
    let rules = rule("sniHosts: [vault.example.com, a.vault.example.com], destinationSubnets: [198.51.100.0/24]", "vault.example.com")
        + &rule("sniHosts: [vault.example.com], destinationSubnets: [198.51.100.20/24]", "vault.example.com");
    for address in ["", "addresses: [198.51.100.20]\n  "] {
        let answers = agree(&vault(address, &rules), &productpage(), &calls());
        assert_eq!(answers[0].computed.listener, "virtualOutbound", "{address:?}");
        let note = answers[0].not_compared.iter().find(|note| note.contains("which Envoy refuses")).expect("what is left out is named");
        assert!(note.ends_with("for both take connections with the server name vault.example.com to 198.51.100.0/24"), "{note}");
        assert_eq!(answers[2].computed.statuses.keys().collect::<Vec<_>>(), [&200], "the other listeners are there");
    }
}

#[test]
fn rules_that_share_only_one_of_the_two_are_taken() {
    let rules = rule("sniHosts: [vault.example.com], destinationSubnets: [198.51.100.0/24]", "vault.example.com")
        + &rule("sniHosts: [vault.example.com], destinationSubnets: [192.0.2.0/24]", "gone.example.com")
        + &rule("sniHosts: ['*.vault.example.com'], destinationSubnets: [198.51.100.0/24]", "gone.example.com");
    let answers = agree(&vault("", &rules), &productpage(), &calls());
    assert_eq!(answers[0].computed.listener, "0.0.0.0_8443");
    assert!(answers.iter().all(|answer| answer.not_compared.iter().all(|note| !note.contains("refuses"))), "{answers:#?}");
}

/// The API server takes a star for a part of a label, and Envoy does not.
#[test]
fn nobody_listens_where_a_gateway_is_for_a_part_of_a_label() {
    let gateway = |hosts: &str| {
        let text = format!(
            "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {{name: edge, namespace: istio-system}}\nspec:\n  selector: {{istio: ingressgateway}}\n  servers:\n  \
            - {{port: {{number: 443, name: tls, protocol: TLS}}, hosts: ['*.example.com'], tls: {{mode: PASSTHROUGH}}}}\n  \
            - {{port: {{number: 80, name: http, protocol: HTTP}}, hosts: ['*']}}\n---\n\
            apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{name: vault}}\nspec:\n  hosts: ['*.example.com']\n  gateways: [istio-system/edge]\n  tls:\n  \
            - match: [{{sniHosts: [{hosts}]}}]\n    route: [{{destination: {{host: reviews, port: {{number: 9080}}}}}}]\n"
        );
        Scene::new(&world(), "input", &text)
    };
    let call = Call { tls: Tls::Tls, sni: "a-x.example.com".into(), ..tcp(Mode::Gateway, "", 8443) };
    for (hosts, error) in [("'*-x.example.com'", Some(CallError::NoListener)), ("'*.example.com'", None)] {
        let answers = agree(&gateway(hosts), &ingress_gateway(), std::slice::from_ref(&call));
        assert_eq!(answers[0].computed.error, error, "{hosts}");
    }
}
