//! What a line can hold by itself: a scalar, an alias or a collection in brackets.

use super::{Parser, Scalar, Stop, Trouble, property::Properties};
use crate::engine::manifest::Node;

/// A value before its anchor and tag are put to it.
pub(super) enum Atom<'t> {
    Scalar(Scalar<'t>),
    Node(Node),
    /// Nothing but an anchor or a tag, which ends at this offset.
    Nothing(usize),
}

/// Characters that a key may have before its colon.
const KEY: usize = 1024;

impl<'t> Parser<'t, '_> {
    /// Reads what starts here.
    pub(super) fn atom(&mut self, has_properties: bool) -> Result<Atom<'t>, Stop> {
        self.key_may_start = false;
        let is_in_flow = self.flow > 0;
        let wrong = match self.peek() {
            b'\'' | b'"' => return self.quoted().map(Atom::Scalar),
            b'[' | b'{' => return self.deeper(Self::collection).map(Atom::Node),
            b'*' if !has_properties => return self.alias().map(Atom::Node),
            b':' if has_properties && (is_in_flow || self.is_blank_or_end(1)) => return Ok(Atom::Nothing(self.at)),
            b',' | b']' | b'}' if has_properties && is_in_flow => return Ok(Atom::Nothing(self.at)),
            b':' if is_in_flow => Trouble::Nothing,
            b'-' if self.is_blank_or_end(1) => Trouble::Dash,
            b'*' | b'&' | b'!' => Trouble::Misplaced,
            b'?' if is_in_flow || self.is_blank_or_end(1) => Trouble::Misplaced,
            b']' | b'}' => Trouble::StrayBracket,
            b'\t' => Trouble::Tab,
            byte @ (b',' | b'|' | b'>' | b'@' | b'`' | b'%') => Trouble::Start(char::from(byte)),
            _ => return self.plain().map(Atom::Scalar),
        };
        Err(self.trouble(self.at, wrong))
    }

    /// Puts anchor and tag to it.
    pub(super) fn finish(&mut self, atom: Atom<'t>, properties: Properties<'t>) -> Result<Node, Stop> {
        let node = match atom {
            Atom::Scalar(scalar) => self.valued(scalar, &properties),
            Atom::Node(node) => node,
            Atom::Nothing(at) => return self.empty(at, properties),
        };
        self.with(properties, node)
    }

    /// Whether a colon here makes a key of what started at an offset, on a line that starts at another.
    pub(super) fn is_colon_of(&self, start: usize, line: usize) -> bool {
        let is_colon = self.peek() == b':' && (self.flow > 0 || self.is_blank_or_end(1));
        let is_near = || self.line_start == line && (self.at - start <= KEY || self.text[start..self.at].chars().count() <= KEY);
        is_colon && (self.is_json && self.flow > 0 || is_near())
    }
}
