//! A chapter.

use axum::{extract::Path, response::Response};

use crate::web::Error;

pub(in crate::web) async fn show(Path(_slug): Path<String>) -> Result<Response, Error> {
    Err(Error::NotFound)
}
