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

/// The length of the number at the start: whole, with an exponent or a point, in hexadecimal or with `u` for unsigned.
fn number(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize, is_digit: fn(&u8) -> bool| bytes.get(from..).map_or(0, |rest| rest.iter().take_while(|b| is_digit(b)).count());
    let is_one_of = |at: usize, choices: &[u8]| bytes.get(at).is_some_and(|b| choices.contains(b));
    let mut at = if is_one_of(0, b"0") && is_one_of(1, b"xX") { 2 + digits(2, u8::is_ascii_hexdigit) } else { digits(0, u8::is_ascii_digit) };
    let is_hex = is_one_of(1, b"xX") && at > 1;
    let mut is_whole = true;
    if !is_hex && is_one_of(at, b".") && digits(at + 1, u8::is_ascii_digit) > 0 {
        at += 1 + digits(at + 1, u8::is_ascii_digit);
        is_whole = false;
    }
    if !is_hex && is_one_of(at, b"eE") {
        let sign = usize::from(is_one_of(at + 1, b"+-"));
        let exponent = digits(at + 1 + sign, u8::is_ascii_digit);
        if exponent > 0 {
            at += 1 + sign + exponent;
            is_whole = false;
        }
    }
    if is_whole && is_one_of(at, b"uU") {
        at += 1;
    }
    at.max(1)
}

/// Words that stand for nothing yet and cannot be names.
const RESERVED: &[&str] =
    &["as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while"];

/// What an expression is, as far as macros ask.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A name alone.
    Name,
    /// A field of something.
    Field,
    Other,
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

    fn expression(&mut self) -> Result<Form, String> {
        if self.depth == DEPTH {
            return Err(format!("it nests deeper than {DEPTH} levels"));
        }
        self.depth += 1;
        let mut form = self.operations()?;
        if self.take("?") {
            self.operations()?;
            self.expect(":")?;
            self.expression()?;
            form = Form::Other;
        }
        self.depth -= 1;
        Ok(form)
    }

    /// Operands and binary operators; what binds closer does not matter to whether it parses.
    fn operations(&mut self) -> Result<Form, String> {
        let mut form = None;
        loop {
            let next = self.unary()?;
            form = Some(if form.is_none() { next } else { Form::Other });
            let is_operator = match self.tokens.first() {
                Some(Token::Sign(sign)) => matches!(*sign, "&&" | "||" | "==" | "!=" | "<=" | ">=" | "<" | ">" | "+" | "-" | "*" | "/" | "%"),
                Some(Token::Name(name)) => name == "in",
                _ => false,
            };
            if !is_operator {
                return Ok(form.unwrap_or(Form::Other));
            }
            self.tokens = &self.tokens[1..];
        }
    }

    fn unary(&mut self) -> Result<Form, String> {
        let is_plain = !matches!(self.tokens.first(), Some(Token::Sign("!" | "-")));
        if self.take("!") {
            while self.take("!") {}
        } else if self.take("-") {
            while self.take("-") {}
        }
        let mut form = self.primary()?;
        loop {
            form = if self.take(".") {
                let Some(Token::Name(name)) = self.tokens.first() else { return Err(self.unexpected("a name")) };
                let name = name.clone();
                self.tokens = &self.tokens[1..];
                if self.take("(") {
                    let arguments = self.list(")")?;
                    check_macro(&name, &arguments)?;
                    Form::Other
                } else {
                    Form::Field
                }
            } else if self.take("[") {
                self.expression()?;
                self.expect("]")?;
                Form::Other
            } else if form != Form::Other && self.take("{") {
                self.pairs()?;
                Form::Other
            } else {
                return Ok(if is_plain { form } else { Form::Other });
            };
        }
    }

    fn primary(&mut self) -> Result<Form, String> {
        let is_rooted = self.take(".");
        let Some(token) = self.tokens.first().cloned() else { return Err(self.unexpected("a value")) };
        let wanted = self.unexpected("a value");
        self.tokens = &self.tokens[1..];
        match token {
            Token::Name(name) if name == "in" => Err(wanted),
            Token::Name(name) if RESERVED.contains(&name.as_str()) => Err(format!("{name:?} is a reserved word")),
            Token::Name(name) => {
                if !self.take("(") {
                    return Ok(Form::Name);
                }
                let arguments = self.list(")")?;
                if name == "has" && !is_rooted && arguments.len() == 1 && arguments[0] != Form::Field {
                    return Err("has() takes a field, such as has(request.host)".into());
                }
                Ok(Form::Other)
            }
            _ if is_rooted => Err(wanted),
            Token::Literal => Ok(Form::Other),
            Token::Sign("(") => {
                let form = self.expression()?;
                self.expect(")")?;
                Ok(form)
            }
            Token::Sign("[") => self.list("]").map(|_| Form::Other),
            Token::Sign("{") => self.pairs().map(|()| Form::Other),
            Token::Sign(_) => Err(wanted),
        }
    }

    fn list(&mut self, close: &str) -> Result<Vec<Form>, String> {
        let mut items = Vec::new();
        if self.take(close) {
            return Ok(items);
        }
        loop {
            items.push(self.expression()?);
            if self.take(close) {
                return Ok(items);
            }
            self.expect(",")?;
            // A list may end with a comma, the arguments of a call may not.
            if close == "]" && self.take(close) {
                return Ok(items);
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

/// Macros over the items of a list name the item first.
fn check_macro(name: &str, arguments: &[Form]) -> Result<(), String> {
    let is_macro = match name {
        "all" | "exists" | "exists_one" | "filter" => arguments.len() == 2,
        "map" => matches!(arguments.len(), 2 | 3),
        _ => false,
    };
    if is_macro && arguments[0] != Form::Name { Err(format!("{name}() takes a name for each item first, such as {name}(x, x > 1)")) } else { Ok(()) }
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
            "has(a.b) && x.exists(i, i == .5)",
        ] {
            assert_eq!(parse(fine), Ok(()), "{fine}");
        }
        for bad in [
            "",
            "response.code >= ",
            "a b",
            "a &&",
            "(a",
            "'open",
            "a = 1",
            "10.0.0",
            ".true",
            "has(a)",
            "x.all(1, true)",
            "if",
            "f(a,)",
            "1 +* 2",
            "a..b",
            &"(".repeat(500),
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
