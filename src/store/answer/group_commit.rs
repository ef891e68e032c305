//! Group commit: answers that arrive while the disk is busy share the next transaction.
//!
//! A commit with `synchronous=FULL` waits for the disk; sixty-four answers that wait together cost one wait.
//! Nobody is told "recorded" before the commit that holds their answer has returned.

use std::sync::Arc;

use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;

use super::{NewAnswer, Recorded, write};
use crate::store::connection::Connections;
use crate::store::{Error, Millis, Result};

/// The most answers in one transaction: enough to hide the flush, few enough that the first does not wait long.
const BATCH: usize = 64;
/// Answers that may wait; more than that and callers wait to enqueue.
const QUEUE: usize = 1024;

struct Pending {
    answer: NewAnswer,
    at: Millis,
    reply: oneshot::Sender<Result<Recorded>>,
}

/// The way in. Clones share the queue.
#[derive(Clone)]
pub(in crate::store) struct GroupCommit {
    queue: Arc<Mutex<Option<mpsc::Sender<Pending>>>>,
    writer: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl GroupCommit {
    /// Starts the task that writes.
    pub(in crate::store) fn start(connections: Connections) -> Self {
        let (queue, pending) = mpsc::channel(QUEUE);
        let writer = tokio::spawn(run(connections, pending));
        Self { queue: Arc::new(Mutex::new(Some(queue))), writer: Arc::new(Mutex::new(Some(writer))) }
    }

    /// Hands an answer over and waits until it is on disk.
    pub(in crate::store) async fn submit(&self, answer: NewAnswer, at: Millis) -> Result<Recorded> {
        let (reply, outcome) = oneshot::channel();
        let queue = self.queue.lock().await.clone().ok_or(Error::Unavailable(None))?;
        queue.send(Pending { answer, at, reply }).await.map_err(|_| Error::Unavailable(None))?;
        drop(queue);
        outcome.await.map_err(|_| Error::Unavailable(None))?
    }

    /// Takes no more answers and waits until the queued ones are written.
    pub(in crate::store) async fn stop(&self) {
        self.queue.lock().await.take();
        if let Some(writer) = self.writer.lock().await.take()
            && let Err(error) = writer.await
        {
            tracing::error!(%error, "the task that writes answers ended badly");
        }
    }
}

async fn run(connections: Connections, mut pending: mpsc::Receiver<Pending>) {
    let mut batch = Vec::with_capacity(BATCH);
    while pending.recv_many(&mut batch, BATCH).await > 0 {
        match commit(&connections, &batch).await {
            Ok(outcomes) => {
                for (waiting, outcome) in batch.drain(..).zip(outcomes) {
                    answer(waiting, Ok(outcome));
                }
            }
            // One bad answer must not take its neighbours with it: each gets a transaction and an error of its own.
            Err(error) if batch.len() > 1 => {
                tracing::warn!(error = &error as &dyn std::error::Error, answers = batch.len(), "a shared commit failed, writing one by one");
                for waiting in batch.drain(..) {
                    let outcome = commit(&connections, std::slice::from_ref(&waiting)).await;
                    answer(waiting, outcome.map(|outcomes| outcomes[0]));
                }
            }
            Err(error) => batch.drain(..).zip([error]).for_each(|(waiting, error)| answer(waiting, Err(error))),
        }
    }
}

/// Writes all of the batch or nothing.
async fn commit(connections: &Connections, batch: &[Pending]) -> Result<Vec<Recorded>> {
    let mut transaction = connections.write().await?;
    let mut outcomes = Vec::with_capacity(batch.len());
    for pending in batch {
        outcomes.push(write(&mut transaction, &pending.answer, pending.at).await?);
    }
    transaction.commit().await?;
    Ok(outcomes)
}

fn answer(waiting: Pending, outcome: Result<Recorded>) {
    // The caller may have gone away; the answer is recorded all the same, and asking again finds it.
    waiting.reply.send(outcome).ok();
}
