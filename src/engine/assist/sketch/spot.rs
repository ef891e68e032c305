//! What a place in a sketch is for: a key, or the value of one.

use super::{Flow, Item, Sketch, Step};
use crate::engine::source::Span;

/// A place where something can be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Spot {
    Key {
        /// The mapping, or the list that has no dash here yet.
        parent: Option<usize>,
        /// What is written of the key.
        word: Span,
        /// Whether a colon follows already.
        has_colon: bool,
        /// Bytes before the key on its line.
        column: usize,
        is_flow: bool,
    },
    Value {
        /// The way to the value.
        path: Vec<Step>,
        /// The key or dash that it belongs to, or the list that it joins.
        owner: Option<usize>,
        /// What is written of it.
        word: Span,
        /// Whether it needs a blank before it.
        is_close: bool,
        is_flow: bool,
        /// Bytes before the owner's key on its line.
        column: usize,
    },
}

impl Spot {
    /// What is written there.
    pub fn word(&self) -> Span {
        match self {
            Self::Key { word, .. } | Self::Value { word, .. } => *word,
        }
    }
}

fn touches(span: Span, at: usize) -> bool {
    span.start() <= at && at <= span.end()
}

impl Sketch<'_> {
    /// What can be written at an offset; nothing in comments and in texts of several lines.
    pub fn spot(&self, at: usize) -> Option<Spot> {
        let start = self.text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
        if self.blocks.iter().any(|block| block.start() < at && at <= block.end()) || in_comment(&self.text[start..at]) {
            return None;
        }
        match self.flows.iter().enumerate().rev().find(|(_, flow)| flow.open < at && at <= flow.end) {
            Some((number, flow)) => self.in_flow(number, flow, at),
            None => self.in_block(start, at),
        }
    }

    fn in_flow(&self, number: usize, flow: &Flow, at: usize) -> Option<Spot> {
        let mut near = self.items.iter().enumerate().filter(|(_, item)| item.flow == Some(number) && item.key.start() <= at);
        if let Some((place, item)) = near.next_back() {
            let is_last_word = |end: usize| !self.text[end.min(at)..at].contains(',');
            if matches!(item.step, Step::Key(_)) && touches(item.key, at) {
                let Item { parent, key, has_colon, .. } = *item;
                return Some(Spot::Key { parent, word: key, has_colon, column: 0, is_flow: true });
            }
            let written = self.value_spot(place, item, at, true);
            if is_last_word(item.value.end().max(item.key.end())) && (item.has_colon || matches!(item.step, Step::Index(_))) {
                return written;
            }
            // A word without a colon, and something behind it: there is a comma missing.
            if !item.has_colon && is_last_word(item.key.end()) {
                return None;
            }
        }
        let word = Span::new(at, at);
        if flow.is_map {
            return Some(Spot::Key { parent: flow.owner, word, has_colon: false, column: 0, is_flow: true });
        }
        let mut path = self.path(flow.owner);
        path.push(Step::Index(flow.owner.map_or(0, |owner| self.items[owner].children)));
        Some(Spot::Value { path, owner: flow.owner, word, is_close: false, is_flow: true, column: 0 })
    }

    fn in_block(&self, start: usize, at: usize) -> Option<Spot> {
        let end = self.text[start..].find('\n').map_or(self.text.len(), |length| start + length);
        let on_line = || self.items.iter().enumerate().filter(|(_, item)| item.flow.is_none() && (start..=end).contains(&item.key.start()));
        if on_line().next().is_none() {
            return self.on_blank_line(start, at);
        }
        let (place, item) = on_line().rfind(|(_, item)| item.key.start() <= at)?;
        if matches!(item.step, Step::Key(_)) && touches(item.key, at) {
            let Item { parent, key, has_colon, indent, .. } = *item;
            return Some(Spot::Key { parent, word: key, has_colon, column: indent, is_flow: false });
        }
        if item.has_colon || matches!(item.step, Step::Index(_)) { self.value_spot(place, item, at, false) } else { None }
    }

    /// Behind a colon or a dash.
    fn value_spot(&self, place: usize, item: &Item, at: usize, is_flow: bool) -> Option<Spot> {
        let is_empty = item.value.start() == item.value.end();
        let word = match is_empty {
            true => Span::new(at, at),
            false if touches(item.value, at) => item.value,
            false => return None,
        };
        let is_item = matches!(item.step, Step::Index(_));
        // Nothing but blanks may stand between, so a value on the next line is none of this one's.
        let colon = if item.has_colon { self.text[item.key.end()..].find(':').map_or(0, |colon| colon + 1) } else { 0 };
        let mark = item.key.end() + colon;
        if is_empty && (at < mark || !self.text[mark..at].trim_matches(' ').is_empty()) {
            return None;
        }
        let is_close = is_empty && at == mark && !(is_flow && is_item);
        Some(Spot::Value { path: self.path(Some(place)), owner: Some(place), word, is_close, is_flow, column: item.indent })
    }

    /// On a line of its own: the column says what it belongs to.
    fn on_blank_line(&self, start: usize, at: usize) -> Option<Spot> {
        let column = at - start;
        if !self.text[start..at].bytes().all(|byte| byte == b' ') {
            return None;
        }
        let before = self.items.iter().rposition(|item| item.flow.is_none() && item.key.start() < start);
        let mut parent = before;
        while let Some(place) = parent.filter(|place| self.items[*place].indent >= column) {
            parent = self.items[place].parent;
        }
        // What has a value on its line has nothing below it.
        let is_leaf = |item: &Item| item.value.start() < item.value.end() || self.flows.iter().any(|flow| flow.owner == parent);
        if parent.is_some_and(|place| is_leaf(&self.items[place])) {
            return None;
        }
        Some(Spot::Key { parent, word: Span::new(at, at), has_colon: false, column, is_flow: false })
    }
}

/// Whether the start of a line opens a comment.
fn in_comment(before: &str) -> bool {
    let mut quote = None;
    let mut last = ' ';
    for character in before.chars() {
        match (quote, character) {
            (None, '#') if last.is_whitespace() => return true,
            (None, '"' | '\'') if matches!(last, ' ' | '[' | '{' | ',' | ':') => quote = Some(character),
            (Some(open), character) if character == open => quote = None,
            _ => {}
        }
        last = character;
    }
    false
}
