//! Paths: what the connection manager makes of them, and how they part into path and query.

use super::request::Rejected;
use crate::engine::xds::HttpConnectionManager;

/// The part before query and fragment.
pub(in crate::engine::envoy) fn without_query(path: &str) -> &str {
    &path[..path.find(['?', '#']).unwrap_or(path.len())]
}

/// The value of the first query parameter of that name; empty where it has none.
pub(super) fn query_parameter<'a>(path: &'a str, name: &str) -> Option<&'a str> {
    let query = path.split_once('?')?.1.split('#').next()?;
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Normalizes as the connection manager is told to; the query stays, a fragment goes.
pub(super) fn normalize(path: &str, hcm: &HttpConnectionManager) -> Result<String, Rejected> {
    let path = path.split('#').next().unwrap_or_default();
    let (mut own, query) = match path.split_once('?') {
        Some((own, query)) => (own.to_owned(), format!("?{query}")),
        None => (path.to_owned(), String::new()),
    };
    let unescaped = unescape_slashes(&own);
    if unescaped != own {
        match hcm.path_with_escaped_slashes_action.as_str() {
            "REJECT_REQUEST" => {
                return Err(Rejected {
                    status: 400,
                    flags: Vec::new(),
                    reason: "the path has an escaped slash, which this proxy refuses.".into(),
                    location: None,
                    is_grpc: false,
                });
            }
            "UNESCAPE_AND_REDIRECT" => {
                return Err(Rejected {
                    status: 307,
                    flags: Vec::new(),
                    reason: "the path has an escaped slash; the client is sent to the one without.".into(),
                    location: Some(format!("{unescaped}{query}")),
                    is_grpc: false,
                });
            }
            "UNESCAPE_AND_FORWARD" => own = unescaped,
            _ => {}
        }
    }
    if hcm.normalize_path == Some(true) && own.starts_with('/') {
        own = canonical(&own);
    }
    if hcm.merge_slashes {
        own = merge_slashes(&own);
    }
    Ok(own + &query)
}

fn unescape_slashes(path: &str) -> String {
    path.replace("%2F", "/").replace("%2f", "/").replace("%5C", "\\").replace("%5c", "\\")
}

/// RFC 3986 with backslashes as slashes: escapes of unreserved characters are undone, `.` and `..` are resolved, and what no path
/// should hold unescaped is escaped (`kPathCharLookup` of Chromium's URL library, which Envoy asks).
fn canonical(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut plain: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped =
            bytes.get(at + 1..at + 3).filter(|_| byte == b'%').and_then(|hex| std::str::from_utf8(hex).ok()).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match escaped {
            Some(value) if value.is_ascii_alphanumeric() || b"-._~".contains(&value) => {
                plain.push(value);
                at += 3;
            }
            _ => {
                match byte {
                    b'\\' => plain.push(b'/'),
                    0..=b' ' | b'"' | b'<' | b'>' | b'^' | b'`' | b'{' | b'|' | b'}' | 0x7F => plain.extend(format!("%{byte:02X}").bytes()),
                    _ => plain.push(byte),
                }
                at += 1;
            }
        }
    }
    let plain = String::from_utf8_lossy(&plain).into_owned();
    let mut segments: Vec<&str> = Vec::new();
    let mut ends_open = false;
    for segment in plain.split('/').skip(1) {
        ends_open = matches!(segment, "." | "..");
        match segment {
            "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    if ends_open {
        segments.push("");
    }
    format!("/{}", segments.join("/"))
}

fn merge_slashes(path: &str) -> String {
    let mut merged = String::with_capacity(path.len());
    for character in path.chars() {
        if character != '/' || !merged.ends_with('/') {
            merged.push(character);
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_escapes_and_backslashes_are_resolved_and_the_query_is_left_alone() {
        let hcm = HttpConnectionManager { normalize_path: Some(true), merge_slashes: true, ..HttpConnectionManager::default() };
        for (given, wanted) in [
            ("/a/../b", "/b"),
            ("/a/%2e%2E/b?x=/../", "/b?x=/../"),
            ("/a\\b", "/a/b"),
            ("/a//b/.", "/a/b/"),
            ("/..", "/"),
            ("/%41%2Fb#f", "/A%2Fb"),
            ("/é", "/é"),
            ("/{a|b}^\"%7b~[c]%zz?{d|e}", "/%7Ba%7Cb%7D%5E%22%7b~[c]%zz?{d|e}"),
        ] {
            assert_eq!(normalize(given, &hcm).expect(given), wanted, "{given}");
        }
    }
}
