//! Reads a value as a message of Envoy's API, as istiod does (protobuf's JSON mapping).

use super::catalogue::{Entry, Message, by_full_name, own_words, refer, unknown};
use crate::engine::{
    diagnostic::closest,
    duration::Duration,
    manifest::Value,
    validate::{
        schema::{is_base64, is_timestamp, is_whole},
        webhook::part::Part,
    },
};

/// Why a value cannot be read: where, in our words, and which faults istiod says the same of.
pub(super) struct Fault<'n> {
    pub part: Part<'n>,
    pub gist: String,
    pub message: String,
}

/// The first field that a message does not have; istiod tells of it alone.
pub(super) struct Surplus<'n> {
    pub part: Part<'n>,
    pub gist: String,
    pub message: String,
}

/// Reads values, and keeps the first surplus field.
#[derive(Default)]
pub(super) struct Decoder<'n> {
    pub surplus: Option<Surplus<'n>>,
}

const SCALARS: &[&str] = &["", "string", "bool", "bytes", "int32", "uint32", "int64", "uint64", "double"];
const WELL_KNOWN: &[&str] = &["duration", "timestamp", "any", "struct", "value", "list"];

/// Whether the words for a type need no table.
pub(super) fn is_scalar(words: &str) -> bool {
    SCALARS.contains(&words) || WELL_KNOWN.contains(&words)
}

impl<'n> Decoder<'n> {
    /// A mapping as a message.
    pub fn message(&mut self, message: &'static Message, part: &Part<'n>) -> Result<(), Fault<'n>> {
        self.fields(message, part, &[])
    }

    /// The same, where some keys are not the message's.
    fn fields(&mut self, message: &'static Message, part: &Part<'n>, others: &[&str]) -> Result<(), Fault<'n>> {
        let Some(Value::Map(entries)) = part.value() else {
            return if matches!(part.value(), None | Some(Value::Null)) { Ok(()) } else { Err(wrong(part, "a mapping", "map")) };
        };
        for (name, words) in &message.fields {
            // Both spellings are taken, and the one in camel case counts, be it null.
            let camel = camel(name);
            let key = if entries.iter().any(|entry| entry.key == camel) { camel.as_str() } else { name };
            if let Some(field) = part.written(key) {
                self.field(message.package, words, &field)?;
            }
        }
        let is_known = |key: &str| message.fields.iter().any(|(name, _)| *name == key || camel(name) == key);
        if self.surplus.is_none()
            && let Some(entry) = entries.iter().find(|entry| !is_known(&entry.key) && !others.contains(&entry.key.as_str()))
        {
            let known = message.fields.iter().map(|(name, _)| *name);
            let hint = closest(&entry.key, known).map_or_else(String::new, |near| format!("; did you mean {near}?"));
            self.surplus = Some(Surplus {
                part: part.get(&entry.key),
                gist: format!("surplus {} in {} {}", entry.key, message.package, message.name),
                message: format!("Envoy has no field {:?} here ({}), so it is ignored{hint}", entry.key, message.name),
            });
        }
        Ok(())
    }

    fn field(&mut self, package: &'static str, words: &'static str, part: &Part<'n>) -> Result<(), Fault<'n>> {
        if let Some(inner) = words.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let Some(Value::Seq(_)) = part.value() else { return Err(wrong(part, "a list", "list")) };
            return part.items().try_for_each(|item| self.value(package, inner, &item));
        }
        if let Some(inner) = words.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            let Some(Value::Map(_)) = part.value() else { return Err(wrong(part, "a mapping", "map")) };
            let inner = inner.split_once('>').map_or(inner, |(_, value)| value);
            return part.entries().try_for_each(|(_, value)| self.value(package, inner, &value));
        }
        self.value(package, words, part)
    }

    fn value(&mut self, package: &'static str, words: &'static str, part: &Part<'n>) -> Result<(), Fault<'n>> {
        if !is_scalar(words) {
            return match refer(package, words) {
                Some(Entry::Message(message)) => self.message(message, part),
                Some(Entry::Enum(names)) => choice(names, words, part),
                None => Ok(()),
            };
        }
        match (words, part.value()) {
            (_, None | Some(Value::Null))
            | ("value", _)
            | ("" | "string", Some(Value::String(_)))
            | ("bool", Some(Value::Bool(_)))
            | ("double", Some(Value::Int(_) | Value::Float(_)))
            | ("struct", Some(Value::Map(_)))
            | ("list", Some(Value::Seq(_))) => Ok(()),
            ("any", Some(Value::Map(_))) => self.any(part),
            ("timestamp", Some(Value::String(text))) if is_timestamp(text) => Ok(()),
            ("bytes", Some(Value::String(text))) if is_base64(text) => Ok(()),
            ("bytes", Some(Value::String(text))) => {
                Err(Fault { part: part.clone(), gist: format!("bytes {text}"), message: "is not base64, in which bytes are written".into() })
            }
            ("bytes", Some(Value::Seq(_))) => part.items().try_for_each(|byte| whole("byte", &byte)),
            ("duration", Some(Value::String(text))) => match Duration::parse(text) {
                Some(_) => Ok(()),
                None => Err(Fault {
                    part: part.clone(),
                    gist: format!("duration {text}"),
                    message: format!("{text:?} is not a duration; write a number with its unit, such as 10s or 250ms"),
                }),
            },
            ("int32" | "uint32" | "int64" | "uint64", Some(_)) => whole(words, part),
            ("double", Some(Value::String(text))) if matches!(text.as_str(), "NaN" | "Infinity" | "-Infinity") || serde_json::from_str::<f64>(text).is_ok() => {
                Ok(())
            }
            _ => Err(wrong(part, noun(words), words)),
        }
    }

    /// A message that says itself which one it is.
    fn any(&mut self, part: &Part<'n>) -> Result<(), Fault<'n>> {
        let kind = part.get("@type");
        if kind.value().is_none() {
            return Err(Fault { part: part.clone(), gist: "no @type".into(), message: "needs \"@type\", which says what it is".into() });
        }
        let name = kind.text().rsplit('/').next().unwrap_or_default();
        if let Some(message) = unknown(name) {
            return Err(Fault { part: kind.clone(), gist: format!("unknown type {}", kind.text()), message });
        }
        let within = |gist: String| format!("{name}: {gist}");
        let had_surplus = self.surplus.is_some();
        let read = match (own_words(name), by_full_name(name)) {
            (Some(words), _) => self.wrapped(words, part),
            (None, Some(message)) => self.fields(message, part, &["@type"]),
            (None, None) => Ok(()),
        };
        let read = read.map_err(|fault| Fault { gist: within(fault.gist), ..fault });
        if !had_surplus && let Some(surplus) = &mut self.surplus {
            surplus.gist = within(std::mem::take(&mut surplus.gist));
        }
        read
    }

    /// One of protobuf's own messages, which stands beside its type under `value`.
    fn wrapped(&mut self, words: &'static str, part: &Part<'n>) -> Result<(), Fault<'n>> {
        let is_there = matches!(part.value(), Some(Value::Map(entries)) if entries.iter().any(|entry| entry.key == "value"));
        if !is_there {
            return Err(Fault { part: part.clone(), gist: "no value".into(), message: "needs \"value\", which holds what it is".into() });
        }
        self.value("", words, &part.get("value"))
    }
}

