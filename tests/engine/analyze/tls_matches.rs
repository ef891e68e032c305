//! What MW0023 says of `tls` rules comes true: some sidecar gets a listener that Envoy refuses. And what comes true is nearly always said.

use meshwright::engine::{
    envoy,
    istiod::{self, Proxy},
    manifest,
    mesh::Scene,
    source::SourceFile,
};

use crate::dice::Dice;

const SCENES: u64 = 1500;

fn condition(dice: &mut Dice) -> String {
    let names = dice.pick(&[
        "vault.example.com",
        "a.vault.example.com",
        "a.vault.example.com, vault.example.com",
        "vault.example.com, a.vault.example.com",
        "'*.vault.example.com'",
        "'*.vault.example.com', a.vault.example.com",
        "b.vault.example.com, a.vault.example.com",
        "'*-x.vault.example.com'",
        "c.vault.example.com, c.vault.example.com",
    ]);
    let subnets =
        dice.pick(&["", "", "", "198.51.100.0/24", "198.51.100.9/24", "198.51.100.0/25", "192.0.2.0/24, 198.51.100.0/25", "0.0.0.0/0", "198.51.100.20"]);
    let subnets = if subnets.is_empty() { String::new() } else { format!(", destinationSubnets: [{subnets}]") };
    let more = dice.pick(&[
        "",
        "",
        "",
        ", port: 8443",
        ", port: 443",
        ", port: 9999",
        ", sourceLabels: {app: web}",
        ", sourceLabels: {app: else}",
        ", sourceNamespace: bank",
    ]);
    let gateways = dice.pick(&["", "", "", "", ", gateways: [mesh]", ", gateways: [edge]"]);
    format!("{{sniHosts: [{names}]{subnets}{more}{gateways}}}")
}

/// A service or two, and a VirtualService with `tls` rules for one of them.
pub fn text(seed: u64) -> String {
    let dice = &mut Dice::new(seed);
    let entry = |name: &str, address: &str, ports: &str| {
        format!(
            "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{hosts: [{name}.example.com], {address}\
             resolution: STATIC, ports: [{ports}], endpoints: [{{address: 203.0.113.1}}]}}\n---\n"
        )
    };
    let tls = "{number: 8443, name: tls, protocol: TLS}";
    let other = if dice.below(3) == 0 { entry(dice.pick(&["first", "zebra"]), "", tls) } else { String::new() };
    let address = dice.pick(&["", "addresses: [198.51.100.20], ", "addresses: [198.51.100.0/24], "]);
    let ports = dice.pick(&[
        tls,
        "{number: 8443, name: tls, protocol: TLS}, {number: 443, name: https, protocol: HTTPS}",
        "{number: 8443, name: http, protocol: HTTP}",
    ]);
    let conditions: Vec<String> = (0..2 + dice.below(3)).map(|_| condition(dice)).collect();
    let route = "route: [{destination: {host: vault.example.com, port: {number: 8443}}}]";
    let rules: Vec<String> = conditions.iter().map(|one| format!("{{match: [{one}], {route}}}")).collect();
    let rules = format!(
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{name: vault, namespace: shop}}\nspec: {{hosts: [vault.example.com, '*.vault.example.com'], \
         tls: [{}]}}\n",
        rules.join(", ")
    );
    [other, entry("vault", address, ports), rules].concat()
}

/// Whether one of the sidecars that a match can tell apart gets a listener that is refused.
fn comes_true(scene: &Scene) -> bool {
    let sidecar = |app: &str, namespace: &str| Proxy {
        id: "a".into(),
        namespace: namespace.into(),
        labels: [("app", app)].into(),
        ip: "10.1.0.1".into(),
        ..Proxy::default()
    };
    let all = ["web", "else", "third"].into_iter().flat_map(|app| ["shop", "bank"].map(|namespace| sidecar(app, namespace)));
    all.into_iter().any(|proxy| istiod::push(&scene.cluster, &proxy).listeners.iter().any(|listener| envoy::refusal(listener).is_some()))
}

#[test]
fn what_the_hint_says_comes_true_and_is_seldom_left_unsaid() {
    let world = manifest::read(&SourceFile::new("nothing", ""));
    let (mut said, mut unsaid, mut fine) = (0, 0, 0);
    for seed in 0..SCENES {
        let text = text(seed);
        let scene = Scene::new(&world, "input", &text);
        assert!(!scene.is_refused(), "{:?}\n{text}", scene.findings());
        let hint = scene.findings_in_cluster(true).into_iter().find(|finding| finding.code.is_some_and(|code| code.id == "MW0023"));
        match (hint, comes_true(&scene)) {
            (Some(hint), true) => {
                assert!(hint.path.starts_with("spec.tls["), "{}", hint.path);
                said += 1;
            }
            (Some(hint), false) => panic!("no listener is refused, and it is said: {}\n{text}", hint.message),
            (None, true) => unsaid += 1,
            (None, false) => fine += 1,
        }
    }
    println!("{said} said, {unsaid} unsaid, {fine} fine");
    assert!(said > 300 && fine > 300 && unsaid * 10 < said, "{said} said, {unsaid} unsaid, {fine} fine");
}
