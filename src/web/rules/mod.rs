//! What `istioctl analyze` and our hints say, code by code: a list to search, and a page each.

pub(super) mod list;
pub(super) mod show;
