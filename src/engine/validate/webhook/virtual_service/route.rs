//! One route for HTTP (`validateHTTPRoute`).

use super::{
    super::part::{Context, Part, check_duration},
    actions, destination, headers, matches,
};

/// Judges a route. The routes of a delegate cannot delegate further.
pub(super) fn check(context: &mut Context<'_, '_>, http: &Part<'_>, is_delegate: bool) {
    check_conflicts(context, http, is_delegate);
    for request in http.get("match").items() {
        matches::check(context, &request);
    }
    headers::check_operations(context, &http.get("headers"));
    actions::check_cors(context, &http.get("corsPolicy"));
    actions::check_fault(context, &http.get("fault"));
    check_mirrors(context, http);
    actions::check_redirect(context, &http.get("redirect"));
    actions::check_direct_response(context, &http.get("directResponse"));
    actions::check_retries(context, &http.get("retries"));
    actions::check_rewrite(context, &http.get("rewrite"));
    headers::check_authority(context, http);
    destination::check_weighted(context, &http.get("route"));
    check_duration(context, &http.get("timeout"));
}

/// `validateHTTPRouteConflict`: what a route does, it does alone.
fn check_conflicts(context: &mut Context<'_, '_>, http: &Part<'_>, is_delegate: bool) {
    let part = |key: &'static str| http.get(key);
    let delegate = part("delegate");
    if delegate.is_set() && !is_delegate {
        for key in ["redirect", "route"] {
            if part(key).is_set() {
                let gist = format!("{key} beside delegate in {}", part("name").text());
                context.refuse_as(gist, &part(key), format!("a route that delegates leaves the rest to its delegate; remove {key} or delegate"));
            }
        }
        return;
    }
    if delegate.is_set() {
        context.refuse(&delegate, "a delegate (a VirtualService without hosts) cannot delegate further");
    }
    let (redirect, answer) = (part("redirect"), part("directResponse"));
    let own = if redirect.is_set() {
        Some("redirect")
    } else if answer.is_set() {
        Some("directResponse")
    } else {
        None
    };
    if let Some(own) = own {
        for key in ["route", "fault", "rewrite"] {
            if part(key).is_set() {
                context.refuse(&part(key), format!("a route with {own} answers by itself and reaches no backend; remove {key} or {own}"));
            }
        }
        if redirect.is_set() && answer.is_set() {
            context.refuse(&answer, "a route either redirects or answers directly; remove redirect or directResponse");
        }
    } else if !part("route").is_set() {
        context.refuse(http, "says nothing of what to do with the request; add route, redirect or directResponse");
    }
    if part("mirror").is_set() && part("mirrors").is_set() {
        context.refuse(&part("mirrors"), "mirror and mirrors cannot be combined; put all into mirrors");
    }
}

fn check_mirrors(context: &mut Context<'_, '_>, http: &Part<'_>) {
    for key in ["mirrorPercent", "mirror_percent"] {
        let percent = http.get(key);
        if !percent.is_set() {
            continue;
        }
        if percent.whole() > 100 {
            context.refuse(&percent, format!("{} percent is more than all; at most 100", percent.whole()));
        }
        context.warn_as("mirrorPercent", &percent, format!("{key} is deprecated; use mirrorPercentage: {{value: {}}}", percent.whole()));
    }
    check_share(context, "mirrorPercentage", &http.get("mirrorPercentage"));
    destination::check(context, &http.get("mirror"));
    for mirror in http.get("mirrors").items() {
        let destination = mirror.get("destination");
        if destination.is_set() {
            destination::check(context, &destination);
            check_share(context, "mirrors", &mirror.get("percentage"));
        } else {
            context.refuse(&destination, "a mirror needs a destination");
        }
    }
}

fn check_share(context: &mut Context<'_, '_>, field: &str, percentage: &Part<'_>) {
    let value = percentage.get("value");
    if value.number() < 0.0 || value.number() > 100.0 {
        context.refuse_as(format!("{field} {}", value.number()), &value, format!("{} is not a percentage from 0 to 100", value.number()));
    }
}
