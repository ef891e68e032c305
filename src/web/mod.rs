//! The web face: pages, forms and the JSON API over course, engine and the learner's record.
//!
//! Folders of one area do not import each other; what they share lies here. Holds no SQL and decides nothing about Istio.

pub mod account;
pub mod api;
pub mod assets;
mod connections;
pub mod error;
mod event_stream;
mod health;
pub mod middleware;
mod moment;
pub mod page;
pub mod passwords;
pub mod playground;
mod progress;
mod quiz;
pub mod replays;
mod router;
mod rules;
mod server;
pub mod simulation;
pub mod snapshots;
pub mod state;
mod study;
pub mod urls;

pub use error::Error;
pub use router::router;
pub use server::serve;
pub use state::AppState;
