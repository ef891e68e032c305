//! Accounts: signing up, in and out, the password, one's own data, and leaving.
//!
//! Nobody needs one: a guest's progress is kept as well. Knows the learner only by the session; no id ever comes from a form.

pub(super) mod data;
pub(super) mod delete;
mod form;
pub(super) mod password;
pub(super) mod show;
pub(super) mod sign_in;
pub(super) mod sign_out;
pub(super) mod sign_up;
