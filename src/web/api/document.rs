//! The API's own description, OpenAPI 3.1.

use std::sync::LazyLock;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use utoipa::OpenApi;

/// What is not said at a route.
#[derive(OpenApi)]
#[openapi(info(
    title = "Meshwright",
    description = "Istio configuration checked and tried, without a cluster: what Kubernetes and istiod would refuse, and where a request would go. \
                   Nothing that is sent here is kept but snapshots.",
))]
pub(super) struct Document;

static TEXT: LazyLock<String> =
    LazyLock::new(|| super::described().split_for_parts().1.to_pretty_json().expect("a description made of strings and maps is JSON"));

/// Describes all of this.
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    tag = "description",
    operation_id = "openapi",
    responses((status = 200, description = "This document", body = Object))
)]
pub(super) async fn show() -> Response {
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=300")], TEXT.as_str()).into_response()
}
