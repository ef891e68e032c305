//! The web face, through its real router.

mod account;
mod api;
mod assets;
mod assist;
mod changes;
mod expect;
mod gallery;
mod panels;
mod playground;
mod progress;
mod quiz;
mod replay;
mod rules;
mod schema;
mod security;
mod snapshots;
mod study;
mod support;
mod worlds;
