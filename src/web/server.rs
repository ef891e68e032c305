//! Listening, and stopping without dropping what is under way.

use std::{io, net::SocketAddr, time::Duration};

use anyhow::{Context, Result, anyhow};
use tokio::net::TcpListener;

use super::{
    AppState,
    connections::{self, Bounds},
    router,
};
use crate::{config::Config, store::Store};

/// Runs the portal until the process is told to stop.
pub async fn serve(config: Config) -> Result<()> {
    config.prepare_data_dir()?;
    let listener = listen(config.listen).await?;
    let address = listener.local_addr().context("the listening socket has no address")?;
    let state = AppState::open(config).await?;
    let store = state.store.clone();
    tokio::spawn(forget_expired(store.clone()));
    tracing::info!(url = %format_args!("http://{address}/"), "listening");

    let bounds = Bounds::default();
    let stop = async {
        signal_to_stop().await;
        tracing::info!("stopping");
    };
    if !connections::serve(listener, router(state), bounds, stop).await {
        tracing::warn!("requests were still under way after {} seconds and are dropped", bounds.grace.as_secs());
    }
    store.close().await;
    Ok(())
}

/// Removes ended sessions and unreachable guests, at the start and every hour.
async fn forget_expired(store: Store) {
    let mut hours = tokio::time::interval(Duration::from_hours(1));
    loop {
        hours.tick().await;
        if let Err(error) = store.delete_expired().await {
            tracing::warn!(%error, "what has expired could not be removed");
        }
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => anyhow!("cannot listen on {address}: another program uses that port; choose another with --listen"),
        io::ErrorKind::PermissionDenied => anyhow!("cannot listen on {address}: not permitted; choose a port above 1023 with --listen"),
        io::ErrorKind::AddrNotAvailable => anyhow!("cannot listen on {address}: this machine has no such address; choose another with --listen"),
        _ => anyhow!("cannot listen on {address}: {error}; choose another with --listen"),
    })
}

/// Resolves on SIGINT (Ctrl+C) or SIGTERM.
async fn signal_to_stop() {
    let interrupt = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::warn!(%error, "cannot watch for Ctrl+C");
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::warn!(%error, "cannot watch for SIGTERM");
                std::future::pending::<()>().await;
            }
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
