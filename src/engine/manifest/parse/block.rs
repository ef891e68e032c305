//! Collections by indentation.

use super::{Parser, Stop, Trouble, atom::Atom, property::Properties, usual::Collection};
use crate::engine::{
    manifest::{Node, Value},
    source::Span,
};

/// What stands here, outside of brackets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// The innermost collection ends.
    End,
    /// `- `
    Dash,
    /// `? `
    Question,
    /// `: `
    Colon,
    /// `|` or `>`
    Literal,
    /// Anything else.
    Content,
}

/// The key that a mapping starts with.
enum First {
    /// One in plain words of this length, which starts here.
    Usual(usize),
    /// Any other that is read already.
    Read(Node),
    /// One that starts with `?` here.
    Unread,
}

impl<'t> Parser<'t, '_> {
    fn sign(&self) -> Sign {
        if self.is_past_block() {
            return Sign::End;
        }
        match self.peek() {
            b'-' if self.is_blank_or_end(1) => Sign::Dash,
            b'?' if self.is_blank_or_end(1) => Sign::Question,
            b':' if self.is_blank_or_end(1) => Sign::Colon,
            b'|' | b'>' => Sign::Literal,
            _ => Sign::Content,
        }
    }

    /// The value that starts here, or nothing. `outer` stands on the lines before it; `may_align`: whether it may be a list
    /// whose dashes stand under its key.
    pub(super) fn value(&mut self, outer: Properties<'t>, may_align: bool) -> Result<Node, Stop> {
        let is_deeper = self.column() > self.indent;
        match self.sign() {
            Sign::Dash if !self.key_may_start => Err(self.trouble(self.at, Trouble::Dash)),
            Sign::Colon if !self.key_may_start || is_deeper => Err(self.trouble(self.at, Trouble::Colon)),
            Sign::Question if !self.key_may_start => Err(self.trouble(self.at, Trouble::Misplaced)),
            Sign::Dash if is_deeper || may_align => {
                let node = self.deeper(|parser| parser.sequence(is_deeper))?;
                self.with(outer, node)
            }
            Sign::Question if is_deeper => {
                let node = self.deeper(|parser| parser.mapping(First::Unread, parser.column()))?;
                self.with(outer, node)
            }
            Sign::Literal => {
                let scalar = self.literal()?;
                self.finish(Atom::Scalar(scalar), outer)
            }
            Sign::Content if is_deeper => self.deeper(|parser| parser.content(outer, may_align)),
            // Nothing here is indented further: an empty value, and the next key or item.
            _ => self.empty(self.at, outer),
        }
    }

    /// A scalar, a collection in brackets, an alias, or a mapping that starts with one of them as its first key.
    fn content(&mut self, outer: Properties<'t>, may_align: bool) -> Result<Node, Stop> {
        let (start, line, column) = (self.at, self.line_start, self.column());
        if let Some(length) = self.usual_key() {
            let node = self.mapping(First::Usual(length), column)?;
            return self.with(outer, node);
        }
        let may_be_key = self.key_may_start;
        let properties = self.properties()?;
        if properties.is_some() && (self.line_start != line || self.is_at_end() || self.sign() == Sign::Literal) {
            let joined = self.joined(outer, properties)?;
            return self.value(joined, may_align);
        }
        let atom = self.atom(properties.is_some())?;
        self.skip_to_token();
        if may_be_key && self.is_colon_of(start, line) {
            let key = self.finish(atom, properties)?;
            let node = self.mapping(First::Read(key), column)?;
            return self.with(outer, node);
        }
        if !self.key_may_start && self.sign() != Sign::End {
            self.behind(&atom)?;
        }
        let joined = self.joined(outer, properties)?;
        self.finish(atom, joined)
    }

    /// What is wrong with text that follows a value on its line. Behind a whole document nothing is.
    fn behind(&self, atom: &Atom<'_>) -> Result<(), Stop> {
        let is_of_several_lines = matches!(atom, Atom::Scalar(scalar) if scalar.is_plain && scalar.span.start() < self.line_start + self.offset);
        let (at, trouble) = match (self.sign(), atom) {
            // The colon makes a key of a text's last line: it is that line that stands wrong.
            (Sign::Colon, _) if is_of_several_lines => {
                let line = &self.text[self.line_start..];
                (self.line_start + line.len() - line.trim_start_matches(' ').len(), Trouble::Misplaced)
            }
            (Sign::Colon, _) => (self.at, Trouble::Colon),
            (Sign::Dash, _) => (self.at, Trouble::Dash),
            _ if self.indent == 0 => return Ok(()),
            (_, Atom::Scalar(_)) => (self.at, Trouble::BehindQuote),
            _ => (self.at, Trouble::Misplaced),
        };
        Err(self.trouble(at, trouble))
    }

    /// A mapping, in the column of its first key.
    fn mapping(&mut self, first: First, column: usize) -> Result<Node, Stop> {
        let outer = std::mem::replace(&mut self.indent, column);
        let mut entries = self.open_mapping();
        let mut start = self.at;
        match first {
            First::Usual(length) => self.usual_entries(&mut entries, length)?,
            First::Read(key) => {
                start = key.span.start() - self.offset;
                let value = self.behind_colon(false)?;
                self.add(&mut entries, key, value);
            }
            First::Unread => {}
        }
        loop {
            self.skip_to_token();
            if self.column() == column
                && let Some(length) = self.usual_key()
            {
                self.usual_entries(&mut entries, length)?;
                continue;
            }
            let sign = self.sign();
            if sign == Sign::End {
                break;
            }
            if self.column() > column || !self.key_may_start || !matches!(sign, Sign::Question | Sign::Content) {
                return Err(self.trouble(self.at, Trouble::Misplaced));
            }
            let (key, value) = if sign == Sign::Question { self.explicit()? } else { (self.key()?, self.behind_colon(false)?) };
            self.add(&mut entries, key, value);
        }
        self.indent = outer;
        let span = Span::new(start + self.offset, entries.end());
        Ok(Node { value: self.close_mapping(entries), span })
    }

    /// A key that must be one, because of its column. Stops at its colon.
    fn key(&mut self) -> Result<Node, Stop> {
        let (start, line) = (self.at, self.line_start);
        let properties = self.properties()?;
        if self.line_start != line || self.is_at_end() || self.sign() == Sign::Literal {
            return Err(self.trouble(start, Trouble::NoColon));
        }
        let atom = self.atom(properties.is_some())?;
        self.skip_to_token();
        if !self.is_colon_of(start, line) {
            return Err(self.trouble(start, Trouble::NoColon));
        }
        self.finish(atom, properties)
    }

    /// `? key` and, on the next line, `: value`.
    fn explicit(&mut self) -> Result<(Node, Node), Stop> {
        self.at += 1;
        self.key_may_start = true;
        self.skip_to_token();
        let key = self.value(None, true)?;
        self.skip_to_token();
        let value = if self.sign() == Sign::Colon && self.column() == self.indent { self.behind_colon(true)? } else { self.empty(self.at, None)? };
        Ok((key, value))
    }

    /// The value behind a colon; only one that stands alone may have a key or a dash behind it on its line.
    #[inline]
    pub(super) fn behind_colon(&mut self, is_alone: bool) -> Result<Node, Stop> {
        self.at += 1;
        let behind = self.at;
        if !is_alone {
            if let Some(node) = self.usual_value() {
                return Ok(node);
            }
            match self.usual_collection() {
                Some(Collection::List { is_deeper }) => return self.deeper(|parser| parser.sequence(is_deeper)),
                Some(Collection::Mapping(first)) => return self.deeper(|parser| parser.mapping(First::Usual(first), parser.column())),
                None => {}
            }
        }
        self.unusual_value(behind, is_alone)
    }

    /// Any other value; the colon ends at `behind`.
    fn unusual_value(&mut self, behind: usize, is_alone: bool) -> Result<Node, Stop> {
        self.key_may_start = is_alone || self.at > behind;
        self.skip_to_token();
        let node = self.value(None, true)?;
        Ok(if node.is_null() && node.span.start() == node.span.end() { Node { span: self.span(behind, behind), ..node } } else { self.finite(node) })
    }

    /// A list by dashes, indented further than what is around it or, with `is_deeper` false, under its key.
    fn sequence(&mut self, is_deeper: bool) -> Result<Node, Stop> {
        let start = self.at;
        let column = self.column();
        let outer = self.indent;
        self.indent = column;
        let first = self.items.len();
        while self.sign() == Sign::Dash && self.column() == column && self.key_may_start {
            self.at += 1;
            let behind = self.at;
            if let Some(first) = self.usual_key_of_item() {
                let node = self.deeper(|parser| parser.mapping(First::Usual(first), parser.column()))?;
                self.items.push(node);
                continue;
            }
            if let Some(node) = self.usual_value() {
                self.items.push(node);
                continue;
            }
            self.key_may_start = true;
            self.skip_to_token();
            let node = self.value(None, false)?;
            let is_nothing = node.is_null() && node.span.start() == node.span.end();
            let node = if is_nothing { Node { span: self.span(behind, behind), ..node } } else { self.finite(node) };
            self.items.push(node);
            self.skip_to_token();
        }
        if is_deeper && self.sign() != Sign::End {
            return Err(self.trouble(self.at, Trouble::Misplaced));
        }
        self.indent = outer;
        let items = self.items.split_off(first);
        let end = items.last().map_or(self.at, |last| last.span.end() - self.offset);
        Ok(Node { value: Value::Seq(items.into()), span: self.span(start, end.max(start)) })
    }
}
