//! `meshwright send --requests` with whole requests: what each came to, what was expected, and the exit code for CI.

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{code, err, folder, out, path};
use crate::program::run;

const ROUTES: &str = "apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: default}
spec:
  hosts: [reviews]
  http:
  - match: [{headers: {end-user: {exact: jason}}}]
    route: [{destination: {host: reviews, subset: v2}}]
  - route: [{destination: {host: reviews, subset: v1}}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: default}
spec:
  host: reviews
  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: tokens, namespace: foo}
spec:
  selector: {matchLabels: {app: httpbin}}
  jwtRules: [{issuer: 'https://issuer.example.com', jwksUri: 'https://issuer.example.com/jwks.json'}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: team, namespace: foo}
spec:
  selector: {matchLabels: {app: httpbin}}
  rules: [{when: [{key: 'request.auth.claims[team]', values: [red]}]}]
";

const REQUESTS: &str = "# Made in the world bookinfo.
about: what must stay so
world: bookinfo
requests:
- name: as jason
  from: productpage-v1-a
  url: http://reviews:9080/reviews/0
  headers: {End-User: jason}
  expect:
  - 200 from reviews-v2
  - header end-user: jason
- name: as anybody
  from: productpage-v1-a.default
  method: POST
  url: http://reviews:9080/reviews/0
  headers: ['end-user: anna']
  expect: 200 from reviews-v1
- from: sleep-a.default
  url: http://httpbin.foo:8000/headers
  token: {issuer: https://issuer.example.com, audiences: [a], claims: {team: red}}
  expect: |
    200 from httpbin.foo
    mtls
- from: sleep-a.default
  url: http://httpbin.foo:8000/headers
  expect: [403]
- name: in trouble
  from: productpage-v1-a
  url: http://details:9080/
  repeat: 2
  upstream_status: 503
  expect: [never 200, attempts <= 3]
- name: only sent
  from: productpage-v1-a
  url: http://ratings:9080/
";

fn files(requests: &str) -> TempDir {
    folder(&[("mesh/world.yaml", include_str!("../../content/worlds/bookinfo.yaml")), ("mesh/routes.yaml", ROUTES), ("requests.yaml", requests)])
}

fn send(requests: &str, more: &[&str]) -> std::process::Output {
    let files = files(requests);
    let (mesh, file) = (format!("{}/mesh", path(&files)), format!("{}/requests.yaml", path(&files)));
    run(&[&["send", "-f", &mesh, "--requests", &file], more].concat())
}

#[test]
fn requests_that_are_as_expected_end_well() {
    let output = send(REQUESTS, &[]);
    let said = out(&output);
    assert_eq!(code(&output), 0, "{said}{}", err(&output));
    assert!(said.contains("✓ as jason: 200 reviews/v2\n✓ as anybody: 200 reviews/v1\n✓ GET http://httpbin.foo:8000/headers: 200 httpbin.foo\n"), "{said}");
    assert!(said.ends_with("5 as expected, 0 not, 1 of which nothing is expected\n"), "{said}");
}

#[test]
fn one_that_is_not_fails_the_run_and_says_what_came() {
    let output = send(&REQUESTS.replace("200 from reviews-v1", "90% from reviews-v1"), &[]);
    let said = out(&output);
    assert_eq!(code(&output), 1, "{said}");
    assert!(said.contains("✕ as anybody: 200 reviews/v1\n    ✕ 90% from reviews-v1: 200 reviews/v1 (reviews-v1-a.default 100%)\n"), "{said}");
    let output = send(&REQUESTS.replace("from: productpage-v1-a.default", "from: productpage-v9-a"), &["-o", "json"]);
    assert_eq!(code(&output), 1);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["holds"], &told["requests"][0]["holds"], &told["requests"][5]["holds"]), (&json!(false), &json!(true), &Value::Null));
    assert!(told["requests"][1]["error"].as_str().unwrap().contains("did you mean \"productpage-v1-a.default\"?"), "{told}");
    assert_eq!(told["requests"][1]["expectations"][0], json!({"line": "200 from reviews-v1", "holds": false, "came": "nothing was sent"}));
    assert_eq!(told["requests"][0]["answer"], "200 reviews/v2");
}

