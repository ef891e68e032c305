//! A tree of values with places.

use compact_str::CompactString;

use crate::engine::source::Span;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it is written. A value that came through an alias has the place of the alias.
    pub span: Span,
}

/// A value as JSON knows it; whole numbers keep their exactness. It takes 24 bytes, whatever it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// A boolean, YAML 1.1's `yes` and `off` included.
    Bool(bool),
    /// A whole number.
    Int(Whole),
    /// Any other number.
    Float(f64),
    /// Text; most texts of a manifest are short enough to be kept without memory of their own.
    String(CompactString),
    /// A list.
    Seq(Box<[Node]>),
    /// A mapping, in the order of the text.
    Map(Box<[Entry]>),
}

/// A whole number as JSON's readers hold one: in 64 bits, with or without a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// One that fits with its sign.
    Signed(i64),
    /// A larger one.
    Large(u64),
}

impl Whole {
    /// A number of any size; `None` where 64 bits do not hold it.
    pub fn new(value: i128) -> Option<Self> {
        i64::try_from(value).map(Self::Signed).or_else(|_| u64::try_from(value).map(Self::Large)).ok()
    }

    /// The number.
    pub fn get(self) -> i128 {
        match self {
            Self::Signed(value) => value.into(),
            Self::Large(value) => value.into(),
        }
    }

    /// The nearest number of its kind.
    pub fn as_f64(self) -> f64 {
        self.get() as f64
    }
}

/// One key of a mapping with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key; a key that is a number or a boolean is written as JSON would.
    pub key: CompactString,
    /// Where the key stands.
    pub key_span: Span,
    /// Its value.
    pub value: Node,
}

impl Node {
    /// The value of a key, where this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entry of a key, where this is a mapping that has it.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key.as_str() == key)
    }

    /// All entries; none where this is no mapping.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// All items; none where this is no list.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::Seq(items) => items,
            _ => &[],
        }
    }

    /// Whether it is `null`, or nothing.
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// The text, where this is text.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, where this is one; `10.0` is.
    pub fn as_whole(&self) -> Option<i128> {
        match self.value {
            Value::Int(value) => Some(value.get()),
            #[expect(clippy::cast_possible_truncation, reason = "the bound holds any such number")]
            Value::Float(value) if value.fract() == 0.0 && value.abs() < 1e18 => Some(value as i128),
            _ => None,
        }
    }

    /// Whether it is the same value as another, in the same words wherever the two stand.
    pub fn is_same(&self, other: &Node) -> bool {
        match (&self.value, &other.value) {
            (Value::Seq(a), Value::Seq(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_same(b)),
            (Value::Map(a), Value::Map(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.key == b.key && a.value.is_same(&b.value)),
            (a, b) => a == b,
        }
    }

    /// What kind of value it is, in the words of a message.
    pub fn kind_name(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Int(_) | Value::Float(_) => "a number",
            Value::String(_) => "a string",
            Value::Seq(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }

    /// The same value without places.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Int(Whole::Signed(value)) => (*value).into(),
            Value::Int(Whole::Large(value)) => (*value).into(),
            Value::Float(value) => (*value).into(),
            Value::String(text) => text.as_str().into(),
            Value::Seq(items) => items.iter().map(Node::to_json).collect(),
            Value::Map(entries) => entries.iter().map(|entry| (entry.key.to_string(), entry.value.to_json())).collect::<serde_json::Map<_, _>>().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_small() {
        assert_eq!((size_of::<Value>(), size_of::<Node>(), size_of::<Entry>()), (24, 32, 64));
    }
}
