//! Virtual hosts, routes, rewrites, redirects and header operations.

use meshwright::engine::envoy::{CallError, Stage, Verdict};
use serde_json::{Value, json};

use super::{call, cluster, config, everything, http_chain, listener, losses, proxy, run, shares};

/// The name of the route that takes a request.
fn route_for(rule: &Value, changes: &Value) -> String {
    run(&proxy(&json!([{"name": "it", "match": rule, "route": {"cluster": "a"}}])), changes).route
}

#[test]
fn the_first_route_that_matches_wins_and_the_losers_say_why() {
    let routes = json!([
        {"name": "jason", "match": {"prefix": "/", "headers": [{"name": "end-user", "stringMatch": {"exact": "jason"}}]}, "route": {"cluster": "a"}},
        {"name": "rest", "match": {"prefix": "/"}, "route": {"cluster": "b"}},
        {"name": "never", "match": {"prefix": "/"}, "route": {"cluster": "a"}},
    ]);
    let outcome = run(&proxy(&routes), &json!({"headers": {"End-User": "anna"}}));
    assert_eq!((outcome.route.as_str(), shares(&outcome)), ("rest", vec![("b", 1.0)]));
    assert!(losses(&outcome).contains(&"header end-user is \"anna\", the rule wants \"jason\"."), "{:?}", outcome.trace);
    let verdicts: Vec<(&str, Verdict)> =
        outcome.trace.iter().filter(|step| step.stage == Stage::Route).map(|step| (step.subject.as_str(), step.verdict)).collect();
    assert_eq!(verdicts, [("jason", Verdict::Lost), ("rest", Verdict::Chosen), ("never", Verdict::Unreached)]);
    assert_eq!(run(&proxy(&routes), &json!({"headers": {"end-user": "jason"}})).route, "jason");
}

#[test]
fn paths_match_by_their_kind_and_never_by_the_query() {
    for (rule, path, matches) in [
        (json!({"prefix": "/foo"}), "/foobar?x", true),
        (json!({"prefix": "/foo"}), "/Foo", false),
        (json!({"prefix": "/foo", "caseSensitive": false}), "/Foo", true),
        (json!({"path": "/foo"}), "/foo?x=1", true),
        (json!({"path": "/foo"}), "/foo/", false),
        (json!({"pathSeparatedPrefix": "/foo"}), "/foobar", false),
        (json!({"pathSeparatedPrefix": "/foo"}), "/foo/bar", true),
        (json!({"safeRegex": {"regex": "/v[0-9]+"}}), "/v12?x", true),
        (json!({"safeRegex": {"regex": "/v[0-9]+"}}), "/v12/x", false),
        (json!({"safeRegex": {"regex": "("}}), "/", false),
    ] {
        assert_eq!(route_for(&rule, &json!({"path": path})), if matches { "it" } else { "" }, "{rule} {path}");
    }
}

#[test]
fn headers_match_as_envoy_reads_missing_and_inverted_ones() {
    let rule = |header: &Value| json!({"prefix": "/", "headers": [header]});
    for (header, headers, matches) in [
        (json!({"name": "x", "presentMatch": true}), json!({"x": ""}), true),
        (json!({"name": "x", "presentMatch": true, "invertMatch": true}), json!({}), true),
        (json!({"name": "x", "presentMatch": true, "invertMatch": true}), json!({"x": "1"}), false),
        (json!({"name": "x", "stringMatch": {"exact": "1"}, "invertMatch": true}), json!({}), false),
        (json!({"name": "x", "stringMatch": {"exact": "1"}, "invertMatch": true, "treatMissingHeaderAsEmpty": true}), json!({}), true),
        (json!({"name": "x", "stringMatch": {"safeRegex": {"regex": "a.*"}}}), json!({"x": "abc"}), true),
        (json!({"name": "x", "stringMatch": {"safeRegex": {"regex": "b"}}}), json!({"x": "abc"}), false),
        (json!({"name": ":method", "stringMatch": {"exact": "GET"}}), json!({}), true),
        (json!({"name": ":authority", "stringMatch": {"exact": "web"}}), json!({}), true),
        (json!({"name": ":scheme", "stringMatch": {"exact": "https"}}), json!({"x-forwarded-proto": "https"}), true),
    ] {
        assert_eq!(route_for(&rule(&header), &json!({"headers": headers})), if matches { "it" } else { "" }, "{header} {headers}");
    }
}

