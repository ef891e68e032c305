//! Path templates of an AuthorizationPolicy, `/a/{*}/b/{**}` (`CheckValidPathTemplate`).

/// What is wrong with a path.
pub(super) fn check(path: &str) -> Result<(), String> {
    let is_template = path.contains("{*}") || path.contains("{**}");
    let mut has_rest = false;
    for part in path.trim_matches('/').split('/') {
        match part {
            "{*}" | "{**}" if has_rest => return Err(format!("{path:?}: {{**}} takes the rest of the path, so it must be the last wildcard")),
            "{**}" => has_rest = true,
            "{*}" => {}
            _ if part.contains(['{', '}']) => {
                return Err(format!("{path:?}: a part of a path can be {{*}} or {{**}} as a whole, and braces stand nowhere else; {part:?} is neither"));
            }
            _ if is_template && !is_literal(part) => {
                return Err(format!("{path:?}: beside {{*}} and {{**}}, a part of a path must be plain text; {part:?} is not"));
            }
            _ => {}
        }
    }
    Ok(())
}

fn is_literal(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%!$&'()+,;:@=".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn templates_have_their_form() {
        for fine in ["/a", "/a/*", "*", "/a/{*}/b", "/a/{**}", "/{*}/{**}", "/a/{*}/"] {
            assert_eq!(check(fine), Ok(()), "{fine}");
        }
        for bad in ["/a/{id}", "/{**}/{*}", "/a{*}", "/a/{*}/*", "/{*}//b", "/}"] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
