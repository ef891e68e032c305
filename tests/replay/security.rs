//! Policies on a real Envoy: tokens, authorizers and rules end calls as computed.

use meshwright::engine::{
    cluster::MeshConfig,
    envoy::{Call, Jwt, Mode, Peer, Tls},
    istiod::Proxy,
    manifest,
    mesh::Scene,
    source::SourceFile,
};
use serde_json::json;

use super::{agree, outbound, sidecar, tcp};

fn world(text: &str, mesh_config: serde_json::Value) -> Scene {
    let files = [("bookinfo", include_str!("../../content/worlds/bookinfo.yaml")), ("input", text)];
    let manifests = files.map(|(name, text)| manifest::read(&SourceFile::new(name, text)));
    Scene::of(&manifests, serde_json::from_value::<MeshConfig>(mesh_config).unwrap())
}

fn policy(kind: &str, name: &str, spec: &str) -> String {
    format!("---\napiVersion: security.istio.io/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {spec}\n")
}

fn ratings() -> Proxy {
    sidecar("ratings", "default", "10.1.0.41")
}

fn inbound(path: &str) -> Call {
    Call { mode: Mode::Inbound, ..outbound("10.1.0.41", 9080, "ratings", path, &[]) }
}

fn with_token(path: &str, token: serde_json::Value) -> Call {
    Call { jwt: Some(serde_json::from_value::<Jwt>(token).unwrap()), ..inbound(path) }
}

#[test]
fn tokens_are_signed_and_told_apart() {
    let text = policy(
        "RequestAuthentication",
        "tokens",
        "{jwtRules: [{issuer: me, audiences: [shop], jwks: '{\"keys\":[{\"kty\":\"oct\",\"k\":\"YQ\"}]}', fromHeaders: [{name: x-token, prefix: 'Token '}], fromParams: [t], fromCookies: [c], \
         outputPayloadToHeader: x-payload, outputClaimToHeaders: [{header: x-user, claim: sub}]}, {issuer: lost, jwksUri: 'https://lost.example/keys', forwardOriginalToken: true}]}",
    ) + &policy(
        "AuthorizationPolicy",
        "users",
        "{rules: [{from: [{source: {requestPrincipals: ['me/*']}}], when: [{key: 'request.auth.claims[role]', values: [admin]}]}]}",
    );
    let token = |more: serde_json::Value| {
        let mut token = json!({"issuer": "me", "subject": "ann", "audiences": ["shop"], "claims": {"role": "admin"}, "name": "x-token", "prefix": "Token "});
        token.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        token
    };
    let calls = [
        inbound("/none"),
        with_token("/good", token(json!({}))),
        with_token("/expired", token(json!({"expired": true}))),
        with_token("/forged", token(json!({"valid": false}))),
        with_token("/for-others", token(json!({"audiences": ["else"]}))),
        with_token("/of-others", token(json!({"issuer": "she"}))),
        with_token("/no-admin", token(json!({"claims": {"role": ["reader"]}}))),
        with_token("/query?a=1", token(json!({"location": "query", "name": "t"}))),
        with_token("/cookie", token(json!({"location": "cookie", "name": "c"}))),
        with_token("/elsewhere", token(json!({"name": "x-else"}))),
        with_token("/lost", json!({"issuer": "lost"})),
    ];
    let answers = agree(&world(&text, json!({})), &ratings(), &calls);
    let statuses: Vec<u16> = answers.iter().map(|answer| *answer.real.as_ref().unwrap().statuses.keys().next().unwrap()).collect();
    assert_eq!(statuses, [403, 200, 401, 401, 403, 401, 403, 200, 200, 403, 401]);
}

#[test]
fn an_authorizer_is_stood_in_for_over_both_protocols() {
    let text = policy("AuthorizationPolicy", "ask", "{action: CUSTOM, provider: {name: asked}, rules: [{to: [{operation: {paths: ['/asked*']}}]}]}");
    let provider = json!({"service": "details.default.svc.cluster.local", "port": 9080, "statusOnError": "503"});
    for kind in ["envoyExtAuthzHttp", "envoyExtAuthzGrpc"] {
        let scene = world(&text, json!({"extensionProviders": [{"name": "asked", kind: provider}]}));
        let calls = [("/asked", "allow"), ("/asked/1", "deny"), ("/asked/2", "unreachable"), ("/else", "deny"), ("/asked/3", "allow")]
            .map(|(path, answer)| Call { ext_authz: Some(answer.into()), ..inbound(path) });
        let answers = agree(&scene, &ratings(), &calls);
        let statuses: Vec<u16> = answers.iter().map(|answer| *answer.real.as_ref().unwrap().statuses.keys().next().unwrap()).collect();
        assert_eq!(statuses, [200, 403, 503, 200, 200], "{kind}");
        let notes: Vec<&String> = answers.iter().flat_map(|answer| &answer.not_compared).filter(|note| note.contains("ext_authz")).collect();
        assert!(notes.is_empty(), "{notes:?}");
    }
}

#[test]
fn rules_ask_for_certificates_and_close_connections_that_are_no_http() {
    let sleep = "cluster.local/ns/default/sa/sleep";
    let text = policy("AuthorizationPolicy", "callers", &format!("{{rules: [{{from: [{{source: {{principals: [{sleep}]}}}}]}}]}}"));
    let from = |principal: &str| Call { tls: Tls::Mtls, peer: Some(Peer { principal: principal.into(), ..Peer::default() }), ..inbound("/") };
    agree(&world(&text, json!({})), &ratings(), &[from(sleep), from("cluster.local/ns/foo/sa/sleep"), inbound("/")]);
    let mongodb = sidecar("mongodb", "default", "10.1.0.51");
    let answers = agree(&world(&text, json!({})), &mongodb, &[Call { address: "10.1.0.51".into(), ..tcp(Mode::Inbound, "10.1.0.51", 27017) }]);
    assert!(answers[0].real.as_ref().unwrap().error.is_some(), "{answers:#?}");
}

#[test]
fn the_source_of_a_connection_is_what_the_call_says() {
    let text = policy("AuthorizationPolicy", "near", "{rules: [{from: [{source: {ipBlocks: [10.1.0.0/16]}}]}]}");
    let from = |source: &str| Call { source_ip: Some(source.into()), ..inbound("/") };
    let answers = agree(&world(&text, json!({})), &ratings(), &[from("10.1.0.71"), from("198.51.100.1")]);
    assert_eq!(answers[0].real.as_ref().unwrap().statuses.keys().next(), Some(&200));
}
