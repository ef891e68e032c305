//! Where a route sends to (`validateDestination`, `validateHTTPRouteDestinations`, `validateRouteDestinations`).

use super::{
    super::{
        hosts,
        networking::destination_rule::check_subset_name,
        part::{Context, Part, check_port},
    },
    headers,
};

/// One destination, where there is one.
pub(in super::super) fn check(context: &mut Context<'_, '_>, destination: &Part<'_>) {
    if !destination.is_set() {
        return;
    }
    let host = destination.get("host");
    if host.text() == "*" {
        context.refuse(&host, "\"*\" is no destination; name one host");
    } else if let Err(reason) = hosts::wildcard_domain(host.text()) {
        reason.refuse(context, &host);
    }
    check_part(context, destination);
}

/// Which part of the host it is: its subset and port.
pub(in super::super) fn check_part(context: &mut Context<'_, '_>, destination: &Part<'_>) {
    let subset = destination.get("subset");
    if !subset.text().is_empty() {
        check_subset_name(context, &subset);
    }
    let port = destination.get("port");
    if port.is_set() {
        check_port(context, &port.get("number"));
    }
}

/// The weighted destinations of a route.
pub(super) fn check_weighted(context: &mut Context<'_, '_>, list: &Part<'_>) {
    let mut total: i32 = 0;
    for item in list.items() {
        let (destination, weight) = (item.get("destination"), item.get("weight"));
        if !destination.is_set() {
            context.refuse(&destination, "a destination is needed, with its host");
        }
        headers::check_operations(context, &item.get("headers"));
        if !context.is_converted {
            check(context, &destination);
        }
        if weight.whole() < 0 {
            context.refuse(&weight, format!("the weight {} is negative; use 0 or more", weight.whole()));
        }
        // Added up as istiod does.
        total = total.wrapping_add(i32::try_from(weight.whole()).unwrap_or_default());
    }
    if list.len() > 1 && total == 0 {
        context.refuse(list, "has several destinations, but no weight is above 0; give each its weight");
    }
}
