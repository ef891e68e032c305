//! ProxyConfig (`ValidateProxyConfig`).

use crate::engine::validate::webhook::{
    part::{Context, Part},
    selector::check_selector,
};

/// Judges the object.
pub(in super::super) fn judge(context: &mut Context<'_, '_>, spec: &Part<'_>) {
    check_selector(context, &spec.get("selector"));
    let concurrency = spec.get("concurrency");
    if concurrency.whole() < 0 {
        context.refuse(&concurrency, format!("{} threads are impossible; 0 means one for each core", concurrency.whole()));
    }
}
