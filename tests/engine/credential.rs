//! What a client shows of itself, on the whole path: tokens in requests, certificates at a gateway.

use meshwright::engine::{
    manifest::{self, Manifest},
    mesh::{Certificate, Journey, OUTSIDE, Request, RequestError, Scene, Token, claims_from_lines},
    source::SourceFile,
};
use serde_json::{Map, json};

const ISSUER: &str = "https://issuer.example.com";

/// Tokens of the issuer are known, and only who has one with the right team may call httpbin.
const POLICIES: &str = "\
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: tokens, namespace: foo}
spec:
  selector: {matchLabels: {app: httpbin}}
  jwtRules:
  - {issuer: 'https://issuer.example.com', jwksUri: 'https://issuer.example.com/jwks.json', audiences: [shop]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: team, namespace: foo}
spec:
  selector: {matchLabels: {app: httpbin}}
  rules:
  - from: [{source: {requestPrincipals: ['https://issuer.example.com/anna']}}]
    when: [{key: 'request.auth.claims[team]', values: [red]}]
";

/// A gateway that wants certificates of its clients.
const GATEWAY: &str = "\
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 443, name: https, protocol: HTTPS}
    hosts: [shop.example.com]
    tls: {mode: MUTUAL, credentialName: shop}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: default}
spec:
  hosts: [shop.example.com]
  gateways: [istio-system/front]
  http:
  - route: [{destination: {host: productpage, port: {number: 9080}}}]
---
apiVersion: v1
kind: Secret
metadata: {name: shop, namespace: istio-system}
type: kubernetes.io/tls
data:
  tls.crt: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCm5vdCBhIHJlYWwgb25lCi0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K
  tls.key: bm90IGEgcmVhbCBrZXkK
  ca.crt: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCm5vdCBhIHJlYWwgb25lCi0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K
";

fn world() -> Manifest {
    manifest::read(&SourceFile::new("bookinfo", include_str!("../../content/worlds/bookinfo.yaml")))
}

fn send(yaml: &str, request: &Request) -> Result<Journey, RequestError> {
    let scene = Scene::new(&world(), "input", yaml);
    assert!(!scene.is_refused(), "{:?}", scene.findings());
    scene.send(request)
}

fn token() -> Token {
    let claims = claims_from_lines(["team: red"]).unwrap();
    Token { issuer: ISSUER.into(), subject: "anna".into(), audiences: vec!["shop".into()], claims, ..Token::default() }
}

/// The answer to a call of httpbin with that token.
fn with_token(from: &str, token: Option<Token>) -> String {
    let request = Request { from: from.into(), url: "http://httpbin.foo:8000/headers".into(), token: token.map(Box::new), ..Request::default() };
    send(POLICIES, &request).unwrap().answer.to_string()
}

#[test]
fn a_token_counts_by_issuer_audience_time_key_and_claims() {
    for from in ["sleep-a.default", "sleep-a.legacy"] {
        assert_eq!(with_token(from, None), "403", "without a token");
        let fine = with_token(from, Some(token()));
        assert!(fine.starts_with("200 httpbin.foo"), "{fine}");
        let refused = [
            ("another issuer", Token { issuer: "https://nobody.example.com".into(), ..token() }, "401"),
            ("another audience", Token { audiences: vec!["bank".into()], ..token() }, "403"),
            ("expired", Token { is_expired: true, ..token() }, "401"),
            ("forged", Token { is_forged: true, ..token() }, "401"),
            ("another subject", Token { subject: "bob".into(), ..token() }, "403"),
            ("another team", Token { claims: claims_from_lines(["team: blue"]).unwrap(), ..token() }, "403"),
            ("no team", Token { claims: Map::new(), ..token() }, "403"),
        ];
        for (what, token, wanted) in refused {
            assert_eq!(with_token(from, Some(token)), wanted, "{what} from {from}");
        }
    }
}

#[test]
fn a_proxy_that_eats_the_token_does_not_find_it_again_at_the_next_one() {
    let at_gateway = "\
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: edge, namespace: istio-system}
spec:
  selector: {matchLabels: {istio: ingressgateway}}
  jwtRules: [{issuer: 'https://issuer.example.com', jwksUri: 'https://issuer.example.com/jwks.json', audiences: [shop], forwardOriginalToken: FORWARD}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: bin, namespace: foo}
spec:
  hosts: ['*']
  gateways: [istio-system/front]
  http: [{route: [{destination: {host: httpbin, port: {number: 8000}}}]}]
---
";
    let request = Request { from: OUTSIDE.into(), url: "http://shop.example.com/headers".into(), token: Some(Box::new(token())), ..Request::default() };
    let answer = |forward: &str| send(&(at_gateway.replace("FORWARD", forward) + POLICIES), &request).unwrap().answer.to_string();
    assert!(answer("true").starts_with("200 httpbin.foo"), "{}", answer("true"));
    assert_eq!(answer("false"), "403", "the gateway keeps the token, so the server sees none");
}

#[test]
fn a_gateway_that_wants_certificates_asks_for_them() {
    let answer = |certificate: Option<Certificate>| {
        let request = Request { from: OUTSIDE.into(), url: "https://shop.example.com/".into(), certificate: certificate.map(Box::new), ..Request::default() };
        send(GATEWAY, &request).unwrap().answer.to_string()
    };
    assert_eq!(answer(None), "TLS handshake failed");
    assert!(answer(Some(Certificate::default())).starts_with("200 productpage"), "{}", answer(Some(Certificate::default())));
    assert_eq!(answer(Some(Certificate { is_unknown: true, ..Certificate::default() })), "TLS handshake failed");
}

#[test]
fn what_cannot_be_shown_is_refused_with_its_reason() {
    let ask = |request: Request| send("", &Request { url: "http://reviews:9080/".into(), ..request }).unwrap_err().to_string();
    let from = |from: &str| Request { from: from.into(), ..Request::default() };
    let nameless = Request { token: Some(Box::default()), ..from("sleep-a.default") };
    assert!(ask(nameless).contains("name its issuer"));
    let long = Token { claims: claims_from_lines([format!("a: {}", "x".repeat(9_000)).as_str()]).unwrap(), ..token() };
    assert!(ask(Request { token: Some(Box::new(long)), ..from("sleep-a.default") }).contains("8,192"));
    let twice = Token { claims: claims_from_lines(["sub: me"]).unwrap(), ..token() };
    assert!(ask(Request { token: Some(Box::new(twice)), ..from("sleep-a.default") }).contains("has a field of its own"));
    let shown = Some(Box::<Certificate>::default());
    assert!(ask(Request { certificate: shown.clone(), ..from("sleep-a.default") }).contains("only who calls from outside"));
    assert!(ask(Request { certificate: shown, ..from(OUTSIDE) }).contains("https://"));
}

#[test]
fn claims_are_json_where_they_can_be() {
    let claims = claims_from_lines(["scope: read write", " groups: [\"a\", 1] ", "", "admin: true", "url: http://a:1"]).unwrap();
    assert_eq!(json!(claims), json!({"scope": "read write", "groups": ["a", 1], "admin": true, "url": "http://a:1"}));
    assert!(claims_from_lines(["nothing"]).is_err() && claims_from_lines([": x"]).is_err());
}