#[test]
fn query_parameters_match_by_their_first_value() {
    let rule = |parameter: &Value| json!({"prefix": "/", "queryParameters": [parameter]});
    for (parameter, path, matches) in [
        (json!({"name": "v", "stringMatch": {"exact": "2"}}), "/?v=2&v=3", true),
        (json!({"name": "v", "stringMatch": {"exact": "3"}}), "/?v=2&v=3", false),
        (json!({"name": "debug", "presentMatch": true}), "/?a=1&debug", true),
        (json!({"name": "debug", "presentMatch": true}), "/", false),
    ] {
        assert_eq!(route_for(&rule(&parameter), &json!({"path": path})), if matches { "it" } else { "" }, "{parameter} {path}");
    }
}

#[test]
fn the_virtual_host_is_the_exact_one_then_the_longest_wildcard() {
    let host = |domain: &str| json!({"name": domain, "domains": [domain], "routes": everything(&json!({"directResponse": {"status": 200}}))});
    let hosts: Vec<Value> = ["*", "*.io", "*.a.io", "b.a.io", "b.*", "x.a.*"].iter().map(|domain| host(domain)).collect();
    let config = config(&json!({"listeners": [listener("0.0.0.0", 80, &json!([http_chain()]))], "clusters": [], "endpoints": [],
        "routes": [{"name": "80", "ignorePortInHostMatching": true, "virtualHosts": hosts}]}));
    for (authority, wanted) in
        [("b.a.io", "b.a.io"), ("B.A.IO:8080", "b.a.io"), ("c.a.io", "*.a.io"), ("a.io", "*.io"), ("b.com", "b.*"), ("x.a.com", "x.a.*"), ("else", "*")]
    {
        assert_eq!(run(&config, &json!({"host": authority})).virtual_host, wanted, "{authority}");
    }
}

#[test]
fn nothing_for_the_host_and_nothing_for_the_path_are_two_different_404() {
    let proxy = proxy(&json!([{"name": "it", "match": {"prefix": "/only"}, "route": {"cluster": "a"}}]));
    for (changes, error) in [(json!({"host": "other"}), CallError::NoVirtualHost), (json!({}), CallError::NoRoute)] {
        let outcome = run(&proxy, &changes);
        assert_eq!((outcome.error, outcome.response.status, outcome.response.flags), (Some(error), Some(404), vec!["NR".to_owned()]));
        assert_eq!(outcome.upstream, None);
    }
}

#[test]
fn weights_are_shares_of_their_sum_and_clusters_without_endpoints_keep_theirs() {
    let weighted = json!({"weightedClusters": {"clusters": [{"name": "a", "weight": 1}, {"name": "none", "weight": 3}]}});
    let outcome = run(&super::proxy_with(&everything(&json!({"route": weighted})), &json!([cluster("a", 1), cluster("none", 0)])), &json!({}));
    assert_eq!(shares(&outcome), [("a", 0.25), ("none", 0.75)]);
    assert_eq!(outcome.response.statuses.into_iter().collect::<Vec<_>>(), [(200, 0.25), (503, 0.75)]);
    assert_eq!(outcome.response.flags, ["UH"]);
}

#[test]
fn rewrites_replace_what_matched_and_keep_the_query() {
    for (rule, action, path, wanted) in [
        (json!({"prefix": "/api/"}), json!({"prefixRewrite": "/"}), "/api/x?q=1", "/x?q=1"),
        (json!({"path": "/old"}), json!({"prefixRewrite": "/new"}), "/old?q", "/new?q"),
        (json!({"prefix": "/"}), json!({"regexRewrite": {"pattern": {"regex": "^/(\\w+)/(\\w+)"}, "substitution": "/\\2$/\\1"}}), "/a/b?c", "/b$/a?c"),
        (json!({"prefix": "/"}), json!({}), "/a/../b#x", "/b"),
    ] {
        let mut action = action;
        action["cluster"] = "a".into();
        let outcome = run(&proxy(&json!([{"match": rule, "route": action}])), &json!({"path": path}));
        assert_eq!(outcome.upstream.unwrap().path, wanted, "{rule} {path}");
    }
}

