//! How often something may be tried: per address for what costs us, per name for what could be guessed.
//!
//! Each process counts for itself; two replicas allow twice as much.

use std::{
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

use crate::{store::LearnerId, web::Error};

/// After so many checks, keys that have not been seen for long are forgotten.
const FORGET_EVERY: u32 = 1024;

/// A limit that counts for each key by itself.
pub struct RateLimit<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    checks: AtomicU32,
    burst: NonZeroU32,
}

impl<K: Hash + Eq + Clone> RateLimit<K> {
    /// Allows `burst` at once and then one more every `pause`.
    pub fn new(burst: NonZeroU32, pause: Duration) -> Self {
        let quota = Quota::with_period(pause).unwrap_or(Quota::per_second(burst)).allow_burst(burst);
        Self { limiter: RateLimiter::keyed(quota), checks: AtomicU32::new(0), burst }
    }

    /// Counts one try for the key; says when to come back if it is one too many.
    pub fn check(&self, key: &K) -> Result<(), Error> {
        self.charge(key, NonZeroU32::MIN)
    }

    /// Counts a try that is worth `cost` of them, at most as many as are allowed at once.
    pub fn charge(&self, key: &K, cost: NonZeroU32) -> Result<(), Error> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.limiter.retain_recent();
        }
        let refused = |until: governor::NotUntil<_>| Error::TooManyRequests { retry_after: until.wait_time_from(DefaultClock::default().now()) };
        self.limiter.check_key_n(key, cost.min(self.burst)).unwrap_or(Ok(())).map_err(refused)
    }
}

/// The limits of the portal.
pub struct Limits {
    /// Signing in or up, and other tries of a password, per address. A classroom behind one address signs in at once.
    pub password_by_address: RateLimit<IpAddr>,
    /// The same per account name, in its compared form: slows down guessing from many addresses and never locks an owner out for long.
    pub password_by_name: RateLimit<String>,
    /// New guests per address: each is a row that stays for a year.
    pub guests_by_address: RateLimit<IpAddr>,
    /// Questions to the engine per address, each as dear as its text is long. The editor asks at every pause of somebody who types, and
    /// a classroom sits behind one address.
    pub questions_by_address: RateLimit<IpAddr>,
    /// Replays per address: each is an Envoy of its own. A classroom tries it together, and then one after another.
    pub replays_by_address: RateLimit<IpAddr>,
    /// New snapshots per address, each as dear as it is large: they are kept for a year.
    pub snapshots_by_address: RateLimit<IpAddr>,
    /// The same per learner.
    pub snapshots_by_learner: RateLimit<LearnerId>,
}

impl Default for Limits {
    fn default() -> Self {
        let (seconds, burst) = (Duration::from_secs, |count| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN));
        Self {
            password_by_address: RateLimit::new(burst(60), seconds(2)),
            password_by_name: RateLimit::new(burst(10), seconds(20)),
            guests_by_address: RateLimit::new(burst(200), seconds(2)),
            questions_by_address: RateLimit::new(burst(1_500), Duration::from_millis(20)),
            replays_by_address: RateLimit::new(burst(20), seconds(3)),
            snapshots_by_address: RateLimit::new(burst(60), seconds(20)),
            snapshots_by_learner: RateLimit::new(burst(30), seconds(20)),
        }
    }
}

/// The address for which a limit counts: a household or host gets a whole /64 in IPv6, and would have as many tries as addresses.
pub fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_and_keys_do_not_share_it() {
        let limit = RateLimit::new(NonZeroU32::MIN.saturating_add(1), Duration::from_hours(1));
        assert!(limit.check(&"anna").is_ok());
        assert!(limit.check(&"anna").is_ok());
        let Err(Error::TooManyRequests { retry_after }) = limit.check(&"anna") else { panic!("the third is one too many") };
        assert!(retry_after > Duration::from_mins(50) && retry_after <= Duration::from_hours(1), "{retry_after:?}");
        assert!(limit.check(&"berta").is_ok());
    }

    #[test]
    fn what_costs_more_leaves_less_and_never_too_much_to_be_tried() {
        let limit = RateLimit::new(NonZeroU32::MIN.saturating_add(9), Duration::from_hours(1));
        let cost = |cost| NonZeroU32::new(cost).unwrap();
        assert!(limit.charge(&"anna", cost(9)).is_ok());
        assert!(limit.charge(&"anna", cost(2)).is_err());
        assert!(limit.check(&"anna").is_ok());
        assert!(limit.charge(&"berta", cost(1_000)).is_ok());
        assert!(limit.check(&"berta").is_err());
    }

    #[test]
    fn neighbours_in_ipv6_count_together() {
        let neighbourhood = |text: &str| neighbourhood(text.parse().unwrap());
        assert_eq!(neighbourhood("2001:db8:1:2::3"), neighbourhood("2001:db8:1:2:ffff::1"));
        assert_ne!(neighbourhood("2001:db8:1:2::3"), neighbourhood("2001:db8:1:3::3"));
        assert_eq!(neighbourhood("::ffff:192.0.2.1"), neighbourhood("192.0.2.1"));
        assert_ne!(neighbourhood("192.0.2.1"), neighbourhood("192.0.2.2"));
    }
}
