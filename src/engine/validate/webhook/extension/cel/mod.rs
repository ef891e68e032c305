//! The syntax of CEL expressions (<https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax>).
//!
//! Only whether a text parses, which is all that istiod asks of an access log's filter.

mod token;

use token::{Token, tokens};

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
        let signs = self.signs()?;
        let (mut form, mut may_be_type) = self.primary()?;
        loop {
            form = if self.take(".") {
                let name = self.name()?;
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
            } else if may_be_type && self.take("{") {
                self.entries(Self::name)?;
                Form::Other
            } else {
                // A sign twice is none.
                return Ok(if signs % 2 == 0 { form } else { Form::Other });
            };
            may_be_type &= form != Form::Other;
        }
    }

    /// How many signs stand before an operand: of one kind, but that a number has one of its own.
    fn signs(&mut self) -> Result<usize, String> {
        let mut count = 0;
        let mut is_negative = false;
        if self.take("!") {
            count += 1;
            while self.take("!") {
                count += 1;
            }
            is_negative = matches!(self.tokens, [Token::Sign("-"), Token::Number { .. }, ..]) && self.take("-");
        } else {
            while self.take("-") {
                is_negative = true;
                count += 1;
            }
        }
        match self.tokens.first() {
            Some(Token::Number { needs_minus: true }) if !is_negative => Err(format!("{} is too large a number", i64::MIN.unsigned_abs())),
            _ => Ok(count),
        }
    }

    fn name(&mut self) -> Result<String, String> {
        match self.tokens.first() {
            Some(Token::Name(name)) if name != "in" => {
                let name = name.clone();
                self.tokens = &self.tokens[1..];
                Ok(name)
            }
            _ => Err(self.unexpected("a name")),
        }
    }

    /// What it is, and whether it may be the type of a message, or begin it.
    fn primary(&mut self) -> Result<(Form, bool), String> {
        let is_rooted = self.take(".");
        let Some(token) = self.tokens.first().cloned() else { return Err(self.unexpected("a value")) };
        let wanted = self.unexpected("a value");
        self.tokens = &self.tokens[1..];
        let form = match token {
            Token::Name(name) if name == "in" => return Err(wanted),
            Token::Name(name) if RESERVED.contains(&name.as_str()) => return Err(format!("{name:?} is a reserved word")),
            Token::Name(name) => {
                if !self.take("(") {
                    return Ok((Form::Name, true));
                }
                let arguments = self.list(")")?;
                if name == "has" && !is_rooted && arguments.len() == 1 && arguments[0] != Form::Field {
                    return Err("has() takes a field, such as has(request.host)".into());
                }
                Form::Other
            }
            _ if is_rooted => return Err(wanted),
            Token::Literal | Token::Number { .. } => Form::Other,
            Token::Sign("(") => {
                let form = self.expression()?;
                self.expect(")")?;
                form
            }
            Token::Sign("[") => {
                self.list("]")?;
                Form::Other
            }
            Token::Sign("{") => {
                self.entries(Self::expression)?;
                Form::Other
            }
            Token::Sign(_) => return Err(wanted),
        };
        Ok((form, false))
    }

    fn list(&mut self, close: &str) -> Result<Vec<Form>, String> {
        let mut items = Vec::new();
        if self.take(close) {
            return Ok(items);
        }
        if close == "]" && self.take(",") {
            return self.expect(close).map(|()| items);
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

    /// What stands in the braces of a map or a message, by what its keys are.
    fn entries<T>(&mut self, key: fn(&mut Self) -> Result<T, String>) -> Result<(), String> {
        if self.take(",") {
            return self.expect("}");
        }
        while !self.take("}") {
            key(self)?;
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
        "all" | "exists" | "exists_one" | "existsOne" | "filter" => arguments.len() == 2,
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
            "!-1 || !a.b.C{d: 1,}.e",
            "-9223372036854775808",
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
            "a.in",
            "T{1: 2}",
            "(a){b: 1}",
            "a[0].b{c: 1}",
            "9223372036854775808",
            "request.url_path.matches('/v\\d+')",
            &"(".repeat(500),
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
