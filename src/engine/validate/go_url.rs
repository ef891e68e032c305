//! URLs as Go's net/url reads them (<https://pkg.go.dev/net/url>), which the API server and istiod both ask.

use super::names::is_ip;

/// The scheme of an absolute URL, in lower case, or none of an absolute path (`url.ParseRequestURI`).
pub(super) fn parse_request_uri(text: &str) -> Result<String, &'static str> {
    if text.is_empty() {
        return Err("it is empty");
    }
    parse(text, true)
}

/// The scheme of a URL or of a reference to one, in lower case (`url.Parse`).
pub(super) fn parse_reference(text: &str) -> Result<String, &'static str> {
    let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
    let scheme = parse(rest, false)?;
    check_escapes(fragment, Place::Path)?;
    Ok(scheme)
}

/// The host of a URL or of a reference to one (`URL.Hostname`), without its port and brackets; empty where it has none.
pub(in crate::engine) fn host(text: &str) -> Result<&str, &'static str> {
    Ok(split_port(host_and_port(text)?).0)
}

/// The port of a URL (`URL.Port`), in digits of any number; empty where it has none.
pub(super) fn port(text: &str) -> Result<&str, &'static str> {
    Ok(split_port(host_and_port(text)?).1)
}

fn host_and_port(text: &str) -> Result<&str, &'static str> {
    parse_reference(text)?;
    let address = text.split(['#', '?']).next().unwrap_or_default();
    let (scheme, rest) = split_scheme(address)?;
    let Some(after) = rest.strip_prefix("//").filter(|_| !scheme.is_empty() || !rest.starts_with("///")) else { return Ok("") };
    let authority = after.split('/').next().unwrap_or_default();
    Ok(authority.rsplit_once('@').map_or(authority, |(_, host)| host))
}

fn split_port(host: &str) -> (&str, &str) {
    if let Some(inner) = host.strip_prefix('[') {
        return inner.rsplit_once(']').map_or((inner, ""), |(inner, rest)| (inner, rest.trim_start_matches(':')));
    }
    host.rsplit_once(':').unwrap_or((host, ""))
}

fn parse(text: &str, is_request: bool) -> Result<String, &'static str> {
    if text.bytes().any(|b| b < b' ' || b == 0x7F) {
        return Err("it holds a control character");
    }
    if text == "*" {
        return Ok(String::new());
    }
    let (scheme, rest) = split_scheme(text)?;
    let rest = rest.split_once('?').map_or(rest, |(path, _)| path);
    if !rest.starts_with('/') {
        if !scheme.is_empty() {
            return Ok(scheme);
        }
        if is_request {
            return Err("it has neither a scheme nor a slash at the start");
        }
        if rest.split('/').next().is_some_and(|first| first.contains(':')) {
            return Err("its first part holds a colon");
        }
    }
    let mut path = rest;
    let may_have_host = !scheme.is_empty() || !is_request && !rest.starts_with("///");
    if let Some(after) = rest.strip_prefix("//").filter(|_| may_have_host) {
        let end = after.find('/').unwrap_or(after.len());
        check_authority(&after[..end])?;
        path = &after[end..];
    }
    check_escapes(path, Place::Path)?;
    Ok(scheme)
}

fn split_scheme(text: &str) -> Result<(String, &str), &'static str> {
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return Err("the scheme before the colon is missing"),
            b':' => return Ok((text[..at].to_ascii_lowercase(), &text[at + 1..])),
            _ => break,
        }
    }
    Ok((String::new(), text))
}

fn check_authority(authority: &str) -> Result<(), &'static str> {
    let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
    check_host(host)?;
    let Some(user) = user else { return Ok(()) };
    if !user.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&b)) {
        return Err("its user holds a character that must be escaped");
    }
    check_escapes(user, Place::Path)
}

fn check_host(host: &str) -> Result<(), &'static str> {
    match host.rfind('[') {
        Some(0) => {
            let close = host.rfind(']').ok_or("a bracket of its host is not closed")?;
            check_port(&host[close + 1..])?;
            let (address, zone) = host[1..close].find("%25").map_or((&host[1..close], ""), |at| host[1..close].split_at(at));
            check_escapes(address, Place::Host)?;
            check_escapes(zone, Place::Zone)?;
            let is_v6 = address.contains(':') && is_ip(address);
            return if is_v6 { Ok(()) } else { Err("its host in brackets is not an IPv6 address") };
        }
        Some(_) => return Err("its host holds a bracket"),
        None => {}
    }
    // Of several colons, which no host can hold, the last one counts.
    if let Some(colon) = host.rfind(':') {
        check_port(&host[colon..])?;
    }
    check_escapes(host, Place::Host)
}

fn check_port(port: &str) -> Result<(), &'static str> {
    let is_fine = port.is_empty() || port.strip_prefix(':').is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
    if is_fine { Ok(()) } else { Err("its port is no number") }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Host,
    Zone,
    /// Paths, users and fragments.
    Path,
}

fn check_escapes(text: &str, place: Place) -> Result<(), &'static str> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'%' {
            let digit = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
            let (Some(high), Some(low)) = (digit(at + 1), digit(at + 2)) else { return Err("a % of it is not followed by two hexadecimal digits") };
            let value = u8::try_from(high * 16 + low).unwrap_or_default();
            let is_wrong = match place {
                Place::Host => high < 8 && value != b'%',
                Place::Zone => value != b'%' && value != b' ' && !is_host_byte(value),
                Place::Path => false,
            };
            if is_wrong {
                return Err("its host escapes a plain character");
            }
            at += 3;
        } else {
            if place != Place::Path && byte.is_ascii() && !is_host_byte(*byte) {
                return Err("its host holds a character that cannot stand there");
            }
            at += 1;
        }
    }
    Ok(())
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_as_by_go() {
        for (text, scheme) in [
            ("https://a.example.com/x?y#z", "https"),
            ("HTTPS://user:p%40@[::1]:8080", "https"),
            ("oci://registry/x:v1", "oci"),
            ("a:b", "a"),
            ("/absolute", ""),
            ("*", ""),
        ] {
            assert_eq!(parse_request_uri(text).as_deref(), Ok(scheme), "{text}");
        }
        for text in ["", "plain", ":x", "https://a:x", "https://[::1", "https://a b/", "https://a/%zz", "https://[10.0.0.1]", "a\nb"] {
            assert!(parse_request_uri(text).is_err(), "{text}");
        }
        assert_eq!(parse_reference("plain").as_deref(), Ok(""));
        assert_eq!(parse_reference("//host/x").as_deref(), Ok(""));
        for (text, name) in [
            ("https://a.example.com:15017/x", "a.example.com"),
            ("https://u@[::1]:1/x", "::1"),
            ("//10.0.0.1", "10.0.0.1"),
            ("https://a:1:2", "a:1"),
            ("a:15017/x", ""),
            ("https:///x", ""),
            ("", ""),
        ] {
            assert_eq!(host(text), Ok(name), "{text}");
        }
        assert!(host("10.0.0.1:15017/x").is_err() && parse_reference("a b:c").is_err() && parse_reference("x#%").is_err());
    }
}
