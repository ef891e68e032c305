//! The tables as other parts may look at them: which fields there are, and what each may hold.

use super::{METADATA, Object, Schema, Shape, Type, known::schema_of};
use crate::engine::resource::Kind;

/// A place in the tables.
#[derive(Debug, Clone, Copy)]
pub(in crate::engine) struct Outline {
    schema: &'static Schema,
    at: At,
}

#[derive(Debug, Clone, Copy)]
enum At {
    Object(usize),
    Type(&'static Type),
}

/// One field of an object type.
#[derive(Debug, Clone, Copy)]
pub(in crate::engine) struct OutlineField {
    pub name: &'static str,
    pub is_required: bool,
    pub value: Outline,
}

impl Outline {
    /// The whole object of a kind; `apiVersion`, `kind` and `metadata` are not in it.
    pub fn of(kind: Kind) -> Option<Self> {
        schema_of(kind).map(|(schema, at)| Self { schema, at: At::Object(at) })
    }

    /// What stands under `metadata`.
    pub fn metadata() -> Self {
        let (schema, at) = *METADATA;
        Self { schema, at: At::Object(at) }
    }

    fn object(self) -> Option<&'static Object> {
        match self.at {
            At::Object(at) => self.schema.object(at),
            At::Type(Type { shape: Shape::Object(at), .. }) => self.schema.object(*at),
            At::Type(_) => None,
        }
    }

    fn shape(self) -> Option<&'static Shape> {
        match self.at {
            At::Object(_) => None,
            At::Type(value) => Some(&value.shape),
        }
    }

    fn inside(self, value: &'static Type) -> Self {
        Self { schema: self.schema, at: At::Type(value) }
    }

    /// The object type's name in the tables; none for what is no object of known fields.
    pub fn object_name(self) -> Option<&'static str> {
        self.object().map(|object| object.name)
    }

    /// The fields of an object, in the order of the tables.
    pub fn fields(self) -> impl Iterator<Item = OutlineField> {
        let object = self.object();
        let fields = object.map(|object| object.fields.as_slice()).unwrap_or_default();
        fields.iter().enumerate().map(move |(at, field)| OutlineField {
            name: field.name,
            is_required: object.is_some_and(|object| object.required.contains(&at)),
            value: self.inside(&field.value),
        })
    }

    /// A field by its name.
    pub fn field(self, name: &str) -> Option<OutlineField> {
        self.fields().find(|field| field.name == name)
    }

    /// What the items of a list are.
    pub fn item(self) -> Option<Self> {
        match self.shape()? {
            Shape::List(inner) => Some(self.inside(inner)),
            _ => None,
        }
    }

    /// What stands under the keys of a map from text.
    pub fn entry(self) -> Option<Self> {
        match self.shape()? {
            Shape::Map(inner) => Some(self.inside(inner)),
            _ => None,
        }
    }

    /// Whether it is written as a mapping, of known fields or of any keys.
    pub fn is_mapping(self) -> bool {
        self.object().is_some() || matches!(self.shape(), Some(Shape::Map(_) | Shape::AnyObject | Shape::EmptyObject))
    }

    /// The field that is there already and excludes another one.
    pub fn excluded_by<'a>(self, name: &str, present: &[&'a str]) -> Option<&'a str> {
        let groups = self.object().map(|object| object.exclusive.as_slice()).unwrap_or_default();
        groups.iter().filter(|group| group.contains(&name)).find_map(|group| present.iter().copied().find(|other| *other != name && group.contains(other)))
    }

    /// The values that may be chosen; none where there is no such list.
    pub fn choices(self) -> Vec<String> {
        match self.shape() {
            Some(Shape::Enum(choices)) => choices.iter().filter(|choice| !choice.is_empty()).map(|choice| (*choice).to_owned()).collect(),
            Some(Shape::IntEnum(choices)) => choices.iter().map(ToString::to_string).collect(),
            Some(Shape::Bool) => vec!["true".into(), "false".into()],
            _ => Vec::new(),
        }
    }

    /// The type in words, with its bounds.
    pub fn words(self) -> String {
        let At::Type(value) = self.at else { return "mapping".into() };
        let noun = match &value.shape {
            Shape::List(inner) => return format!("list of {}{}", plural(self.inside(inner)), counted(value.length, "items")),
            Shape::Map(inner) if matches!(inner.shape, Shape::String) => "mapping from text to text".into(),
            Shape::Map(inner) => format!("mapping from text to {}", self.inside(inner).words()),
            Shape::Object(at) => self.schema.object(*at).map_or_else(String::new, |object| object.name.to_owned()),
            Shape::AnyObject | Shape::EmptyObject => "mapping".into(),
            Shape::Any => "anything".into(),
            Shape::Enum(_) | Shape::IntEnum(_) => "one of a list".into(),
            Shape::Bool => "true or false".into(),
            Shape::Int if value.range == Some((1, 65_535)) => return "port, 1 to 65535".into(),
            Shape::Int => "whole number".into(),
            Shape::IntOrString => "whole number or text".into(),
            Shape::Number => "number".into(),
            Shape::Quantity => "amount, such as 500m or 1Gi".into(),
            Shape::Duration | Shape::LaxDuration => "duration, such as 10s or 500ms".into(),
            Shape::Base64 => "bytes in base64".into(),
            Shape::String => value.pattern.map_or_else(|| "text".into(), |pattern| pattern.words.to_owned()),
        };
        noun + &counted(value.length, "characters") + &bounds(value.range)
    }
}

/// The items of a list, in words.
fn plural(item: Outline) -> String {
    match item.shape() {
        Some(Shape::String) => "texts".into(),
        Some(Shape::Int) => "whole numbers".into(),
        _ => item.words(),
    }
}

fn counted(length: Option<(u32, u32)>, what: &str) -> String {
    match length {
        Some((1, u32::MAX)) => ", not empty".into(),
        Some((low, u32::MAX)) if low > 0 => format!(", at least {low} {what}"),
        Some((0, high)) if high < u32::MAX => format!(", at most {high} {what}"),
        Some((low, high)) if high < u32::MAX => format!(", {low} to {high} {what}"),
        _ => String::new(),
    }
}

/// Bounds that say more than the width of the number.
fn bounds(range: Option<(i64, i64)>) -> String {
    match range {
        Some((low, high)) if high < i64::from(i32::MAX) => format!(", {low} to {high}"),
        Some((low, _)) if low > i64::from(i32::MIN) => format!(", {low} or more"),
        _ => String::new(),
    }
}
