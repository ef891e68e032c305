//! Load balancing (`validateLoadBalancer`).

use super::locality;
use crate::engine::validate::webhook::part::{Context, Part, check_duration};

/// Judges the settings; failover between localities works only with outlier detection beside them.
pub(super) fn check(context: &mut Context<'_, '_>, settings: &Part<'_>, has_outlier_detection: bool) {
    if !settings.is_set() {
        return;
    }
    check_hash(context, &settings.get("consistentHash"));
    locality::check(context, &settings.get("localityLbSetting"), has_outlier_detection);
    let warmup = settings.get("warmup");
    if warmup.is_set() {
        if warmup.get("duration").is_set() {
            check_duration(context, &warmup.get("duration"));
        } else {
            context.refuse(&warmup.get("duration"), "a warm-up needs its duration");
        }
        if warmup.get("minimumPercent").number() > 100.0 {
            context.refuse(&warmup.get("minimumPercent"), "is more than 100 percent");
        }
        if warmup.get("aggression").is_set() && warmup.get("aggression").number() < 1.0 {
            context.refuse(&warmup.get("aggression"), "must be 1 or more");
        }
    }
}

fn check_hash(context: &mut Context<'_, '_>, hash: &Part<'_>) {
    let cookie = hash.get("httpCookie");
    if cookie.is_set() && cookie.get("name").text().is_empty() {
        context.refuse(&cookie.get("name"), "the cookie needs a name");
    }
    let old = hash.get("minimumRingSize");
    if old.whole() != 0 {
        context.warn(&old, "minimumRingSize is deprecated here; set it under ringHash");
        if hash.get("ringHash").is_set() || hash.get("maglev").is_set() {
            context.refuse(&old, "minimumRingSize stands for a ring hash, so it cannot be combined with ringHash or maglev; remove it");
        }
    }
    let maglev = hash.get("maglev");
    if !maglev.is_set() {
        return;
    }
    let size = maglev.get("tableSize");
    match size.whole() {
        0 => {
            context.refuse(&size, "maglev needs its tableSize, a prime number such as 65537");
            context.echo("not prime", &size, "0 is not a prime number");
        }
        number @ 5_000_011.. => {
            context.refuse(&size, "a maglev table must be smaller than 5000011");
            if !is_prime(number.unsigned_abs()) {
                context.echo("not prime", &size, format!("{number} is not a prime number"));
            }
        }
        number if !is_prime(number.unsigned_abs()) => {
            context.refuse_as("not prime", &size, format!("{number} is not a prime number, which a maglev table needs; 65537 is one"));
        }
        _ => {}
    }
}

/// As Envoy asks; past what a table may hold, a factor is looked for within reason.
fn is_prime(number: u64) -> bool {
    match number {
        0 => false,
        1..4 => true,
        even if even % 2 == 0 => false,
        odd => (3..1 << 17).step_by(2).take_while(|factor| factor * factor <= odd).all(|factor| odd % factor != 0),
    }
}

#[cfg(test)]
mod tests {
    use super::is_prime;

    #[test]
    fn primes_are_those_of_envoy() {
        assert!([1, 2, 3, 5, 65_537, 4_999_999].into_iter().all(is_prime));
        assert!(![0, 4, 9, 65_536].into_iter().any(is_prime));
    }
}
