//! VirtualServices that hand over to others (`mergeVirtualServicesIfNeeded` in `pilot/pkg/model/virtualservice.go`).

use super::{CART_80, clusters, get, names, sidecar, virtual_host, virtual_service};

const TO_WEB: &str = "route: [{destination: {host: web.shop.svc.cluster.local}}]";

fn root(http: &str) -> String {
    virtual_service("root", "shop", &format!("{{hosts: [cart], http: [{http}]}}"))
}

fn delegate(more: &str, http: &str) -> String {
    virtual_service("team", "other", &format!("{{{more}http: [{http}]}}"))
}

const HAND_OVER: &str = "delegate: {name: team, namespace: other}";

/// `mergeHTTPRoutes` in `pilot/pkg/model/virtualservice.go`.
#[test]
fn each_match_of_the_root_meets_each_match_of_the_delegate() {
    let text = root(&format!("{{name: r, match: [{{headers: {{x: {{exact: '1'}}}}}}, {{headers: {{x: {{exact: '2'}}}}}}], {HAND_OVER}}}"))
        + &delegate("", &format!("{{name: d, match: [{{uri: {{prefix: /a}}}}, {{uri: {{prefix: /b}}}}], {TO_WEB}}}"));
    let matches: Vec<_> =
        virtual_host(&sidecar(&text), "80", CART_80).routes.iter().map(|route| (route.r#match.prefix.clone(), route.r#match.headers.len())).collect();
    assert_eq!(matches.len(), 4);
    assert!(matches.iter().all(|(prefix, headers)| prefix.is_some() && *headers == 1), "{matches:?}");
}

/// `hasConflict` in `pilot/pkg/model/virtualservice.go`.
#[test]
fn a_rule_of_the_delegate_that_is_not_narrower_is_dropped() {
    let text = root(&format!("{{name: r, match: [{{uri: {{prefix: /team}}}}], {HAND_OVER}}}"))
        + &delegate("", &format!("{{name: in, match: [{{uri: {{exact: /team/x}}}}], {TO_WEB}}}, {{name: out, match: [{{uri: {{prefix: /te}}}}], {TO_WEB}}}"));
    assert_eq!(names(&sidecar(&text), "80", CART_80), ["r-in"]);
}

/// `stringMatchConflict` in `pilot/pkg/model/virtualservice.go`.
#[test]
fn an_expression_conflicts_with_every_other_matcher() {
    for (of_root, of_delegate) in [("prefix: /team", "regex: '/team/.*'"), ("regex: '/team/.*'", "exact: /team/x")] {
        let text = root(&format!("{{name: r, match: [{{uri: {{{of_root}}}}}], {HAND_OVER}}}, {{name: rest, {TO_WEB}}}"))
            + &delegate("", &format!("{{name: d, match: [{{uri: {{{of_delegate}}}}}], {TO_WEB}}}"));
        assert_eq!(names(&sidecar(&text), "80", CART_80), ["rest"], "{of_root}, {of_delegate}");
    }
}

/// `mergeHTTPRoute` in `pilot/pkg/model/virtualservice.go`.
#[test]
fn what_a_delegate_leaves_open_the_root_decides() {
    let text = root(&format!("{{name: r, timeout: 7s, headers: {{request: {{set: {{x-root: '1'}}}}}}, {HAND_OVER}}}"))
        + &delegate("", &format!("{{name: open, match: [{{uri: {{exact: /a}}}}], {TO_WEB}}}, {{name: own, timeout: 2s, {TO_WEB}}}"));
    let config = sidecar(&text);
    let times: Vec<String> =
        virtual_host(&config, "80", CART_80).routes.iter().map(|route| route.route.as_ref().unwrap().timeout.unwrap().to_string()).collect();
    assert_eq!(times, ["7s", "2s"]);
    assert_eq!(get(&config, "/a").upstream.unwrap().headers["x-root"], "1");
}

/// `mergeVirtualServicesIfNeeded` in `pilot/pkg/model/virtualservice.go`.
#[test]
fn a_delegate_that_is_missing_drops_its_rule_and_no_other() {
    let text = root(&format!("{{name: gone, match: [{{uri: {{prefix: /a}}}}], {HAND_OVER}}}, {{name: rest, {TO_WEB}}}"));
    assert_eq!(names(&sidecar(&text), "80", CART_80), ["rest"]);
}

/// `mergeVirtualServicesIfNeeded` in `pilot/pkg/model/virtualservice.go`.
#[test]
fn a_delegate_has_to_be_exported_to_the_namespace_of_its_root() {
    for (export, routes) in [("['.']", vec!["rest"]), ("['elsewhere']", vec!["rest"]), ("['shop']", vec!["r-d", "rest"]), ("['*']", vec!["r-d", "rest"])] {
        let text = root(&format!("{{name: r, match: [{{uri: {{prefix: /a}}}}], {HAND_OVER}}}, {{name: rest, {TO_WEB}}}"))
            + &delegate(&format!("exportTo: {export}, "), &format!("{{name: d, {TO_WEB}}}"));
        assert_eq!(names(&sidecar(&text), "80", CART_80), routes, "{export}");
    }
}

/// `mergeHTTPRoute` in `pilot/pkg/model/virtualservice.go`.
#[test]
fn the_route_bears_the_names_of_both() {
    let text = root(&format!("{{name: r, {HAND_OVER}}}")) + &delegate("", &format!("{{name: d, {TO_WEB}}}"));
    assert_eq!(names(&sidecar(&text), "80", CART_80), ["r-d"]);
}

/// `mergeVirtualServicesIfNeeded` in `pilot/pkg/model/virtualservice.go`: names in a delegate are those of its own namespace.
#[test]
fn short_names_in_a_delegate_stand_in_its_own_namespace() {
    let text = root(&format!("{{name: r, {HAND_OVER}}}")) + &delegate("", "{name: d, route: [{destination: {host: web}}]}");
    assert_eq!(clusters(&get(&sidecar(&text), "/")), ["outbound|80||web.other.svc.cluster.local"]);
}