#[test]
fn redirects_keep_what_they_do_not_change() {
    for (redirect, host, wanted) in [
        (json!({"httpsRedirect": true}), "web:80", "301 https://web/p?q"),
        (json!({"schemeRedirect": "https", "responseCode": "PERMANENT_REDIRECT"}), "web:8080", "308 https://web:8080/p?q"),
        (json!({"portRedirect": 8443, "hostRedirect": "other", "responseCode": "FOUND"}), "web:80", "302 http://other:8443/p?q"),
        (json!({"portRedirect": 81}), "web:80", "301 http://web:81/p?q"),
        (json!({"pathRedirect": "/x", "stripQuery": true}), "web", "301 http://web/x"),
        (json!({"pathRedirect": "", "prefixRewrite": "/z"}), "web", "301 http://web/z?q"),
    ] {
        let proxy = proxy(&json!([{"match": {"prefix": "/p"}, "redirect": redirect}]));
        let outcome = run(&proxy, &json!({"host": host, "path": "/p?q"}));
        assert_eq!(format!("{} {}", outcome.response.status.unwrap(), outcome.response.headers["location"]), wanted, "{redirect}");
    }
}

#[test]
fn a_direct_response_that_points_somewhere_points_to_the_request() {
    for (status, wanted) in [(201, Some("http://web:80/p?q")), (308, Some("http://web:80/p?q")), (200, None), (404, None)] {
        let proxy = proxy(&json!([{"match": {"prefix": "/"}, "directResponse": {"status": status}}]));
        let response = run(&proxy, &json!({"host": "web:80", "path": "/p?q"})).response;
        assert_eq!((response.status, response.headers.get("location").map(String::as_str)), (Some(status), wanted));
    }
}

#[test]
fn header_operations_go_from_cluster_to_route_to_host_and_remove_before_they_add() {
    let add = |value: &str, action: &str| json!([{"header": {"key": "X-Trail", "value": value}, "appendAction": action}]);
    let config = config(&json!({
        "listeners": [listener("0.0.0.0", 80, &json!([http_chain()]))],
        "routes": [{"name": "80", "requestHeadersToAdd": add("config", "ADD_IF_ABSENT"), "virtualHosts": [{"name": "web", "domains": ["*"],
            "requestHeadersToAdd": add("host", "APPEND_IF_EXISTS_OR_ADD"),
            "routes": [{"match": {"prefix": "/"}, "requestHeadersToRemove": ["x-trail"], "requestHeadersToAdd": add("route-%REQ(:method)%-100%%", "APPEND_IF_EXISTS_OR_ADD"),
                "responseHeadersToAdd": [{"header": {"key": "x-status", "value": "%RESPONSE_CODE%"}}],
                "route": {"weightedClusters": {"clusters": [{"name": "a", "weight": 1, "requestHeadersToAdd": add("weight", "OVERWRITE_IF_EXISTS_OR_ADD")}]}, "hostRewriteLiteral": "elsewhere"}}]}]}],
        "clusters": [cluster("a", 1)], "endpoints": [],
    }));
    let outcome = run(&config, &json!({"headers": {"x-trail": "client"}}));
    let upstream = outcome.upstream.unwrap();
    assert_eq!(upstream.headers["x-trail"], "route-GET-100%,host");
    assert_eq!(upstream.authority, "elsewhere");
    assert_eq!(outcome.response.headers["x-status"], "200");
}

#[test]
fn mirrors_take_their_fraction_and_do_not_answer() {
    let half = json!({"defaultValue": {"numerator": 50}});
    let action = json!({"cluster": "a", "requestMirrorPolicies": [{"cluster": "b", "runtimeFraction": half}, {"cluster": "c"}]});
    let outcome = run(&proxy(&everything(&json!({"route": action}))), &json!({"upstream": {"by_endpoint": {"10.0.0.9": {"status": [500]}}}}));
    assert_eq!(outcome.mirrors.iter().map(|mirror| (mirror.name.as_str(), mirror.share)).collect::<Vec<_>>(), [("b", 0.5), ("c", 1.0)]);
    assert_eq!(outcome.response.status, Some(200));
}

#[test]
fn a_method_in_lower_case_is_not_http() {
    let outcome = run(&proxy(&everything(&json!({"route": {"cluster": "a"}}))), &json!({"method": "post"}));
    assert_eq!((outcome.response.status, outcome.response.flags), (Some(400), vec!["DPE".to_owned()]));
    assert_eq!(call(&json!({"protocol": "http2"})).method, "");
}

/// Found by `tests/replay/differential`: the router answers 503 before it looks at who gets copies.
#[test]
fn nothing_is_copied_of_a_request_that_has_no_endpoint() {
    for name in ["missing", "empty"] {
        let routes = everything(&json!({"route": {"cluster": name, "requestMirrorPolicies": [{"cluster": "b"}]}}));
        let outcome = run(&super::proxy_with(&routes, &json!([super::cluster("empty", 0), super::cluster("b", 1)])), &json!({}));
        assert_eq!((outcome.response.status, outcome.mirrors.len()), (Some(503), 0), "{name}");
    }
}
