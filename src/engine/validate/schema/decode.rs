//! Reads an object as istiod's decoder does (protobuf's JSON mapping, unknown fields allowed), before and beside any schema.
//!
//! Kinder than a CRD in some things (names in snake_case, numbers in quotes or for enums, `null` for nothing) and as strict in others
//! (types, names of enums, durations). <https://protobuf.dev/programming-guides/json/>

use std::borrow::Cow;

use compact_str::CompactString;

use super::{Field, METADATA, Object, Schema, Shape, Type};
use crate::engine::{
    duration::Duration,
    manifest::{Entry, Node, Value, Whole},
    source::Span,
    validate::report::{place, push_item, push_key},
};

/// Why an object cannot be decoded.
#[derive(Debug)]
pub(in super::super) struct Fault {
    pub path: String,
    pub span: Span,
    pub message: String,
}

/// The spec as istiod sees it, if there is one: known fields alone, under their own names, without nulls, and of fields that exclude each
/// other the last one. The spec itself, where it is written so already, as nearly all are.
pub(in super::super) fn decode<'n>((schema, at): (&'static Schema, usize), object: &'n Node) -> Result<Option<Cow<'n, Node>>, Fault> {
    metadata(object)?;
    let mut decoder = Decoder { schema, path: String::new() };
    let field = schema.objects[at].field("spec");
    match (field, object.entry("spec")) {
        (Some(field), Some(entry)) if decoder.is_plain(&field.value, &entry.value, field.name) => Ok(Some(Cow::Borrowed(&entry.value))),
        (Some(field), Some(entry)) => Ok(decoder.field(field, entry)?.map(Cow::Owned)),
        _ => Ok(None),
    }
}

/// Whether the metadata can be decoded.
fn metadata(object: &Node) -> Result<(), Fault> {
    let Some(entry) = object.entry("metadata") else { return Ok(()) };
    let (schema, at) = *METADATA;
    let mut decoder = Decoder { schema, path: "metadata".into() };
    match entry.value.value {
        Value::Map(_) if decoder.is_plain_object(&schema.objects[at], &entry.value) => Ok(()),
        Value::Map(_) | Value::Null => decoder.object(&schema.objects[at], &entry.value).map(drop),
        _ => decoder.fault(entry.key_span, format!("is {}, but a mapping is wanted", entry.value.kind_name())),
    }
}