/// The names of what is set in a message by name alone, without the `typed_config` that should come with it.
pub(super) fn without_config(message: &'static Message, part: &Part<'_>, found: &mut Vec<String>) {
    let set = |name: &str| part.written(&camel(name)).or_else(|| part.written(name));
    for (name, words) in &message.fields {
        if let (Some(field), Some(Entry::Message(inner))) = (set(name), refer(message.package, words)) {
            without_config(inner, &field, found);
        }
    }
    let takes_config = message.fields.iter().any(|(name, _)| *name == "typed_config");
    if takes_config && set("typed_config").is_none() && set("config_discovery").is_none() {
        found.push(set("name").map_or_else(String::new, |name| name.text().to_owned()));
    }
}

fn whole<'n>(words: &str, part: &Part<'n>) -> Result<(), Fault<'n>> {
    let (low, high): (i128, i128) = match words {
        "int32" => (i32::MIN.into(), i32::MAX.into()),
        "uint32" => (0, u32::MAX.into()),
        "int64" => (i64::MIN.into(), i64::MAX.into()),
        "byte" => (0, u8::MAX.into()),
        _ => (0, u64::MAX.into()),
    };
    let is_fine = match part.value() {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => words != "byte" && is_whole(text, (low, high)),
        _ => part.exact().is_some_and(|value| (low..=high).contains(&value)),
    };
    if is_fine { Ok(()) } else { Err(wrong(part, noun(words), words)) }
}

fn choice<'n>(names: &[&str], words: &str, part: &Part<'n>) -> Result<(), Fault<'n>> {
    match part.value() {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(text)) if names.contains(&text.as_str()) => Ok(()),
        Some(Value::String(text)) => {
            let hint =
                closest(text, names.iter().copied()).map_or_else(|| format!("; it takes {}", names.join(", ")), |near| format!("; did you mean {near}?"));
            Err(Fault { part: part.clone(), gist: format!("{text:?} for {words}"), message: format!("{text:?} is no value of it{hint}") })
        }
        Some(Value::Int(_) | Value::Float(_)) if part.exact().is_some_and(|number| i32::try_from(number).is_ok()) => Ok(()),
        Some(_) => Err(wrong(part, "one of its names", "enum")),
    }
}

fn wrong<'n>(part: &Part<'n>, wanted: &str, gist: &str) -> Fault<'n> {
    let found = part.kind_name();
    let literal = match part.value() {
        Some(Value::Int(_) | Value::Float(_)) => part.number().to_string(),
        _ => String::new(),
    };
    Fault { part: part.clone(), gist: format!("{found}{literal} for {gist}"), message: format!("is {found}, but {wanted} is wanted") }
}

fn noun(words: &str) -> &'static str {
    match words {
        "bool" => "true or false",
        "int32" | "uint32" | "int64" | "uint64" | "byte" => "a whole number",
        "double" => "a number",
        "any" | "struct" => "a mapping",
        "list" => "a list",
        "duration" => "a duration such as 10s",
        "timestamp" => "a time such as 2026-01-31T12:00:00Z",
        _ => "text",
    }
}

/// A field's name in JSON's spelling.
fn camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut is_upper = false;
    for c in name.chars() {
        if c == '_' {
            is_upper = true;
        } else {
            out.push(if is_upper { c.to_ascii_uppercase() } else { c });
            is_upper = false;
        }
    }
    out
}
