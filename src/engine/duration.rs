//! Durations as Istio's YAML writes them (Go syntax, `1h30m`, `250ms`) and as Envoy's JSON prints them (`0.250s`).

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A signed span of time in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Duration {
    nanos: i128,
}

impl Duration {
    /// No time at all, which Envoy mostly reads as "no limit".
    pub const ZERO: Self = Self { nanos: 0 };

    /// Whole seconds.
    pub const fn from_secs(secs: i64) -> Self {
        Self { nanos: secs as i128 * 1_000_000_000 }
    }

    /// Whole milliseconds.
    pub const fn from_millis(millis: i64) -> Self {
        Self { nanos: millis as i128 * 1_000_000 }
    }

    /// Nanoseconds.
    pub const fn as_nanos(self) -> i128 {
        self.nanos
    }

    /// Seconds, rounded to what a double holds.
    pub fn as_secs_f64(self) -> f64 {
        self.nanos as f64 / 1e9
    }

    /// Reads Go's duration syntax (<https://pkg.go.dev/time#ParseDuration>): an optional sign, then numbers with units
    /// `h`, `m`, `s`, `ms`, `us`, `µs`, `ns`; `0` needs no unit. `None` where the text is not such a duration.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, mut rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        if rest == "0" {
            return Some(Self::ZERO);
        }
        if rest.is_empty() {
            return None;
        }
        let mut nanos: i128 = 0;
        while !rest.is_empty() {
            let number_len = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            let (number, tail) = rest.split_at(number_len);
            let unit_len = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(unit_len);
            let unit_nanos: i128 = match unit {
                "ns" => 1,
                "us" | "µs" | "μs" => 1_000,
                "ms" => 1_000_000,
                "s" => 1_000_000_000,
                "m" => 60_000_000_000,
                "h" => 3_600_000_000_000,
                _ => return None,
            };
            let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
            if whole.is_empty() && fraction.is_empty() || fraction.contains('.') || whole.len() > 18 {
                return None;
            }
            let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
            nanos = nanos.checked_add(whole.checked_mul(unit_nanos)?)?;
            let digits = &fraction[..fraction.len().min(15)];
            if !digits.is_empty() {
                let scale = 10_i128.pow(u32::try_from(digits.len()).ok()?);
                nanos = nanos.checked_add(digits.parse::<i128>().ok()? * unit_nanos / scale)?;
            }
            rest = tail;
        }
        if nanos > i128::from(i64::MAX) {
            return None;
        }
        Some(Self { nanos: if negative { -nanos } else { nanos } })
    }
}

/// The protobuf JSON form: seconds with 0, 3, 6 or 9 digits behind the point.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.nanos < 0 { "-" } else { "" };
        let (secs, nanos) = (self.nanos.abs() / 1_000_000_000, self.nanos.abs() % 1_000_000_000);
        if nanos == 0 {
            write!(f, "{sign}{secs}s")
        } else if nanos % 1_000_000 == 0 {
            write!(f, "{sign}{secs}.{:03}s", nanos / 1_000_000)
        } else if nanos % 1_000 == 0 {
            write!(f, "{sign}{secs}.{:06}s", nanos / 1_000)
        } else {
            write!(f, "{sign}{secs}.{nanos:09}s")
        }
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("{text:?} is not a duration such as 10s or 250ms")))
    }
}

#[cfg(test)]
mod tests {
    use super::Duration;

    #[test]
    fn go_syntax_is_read_and_protobuf_json_is_written() {
        for (text, printed) in
            [("10s", "10s"), ("1h30m", "5400s"), ("250ms", "0.250s"), ("1.5s", "1.500s"), ("0", "0s"), ("2us", "0.000002s"), ("-1s", "-1s"), (".5s", "0.500s")]
        {
            assert_eq!(Duration::parse(text).expect(text).to_string(), printed);
        }
        for text in ["", "10", "s", "1d", "1 s", "1.2.3s", "--1s"] {
            assert_eq!(Duration::parse(text), None, "{text}");
        }
    }
}
