//! Holds a value against its type and says every fault at its place.
//!
//! Follows what the API server does with a structural schema (types, bounds, list maps, unknown fields) and then with its
//! CEL rules, which are asked only where the structure below them is sound.
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation>

use std::collections::HashMap;

use super::{Field, Object, Reader, Schema, Shape, Type, checks::Faults, decode::is_base64, quantity, repeated, suggest, trail::Trail};
use crate::engine::{
    diagnostic::{Level, Stage, is_slip},
    duration::Duration,
    manifest::{Entry, Node, Value},
    source::Span,
    validate::{
        Extent,
        report::{Report, first_of, place},
    },
};

/// One pass over an object.
pub(in super::super) struct Walk<'r, 'a> {
    schema: &'static Schema,
    report: &'r mut Report<'a>,
    reader: Reader,
}

impl<'r, 'a> Walk<'r, 'a> {
    /// Judges a mapping that stands at `path` against an object type. `span` is where to point for the mapping itself, `skip` names keys
    /// that are judged elsewhere.
    pub fn object(schema: (&'static Schema, usize), report: &'r mut Report<'a>, (node, span): (&Node, Span), path: &str, skip: &[&str]) {
        let (schema, object) = schema;
        let mut walk = Self { schema, report, reader: Reader::ApiServer };
        walk.fields(object, &Trail::from(path), node, span, skip);
    }

    /// Judges a mapping as something else than the API server reads it.
    pub fn decoded(reader: Reader, schema: (&'static Schema, usize), report: &'r mut Report<'a>, (node, span): (&Node, Span), path: &str) {
        let (schema, object) = schema;
        Self { schema, report, reader }.fields(object, &Trail::from(path), node, span, &[]);
    }

    /// A value of another structure, which in a salvaged document is more likely the salvager's doing.
    fn misshapen(&mut self, trail: &Trail<'_>, span: Span, message: impl Into<String>) {
        if self.report.extent == Extent::Whole {
            self.error(trail, span, message);
        }
    }

    fn error(&mut self, trail: &Trail<'_>, span: Span, message: impl Into<String>) {
        if !self.report.is_full() {
            self.report.say(Stage::Schema, Level::Error, &trail.path(), span, message);
        }
    }

    fn fields(&mut self, at: usize, trail: &Trail<'_>, node: &Node, span: Span, skip: &[&str]) {
        let object: &'static Object = &self.schema.objects[at];
        let before = self.report.diagnostics.len();
        for entry in node.entries() {
            match self.reader.field(object, &entry.key) {
                Some(field) => self.value(&field.value, &trail.field(field.name, at), &entry.value, place(&entry.value, entry.key_span)),
                None if skip.contains(&entry.key.as_str()) => {}
                None => self.unknown(at, trail, node, entry),
            }
        }
        if !self.reader.judges() {
            return;
        }
        let is_whole = self.report.extent == Extent::Whole;
        for field in object.required.iter().map(|at| &object.fields[*at]) {
            let is_set = |entry: &Entry| !self.schema.is_native || !entry.value.is_null();
            if is_whole && !node.entry(field.name).is_some_and(is_set) {
                let message = format!("{} must be set{}", field.name, example(field));
                self.error(&trail.field(field.name, at), span, message);
            }
        }
        for group in &object.exclusive {
            let mut set = node.entries().iter().filter(|entry| group.contains(&entry.key.as_str()));
            if let (Some(first), Some(second)) = (set.next(), set.next()) {
                let message = format!("only one of {} can be set, and {} is already; remove one", group.join(", "), first.key);
                self.error(&trail.key(&second.key), second.key_span, message);
            }
        }
        self.checks(&object.checks, trail, node, span, before);
    }

    fn unknown(&mut self, at: usize, trail: &Trail<'_>, node: &Node, entry: &Entry) {
        if self.report.is_full() {
            return;
        }
        let object = &self.schema.objects[at];
        let outer: Vec<usize> = trail.objects().collect();
        let advice = suggest::for_unknown(self.schema, &outer, object, &entry.key);
        let fields = object.fields.iter().map(|field| field.name).collect::<Vec<_>>().join(", ");
        let level = self.reader.unknown(object, &entry.key);
        let effect = if level == Level::Error { "" } else { ", which has no effect" };
        let message = match &advice {
            suggest::Advice::Rename(name) => format!("unknown field {:?}{effect}; did you mean {name}?", entry.key),
            suggest::Advice::Move(place) => format!("unknown field {:?} here{effect}; it belongs {place}", entry.key),
            suggest::Advice::None if fields.is_empty() => format!("unknown field {:?}{effect}; nothing can be set here", entry.key),
            suggest::Advice::None => format!("unknown field {:?}{effect}; this takes {fields}", entry.key),
        };
        self.report.say(Stage::Schema, level, &trail.key(&entry.key).path(), entry.key_span, message);
        if let suggest::Advice::Rename(name) = advice
            && is_slip(&entry.key, name)
            && node.entry(name).is_none()
        {
            self.report.fix(entry.key_span, name.into());
        }
    }

    fn value(&mut self, wanted: &'static Type, trail: &Trail<'_>, node: &Node, span: Span) {
        if node.is_null() {
            let is_lax = !self.reader.judges() || self.schema.is_native || wanted.is_nullable || matches!(wanted.shape, Shape::Any);
            if self.report.extent == Extent::Whole && !is_lax {
                self.error(trail, span, format!("has no value; give it {} or remove the key", noun(&wanted.shape)));
            }
            return;
        }
        let before = self.report.diagnostics.len();
        match &wanted.shape {
            Shape::Any => {}
            Shape::AnyObject | Shape::EmptyObject | Shape::Object(_) | Shape::Map(_) => self.mapping(wanted, trail, node, span),
            Shape::List(items) => self.list(wanted, items, trail, node, span),
            _ => self.scalar(wanted, trail, node, span),
        }
        if !matches!(wanted.shape, Shape::Object(_)) {
            self.checks(&wanted.checks, trail, node, span, before);
        }
    }

    fn checks(&mut self, checks: &'static [super::Check], trail: &Trail<'_>, node: &Node, span: Span, before: usize) {
        if checks.is_empty() || !self.reader.judges() || self.report.diagnostics.len() > before || self.report.extent == Extent::Salvaged {
            return;
        }
        for check in checks {
            check(node, &mut Faults { report: self.report, trail, span });
        }
    }

    fn mapping(&mut self, wanted: &'static Type, trail: &Trail<'_>, node: &Node, span: Span) {
        if !matches!(node.value, Value::Map(_)) {
            let hint = match (&wanted.shape, &node.value) {
                (Shape::Object(at), Value::Seq(_)) => format!("; remove the leading dashes, its fields are {}", fields_of(&self.schema.objects[*at])),
                (Shape::Object(at), _) => format!(" with {}", fields_of(&self.schema.objects[*at])),
                _ => String::new(),
            };
            return self.misshapen(trail, span, format!("is {}, but a mapping is wanted{hint}", node.kind_name()));
        }
        match &wanted.shape {
            Shape::Object(at) => self.fields(*at, trail, node, span, &[]),
            Shape::Map(inner) => {
                self.length(wanted, trail, node.entries().len(), "entries", span);
                for entry in node.entries() {
                    self.value(inner, &trail.key(&entry.key), &entry.value, place(&entry.value, entry.key_span));
                }
            }
            Shape::EmptyObject => {
                for entry in node.entries() {
                    self.error(&trail.key(&entry.key), entry.key_span, format!("unknown field {:?}; nothing can be set here", entry.key));
                }
            }
            _ => {}
        }
    }

    fn list(&mut self, wanted: &'static Type, items: &'static Type, trail: &Trail<'_>, node: &Node, span: Span) {
        let Value::Seq(values) = &node.value else {
            let cure = if matches!(node.value, Value::Map(_)) { "start its first key with \"- \"" } else { "start each item with \"- \" on a line of its own" };
            return self.misshapen(trail, span, format!("is {}, but a list is wanted; {cure}", node.kind_name()));
        };
        self.length(wanted, trail, values.len(), "items", span);
        for (at, value) in values.iter().enumerate() {
            self.value(items, &trail.item(at), value, first_of(value));
        }
        if self.reader.judges() && (!wanted.keys.is_empty() || wanted.is_set) {
            self.repeats(wanted, trail, values);
        }
    }

    fn repeats(&mut self, wanted: &'static Type, trail: &Trail<'_>, values: &[Node]) {
        if repeated::is_none(wanted, values) {
            return;
        }
        let mut seen: HashMap<String, usize> = HashMap::with_capacity(values.len());
        for (at, value) in values.iter().enumerate() {
            let key = if wanted.is_set {
                value.to_json().to_string()
            } else {
                wanted.keys.iter().filter_map(|key| value.get(key)).map(|part| part.to_json().to_string()).collect::<Vec<_>>().join(", ")
            };
            if key.is_empty() {
                continue;
            }
            if let Some(first) = seen.get(&key) {
                let name = if wanted.is_set { "value".to_owned() } else { wanted.keys.join(" and ") };
                let message = format!("item {at} has the same {name} ({key}) as item {first}; each must be unique");
                self.error(&trail.item(at), first_of(value), message);
            } else {
                seen.insert(key, at);
            }
        }
    }

    fn length(&mut self, wanted: &Type, trail: &Trail<'_>, length: usize, what: &str, span: Span) {
        let Some((low, high)) = wanted.length.map(|(low, high)| (low as usize, high as usize)).filter(|_| self.reader.judges()) else { return };
        if length < low {
            self.error(
                trail,
                span,
                if low == 1 {
                    format!("needs at least one {}", what.trim_end_matches('s').replace("entrie", "entry"))
                } else {
                    format!("needs at least {low} {what}")
                },
            );
        } else if length > high {
            self.error(trail, span, format!("has {length} {what}; at most {high} are allowed"));
        }
    }

    fn scalar(&mut self, wanted: &'static Type, trail: &Trail<'_>, node: &Node, span: Span) {
        if self.reader.takes(wanted, node) {
            return;
        }
        match (&wanted.shape, &node.value) {
            (Shape::Int | Shape::IntEnum(_) | Shape::IntOrString, Value::Int(_) | Value::Float(_)) => self.whole(wanted, trail, node, span),
            (Shape::Number, Value::Int(_) | Value::Float(_)) => self.number(wanted, trail, node, span),
            (Shape::Bool, Value::Bool(_)) | (Shape::IntOrString, Value::String(_)) | (Shape::Quantity, Value::Int(_) | Value::Float(_)) => {}
            (Shape::Int | Shape::IntEnum(_) | Shape::IntOrString | Shape::Number | Shape::Bool, _) => self.not_that(wanted, trail, node, span),
            (_, Value::String(text)) => self.text(wanted, trail, text, span),
            _ => self.not_that(wanted, trail, node, span),
        }
    }

    fn whole(&mut self, wanted: &Type, trail: &Trail<'_>, node: &Node, span: Span) {
        let Some(value) = node.as_whole() else {
            return self.error(trail, span, "must be a whole number");
        };
        if let Shape::IntEnum(choices) = &wanted.shape
            && self.reader.judges()
            && !choices.iter().any(|choice| i128::from(*choice) == value)
        {
            let choices = choices.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            return self.error(trail, span, format!("{value} is not one of {choices}"));
        }
        if let Some((low, high)) = self.reader.range(wanted)
            && !(i128::from(low)..=i128::from(high)).contains(&value)
        {
            self.error(trail, span, bounds(&value.to_string(), low, high));
        }
    }

    fn number(&mut self, wanted: &Type, trail: &Trail<'_>, node: &Node, span: Span) {
        let value = match node.value {
            Value::Int(value) => value.as_f64(),
            Value::Float(value) => value,
            _ => return,
        };
        if let Some((low, high)) = wanted.range.filter(|_| self.reader.judges())
            && (value < low as f64 || high < i64::MAX && value > high as f64)
        {
            self.error(trail, span, bounds(&value.to_string(), low, high));
        }
    }

    fn text(&mut self, wanted: &'static Type, trail: &Trail<'_>, text: &str, span: Span) {
        match &wanted.shape {
            Shape::Enum(choices) if !choices.contains(&text) => {
                let meant = suggest::choice(text, choices);
                let hint = meant.map_or_else(String::new, |(near, _)| format!("; did you mean {near}?"));
                let all = choices.iter().filter(|choice| !choice.is_empty()).copied().collect::<Vec<_>>().join(", ");
                self.error(trail, span, format!("{text:?} is not one of {all}{hint}"));
                if let Some((near, true)) = meant {
                    self.report.fix(span, near.into());
                }
            }
            Shape::Duration => match Duration::parse(text) {
                None => self.error(trail, span, format!("{text:?} is not a duration; write a number with its unit, such as 10s, 500ms or 1h30m")),
                Some(value) if self.reader.judges() && value < Duration::from_millis(1) => {
                    self.error(trail, span, format!("{text:?} is too short; a duration here must be 1ms or more"));
                }
                Some(_) => {}
            },
            Shape::LaxDuration if Duration::parse(text).is_none() => {
                let message = format!("{text:?} is not a duration; write a number with its unit, such as 10s, 500ms or 1h30m");
                let stage = if self.reader.judges() { Stage::Webhook } else { Stage::Schema };
                self.report.say(stage, Level::Error, &trail.path(), span, message);
            }
            Shape::Quantity if quantity::parse(text).is_none() => {
                self.error(trail, span, format!("{text:?} is not an amount; write a number, and behind it a unit such as m, k, M, G, Ki, Mi or Gi"));
            }
            Shape::Base64 if !is_base64(text) => self.error(trail, span, "is not base64, in which bytes are written"),
            _ => {}
        }
        if !self.reader.judges() {
            return;
        }
        if let Some((low, high)) = wanted.length.map(|(low, high)| (low as usize, high as usize)) {
            let length = text.chars().count();
            if length < low {
                self.error(trail, span, "must not be empty");
            } else if length > high {
                self.error(trail, span, format!("has {length} characters; at most {high} are allowed"));
            }
        }
        if let Some(pattern) = wanted.pattern
            && !pattern.fits(text)
        {
            self.error(trail, span, format!("{text:?} must be {}", pattern.words));
        }
    }

    /// A scalar of the wrong type, with the cure where it is certain.
    fn not_that(&mut self, wanted: &Type, trail: &Trail<'_>, node: &Node, span: Span) {
        let noun = noun(&wanted.shape);
        let is_text = !matches!(wanted.shape, Shape::Int | Shape::IntEnum(_) | Shape::Number | Shape::Bool);
        match &node.value {
            Value::Bool(_) | Value::Int(_) | Value::Float(_) if is_text => {
                let written = self.report.written(span).to_owned();
                let reading = if matches!(node.value, Value::Bool(_)) { "true or false" } else { "a number" };
                self.error(trail, span, format!("{written} is read as {reading}, but text is wanted; put it in quotes: \"{written}\""));
                self.report.fix(span, format!("\"{written}\""));
            }
            Value::String(text) if !is_text && fits_unquoted(&wanted.shape, text) => {
                let text = text.to_string();
                self.error(trail, span, format!("is text, but {noun} is wanted; remove the quotes"));
                self.report.fix(span, text);
            }
            Value::String(text) => {
                let message = format!("{text:?} is text, but {noun} is wanted");
                self.error(trail, span, message);
            }
            _ => self.misshapen(trail, span, format!("is {}, but {noun} is wanted", node.kind_name())),
        }
    }
}

fn bounds(value: &str, low: i64, high: i64) -> String {
    let is_unsigned = high >= i64::from(i32::MAX);
    match (low, high) {
        (1, 65_535) => format!("{value} is not a port; ports are 1 to 65535"),
        (low, _) if is_unsigned && low >= 0 && value.starts_with('-') || value == "0" => format!("{value} is too small; the least is {low}"),
        _ if is_unsigned => format!("{value} is too large"),
        (low, high) => format!("{value} is not within {low} to {high}"),
    }
}

fn noun(shape: &Shape) -> &'static str {
    match shape {
        Shape::Int | Shape::IntEnum(_) => "a whole number",
        Shape::Number => "a number",
        Shape::IntOrString => "a whole number or text",
        Shape::Quantity => "an amount such as 500m or 1Gi",
        Shape::Bool => "true or false",
        Shape::List(_) => "a list",
        Shape::Map(_) | Shape::Object(_) | Shape::AnyObject | Shape::EmptyObject => "a mapping",
        Shape::Duration | Shape::LaxDuration => "a duration such as 10s",
        _ => "text",
    }
}

fn fits_unquoted(shape: &Shape, text: &str) -> bool {
    match shape {
        Shape::Bool => matches!(text, "true" | "false"),
        Shape::Number => text.parse::<f64>().is_ok_and(f64::is_finite),
        _ => text.parse::<i64>().is_ok(),
    }
}

fn example(field: &Field) -> &'static str {
    match field.value.shape {
        Shape::List(_) => " (a list)",
        Shape::Map(_) | Shape::Object(_) => " (a mapping)",
        _ => "",
    }
}

fn fields_of(object: &Object) -> String {
    object.fields.iter().map(|field| field.name).collect::<Vec<_>>().join(", ")
}
