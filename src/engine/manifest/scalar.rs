//! What a scalar means to Kubernetes, whose YAML reader follows YAML 1.1 in this
//! (`resolve.go` of go-yaml v2, through sigs.k8s.io/yaml).

use std::borrow::Cow;

use super::{Value, Whole};

/// The tags of YAML itself, in full.
const CORE: &str = "tag:yaml.org,2002:";

/// The value of a scalar with its tag in full; where the two do not fit, the text and what is wrong.
pub(super) fn resolve(text: Cow<'_, str>, is_plain: bool, tag: Option<&str>) -> Result<Value, (Value, String)> {
    let Some(tag) = tag else { return Ok(if is_plain { plain(&text) } else { Value::String(text.into()) }) };
    match tag.strip_prefix(CORE) {
        Some("binary") => match from_base64(&text) {
            Some(bytes) => Ok(Value::String(String::from_utf8_lossy(&bytes).into())),
            None => Err((Value::String(text.into()), "!!binary is for base64, and this is none; remove the tag".into())),
        },
        Some(wanted @ ("int" | "float" | "bool" | "null")) => {
            let value = plain(&text);
            match (wanted, value) {
                ("int", value @ Value::Int(_)) | ("float", value @ Value::Float(_)) | ("bool", value @ Value::Bool(_)) | ("null", value @ Value::Null) => {
                    Ok(value)
                }
                ("float", Value::Int(value)) => Ok(Value::Float(value.as_f64())),
                _ => Err((Value::String(text.clone().into()), format!("!!{wanted} does not fit to {text:?}; remove the tag or change the value"))),
            }
        }
        Some("timestamp") if !looks_like_date(&text) => {
            Err((Value::String(text.clone().into()), format!("!!timestamp does not fit to {text:?}; remove the tag or change the value")))
        }
        _ => Ok(Value::String(text.into())),
    }
}

/// Resolves an unquoted scalar without a tag.
#[inline]
pub(super) fn plain(text: &str) -> Value {
    let another = match text.as_bytes().first() {
        None => Some(Value::Null),
        Some(b'~' | b'a'..=b'z' | b'A'..=b'Z') if text.len() <= LONGEST_WORD => word(text.as_bytes()),
        Some(b'1'..=b'9') if text.len() < 19 && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.parse().ok().map(|whole| Value::Int(Whole::Signed(whole)))
        }
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => number(text),
        Some(_) => None,
    };
    another.unwrap_or_else(|| Value::String(text.into()))
}

/// The length of `false`.
const LONGEST_WORD: usize = 5;

/// Whether a scalar of letters means something else than itself.
#[inline]
pub(super) fn is_word(text: &[u8]) -> bool {
    text.len() <= LONGEST_WORD && word(text).is_some()
}

fn word(text: &[u8]) -> Option<Value> {
    if !matches!(text.first()?, b'~' | b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O') {
        return None;
    }
    Some(match text {
        b"~" | b"null" | b"Null" | b"NULL" => Value::Null,
        b"y" | b"Y" | b"yes" | b"Yes" | b"YES" | b"true" | b"True" | b"TRUE" | b"on" | b"On" | b"ON" => Value::Bool(true),
        b"n" | b"N" | b"no" | b"No" | b"NO" | b"false" | b"False" | b"FALSE" | b"off" | b"Off" | b"OFF" => Value::Bool(false),
        _ => return None,
    })
}

fn number(text: &str) -> Option<Value> {
    match text {
        ".nan" | ".NaN" | ".NAN" => return Some(Value::Float(f64::NAN)),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Some(Value::Float(f64::INFINITY)),
        "-.inf" | "-.Inf" | "-.INF" => return Some(Value::Float(f64::NEG_INFINITY)),
        _ => {}
    }
    // Underscores do not count, except in a number that starts with its point.
    let plain = if text.contains('_') && !text.starts_with('.') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(text) };
    if let Some(whole) = integer(&plain) {
        return Some(Value::Int(whole));
    }
    if looks_like_float(&plain) { plain.parse().ok().filter(|value: &f64| value.is_finite()).map(Value::Float) } else { None }
}

/// Go's base-0 integers: `0x`, `0o`, `0b`, a leading `0` for octal.
fn integer(text: &str) -> Option<Whole> {
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
    if !digits.starts_with(|c: char| c.is_ascii_hexdigit()) {
        return None;
    }
    let value = i128::from_str_radix(digits, radix).ok()? * sign;
    // Past what 64 bits hold, the reader falls back to a float. Only a number without a sign may need all 64 of them.
    let most = if text.starts_with('+') { i128::from(i64::MAX) } else { i128::from(u64::MAX) };
    if value > most { None } else { Whole::new(value) }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
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

/// A date as the reader knows it, by its start: `2026-01-01` and, behind it, a time.
fn looks_like_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let number = |part: Option<&str>, most: u32| part.is_some_and(|part| part.len() <= 2 && part.parse::<u32>().is_ok_and(|value| (1..=most).contains(&value)));
    let is_year = parts.next().is_some_and(|year| year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()));
    is_year && number(parts.next(), 12) && number(parts.next().map(|rest| rest.split(['T', 't', ' ']).next().unwrap_or_default()), 31)
}

