//! The filters that decide whether a request may pass at all. Istio puts them before all others that decide anything.

use super::{
    super::{Exchange, local_reply::LocalReply, request::Request},
    Passage, jwt_authn,
};
use crate::engine::{
    envoy::{
        ext_authz::{self, Check},
        metadata::Metadata,
        rbac::{self, Asking, Ruling},
        trace::Trace,
    },
    xds::{HttpFilter, TypedConfig},
};

/// A request behind these filters.
pub(in crate::engine::envoy::http) struct Checked {
    /// With what the filters changed.
    pub(in crate::engine::envoy::http) request: Request,
    /// What they know of it.
    pub(in crate::engine::envoy::http) metadata: Metadata,
    /// Whether the route is to be chosen by the changed request.
    pub(in crate::engine::envoy::http) clears_route_cache: bool,
    /// The reply where they refuse it.
    pub(in crate::engine::envoy::http) refusal: Option<Passage>,
}

const RBAC: &str = "envoy.filters.http.rbac";

/// Sends a request through them in their order.
pub(in crate::engine::envoy::http) fn check(exchange: &Exchange<'_>, request: &Request, trace: &mut Trace) -> Checked {
    let mut checked = Checked { request: request.clone(), metadata: Metadata::new(), clears_route_cache: false, refusal: None };
    for filter in exchange.hcm.http_filters.iter().filter(|filter| !filter.disabled) {
        if let Err(refusal) = ask(filter, exchange, &mut checked, trace) {
            let (reply, flags) = *refusal;
            checked.refusal = Some(Passage { share: 1.0, flags, reply: Some(reply), ..Passage::default() });
            break;
        }
    }
    checked
}

/// What is answered instead, and the flags of it.
type Refusal = (LocalReply, Vec<&'static str>);

fn ask(filter: &HttpFilter, exchange: &Exchange<'_>, checked: &mut Checked, trace: &mut Trace) -> Result<(), Box<Refusal>> {
    match (&filter.typed_config, kind(filter)) {
        (Some(TypedConfig::JwtAuthentication(config)), _) => {
            let token = exchange.call.jwt.as_ref();
            let verified =
                jwt_authn::apply(config, &mut checked.request, token, &mut checked.metadata, trace).map_err(|reply| Box::new((reply, Vec::new())))?;
            checked.clears_route_cache |= verified.clears_route_cache;
        }
        (Some(TypedConfig::HttpRbac(config)), _) => {
            let asking =
                Asking { connection: exchange.connection, request: Some(&checked.request), remote: checked.request.remote, metadata: &checked.metadata };
            let mut notes = Vec::new();
            let ruling = rbac::ask(config, &asking, &mut notes, trace);
            rbac::leave_notes(RBAC, notes, &mut checked.metadata);
            if let Ruling::Denied { reason } = ruling {
                return Err(Box::new((LocalReply { status: 403, body: "RBAC: access denied", reason, ..LocalReply::default() }, Vec::new())));
            }
        }
        (config, Kind::ExtAuthz) => match ext_authz::ask(&filter.name, config.as_ref(), exchange.call, &checked.metadata, trace) {
            Check::Pass => {}
            Check::Refused => {
                let reason = "the external authorizer refuses the request.".into();
                return Err(Box::new((LocalReply { status: 403, reason, ..LocalReply::default() }, vec!["UAEX"])));
            }
            Check::Unreachable(status) => {
                let reason = "the external authorizer does not answer, so the request is refused.".into();
                return Err(Box::new((LocalReply { status, reason, ..LocalReply::default() }, vec!["UAEX"])));
            }
        },
        _ => {}
    }
    Ok(())
}

enum Kind {
    ExtAuthz,
    Other,
}

fn kind(filter: &HttpFilter) -> Kind {
    if filter.typed_config.as_ref().and_then(TypedConfig::other_type) == Some("ExtAuthz") { Kind::ExtAuthz } else { Kind::Other }
}

/// Whether a filter is one of these.
pub(super) fn is_one(filter: &HttpFilter) -> bool {
    matches!(filter.typed_config, Some(TypedConfig::JwtAuthentication(_) | TypedConfig::HttpRbac(_))) || matches!(kind(filter), Kind::ExtAuthz)
}