/// A message that is no object's spec, in the same way. `null` stands for the empty one.
pub(in super::super) fn decode_message((schema, at): (&'static Schema, usize), message: &Node) -> Result<Node, Fault> {
    let mut decoder = Decoder { schema, path: String::new() };
    match message.value {
        Value::Map(_) => decoder.object(&schema.objects[at], message),
        Value::Null => Ok(Node { value: Value::Map(Box::default()), span: message.span }),
        _ => decoder.fault(message.span, format!("is {}, but a mapping is wanted", message.kind_name())),
    }
}

struct Decoder {
    schema: &'static Schema,
    path: String,
}

/// The one map of Istio's API whose keys are numbers.
const PORTS: &str = "portLevelMtls";

/// Widths of whole numbers in protobuf. The tables hold their CRDs' bounds, of which the upper one tells the width.
pub(super) fn width(range: Option<(i64, i64)>) -> (i128, i128) {
    match range {
        Some((_, high)) if high == i64::from(i32::MAX) => (i32::MIN.into(), i32::MAX.into()),
        Some((_, high)) if high <= i64::from(u32::MAX) => (0, u32::MAX.into()),
        _ => (0, u64::MAX.into()),
    }
}

impl Decoder {
    fn fault<T>(&self, span: Span, message: impl Into<String>) -> Result<T, Fault> {
        Err(Fault { path: self.path.clone(), span, message: message.into() })
    }

    fn within<T>(&mut self, key: &str, run: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        let length = self.path.len();
        push_key(&mut self.path, key);
        let out = run(self);
        self.path.truncate(length);
        out
    }

    fn within_item<T>(&mut self, at: usize, run: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        let length = self.path.len();
        push_item(&mut self.path, at);
        let out = run(self);
        self.path.truncate(length);
        out
    }

    /// Whether [`Self::value`] would give the value as it is written.
    fn is_plain(&self, wanted: &Type, node: &Node, name: &str) -> bool {
        match (&wanted.shape, &node.value) {
            (Shape::Any, _)
            | (Shape::AnyObject | Shape::EmptyObject, Value::Map(_))
            | (Shape::Bool, Value::Bool(_))
            | (Shape::String, Value::String(_))
            | (Shape::Number, Value::Int(_) | Value::Float(_)) => true,
            (Shape::Base64, Value::String(text)) => is_base64(text),
            (Shape::Object(at), Value::Map(_)) => self.is_plain_object(&self.schema.objects[*at], node),
            (Shape::List(inner), Value::Seq(items)) => items.iter().all(|item| self.is_plain(inner, item, "")),
            (Shape::Map(inner), Value::Map(entries)) => name != PORTS && entries.iter().all(|entry| self.is_plain(inner, &entry.value, "")),
            (Shape::Int | Shape::IntEnum(_), Value::Int(value)) => {
                let (low, high) = width(wanted.range);
                (low..=high).contains(&value.get())
            }
            (Shape::Enum(choices), Value::String(text)) => choices.iter().any(|choice| choice.is_empty() || choice == text),
            (Shape::Duration | Shape::LaxDuration, Value::String(text)) => Duration::parse(text).is_some(),
            _ => false,
        }
    }

    fn is_plain_object(&self, object: &Object, node: &Node) -> bool {
        let entries = node.entries();
        let is_plain = |entry: &Entry| {
            let field = object.field(&entry.key).filter(|field| !field.name.contains('_'));
            let is_lost = |field: &Field| matches!(field.value.shape, Shape::Map(_)) && entry.value.entries().is_empty();
            field.is_some_and(|field| !is_lost(field) && self.is_plain(&field.value, &entry.value, field.name))
        };
        let is_single = |group: &Vec<&str>| entries.iter().filter(|entry| group.contains(&entry.key.as_str())).count() < 2 || !is_union(group);
        entries.is_sorted_by_key(|entry| entry.key_span.start()) && entries.iter().all(is_plain) && object.exclusive.iter().all(is_single)
    }

    fn field(&mut self, field: &'static Field, entry: &Entry) -> Result<Option<Node>, Fault> {
        if entry.value.is_null() {
            return Ok(None);
        }
        self.within(&entry.key, |decoder| decoder.value(&field.value, &entry.value, place(&entry.value, entry.key_span), field.name)).map(Some)
    }

    fn object(&mut self, object: &'static Object, node: &Node) -> Result<Node, Fault> {
        let mut entries: Vec<Entry> = Vec::with_capacity(node.entries().len());
        // A name in snake_case is another spelling of its field, also where the CRD lists both.
        for field in object.fields.iter().filter(|field| !field.name.contains('_')) {
            let Some(entry) = node.entry(field.name).or_else(|| node.entry(&snake(field.name))) else { continue };
            // On the way through istioctl, an empty map is lost.
            let is_lost = |value: &Node| matches!(field.value.shape, Shape::Map(_)) && value.entries().is_empty();
            if let Some(value) = self.field(field, entry)?.filter(|value| !is_lost(value)) {
                entries.push(Entry { key: field.name.into(), key_span: entry.key_span, value });
            }
        }
        for group in object.exclusive.iter().filter(|group| is_union(group)) {
            let last = group.iter().rev().find(|name| entries.iter().any(|entry| entry.key == **name));
            entries.retain(|entry| last.is_none_or(|last| entry.key == *last || !group.contains(&entry.key.as_str())));
        }
        // Whoever points at the object points at its first key.
        entries.sort_by_key(|entry| entry.key_span.start());
        Ok(Node { value: Value::Map(entries.into()), span: node.span })
    }

    fn value(&mut self, wanted: &'static Type, node: &Node, span: Span, name: &str) -> Result<Node, Fault> {
        let found = |value: Value| Ok(Node { value, span: node.span });
        match (&wanted.shape, &node.value) {
            (Shape::Base64, Value::String(text)) if !is_base64(text) => self.fault(span, "is not base64, in which bytes are written"),
            (Shape::Any, _)
            | (Shape::AnyObject | Shape::EmptyObject, Value::Map(_))
            | (Shape::Bool, Value::Bool(_))
            | (Shape::String | Shape::Base64, Value::String(_)) => Ok(node.clone()),
            // Within a list or a map, `null` stands for the empty value.
            (Shape::Object(_) | Shape::AnyObject | Shape::EmptyObject, Value::Null) => found(Value::Map(Box::default())),
            (Shape::Object(at), Value::Map(_)) => self.object(&self.schema.objects[*at], node),
            (Shape::List(inner), Value::Seq(items)) => {
                let items = items.iter().enumerate().map(|(at, item)| self.within_item(at, |decoder| decoder.value(inner, item, item.span, "")));
                let items = items.collect::<Result<_, _>>()?;
                found(Value::Seq(items))
            }
            (Shape::Map(inner), Value::Map(entries)) => {
                let mut decoded = Vec::with_capacity(entries.len());
                for entry in entries {
                    if name == PORTS && !is_whole(&entry.key, (0, u32::MAX.into())) {
                        return self.fault(entry.key_span, format!("{:?} is not a port number", entry.key));
                    }
                    let value = self.within(&entry.key, |decoder| decoder.value(inner, &entry.value, place(&entry.value, entry.key_span), ""))?;
                    decoded.push(Entry { value, ..entry.clone() });
                }
                found(Value::Map(decoded.into()))
            }
            (Shape::Int | Shape::IntEnum(_), _) => self.whole(wanted, node, span),
            (Shape::Number, _) => self.number(node, span),
            (Shape::Bool, Value::Null) => found(Value::Bool(false)),
            // A choice of the CRD among texts is no enumeration.
            (Shape::Enum(choices), Value::String(_)) if choices.contains(&"") => Ok(node.clone()),
            (Shape::Enum(choices), _) if !choices.contains(&"") => self.choice(choices, node, span),
            (Shape::Duration | Shape::LaxDuration, Value::String(text)) => match Duration::parse(text) {
                Some(_) => Ok(node.clone()),
                None => self.fault(span, format!("{text:?} is not a duration; write a number with its unit, such as 10s, 500ms or 1h30m")),
            },
            (Shape::String | Shape::Enum(_) | Shape::Base64, Value::Null) => found(Value::String(CompactString::default())),
            _ => self.fault(span, format!("is {}, which istiod cannot read here", node.kind_name())),
        }
    }

    fn whole(&self, wanted: &Type, node: &Node, span: Span) -> Result<Node, Fault> {
        let width = width(wanted.range);
        let value = match &node.value {
            Value::Null => Some(0),
            // As much as nothing, to this decoder also in quotes.
            Value::String(text) if text == "null" => Some(0),
            Value::String(text) if is_whole(text, width) => text.trim().parse().ok(),
            Value::Int(_) | Value::Float(_) => node.as_whole().filter(|value| (width.0..=width.1).contains(value)),
            _ => None,
        };
        match value.and_then(Whole::new) {
            Some(value) => Ok(Node { value: Value::Int(value), span: node.span }),
            None => self.fault(span, format!("is not a whole number from {} to {}", width.0, width.1)),
        }
    }

    fn number(&self, node: &Node, span: Span) -> Result<Node, Fault> {
        let value = match &node.value {
            Value::Null => Some(0.0),
            Value::Int(value) => Some(value.as_f64()),
            Value::Float(value) => Some(*value),
            Value::String(text) => match text.as_str() {
                "null" => Some(0.0),
                "NaN" => Some(f64::NAN),
                "Infinity" => Some(f64::INFINITY),
                "-Infinity" => Some(f64::NEG_INFINITY),
                text => serde_json::from_str(text).ok(),
            },
            _ => None,
        };
        match value {
            Some(value) => Ok(Node { value: Value::Float(value), span: node.span }),
            None => self.fault(span, "is not a number"),
        }
    }

    /// A name of an enumeration, or its number.
    fn choice(&self, choices: &[&'static str], node: &Node, span: Span) -> Result<Node, Fault> {
        let name = match &node.value {
            Value::String(text) if choices.contains(&text.as_str()) => return Ok(node.clone()),
            Value::Null => choices[0].to_owned(),
            Value::Int(_) | Value::Float(_) => match node.as_whole() {
                Some(number) => usize::try_from(number).ok().and_then(|at| choices.get(at)).map_or_else(|| number.to_string(), |name| (*name).to_owned()),
                None => return self.fault(span, "is not a whole number"),
            },
            Value::String(text) => return self.fault(span, format!("{text:?} is not one of {}", choices.join(", "))),
            _ => return self.fault(span, format!("is {}, but one of {} is wanted", node.kind_name(), choices.join(", "))),
        };
        Ok(Node { value: Value::String(name.into()), span: node.span })
    }
}

/// Whether fields that exclude each other are one field to protobuf, of which the last one set counts. Others exclude each other by a
/// rule that is asked later.
fn is_union(group: &[&str]) -> bool {
    !group.iter().any(|name| matches!(*name, "selector" | "workloadSelector" | "jwks" | "credentialNames"))
}

/// Whether a text is a whole number of JSON within bounds.
pub(in crate::engine::validate) fn is_whole(text: &str, (low, high): (i128, i128)) -> bool {
    let digits = text.trim_matches(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
    let bare = digits.strip_prefix('-').unwrap_or(digits);
    let is_json = !bare.is_empty() && bare.bytes().all(|b| b.is_ascii_digit()) && (bare.len() == 1 || !bare.starts_with('0'));
    is_json && digits.parse::<i128>().is_ok_and(|value| (low..=high).contains(&value))
}

/// Whether bytes can be read from a text: groups of four, the last one filled up; line breaks do not count.
pub(in crate::engine::validate) fn is_base64(text: &str) -> bool {
    let text: Vec<u8> = text.bytes().filter(|b| !matches!(b, b'\r' | b'\n')).collect();
    let padding = text.iter().rev().take_while(|b| **b == b'=').count();
    let body = &text[..text.len() - padding];
    text.len().is_multiple_of(4) && padding <= 2 && body.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
}

pub(super) fn snake(name: &str) -> String {
    match name {
        "consecutive5xxErrors" => return "consecutive_5xx_errors".into(),
        "enable64bitTraceId" => return "enable_64bit_trace_id".into(),
        "meshMTLS" => return "mesh_mTLS".into(),
        _ => {}
    }
    let mut out = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}
