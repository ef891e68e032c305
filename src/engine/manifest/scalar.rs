//! What a plain scalar means to Kubernetes, whose YAML reader follows YAML 1.1 in this
//! (`resolve.go` of go-yaml v2, through sigs.k8s.io/yaml).

use super::Value;

/// Resolves an unquoted scalar without a tag.
pub(super) fn resolve_plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Value::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Value::Bool(false),
        _ => number(text).unwrap_or_else(|| Value::String(text.to_owned())),
    }
}

fn number(text: &str) -> Option<Value> {
    let first = text.bytes().next()?;
    if !(first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.')) {
        return None;
    }
    // go-yaml drops underscores before it looks at a number.
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    if let Some(whole) = integer(&plain) {
        return Some(Value::Int(whole));
    }
    if looks_like_float(&plain) { plain.parse().ok().filter(|value: &f64| value.is_finite()).map(Value::Float) } else { None }
}

/// Go's base-0 integers: `0x`, `0o`, `0b`, a leading `0` for octal.
fn integer(text: &str) -> Option<i128> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if digits.is_empty() || digits.starts_with(['+', '-']) {
        return None;
    }
    let value = i128::from_str_radix(digits, radix).ok()? * sign;
    // Past what 64 bits hold, go-yaml falls back to a float.
    (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&value).then_some(value)
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, as go-yaml writes it.
fn looks_like_float(text: &str) -> bool {
    let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (rest, None),
    };
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let mantissa_is_fine = match mantissa.split_once('.') {
        Some((whole, fraction)) => all_digits(whole) && all_digits(fraction) && !(whole.is_empty() && fraction.is_empty()),
        None => !mantissa.is_empty() && all_digits(mantissa),
    };
    mantissa_is_fine && exponent.is_none_or(|digits| !digits.is_empty() && all_digits(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_resolve_as_in_kubernetes() {
        for (text, value) in [
            ("yes", Value::Bool(true)),
            ("Off", Value::Bool(false)),
            ("0644", Value::Int(420)),
            ("0o17", Value::Int(15)),
            ("1_000", Value::Int(1000)),
            ("-0x1F", Value::Int(-31)),
            ("1.50", Value::Float(1.5)),
            ("1e3", Value::Float(1000.0)),
            ("10s", Value::String("10s".into())),
            ("1.26.4", Value::String("1.26.4".into())),
            ("0899", Value::Float(899.0)),
            ("2026-01-01", Value::String("2026-01-01".into())),
            ("12:30:45", Value::String("12:30:45".into())),
            ("~", Value::Null),
        ] {
            assert_eq!(resolve_plain(text), value, "{text}");
        }
    }
}
