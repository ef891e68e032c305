//! The syntax of CEL expressions (<https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax>).
//!
//! Only whether a text parses, which is all that istiod asks of an access log's filter.

use std::str::Chars;

/// How deep expressions may nest.
const DEPTH: usize = 100;

/// What is wrong with an expression.
pub(super) fn parse(text: &str) -> Result<(), String> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, depth: 0 };
    parser.expression()?;
    match parser.tokens.first() {
        None => Ok(()),
        Some(token) => Err(format!("{} is unexpected", token.shown())),
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Name(String),
    Literal,
    Sign(&'static str),
}

impl Token {
    fn shown(&self) -> String {
        match self {
            Self::Name(name) => format!("{name:?}"),
            Self::Literal => "a literal".into(),
            Self::Sign(sign) => format!("{sign:?}"),
        }
    }
}

const SIGNS: &[&str] = &["&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",", "(", ")", "[", "]", "{", "}"];

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c.is_whitespace() {
            rest = rest.trim_start();
        } else if let Some(comment) = rest.strip_prefix("//") {
            rest = comment.split_once('\n').map_or("", |(_, tail)| tail);
        } else if let Some(length) = string(rest)? {
            out.push(Token::Literal);
            rest = &rest[length..];
        } else if c.is_ascii_digit() || c == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit()) {
            rest = &rest[number(rest)..];
            out.push(Token::Literal);
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

/// The length of the string literal at the start, prefixes `r` and `b` included.
fn string(text: &str) -> Result<Option<usize>, String> {
    let prefix = text.chars().take_while(|c| matches!(c, 'r' | 'R' | 'b' | 'B')).take(2).count();
    let is_raw = text[..prefix].contains(['r', 'R']);
    let body = &text[prefix..];
    let Some(quote) = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| body.starts_with(quote)) else { return Ok(None) };
    let mut chars: Chars<'_> = body[quote.len()..].chars();
    loop {
        if chars.as_str().starts_with(quote) {
            return Ok(Some(text.len() - chars.as_str().len() + quote.len()));
        }
        match chars.next() {
            Some('\\') if !is_raw => drop(chars.next()),
            Some('\n') if quote.len() == 1 => return Err("a string is not closed on its line".into()),
            Some(_) => {}
            None => return Err("a string is not closed".into()),
        }
    }
}

fn number(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_hex = text.starts_with("0x") || text.starts_with("0X");
    let mut at = if is_hex { 2 } else { 0 };
    while let Some(byte) = bytes.get(at) {
        let is_exponent_sign = matches!(byte, b'+' | b'-') && at > 0 && !is_hex && matches!(bytes[at - 1], b'e' | b'E');
        let is_point = *byte == b'.' && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if !(byte.is_ascii_hexdigit() && (is_hex || byte.is_ascii_digit() || matches!(byte, b'e' | b'E'))
            || matches!(byte, b'u' | b'U')
            || is_exponent_sign
            || is_point)
        {
            break;
        }
        at += 1;
    }
    at.max(1)
}

struct Parser<'t> {
    tokens: &'t [Token],
    depth: usize,
}

impl Parser<'_> {
    fn take(&mut self, sign: &str) -> bool {
        let is_there = matches!(self.tokens.first(), Some(Token::Sign(found)) if *found == sign);
        if is_there {
            self.tokens = &self.tokens[1..];
        }
        is_there
    }

    fn expect(&mut self, sign: &str) -> Result<(), String> {
        if self.take(sign) { Ok(()) } else { Err(self.unexpected(&format!("{sign:?}"))) }
    }

    fn unexpected(&self, wanted: &str) -> String {
        self.tokens.first().map_or_else(|| format!("it ends where {wanted} should follow"), |token| format!("{} stands where {wanted} should", token.shown()))
    }

    fn expression(&mut self) -> Result<(), String> {
        if self.depth == DEPTH {
            return Err(format!("it nests deeper than {DEPTH} levels"));
        }
        self.depth += 1;
        self.operations()?;
        if self.take("?") {
            self.operations()?;
            self.expect(":")?;
            self.expression()?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Operands and binary operators; what binds closer does not matter to whether it parses.
    fn operations(&mut self) -> Result<(), String> {
        loop {
            self.unary()?;
            let is_operator = match self.tokens.first() {
                Some(Token::Sign(sign)) => matches!(*sign, "&&" | "||" | "==" | "!=" | "<=" | ">=" | "<" | ">" | "+" | "-" | "*" | "/" | "%"),
                Some(Token::Name(name)) => name == "in",
                _ => false,
            };
            if !is_operator {
                return Ok(());
            }
            self.tokens = &self.tokens[1..];
        }
    }

    fn unary(&mut self) -> Result<(), String> {
        if self.take("!") {
            while self.take("!") {}
        } else if self.take("-") {
            while self.take("-") {}
        }
        self.primary()?;
        loop {
            if self.take(".") {
                let Some(Token::Name(_)) = self.tokens.first() else { return Err(self.unexpected("a name")) };
                self.tokens = &self.tokens[1..];
                if self.take("(") {
                    self.list(")")?;
                }
            } else if self.take("[") {
                self.expression()?;
                self.expect("]")?;
            } else if self.take("{") {
                self.pairs()?;
            } else {
                return Ok(());
            }
        }
    }

    fn primary(&mut self) -> Result<(), String> {
        self.take(".");
        let Some(token) = self.tokens.first().cloned() else { return Err(self.unexpected("a value")) };
        let wanted = self.unexpected("a value");
        self.tokens = &self.tokens[1..];
        match token {
            Token::Literal => Ok(()),
            Token::Name(name) if name == "in" => Err(wanted),
            Token::Name(_) => {
                if self.take("(") {
                    self.list(")")
                } else {
                    Ok(())
                }
            }
            Token::Sign("(") => {
                self.expression()?;
                self.expect(")")
            }
            Token::Sign("[") => self.list("]"),
            Token::Sign("{") => self.pairs(),
            Token::Sign(_) => Err(wanted),
        }
    }

    fn list(&mut self, close: &str) -> Result<(), String> {
        if self.take(close) {
            return Ok(());
        }
        loop {
            self.expression()?;
            if self.take(close) {
                return Ok(());
            }
            self.expect(",")?;
            // A list may end with a comma, the arguments of a call may not.
            if close == "]" && self.take(close) {
                return Ok(());
            }
        }
    }

    fn pairs(&mut self) -> Result<(), String> {
        while !self.take("}") {
            self.expression()?;
            self.expect(":")?;
            self.expression()?;
            if !self.take(",") {
                return self.expect("}");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn expressions_parse_or_not() {
        for fine in [
            "response.code >= 400",
            "connection.mtls && request.url_path.contains('v1beta3')",
            "!has(request.auth) || x['a'][0] in [1, 2u, 0x1F, 1.5e-3,]",
            "a ? b : c ? d : e",
            "{'k': 1}.k == -1",
            "r'\\d+' == \"\"\"a\"b\"\"\"",
        ] {
            assert_eq!(parse(fine), Ok(()), "{fine}");
        }
        for bad in ["", "response.code >= ", "a b", "a &&", "(a", "'open", "a = 1", "f(a,)", "1 +* 2", "a..b", &"(".repeat(500)] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
