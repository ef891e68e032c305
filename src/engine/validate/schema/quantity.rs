//! Amounts of resources: `500m`, `1Gi`, `2`
//! (<https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>).

/// The amount that a text stands for, near enough to compare; `None` where it is none.
pub(super) fn parse(text: &str) -> Option<f64> {
    let text = text.trim();
    let end = text.find(|c: char| !matches!(c, '0'..='9' | '.' | '+' | '-')).unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let digits = number.strip_prefix(['+', '-']).unwrap_or(number);
    let is_number = digits.bytes().any(|b| b.is_ascii_digit()) && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') && digits.matches('.').count() < 2;
    let factor = match suffix {
        "" => 1.0,
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024_f64,
        "Mi" => 1024_f64.powi(2),
        "Gi" => 1024_f64.powi(3),
        "Ti" => 1024_f64.powi(4),
        "Pi" => 1024_f64.powi(5),
        "Ei" => 1024_f64.powi(6),
        _ => 10_f64.powi(suffix.strip_prefix(['e', 'E'])?.parse().ok()?),
    };
    if is_number { number.parse::<f64>().ok().map(|value| value * factor) } else { None }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn amounts_are_those_of_kubernetes() {
        for (text, amount) in
            [("1", 1.0), ("500m", 0.5), ("1.5Gi", 1_610_612_736.0), ("2k", 2000.0), ("1e3", 1000.0), ("12E2", 1200.0), (".5", 0.5), ("-1", -1.0)]
        {
            assert!(parse(text).is_some_and(|found| (found - amount).abs() < 1e-6), "{text}");
        }
        for text in ["", "1GB", "1 Gi", "mi", "1.2.3", "one", "1Mib", "0x1", "1ki"] {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}
