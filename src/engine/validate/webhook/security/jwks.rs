//! Whether a text is a JSON Web Key, or a set of them (<https://www.rfc-editor.org/rfc/rfc7517>), as the library reads it that
//! istiod asks (`jwk.Parse` of <https://github.com/lestrrat-go/jwx> 1.2).

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde_json::Value;
use x509_cert::{Certificate, der::Decode};

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
        Some(Value::Null) => Ok(()),
        Some(Value::Array(keys)) => keys.iter().enumerate().try_for_each(|(at, key)| check_key(key).map_err(|reason| format!("keys[{at}] {reason}"))),
        Some(_) => Err("keys must be a list".into()),
        None => check_key(&value).map_err(|reason| format!("the key {reason}")),
    }
}

/// What every key may have beside its own fields, as text.
const TEXTS: &[&str] = &["alg", "kid", "use", "x5t", "x5t#S256"];

/// One key. A `null` is as good as an empty text, and fields of another type's keys are not looked at.
fn check_key(key: &Value) -> Result<(), String> {
    // With `d` it is a private key, whose other parts are optional.
    let is_private = key.get("d").is_some();
    let (needed, optional): (&[&str], &[&str]) = match (key.get("kty").and_then(Value::as_str), is_private) {
        (Some("RSA"), false) => (&["n", "e"], &[]),
        (Some("RSA"), true) => (&["n", "e", "d"], &["p", "q", "dp", "dq", "qi"]),
        (Some("EC"), false) => (&["x", "y"], &[]),
        (Some("EC"), true) => (&["x", "y", "d"], &[]),
        (Some("OKP"), false) => (&["x"], &[]),
        (Some("OKP"), true) => (&["x", "d"], &[]),
        (Some("oct"), _) => (&["k"], &[]),
        (Some(other), _) => return Err(format!("has the unknown type (kty) {other:?}; use RSA or EC")),
        (None, _) => return Err("has no type (kty)".into()),
    };
    let has_curve = needed.contains(&"x");
    if let Some(missing) = needed.iter().chain(has_curve.then_some(&"crv")).find(|name| key.get(name).is_none()) {
        return Err(format!("lacks {missing}"));
    }
    for name in needed.iter().chain(optional) {
        if text(key, name).and_then(decoded).is_none() {
            return Err(format!("has a {name} that is not base64url"));
        }
    }
    if let Some(name) = TEXTS.iter().chain(has_curve.then_some(&"crv")).find(|name| text(key, name).is_none()) {
        return Err(format!("has {} {name} that is no text", if *name == "alg" { "an" } else { "a" }));
    }
    if !list(key, "key_ops").is_some_and(|uses| uses.iter().all(|one| one.is_string() || one.is_null())) {
        return Err("has key_ops that are no list of texts".into());
    }
    let is_chain =
        |certificates: &[Value]| certificates.iter().all(|one| one.as_str().and_then(decoded).is_some_and(|der| Certificate::from_der(&der).is_ok()));
    if list(key, "x5c").is_some_and(is_chain) { Ok(()) } else { Err("has an x5c that is no list of X.509 certificates in base64".into()) }
}

/// The text of a field, empty where there is none.
fn text<'v>(key: &'v Value, name: &str) -> Option<&'v str> {
    match key.get(name) {
        None | Some(Value::Null) => Some(""),
        Some(value) => value.as_str(),
    }
}

/// The list of a field, empty where there is none.
fn list<'v>(key: &'v Value, name: &str) -> Option<&'v [Value]> {
    match key.get(name) {
        None | Some(Value::Null) => Some(&[]),
        Some(value) => value.as_array().map(Vec::as_slice),
    }
}

/// The bytes of a text in any dialect of base64, which is told by its characters; line breaks do not count.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let alphabet = if text.contains(['+', '/']) { &alphabet::STANDARD } else { &alphabet::URL_SAFE };
    let padding = if text.ends_with('=') { DecodePaddingMode::RequireCanonical } else { DecodePaddingMode::RequireNone };
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(padding).with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(alphabet, config).decode(text.replace(['\r', '\n'], "")).ok()
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn key_sets_are_read() {
        for fine in [
            r#"{"keys":[]}"#,
            r#"{"keys":null}"#,
            r#"{"keys":[{"kty":"RSA","e":"AQAB","n":"xAE7","x":1}]}"#,
            r#"{"kty":"oct","k":"AyM1","key_ops":["verify"],"alg":null}"#,
            r#"{"kty":"RSA","e":"AQ+/","n":"AQ==","kid":"a"}"#,
            r#"{"kty":"OKP","crv":"Ed25519","x":"AyM1"}"#,
        ] {
            assert_eq!(check(fine), Ok(()), "{fine}");
        }
        for bad in ["{ keys: nope", "[]", r#"{"keys":{}}"#, r#"{"keys":[{"kty":"RSA"}]}"#, r#"{"keys":[{"kty":"X"}]}"#, "{}"].into_iter().chain([
            r#"{"kty":"RSA","e":"AQAB","n":"a"}"#,
            r#"{"kty":"RSA","e":"AQAB","n":"AQA="  ,"d":"a"}"#,
            r#"{"kty":"RSA","e":"AQAB==","n":"AQAB"}"#,
            r#"{"kty":"RSA","e":"AQAB","n":"AQAB","alg":256}"#,
            r#"{"kty":"EC","x":"AyM1","y":"AyM1"}"#,
            r#"{"kty":"oct","k":"AyM1","key_ops":"verify"}"#,
            r#"{"kty":"oct","k":"AyM1","x5c":["AyM1"]}"#,
        ]) {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