#[test]
fn what_is_switched_in_the_world_is_switched_here_too() {
    let requests = "switches: {injection: {foo: none}, outbound: REGISTRY_ONLY}\nrequests:\n- from: sleep-a.default\n  url: http://httpbin.foo:8000/headers\n  expect: ['200']\n\
                    - from: sleep-a.default\n  url: http://elsewhere.example/\n  expect: [502]\n";
    let output = send(requests, &[]);
    assert_eq!(code(&output), 0, "{}{}", out(&output), err(&output));
    let output = send(&requests.replace("foo: none", "fo: none"), &[]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("did you mean \"foo\"?"), "{}", err(&output));
}

#[test]
fn a_file_that_cannot_be_read_names_line_and_field() {
    let said = |requests: &str| {
        let output = send(requests, &[]);
        assert_eq!((code(&output), out(&output).as_str()), (2, ""), "{requests}");
        err(&output)
    };
    for (from, to, words) in [
        ("200 from reviews-v2", "20o from reviews-v2", "line 10, requests[0].expect: \"20o from reviews-v2\" is no expectation"),
        ("  method: POST", "  metod: POST", "line 14, requests[1].metod: there is no such field here; did you mean method?"),
        ("{team: red}", "[team]", "requests[2].token.claims: the token cannot be used"),
        ("issuer: https", "isuer: https", "line 20, requests[2].token.isuer"),
        ("repeat: 2", "repeat: two", "line 30, requests[4].repeat"),
        ("  from: productpage-v1-a\n  url: http://details:9080/", "  url: http://details:9080/", "line 27, requests[4].from: it does not say who calls"),
        ("requests:\n", "requests: []\nrequests:\n", "is set twice"),
        ("headers: ['end-user: anna']", "headers: [jason]", "line 16, requests[1].headers"),
        ("expect: 200 from reviews-v1", "expect: {a: b}", "line 17, requests[1].expect: it is no list of lines"),
    ] {
        let told = said(&REQUESTS.replacen(from, to, 1));
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(said("requests: 5\n").contains("not a list of requests"));
    assert!(said("requests: []\n---\nrequests: []\n").contains("one document"));
    assert!(said(&format!("requests:\n{}", "- {from: a, url: 'http://a/'}\n".repeat(10_001))).contains("10001 requests are more than the 10000"));
}

#[test]
fn only_send_follows_whole_requests() {
    let files = files(REQUESTS);
    let file = format!("{}/requests.yaml", path(&files));
    let output = run(&["proxy-config", "all", "-f", path(&files), "--requests", &file]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("only `meshwright send` follows"), "{}", err(&output));
}

#[test]
fn one_request_can_carry_a_token_and_a_certificate() {
    let files = files(REQUESTS);
    let mesh = format!("{}/mesh", path(&files));
    let send = |more: &[&str]| run(&[&["send", "-f", &mesh, "--from", "sleep-a", "http://httpbin.foo:8000/headers"], more].concat());
    let first = |output: &std::process::Output| out(output).lines().next().unwrap_or_default().to_owned();
    let issuer = ["--token-issuer", "https://issuer.example.com", "--token-claim", "team: red"];
    assert_eq!(first(&send(&issuer)), "200 httpbin.foo");
    assert_eq!(first(&send(&[&issuer[..], &["--token-expired"]].concat())), "401");
    assert_eq!(first(&send(&[])), "403");
    assert!(err(&send(&["--token-claim", "team: red"])).contains("--token-issuer"), "a claim alone is no token");
    let refused = send(&["--certificate=cluster.local/ns/a/sa/b"]);
    assert_eq!(code(&refused), 2);
    assert!(err(&refused).contains("only who calls from outside"), "{}", err(&refused));
}
