//! What can stand before a value: anchors and tags; and aliases, which stand for one.

use std::borrow::Cow;

use super::{Parser, Slip, Stop, Trouble};
use crate::engine::manifest::{
    Node, Value,
    scalar::{float_key, resolve},
};

/// The anchor and the tag of a value; hardly any has one.
pub(super) type Properties<'t> = Option<Box<Given<'t>>>;

#[derive(Default)]
pub(super) struct Given<'t> {
    anchor: Option<&'t str>,
    tag: Option<Cow<'t, str>>,
    /// Where the anchor stands among the open ones.
    open: usize,
}

/// The tags of YAML itself, behind `!!`.
const CORE: &str = "tag:yaml.org,2002:";

impl<'t> Parser<'t, '_> {
    /// Anchor and tag, in either order, with the blanks behind them; over line breaks too within brackets.
    pub(super) fn properties(&mut self) -> Result<Properties<'t>, Stop> {
        if !matches!(self.peek(), b'&' | b'!') {
            return Ok(None);
        }
        let mut out = Given::default();
        let line = self.line_start;
        loop {
            match self.peek() {
                b'&' if out.anchor.is_none() => {
                    let name = self.name()?;
                    // From here on the name means this value, even within one that has it too.
                    self.open_anchors.iter_mut().filter(|open| **open == name).for_each(|open| *open = "");
                    out.open = self.open_anchors.len();
                    self.open_anchors.push(name);
                    out.anchor = Some(name);
                }
                b'!' if out.tag.is_none() => out.tag = Some(self.tag()?),
                _ => break,
            }
            self.key_may_start = false;
            self.skip_to_token();
            if self.flow == 0 && self.line_start != line {
                break;
            }
        }
        Ok(Some(Box::new(out)))
    }

    /// Those of a value together with those on the lines before it.
    pub(super) fn joined(&self, outer: Properties<'t>, inner: Properties<'t>) -> Result<Properties<'t>, Stop> {
        match (outer, inner) {
            (Some(outer), Some(inner)) if outer.anchor.is_some() && inner.anchor.is_some() || outer.tag.is_some() && inner.tag.is_some() => {
                Err(self.trouble(self.at, Trouble::Misplaced))
            }
            (Some(outer), Some(inner)) => {
                let open = if outer.anchor.is_some() { outer.open } else { inner.open };
                Ok(Some(Box::new(Given { anchor: outer.anchor.or(inner.anchor), tag: outer.tag.or(inner.tag), open })))
            }
            (outer, inner) => Ok(outer.or(inner)),
        }
    }

    /// Remembers a node under its anchor.
    pub(super) fn with(&mut self, properties: Properties<'t>, node: Node) -> Result<Node, Stop> {
        match properties {
            Some(given) => self.anchored(*given, node),
            None => Ok(node),
        }
    }

    fn anchored(&mut self, given: Given<'t>, node: Node) -> Result<Node, Stop> {
        let Some(name) = given.anchor else { return Ok(node) };
        let is_open = self.open_anchors.get(given.open) == Some(&name);
        self.open_anchors.truncate(given.open);
        if !is_open {
            return Ok(node);
        }
        let size = size(&node);
        self.spent.anchored_nodes += size;
        let most = self.limits.anchored_nodes();
        if self.spent.anchored_nodes > most {
            return Err(Stop::Bound(Box::new((node.span, format!("anchors hold more than {most} values; write them without anchors")))));
        }
        self.anchors.insert(name, (node.clone(), size));
        Ok(node)
    }

    /// The value of a scalar, given its tag.
    pub(super) fn valued(&mut self, scalar: super::Scalar<'t>, properties: &Properties<'t>) -> Node {
        let span = scalar.span;
        if scalar.is_plain && scalar.text == "<<" && properties.as_ref().is_none_or(|given| given.tag.as_deref().is_none_or(|tag| tag == "!")) {
            self.merge_signs.push(span);
        }
        let value = match resolve(scalar.text, scalar.is_plain, properties.as_ref().and_then(|given| given.tag.as_deref())) {
            Ok(value) => value,
            Err((value, message)) => {
                self.slips.push(Slip::Tag(span, message));
                value
            }
        };
        Node { value, span }
    }

    /// A value as JSON can write it, which knows no infinity.
    pub(super) fn finite(&mut self, node: Node) -> Node {
        match node.value {
            Value::Float(value) if !value.is_finite() => {
                self.slips.push(Slip::NotFinite(node.span));
                Node { value: Value::String(float_key(value).into()), span: node.span }
            }
            _ => node,
        }
    }

    /// A value that is not written.
    pub(super) fn empty(&mut self, at: usize, properties: Properties<'t>) -> Result<Node, Stop> {
        let scalar = super::Scalar { text: Cow::Borrowed(""), is_plain: true, span: self.span(at, at) };
        let node = self.valued(scalar, &properties);
        self.with(properties, node)
    }

    /// `*name`, the value that was given this name before.
    pub(super) fn alias(&mut self) -> Result<Node, Stop> {
        let start = self.at;
        let name = self.name()?;
        let span = self.span(start, self.at);
        if self.open_anchors.contains(&name) {
            return Err(self.trouble(start, Trouble::Cycle));
        }
        let Some((node, size)) = self.anchors.get(name) else { return Err(self.trouble(start, Trouble::UnknownAnchor)) };
        self.spent.alias_nodes += size;
        if self.spent.alias_nodes > self.limits.alias_nodes {
            let message = format!("aliases expand to more than {} values; write the values out", self.limits.alias_nodes);
            return Err(Stop::Bound(Box::new((span, message))));
        }
        let mut node = node.clone();
        node.span = span;
        Ok(node)
    }

    /// The name behind `&` or `*`.
    fn name(&mut self) -> Result<&'t str, Stop> {
        let start = self.at;
        self.at += 1;
        while matches!(self.peek(), b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'-') {
            self.at += 1;
        }
        let name = &self.text[start + 1..self.at];
        let is_whole = self.is_blank_or_end(0) || matches!(self.peek(), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !is_whole {
            return Err(self.trouble(start, Trouble::Name));
        }
        Ok(name)
    }

    /// `!`, `!own`, `!!str`, `!<tag:yaml.org,2002:str>`: the tag in full.
    fn tag(&mut self) -> Result<Cow<'t, str>, Stop> {
        let start = self.at;
        let bad = self.trouble(start, Trouble::BadTag);
        let is_in_full = self.byte(1) == b'<';
        self.at += if is_in_full { 2 } else { 1 };
        let from = self.at;
        while matches!(self.peek(), b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z') || b"_-;/?:@&=+$,.!~*'()[]%".contains(&self.peek()) && self.peek() != 0 {
            self.at += 1;
        }
        let text = &self.text[from..self.at];
        if is_in_full {
            if self.peek() != b'>' || text.is_empty() {
                return Err(bad);
            }
            self.at += 1;
        }
        if !self.is_blank_or_end(0) {
            return Err(bad);
        }
        if is_in_full {
            return Ok(Cow::Borrowed(text));
        }
        let is_word = |word: &str| word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        match text.split_once('!') {
            Some(("", core)) if !core.is_empty() => Ok(Cow::Owned(format!("{CORE}{core}"))),
            // A prefix that only a `%TAG` line could declare.
            Some((prefix, _)) if is_word(prefix) => Err(bad),
            _ => Ok(Cow::Borrowed(&self.text[start..self.at])),
        }
    }
}

fn size(node: &Node) -> usize {
    match &node.value {
        Value::Seq(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Map(entries) => 1 + entries.iter().map(|entry| size(&entry.value)).sum::<usize>(),
        _ => 1,
    }
}
