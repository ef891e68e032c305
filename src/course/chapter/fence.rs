//! The line that opens a YAML block: `yaml key="value" …`.

use std::collections::BTreeMap;

use crate::{course::trial, engine::mesh::Request};

/// The world of a block that names none.
const DEFAULT_WORLD: &str = "bookinfo";

/// What an author says comes of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Promise {
    /// Every document is accepted.
    Accepted,
    /// At least one document is refused.
    Refused,
    /// Accepted, and the request ends so.
    Outcome(String),
}

/// What is known of a block from its fence.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fence {
    /// To be tried.
    Runnable { world: String, request: Option<Request>, promise: Promise },
    /// Shown only: a piece of a document, or a file that is no Kubernetes object.
    Shown,
}

/// Reads what stands behind the word `yaml`.
pub(super) fn read(attributes: &str) -> Result<Fence, String> {
    let mut given = pairs(attributes)?;
    let mut take = |name: &str| given.remove(name);
    let (world, check, from) = (take("world"), take("check"), take("from"));
    let (request, headers, outcome) = (take("request"), take("headers"), take("outcome"));
    if let Some(name) = given.keys().next() {
        return Err(format!("a YAML block has no attribute {name:?}; there are world, from, request, headers, outcome and check"));
    }
    let headers = headers.as_deref().map(header_map).transpose()?;
    let request = match (from, request) {
        (Some(from), Some(line)) => Some(trial::request(&from, &line, headers.unwrap_or_default())),
        (None, None) if headers.is_none() => None,
        _ => return Err("a request needs both from=\"pod.namespace\" and request=\"GET http://…\"".into()),
    };
    let promise = match (check.as_deref(), outcome) {
        (None | Some("accepted"), Some(outcome)) if request.is_some() => Promise::Outcome(outcome),
        (_, Some(_)) => return Err("an outcome needs from and request, and goes with accepted configuration only".into()),
        (None | Some("accepted"), None) if request.is_some() => return Err("a request needs outcome=\"…\", what must come out".into()),
        (None | Some("accepted"), None) => Promise::Accepted,
        (Some("refused"), None) => Promise::Refused,
        (Some("fragment" | "file"), None) => return Ok(Fence::Shown),
        (Some(other), None) => return Err(format!("check={other:?} is none of accepted, refused, fragment and file")),
    };
    Ok(Fence::Runnable { world: world.unwrap_or_else(|| DEFAULT_WORLD.into()), request, promise })
}

/// `key="value"` after `key="value"`.
fn pairs(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut found = BTreeMap::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let pair = rest.split_once("=\"").and_then(|(key, after)| after.split_once('"').map(|(value, rest)| (key.trim(), value, rest)));
        let (key, value, after) = pair.ok_or_else(|| format!("cannot read {rest:?} in the fence; attributes are written key=\"value\""))?;
        if found.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(format!("the fence says {key} twice"));
        }
        rest = after.trim_start();
    }
    Ok(found)
}

/// `name: value | name: value`.
fn header_map(text: &str) -> Result<BTreeMap<String, String>, String> {
    text.split(" | ")
        .map(|header| match header.split_once(':') {
            Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
            None => Err(format!("the header {header:?} is not written \"name: value\"")),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_with_a_request_says_all_of_it() {
        let text = r#"from="sleep-a.default" request="POST http://reviews:9080/" headers="End-User: jason | x: a: b" outcome="200 reviews/v2""#;
        let Fence::Runnable { world, request: Some(request), promise } = read(text).unwrap() else { panic!("not runnable") };
        assert_eq!((world.as_str(), promise), ("bookinfo", Promise::Outcome("200 reviews/v2".into())));
        assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "http://reviews:9080/"));
        assert_eq!(request.headers, BTreeMap::from([("end-user".into(), "jason".into()), ("x".into(), "a: b".into())]));
    }

    #[test]
    fn half_a_request_and_unknown_words_are_told() {
        for (fence, words) in [
            (r#"from="a.b""#, "needs both"),
            (r#"from="a.b" request="GET http://x/""#, "needs outcome"),
            (r#"outcome="404""#, "needs from and request"),
            (r#"form="a.b""#, "no attribute \"form\""),
            (r#"check="maybe""#, "none of accepted"),
            ("refused", "key=\"value\""),
        ] {
            let message = read(fence).unwrap_err();
            assert!(message.contains(words), "{fence}: {message}");
        }
    }
}
