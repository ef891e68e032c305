//! The tokens of CEL, as the grammar of cel-go has them (`parser/gen/CEL.g4`), and what it makes of literals (`parser/unescape.go`).

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Name(String),
    /// A number that may have a sign, so not an unsigned one.
    Number {
        /// The least number below zero has no counterpart above.
        needs_minus: bool,
    },
    Literal,
    Sign(&'static str),
}

impl Token {
    /// What a message calls it.
    pub fn shown(&self) -> String {
        match self {
            Self::Name(name) => format!("{name:?}"),
            Self::Number { .. } => "a number".into(),
            Self::Literal => "a literal".into(),
            Self::Sign(sign) => format!("{sign:?}"),
        }
    }
}

const SIGNS: &[&str] = &["&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",", "(", ")", "[", "]", "{", "}"];

/// Takes a text apart.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if matches!(c, ' ' | '\t' | '\r' | '\n' | '\u{c}') {
            rest = &rest[1..];
        } else if let Some(comment) = rest.strip_prefix("//") {
            rest = comment.split_once('\n').map_or("", |(_, tail)| tail);
        } else if let Some(tail) = string(rest)? {
            out.push(Token::Literal);
            rest = tail;
        } else if c.is_ascii_digit() || c == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit()) {
            let (token, tail) = number(rest)?;
            out.push(token);
            rest = tail;
        } else if c.is_ascii_alphabetic() || c == '_' {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            out.push(match &rest[..end] {
                "true" | "false" | "null" => Token::Literal,
                name => Token::Name(name.to_owned()),
            });
            rest = &rest[end..];
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            out.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        } else {
            return Err(format!("{c:?} has no meaning"));
        }
    }
    Ok(out)
}

/// What follows the string literal at the start, whose prefixes are `b` for bytes and `r` for raw, in this order.
fn string(text: &str) -> Result<Option<&str>, String> {
    let body = text.strip_prefix(['b', 'B']).unwrap_or(text);
    let is_bytes = body.len() < text.len();
    let (is_raw, body) = body.strip_prefix(['r', 'R']).map_or((false, body), |body| (true, body));
    let Some(quote) = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| body.starts_with(quote)) else { return Ok(None) };
    let mut rest = &body[quote.len()..];
    loop {
        if let Some(tail) = rest.strip_prefix(quote) {
            return Ok(Some(tail));
        }
        let mut chars = rest.chars();
        match chars.next() {
            Some('\\') if !is_raw => rest = escape(chars.as_str(), is_bytes)?,
            Some('\n' | '\r') if quote.len() == 1 => return Err("a string is not closed on its line".into()),
            Some(_) => rest = chars.as_str(),
            None => return Err("a string is not closed".into()),
        }
    }
}

/// What follows the escape whose backslash stands before.
fn escape(text: &str, is_bytes: bool) -> Result<&str, String> {
    let Some(kind) = text.chars().next() else { return Err("a string is not closed".into()) };
    let (digits, radix) = match kind {
        'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | '"' | '\'' | '\\' | '?' | '`' => return Ok(&text[1..]),
        'x' | 'X' => (text.get(1..3), 16),
        'u' if !is_bytes => (text.get(1..5), 16),
        'U' if !is_bytes => (text.get(1..9), 16),
        '0'..='3' => (text.get(..3), 8),
        _ => {
            return Err(format!("\\{kind} is no escape in a string; write \\\\{kind}, or put r before the string, which leaves its backslashes alone"));
        }
    };
    let code = digits.filter(|digits| digits.chars().all(|c| c.is_digit(radix))).and_then(|digits| u32::from_str_radix(digits, radix).ok());
    let is_fine = code.is_some_and(|code| is_bytes || char::from_u32(code).is_some());
    let length = digits.map_or(0, str::len) + usize::from(radix == 16);
    if is_fine { Ok(&text[length..]) } else { Err(format!("\\{kind} begins an escape that stands for no character")) }
}

/// The number at the start, and what follows it: whole, with a point or an exponent, in hexadecimal or with `u` for unsigned.
fn number(text: &str) -> Result<(Token, &str), String> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let hexadecimal = text.strip_prefix("0x").map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_hexdigit).count());
    let mut end = digits(text);
    let mut is_whole = true;
    if hexadecimal > 0 {
        end = 2 + hexadecimal;
    } else {
        if let Some(fraction) = text[end..].strip_prefix('.').map(digits).filter(|count| *count > 0) {
            (end, is_whole) = (end + 1 + fraction, false);
        }
        if let Some(power) = text[end..].strip_prefix(['e', 'E']) {
            let sign = usize::from(power.starts_with(['+', '-']));
            let count = digits(&power[sign..]);
            if count > 0 {
                (end, is_whole) = (end + 1 + sign + count, false);
            }
        }
    }
    let (written, rest) = text.split_at(end);
    let too_large = || format!("{written} is too large a number");
    if !is_whole {
        let is_finite = written.parse().is_ok_and(f64::is_finite);
        return if is_finite { Ok((Token::Number { needs_minus: false }, rest)) } else { Err(too_large()) };
    }
    let value = if hexadecimal > 0 { u64::from_str_radix(&written[2..], 16) } else { written.parse() };
    let value = value.map_err(|_| too_large())?;
    if let Some(rest) = rest.strip_prefix(['u', 'U']) {
        return Ok((Token::Literal, rest));
    }
    if value > i64::MIN.unsigned_abs() { Err(too_large()) } else { Ok((Token::Number { needs_minus: value == i64::MIN.unsigned_abs() }, rest)) }
}

#[cfg(test)]
mod tests {
    use super::tokens;

    #[test]
    fn strings_take_the_escapes_of_cel_alone() {
        for fine in [r#""\n\"\\""#, r"'\x41\u00e9\U0001F600\101'", r"r'\d+'", r"b'\xff\377'", r"bR'\d'", "'''a\nb'''", "\"\"\"'\"\"\""] {
            assert!(tokens(fine).is_ok_and(|tokens| tokens.len() == 1), "{fine}");
        }
        for bad in [r"'\d+'", r"'\.'", r"'\x4'", r"'\8'", r"'\18'", r"'\ud800'", r"b'\u0041'", "'a\nb'", r"'\", "'''a''", "\u{a0}"] {
            assert!(tokens(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn numbers_have_their_bounds() {
        for fine in ["9223372036854775807", "18446744073709551615u", "0xffU", "1.5e-3", ".5", "1e308"] {
            assert!(tokens(fine).is_ok_and(|tokens| tokens.len() == 1), "{fine}");
        }
        for bad in ["9223372036854775809", "18446744073709551616u", "0x10000000000000000u", "1e999"] {
            assert!(tokens(bad).is_err(), "{bad}");
        }
        for several in ["0x", "1a", "0X1", "1.5u"] {
            assert!(tokens(several).is_ok_and(|tokens| tokens.len() > 1), "{several}");
        }
    }
}
