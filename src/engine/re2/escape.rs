//! What a backslash makes of the signs behind it, and how a character is written.

use super::{Fault, unicode};

/// What stands behind a backslash.
#[derive(Debug)]
pub(super) enum Escaped {
    /// A class in brackets.
    Class(String),
    /// One character, by its number: RE2 also takes those that no text holds.
    Character(u32),
}

/// The largest number of a character.
const LAST: u32 = 0x0010_FFFF;

/// Reads an escape at the start of a text, and returns what is left of it.
pub(super) fn read(text: &str) -> Result<(Escaped, &str), Fault> {
    let behind = &text[1..];
    let sign = behind.chars().next().ok_or(Fault::Backslash)?;
    let rest = &behind[sign.len_utf8()..];
    let class = |inside: &str| Ok((Escaped::Class(format!("[{inside}]")), rest));
    match sign {
        'd' => class("0-9"),
        'D' => class("^0-9"),
        's' => class("\\t\\n\\f\\r "),
        'S' => class("^\\t\\n\\f\\r "),
        'w' => class("0-9A-Za-z_"),
        'W' => class("^0-9A-Za-z_"),
        'p' | 'P' => unicode::read(text).map(|(class, rest)| (Escaped::Class(class), rest)),
        _ => character(text, sign, rest).map(|(number, rest)| (Escaped::Character(number), rest)),
    }
}

fn character<'t>(text: &'t str, sign: char, rest: &'t str) -> Result<(u32, &'t str), Fault> {
    let fault = |length: usize| Err(Fault::Escape(text.chars().take(length).collect()));
    match sign {
        'a' => Ok((0x07, rest)),
        'f' => Ok((0x0C, rest)),
        'n' => Ok((0x0A, rest)),
        'r' => Ok((0x0D, rest)),
        't' => Ok((0x09, rest)),
        'v' => Ok((0x0B, rest)),
        'x' => hexadecimal(rest).map_or_else(|| fault(4), Ok),
        // One digit alone would be a reference to a group, but for 0.
        '1'..='7' if !rest.starts_with(|next: char| next.is_digit(8)) => Err(Fault::BackReference),
        '8' | '9' => Err(Fault::BackReference),
        '0'..='7' => {
            let digits = &text[1..];
            let length = digits.bytes().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
            let number = u32::from_str_radix(&digits[..length], 8).unwrap_or_default();
            Ok((number, &digits[length..]))
        }
        _ if sign.is_ascii() && !sign.is_ascii_alphanumeric() => Ok((u32::from(sign), rest)),
        _ => fault(2),
    }
}

/// `41` or `{41}`, behind `\x`.
fn hexadecimal(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = match text.strip_prefix('{') {
        Some(inside) => inside.split_once('}')?,
        None => text.split_at_checked(2)?,
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let significant = digits.trim_start_matches('0');
    let number = if significant.is_empty() { 0 } else { u32::from_str_radix(significant, 16).ok()? };
    (number <= LAST).then_some((number, rest))
}

/// A character, as a class of its own where no text can hold it.
pub(super) fn written(number: u32) -> String {
    match char::from_u32(number) {
        Some(plain) if plain.is_ascii_alphanumeric() => plain.to_string(),
        Some(_) => format!("\\x{{{number:X}}}"),
        None => NOTHING.into(),
    }
}

/// The characters from one to another, for a class; those in between that no text holds are left out.
pub(super) fn range(first: u32, last: u32) -> String {
    const GAP: std::ops::RangeInclusive<u32> = 0xD800..=0xDFFF;
    let first = if GAP.contains(&first) { GAP.end() + 1 } else { first };
    let last = if GAP.contains(&last) { GAP.start() - 1 } else { last };
    if first > last { NOTHING.into() } else { format!("{}-{}", written(first), written(last)) }
}

/// The class that holds no character.
pub(super) const NOTHING: &str = "[^\\x{0}-\\x{10FFFF}]";
/// The class that holds every character.
pub(super) const ANYTHING: &str = "[\\x{0}-\\x{10FFFF}]";
