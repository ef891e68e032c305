//! What a route for HTTP asks of a request (`validateHTTPRouteMatchRequest`).

use super::{
    super::{
        part::{Context, Part, check_port},
        regex,
        selector::check_labels,
    },
    check_gateway_names, headers,
};
use crate::engine::validate::names::is_dns_label;

/// Judges one match.
pub(super) fn check(context: &mut Context<'_, '_>, request: &Part<'_>) {
    for (name, value) in request.get("headers").entries() {
        headers::check_matched(context, &value, name);
        check_text(context, "headers", &request.get("headers").get(name));
    }
    for (name, value) in request.get("withoutHeaders").entries() {
        headers::check_matched(context, &value, name);
        // `*` is no regular expression; istiod turns it into "is present".
        if value.get("regex").text() != "*" {
            check_text(context, "withoutHeaders", &request.get("withoutHeaders").get(name));
        }
    }
    // An empty prefix matches every path, but no other field can be matched so.
    check_regex(context, "uri", &request.get("uri"));
    for field in ["scheme", "method", "authority"] {
        check_text(context, field, &request.get(field));
    }
    for (name, _) in request.get("queryParams").entries() {
        check_text(context, "queryParams", &request.get("queryParams").get(name));
    }
    if request.get("port").whole() != 0 {
        check_port(context, &request.get("port"));
    }
    check_labels(context, &request.get("sourceLabels"));
    context.without_warnings(|context| check_gateway_names(context, &request.get("gateways"), false));
    let namespace = request.get("sourceNamespace");
    if !namespace.text().is_empty() && !is_dns_label(namespace.text()) {
        context.refuse(&namespace, format!("{:?} is not a namespace", namespace.text()));
    }
}

/// `validateStringMatch`, of a field.
fn check_text(context: &mut Context<'_, '_>, field: &str, part: &Part<'_>) {
    let prefix = part.get("prefix");
    if prefix.is_set() && prefix.text().is_empty() {
        context.refuse_as(
            format!("empty prefix in {field}"),
            &prefix,
            "an empty prefix matches nothing in particular; remove the match, or use {} to ask for presence",
        );
    }
    check_regex(context, field, part);
}

/// `validateStringMatchRegexp`.
pub(super) fn check_regex(context: &mut Context<'_, '_>, field: &str, part: &Part<'_>) {
    let pattern = part.get("regex");
    if !pattern.is_set() {
        return;
    }
    if pattern.text().is_empty() {
        context.refuse_as(format!("empty regex in {field}"), &pattern, "an empty regular expression matches nothing; use \".*\" for anything");
    } else {
        regex::check(context, field, &pattern, pattern.text());
    }
}
