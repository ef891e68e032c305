//! A reply that Envoy makes itself.

use std::collections::BTreeMap;

use super::{request::Request, rewrite};
use crate::engine::xds::{RedirectAction, Route};

/// Before it takes the form that the client understands.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct LocalReply {
    pub(super) status: u16,
    /// Where it is not to follow from `status`.
    pub(super) grpc_status: Option<u32>,
    pub(super) flags: Vec<&'static str>,
    pub(super) headers: BTreeMap<String, String>,
    /// What it says to the client, where that is known.
    pub(super) body: &'static str,
    /// Whether a filter hands it over as it is, so that the route's own header operations do not touch it.
    pub(super) is_finished: bool,
    /// In one sentence.
    pub(super) reason: String,
}

impl LocalReply {
    /// The reply of a route that Envoy answers itself: a redirect or a direct response.
    pub(super) fn of_route(route: &Route, request: &Request) -> Option<Self> {
        if let Some(redirect) = &route.redirect {
            let (status, location) = rewrite::redirect(route, redirect, request);
            let reason = format!("the route redirects with {status} to {location}.");
            return Some(Self { status, headers: BTreeMap::from([("location".to_owned(), location)]), reason, ..Self::default() });
        }
        let direct = route.direct_response.as_ref()?;
        let status = u16::try_from(direct.status).unwrap_or(500);
        let mut headers = BTreeMap::new();
        // By RFC 9110 what was created, or where to go, is told; as the route says nothing of it, that is the address of the request.
        if matches!(status, 201 | 300..=399) {
            let (_, location) = rewrite::redirect(route, &RedirectAction::default(), request);
            headers.insert("location".to_owned(), location);
        }
        Some(Self { status, headers, reason: format!("the route answers {status} itself, and no backend is asked."), ..Self::default() })
    }

    /// Status and headers for the client: gRPC always gets 200 and its own status.
    pub(super) fn shape(&self, request: &Request) -> (u16, BTreeMap<String, String>) {
        self.shape_for(request.is_grpc())
    }

    /// The same, where no request has come about.
    pub(super) fn shape_for(&self, is_grpc: bool) -> (u16, BTreeMap<String, String>) {
        let mut headers = self.headers.clone();
        if !is_grpc {
            return (self.status, headers);
        }
        headers.insert("grpc-status".into(), self.grpc_status.unwrap_or_else(|| from_http(self.status)).to_string());
        if !self.body.is_empty() {
            headers.insert("grpc-message".into(), self.body.to_owned());
        }
        (200, headers)
    }
}

/// Envoy's mapping of an HTTP status to gRPC.
fn from_http(status: u16) -> u32 {
    match status {
        400 => 13,
        401 => 16,
        403 => 7,
        404 => 12,
        429 | 502..=504 => 14,
        _ => 2,
    }
}
