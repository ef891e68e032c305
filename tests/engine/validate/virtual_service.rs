//! VirtualService.

use super::check_spec;

fn check(spec: &str) {
    check_spec("networking.istio.io/v1", "VirtualService", spec);
}

/// One route for HTTP, with these fields beside a destination.
fn check_route(fields: &str) {
    check(&format!("  hosts: [reviews]\n  http:\n  - route: [{{destination: {{host: reviews}}}}]\n{fields}"));
}

#[test]
fn sound_configurations_pass() {
    check(
        "  hosts: [reviews]\n  http:\n  - match: [{headers: {end-user: {exact: jason}}, uri: {prefix: ''}}]\n    route: [{destination: {host: reviews, subset: v2}}]\n    timeout: 1.5s\n  - route: [{destination: {host: reviews}, weight: 1}, {destination: {host: b}, weight: 0}]\n",
    );
    check(
        "  hosts: ['*.example.com']\n  gateways: [shop/web]\n  tls: [{match: [{sniHosts: [a.example.com], port: 443}], route: [{destination: {host: a}}]}]\n",
    );
    check("  http: [{match: [{uri: {prefix: /a}}], directResponse: {status: 503, body: {string: x}}}]\n");
    check("  hosts: [a]\n  http: [{delegate: {name: b, namespace: c}, match: [{uri: {prefix: /x}}]}]\n");
}

#[test]
fn hosts_are_names() {
    check(
        "  hosts: [\n    'reviews:9080', # error: a port has its own field\n    'http://a', # error: without scheme\n    'a.*.com'] # error: a wildcard can only be\n  http: [{route: [{destination: {host: a}}]}]\n",
    );
    check("  hosts: ['*'] # error: not allowed where the sidecars\n  http: [{route: [{destination: {host: a}}]}]\n");
    check("  hosts: ['*.com', a.com] # error: overlap\n  http: [{route: [{destination: {host: a}}]}]\n");
    // `./gateway`, which istiod could resolve, does not get past `validateGatewayNames` in `pkg/config/validation/virtualservice.go`.
    check("  hosts: [a]\n  gateways: [./gateway] # error: is not a namespace\n  http: [{route: [{destination: {host: a}}]}]\n");
    check("  hosts: [a]\n  gateways: [a/b/c, Mesh] # error: is not a Gateway's name\n  http: [{route: [{destination: {host: a}}]}]\n");
    check("  hosts: [a.com]\n  gateways: [gw.shop.svc.cluster.local] # warning: write shop/gw\n  http: [{route: [{destination: {host: a}}]}]\n");
}

#[test]
fn a_delegate_has_no_gateways_and_delegates_no_further() {
    check("  gateways: [a/b] # error: is a delegate\n  http: [{delegate: {name: c}}] # error: cannot delegate further & says nothing of what to do\n");
    check("  hosts: [a]\n  http: [{delegate: {name: c}, route: [{destination: {host: a}}]}] # error: leaves the rest\n");
}

#[test]
fn a_route_does_one_thing() {
    check("  hosts: [a]\n  http:\n  - match: [{uri: {prefix: /}}] # error: says nothing of what to do\n");
    check("  hosts: [a]\n  http:\n  - redirect: {scheme: ftp} # error: is not a scheme\n    fault: {delay: {fixedDelay: 1s}} # error: answers by itself\n");
    check(
        "  hosts: [a]\n  http:\n  - directResponse: {status: 99} # error: is not an HTTP status\n    route: [{destination: {host: a}}] # error: answers by itself\n",
    );
    check_route("    mirror: {host: a}\n    mirrors: [{destination: {host: b}}] # error: put all into mirrors\n");
}

#[test]
fn weights_and_destinations_are_checked() {
    check(
        "  hosts: [a]\n  http:\n  - route: # error: no weight is above 0\n    - {destination: {host: a}}\n    - {destination: {host: '*'}} # error: is no destination\n",
    );
    check(
        "  hosts: [a]\n  http:\n  - route:\n    - destination: {host: a, subset: v_1} # error: is not a subset's name\n      weight: -1 # error: is negative\n    - destination: {host: a, port: {number: 0}} # error: is not a port\n      weight: 5\n",
    );
}

#[test]
fn fields_of_the_wrong_type_say_their_cure() {
    check(
        "  hosts: a # error: a list is wanted\n  http:\n  - route:\n    - destination: {host: a, port: 80} # error: a mapping is wanted with number\n      weight: '50' # error: remove the quotes\n    timeout: 10 # error: put it in quotes\n    retries: {attempts: 3, perTryTimeout: 2sec} # error: is not a duration\n",
    );
    check("  hosts: [a]\n  http:\n  - match: [{headers: {x: {exact: yes}}}] # error: put it in quotes: \"yes\"\n    route: [{destination: {host: a}}]\n");
    check(
        "  hosts: [a]\n  http:\n  - match: [{uri: {exact: a, prefix: b}}] # error: only one of exact, prefix, regex\n    hosts: [b] # error: one level further out\n    route: [{destination: {host: a}}]\n",
    );
}

