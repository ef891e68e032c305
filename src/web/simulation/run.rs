//! Work for the processor, kept off the threads that serve.

use std::{sync::Arc, thread::available_parallelism, time::Duration};

use tokio::{task::spawn_blocking, time::timeout};

use super::Simulator;
use crate::web::Error;

/// How long a question waits for its turn.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long an answer may take. The engine's own bounds keep it far below; this is for what they do not foresee.
const BUDGET: Duration = Duration::from_secs(10);

/// As many questions at once as there are processors: more would only make each of them slower.
pub(super) fn slots() -> usize {
    available_parallelism().map_or(2, std::num::NonZero::get)
}

impl Simulator {
    /// Runs `work` when its turn comes. Its place is taken until it ends, also when nobody waits for it any more.
    pub(super) async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let Ok(Ok(place)) = timeout(PATIENCE, Arc::clone(&self.slots).acquire_owned()).await else {
            return Err(Error::Unavailable("the playground has its hands full; try again in a moment".into()));
        };
        let task = spawn_blocking(move || {
            let result = work();
            drop(place);
            result
        });
        match timeout(BUDGET, task).await {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(panic)) => Err(Error::Internal(anyhow::Error::new(panic).context("the engine failed on a question"))),
            Err(_) => Err(Error::Unavailable(format!("no answer within {} seconds; try a smaller configuration", BUDGET.as_secs()))),
        }
    }
}
