//! AuthorizationPolicy, PeerAuthentication, RequestAuthentication.

use super::check_spec;

fn check(kind: &str, spec: &str) {
    check_spec("security.istio.io/v1", kind, spec);
}

#[test]
fn authorization_policies() {
    check("AuthorizationPolicy", "  {}\n");
    check("AuthorizationPolicy", "  action: DENY\n  rules: [{}]\n");
    check("AuthorizationPolicy", "  action: DENY # error: denies nothing\n");
    check(
        "AuthorizationPolicy",
        "  action: CUSTOM\n  provider: {name: ''} # error: needs provider.name\n  rules: [{from: [{source: {namespaces: [a]}}]}] # error: is not supported with CUSTOM\n",
    );
    check("AuthorizationPolicy", "  provider: {name: a} # error: decides for the action CUSTOM only\n  rules: [{}]\n");
    check("AuthorizationPolicy", "  action: DENY\n  rules:\n  - to: [{operation: {paths: [/admin]}}] # warning: denies all traffic to TCP\n");
    check(
        "AuthorizationPolicy",
        "  rules:\n  - from: [{source: {}}] # error: an empty source\n  - to:\n    - operation: {paths: ['/a/{id}'], ports: ['http']} # error: is neither & is not a port\n  - when:\n    - {key: 'request.header[x]', values: [a]} # error: is no attribute\n    - {key: request.headers, values: [a]} # error: must have the form\n    - {key: source.ip} # error: needs values\n    - {key: source.ip, values: [10.0.0.0/99]} # error: is not an IP address\n",
    );
    check("AuthorizationPolicy", "  rules:\n  - from: [{source: {namespaces: [a], serviceAccounts: [b]}}] # error: cannot be combined\n");
    check(
        "AuthorizationPolicy",
        "  selector: {matchLabels: {app: 'a*'}} # error: takes no wildcard\n  rules: [{from: {source: {}}}] # error: start its first key with\n",
    );
    check("AuthorizationPolicy", "  targetRefs:\n  - {kind: Deployment, group: apps, name: a} # error: for workloads use a selector\n");
    check("AuthorizationPolicy", "  targetRefs: [{kind: Service, group: '', name: a, namespace: b}] # error: own namespace\n");
}

#[test]
fn dry_run_is_for_policies_that_allow_or_deny() {
    super::check(
        "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata:\n  name: a\n  annotations: {istio.io/dry-run: 'true'} # error: cannot be tried out\nspec: {}\n",
    );
    super::check(
        "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata:\n  name: a\n  annotations: {istio.io/dry-run: 'yes'} # error: neither \"true\" nor\nspec: {rules: [{}]}\n",
    );
}

#[test]
fn peer_authentications() {
    check("PeerAuthentication", "  mtls: {mode: STRICT}\n");
    check("PeerAuthentication", "  selector: {matchLabels: {app: a}}\n  portLevelMtls: {8080: {mode: DISABLE}, '90': {}}\n");
    check("PeerAuthentication", "  portLevelMtls: {8080: {mode: DISABLE}} # error: need a selector\n");
    check("PeerAuthentication", "  selector: {matchLabels: {app: a}}\n  portLevelMtls: {http: {mode: DISABLE}} # error: is not a port\n");
    check("PeerAuthentication", "  selector: {matchLabels: {app: a}}\n  portLevelMtls: {'0443': {mode: DISABLE}} # error: without 0 at the start\n");
    check("PeerAuthentication", "  selector: {} # warning: selects by no label\n  mtls: {mode: STRICT}\n");
    check("PeerAuthentication", "  mtls: {mode: strict} # error: did you mean STRICT?\n");
}

#[test]
fn request_authentications() {
    check("RequestAuthentication", "  jwtRules: [{issuer: a, jwksUri: 'https://a/keys'}]\n");
    check(
        "RequestAuthentication",
        "  jwtRules:\n  - issuer: '' # error: must not be empty\n    jwksUri: a/keys # error: starts with https://\n  - issuer: a\n    jwks: '{ keys: nope' # error: it is no JSON\n",
    );
    check("RequestAuthentication", "  jwtRules: [{issuer: a, jwks: '{\"keys\": [{\"kty\": \"RSA\", \"e\": \"AQAB\", \"n\": \"qL0q\", \"alg\": null}]}'}]\n");
    check(
        "RequestAuthentication",
        "  jwtRules:\n  - issuer: a\n    jwks: '{\"keys\": [{\"kty\": \"RSA\", \"e\": \"AQAB\", \"n\": \"qL0qv\"}]}' # error: keys[0] has a n that is not base64url\n  - issuer: a\n    jwks: '{\"keys\": [{\"kty\": \"oct\", \"k\": \"qL0q\", \"kid\": 7}]}' # error: a kid that is no text\n",
    );
    check(
        "RequestAuthentication",
        "  jwtRules:\n  - issuer: a\n    jwksUri: https://a:70000/keys\n  - issuer: a\n    jwksUri: https://a:70000000000000000000/keys # error: too large\n",
    );
}