#[test]
fn matches_are_checked() {
    check_route(
        "    match:\n    - uri: {regex: '(?=a)'} # error: look-around\n    - headers: {'a b': {prefix: ''}} # error: is not a header's name & an empty prefix\n    - headers: {'@request.auth.claims.group': {exact: a}} # error: which only gateways can\n    - {port: 70000, sourceNamespace: a.b} # error: is not a port & is not a namespace\n    - withoutHeaders: {x: {regex: '*'}}\n",
    );
}

#[test]
fn regular_expressions_are_read_as_by_re2() {
    check_route(
        "    match:\n    - uri: {regex: '/\\Qv1.0\\E/[\\w-.]+'}\n    - headers: {x: {regex: '\\07|[\\0-\\x{1F}]'}}\n    - queryParams: {q: {regex: '(?<year>\\d{4})-{02}'}}\n",
    );
    check_route(
        "    match:\n    - uri: {regex: '(?x)/shop'} # error: a group cannot begin with (?x\n    - uri: {regex: '/[[:letter:]]+'} # error: the class [:letter:] does not exist\n    - headers: {x: {regex: '[+--]'}}\n    - headers: {x: {regex: '[a--]'}} # error: the range a-- ends before it begins\n    - headers: {x: {regex: '\\u00e9'}} # error: \\u means nothing\n    - headers: {x: {regex: '(?:a{100}b){11}'}} # error: more than the 1000\n",
    );
}

#[test]
fn a_host_is_named_in_full_where_it_is_wrong() {
    check(
        "  hosts: [shop.*.com] # error: \"shop.*.com\" is not a host name\n  tcp:\n  - route:\n    - destination: {host: 10.1.2.3} # error: \"10.1.2.3\" is an IP address\n      weight: 1\n    - destination: {host: 'shop.example.com:80'} # error: write the host \"shop.example.com\" alone\n      weight: 1\n",
    );
}

#[test]
fn actions_are_checked() {
    check_route("    retries: {perTryTimeout: 1s} # error: there are no retries\n");
    check_route("    retries: {attempts: 2, retryOn: '5xx, reset'} # error: remove the blank\n");
    check_route("    retries: {attempts: 2, retryOn: '5xx,503,gateway-error,+504'}\n");
    check_route("    retries: {attempts: 2, retryOn: '++503'} # error: is not a reason to retry\n");
    check_route("    fault: {abort: {httpStatus: 20, percentage: {value: 150}}} # error: is not an HTTP status & is not a percentage\n");
    check_route("    fault: {delay: {fixedDelay: 0s}} # error: 1ms or more\n");
    check_route("    fault: {} # error: injects nothing\n");
    check_route("    mirror: {host: b}\n    mirrorPercent: 50 # warning: use mirrorPercentage\n");
    check_route("    mirrorPercentage: {value: 150} # error: is not a percentage\n");
    check_route("    rewrite: {} # error: changes nothing\n");
    check_route("    rewrite: {uri: /a, uriRegexRewrite: {match: '[', rewrite: b}} # error: both rewrite the path & is not a regular expression\n");
    check_route(
        "    corsPolicy: {allowOrigins: [{}], allowMethods: [get], maxAge: 1500ms} # error: needs exact & methods are written in capitals & whole seconds\n",
    );
    check_route(
        "    headers: {request: {set: {host: b}, add: {':path': x}}, response: {set: {Host: a}, add: {x: '%A'}}} # error: is a part of the request & only be set in requests & does not end it\n",
    );
    check_route("    rewrite: {authority: a}\n    headers: {request: {set: {':authority': b}}} # error: set it in one place\n");
}

#[test]
fn rules_that_are_never_reached_are_warned_of() {
    check("  hosts: [a]\n  http:\n  - route: [{destination: {host: a}}]\n  - route: [{destination: {host: b}}] # warning: is never used\n");
    check(
        "  hosts: [a]\n  http:\n  - match: [{uri: {prefix: /a}}]\n    route: [{destination: {host: a}}]\n  - match: [{uri: {prefix: /ab}}] # warning: comes first\n    route: [{destination: {host: b}}]\n  - match: [{uri: {prefix: /a}}] # warning: rule #0 has the same & earlier rules have all\n    route: [{destination: {host: b}}]\n",
    );
}

#[test]
fn routes_below_http_are_checked() {
    check(
        "  hosts: [a.com]\n  tls:\n  - match: [{sniHosts: [b.com]}] # error: lies within none\n    route: [{destination: {host: a}}]\n  tcp:\n  - match: [{destinationSubnets: [10.0.0.0/33]}] # error: is not an address range\n    route: [{destination: {host: a}, weight: 1}, {destination: {host: b}}]\n",
    );
    check("  hosts: [a.com]\n  tcp: [{route: [{destination: {host: a}}]}]\n  exportTo: [shop, .] # error: is the namespace\n");
    check("  hosts: [a.com]\n  tcp: [{route: []}] # error: add route\n  exportTo: ['*', b, '~'] # error: only a ServiceEntry & every namespace\n");
}
