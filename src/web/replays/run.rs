//! One replay, on a thread and a runtime of its own: what it costs is not taken from those who serve.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use tokio::{
    sync::oneshot,
    task::spawn_blocking,
    time::{Instant, timeout_at},
};

use super::{HopReplay, Place, ReplayReport};
use crate::{
    engine::mesh::HopRole,
    replay::{Comparison, ReplayError, Replayer},
    web::{
        Error,
        simulation::{Rehearsal, RehearsedHop},
    },
};

/// So many proxies are asked; a path that splits often goes through many of one kind.
const MOST_HOPS: usize = 12;

/// Replays one proxy after another. The place is given back when the last Envoy is gone, also where nobody waits for it any more.
pub(super) async fn run(replayer: Arc<Replayer>, time: Duration, place: Place, rehearsal: Rehearsal) -> Result<ReplayReport, Error> {
    // Nothing is ever sent: whoever waits goes away, or does not.
    let (_visitor, gone) = oneshot::channel::<()>();
    let span = tracing::Span::current();
    let task = spawn_blocking(move || {
        let _inside = span.enter();
        let result = on_this_thread(&replayer, time, gone, rehearsal);
        drop(place);
        result
    });
    let report = task.await.context("a replay panicked")??;
    report.ok_or_else(|| anyhow::anyhow!("a replay was given up while somebody waited for it").into())
}

/// None where the visitor has gone.
fn on_this_thread(replayer: &Replayer, time: Duration, gone: oneshot::Receiver<()>, rehearsal: Rehearsal) -> anyhow::Result<Option<ReplayReport>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot make a runtime for a replay")?;
    runtime.block_on(async {
        tokio::select! {
            report = all(replayer, time, rehearsal) => report.map(Some),
            _ = gone => Ok(None),
        }
    })
}

async fn all(replayer: &Replayer, time: Duration, rehearsal: Rehearsal) -> anyhow::Result<ReplayReport> {
    let deadline = Instant::now() + time;
    let omitted = rehearsal.hops.len().saturating_sub(MOST_HOPS);
    let mut hops = Vec::new();
    for hop in rehearsal.hops.into_iter().take(MOST_HOPS) {
        let RehearsedHop { role, proxy, share, .. } = hop.clone();
        let comparison = one(replayer, deadline, time, hop).await?;
        hops.push(HopReplay::of(role, proxy, share, comparison, &rehearsal.pods));
    }
    Ok(ReplayReport::of(rehearsal.answer, hops, omitted))
}

async fn one(replayer: &Replayer, deadline: Instant, time: Duration, hop: RehearsedHop) -> anyhow::Result<Comparison> {
    let Some(config) = hop.config else {
        let reason = match hop.role {
            HopRole::ClientZtunnel | HopRole::ServerZtunnel => "ztunnel is no Envoy",
            _ => "there is no proxy on this way, so no Envoy decides anything",
        };
        return Ok(Comparison::impossible(&hop.outcome, reason.into()));
    };
    let pair = [(hop.call, hop.outcome)];
    let over = |outcome| Comparison::impossible(outcome, format!("the {} s of a replay were over", time.as_secs()));
    if Instant::now() >= deadline {
        return Ok(over(&pair[0].1));
    }
    match timeout_at(deadline, replayer.replay(&config, &pair)).await {
        Err(_) => Ok(over(&pair[0].1)),
        Ok(Ok(mut all)) => all.pop().context("a replay has an answer to each call"),
        // What the machine refuses is ours to mend; everything else is said of the configuration.
        Ok(Err(error @ (ReplayError::Machine { .. } | ReplayError::Certificate(_)))) => Err(error.into()),
        Ok(Err(error)) => Ok(Comparison::impossible(&pair[0].1, error.to_string())),
    }
}
