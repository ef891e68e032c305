//! Classes in brackets.

use super::{
    Fault,
    escape::{self, Escaped},
};

/// Named ones, `[:alpha:]`; `[:^alpha:]` is what they do not hold.
const NAMED: &[&str] = &["alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word", "xdigit"];

/// Reads a class at the start of a text, and returns what is left of it.
pub(super) fn read(text: &str) -> Result<(String, &str), Fault> {
    let mut rest = &text[1..];
    let mut class = String::from("[");
    if let Some(behind) = rest.strip_prefix('^') {
        class.push('^');
        rest = behind;
    }
    let mut is_first = true;
    // A bracket that closes is a sign like any other where it comes first.
    while is_first || !rest.starts_with(']') {
        is_first = false;
        if let Some(inside) = rest.strip_prefix("[:")
            && let Some((name, behind)) = inside.split_once(":]")
        {
            if !NAMED.contains(&name.strip_prefix('^').unwrap_or(name)) {
                return Err(Fault::UnknownClass(format!("[:{name}:]")));
            }
            class.extend(["[:", name, ":]"]);
            rest = behind;
            continue;
        }
        let from = rest;
        match member(rest)? {
            (Escaped::Class(inner), behind) => {
                class.push_str(&inner);
                rest = behind;
            }
            (Escaped::Character(first), behind) => {
                let (last, behind) = end_of_range(first, behind)?;
                if last < first {
                    return Err(Fault::Range(from[..from.len() - behind.len()].to_owned()));
                }
                class.push_str(&if last == first { escape::written(first) } else { escape::range(first, last) });
                rest = behind;
            }
        }
    }
    class.push(']');
    Ok((class, &rest[1..]))
}

/// The other end of a range that may have begun; a `-` before the bracket that closes is the sign.
fn end_of_range(first: u32, text: &str) -> Result<(u32, &str), Fault> {
    let Some(behind) = text.strip_prefix('-').filter(|behind| !behind.is_empty() && !behind.starts_with(']')) else { return Ok((first, text)) };
    match member(behind)? {
        (Escaped::Character(last), rest) => Ok((last, rest)),
        // The end of a range is one character, and not a class: `[a-\d]`.
        (Escaped::Class(_), rest) => Err(Fault::Escape(behind[..behind.len() - rest.len()].to_owned())),
    }
}

fn member(text: &str) -> Result<(Escaped, &str), Fault> {
    let sign = text.chars().next().ok_or(Fault::OpenClass)?;
    if sign == '\\' { escape::read(text) } else { Ok((Escaped::Character(u32::from(sign)), &text[sign.len_utf8()..])) }
}
