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

/// What two things took that were done in turn.
#[derive(Debug, Clone, Copy)]
pub struct Turns {
    pub first: Times,
    pub second: Times,
    /// How many times as long as the first the second took, the median of all turns: a machine that slows down for a while slows
    /// down both.
    pub ratio: f64,
}

/// Does both once to warm up, and then `turns` times, one right after the other, with the clock.
pub fn in_turn(turns: usize, mut first: impl FnMut(), mut second: impl FnMut()) -> Turns {
    let timed = |run: &mut dyn FnMut()| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    first();
    second();
    let pairs: Vec<(Duration, Duration)> = (0..turns).map(|_| (timed(&mut first), timed(&mut second))).collect();
    let mut ratios: Vec<f64> = pairs.iter().map(|(first, second)| second.as_secs_f64() / first.as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    let (firsts, seconds) = pairs.into_iter().unzip();
    Turns { first: summary(firsts), second: summary(seconds), ratio: ratios[ratios.len() / 2] }
}
