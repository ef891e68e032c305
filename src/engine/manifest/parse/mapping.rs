//! The entries of a mapping: keys as JSON has them, one of each, and those that `<<` adds.

use std::collections::{HashMap, HashSet};

use compact_str::{CompactString, ToCompactString};

use super::{Parser, Slip};
use crate::engine::{
    manifest::{Entry, Node, Value, scalar::float_key},
    source::Span,
};

/// Up to this size a mapping is searched from its start.
const SMALL: usize = 16;

/// A mapping that grows: the last entries of those that the parser holds.
pub(super) struct Entries {
    start: usize,
    index: Option<Box<Index>>,
    end: usize,
    /// A bit for each kind of key that is there, see [`kind`].
    kinds: u64,
}

/// One of 64 kinds by a key's look. Most keys of a mapping differ in it, so that those there need not be compared.
fn kind(key: &str) -> u64 {
    let ends = key.as_bytes().first().zip(key.as_bytes().last());
    1 << (ends.map_or(0, |(first, last)| usize::from(*first) * 7 + usize::from(*last) + key.len() * 3) % 64)
}

/// What only a few mappings need.
#[derive(Default)]
struct Index {
    /// Where each key stands in a long list.
    places: HashMap<CompactString, usize>,
    /// Entries that came through `<<`, by their place.
    merged: HashSet<usize>,
}

impl Entries {
    /// The offset behind the last value or key.
    pub(super) fn end(&self) -> usize {
        self.end
    }

    fn find(&self, all: &[Entry], key: &str, kind: u64) -> Option<usize> {
        if self.kinds & kind == 0 {
            return None;
        }
        let list = &all[self.start..];
        match &self.index {
            Some(index) if list.len() > SMALL => index.places.get(key).copied(),
            _ => list.iter().position(|entry| entry.key.as_str() == key),
        }
    }

    fn push(&mut self, all: &mut Vec<Entry>, entry: Entry, kind: u64) {
        self.kinds |= kind;
        let list = &all[self.start..];
        if list.len() == SMALL {
            self.index.get_or_insert_default().places = list.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at)).collect();
        }
        if list.len() >= SMALL {
            self.index.get_or_insert_default().places.insert(entry.key.clone(), list.len());
        }
        all.push(entry);
    }
}

impl Parser<'_, '_> {
    /// A mapping without entries, the innermost one from now on.
    pub(super) fn open_mapping(&self) -> Entries {
        Entries { start: self.entries.len(), index: None, end: 0, kinds: 0 }
    }

    /// The entries of the innermost mapping, in memory of their size.
    pub(super) fn close_mapping(&mut self, entries: Entries) -> Value {
        Value::Map(self.entries.split_off(entries.start).into())
    }

    /// Adds an entry. Of two with one key the later one counts, as with kubectl.
    pub(super) fn add(&mut self, entries: &mut Entries, key: Node, value: Node) {
        let span = key.span;
        // Those behind this key were values, or keys of mappings within.
        while self.merge_signs.pop_if(|sign| sign.start() > span.start()).is_some() {}
        if self.merge_signs.pop_if(|sign| *sign == span).is_some() {
            entries.end = value.span.end().max(span.end());
            return self.merge(entries, &value, span);
        }
        let key = match key.value {
            Value::String(text) => text,
            Value::Bool(value) => value.to_compact_string(),
            Value::Int(value) => value.get().to_compact_string(),
            Value::Float(value) => float_key(value).into(),
            Value::Null | Value::Seq(_) | Value::Map(_) => {
                entries.end = value.span.end().max(span.end());
                return self.slips.push(Slip::Key(span, if key.is_null() { "nothing" } else { key.kind_name() }));
            }
        };
        let value = self.finite(value);
        let kind = kind(&key);
        self.insert_among(entries, Entry { key, key_span: span, value }, kind);
    }

    /// The same with a key in plain words. The value is one that JSON can write.
    #[inline]
    pub(super) fn insert(&mut self, entries: &mut Entries, key: &str, key_span: Span, value: Node) {
        let kind = kind(key);
        entries.end = value.span.end().max(key_span.end());
        let entry = Entry { key: CompactString::new(key), key_span, value };
        if entries.kinds & kind == 0 && self.entries.len() - entries.start < SMALL {
            entries.kinds |= kind;
            self.entries.push(entry);
        } else {
            self.insert_among(entries, entry, kind);
        }
    }

    /// Inserts where the key may be there already, or the mapping is large.
    fn insert_among(&mut self, entries: &mut Entries, entry: Entry, kind: u64) {
        let span = entry.key_span;
        entries.end = entry.value.span.end().max(span.end());
        match entries.find(&self.entries, &entry.key, kind) {
            None => entries.push(&mut self.entries, entry, kind),
            Some(at) => {
                let place = entries.start + at;
                if !entries.index.as_mut().is_some_and(|index| index.merged.remove(&at)) {
                    let first = &self.entries[place];
                    let repeated = first.value.is_same(&entry.value).then_some(Span::new(span.start(), entry.value.span.end().max(span.end())));
                    self.slips.push(Slip::Duplicate { key: entry.key.to_string(), first: first.key_span, second: span, repeated });
                }
                self.entries[place] = entry;
            }
        }
    }

    /// `<<: *base` and `<<: [*a, *b]`: the bases' keys as if they were written here, the first base's before all others.
    fn merge(&mut self, entries: &mut Entries, bases: &Node, key: Span) {
        let bases = match &bases.value {
            Value::Seq(items) => items,
            _ => std::slice::from_ref(bases),
        };
        for base in bases.iter().rev() {
            if !matches!(base.value, Value::Map(_)) {
                self.slips.push(Slip::Merge(key, base.kind_name()));
            }
            for entry in base.entries() {
                let kind = kind(&entry.key);
                let at = entries.find(&self.entries, &entry.key, kind).unwrap_or(self.entries.len() - entries.start);
                match self.entries.get_mut(entries.start + at) {
                    Some(known) => *known = entry.clone(),
                    None => entries.push(&mut self.entries, entry.clone(), kind),
                }
                entries.index.get_or_insert_default().merged.insert(at);
            }
        }
    }
}
