//! Header names, and operations on headers.

use super::{
    super::part::{Context, Part},
    header_value,
};

/// Names of requests' own parts, as HTTP/2 has them.
const PSEUDO: &[&str] = &[":method", ":scheme", ":authority", ":path", ":status"];

/// `@request.auth.claims.x` or `@request.auth.claims[x]` (`jwt.ToRoutingClaim`).
pub(super) fn is_claim(name: &str) -> bool {
    const PREFIX: &str = "@request.auth.claims";
    let Some((prefix, rest)) = name.split_at_checked(PREFIX.len()) else { return false };
    prefix.eq_ignore_ascii_case(PREFIX) && (rest.starts_with('.') && rest.len() > 1 || rest.starts_with('[') && rest.ends_with(']') && rest.len() > 2)
}

/// As istiod's expression has it, by a slip of which the comma is a part of names too.
fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+,-.^_`|~".contains(&b))
}

/// A header that a match names (`ValidateHTTPHeaderNameOrJwtClaimRoute`).
pub(super) fn check_matched(context: &mut Context<'_, '_>, part: &Part<'_>, name: &str) {
    if name.is_empty() {
        context.refuse(part, "a header's name must not be empty");
    } else if !is_claim(name) && !PSEUDO.contains(&name) && !is_token(name) {
        context.refuse(part, format!("{name:?} is not a header's name"));
    }
}

/// A header that CORS names; `*` is any.
pub(super) fn check_cors(context: &mut Context<'_, '_>, part: &Part<'_>) {
    let name = part.text();
    if name.is_empty() {
        context.refuse(part, "a header's name must not be empty");
    } else if name != "*" && !is_token(name) {
        context.refuse(part, format!("{name:?} is not a header's name"));
    }
}

fn is_host(name: &str) -> bool {
    name.eq_ignore_ascii_case("host")
}

fn is_authority(name: &str) -> bool {
    name.eq_ignore_ascii_case(":authority") || is_host(name)
}

/// The `headers` of a route or a destination.
pub(super) fn check_operations(context: &mut Context<'_, '_>, headers: &Part<'_>) {
    for (side, may_set_authority) in [("request", true), ("response", false)] {
        let operations = headers.get(side);
        for verb in ["add", "set"] {
            for (name, value) in operations.get(verb).entries() {
                check_changed(context, &value, name, may_set_authority);
                if let Err(fault) = header_value::check(value.text()) {
                    context.refuse_as(fault.gist(value.text()), &operations.get(verb).get(name), fault.message(value.text()));
                }
            }
        }
        for name in operations.get("remove").items() {
            check_changed(context, &name, name.text(), false);
        }
    }
}

fn check_changed(context: &mut Context<'_, '_>, part: &Part<'_>, name: &str, may_set_authority: bool) {
    if name.is_empty() {
        context.refuse(part, "a header's name must not be empty");
    } else if may_set_authority && is_authority(name) {
        // Held against `rewrite.authority` for the route as a whole.
    } else if is_host(name) {
        context.refuse_as(format!("host as {name}"), part, "the Host header can only be set in requests; elsewhere it cannot be changed");
    } else if name.starts_with(':') {
        context.refuse(part, format!("{name:?} is a part of the request itself, not a header that can be changed"));
    }
}

/// `validateAuthorityRewrite`: the authority is set in one place.
pub(super) fn check_authority(context: &mut Context<'_, '_>, http: &Part<'_>) {
    let mut current = http.get("rewrite").get("authority").text();
    let request = http.get("headers").get("request");
    for verb in ["set", "add"] {
        for (name, value) in request.get(verb).entries() {
            if !is_authority(name) {
                continue;
            }
            if !current.is_empty() {
                return context.refuse(&value, format!("the authority is set to {current:?} already; set it in one place"));
            }
            current = value.text();
        }
    }
}
