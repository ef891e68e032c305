//! Routes that Envoy answers itself: redirects and direct responses.

use std::collections::BTreeMap;

use super::{local_reply::LocalReply, request::Request, rewrite};
use crate::engine::xds::Route;

/// The reply of such a route.
pub(super) fn own_reply(route: &Route, request: &Request) -> Option<LocalReply> {
    if let Some(redirect) = &route.redirect {
        let (status, location) = rewrite::redirect(route, redirect, request);
        let reason = format!("the route redirects with {status} to {location}.");
        return Some(LocalReply { status, headers: BTreeMap::from([("location".to_owned(), location)]), reason, ..LocalReply::default() });
    }
    let direct = route.direct_response.as_ref()?;
    let status = u16::try_from(direct.status).unwrap_or(500);
    Some(LocalReply { status, reason: format!("the route answers {status} itself, and no backend is asked."), ..LocalReply::default() })
}
