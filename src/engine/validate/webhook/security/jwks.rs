//! Whether a text is a JSON Web Key, or a set of them (<https://www.rfc-editor.org/rfc/rfc7517>).

use serde_json::Value;

/// What is wrong with it. What follows the first value is not read.
pub(super) fn check(text: &str) -> Result<(), String> {
    let text = text.trim_start();
    match text.chars().next() {
        Some('{') => {}
        Some('[') => return Err("it must be a JSON object, not a list".into()),
        Some('"') => return Err(format!("it must be a JSON object, not the text {text}")),
        Some('0'..='9' | '-') => return Err("it must be a JSON object, not a number".into()),
        Some(other) => return Err(format!("it is no JSON ({other:?} stands at its start)")),
        None => return Err("it is empty".into()),
    }
    let first = serde_json::Deserializer::from_str(text).into_iter::<Value>().next();
    let value = first.ok_or("it is empty")?.map_err(|error| format!("it is no JSON ({error})"))?;
    let Value::Object(fields) = &value else { return Err("it must be a JSON object".into()) };
    match fields.get("keys") {
        Some(Value::Array(keys)) => keys.iter().enumerate().try_for_each(|(at, key)| check_key(key).map_err(|reason| format!("keys[{at}] {reason}"))),
        Some(_) => Err("keys must be a list".into()),
        None => check_key(&value).map_err(|reason| format!("the key {reason}")),
    }
}

fn check_key(key: &Value) -> Result<(), String> {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let needed: &[&str] = match text("kty") {
        Some("RSA") => &["n", "e"],
        Some("EC") => &["crv", "x", "y"],
        Some("OKP") => &["crv", "x"],
        Some("oct") => &["k"],
        Some(other) => return Err(format!("has the unknown type (kty) {other:?}; use RSA or EC")),
        None => return Err("has no type (kty)".into()),
    };
    for name in needed {
        let Some(value) = text(name) else { return Err(format!("lacks {name}")) };
        if *name != "crv" && (value.is_empty() || !is_base64_url(value)) {
            return Err(format!("has a {name} that is not base64url"));
        }
    }
    Ok(())
}

fn is_base64_url(text: &str) -> bool {
    text.trim_end_matches('=').bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'+' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn key_sets_are_read() {
        for fine in [r#"{"keys":[]}"#, r#"{"keys":[{"kty":"RSA","e":"AQAB","n":"xAE7"}]}"#, r#"{"kty":"oct","k":"AyM1"}"#] {
            assert_eq!(check(fine), Ok(()), "{fine}");
        }
        for bad in ["{ keys: nope", "[]", r#"{"keys":{}}"#, r#"{"keys":[{"kty":"RSA"}]}"#, r#"{"keys":[{"kty":"X"}]}"#, "{}"] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
