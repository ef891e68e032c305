//! Who reads a value, and with that how strictly it is held against its type.

use super::{Field, Object, Shape, Type, decode};
use crate::engine::{
    diagnostic::Level,
    manifest::{Node, Value},
};

/// A reader of what people write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Reader {
    /// The API server, which asks for all that the schema demands.
    ApiServer,
    /// Go's decoder of JSON, told to refuse unknown fields: it asks for types and for nothing more.
    Go,
    /// protobuf's JSON mapping, which is kinder still to numbers and enumerations.
    Protobuf {
        /// What becomes of a text with an unknown field: it is refused, or the field is passed over.
        unknown: Level,
    },
}

impl Reader {
    /// Whether it asks for more than types: what is required, bounds, patterns and conditions.
    pub(super) fn judges(self) -> bool {
        self == Self::ApiServer
    }

    /// The field that it takes a key for.
    pub(super) fn field<'o>(self, object: &'o Object, key: &str) -> Option<&'o Field> {
        let other_spelling = || object.fields.iter().find(|field| decode::snake(field.name) == key || decode::snake(key) == field.name);
        object.field(key).or_else(|| if matches!(self, Self::Protobuf { .. }) { other_spelling() } else { None })
    }

    /// How much an unknown field weighs.
    pub(super) fn unknown(self, object: &Object, key: &str) -> Level {
        match self {
            Self::Protobuf { unknown } => unknown,
            // Go's decoder looks past the case of a name; whoever asks for the field by its name afterwards does not find it.
            Self::Go if object.fields.iter().any(|field| field.name.eq_ignore_ascii_case(key)) => Level::Warning,
            Self::Go | Self::ApiServer => Level::Error,
        }
    }

    /// The bounds of a number, for a decoder those of its width.
    pub(super) fn range(self, wanted: &Type) -> Option<(i64, i64)> {
        match wanted.range {
            Some((low, high)) if !self.judges() => {
                let is_unsigned = low >= 0 && high == i64::from(u32::MAX);
                Some(if is_unsigned { (0, high) } else { (low.min(i32::MIN.into()), high.max(i32::MAX.into())) })
            }
            range => range,
        }
    }

    /// Whether it takes a simple value for granted that another reader would look at more closely.
    pub(super) fn takes(self, wanted: &Type, node: &Node) -> bool {
        match (self, &wanted.shape, &node.value) {
            (Self::Protobuf { .. }, Shape::Int | Shape::IntEnum(_), Value::String(text)) => decode::is_whole(text, decode::width(wanted.range)),
            (Self::Protobuf { .. }, Shape::Number, Value::String(text)) => text.parse::<f64>().is_ok(),
            (Self::Go, Shape::Enum(_), Value::String(_)) | (Self::Protobuf { .. }, Shape::Enum(_), Value::Int(_)) => true,
            _ => false,
        }
    }
}
