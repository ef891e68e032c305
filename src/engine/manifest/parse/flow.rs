//! Collections in brackets.

use super::{Parser, Stop, Trouble, mapping::Entries};
use crate::engine::manifest::{Node, Value};

impl Parser<'_, '_> {
    /// Reads from the opening bracket to behind the closing one.
    pub(super) fn collection(&mut self) -> Result<Node, Stop> {
        let start = self.at;
        let open = self.peek();
        let close = if open == b'[' { b']' } else { b'}' };
        self.at += 1;
        self.flow += 1;
        self.key_may_start = true;
        let mut items = Vec::new();
        let mut entries = self.open_mapping();
        let mut is_full = false;
        loop {
            self.skip_to_token();
            let wrong = match self.peek() {
                _ if self.is_at_end() => return Err(self.trouble(start, Trouble::OpenBracket(char::from(open)))),
                byte if byte == close => break,
                byte @ (b']' | b'}') => Trouble::WrongBracket { open: char::from(open), close: char::from(byte) },
                b',' if is_full => {
                    self.at += 1;
                    self.key_may_start = true;
                    is_full = false;
                    continue;
                }
                b',' => Trouble::Nothing,
                b':' if is_full => Trouble::Colon,
                _ if is_full => Trouble::NoComma(char::from(open)),
                _ => {
                    self.item(open, &mut items, &mut entries)?;
                    is_full = true;
                    continue;
                }
            };
            return Err(self.trouble(self.at, wrong));
        }
        self.at += 1;
        self.flow -= 1;
        self.key_may_start = false;
        let value = if open == b'[' { Value::Seq(items.into()) } else { self.close_mapping(entries) };
        Ok(Node { value, span: self.span(start, self.at) })
    }

    /// One item of a list, or one entry of a mapping; `[a: b]` is a list of one mapping.
    fn item(&mut self, open: u8, items: &mut Vec<Node>, entries: &mut Entries) -> Result<(), Stop> {
        let is_explicit = self.peek() == b'?';
        let start = self.at;
        let (key, has_value) = if is_explicit {
            self.at += 1;
            self.key_may_start = false;
            self.skip_to_token();
            let is_bare = matches!(self.peek(), b':' | b',' | b'}' | b']');
            if is_bare && open == b'[' {
                return Err(self.trouble(self.at, Trouble::Nothing));
            }
            let key = if is_bare { self.empty(self.at, None)? } else { self.flow_node()?.0 };
            (key, self.peek() == b':')
        } else {
            self.flow_node()?
        };
        if !has_value && open == b'[' && !is_explicit {
            items.push(self.finite(key));
            return Ok(());
        }
        let value = if has_value { self.flow_value()? } else { self.empty(self.at, None)? };
        if open == b'{' {
            self.add(entries, key, value);
            return Ok(());
        }
        let span = self.span(start, (value.span.end() - self.offset).max(start));
        let mut pair = self.open_mapping();
        self.add(&mut pair, key, value);
        items.push(Node { value: self.close_mapping(pair), span });
        Ok(())
    }

    /// A value, and whether it is a key by the colon behind it.
    fn flow_node(&mut self) -> Result<(Node, bool), Stop> {
        let (start, line, may_be_key) = (self.at, self.line_start, self.key_may_start);
        let properties = self.properties()?;
        let atom = self.atom(properties.is_some())?;
        let node = self.finish(atom, properties)?;
        self.skip_to_token();
        Ok((node, may_be_key && self.is_colon_of(start, line)))
    }

    /// The value behind a colon, which may be nothing.
    fn flow_value(&mut self) -> Result<Node, Stop> {
        self.at += 1;
        self.key_may_start = false;
        let behind = self.at;
        self.skip_to_token();
        if matches!(self.peek(), b',' | b']' | b'}') {
            return self.empty(behind, None);
        }
        Ok(self.flow_node()?.0)
    }
}
