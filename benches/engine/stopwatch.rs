//! Times of one thing done again and again.

use std::time::{Duration, Instant};

/// What a series of runs took.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    pub least: Duration,
    pub median: Duration,
    pub p95: Duration,
}

/// Runs a fifth of `runs` to warm up, then `runs` with the clock.
pub fn measure(runs: usize, mut run: impl FnMut()) -> Times {
    for _ in 0..runs / 5 {
        run();
    }
    let mut times: Vec<Duration> = Vec::with_capacity(runs);
    for _ in 0..runs {
        let start = Instant::now();
        run();
        times.push(start.elapsed());
    }
    summary(times)
}

fn summary(mut times: Vec<Duration>) -> Times {
    times.sort();
    Times { least: times[0], median: times[times.len() / 2], p95: times[times.len() * 95 / 100] }
}

/// How many times more than linear the large case takes, which is `factor` times the small one. The least times tell it:
/// what else the machine does can only add to them.
pub fn growth(small: Times, large: Times, factor: u32) -> f64 {
    large.least.as_secs_f64() / (small.least * factor).as_secs_f64()
}