/// A number as the name of a key: as Go writes the shortest form that 32 bits tell apart.
pub(super) fn float_key(value: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "as the reader does it")]
    let value = value as f32;
    if value.is_nan() {
        return ".nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf".into() } else { "-.inf".into() };
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) { format!("{value}") } else { format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs()) }
}

/// The bytes that base64 stands for; line breaks do not count.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let body: Vec<u8> = text.bytes().filter(|b| !matches!(b, b'\n' | b'\r')).collect();
    if !body.len().is_multiple_of(4) {
        return None;
    }
    let padding = body.iter().rev().take_while(|b| **b == b'=').count();
    if padding > 2 {
        return None;
    }
    let mut out = Vec::with_capacity(body.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0);
    for byte in &body[..body.len() - padding] {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(digit);
        held += 6;
        if held >= 8 {
            held -= 8;
            let [.., byte] = (bits >> held).to_be_bytes();
            out.push(byte);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value_of(text: &str) -> Value {
        resolve(Cow::Borrowed(text), true, None).unwrap()
    }

    #[test]
    fn plain_scalars_resolve_as_in_kubernetes() {
        let text = |text: &str| Value::String(text.into());
        for (written, value) in [
            ("yes", Value::Bool(true)),
            ("Off", Value::Bool(false)),
            ("y", Value::Bool(true)),
            ("N", Value::Bool(false)),
            ("yEs", text("yEs")),
            ("0644", Value::Int(Whole::Signed(420))),
            ("0o17", Value::Int(Whole::Signed(15))),
            ("0b101", Value::Int(Whole::Signed(5))),
            ("-0b101", Value::Int(Whole::Signed(-5))),
            ("1_000", Value::Int(Whole::Signed(1000))),
            ("1_000.5", Value::Float(1000.5)),
            (".5", Value::Float(0.5)),
            (".5_0", text(".5_0")),
            ("-0x1F", Value::Int(Whole::Signed(-31))),
            ("0x", text("0x")),
            ("0x-1", text("0x-1")),
            ("1.50", Value::Float(1.5)),
            ("1e3", Value::Float(1000.0)),
            ("1.e3", Value::Float(1000.0)),
            ("1e400", text("1e400")),
            ("10s", text("10s")),
            ("1.26.4", text("1.26.4")),
            ("0899", Value::Float(899.0)),
            ("9223372036854775807", Value::Int(Whole::Signed(i64::MAX))),
            ("18446744073709551615", Value::Int(Whole::Large(u64::MAX))),
            ("18446744073709551616", Value::Float(18_446_744_073_709_551_616.0)),
            ("0xFFFFFFFFFFFFFFFFFF", text("0xFFFFFFFFFFFFFFFFFF")),
            ("2026-01-01", text("2026-01-01")),
            ("12:30:45", text("12:30:45")),
            ("_1", text("_1")),
            ("~", Value::Null),
            ("NULL", Value::Null),
            ("nULL", text("nULL")),
        ] {
            assert_eq!(value_of(written), value, "{written}");
        }
        assert!(matches!(value_of("-.INF"), Value::Float(value) if value.is_infinite()));
    }

    #[test]
    fn tags_overrule_the_look_of_a_value() {
        let tagged = |text: &str, is_plain, tag: &str| resolve(Cow::Borrowed(text), is_plain, Some(&format!("{CORE}{tag}")));
        assert_eq!(tagged("5", true, "str"), Ok(Value::String("5".into())));
        assert_eq!(tagged("5", false, "int"), Ok(Value::Int(Whole::Signed(5))));
        assert_eq!(tagged("5", true, "float"), Ok(Value::Float(5.0)));
        assert_eq!(tagged("aGk=", true, "binary"), Ok(Value::String("hi".into())));
        assert_eq!(tagged("2026-1-1", true, "timestamp"), Ok(Value::String("2026-1-1".into())));
        assert!(tagged("x", true, "int").is_err() && tagged("a", true, "binary").is_err() && tagged("x", true, "timestamp").is_err());
        assert_eq!(resolve(Cow::Borrowed("5"), true, Some("!own")), Ok(Value::String("5".into())));
    }

    #[test]
    fn numbers_make_keys_as_go_writes_them() {
        for (value, key) in [(1.5, "1.5"), (0.1, "0.1"), (123_456_789.5, "1.2345679e+08"), (1e21, "1e+21"), (0.00001, "1e-05"), (123_456.0, "123456")] {
            assert_eq!(float_key(value), key);
        }
    }
}
