//! Texts as YAML writes them.

/// A text as one value: plain where it means itself, else in quotes. `is_flow`: within brackets.
pub(super) fn scalar(text: &str, is_flow: bool) -> String {
    if is_plain(text, is_flow) { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

/// Whether YAML 1.1 reads a text without quotes as just that text.
fn is_plain(text: &str, is_flow: bool) -> bool {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '/' | ':' | '+' | '@' | '$' | '~' | '=' | '(' | ')' | '*');
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_'));
    let is_word = matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n" | "null" | "." | "..");
    let is_number = text.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b':' | b'e' | b'E' | b'x' | b'+' | b'-' | b'a'..=b'f' | b'A'..=b'F' | b'o'));
    starts_well && text.chars().all(|c| is_safe(c) || !is_flow && matches!(c, '[' | ']')) && !text.ends_with(':') && !is_word && !is_number
}

#[cfg(test)]
mod tests {
    use super::scalar;

    #[test]
    fn what_would_be_read_otherwise_is_quoted() {
        for plain in ["reviews", "reviews.default.svc.cluster.local", "default/gw", "./*", "cluster.local/ns/a/sa/b", "request.headers[]", "v1"] {
            assert_eq!(scalar(plain, false), plain);
        }
        for text in ["*", "*.example.com", "~/*", "1", "1.2", "0x1f", "yes", "null", "", "a: b", "a #b", "12:30", "<img src=x>", "\"", "a\nb", "-", "1e3"] {
            let quoted = scalar(text, false);
            assert!(quoted.starts_with('"'), "{quoted}");
            let read: String = serde_json::from_str(&quoted).expect("a text in quotes");
            assert_eq!(read, text);
        }
        assert_eq!(scalar("request.headers[]", true), "\"request.headers[]\"");
    }
}
